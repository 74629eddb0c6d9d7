//! Every competitor's runtime, and one body compiled for two crates.
//!
//! Selvedge and tokio offer the same names, so a workload is written once, inside `on_both!`, with
//! the crate called `rt`. The macro compiles it twice, as `mod on_selvedge` and `mod on_tokio`:
//! what is compared is the same source, with no trait or wrapper in between. Rustfmt leaves the
//! inside of the macro alone; keep it tidy by hand.
//!
//! smol gets its own variants: its API differs, and each variant is what a user of smol would write.

use std::future::Future;
use std::thread;
use std::time::Duration;

use smol::channel::{Sender, bounded};
use smol::{Executor, LocalExecutor};

use crate::placement::Placement;

#[cfg(not(feature = "tokio-as-subject"))]
pub(crate) use ::selvedge as subject;
// The null test: a harness that finds a difference between tokio and tokio is broken.
#[cfg(feature = "tokio-as-subject")]
pub(crate) use ::tokio as subject;

/// Worker threads of every multi-thread runtime.
pub const WORKERS: usize = 2;

/// Compiles its items twice: with `rt` as Selvedge in `on_selvedge`, and as tokio in `on_tokio`.
macro_rules! on_both {
    ($($body:tt)*) => {
        #[allow(unused_imports, reason = "not every workload needs every helper")]
        pub(crate) mod on_selvedge {
            use crate::runtimes::subject as rt;
            use super::*;
            use crate::runtimes::selvedge_runtimes::*;
            $($body)*
        }
        #[allow(unused_imports, reason = "not every workload needs every helper")]
        pub(crate) mod on_tokio {
            use ::tokio as rt;
            use super::*;
            use crate::runtimes::tokio_runtimes::*;
            $($body)*
        }
    };
}
pub(crate) use on_both;

macro_rules! runtimes {
    ($module:ident, $($krate:tt)+) => {
        pub(crate) mod $module {
            use std::future::Future;

            use $($krate)+::runtime::{Builder, Runtime};

            use crate::placement::Placement;

            /// The multi-thread runtime with [`WORKERS`](super::WORKERS) workers.
            pub(crate) fn multi_thread() -> Runtime {
                multi_thread_at(Placement::Anywhere)
            }

            /// The same, with all its threads on the server's side.
            pub(crate) fn multi_thread_at(placement: Placement) -> Runtime {
                Builder::new_multi_thread()
                    .worker_threads(super::WORKERS)
                    .on_thread_start(move || placement.pin_server())
                    .enable_all()
                    .build()
                    .expect("a runtime needs threads and a poller from the system")
            }

            /// The runtime on the calling thread.
            pub(crate) fn current_thread() -> Runtime {
                Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .expect("a runtime needs a poller from the system")
            }

            /// Runs `work` as a task, hence on a worker, and waits for it on this thread.
            pub(crate) fn on_worker<T: Send + 'static>(
                runtime: &Runtime,
                work: impl Future<Output = T> + Send + 'static,
            ) -> T {
                runtime.block_on(runtime.spawn(work)).expect("the workload must not panic")
            }
        }
    };
}
runtimes!(selvedge_runtimes, crate::runtimes::subject);
runtimes!(tokio_runtimes, ::tokio);

/// Where primitives run that run on any executor: all on the subject's, so that a row compares the
/// primitives alone.
pub(crate) mod any_executor {
    pub(crate) use super::selvedge_runtimes::*;
    pub(crate) use super::subject as rt;
}

/// Where tokio's primitives run as their users run them.
pub(crate) mod tokio_executor {
    pub(crate) use super::tokio_runtimes::*;
    pub(crate) use ::tokio as rt;
}

/// smol's executor on [`WORKERS`] threads: its global executor, but with an end.
#[derive(Debug)]
pub struct SmolPool {
    /// Leaked, so that tasks reach it for nothing, as they reach smol's global one.
    executor: &'static Executor<'static>,
    stop: Sender<()>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl SmolPool {
    /// Starts the threads.
    pub fn start() -> SmolPool {
        SmolPool::start_at(Placement::Anywhere)
    }

    /// Starts the threads on the server's side.
    pub fn start_at(placement: Placement) -> SmolPool {
        // The process has one helper thread for timers and I/O. It starts with the first use and
        // must not inherit anybody's place.
        smol::block_on(smol::Timer::after(Duration::ZERO));
        let executor: &'static Executor<'static> = Box::leak(Box::new(Executor::new()));
        let (stop, stopped) = bounded::<()>(1);
        let threads = (0..WORKERS)
            .map(|_| {
                let stopped = stopped.clone();
                thread::spawn(move || {
                    placement.pin_server();
                    // An error is the signal: the channel has been closed.
                    let _ = smol::block_on(executor.run(stopped.recv()));
                })
            })
            .collect();
        SmolPool {
            executor,
            stop,
            threads,
        }
    }

    /// Where tasks are spawned. A method, so that a closure that calls it keeps the whole pool.
    pub fn executor(&self) -> &'static Executor<'static> {
        self.executor
    }

    /// Runs `work` as a task, hence on a worker, and waits for it on this thread.
    pub fn on_worker<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> T {
        smol::future::block_on(self.executor.spawn(work))
    }
}

impl Drop for SmolPool {
    fn drop(&mut self) {
        self.stop.close();
        for thread in self.threads.drain(..) {
            thread.join().expect("a worker of smol must not panic");
        }
    }
}

/// smol's executor for one thread; leaked, so that tasks reach it for nothing.
pub fn smol_local() -> &'static LocalExecutor<'static> {
    Box::leak(Box::new(LocalExecutor::new()))
}
