//! Who is at the other end of a connection.

use super::{gid_t, pid_t, uid_t};

/// User, group and process at the other end of a connection, as of when it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UCred {
    pub(super) pid: Option<pid_t>,
    pub(super) uid: uid_t,
    pub(super) gid: gid_t,
}

impl UCred {
    /// The user.
    pub fn uid(&self) -> uid_t {
        self.uid
    }

    /// The group.
    pub fn gid(&self) -> gid_t {
        self.gid
    }

    /// The process, if the system tells.
    pub fn pid(&self) -> Option<pid_t> {
        self.pid
    }
}
