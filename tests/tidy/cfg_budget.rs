//! Rule: `cfg` chooses files, and stays rare. Each attribute doubles what has to be tested.

use crate::source::{Source, assert_none, repository};

/// What the shipped sources hold today, and a few. Lower it when some go.
const ATTRIBUTES_MAX: usize = 62;

/// Conditions that choose tests or a model are not counted: they are no variants of the product.
fn counted(line: &str) -> bool {
    let attribute = ["#[cfg(", "#![cfg(", "#[cfg_attr(", "#![cfg_attr("];
    let line = line.trim();
    let conditional = attribute.iter().any(|it| line.starts_with(it)) || line.contains("cfg!(");
    conditional
        && !line.contains("cfg(test")
        && !line.contains("all(test")
        && !line.contains("selvedge_loom")
}

fn places(sources: &[Source]) -> Vec<String> {
    let mut places = Vec::new();
    for source in sources.iter().filter(|source| source.is_shipped()) {
        for (index, line) in source.code().lines().enumerate() {
            if counted(line) {
                places.push(format!("{}:{}", source.path, index + 1));
            }
        }
    }
    places
}

fn over_budget(sources: &[Source], budget: usize) -> Vec<String> {
    let mut places = places(sources);
    if places.len() <= budget {
        return Vec::new();
    }
    let counted = format!("{} attributes, {budget} at most", places.len());
    places.push(counted);
    places
}

#[test]
fn cfg_stays_in_its_budget() {
    assert_none(
        &over_budget(repository(), ATTRIBUTES_MAX),
        "Choose between two files with the same contents instead of between statements, or do without. \
         Raising the budget needs a line in the changelog.",
    );
}

#[test]
fn cfg_over_budget_is_found() {
    let fakes = [
        Source::fake(
            "runtime/src/a.rs",
            "#[cfg(unix)]\nmod unix;\nif cfg!(windows) {}\n#[cfg(test)]\nmod tests;",
        ),
        Source::fake("runtime/src/a/tests.rs", "#[cfg(unix)]\nfn f() {}"),
        Source::fake(
            "runtime/src/b.rs",
            "/// # #[cfg(unix)]\n#[cfg(selvedge_loom)]\nmod model;",
        ),
    ];
    assert_eq!(places(&fakes), ["runtime/src/a.rs:1", "runtime/src/a.rs:3"]);
    assert!(over_budget(&fakes, 2).is_empty());
    assert_eq!(over_budget(&fakes, 1).len(), 3);
}
