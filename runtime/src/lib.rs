//! The work-stealing executor, reactor, timers and sockets of selvedge.

mod context;
pub mod time;
