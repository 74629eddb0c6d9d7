//! A joiner that is a callback: who ends the task calls it with the output.
//!
//! The callback and the handle are kept by a waker that the handle leaves with its task. The finisher wakes it
//! once, after the output is stored; a waker that comes too late to be left there is called here instead. The
//! handle is used up by whoever of the two takes it out of its slot.

use std::sync::Arc;
use std::task::{Wake, Waker};

use selvedge_sync::primitive::Mutex;

use super::{JoinHandle, register};
use crate::contain::contain;
use crate::task::error::JoinError;

/// The callback and the handle whose output it gets, until it is called.
struct Callback<T, F>(Mutex<Option<(JoinHandle<T>, F)>>);

impl<T, F: FnOnce(Result<T, JoinError>)> Callback<T, F> {
    /// Calls the callback, unless that was done. The task is over.
    fn call(&self) {
        let taken = self.0.lock().take();
        let Some((mut handle, callback)) = taken else {
            return;
        };
        let task = handle
            .task
            .expect("`on_done` was given the output's handle");
        callback(handle.take(task));
    }
}

impl<T: Send, F: FnOnce(Result<T, JoinError>) + Send> Wake for Callback<T, F> {
    /// Called by the finisher, who goes on whatever the callback does.
    fn wake(self: Arc<Self>) {
        contain(|| self.call());
    }
}

impl<T: Send + 'static> JoinHandle<T> {
    /// Calls `callback` with the result when the task is over, exactly once; nobody has to await the handle.
    ///
    /// If it is over already, the callback is called at once, here. Otherwise whoever ends the task calls it:
    /// a worker of the runtime, in the context of the task; the thread that did the blocking work or the job;
    /// or who shuts the runtime or the pool down. No lock is held. It should be short, as others wait for that
    /// thread, and it may block only where the job itself might.
    ///
    /// A callback that panics there harms nobody: the panic ends with it.
    ///
    /// To be able to cancel the task later, keep an [`abort_handle`](Self::abort_handle).
    ///
    /// # Panics
    ///
    /// If the callback is called here, and panics; or if the handle has given its output before.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::mpsc;
    /// use selvedge::pool::ThreadPool;
    ///
    /// let pool = ThreadPool::new(2);
    /// let (send, results) = mpsc::channel();
    /// for n in 0..4 {
    ///     let send = send.clone();
    ///     let job = pool.submit(move || n * n);
    ///     job.on_done(move |result| send.send(result.unwrap()).unwrap());
    /// }
    /// drop(send);
    /// assert_eq!(results.iter().sum::<u32>(), 14);
    /// ```
    #[track_caller]
    pub fn on_done<F>(self, callback: F)
    where
        F: FnOnce(Result<T, JoinError>) + Send + 'static,
    {
        assert!(
            self.task.is_some(),
            "`on_done` on a JoinHandle that has given its output: keep the output instead"
        );
        // Keeps the task while the callback may have used up the handle already.
        let keep = self.abort_handle();
        let callback = Arc::new(Callback(Mutex::new(Some((self, callback)))));
        let waker = Waker::from(Arc::clone(&callback));
        let left = keep.header().is_some_and(|task| {
            // The handle is ours until the waker is left, so the slot is, too (I4).
            !task.state.load().is_complete() && register(task, &waker)
        });
        if !left {
            callback.call();
        }
    }
}
