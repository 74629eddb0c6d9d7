//! Reactors for tests: one driven by the thread that waits, one driven by a thread of its own.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use super::{Reactor, ReactorPoll};

/// Nothing in a test takes this long: whoever waits longer waits for ever.
const HANGS_AFTER: Duration = Duration::from_secs(30);

/// A waker that remembers.
#[derive(Default)]
pub(crate) struct Flag(AtomicBool);

impl Flag {
    pub(crate) fn new() -> (Arc<Self>, Waker) {
        let flag = Arc::new(Self::default());
        let waker = Waker::from(Arc::clone(&flag));
        (flag, waker)
    }

    /// True if it was woken since the last call.
    pub(crate) fn take(&self) -> bool {
        self.0.swap(false, Ordering::AcqRel)
    }
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

/// A reactor that turns only when a test says so, or waits.
pub(crate) struct Hand {
    pub(crate) reactor: Arc<Reactor>,
    poll: ReactorPoll,
}

impl Hand {
    pub(crate) fn new() -> Self {
        let (reactor, poll) = Reactor::new(64, 64).unwrap();
        Self { reactor, poll }
    }

    /// Waits for at least one source to get readiness.
    pub(crate) fn turn_to_event(&mut self) -> usize {
        let count = self.poll.turn(&self.reactor, Some(HANGS_AFTER)).unwrap();
        assert_ne!(count, 0, "no event ever came");
        count
    }

    /// Handles what is there already.
    pub(crate) fn turn_now(&mut self) -> usize {
        self.poll.turn(&self.reactor, Some(Duration::ZERO)).unwrap()
    }

    /// One turn with the given timeout, whatever comes.
    pub(crate) fn turn(&mut self, timeout: Option<Duration>) -> usize {
        self.poll.turn(&self.reactor, timeout).unwrap()
    }

    /// Runs a future; turns whenever it waits, and only then.
    pub(crate) fn block_on<F: Future>(&mut self, future: F) -> F::Output {
        let mut future = pin!(future);
        let (flag, waker) = Flag::new();
        let mut cx = Context::from_waker(&waker);
        let _entered = crate::context::enter_reactor(Arc::clone(&self.reactor));
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
                return output;
            }
            while !flag.take() {
                self.turn_to_event();
            }
        }
    }
}

/// A reactor with a thread that turns it until this is dropped.
pub(crate) struct Driven {
    pub(crate) reactor: Arc<Reactor>,
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Driven {
    pub(crate) fn new() -> Self {
        let (reactor, mut poll) = Reactor::new(64, 64).unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let thread = {
            let (reactor, stop) = (Arc::clone(&reactor), Arc::clone(&stop));
            thread::spawn(move || {
                while !stop.load(Ordering::Acquire) {
                    poll.turn(&reactor, None).unwrap();
                }
            })
        };
        Self {
            reactor,
            stop,
            thread: Some(thread),
        }
    }

    /// Runs a future on this thread.
    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        struct Notify(mpsc::SyncSender<()>);
        impl Wake for Notify {
            fn wake(self: Arc<Self>) {
                // A full channel has a wake-up already.
                let _ = self.0.try_send(());
            }
        }
        let mut future = pin!(future);
        let (sender, wakes) = mpsc::sync_channel(1);
        let waker = Waker::from(Arc::new(Notify(sender)));
        let mut cx = Context::from_waker(&waker);
        let _entered = crate::context::enter_reactor(Arc::clone(&self.reactor));
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
                return output;
            }
            wakes.recv_timeout(HANGS_AFTER).expect("a wake-up was lost");
        }
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        self.reactor.unpark();
        let result = self.thread.take().map(thread::JoinHandle::join);
        if !thread::panicking() {
            result.unwrap().unwrap();
        }
    }
}
