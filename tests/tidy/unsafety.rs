//! Rule: `unsafe` lives in these files and in no other; each says why on its first lines.
//!
//! The compiler denies `unsafe` in the workspace, and each file here allows it for itself, with a
//! reason. The list makes a new one a decision that a reviewer sees. Pure values and what is only
//! glue for users have no place on it.

use crate::source::{Source, assert_none, has_word, repository};

/// The files with `unsafe`. A file whose `unsafe` goes leaves the list.
const UNSAFE_FILES: &[&str] = &[];

/// Says it for a file: `#![allow(unsafe_code, reason = "...")]`.
fn allows_unsafe(code: &str, text: &str) -> bool {
    let opening = "#![allow(";
    let Some(at) = code.find(opening) else {
        return false;
    };
    let end = at + code[at..].find(")]").unwrap_or(0);
    has_word(&code[at..end], "unsafe_code") && text.contains("reason = \"")
}

fn outside_of(list: &[&str], sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        let code = source.code();
        let path = source.path.as_str();
        let uses = has_word(&code, "unsafe");
        let allows = has_word(&code, "unsafe_code");
        match list.contains(&path) {
            false if uses || allows => findings.push(format!("{path}: not on the list")),
            true if !uses => findings.push(format!("{path}: on the list without need")),
            true if !allows_unsafe(&code, &source.text) => {
                findings.push(format!(
                    "{path}: allows itself no `unsafe_code` with a reason"
                ));
            }
            _ => {}
        }
    }
    for listed in list {
        if !sources.iter().any(|source| source.path == *listed) {
            findings.push(format!("{listed}: on the list, and no file"));
        }
    }
    findings
}

#[test]
fn unsafe_lives_in_listed_files() {
    assert_none(
        &outside_of(UNSAFE_FILES, &repository()),
        "Can a primitive that is on the list do it? If not, add the file to UNSAFE_FILES, and to its \
         head `#![allow(unsafe_code, reason = \"...\")]`; give it a model or an exemption in \
         tests/tidy/models.rs.",
    );
}

#[test]
fn unlisted_unsafe_is_found() {
    let allow = "#![allow(unsafe_code, reason = \"because\")]\n";
    let fakes = [
        Source::fake("a.rs", "//! Says unsafe only.\n"),
        Source::fake("b.rs", "fn f() { unsafe { g() } }"),
        Source::fake("c.rs", &format!("{allow}unsafe fn f() {{}}")),
        Source::fake("d.rs", allow),
        Source::fake("e.rs", "unsafe fn f() {}"),
    ];
    assert_eq!(
        outside_of(&["c.rs", "d.rs", "e.rs", "f.rs"], &fakes),
        [
            "b.rs: not on the list",
            "d.rs: on the list without need",
            "e.rs: allows itself no `unsafe_code` with a reason",
            "f.rs: on the list, and no file",
        ]
    );
}
