//! The work-stealing executor, reactor, timers and sockets of selvedge.

pub mod io;
