//! The work-stealing executor, reactor, timers and sockets of selvedge.

mod blocking;
mod context;
pub mod io;
pub mod net;
mod reactor;
