//! The table of cancel safety, written from what the torture found.
//!
//! `sync/CANCEL_SAFETY.md` is part of the documentation. The test fails if it says something else
//! than what was found; `SELVEDGE_WRITE_TABLE=1` writes it anew. `SELVEDGE_TORTURE=Mutex` tortures
//! only the operations with that in their names, and compares nothing.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use super::{AfterEnd, Findings, Forgotten, MODES, Scene, torture};
use crate::executors::watch_over;
use crate::world::{Kind, Operation, Waiter};
use crate::worlds::operations;

const HEAD: &str = "\
What happens to a wait that is dropped before its end: in `select!`, under a time limit, with its task.

Written by the suite (`sync/tests/suite/torture.rs`), from what it found when it ended each operation in \
fourteen ways after every number of polls, others waiting beside it. In none of them was a wake-up, a permit \
or a message lost that is not named here.

* **pure**: dropping it and waiting again is as if nothing had happened.
* **loses its place**: as above, but the new wait stands at the end of the queue. What the dropped one had \
been given already goes to the next.
* **not safe**: something is lost; the table says what, and what to do instead.

*Polled after the end*: whether the future may be polled again once it is complete. *Forgotten*: what becomes \
of the others when a wait is not dropped but leaked (`mem::forget`), the worst that was seen: they *go on*; \
one of them has to wait for *another serving*, since the leaked one keeps what it was given, as a leaked guard \
does; or those behind it *wait* for ever.

| Operation | When it is dropped | Polled after the end | When it is forgotten |
|---|---|---|---|
";

/// What dropping a wait costs.
fn class(operation: &Operation) -> String {
    let world = (operation.build)();
    let mut victim = Waiter::new(&world);
    assert!(victim.poll().is_pending(), "not served yet");
    let before = world.inputs();
    drop(victim);
    let lost = world.inputs() < before;
    assert_eq!(
        lost,
        operation.loses.is_some(),
        "{}: loses a value?",
        operation.name
    );
    if let Some(what) = operation.loses {
        return format!("not safe: {what}");
    }
    if keeps_place(operation) {
        "pure"
    } else {
        "loses its place"
    }
    .to_owned()
}

/// Does a new wait come to its end as early as the dropped one would have?
fn keeps_place(operation: &Operation) -> bool {
    if !matches!(operation.kind, Kind::Line { .. }) {
        // The torture has shown that a new wait is served with the others.
        return true;
    }
    let mut scene = Scene::empty(operation);
    for index in 0..2 {
        scene.arrive();
        assert!(scene.waiters[index].poll().is_pending(), "not served yet");
    }
    drop(scene.take_victim());
    let again = scene.arrive();
    assert!(scene.waiters[again].poll().is_pending(), "not served yet");
    scene.serve_fully();
    scene.waiters[again].is_rung() && !scene.waiters[1].is_rung()
}

fn row(operation: &Operation, findings: &Findings) -> String {
    let after_end = match findings.after_end {
        AfterEnd::Ready => "complete again",
        AfterEnd::Again => "starts again",
        AfterEnd::Panics => "panics",
    };
    let forgotten = match findings.forgotten {
        Forgotten::GoOn => "they go on",
        Forgotten::LoseItsShare => "another serving",
        Forgotten::Wait => "they wait",
    };
    let name = operation.name.split_once(',').map_or_else(
        || format!("`{}`", operation.name),
        |(method, rest)| format!("`{method}`,{rest}"),
    );
    format!(
        "| {name} | {} | {after_end} | {forgotten} |\n",
        class(operation)
    )
}

#[test]
fn every_operation_is_as_cancel_safe_as_its_table_says() {
    let only = env::var("SELVEDGE_TORTURE").ok();
    let mut table = HEAD.to_owned();
    let mut total = 0;
    let mut failed = Vec::new();
    println!("cases per operation, of the modes {MODES:?}");
    for operation in operations() {
        let name = operation.name;
        if only.as_ref().is_some_and(|only| !name.contains(only)) {
            continue;
        }
        let tortured = std::panic::catch_unwind(|| {
            watch_over(move || {
                let findings = torture(&operation);
                let row = row(&operation, &findings);
                (findings.cases, row)
            })
        });
        let Ok((cases, row)) = tortured else {
            failed.push(name);
            continue;
        };
        let sum: usize = cases.iter().sum();
        println!("{name}: {sum} = {cases:?}");
        total += sum;
        table.write_str(&row).expect("a string grows");
    }
    println!("{total} cases");
    assert!(failed.is_empty(), "not cancel safe: {failed:?}");
    if only.is_some() {
        return;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("CANCEL_SAFETY.md");
    if env::var_os("SELVEDGE_WRITE_TABLE").is_some() {
        fs::write(&path, &table).expect("the table is written");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == table,
        "the torture found something else than sync/CANCEL_SAFETY.md says. If it is meant to be so: \
         SELVEDGE_WRITE_TABLE=1 cargo test -p selvedge-sync --test suite torture\n\n{table}"
    );
}
