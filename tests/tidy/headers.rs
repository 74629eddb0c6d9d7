//! Rule: a file opens with what it is, and an example can be found.

use crate::source::{Source, assert_none, repository};

/// The facade's text is the README.
const HEADER_ELSEWHERE: &str = "src/lib.rs";

fn without_header(sources: &[Source]) -> Vec<String> {
    let silent = sources.iter().filter(|source| {
        source.is_rust()
            && source.path != HEADER_ELSEWHERE
            && !source
                .text
                .strip_prefix("//! ")
                .is_some_and(|rest| rest.starts_with(|c: char| !c.is_whitespace()))
    });
    silent.map(|source| source.path.clone()).collect()
}

/// The name of the example whose main file this is. In the folder `guide`, each file is one.
fn example_name(path: &str) -> Option<String> {
    let path = path.strip_prefix("examples/")?;
    match path.split_once('/') {
        Some(("guide", file)) => Some(format!("guide_{}", file.strip_suffix(".rs")?)),
        Some((name, "main.rs")) => Some(name.to_owned()),
        Some(_) => None,
        None => path.strip_suffix(".rs").map(str::to_owned),
    }
}

fn unlisted_examples(sources: &[Source]) -> Vec<String> {
    let list = sources
        .iter()
        .find(|source| source.path == "examples/README.md")
        .map_or("", |source| &source.text);
    let mut findings = Vec::new();
    for source in sources {
        let Some(name) = example_name(&source.path) else {
            continue;
        };
        if !list.contains(&format!("[`{name}`]")) {
            findings.push(format!("{}: not in the table", source.path));
        }
        let mut header = source
            .text
            .lines()
            .take_while(|line| line.starts_with("//!"));
        if !header.any(|line| line.contains("--example")) {
            findings.push(format!(
                "{}: the header does not say how to run it",
                source.path
            ));
        }
    }
    findings
}

#[test]
fn files_open_with_what_they_are() {
    assert_none(
        &without_header(repository()),
        "Begin the file with `//!` and one sentence that says which idea it holds.",
    );
}

#[test]
fn examples_are_listed() {
    assert_none(
        &unlisted_examples(repository()),
        "Add the example to the table of examples/README.md, and `cargo run --example NAME` to its header.",
    );
}

#[test]
fn missing_headers_are_found() {
    let fakes = [
        Source::fake("sync/src/a.rs", "use std::fmt;\n//! Late."),
        Source::fake("sync/src/b.rs", ""),
        Source::fake("sync/src/c.rs", "//! \n"),
        Source::fake("sync/src/d.rs", "//! Says what it is.\n"),
    ];
    assert_eq!(without_header(&fakes).len(), 3);
}

#[test]
fn unlisted_examples_are_found() {
    let fakes = [
        Source::fake("examples/README.md", "| [`known`](known.rs) |"),
        Source::fake("examples/known.rs", "//! Known: cargo run --example known"),
        Source::fake("examples/new.rs", "//! New: cargo run --example new"),
        Source::fake("examples/big/part.rs", "//! A part."),
        Source::fake(
            "examples/guide/gate.rs",
            "//! Gate: cargo run --example guide_gate",
        ),
    ];
    assert_eq!(
        unlisted_examples(&fakes),
        [
            "examples/new.rs: not in the table",
            "examples/guide/gate.rs: not in the table"
        ]
    );
    let silent = [
        Source::fake("examples/README.md", "[`x`]"),
        Source::fake("examples/x.rs", "//! X."),
    ];
    assert_eq!(unlisted_examples(&silent).len(), 1);
}
