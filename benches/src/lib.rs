//! Selvedge beside its peers, in one run.
//!
//! | Module | The one idea |
//! |---|---|
//! | [`row`] | a row of the table: one workload and who runs it |
//! | [`workload`] | the workloads, one file each |
//! | [`runtimes`] | every competitor's runtime, and one body compiled for two crates |
//! | [`countdown`] | how a workload learns that its tasks are done |
//! | [`placement`] | which CPU the two sides of a conversation run on |
//! | [`stopwatch`] | wall time and CPU time of one run |
//! | [`rounds`] | the paired run: rotate, measure, collect |
//! | [`order`] | who runs after whom |
//! | [`statistics`] | medians and their spread |
//! | [`report`] | the table and the JSON |
//! | [`arguments`] | the command line of `paired` |
//! | [`paths`] | single-thread paths for instruction counts |
//! | [`http_paired`] | hyper on Selvedge beside hyper on tokio, with `wrk` as the client |
//! | [`torture`] | a client that is hard on the servers among the examples |
//!
//! `README.md` says how to run it, how to read it, and what misleads.

pub mod arguments;
pub mod countdown;
pub mod http_paired;
pub mod order;
pub mod paths;
pub mod placement;
pub mod report;
pub mod rounds;
pub mod row;
pub mod runtimes;
pub mod statistics;
pub mod stopwatch;
pub mod torture;
pub mod workload;
