//! A process that was started and whose end somebody has to see, whatever becomes of its handle.

use std::io;
use std::process::{Child as Process, ExitStatus};

use selvedge_sync::primitive::Arc;

use super::orphans;
use crate::reactor::Reactor;

/// A process in our care. If it is dropped, the process becomes an orphan, perhaps killed.
#[derive(Debug)]
pub(super) struct Ward {
    /// `None` only in `drop`.
    process: Option<Process>,
    /// Of the runtime it was started in, which looks after it if it becomes an orphan.
    reactor: Arc<Reactor>,
    pub(super) kill_on_drop: bool,
}

impl Ward {
    pub(super) fn new(process: Process, reactor: Arc<Reactor>, kill_on_drop: bool) -> Self {
        Self {
            process: Some(process),
            reactor,
            kill_on_drop,
        }
    }

    pub(super) fn process(&mut self) -> &mut Process {
        self.process
            .as_mut()
            .expect("a ward in use has its process")
    }

    pub(super) fn id(&self) -> u32 {
        self.process
            .as_ref()
            .expect("a ward in use has its process")
            .id()
    }

    /// Asks whether the process has ended.
    pub(super) fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.process().try_wait()
    }

    /// Kills the process. It is not killed again by a drop.
    pub(super) fn kill(&mut self) -> io::Result<()> {
        self.process().kill()?;
        self.kill_on_drop = false;
        Ok(())
    }
}

impl Drop for Ward {
    fn drop(&mut self) {
        if self.kill_on_drop {
            // A failure means that it has ended.
            let _ = self.kill();
        }
        // One that has been asked says so again; an error means that there is nothing to ask for.
        if let (Ok(None), Some(process)) = (self.try_wait(), self.process.take()) {
            orphans::adopt(process, &self.reactor);
        }
    }
}
