//! The threads a multi-thread scheduler has started: how they start, and waiting for them to end.

use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use selvedge_sync::primitive::{Condvar, Mutex};

use super::Scheduler;
use super::config::call_hook;
use crate::context;
use crate::handle::Handle;

#[derive(Debug, Default)]
pub(crate) struct Threads {
    running: Mutex<usize>,
    one_ended: Condvar,
}

/// A builder with the name that the user's function gives.
///
/// # Errors
///
/// The function panics, or its name is not one for a thread.
fn name_thread(name: &dyn Fn() -> String) -> io::Result<thread::Builder> {
    panic::catch_unwind(AssertUnwindSafe(|| thread::Builder::new().name(name())))
        .map_err(|_| io::Error::other("the function that names the runtime's threads panicked"))
}

impl Threads {
    /// Starts a thread inside the runtime that runs user code: with the user's hooks.
    ///
    /// # Errors
    ///
    /// The operating system refuses a thread.
    pub(super) fn start(
        &self,
        scheduler: &Arc<Scheduler>,
        body: impl FnOnce() + Send + 'static,
    ) -> io::Result<()> {
        let inside = Arc::clone(scheduler);
        self.start_helper(scheduler, move || {
            let config = &inside.config;
            let _entered = context::enter_for_thread(Handle::new(Arc::clone(&inside)));
            call_hook(config.on_thread_start.as_ref());
            body();
            call_hook(config.on_thread_stop.as_ref());
        })
    }

    /// Starts a thread that is waited for, with the user's name and stack size.
    ///
    /// # Errors
    ///
    /// The operating system refuses a thread.
    pub(super) fn start_helper(
        &self,
        scheduler: &Arc<Scheduler>,
        body: impl FnOnce() + Send + 'static,
    ) -> io::Result<()> {
        /// Counts the thread out, however it ends.
        struct Ended(Arc<Scheduler>);
        impl Drop for Ended {
            fn drop(&mut self) {
                let left = {
                    let mut running = self.0.threads.running.lock();
                    *running -= 1;
                    *running
                };
                self.0.threads.one_ended.notify_all();
                if left == 0 && self.0.is_exiting() {
                    // Whoever shut the runtime down may not have waited until nobody drives sockets
                    // and timers any more.
                    self.0.driver.shutdown();
                }
            }
        }
        let config = &scheduler.config;
        let mut builder = name_thread(&*config.thread_name)?;
        if let Some(size) = config.thread_stack_size {
            builder = builder.stack_size(size);
        }
        *self.running.lock() += 1;
        // Dropped with the closure if no thread starts: then too it counts out.
        let ended = Ended(Arc::clone(scheduler));
        let body = move || {
            let _ended = ended;
            body();
        };
        builder.spawn(body).map(drop)
    }

    /// Waits until all threads have ended, or for `timeout`; true if they have.
    pub(crate) fn wait(&self, timeout: Option<Duration>) -> bool {
        // A timeout beyond what the clock can express is none.
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let mut running = self.running.lock();
        while *running > 0 {
            let Some(deadline) = deadline else {
                running = self.one_ended.wait(running);
                continue;
            };
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            (running, _) = self.one_ended.wait_timeout(running, left);
        }
        true
    }
}
