//! The work-stealing executor, reactor, timers and sockets of selvedge.

#[allow(
    dead_code,
    reason = "the runtime that uses the pool is assembled elsewhere"
)]
mod blocking;
