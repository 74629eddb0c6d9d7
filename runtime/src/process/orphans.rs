//! Processes that nobody waits for any more: asked for their end when they have ended, so that no zombies
//! stay.
//!
//! ```text
//!   dropped child ──► queue ──► sweep: asks each, keeps those that still run
//!                                 ▲
//!                 adoption, next spawn, SIGCHLD
//! ```
//!
//! The queue belongs to the process, not to a runtime: children outlive runtimes. It is swept when `SIGCHLD`
//! comes, which is listened to from the first orphan on, by whichever runtime turns first.
//!
//! # Why no orphan stays a zombie
//!
//! A new orphan is put into the queue first, then listening begins, then the queue is swept. If the process
//! had ended before the sweep asked it, the sweep is the end of it. If it ends later, its signal comes
//! after listening began, and the listener's waker sweeps. That waker begins to wait again before it
//! sweeps, so a signal that comes meanwhile has it sweep again.
//!
//! While no runtime listens, as after the last one has gone, nothing sweeps. The next child that is started
//! makes its runtime listen for those in the queue, and sweeps.
//!
//! # Rejected
//!
//! *Keeping each orphan's pidfd registered.* The reactor's slot would own the orphan and the orphan the
//! slot; and when the runtime ends first, all of this is needed anyway. *A thread that waits.* It would
//! be there for a rare thing.

use std::io;
use std::process::Child as Process;
use std::sync::Arc;
use std::sync::OnceLock;
use std::task::{Context, Wake, Waker};

use selvedge_sync::primitive::Mutex;

use crate::context;
use crate::reactor::Reactor;
use crate::signal::Listener;
use crate::signal::unix::SignalKind;

/// The orphans of this process.
#[derive(Debug)]
pub(super) struct Orphans {
    queue: Mutex<Vec<Process>>,
    /// Listens to `SIGCHLD` since the first orphan.
    listener: Mutex<Option<Listener>>,
}

/// The orphans of this process.
pub(super) fn orphans() -> &'static Arc<Orphans> {
    static ORPHANS: OnceLock<Arc<Orphans>> = OnceLock::new();
    ORPHANS.get_or_init(|| Arc::new(Orphans::new()))
}

impl Orphans {
    fn new() -> Self {
        Self {
            queue: Mutex::new(Vec::new()),
            listener: Mutex::new(None),
        }
    }

    /// Takes over a process that may still run. `reactor` will deliver the news of its end, if it can.
    pub(super) fn adopt(self: &Arc<Self>, process: Process, reactor: &Reactor) {
        self.queue.lock().push(process);
        self.attend(reactor);
    }

    /// Looks after those in the queue, if there are any, and has `reactor` do so from now on.
    pub(super) fn attend(self: &Arc<Self>, reactor: &Reactor) {
        if self.is_empty() {
            return;
        }
        // If nobody can listen, the next child that is started tries again.
        let _ = self.listen(reactor);
        self.await_signal();
        self.sweep();
    }

    /// Makes sure that somebody listens to `SIGCHLD`, and that `reactor` delivers it.
    fn listen(&self, reactor: &Reactor) -> io::Result<()> {
        let mut listener = self.listener.lock();
        match &*listener {
            Some(listener) if listener.is_of_this_process() => listener.rouse(reactor)?,
            // None yet, or that of the process that forked this one.
            _ => {
                let child = SignalKind::child().as_raw_value();
                *listener = Some(Listener::new(child, reactor)?);
            }
        }
        Ok(())
    }

    /// Has the next `SIGCHLD` sweep the queue.
    fn await_signal(self: &Arc<Self>) {
        let waker = Waker::from(Arc::clone(self));
        let mut cx = Context::from_waker(&waker);
        if let Some(listener) = &mut *self.listener.lock() {
            // What has come before is swept by who calls this.
            while listener.poll_hear(&mut cx).is_ready() {}
        }
    }

    /// Asks each how it ended, and lets go of those that have.
    fn sweep(&self) {
        // Nobody else can ask for them; an error means that there is nothing to ask for.
        self.queue
            .lock()
            .retain_mut(|process| matches!(process.try_wait(), Ok(None)));
    }

    fn is_empty(&self) -> bool {
        self.queue.lock().is_empty()
    }
}

impl Wake for Orphans {
    /// `SIGCHLD` has come, or a runtime that delivered it has ended.
    fn wake(self: Arc<Self>) {
        if !self.is_empty() {
            self.await_signal();
            self.sweep();
        }
    }
}

/// As [`Orphans::adopt`]; if `reactor` has shut down, the one here delivers the news.
pub(super) fn adopt(process: Process, reactor: &Reactor) {
    let orphans = orphans();
    orphans.adopt(process, reactor);
    if let Some(here) = context::try_reactor() {
        orphans.attend(&here);
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
