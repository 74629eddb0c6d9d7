//! Good command lines are taken literally; bad ones are told what was wrong and what would do.

use super::{HELP, Options, Request, parse};
use crate::measure::comparisons;

fn options(line: &str) -> Options {
    match parse(line.split_whitespace().map(Into::into).collect()) {
        Ok(Request::Measure(options)) => options,
        other => panic!("{line}: {other:?}"),
    }
}

fn complaint(line: &str) -> String {
    match parse(line.split_whitespace().map(Into::into).collect()) {
        Err(bad) => bad.to_string(),
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn what_is_given_beats_what_quick_implies() {
    let options = options("--rounds 7 --quick --tasks=12");
    assert_eq!(
        (options.rounds, options.tasks, options.threads),
        (7, 12, 100)
    );
}

#[test]
fn rows_come_in_the_order_of_the_table() {
    let options = options("--only tcp_echo,memory --only memory");
    let names: Vec<_> = options.comparisons.iter().map(|known| known.name).collect();
    assert_eq!(names, ["memory", "tcp_echo"]);
}

#[test]
fn a_report_is_written_unless_unwanted() {
    assert!(options("").report.is_some());
    assert!(options("--no-report").report.is_none());
    for option in ["--html", "--report"] {
        let named = options(&format!("{option} here.html")).report;
        assert_eq!(named, Some("here.html".into()));
    }
}

#[test]
fn a_complaint_names_option_value_and_range() {
    for option in [
        "--tasks",
        "--threads",
        "--connections",
        "--rounds",
        "--workers",
    ] {
        for value in ["0", "-1", "many", "99999999999999999999999"] {
            let complaint = complaint(&format!("{option}={value}"));
            for part in [option, value, "from 1 to "] {
                assert!(complaint.contains(part), "{complaint}");
            }
        }
    }
}

#[test]
fn an_unknown_row_is_answered_with_the_known_ones() {
    let complaint = complaint("--only memory,magic");
    for part in ["--only", "magic", "spawn_join", "blocker"] {
        assert!(complaint.contains(part), "{complaint}");
    }
}

#[test]
fn the_help_names_every_row() {
    for known in &comparisons::ALL {
        assert!(HELP.contains(known.name), "{}", known.name);
    }
}
