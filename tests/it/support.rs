//! What the tests share: a watchdog, both flavors of runtime, waiting for conditions.

use std::future::poll_fn;
use std::pin::Pin;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};
use std::{env, panic, thread};

use selvedge::runtime::{Builder, Runtime};

/// After this long a test hangs. Far more than any test needs on a loaded machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Runs `body` on a thread of its own and fails if it does not end in time.
#[track_caller]
pub(crate) fn within<R: Send + 'static>(
    patience: Duration,
    body: impl FnOnce() -> R + Send + 'static,
) -> R {
    let (done, is_done) = mpsc::channel();
    let name = thread::current().name().unwrap_or("test").to_owned();
    let thread = thread::Builder::new().name(name.clone()).spawn(move || {
        let result = body();
        // The receiver may have given up.
        let _ = done.send(());
        result
    });
    let thread = thread.expect("a thread for the test");
    match is_done.recv_timeout(patience) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("{name} hangs: not done after {patience:?}"),
        Ok(()) | Err(mpsc::RecvTimeoutError::Disconnected) => match thread.join() {
            Ok(result) => result,
            Err(payload) => panic::resume_unwind(payload),
        },
    }
}

/// Waits, at most [`PATIENCE`], until `condition` holds.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "waited in vain for: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// As [`wait_until`], inside a task, letting others run.
pub(crate) async fn wait_until_async(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "waited in vain for: {what}");
        selvedge::task::yield_now().await;
        thread::yield_now();
    }
}

/// Which runtime a test of both flavors is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavor {
    CurrentThread,
    MultiThread,
}

impl Flavor {
    pub(crate) fn builder(self) -> Builder {
        match self {
            Self::CurrentThread => Builder::new_current_thread(),
            Self::MultiThread => {
                let mut builder = Builder::new_multi_thread();
                builder.worker_threads(2);
                builder
            }
        }
    }

    pub(crate) fn build(self) -> Runtime {
        self.builder().build().expect("a runtime")
    }
}

/// Two workers.
pub(crate) fn multi_thread() -> Runtime {
    Flavor::MultiThread.build()
}

/// No worker but this thread.
pub(crate) fn current_thread() -> Runtime {
    Flavor::CurrentThread.build()
}

/// Declares tests that run, under the watchdog, once on each flavor of runtime.
macro_rules! both_flavors {
    ($($(#[$meta:meta])* fn $name:ident($flavor:ident) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, reason = "whatever the body needs")]
            use super::*;

            $(#[$meta])*
            fn body($flavor: $crate::support::Flavor) $body

            #[test]
            fn on_one_thread() {
                $crate::support::within($crate::support::PATIENCE, || {
                    body($crate::support::Flavor::CurrentThread);
                });
            }

            #[test]
            fn on_workers() {
                $crate::support::within($crate::support::PATIENCE, || {
                    body($crate::support::Flavor::MultiThread);
                });
            }
        }
    )*};
}

/// Declares tests that run under the watchdog.
macro_rules! watched {
    ($($(#[$meta:meta])* fn $name:ident() $body:block)*) => {$(
        $(#[$meta])*
        #[test]
        fn $name() {
            $crate::support::within($crate::support::PATIENCE, || $body);
        }
    )*};
}

pub(crate) use {both_flavors, watched};

/// Counts its drops.
#[derive(Debug, Clone, Default)]
pub(crate) struct Drops(Arc<AtomicUsize>);

impl Drops {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Something whose drop is counted.
    pub(crate) fn counted(&self) -> CountsDrop {
        CountsDrop(Arc::clone(&self.0))
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

#[derive(Debug)]
pub(crate) struct CountsDrop(Arc<AtomicUsize>);

impl Drop for CountsDrop {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Calls a closure when it is dropped.
pub(crate) struct OnDrop<F: FnMut()>(pub(crate) F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// A flag that threads set and tests look at.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flag(Arc<AtomicBool>);

impl Flag {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// A door that threads wait at without looking at the clock. Opens for all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gate(Arc<(std::sync::Mutex<bool>, std::sync::Condvar)>);

impl Gate {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    /// Blocks the thread until the gate is open.
    pub(crate) fn pass(&self) {
        let closed = self.0.0.lock().unwrap();
        let waited = self
            .0
            .1
            .wait_timeout_while(closed, PATIENCE, |open| !*open)
            .unwrap();
        assert!(!waited.1.timed_out(), "nobody opened the gate");
    }

    /// Opens the gate when dropped, also when the test fails.
    pub(crate) fn open_on_drop(&self) -> impl Drop + Send + use<> {
        let gate = self.clone();
        OnDrop(move || gate.open())
    }
}

/// A waker that counts.
#[derive(Debug, Default)]
pub(crate) struct CountingWaker(AtomicUsize);

impl CountingWaker {
    pub(crate) fn new() -> (Arc<Self>, Waker) {
        let this = Arc::new(Self::default());
        let waker = Waker::from(Arc::clone(&this));
        (this, waker)
    }

    pub(crate) fn wakes(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for CountingWaker {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// The waker of the task this is awaited in.
pub(crate) async fn my_waker() -> Waker {
    poll_fn(|cx| Poll::Ready(cx.waker().clone())).await
}

/// Polls once with `waker`.
pub(crate) fn poll_with<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// The message of a panic.
pub(crate) fn message_of(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&'static str>()
        .map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}

/// The message `f` panics with.
#[track_caller]
pub(crate) fn panic_of<R>(f: impl FnOnce() -> R) -> String {
    match panic::catch_unwind(panic::AssertUnwindSafe(f)) {
        Ok(_) => panic!("it should have panicked"),
        Err(payload) => message_of(&*payload),
    }
}

/// How many threads of this process have a name that starts with `prefix` (15 bytes at most).
#[cfg(target_os = "linux")]
pub(crate) fn threads_named(prefix: &str) -> usize {
    assert!(prefix.len() <= 15, "the kernel keeps 15 bytes of a name");
    let threads = std::fs::read_dir("/proc/self/task").expect("a list of threads");
    // A thread may end between the listing and the look.
    let names = threads
        .flatten()
        .filter_map(|it| std::fs::read_to_string(it.path().join("comm")).ok());
    names.filter(|name| name.starts_with(prefix)).count()
}

const CHILD: &str = "SELVEDGE_IT_CHILD";

/// Runs `body` in a process of its own: this test program, told to run only the calling test.
///
/// `test` is the path of the calling test, as the test harness knows it. The child has `env` set.
/// Fails if the child fails, or does not end within [`PATIENCE`].
#[track_caller]
pub(crate) fn in_child_with(test: &str, env: &[(&str, &str)], body: impl FnOnce()) {
    if env::var(CHILD).is_ok_and(|name| name == test) {
        return body();
    }
    let mut command = Command::new(env::current_exe().expect("this program"));
    command
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(CHILD, test);
    command.envs(env.iter().copied());
    command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let mut child = command.spawn().expect("a child process");
    let pid = child.id();
    let (out, err) = (drain(child.stdout.take()), drain(child.stderr.take()));
    let start = Instant::now();
    let status = loop {
        match child.try_wait().expect("the child's status") {
            Some(status) => break Some(status),
            None if start.elapsed() > PATIENCE => break None,
            None => thread::sleep(Duration::from_millis(2)),
        }
    };
    if status.is_none() {
        child.kill().expect("the child can be killed");
        child.wait().expect("the child is gone");
    }
    let output = format!("{}\n{}", out.join().unwrap(), err.join().unwrap());
    let status = status.unwrap_or_else(|| panic!("child {pid} of {test} hangs:\n{output}"));
    assert!(
        status.success(),
        "child of {test} failed with {status}:\n{output}"
    );
    assert!(
        output.contains("1 passed"),
        "there is no test {test}:\n{output}"
    );
}

/// As [`in_child_with`], with the environment as it is.
#[track_caller]
pub(crate) fn in_child(test: &str, body: impl FnOnce()) {
    in_child_with(test, &[], body);
}

fn drain(pipe: Option<impl std::io::Read + Send + 'static>) -> thread::JoinHandle<String> {
    let mut pipe = pipe.expect("the child's output is piped");
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// A directory that goes away with this.
pub(crate) struct TempDir(std::path::PathBuf);

impl TempDir {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("selvedge-it-{}-{number}", std::process::id());
        let path = env::temp_dir().join(name);
        std::fs::create_dir(&path).expect("a directory for the test");
        Self(path)
    }

    pub(crate) fn path(&self) -> &std::path::Path {
        &self.0
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
