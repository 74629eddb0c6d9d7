//! Aborting tasks, from anywhere, at any moment.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

use selvedge::runtime::Handle;
use selvedge::sync::oneshot;
use selvedge::task::LocalSet;

use crate::support::{
    Drops, Flavor, Gate, OnDrop, both_flavors, current_thread, multi_thread, my_waker, wait_until,
    watched,
};

both_flavors! {
    /// an abort from a plain thread released the task as if on a worker.
    fn r22_a_parked_task_is_aborted_from_a_plain_thread(flavor) {
        let runtime = flavor.build();
        let drops = Drops::new();
        let guard = drops.counted();
        let (parked, is_parked) = oneshot::channel();
        let task = runtime.spawn(async move {
            let _guard = guard;
            parked.send(()).unwrap();
            std::future::pending::<()>().await;
        });
        runtime.block_on(is_parked).unwrap();
        let abort = task.abort_handle();
        thread::spawn(move || abort.abort()).join().unwrap();
        let error = runtime.block_on(task).unwrap_err();
        assert!(error.is_cancelled());
        assert_eq!(drops.count(), 1);
        assert_eq!(runtime.metrics().num_alive_tasks(), 0);
    }

    /// As R-22, with wakes, aborts and the task's own turns at once.
    fn r22_aborts_race_with_wakes(flavor) {
        let runtime = flavor.build();
        let drops = Drops::new();
        for round in 0..200 {
            let guard = drops.counted();
            let (send, receive) = oneshot::channel();
            let task = runtime.spawn(async move {
                let _guard = guard;
                send.send(my_waker().await).unwrap();
                std::future::pending::<()>().await;
            });
            let waker = runtime.block_on(receive).unwrap();
            let abort = task.abort_handle();
            let threads = [
                thread::spawn(move || (0..round % 7).for_each(|_| waker.wake_by_ref())),
                thread::spawn(move || abort.abort()),
            ];
            assert!(runtime.block_on(task).unwrap_err().is_cancelled());
            for it in threads {
                it.join().unwrap();
            }
        }
        assert_eq!(drops.count(), 200);
    }

    fn a_task_aborted_before_its_first_turn_is_never_polled(flavor) {
        let runtime = flavor.build();
        let drops = Drops::new();
        let guard = drops.counted();
        // Both workers are kept busy, so that the task has to wait.
        let gate = Gate::new();
        let _open = gate.open_on_drop();
        if flavor == Flavor::CurrentThread {
            let task = runtime.spawn(async move { let _guard = guard; unreachable!("polled") });
            task.abort();
            assert!(runtime.block_on(task).unwrap_err().is_cancelled());
        } else {
            let blocker = runtime.spawn({
                let gate = gate.clone();
                async move {
                    let task = selvedge::spawn(async move { let _guard = guard; });
                    task.abort();
                    gate.pass();
                    task.await
                }
            });
            gate.open();
            // It may have run elsewhere in the moment before the abort.
            drop(runtime.block_on(blocker).unwrap());
        }
        assert_eq!(drops.count(), 1);
    }

    fn a_task_that_aborts_itself_ends_at_its_next_await(flavor) {
        let runtime = flavor.build();
        let reached = Arc::new(AtomicUsize::new(0));
        let steps = Arc::clone(&reached);
        let error = runtime.block_on(async move {
            let (send, receive) = oneshot::channel::<selvedge::task::AbortHandle>();
            let task = selvedge::spawn(async move {
                receive.await.unwrap().abort();
                steps.fetch_add(1, Ordering::SeqCst);
                selvedge::task::yield_now().await;
                steps.fetch_add(10, Ordering::SeqCst);
            });
            send.send(task.abort_handle()).unwrap();
            task.await.unwrap_err()
        });
        assert!(error.is_cancelled());
        assert_eq!(reached.load(Ordering::SeqCst), 1);
    }

    fn a_task_that_ends_before_it_sees_the_abort_has_its_output(flavor) {
        let runtime = flavor.build();
        let output = runtime.block_on(async {
            let (send, receive) = oneshot::channel::<selvedge::task::AbortHandle>();
            let task = selvedge::spawn(async move {
                receive.await.unwrap().abort();
                42
            });
            send.send(task.abort_handle()).unwrap();
            task.await
        });
        assert_eq!(output.unwrap(), 42);
    }

    fn an_abort_after_the_end_changes_nothing(flavor) {
        flavor.build().block_on(async {
            let mut task = selvedge::spawn(async { 42 });
            let abort = task.abort_handle();
            while !task.is_finished() {
                selvedge::task::yield_now().await;
            }
            abort.abort();
            task.abort();
            assert_eq!((&mut task).await.unwrap(), 42);
            task.abort();
            task.abort_handle().abort();
            abort.clone().abort();
        });
    }

    fn aborted_often_and_by_many_the_future_is_dropped_once(flavor) {
        let runtime = flavor.build();
        let drops = Drops::new();
        let tasks: Vec<_> = (0..100).map(|_| {
            let guard = drops.counted();
            runtime.spawn(async move { let _guard = guard; std::future::pending::<()>().await })
        }).collect();
        let aborts: Vec<_> = tasks.iter().map(|task| task.abort_handle()).collect();
        let threads = [(); 3].map(|()| {
            let aborts = aborts.clone();
            thread::spawn(move || aborts.iter().for_each(|abort| abort.abort()))
        });
        runtime.block_on(async {
            for task in tasks {
                assert!(task.await.unwrap_err().is_cancelled());
            }
        });
        for it in threads {
            it.join().unwrap();
        }
        assert_eq!(drops.count(), 100);
    }

    fn an_aborted_future_is_dropped_inside_its_runtime(flavor) {
        let runtime = flavor.build();
        let (seen, sees) = mpsc::channel();
        let task = runtime.spawn(async move {
            let _guard = OnDrop(move || {
                let id = selvedge::task::try_id();
                seen.send((Handle::try_current().is_ok(), id)).unwrap();
            });
            std::future::pending::<()>().await;
        });
        let id = task.id();
        runtime.block_on(async {
            // Let it begin, so that there is a guard.
            while selvedge::runtime::Handle::current().metrics().worker_poll_count(0) == 0
                && flavor == Flavor::CurrentThread
            {
                selvedge::task::yield_now().await;
            }
        });
        if flavor == Flavor::MultiThread {
            let metrics = runtime.metrics();
            let polls = || (0..2).map(|worker| metrics.worker_poll_count(worker)).sum::<u64>();
            wait_until("the first poll", || polls() > 0);
        }
        task.abort();
        assert!(runtime.block_on(task).unwrap_err().is_cancelled());
        assert_eq!(sees.recv().unwrap(), (true, Some(id)));
    }

    /// a task that nobody can wake any more is still there for the shutdown.
    fn r33_a_task_without_wakers_is_dropped_at_the_shutdown(flavor) {
        let runtime = flavor.build();
        let drops = Drops::new();
        let guard = drops.counted();
        let (parked, is_parked) = oneshot::channel();
        drop(runtime.spawn(async move {
            let _guard = guard;
            parked.send(()).unwrap();
            std::future::pending::<()>().await;
        }));
        runtime.block_on(is_parked).unwrap();
        assert_eq!((drops.count(), runtime.metrics().num_alive_tasks()), (0, 1));
        drop(runtime);
        assert_eq!(drops.count(), 1);
    }
}

/// A future that has to be dropped on the thread that made it.
fn home_bound(dropped_at: &Rc<RefCell<Vec<thread::ThreadId>>>) -> impl Future<Output = ()> + use<> {
    let dropped_at = Rc::clone(dropped_at);
    let guard = OnDrop(move || dropped_at.borrow_mut().push(thread::current().id()));
    async move {
        let _guard = guard;
        std::future::pending::<()>().await;
    }
}

watched! {
    /// a future that is not `Send` was dropped on the thread that aborted it.
    fn r21_abort_drops_a_local_future_at_home() {
        let dropped_at = Rc::new(RefCell::new(Vec::new()));
        let runtime = multi_thread();
        let set = LocalSet::new();
        let polled = set.spawn_local(home_bound(&dropped_at));
        let fresh = set.spawn_local(home_bound(&dropped_at));
        set.block_on(&runtime, async { selvedge::task::yield_now().await });
        for abort in [polled.abort_handle(), fresh.abort_handle()] {
            thread::spawn(move || abort.abort()).join().unwrap();
        }
        assert!(dropped_at.borrow().is_empty());
        set.block_on(&runtime, async {
            assert!(polled.await.unwrap_err().is_cancelled());
            assert!(fresh.await.unwrap_err().is_cancelled());
        });
        assert_eq!(*dropped_at.borrow(), [thread::current().id(); 2]);
    }

    /// R-21, on a local runtime, and while the home thread is busy with others.
    fn r21_abort_drops_the_future_of_a_local_runtime_at_home() {
        let dropped_at = Rc::new(RefCell::new(Vec::new()));
        let runtime = selvedge::runtime::LocalRuntime::new().unwrap();
        for _ in 0..50 {
            let task = runtime.spawn_local(home_bound(&dropped_at));
            let abort = task.abort_handle();
            let aborter = thread::spawn(move || abort.abort());
            assert!(runtime.block_on(task).unwrap_err().is_cancelled());
            aborter.join().unwrap();
        }
        assert_eq!(*dropped_at.borrow(), [thread::current().id(); 50]);
    }

    fn an_abort_whose_set_is_gone_does_nothing() {
        let dropped_at = Rc::new(RefCell::new(Vec::new()));
        let set = LocalSet::new();
        let task = set.spawn_local(home_bound(&dropped_at));
        drop(set);
        assert_eq!(dropped_at.borrow().len(), 1);
        let abort = task.abort_handle();
        thread::spawn(move || abort.abort()).join().unwrap();
        assert!(current_thread().block_on(task).unwrap_err().is_cancelled());
    }

    fn a_queued_blocking_task_can_be_aborted_and_a_running_one_cannot() {
        let gate = Gate::new();
        let _open = gate.open_on_drop();
        let mut builder = Flavor::CurrentThread.builder();
        let runtime = builder.max_blocking_threads(1).build().unwrap();
        let drops = Drops::new();
        let (guard, waits) = (drops.counted(), gate.clone());
        let (begun, has_begun) = mpsc::channel();
        let running = runtime.spawn_blocking(move || {
            begun.send(()).unwrap();
            waits.pass();
            42
        });
        let queued = runtime.spawn_blocking(move || drop(guard));
        has_begun.recv().unwrap();
        running.abort();
        queued.abort();
        gate.open();
        runtime.block_on(async {
            assert_eq!(running.await.unwrap(), 42);
            assert!(queued.await.unwrap_err().is_cancelled());
        });
        assert_eq!(drops.count(), 1);
    }
}
