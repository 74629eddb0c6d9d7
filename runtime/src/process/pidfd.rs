//! Descriptors of processes: readable when their process ends.

use std::io;
use std::os::fd::OwnedFd;
use std::process::Child as Process;

/// Opens the descriptor of a child that nobody has asked for its end yet: until then its number is not
/// given to another.
///
/// # Errors
///
/// There are no such descriptors here, or none is left.
#[cfg(target_os = "linux")]
pub(super) fn open(process: &Process) -> io::Result<OwnedFd> {
    use rustix::process::{Pid, PidfdFlags, pidfd_open};

    // The kernel closes it in children by itself.
    Ok(pidfd_open(Pid::from_child(process), PidfdFlags::empty())?)
}

/// Other systems have none.
#[cfg(not(target_os = "linux"))]
pub(super) fn open(_process: &Process) -> io::Result<OwnedFd> {
    Err(io::ErrorKind::Unsupported.into())
}
