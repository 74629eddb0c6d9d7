//! Rule: inside the runtime, layers go one way. The picture is in `runtime/src/lib.rs`.
//!
//! A module names modules of its own layer and of lower ones; what a module re-exports counts where it
//! is defined. The table gives every module a layer, its own or that of the nearest module above it; a
//! new module in the root of the crate has none and fails until somebody decides.

use crate::paths::Modules;
use crate::source::{Source, assert_none, repository};

const ROOT: &str = "runtime/src/";

/// Module, layer. What is in a module of several layers has an entry of its own.
const LAYERS: &[(&str, u8)] = &[
    // For users. The files `io`, `task` and `time` themselves only show what is below them.
    ("bridge", 5),
    ("fs", 5),
    ("io", 5),
    ("macros", 5),
    ("net", 5),
    ("pool", 5),
    ("process", 5),
    ("signal", 5),
    ("task", 5),
    ("time", 5),
    // Assembly: a task or a thread meets a runtime.
    ("context", 4),
    ("handle", 4),
    ("metrics", 4),
    ("park_thread", 4),
    ("runtime", 4),
    ("scheduler::block_in_place", 4),
    ("task::blocking", 4),
    ("task::local_set", 4),
    ("task::spawn", 4),
    // Who runs.
    ("scheduler", 3),
    // Mechanisms.
    ("blocking", 2),
    ("contain", 2),
    ("driver", 2),
    ("reactor", 2),
    ("signal::board", 2),
    ("signal::handler", 2),
    ("signal::hub", 2),
    ("task::blocking_job", 2),
    ("task::error", 2),
    ("task::header", 2),
    ("task::id", 2),
    ("task::join", 2),
    ("task::origin", 2),
    ("task::raw", 2),
    ("task::registry", 2),
    ("task::runnable", 2),
    ("task::untracked", 2),
    ("task::waker", 2),
    ("task::word", 2),
    ("time::clock", 2),
    ("time::entry", 2),
    ("time::parking", 2),
    ("time::pool", 2),
    ("time::shard", 2),
    ("time::timers", 2),
    // Pure values.
    ("blocking::state", 1),
    ("cache_line", 1),
    ("fs::file::state", 1),
    ("io::interest", 1),
    ("io::ready", 1),
    ("reactor::readiness", 1),
    ("rng", 1),
    ("scheduler::counters", 1),
    ("scheduler::policy", 1),
    ("scheduler::roster", 1),
    ("signal::audience", 1),
    ("signal::number", 1),
    ("task::state", 1),
    ("time::error", 1),
    ("time::level", 1),
    ("time::list", 1),
    ("time::tick", 1),
    ("time::wheel", 1),
];

/// Module, the higher one it names, why it may.
const UPWARD: &[(&str, &str, &str)] = &[
    (
        "runtime::builder",
        "time::source",
        "the first runtime gives the primitives their clock, whose alarms are sleeps",
    ),
    (
        "scheduler::threads",
        "context",
        "starts the threads that are inside the runtime from their first line on",
    ),
    (
        "scheduler::threads",
        "handle",
        "being inside a runtime is to have its handle",
    ),
];

fn layer_of(module: &str, layers: &[(&str, u8)]) -> Option<u8> {
    let mut at = module;
    loop {
        if let Some((_, layer)) = layers.iter().find(|(name, _)| *name == at) {
            return Some(*layer);
        }
        at = at.rsplit_once("::")?.0;
    }
}

fn upward_edges(
    modules: &Modules,
    layers: &[(&str, u8)],
    exceptions: &[(&str, &str, &str)],
) -> Vec<String> {
    let mut findings = Vec::new();
    let mut used = vec![false; exceptions.len()];
    for module in modules.names().filter(|name| !name.is_empty()) {
        let Some(layer) = layer_of(module, layers) else {
            findings.push(format!("{module}: has no layer"));
            continue;
        };
        for named in modules.named_by(module) {
            let Some(above) = layer_of(&named, layers).filter(|&it| it > layer) else {
                continue;
            };
            let exception = exceptions
                .iter()
                .position(|(from, to, _)| *from == module && *to == named);
            match exception {
                Some(index) => used[index] = true,
                None => findings.push(format!("{module} (L{layer}) names {named} (L{above})")),
            }
        }
    }
    for ((from, to, _), _) in exceptions.iter().zip(used).filter(|(_, used)| !used) {
        findings.push(format!("{from} names {to} no longer: remove the exception"));
    }
    for (name, _) in layers {
        if !modules.names().any(|module| module == *name) {
            findings.push(format!("{name}: in the table of layers, and no module"));
        }
    }
    findings
}

#[test]
fn layers_go_one_way() {
    assert_none(
        &upward_edges(&Modules::read(repository(), ROOT), LAYERS, UPWARD),
        "Move what is needed to a lower module, or let the lower one define a trait that the higher \
         one implements. If the picture in runtime/src/lib.rs is wrong, mend it and the table here.",
    );
}

#[test]
fn upward_edges_are_found() {
    let fakes = [
        Source::fake("runtime/src/lib.rs", "mod low;\nmod high;\nmod new;"),
        Source::fake("runtime/src/low.rs", "use crate::high::{self, High};"),
        Source::fake("runtime/src/low/child.rs", "fn f() { crate::high::f() }"),
        Source::fake("runtime/src/high.rs", "use crate::low::Low;"),
        Source::fake("runtime/src/new.rs", ""),
    ];
    let modules = Modules::read(&fakes, ROOT);
    let layers = &[("low", 1), ("high", 2), ("gone", 2)];
    let exceptions = &[
        ("low", "high", "because"),
        ("high", "low", "was never needed"),
    ];
    assert_eq!(
        upward_edges(&modules, layers, exceptions),
        [
            "low::child (L1) names high (L2)",
            "new: has no layer",
            "high names low no longer: remove the exception",
            "gone: in the table of layers, and no module",
        ]
    );
}
