//! Rule: one idea per file, so files are short; and a module's file is called after it.

use crate::source::{Exception, Source, assert_none, repository, stale};

const LINES_MAX: usize = 600;
const TEST_LINES_MAX: usize = 800;
/// An example of the guide is read as a whole.
const GUIDE_LINES_MAX: usize = 120;

/// Files that may be longer. That a file grew is not a reason.
const LONGER: &[Exception] = &[];

fn is_test(path: &str) -> bool {
    path.split('/')
        .any(|part| ["tests", "tests.rs", "loom", "loom.rs"].contains(&part))
}

fn too_long(sources: &[Source], exceptions: &[Exception]) -> Vec<String> {
    let mut findings = Vec::new();
    let mut used = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        let lines = source.text.lines().count();
        let limit = if source.path.starts_with("examples/guide/") {
            GUIDE_LINES_MAX
        } else if is_test(&source.path) {
            TEST_LINES_MAX
        } else {
            LINES_MAX
        };
        if lines <= limit {
            continue;
        }
        if exceptions.iter().any(|(path, _)| *path == source.path) {
            used.push(source.path.clone());
        } else {
            findings.push(format!("{}: {lines} lines, {limit} at most", source.path));
        }
    }
    findings.extend(stale(exceptions, &used));
    findings
}

fn called_mod(sources: &[Source]) -> Vec<String> {
    let found = sources
        .iter()
        .filter(|source| source.path.ends_with("/mod.rs"));
    found.map(|source| source.path.clone()).collect()
}

#[test]
fn files_are_short() {
    assert_none(
        &too_long(repository(), LONGER),
        "Split the file by ideas: what does its second half know that the first does not?",
    );
}

#[test]
fn no_file_is_called_mod() {
    assert_none(
        &called_mod(repository()),
        "Call the file after its module, beside the folder: `foo.rs` and `foo/`.",
    );
}

#[test]
fn long_files_are_found() {
    let long = "//! x\n".repeat(601);
    let fakes = [
        Source::fake("sync/src/long.rs", &long),
        Source::fake("sync/src/long/tests.rs", &long),
    ];
    assert_eq!(too_long(&fakes, &[]).len(), 1);
    assert!(too_long(&fakes, &[("sync/src/long.rs", "because")]).is_empty());
    assert_eq!(too_long(&fakes[1..], &[("gone.rs", "because")]).len(), 1);
}

#[test]
fn mod_files_are_found() {
    assert_eq!(
        called_mod(&[Source::fake("sync/src/x/mod.rs", "")]).len(),
        1
    );
    assert!(called_mod(&[Source::fake("sync/src/mod_x.rs", "")]).is_empty());
}
