//! What the operating system has charged to this process so far: CPU time and context switches.

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// Both are of all threads of the process, those that have ended included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// In seconds, in the program and in the kernel.
    pub(crate) cpu: f64,
    /// Taken off a CPU, willingly or not.
    pub(crate) switches: f64,
}

/// What it is now, if the system tells.
pub(crate) fn now() -> Option<Usage> {
    let usage = getrusage(UsageWho::RUSAGE_SELF).ok()?;
    let cpu = usage.user_time() + usage.system_time();
    let switches = usage.voluntary_context_switches() + usage.involuntary_context_switches();
    Some(Usage {
        cpu: cpu.num_microseconds() as f64 * 1e-6,
        switches: switches as f64,
    })
}
