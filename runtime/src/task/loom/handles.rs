//! Handles against the end of the task: who takes the output, who drops it, who is woken.

use std::panic;

use ::loom::future::block_on;

use super::*;
use crate::task::JoinError;
use selvedge_sync::model_check::{THREE, UNBOUNDED, check, spawn, start};

/// Yields so many times, then ends as told.
struct Yields<T> {
    left: u32,
    end: fn(PlainArc<Fate>) -> T,
    fate: PlainArc<Fate>,
}

impl<T> Yields<T> {
    fn new(left: u32, fate: &PlainArc<Fate>, end: fn(PlainArc<Fate>) -> T) -> Self {
        Self {
            left,
            end,
            fate: fate.clone(),
        }
    }
}

impl<T> Future for Yields<T> {
    type Output = T;

    /// It is woken: by itself.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        if self.left == 0 {
            return Poll::Ready((self.end)(self.fate.clone()));
        }
        self.left -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<T> Drop for Yields<T> {
    fn drop(&mut self) {
        self.fate.futures_dropped.fetch_add(1, SeqCst);
    }
}

/// Somebody who has polled a handle, and is to be woken once when the task is over. What happens when
/// that poll itself races with the end is in L-20 and L-24.
struct Joiner<T> {
    handle: JoinHandle<T>,
    wakes: PlainArc<Wakes>,
}

#[derive(Default)]
struct Wakes(PlainUsize);

impl std::task::Wake for Wakes {
    fn wake(self: PlainArc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

impl<T> Joiner<T> {
    fn wait(mut handle: JoinHandle<T>) -> Self {
        let wakes = PlainArc::<Wakes>::default();
        assert!(poll_once(&mut handle, &Waker::from(wakes.clone())).is_pending());
        Self { handle, wakes }
    }

    fn outcome(mut self) -> Result<T, JoinError> {
        assert_eq!(self.wakes.0.load(SeqCst), 1, "the joiner is woken once");
        match poll_once(&mut self.handle, Waker::noop()) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => panic!("woken before the end"),
        }
    }
}

/// L-20. The joiner polls while the task completes: it is woken, and the output arrives (I3, I4).
///
/// Unbounded: 57 584 executions.
#[test]
fn l20_join_against_complete() {
    check("L-20", UNBOUNDED, || {
        let (fate, scheduler) = (Fate::new(), OnTheSpot::new());
        let (task, handle) = new_task(&*scheduler, Yields::new(0, &fate, Output));
        let runner = spawn(move || run(task));
        start();
        let output = block_on(handle).unwrap();
        fate.assert_dropped(1, 0);
        drop(output);
        runner.join().unwrap();
        fate.assert_dropped(1, 1);
    });
}

/// L-21. The handle is dropped while the task completes: the output is dropped once (I3), and so is
/// the join waker that the handle had left (I4).
///
/// Unbounded: 75 and 706 executions.
#[test]
fn l21_detach_against_complete() {
    for registered in [false, true] {
        check(
            &format!("L-21 registered={registered}"),
            UNBOUNDED,
            move || {
                let (fate, scheduler) = (Fate::new(), OnTheSpot::new());
                let (task, mut handle) = new_task(&*scheduler, Yields::new(0, &fate, Output));
                // Kept by the slot if it is registered; loom sees to it that it is given back.
                let joiner = Arc::new(NoWake);
                if registered {
                    let waker = no_wake(&joiner);
                    assert!(poll_once(&mut handle, &waker).is_pending());
                }
                let runner = spawn(move || run(task));
                start();
                drop(handle);
                runner.join().unwrap();
                fate.assert_dropped(1, 1);
            },
        );
    }
}

struct NoWake;

/// A foreign waker that keeps a count of the model's.
fn no_wake(joiner: &Arc<NoWake>) -> Waker {
    struct Keeps(#[allow(dead_code, reason = "kept for its count")] Arc<NoWake>);
    impl std::task::Wake for Keeps {
        fn wake(self: PlainArc<Self>) {}
    }
    Waker::from(PlainArc::new(Keeps(joiner.clone())))
}

/// L-22. An abort races with polls and the end, while somebody waits for the task: he is woken and
/// learns of one of the two ends, the future is dropped once, and no output gets lost.
///
/// Unbounded: 1 262 executions.
#[test]
fn l22_abort_against_poll_against_complete() {
    check("L-22", UNBOUNDED, || {
        let (fate, scheduler) = (Fate::new(), OnTheSpot::new());
        let (task, handle) = new_task(&*scheduler, Yields::new(1, &fate, Output));
        let joiner = Joiner::wait(handle);
        let abort = joiner.handle.abort_handle();
        let runner = spawn(move || run(task));
        start();
        abort.abort();
        runner.join().unwrap();
        let ended = joiner
            .outcome()
            .map_err(|error| assert!(error.is_cancelled()))
            .is_ok();
        fate.assert_dropped(1, usize::from(ended));
    });
}

/// L-22, variant: the abort finds the task idle, being woken, being polled or complete.
///
/// Bound 3: 43 415 executions.
#[test]
fn l22_abort_against_wake() {
    check("L-22 wake", THREE, || {
        let (gate, fate, scheduler) = (Gate::new(1), Fate::new(), OnTheSpot::new());
        let (handle, waker) = waiting_at(&gate, &fate, &scheduler);
        let joiner = Joiner::wait(handle);
        let abort = joiner.handle.abort_handle();
        let aborter = spawn(move || abort.abort());
        let other = waker.clone();
        let wakes = spawn(move || other.wake());
        start();
        gate.open(0);
        waker.wake();
        aborter.join().unwrap();
        wakes.join().unwrap();
        let ended = joiner
            .outcome()
            .map_err(|error| assert!(error.is_cancelled()))
            .is_ok();
        fate.assert_dropped(1, usize::from(ended));
    });
}

/// L-23. Two aborts at once while the task is awaited: it is cancelled, once.
///
/// Bound 3: 652 executions.
#[test]
fn l23_two_aborts_against_join() {
    check("L-23", THREE, || {
        let (gate, fate, scheduler) = (Gate::new(1), Fate::new(), OnTheSpot::new());
        let (handle, waker) = waiting_at(&gate, &fate, &scheduler);
        drop(waker);
        let joiner = Joiner::wait(handle);
        let aborters = [joiner.handle.abort_handle(), joiner.handle.abort_handle()]
            .map(|abort| spawn(move || abort.abort()));
        aborters
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
        assert!(joiner.outcome().is_err_and(|error| error.is_cancelled()));
        fate.assert_dropped(1, 0);
    });
}

/// L-24. The joiner changes its waker while the task completes: the new one is woken, or the joiner
/// sees the end by itself; the slot never has two owners (I4).
///
/// Bound 4: 8 069 executions.
#[test]
fn l24_another_join_waker_against_complete() {
    check("L-24", Some(4), || {
        let (fate, scheduler) = (Fate::new(), OnTheSpot::new());
        let (task, mut handle) = new_task(&*scheduler, Yields::new(0, &fate, Output));
        assert!(poll_once(&mut handle, Waker::noop()).is_pending());
        let runner = spawn(move || run(task));
        start();
        drop(block_on(handle).unwrap());
        runner.join().unwrap();
        fate.assert_dropped(1, 1);
    });
}

/// L-26. The future panics when it is woken, and is woken once more meanwhile: the joiner gets the
/// panic, nobody polls again, nothing leaks.
///
/// Bound 3: 396 executions.
#[test]
fn l26_panic_against_wake_against_join() {
    check("L-26", THREE, || {
        let (fate, scheduler) = (Fate::new(), OnTheSpot::new());
        let waker_slot = PlainArc::new(PlainMutex::new(None));
        let left = waker_slot.clone();
        let dropped = fate.clone();
        let future = async move {
            let _dropped = Output(dropped);
            let mut first = true;
            std::future::poll_fn(|cx: &mut Context<'_>| {
                if std::mem::take(&mut first) {
                    let waker = cx.waker().clone();
                    *left.lock().unwrap() = Some(waker);
                    return Poll::Pending;
                }
                // No hook: see `model`.
                panic::resume_unwind(Box::new("wanted"));
            })
            .await
        };
        let (task, handle): (_, JoinHandle<()>) = new_task(&*scheduler, future);
        run(task);
        let waker: Waker = waker_slot
            .lock()
            .unwrap()
            .take()
            .expect("left by the first poll");
        let joiner = Joiner::wait(handle);
        let threads = [waker.clone(), waker].map(|waker| spawn(move || waker.wake()));
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
        assert!(joiner.outcome().is_err_and(|error| error.is_panic()));
        fate.assert_dropped(0, 1);
    });
}

/// A future that notes whether it was polled.
struct NotePoll {
    polled: PlainArc<PlainUsize>,
    _dropped: Output,
}

impl Future for NotePoll {
    type Output = ();

    /// It is ready at once.
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        self.polled.fetch_add(1, SeqCst);
        Poll::Ready(())
    }
}

/// L-36. A handle is asked to cancel a task that has not begun, an abort comes as well, and a thread runs it:
/// it was not polled if the handle says so, and was if the handle says no (I5).
///
/// Bound 3: 4 350 executions.
#[test]
fn l36_forestall_against_abort_against_first_poll() {
    check("L-36", THREE, || {
        let (fate, scheduler) = (Fate::new(), OnTheSpot::new());
        let polled = PlainArc::new(PlainUsize::new(0));
        let future = NotePoll {
            polled: polled.clone(),
            _dropped: Output(fate.clone()),
        };
        let (task, handle) = new_task(&*scheduler, future);
        let runner = spawn(move || run(task));
        let abort = handle.abort_handle();
        let aborter = spawn(move || abort.abort());
        start();
        let never = handle.cancel();
        runner.join().unwrap();
        aborter.join().unwrap();
        assert_eq!(polled.load(SeqCst), usize::from(!never));
        let joined = block_on(handle);
        assert_eq!(joined.is_err_and(|error| error.is_cancelled()), never);
        fate.assert_dropped(0, 1);
    });
}

/// L-37. A callback is left with a task that ends: it is called once, by one of the two sides, with the
/// output; nothing of the task or the callback remains.
///
/// Unbounded: 5 018 and 35 837 executions.
#[test]
fn l37_on_done_against_complete() {
    for registered in [false, true] {
        check(
            &format!("L-37 registered={registered}"),
            UNBOUNDED,
            move || {
                let (fate, scheduler) = (Fate::new(), OnTheSpot::new());
                let (task, mut handle) = new_task(&*scheduler, Yields::new(0, &fate, Output));
                if registered {
                    assert!(poll_once(&mut handle, Waker::noop()).is_pending());
                }
                let called = PlainArc::new(PlainUsize::new(0));
                let count = called.clone();
                // Loom sees to it that the callback is dropped.
                let kept = Arc::new(NoWake);
                let runner = spawn(move || run(task));
                start();
                handle.on_done(move |output| {
                    let _kept = kept;
                    count.fetch_add(1, SeqCst);
                    assert!(output.is_ok());
                });
                runner.join().unwrap();
                assert_eq!(called.load(SeqCst), 1);
                fate.assert_dropped(1, 1);
            },
        );
    }
}
