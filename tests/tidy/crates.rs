//! Rule: `sync` knows no runtime; the facade has no logic and shows all that the crates offer.

use std::collections::BTreeSet;

use crate::paths::Modules;
use crate::source::{Source, assert_none, has_word, repository};

/// What `sync` must not name: it works under any executor.
const RUNTIME_NAMES: &[&str] = &["selvedge_runtime", "selvedge", "mio", "tokio"];

const FACADE: &str = "src/lib.rs";

fn runtime_in_sync(sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    let sync = sources.iter().filter(|source| {
        source.path.starts_with("sync/src/") && source.is_rust() || source.path == "sync/Cargo.toml"
    });
    for source in sync {
        // Documentation shows the facade to users; code does not know it.
        let code = if source.is_rust() {
            source.code().to_owned()
        } else {
            // What tests and their documentation use is not what it is made of.
            let made_of = source.text.split("[dev-dependencies]").next();
            made_of
                .unwrap_or_default()
                .replace("selvedge-", "selvedge_")
        };
        for name in RUNTIME_NAMES {
            if has_word(&code, name) {
                findings.push(format!("{}: names {name}", source.path));
            }
        }
    }
    findings
}

/// The items of the facade that are no re-export.
fn logic_in_facade(sources: &[Source]) -> Vec<String> {
    let Some(facade) = sources.iter().find(|source| source.path == FACADE) else {
        return vec![format!("{FACADE}: missing")];
    };
    let code: String = facade
        .code()
        .lines()
        .filter(|line| !line.trim_start().starts_with("#"))
        .collect::<Vec<_>>()
        .join(" ");
    let items = code
        .split(';')
        .map(str::trim)
        .filter(|item| !item.is_empty());
    items
        .filter(|item| !item.starts_with("pub use "))
        .map(|item| format!("{FACADE}: {item}"))
        .collect()
}

/// What the root of a crate offers: public modules, re-exports and exported macros.
fn offered(sources: &[Source], root: &str) -> BTreeSet<String> {
    let lib = format!("{root}lib.rs");
    let mut names: BTreeSet<String> = BTreeSet::new();
    for source in sources
        .iter()
        .filter(|it| it.path.starts_with(root) && it.is_shipped())
    {
        let code = source.code();
        let mut exported = false;
        for line in code.lines().map(str::trim) {
            if line.starts_with("#[macro_export") {
                exported = true;
            } else if let Some(name) = line.strip_prefix("macro_rules! ") {
                if exported {
                    names.insert(name.trim_end_matches(" {").to_owned());
                }
                exported = false;
            }
            if source.path == lib {
                let module = line.strip_prefix("pub mod ");
                names.extend(module.map(|name| name.trim_end_matches(';').to_owned()));
            }
        }
    }
    names.extend(
        Modules::read(sources, root)
            .reexports_of("")
            .map(str::to_owned),
    );
    names
}

fn hidden_from_users(sources: &[Source]) -> Vec<String> {
    let facade = sources.iter().find(|source| source.path == FACADE);
    let code = facade.map_or("", Source::code);
    let mut findings = Vec::new();
    for (krate, root) in [
        ("selvedge_runtime", "runtime/src/"),
        ("selvedge_sync", "sync/src/"),
    ] {
        // The whole crate may be shown under one name.
        let whole = format!("pub use {krate} as ");
        if code.contains(&whole) {
            continue;
        }
        let uses = code.split(';').filter(|item| item.contains(krate));
        let shown: String = uses.collect::<Vec<_>>().join(" ");
        let missing = offered(sources, root)
            .into_iter()
            .filter(|name| !has_word(&shown, name));
        findings.extend(missing.map(|name| format!("{krate}::{name}: not in {FACADE}")));
    }
    findings
}

#[test]
fn sync_knows_no_runtime() {
    assert_none(
        &runtime_in_sync(repository()),
        "Let the runtime call sync, through a waker or a trait that sync defines.",
    );
}

#[test]
fn the_facade_has_no_logic() {
    assert_none(
        &logic_in_facade(repository()),
        "Move the item into the crate it belongs to, and re-export it.",
    );
}

#[test]
fn the_facade_shows_everything() {
    assert_none(
        &hidden_from_users(repository()),
        "Re-export it in the facade, or make it private to its crate.",
    );
}

#[test]
fn a_runtime_in_sync_is_found() {
    let fakes = [
        Source::fake(
            "sync/src/a.rs",
            "/// selvedge::sync\nuse selvedge_runtime::spawn;",
        ),
        Source::fake("sync/src/b.rs", "mod mio_like;"),
        Source::fake(
            "sync/Cargo.toml",
            "selvedge-runtime = \"1\"\n[dev-dependencies]\nmio = \"1\"",
        ),
    ];
    assert_eq!(
        runtime_in_sync(&fakes),
        [
            "sync/src/a.rs: names selvedge_runtime",
            "sync/Cargo.toml: names selvedge_runtime"
        ]
    );
}

#[test]
fn logic_in_the_facade_is_found() {
    let good = "#![doc = \"x\"]\n/// Text.\n#[cfg(feature = \"net\")]\npub use a::{b,\n c};";
    assert!(logic_in_facade(&[Source::fake(FACADE, good)]).is_empty());
    let bad = format!("{good}\nfn f() {{}}");
    assert_eq!(logic_in_facade(&[Source::fake(FACADE, &bad)]).len(), 1);
}

#[test]
fn hidden_names_are_found() {
    let fakes = [
        Source::fake(
            FACADE,
            "pub use selvedge_runtime::{io, spawn};\npub use selvedge_sync as sync;",
        ),
        Source::fake(
            "runtime/src/lib.rs",
            "pub mod io;\npub mod net;\nmod task;\npub use task::spawn;\npub use task::block;",
        ),
        Source::fake(
            "runtime/src/task.rs",
            "#[macro_export]\nmacro_rules! task_local {\n}",
        ),
        Source::fake("sync/src/lib.rs", "pub mod oneshot;"),
    ];
    assert_eq!(
        hidden_from_users(&fakes),
        [
            "selvedge_runtime::block: not in src/lib.rs",
            "selvedge_runtime::net: not in src/lib.rs",
            "selvedge_runtime::task_local: not in src/lib.rs",
        ]
    );
}
