//! Models of tasks: real tasks, woken, polled, awaited, aborted and dropped by threads at once.
//!
//! Loom itself checks that nobody touches a future, an outcome or a join-waker slot while another
//! does, also not its free; and that every task is freed. What a future waits for is kept in Relaxed
//! atomics, so that only the task's own word can make it visible. Counts are plain atomics, which
//! are no switching points.
#![allow(
    unsafe_code,
    reason = "the models' schedulers are reached from tasks by pointer"
)]

mod handles;
mod shutdown;
mod wakes;

use std::panic::Location;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize as PlainUsize, Ordering::SeqCst};
use std::sync::{Arc as PlainArc, Mutex as PlainMutex};
use std::task::{Context, Poll, Waker};

use selvedge_sync::primitive::Arc;
use selvedge_sync::primitive::atomic::{AtomicBool, Ordering};

use super::{Header, Id, JoinHandle, Origin, Runnable, Schedule, allocate};

/// Polls a task until it goes idle or ends.
fn run(task: Runnable) {
    let mut next = Some(task);
    while let Some(task) = next {
        next = task.run();
    }
}

/// A scheduler without a queue: the thread that makes a runnable runs it, or, while it holds them,
/// keeps it for the model. No lock orders anything, so the task's word must.
struct OnTheSpot {
    hold: PlainMutex<Hold>,
}

enum Hold {
    No,
    Yes(Vec<Runnable>),
    /// Runnables are refused, as by a scheduler that is gone: who makes one drops it.
    Refuse,
}

impl OnTheSpot {
    fn new() -> PlainArc<Self> {
        PlainArc::new(Self {
            hold: PlainMutex::new(Hold::No),
        })
    }

    fn refuse(&self) {
        *self.hold.lock().unwrap() = Hold::Refuse;
    }

    /// The runnable that `wake` makes, not run.
    fn hold(&self, wake: impl FnOnce()) -> Runnable {
        *self.hold.lock().unwrap() = Hold::Yes(Vec::new());
        wake();
        let held = std::mem::replace(&mut *self.hold.lock().unwrap(), Hold::No);
        match held {
            Hold::Yes(mut held) if held.len() == 1 => held.remove(0),
            _ => panic!("the wake did not make one runnable"),
        }
    }
}

impl Schedule for OnTheSpot {
    unsafe fn schedule(this: *const Self, task: Runnable) {
        {
            // SAFETY: the models keep their scheduler to the end.
            let mut hold = unsafe { &*this }.hold.lock().unwrap();
            match &mut *hold {
                Hold::Yes(held) => return held.push(task),
                Hold::Refuse => {}
                Hold::No => {
                    drop(hold);
                    return run(task);
                }
            }
        }
        drop(task);
    }

    unsafe fn unregister(_: *const Self, _: &Header) {}
}

#[track_caller]
fn new_task<F: Future, S: Schedule>(scheduler: &S, future: F) -> (Runnable, JoinHandle<F::Output>) {
    allocate(
        future,
        scheduler,
        Id::next(),
        Origin::at(Location::caller()),
    )
}

/// What happened to a task's future and output.
#[derive(Default)]
struct Fate {
    futures_dropped: PlainUsize,
    outputs_dropped: PlainUsize,
}

impl Fate {
    fn new() -> PlainArc<Self> {
        PlainArc::default()
    }

    fn assert_dropped(&self, futures: usize, outputs: usize) {
        assert_eq!(
            self.futures_dropped.load(SeqCst),
            futures,
            "futures dropped"
        );
        assert_eq!(
            self.outputs_dropped.load(SeqCst),
            outputs,
            "outputs dropped"
        );
    }
}

/// An output whose drop is counted.
struct Output(PlainArc<Fate>);

impl Drop for Output {
    fn drop(&mut self) {
        self.0.outputs_dropped.fetch_add(1, SeqCst);
    }
}

/// Waits until all flags are set. Its wakers are given out by hand.
struct Gate {
    flags: Vec<AtomicBool>,
    waker: PlainMutex<Option<Waker>>,
}

impl Gate {
    fn new(flags: usize) -> Arc<Self> {
        let flags = (0..flags).map(|_| AtomicBool::new(false)).collect();
        Arc::new(Self {
            flags,
            waker: PlainMutex::new(None),
        })
    }

    fn open(&self, flag: usize) {
        // Ordering: Relaxed; the wake that follows has to make it visible.
        self.flags[flag].store(true, Ordering::Relaxed);
    }

    fn is_open(&self) -> bool {
        // Ordering: Relaxed; see `open`.
        self.flags.iter().all(|flag| flag.load(Ordering::Relaxed))
    }

    /// The waker that the first poll has left here.
    fn take_waker(&self) -> Waker {
        self.waker
            .lock()
            .unwrap()
            .take()
            .expect("the first poll leaves a waker")
    }
}

/// Passes the gate and gives an output.
struct PassGate {
    gate: Arc<Gate>,
    fate: PlainArc<Fate>,
    polled: bool,
}

impl PassGate {
    fn new(gate: &Arc<Gate>, fate: &PlainArc<Fate>) -> Self {
        Self {
            gate: gate.clone(),
            fate: fate.clone(),
            polled: false,
        }
    }
}

impl Future for PassGate {
    type Output = Output;

    /// It is woken: by the thread that opens the gate, with the waker from the first poll.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Output> {
        if !self.polled {
            self.polled = true;
            let waker = cx.waker().clone();
            *self.gate.waker.lock().unwrap() = Some(waker);
        }
        if self.gate.is_open() {
            return Poll::Ready(Output(self.fate.clone()));
        }
        Poll::Pending
    }
}

impl Drop for PassGate {
    fn drop(&mut self) {
        self.fate.futures_dropped.fetch_add(1, SeqCst);
    }
}

/// A task that was polled once and waits for the gate; its handle, and the waker it left.
fn waiting_at(
    gate: &Arc<Gate>,
    fate: &PlainArc<Fate>,
    scheduler: &OnTheSpot,
) -> (JoinHandle<Output>, Waker) {
    let (task, handle) = new_task(scheduler, PassGate::new(gate, fate));
    run(task);
    (handle, gate.take_waker())
}

fn poll_once<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}
