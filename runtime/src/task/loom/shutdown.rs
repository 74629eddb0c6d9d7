//! Tasks with a registry and a home: spawns against the close, aborts from abroad.
#![allow(
    unsafe_code,
    reason = "the models' schedulers are reached from tasks by pointer"
)]

use std::collections::VecDeque;

use selvedge_sync::primitive::{Condvar, Mutex, thread};

use super::*;
use crate::task::Registry;
use selvedge_sync::model_check::{THREE, UNBOUNDED, check, spawn, start};

/// A scheduler with one queue and a registry, as the real one in small.
struct Queued {
    registry: Registry,
    queue: Mutex<VecDeque<Runnable>>,
    pushed: Condvar,
}

impl Queued {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            registry: Registry::new(1),
            queue: Mutex::new(VecDeque::new()),
            pushed: Condvar::new(),
        })
    }

    fn push(&self, task: Runnable) {
        self.queue.lock().push_back(task);
        self.pushed.notify_one();
    }

    /// As `Scheduler::spawn`.
    fn spawn<F: Future>(&self, future: F) -> JoinHandle<F::Output> {
        let (task, handle) = new_task(self, future);
        if self.registry.insert(0, &task) {
            self.push(task)
        } else {
            drop(task)
        }
        handle
    }

    fn close(&self) {
        for task in self.registry.close() {
            self.push(task);
        }
    }

    fn run_queued(&self) {
        loop {
            let task = self.queue.lock().pop_front();
            let Some(task) = task else { return };
            if let Some(again) = task.run() {
                self.push(again);
            }
        }
    }

    /// Runs tasks until none is registered. A lost runnable makes this a deadlock.
    fn run_all(&self) {
        while !self.registry.is_empty() {
            let mut queue = self.queue.lock();
            while queue.is_empty() {
                queue = self.pushed.wait(queue);
            }
            drop(queue);
            self.run_queued();
        }
    }
}

impl Schedule for Queued {
    unsafe fn schedule(this: *const Self, task: Runnable) {
        // SAFETY: the models keep their scheduler to the end.
        unsafe { &*this }.push(task);
    }

    unsafe fn unregister(this: *const Self, task: &Header) {
        // SAFETY: as above.
        unsafe { &*this }.registry.remove(task);
    }
}

/// L-25, variant: the last waker goes on a foreign thread while the registry, the only other one to
/// know the idle task, closes and cancels it.
///
/// Unbounded: 221 executions.
#[test]
fn l25_last_waker_against_close() {
    check("L-25 close", UNBOUNDED, || {
        let (gate, fate, scheduler) = (Gate::new(1), Fate::new(), Queued::new());
        drop(scheduler.spawn(PassGate::new(&gate, &fate)));
        scheduler.run_queued();
        let waker = gate.take_waker();
        let drops = spawn(move || drop(waker));
        start();
        scheduler.close();
        scheduler.run_all();
        drops.join().unwrap();
        fate.assert_dropped(1, 0);
    });
}

/// L-27. Two spawns race with the close: each task is refused, or found and cancelled, or runs; each
/// future is dropped once, and the registry ends empty.
///
/// Unbounded: 97 executions.
#[test]
fn l27_spawn_against_close() {
    check("L-27", UNBOUNDED, || {
        let (gate, fate, scheduler) = (Gate::new(1), Fate::new(), Queued::new());
        let spawner = {
            let (gate, fate, scheduler) = (gate.clone(), fate.clone(), scheduler.clone());
            spawn(move || {
                drop(scheduler.spawn(PassGate::new(&gate, &fate)));
                drop(scheduler.spawn(PassGate::new(&gate, &fate)));
            })
        };
        start();
        scheduler.close();
        spawner.join().unwrap();
        scheduler.run_all();
        drop(gate.waker.lock().unwrap().take());
        fate.assert_dropped(2, 0);
    });
}

/// L-27, variant: an abort, a wake and the close all want to run the same idle task.
///
/// Bound 3: 10 498 executions.
#[test]
fn l27_close_against_abort_against_wake() {
    check("L-27 abort", THREE, || {
        let (gate, fate, scheduler) = (Gate::new(1), Fate::new(), Queued::new());
        let handle = scheduler.spawn(PassGate::new(&gate, &fate));
        scheduler.run_queued();
        let waker = gate.take_waker();
        let aborter = spawn(move || handle.abort());
        let wakes = spawn(move || waker.wake());
        start();
        scheduler.close();
        scheduler.run_all();
        aborter.join().unwrap();
        wakes.join().unwrap();
        fate.assert_dropped(1, 0);
    });
}

/// Never ready, and may be polled and dropped at home only.
struct StaysHome {
    home: thread::ThreadId,
    fate: PlainArc<Fate>,
}

impl Future for StaysHome {
    type Output = ();

    /// It is not woken: somebody aborts the task.
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        assert_eq!(thread::current().id(), self.home, "polled abroad");
        Poll::Pending
    }
}

impl Drop for StaysHome {
    fn drop(&mut self) {
        assert_eq!(thread::current().id(), self.home, "dropped abroad");
        self.fate.futures_dropped.fetch_add(1, SeqCst);
    }
}

/// L-28. A task of another thread's queue is aborted, and its handle dropped, from abroad, while its
/// home polls it: it is dropped at home.
///
/// Unbounded: 1 661 executions.
#[test]
fn l28_abort_from_abroad() {
    check("L-28", UNBOUNDED, || {
        let (fate, scheduler) = (Fate::new(), Queued::new());
        let home = thread::current().id();
        let handle = scheduler.spawn(StaysHome {
            home,
            fate: fate.clone(),
        });
        let abroad = spawn(move || {
            handle.abort();
            drop(handle);
        });
        start();
        scheduler.run_all();
        abroad.join().unwrap();
        fate.assert_dropped(1, 0);
    });
}
