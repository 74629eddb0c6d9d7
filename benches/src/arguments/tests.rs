//! What the command line accepts and refuses.

use super::{Command, Options, parse};
use crate::workload;

fn options(line: &str) -> Options {
    match parse(line.split_whitespace().map(str::to_owned)) {
        Ok(Command::Run(options)) => options,
        other => panic!("{other:?}"),
    }
}

fn selected(line: &str) -> Vec<&'static str> {
    let rows = options(line).select(workload::rows()).unwrap();
    rows.iter().map(|row| row.name).collect()
}

#[test]
fn twelve_rounds_unless_said() {
    assert_eq!(options("").pace().rounds, 12);
    assert_eq!(options("--quick").pace().rounds, 3);
    assert_eq!(options("--quick --rounds 20").pace().rounds, 20);
}

#[test]
fn only_takes_names_and_beginnings() {
    assert_eq!(selected("--only fork_join"), ["fork_join"]);
    assert_eq!(
        selected("--only yield,chained_spawn"),
        ["yield_multi", "yield_current", "chained_spawn"]
    );
}

#[test]
fn every_row_has_a_name_of_its_own() {
    let mut names = selected("");
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}

#[test]
fn unknown_rows_and_arguments_are_refused() {
    assert!(
        options("--only no_such_row")
            .select(workload::rows())
            .is_err()
    );
    assert!(parse(["--frobnicate".to_owned()]).is_err());
    assert!(parse(["--rounds".to_owned()]).is_err());
    assert!(parse(["--rounds".to_owned(), "0".to_owned()]).is_err());
}
