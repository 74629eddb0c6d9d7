//! Rule: nothing is left behind: no reminders, no debugging, nothing of a developer's machine.

use crate::source::{Source, assert_none, has_word, repository};

/// Put together here, so that this file does not hold them.
const LEFTOVERS: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("Place", "holder"),
    concat!("dbg", "!"),
    concat!("todo", "!"),
    concat!("unimplemented", "!"),
];

/// Paths, places and hosts that exist only where somebody works.
const WORKPLACE: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("C:\\Us", "ers"),
    concat!(".lib", "rary"),
    concat!("artif", "actory"),
    concat!("static.crates", ".io"),
    concat!("index.crates", ".io"),
];

/// Dependencies come from here, and from nowhere else.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn leftovers(sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        for (index, line) in source.text.lines().enumerate() {
            let found = LEFTOVERS.iter().find(|word| {
                word.strip_suffix('!').map_or_else(
                    || has_word(line, word),
                    |name| has_word(line, name) && line.contains(*word),
                )
            });
            findings.extend(found.map(|word| format!("{}:{}: {word}", source.path, index + 1)));
        }
    }
    findings
}

fn workplace(sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    for source in sources {
        for (index, line) in source.text.lines().enumerate() {
            let found = WORKPLACE.iter().find(|word| line.contains(*word));
            findings.extend(found.map(|word| format!("{}:{}: {word}", source.path, index + 1)));
        }
        if source.path.ends_with("Cargo.lock") {
            let origins = source
                .text
                .lines()
                .filter_map(|line| line.strip_prefix("source = "));
            let foreign = origins.filter(|origin| origin.trim_matches('"') != REGISTRY);
            findings.extend(foreign.map(|origin| format!("{}: {origin}", source.path)));
        }
    }
    findings
}

#[test]
fn nothing_is_left_to_do() {
    assert_none(
        &leftovers(repository()),
        "Do it, open an issue, or write the limitation down as a sentence.",
    );
}

#[test]
fn nothing_names_a_workplace() {
    assert_none(
        &workplace(repository()),
        "Say it without the machine: a path from the root of the repository, a name that all can reach.",
    );
}

#[test]
fn leftovers_are_found() {
    let reminder = format!("// {}: later", LEFTOVERS[0]);
    let print = format!("{}(x);", LEFTOVERS[4]);
    let fakes = [
        Source::fake("a.rs", &reminder),
        Source::fake("b.rs", &print),
        Source::fake("c.rs", "let todo = dbg_name;"),
    ];
    assert_eq!(leftovers(&fakes).len(), 2);
}

#[test]
fn workplaces_are_found() {
    let path = format!("see {}notes", WORKPLACE[0]);
    let fakes = [
        Source::fake("README.md", &path),
        Source::fake(
            "sub/Cargo.lock",
            "source = \"git+https://example.com/fork\"",
        ),
        Source::fake("Cargo.lock", &format!("source = \"{REGISTRY}\"")),
    ];
    assert_eq!(workplace(&fakes).len(), 2);
}
