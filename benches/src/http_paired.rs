//! hyper on Selvedge beside hyper on tokio, with `wrk` as the client.
//!
//! Both serve the same: "Hello, world!" over HTTP/1.1 with connections that stay open, on two workers, in a
//! process of their own that is started anew for each run. `wrk` runs once against each in every round, who
//! is first changes, and ratios are made within a round.
//!
//! **What misleads.** Client and server share the machine: with two CPUs, `wrk` has one of them most of the
//! time. With 1 connection every request wakes a sleeping thread on each side, and the kernel decides
//! whether they share a CPU. hyper itself is most of the server's time outside the kernel, and the same for both.
//!
//! | Module | The one idea |
//! |---|---|
//! | [`options`] | the command line |
//! | [`service`] | the server, on either runtime |
//! | [`process`] | the server's process, and what the kernel counts of it |
//! | [`wrk`] | one run of the client |
//! | [`syscalls`] | one run under `strace`, which counts and is too slow to measure |
//! | [`rounds`] | the paired run |
//! | [`table`] | the table |

pub mod options;
pub mod process;
pub mod rounds;
pub mod service;
pub mod syscalls;
pub mod table;
pub mod wrk;
