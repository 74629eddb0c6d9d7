//! Join handles: outputs, panics, and who gets to see them.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;

use selvedge::runtime::Runtime;
use selvedge::sync::oneshot;

use crate::support::{
    CountingWaker, Drops, OnDrop, both_flavors, current_thread, message_of, multi_thread, my_waker,
    panic_of, poll_with, wait_until, watched,
};

/// Something whose drop panics.
#[derive(Debug)]
struct PanicsInDrop;

impl Drop for PanicsInDrop {
    fn drop(&mut self) {
        if !thread::panicking() {
            panic!("dropped the output");
        }
    }
}

/// Runs two tasks after whatever went wrong: the runtime still works.
#[track_caller]
fn still_works(runtime: &Runtime) {
    let sum = runtime.block_on(async {
        let first = selvedge::spawn(async { 1 });
        selvedge::spawn(async { 41 }).await.unwrap() + first.await.unwrap()
    });
    assert_eq!(sum, 42);
}

both_flavors! {
    /// a panic came out on whichever thread happened to run the executor.
    fn r41_a_panic_reaches_the_joiner_and_nobody_else(flavor) {
        let runtime = flavor.build();
        let error = runtime.block_on(async {
            let other = selvedge::spawn(async {
                selvedge::task::yield_now().await;
                42
            });
            let task = selvedge::spawn(async { panic!("dropped stitch {}", 7) });
            let error = task.await.unwrap_err();
            assert_eq!(other.await.unwrap(), 42);
            error
        });
        assert!(error.is_panic() && !error.is_cancelled());
        assert!(error.to_string().contains("dropped stitch 7"), "{error}");
        assert!(format!("{error:?}").contains("dropped stitch 7"), "{error:?}");
        let payload = error.into_panic();
        assert_eq!(message_of(&*payload), "dropped stitch 7");
        still_works(&runtime);
    }

    /// R-41, the other orders: nobody joins, the join comes first, the abort comes after.
    fn r41_a_panic_in_every_order_of_join_and_abort(flavor) {
        let runtime = flavor.build();
        runtime.block_on(async {
            drop(selvedge::spawn(async { panic!("nobody joins") }));

            let (go, wait) = oneshot::channel::<()>();
            let task = selvedge::spawn(async { wait.await.unwrap_err(); panic!("late") });
            let joiner = selvedge::spawn(task);
            selvedge::task::yield_now().await;
            drop(go);
            assert!(joiner.await.unwrap().unwrap_err().is_panic());

            let task = selvedge::spawn(async { panic!("before the abort") });
            while !task.is_finished() {
                selvedge::task::yield_now().await;
            }
            task.abort();
            assert!(task.await.unwrap_err().is_panic());
        });
        still_works(&runtime);
    }

    fn a_panic_payload_of_any_type_arrives_whole(flavor) {
        flavor.build().block_on(async {
            let task = selvedge::spawn(async { panic::panic_any(vec![1, 2, 3]) });
            let error = task.await.unwrap_err();
            assert!(error.to_string().contains("panicked"), "{error}");
            let payload = error.try_into_panic().unwrap();
            assert_eq!(*payload.downcast::<Vec<i32>>().unwrap(), [1, 2, 3]);
        });
    }

    /// the output's drop panicked while the handle was dropped: a double panic, an abort.
    fn r23_an_output_that_panics_when_dropped_harms_nobody(flavor) {
        let runtime = flavor.build();
        runtime.block_on(async {
            // The handle goes first, so the finisher drops the output.
            drop(selvedge::spawn(async { PanicsInDrop }));
            for _ in 0..10 {
                selvedge::task::yield_now().await;
            }
            // The task ends first, so the handle drops it.
            let task = selvedge::spawn(async { PanicsInDrop });
            while !task.is_finished() {
                selvedge::task::yield_now().await;
            }
            drop(task);
            // The handle is dropped by a panic.
            let task = selvedge::spawn(async { PanicsInDrop });
            while !task.is_finished() {
                selvedge::task::yield_now().await;
            }
            let unwinding = selvedge::spawn(async move {
                let _task = task;
                panic!("unwinds through the handle");
            });
            assert!(unwinding.await.unwrap_err().is_panic());
        });
        still_works(&runtime);
    }

    fn a_future_that_panics_when_dropped_is_a_panic_for_the_joiner(flavor) {
        let runtime = flavor.build();
        runtime.block_on(async {
            let aborted = selvedge::spawn(async {
                let _bomb = PanicsInDrop;
                std::future::pending::<()>().await;
            });
            selvedge::task::yield_now().await;
            aborted.abort();
            let error = aborted.await.unwrap_err();
            // If it was aborted before its first poll, there was no bomb yet.
            assert!(error.is_panic() || flavor == crate::support::Flavor::MultiThread, "{error}");
        });
        still_works(&runtime);
    }

    /// a reference was given back by waking a waker but not by dropping it.
    fn r37_wakers_dropped_without_waking_leak_no_task(flavor) {
        let runtime = flavor.build();
        let drops = Drops::new();
        runtime.block_on(async {
            for _ in 0..100 {
                let guard = drops.counted();
                selvedge::spawn(async move {
                    let _guard = guard;
                    for _ in 0..20 {
                        drop(my_waker().await);
                    }
                    let kept = my_waker().await;
                    kept.wake_by_ref();
                    drop(kept.clone());
                    selvedge::task::yield_now().await;
                }).await.unwrap();
            }
        });
        assert_eq!(drops.count(), 100);
        assert_eq!(runtime.metrics().num_alive_tasks(), 0);
    }

    /// `will_wake` was false for two wakers of one task.
    fn r27_all_wakers_of_a_task_know_each_other(flavor) {
        flavor.build().block_on(async {
            selvedge::spawn(async {
                let first = my_waker().await;
                selvedge::task::yield_now().await;
                let second = my_waker().await;
                assert!(first.will_wake(&second) && second.will_wake(&first));
                assert!(first.clone().will_wake(&second));
                std::future::poll_fn(|cx| {
                    assert!(cx.waker().will_wake(&first) && first.will_wake(cx.waker()));
                    Poll::Ready(())
                }).await;
            }).await.unwrap();
        });
    }

    fn the_output_waits_for_a_joiner_that_was_cancelled(flavor) {
        flavor.build().block_on(async {
            let (go, wait) = oneshot::channel();
            let mut task = selvedge::spawn(async { wait.await.unwrap() });
            // A join that is dropped while it waits takes nothing with it.
            let (_, waker) = CountingWaker::new();
            assert!(poll_with(&mut &mut task, &waker).is_pending());
            go.send(42).unwrap();
            assert_eq!((&mut task).await.unwrap(), 42);
        });
    }

    fn a_handle_says_when_its_task_is_over(flavor) {
        flavor.build().block_on(async {
            let (go, wait) = oneshot::channel::<()>();
            let mut task = selvedge::spawn(async { wait.await.unwrap_err(); });
            let abort = task.abort_handle();
            assert!(!task.is_finished() && !abort.is_finished());
            drop(go);
            (&mut task).await.unwrap();
            assert!(task.is_finished() && abort.is_finished());
        });
    }

    fn ids_are_those_the_task_sees_and_differ(flavor) {
        flavor.build().block_on(async {
            assert!(selvedge::task::try_id().is_none(), "the main future is no task");
            let tasks: Vec<_> = (0..1_000).map(|_| {
                selvedge::spawn(async { selvedge::task::id() })
            }).collect();
            let mut ids = Vec::new();
            for task in tasks {
                let id = task.id();
                assert_eq!(task.abort_handle().id(), id);
                assert_eq!(task.await.unwrap(), id);
                ids.push(id);
            }
            ids.sort();
            ids.dedup();
            assert_eq!(ids.len(), 1_000);
            let error = selvedge::spawn(async { panic!("{}", selvedge::task::id()) }).await;
            let error = error.unwrap_err();
            assert!(error.to_string().contains(&format!("task {} ", error.id())), "{error}");
        });
    }

    /// P7: the joiner's waker is foreign code; it may panic, and it may drop the last handle.
    fn a_join_waker_that_panics_harms_nobody(flavor) {
        struct Panics;
        impl std::task::Wake for Panics {
            fn wake(self: Arc<Self>) {
                panic!("woken");
            }
        }
        let runtime = flavor.build();
        runtime.block_on(async {
            let (go, wait) = oneshot::channel::<()>();
            let mut task = selvedge::spawn(async { wait.await.unwrap_err(); 42 });
            assert!(poll_with(&mut task, &Waker::from(Arc::new(Panics))).is_pending());
            drop(go);
            while !task.is_finished() {
                selvedge::task::yield_now().await;
            }
            assert_eq!(task.await.unwrap(), 42);
        });
        still_works(&runtime);
    }

    fn a_join_waker_is_replaced_by_the_latest(flavor) {
        flavor.build().block_on(async {
            let (go, wait) = oneshot::channel::<()>();
            let mut task = selvedge::spawn(async { wait.await.unwrap_err(); });
            let (first, first_waker) = CountingWaker::new();
            let (second, second_waker) = CountingWaker::new();
            assert!(poll_with(&mut task, &first_waker).is_pending());
            assert!(poll_with(&mut task, &second_waker).is_pending());
            assert_eq!(Arc::strong_count(&first), 2, "the former waker is not kept");
            drop(go);
            crate::support::wait_until_async("the wake", || second.wakes() == 1).await;
            assert_eq!(first.wakes(), 0);
            assert!(poll_with(&mut task, &second_waker).is_ready());
        });
    }

    /// P9: a finished task's future is gone although a waker of it lives on.
    fn a_waker_kept_for_long_keeps_neither_future_nor_output(flavor) {
        let drops = Drops::new();
        let (in_future, in_output) = (drops.counted(), drops.counted());
        let runtime = flavor.build();
        let waker = runtime.block_on(async {
            let (send, receive) = oneshot::channel();
            let task = selvedge::spawn(async move {
                let _in_future = in_future;
                send.send(my_waker().await).unwrap();
                in_output
            });
            drop(task.await.unwrap());
            receive.await.unwrap()
        });
        assert_eq!(drops.count(), 2);
        waker.wake_by_ref();
        drop(runtime);
        // the runtime is gone as well.
        waker.wake_by_ref();
        waker.wake();
    }
}

watched! {
    fn a_handle_can_be_awaited_on_any_thread() {
        let runtime = multi_thread();
        let task = runtime.spawn(async { 42 });
        assert_eq!(current_thread().block_on(task).unwrap(), 42);
    }

    fn a_handle_polled_after_its_output_panics() {
        let message = panic_of(|| current_thread().block_on(async {
            let mut task = selvedge::spawn(async {});
            (&mut task).await.unwrap();
            let _ = task.await;
        }));
        assert!(message.contains("polled after"), "{message}");
    }

    fn a_cancelled_error_has_no_panic_to_give() {
        let error = current_thread().block_on(async {
            let task = selvedge::spawn(std::future::pending::<()>());
            task.abort();
            task.await.unwrap_err()
        });
        assert!(error.to_string().contains("cancelled"), "{error}");
        let error = error.try_into_panic().unwrap_err();
        let message = panic_of(AssertUnwindSafe(|| error.into_panic()));
        assert!(message.contains("is_panic()"), "{message}");
    }

    /// handles and wakers in any order, on other threads, while the runtime goes.
    fn r25_handles_dropped_by_other_threads_while_the_tasks_complete() {
        let runtime = multi_thread();
        let drops = Drops::new();
        for _ in 0..2_000 {
            let guard = drops.counted();
            let task = runtime.spawn(async move { guard });
            let abort = task.abort_handle();
            let other = thread_pool_drop(abort);
            drop(task);
            other();
        }
        wait_until("all outputs are dropped", || drops.count() == 2_000);
    }

    fn a_drop_in_the_output_may_use_the_runtime() {
        let runtime = multi_thread();
        let (send, receive) = std::sync::mpsc::channel();
        // The output is the task's to drop only if nobody can take it any more when it is there.
        let (detached, is_detached) = selvedge::sync::oneshot::channel::<()>();
        drop(runtime.spawn(async move {
            is_detached.await.unwrap();
            OnDrop(move || {
                let send = send.clone();
                selvedge::spawn(async move { send.send(selvedge::task::id()).unwrap() });
            })
        }));
        detached.send(()).unwrap();
        receive.recv().unwrap();
    }

    fn a_handle_polled_by_hand_wakes_its_waker_once() {
        let runtime = multi_thread();
        let (go, wait) = oneshot::channel::<()>();
        let mut task = runtime.spawn(async { wait.await.unwrap_err(); 42 });
        let (wakes, waker) = CountingWaker::new();
        assert!(poll_with(&mut task, &waker).is_pending());
        assert!(poll_with(&mut task, &waker).is_pending());
        drop(go);
        wait_until("the wake", || wakes.wakes() > 0);
        let mut cx = Context::from_waker(&waker);
        let Poll::Ready(output) = std::pin::Pin::new(&mut task).poll(&mut cx) else {
            panic!("woken, but not ready");
        };
        assert_eq!((output.unwrap(), wakes.wakes()), (42, 1));
    }
}

/// Drops `value` on another thread; the result waits for that.
fn thread_pool_drop<T: Send + 'static>(value: T) -> impl FnOnce() {
    thread_local! {
        static DROPPER: (
            std::sync::mpsc::Sender<Box<dyn Send>>,
            std::sync::mpsc::Receiver<()>,
        ) = {
            let (send, receive) = std::sync::mpsc::channel();
            let (done, is_done) = std::sync::mpsc::channel();
            thread::spawn(move || {
                for value in receive {
                    drop(value);
                    if done.send(()).is_err() {
                        return;
                    }
                }
            });
            (send, is_done)
        };
    }
    DROPPER.with(|(send, _)| send.send(Box::new(value)).unwrap());
    || DROPPER.with(|(_, is_done)| is_done.recv().unwrap())
}
