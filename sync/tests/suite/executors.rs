//! One test body, three executors: Selvedge's workers, Selvedge on one thread, and twenty lines.
//!
//! The primitives know no runtime, so what they promise holds under each. In a body, [`spawn`]
//! starts a task of the executor that runs it; under the small one a task is a thread.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use selvedge::runtime::{Builder, Handle};

/// After this long a test hangs. Far more than any test needs on a loaded machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Runs `body` on a thread of its own, and fails with the test's name if it does not end in time.
#[track_caller]
pub(crate) fn watch_over<R: Send + 'static>(body: impl FnOnce() -> R + Send + 'static) -> R {
    within(PATIENCE, body)
}

/// As [`watch_over`], with another limit.
#[track_caller]
pub(crate) fn within<R: Send + 'static>(
    patience: Duration,
    body: impl FnOnce() -> R + Send + 'static,
) -> R {
    let name = thread::current().name().unwrap_or("a test").to_owned();
    let (done, is_done) = mpsc::channel();
    let builder = thread::Builder::new().name(name.clone());
    let thread = builder.spawn(move || {
        let result = body();
        // Nobody receives it if the test was given up.
        let _ = done.send(());
        result
    });
    let thread = thread.expect("a thread for the test");
    match is_done.recv_timeout(patience) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("{name} hangs: not done after {patience:?}"),
        Ok(()) | Err(mpsc::RecvTimeoutError::Disconnected) => thread
            .join()
            .unwrap_or_else(|payload| resume_unwind(payload)),
    }
}

/// Which executor runs a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Executor {
    Workers,
    OneThread,
    BlockOn,
}

impl Executor {
    /// Runs `body` to its end; tasks it leaves behind are cancelled, or left alone as threads.
    pub(crate) fn run<F: Future>(self, body: F) -> F::Output {
        let mut builder = match self {
            Self::Workers => Builder::new_multi_thread(),
            Self::OneThread => Builder::new_current_thread(),
            Self::BlockOn => return block_on(body),
        };
        if self == Self::Workers {
            builder.worker_threads(2);
        }
        let runtime = builder.enable_all().build().expect("a runtime");
        runtime.block_on(body)
    }
}

/// A thread that sleeps until it is unparked.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// The whole of an executor that knows nothing of Selvedge.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut cx = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
        thread::park();
    }
}

pub(crate) type Panic = Box<dyn Any + Send>;

/// What a thread leaves for who joins it.
pub(crate) struct Left<T> {
    result: Option<Result<T, Panic>>,
    joiner: Option<Waker>,
}

/// A task that [`spawn`] started; its panic goes on in who awaits it.
pub(crate) enum Task<T> {
    Selvedge(selvedge::task::JoinHandle<T>),
    Thread(Arc<Mutex<Left<T>>>),
}

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let result = match self.get_mut() {
            Self::Selvedge(handle) => match Pin::new(handle).poll(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(result) => result.map_err(|error| error.into_panic()),
            },
            Self::Thread(left) => {
                let mut left = left.lock().unwrap();
                match left.result.take() {
                    Some(result) => result,
                    None => {
                        left.joiner = Some(cx.waker().clone());
                        return Poll::Pending;
                    }
                }
            }
        };
        Poll::Ready(result.unwrap_or_else(|payload| resume_unwind(payload)))
    }
}

/// Starts a task of the executor that runs the caller.
#[track_caller]
pub(crate) fn spawn<F>(future: F) -> Task<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    if Handle::try_current().is_ok() {
        return Task::Selvedge(selvedge::spawn(future));
    }
    let left = Arc::new(Mutex::new(Left {
        result: None,
        joiner: None,
    }));
    let leave = left.clone();
    thread::spawn(move || {
        let result = catch_unwind(AssertUnwindSafe(|| block_on(future)));
        let mut left = leave.lock().unwrap();
        left.result = Some(result);
        let joiner = left.joiner.take();
        drop(left);
        if let Some(joiner) = joiner {
            joiner.wake();
        }
    });
    Task::Thread(left)
}

/// Lets others run, once.
pub(crate) async fn yield_now() {
    let mut yielded = false;
    poll_fn(|cx| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
    // Under the small executor the others are threads.
    thread::yield_now();
}

/// Waits until `condition` holds, letting others run; the watchdog sees to it that it ends.
pub(crate) async fn until(mut condition: impl FnMut() -> bool) {
    while !condition() {
        yield_now().await;
    }
}

/// Declares tests that run under the watchdog, once on each executor.
///
/// ```ignore
/// any_executor! {
///     /// What it shows.
///     async fn what_happens() {
///         spawn(async { .. }).await;
///     }
/// }
/// ```
macro_rules! any_executor {
    ($($(#[$meta:meta])* async fn $name:ident() $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, reason = "whatever the body needs")]
            use super::*;

            $(#[$meta])*
            async fn body() $body

            #[test]
            fn on_workers() {
                $crate::executors::watch_over(|| $crate::executors::Executor::Workers.run(body()));
            }

            #[test]
            fn on_one_thread() {
                $crate::executors::watch_over(|| $crate::executors::Executor::OneThread.run(body()));
            }

            #[test]
            fn on_block_on() {
                $crate::executors::watch_over(|| $crate::executors::Executor::BlockOn.run(body()));
            }
        }
    )*};
}

/// Declares tests without an executor that run under the watchdog.
macro_rules! watched {
    ($($(#[$meta:meta])* fn $name:ident() $body:block)*) => {$(
        $(#[$meta])*
        #[test]
        fn $name() {
            $crate::executors::watch_over(|| $body);
        }
    )*};
}

pub(crate) use {any_executor, watched};

mod canary {
    use super::*;

    any_executor! {
        /// Tasks run, may spawn, and give their results.
        async fn tasks_spawn_tasks() {
            let outer = spawn(async {
                let inner: Vec<_> = (0..3).map(|n| spawn(async move { n })).collect();
                let mut sum = 0;
                for task in inner {
                    yield_now().await;
                    sum += task.await;
                }
                sum
            });
            assert_eq!(outer.await, 3);
        }

        /// A panic of a task is one of the test.
        #[allow(unused_must_use, reason = "it panics")]
        async fn panics_go_on() {
            let joins = spawn(async {
                let joined = spawn(async { panic!("planted") });
                joined.await
            });
            let mut joins = pin!(joins);
            poll_fn(|cx| {
                match catch_unwind(AssertUnwindSafe(|| joins.as_mut().poll(cx))) {
                    Ok(Poll::Pending) => Poll::Pending,
                    Ok(Poll::Ready(())) => panic!("the panic is lost"),
                    Err(_) => Poll::Ready(()),
                }
            }).await;
        }
    }

    /// The watchdog sees a future that nobody wakes.
    #[test]
    fn a_hang_is_found() {
        let hang = || {
            within(Duration::from_millis(50), || {
                block_on(std::future::pending::<()>())
            });
        };
        let payload = catch_unwind(hang).expect_err("it hangs");
        let message = payload.downcast_ref::<String>().expect("a message");
        assert!(
            message.contains("a_hang_is_found hangs"),
            "it is named: {message}"
        );
    }
}
