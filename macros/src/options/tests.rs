//! Tests of the options and their messages.

use super::*;

const MAIN: Attribute = Attribute::Main {
    has_multi_thread: true,
};
const TEST: Attribute = Attribute::Test {
    has_multi_thread: true,
};

fn tokens(source: &str) -> TokenStream {
    source.parse().unwrap()
}

/// The runtime that correct options ask for, in words.
fn asked(attribute: Attribute, source: &str) -> String {
    let (options, error) = Options::read(attribute, tokens(source));
    assert!(error.is_none(), "{source} is refused: {}", error.unwrap());
    in_words(&options)
}

fn in_words(options: &Options) -> String {
    fn setting<T: std::fmt::Debug>(setting: &Option<Setting<T>>) -> String {
        match setting {
            None => String::new(),
            Some(Setting { key, value, .. }) => format!(" {key}={value:?}"),
        }
    }
    match &options.runtime {
        Runtime::MultiThread { worker_threads } => format!("multi{}", setting(worker_threads)),
        Runtime::CurrentThread { start_paused } => format!("current{}", setting(start_paused)),
        Runtime::Local { start_paused } => format!("local{}", setting(start_paused)),
    }
}

/// The mistakes in the options: the piece of source each points at, and what it says.
fn mistakes(attribute: Attribute, source: &str) -> Vec<(String, String)> {
    let (_, error) = Options::read(attribute, tokens(source));
    let errors = error.unwrap_or_else(|| panic!("{source} is accepted"));
    let told = |error: Error| {
        (
            error.span().source_text().unwrap_or_default(),
            error.to_string(),
        )
    };
    errors.into_iter().map(told).collect()
}

/// Asserts that there is one mistake, at `place`, and that the message has `advice` in it.
#[track_caller]
fn assert_mistake(attribute: Attribute, source: &str, place: &str, advice: &str) {
    let found = mistakes(attribute, source);
    let [(at, message)] = &found[..] else {
        panic!("expected one mistake: {found:?}")
    };
    assert_eq!(at, place);
    assert!(message.contains(advice), "no `{advice}` in: {message}");
}

#[test]
fn defaults_are_workers_for_main_and_one_thread_for_tests() {
    assert_eq!(asked(MAIN, ""), "multi");
    assert_eq!(asked(TEST, ""), "current");
}

#[test]
fn every_flavor_is_known_to_both() {
    for attribute in [MAIN, TEST] {
        assert_eq!(asked(attribute, r#"flavor = "multi_thread""#), "multi");
        assert_eq!(asked(attribute, r#"flavor = "current_thread""#), "current");
        assert_eq!(asked(attribute, r#"flavor = "local""#), "local");
    }
}

#[test]
fn settings_reach_the_runtime_in_any_order_with_or_without_last_comma() {
    assert_eq!(
        asked(MAIN, "worker_threads = 0x10"),
        "multi worker_threads=16"
    );
    assert_eq!(
        asked(TEST, r#"worker_threads = 3, flavor = "multi_thread","#),
        "multi worker_threads=3"
    );
    assert_eq!(
        asked(TEST, "start_paused = true"),
        "current start_paused=true"
    );
    assert_eq!(
        asked(MAIN, r#"flavor = "local", start_paused = false"#),
        "local start_paused=false"
    );
}

#[test]
fn name_is_a_string_that_is_not_empty() {
    let (options, error) = Options::read(TEST, tokens(r#"name = "ingest""#));
    assert!(error.is_none());
    assert_eq!(options.name.unwrap().value, "ingest");
    assert_mistake(MAIN, r#"name = " ""#, r#"" ""#, "not empty");
    assert_mistake(MAIN, "name = ingest", "ingest", "takes a string");
}

#[test]
fn crate_is_a_path_bare_or_in_a_string() {
    for source in ["crate = crate::rt", r#"crate = "crate::rt""#] {
        let (options, error) = Options::read(MAIN, tokens(source));
        assert!(error.is_none());
        assert_eq!(
            options.krate.unwrap().to_token_stream().to_string(),
            "crate :: rt"
        );
    }
}

#[test]
fn wrong_flavor_points_at_the_value_and_lists_the_flavors() {
    let list = "\"multi_thread\", \"current_thread\" and \"local\"";
    assert_mistake(MAIN, r#"flavor = "threaded""#, r#""threaded""#, list);
    assert_mistake(
        MAIN,
        r#"flavor = "threaded""#,
        r#""threaded""#,
        "unknown flavor \"threaded\"",
    );
    assert_mistake(MAIN, "flavor = local", "local", list);
    assert_mistake(MAIN, "flavor = 3 + 4", "3 + 4", "takes a string");
}

#[test]
fn bare_flavor_shows_how_to_write_it() {
    assert_mistake(
        MAIN,
        "current_thread",
        "current_thread",
        r#"`flavor = "current_thread"`"#,
    );
}

#[test]
fn wrong_values_point_at_the_value() {
    for value in [
        "0",
        "-1",
        "2.5",
        "\"3\"",
        "count",
        "99999999999999999999999",
    ] {
        let source = format!("worker_threads = {value}");
        assert_mistake(MAIN, &source, value, "a number, 1 or more");
    }
    assert_mistake(TEST, "start_paused = 1", "1", "`true` or `false`");
    assert_mistake(TEST, r#"crate = "a b""#, r#""a b""#, "the path of selvedge");
    assert_mistake(TEST, "crate = 7", "7", "the path of selvedge");
}

#[test]
fn missing_value_points_at_the_option_and_shows_one() {
    for (option, example) in [
        ("flavor", "flavor = \"current_thread\""),
        ("worker_threads", "worker_threads = 4"),
        ("start_paused", "start_paused = true"),
        ("crate", "crate = \"my_crate::selvedge\""),
    ] {
        assert_mistake(MAIN, option, option, example);
        assert_mistake(MAIN, &format!("{option} ="), option, example);
    }
}

#[test]
fn unknown_option_lists_the_known_ones() {
    let list = "`flavor`, `worker_threads`, `start_paused`, `name` and `crate`";
    assert_mistake(MAIN, "threads = 2", "threads", "unknown option `threads`");
    assert_mistake(MAIN, "threads = 2", "threads", list);
    assert_mistake(MAIN, "4", "4", list);
}

#[test]
fn repeated_option_points_at_the_repetition() {
    let (source, place) = ("worker_threads = 2, worker_threads = 3", "worker_threads");
    assert_mistake(MAIN, source, place, "given twice");
    // The first one counts, also when its own value was wrong.
    assert_eq!(
        mistakes(MAIN, "worker_threads = 0, worker_threads = 3").len(),
        2
    );
    assert_eq!(
        in_words(&Options::read(MAIN, tokens(source)).0),
        "multi worker_threads=2"
    );
}

#[test]
fn worker_threads_need_workers() {
    let source = r#"flavor = "current_thread", worker_threads = 2"#;
    assert_mistake(
        MAIN,
        source,
        "worker_threads = 2",
        r#"`flavor = "multi_thread"`"#,
    );
    assert_mistake(
        TEST,
        "worker_threads = 2",
        "worker_threads = 2",
        "only the flavor",
    );
    let source = r#"flavor = "local", worker_threads = 2"#;
    assert_mistake(MAIN, source, "worker_threads = 2", "only the flavor");
}

#[test]
fn paused_clock_needs_one_thread() {
    let advice = r#"`flavor = "current_thread"`"#;
    assert_mistake(MAIN, "start_paused = true", "start_paused = true", advice);
    let source = r#"flavor = "multi_thread", start_paused = false"#;
    assert_mistake(TEST, source, "start_paused = false", advice);
}

#[test]
fn all_mistakes_are_told_at_once_without_their_consequences() {
    let source = r#"flavor = "multi", worker_threads = 2, start_paused = 0, stack = "x""#;
    let places: Vec<_> = mistakes(TEST, source)
        .into_iter()
        .map(|(place, _)| place)
        .collect();
    assert_eq!(places, ["\"multi\"", "0", "stack"]);
}

#[test]
fn tokens_that_are_no_list_are_refused() {
    assert_mistake(MAIN, "flavor: \"local\"", ":", "expected `=`");
    assert_mistake(MAIN, "flavor = \"local\",,", ",", "expected an option");
}

#[test]
fn without_the_feature_workers_are_refused_and_the_rest_works() {
    const MAIN: Attribute = Attribute::Main {
        has_multi_thread: false,
    };
    const TEST: Attribute = Attribute::Test {
        has_multi_thread: false,
    };
    assert_eq!(asked(MAIN, r#"flavor = "current_thread""#), "current");
    assert_eq!(asked(MAIN, r#"flavor = "local""#), "local");
    assert_eq!(asked(TEST, ""), "current");

    let written = r#"flavor = "multi_thread""#;
    assert_mistake(TEST, written, "\"multi_thread\"", "feature `multi-thread`");
    assert!(mistakes(MAIN, "")[0].1.contains("feature `multi-thread`"));
    // The builder has no `new_multi_thread` then: the expansion must not complain about it as well.
    assert_eq!(
        in_words(&Options::read(MAIN, TokenStream::new()).0),
        "current"
    );
}
