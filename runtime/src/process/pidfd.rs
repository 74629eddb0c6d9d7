//! Descriptors of processes.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::process::Child as Process;

use mio::event::Source as MioSource;
use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};

/// A descriptor that becomes readable when its process ends.
#[derive(Debug)]
pub(super) struct Pidfd(OwnedFd);

impl From<OwnedFd> for Pidfd {
    fn from(fd: OwnedFd) -> Self {
        Self(fd)
    }
}

impl MioSource for Pidfd {
    fn register(
        &mut self,
        registry: &Registry,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).register(registry, token, interest)
    }

    fn reregister(
        &mut self,
        registry: &Registry,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).reregister(registry, token, interest)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).deregister(registry)
    }
}

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
