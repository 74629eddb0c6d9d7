//! The rules of this code base that a compiler does not know, as tests over its text.
//!
//! | Rule | File |
//! |---|---|
//! | layers go one way | `layers` |
//! | `sync` knows no runtime; the facade has no logic and shows everything | `crates` |
//! | a file opens with what it is, examples are listed | `headers` |
//! | files stay short, module files are not called `mod.rs` | `files` |
//! | `unsafe` lives in listed files | `unsafety` |
//! | atomics and locks come from the loom switch, orderings are argued | `atomics` |
//! | a protocol has a model | `models` |
//! | `cfg` stays rare | `cfg_budget` |
//! | no leftovers, nothing of a developer's machine | `words` |
//!
//! Each rule is a function from [`Source`](source::Source)s to findings, a test that the tree has
//! none, and a test that a small fake tree has some: a rule that cannot fail is no rule. Exceptions
//! are tables beside the rule, with a reason each; an exception that is no longer needed fails too.

mod atomics;
mod cfg_budget;
mod crates;
mod files;
mod headers;
mod layers;
mod models;
mod paths;
mod source;
mod unsafety;
mod words;
