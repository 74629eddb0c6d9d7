//! Rule: inside the runtime, layers go one way. The picture is in `runtime/src/lib.rs`.
//!
//! A module names modules of its own layer and of lower ones. The table below gives every module a
//! layer, its own or that of the nearest module above it; a new module in the root of the crate has
//! none and fails until somebody decides.

use crate::paths::Modules;
use crate::source::{Source, assert_none, repository};

const ROOT: &str = "runtime/src/";

/// Module, layer.
const LAYERS: &[(&str, u8)] = &[
    // For users.
    ("io", 5),
    ("net", 5),
    ("task", 5),
    ("time", 5),
    // Assembly.
    ("context", 4),
    ("handle", 4),
    ("metrics", 4),
    ("park_thread", 4),
    ("runtime", 4),
    // Who runs.
    ("scheduler", 3),
    // Mechanisms.
    ("blocking", 2),
    ("driver", 2),
    ("reactor", 2),
    // Pure values.
    ("cache_line", 1),
    ("rng", 1),
];

/// Module, the higher one it names, why it may.
const UPWARD: &[(&str, &str, &str)] = &[];

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
        &upward_edges(&Modules::read(&repository(), ROOT), LAYERS, UPWARD),
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
