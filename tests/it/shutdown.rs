//! Shutting down: every task is dropped once, in its runtime, and nothing is waited for in vain.

use std::sync::{Arc, Mutex, mpsc};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use selvedge::io::AsyncReadExt;
use selvedge::net::{TcpListener, TcpStream};
use selvedge::runtime::{Handle, Runtime};
use selvedge::sync::{Notify, oneshot};
use selvedge::task::{JoinHandle, block_in_place};

use crate::support::{
    CountsDrop, Drops, Flag, Gate, OnDrop, both_flavors, current_thread, multi_thread, my_waker,
    panic_of, poll_with, wait_until, watched,
};

/// The error of a handle whose task is over.
#[track_caller]
fn cancelled<T>(mut task: JoinHandle<T>) {
    match poll_with(&mut task, Waker::noop()) {
        Poll::Ready(Err(error)) => assert!(error.is_cancelled(), "{error}"),
        Poll::Ready(Ok(_)) => panic!("it ran"),
        Poll::Pending => panic!("it is not over"),
    }
}

/// Lets all that is ready run until `task` waits for something that never comes.
fn run_until_parked(runtime: &Runtime) {
    runtime.block_on(async {
        for _ in 0..100 {
            selvedge::task::yield_now().await;
        }
    });
}

both_flavors! {
    fn every_task_is_dropped_once_whatever_it_was_doing(flavor) {
        let drops = Drops::new();
        let runtime = flavor.build();
        let (never, waits) = oneshot::channel::<()>();
        let notify = Arc::new(Notify::new());
        let guards: [CountsDrop; 7] = std::array::from_fn(|_| drops.counted());
        let [in_spin, in_pending, in_join, in_oneshot, in_notify, in_sleep, fresh] = guards;
        runtime.spawn(async move {
            let _guard = in_spin;
            loop {
                selvedge::task::yield_now().await;
            }
        });
        let pending = runtime.spawn(async move {
            let _guard = in_pending;
            std::future::pending::<()>().await;
        });
        runtime.spawn(async move { let _guard = in_join; pending.await });
        runtime.spawn(async move { let _guard = in_oneshot; waits.await });
        runtime.spawn({
            let notify = Arc::clone(&notify);
            async move { let _guard = in_notify; notify.notified().await }
        });
        runtime.spawn(async move {
            let _guard = in_sleep;
            selvedge::time::sleep(Duration::from_secs(1_000)).await;
        });
        run_until_parked(&runtime);
        runtime.spawn(async move { let _guard = fresh; std::future::pending::<()>().await });
        assert_eq!(drops.count(), 0);
        drop(runtime);
        assert_eq!(drops.count(), 7);
        assert!(never.is_closed());
        notify.notify_one();
    }

    fn a_drop_during_shutdown_is_inside_the_runtime_and_spawns_in_vain(flavor) {
        let runtime = flavor.build();
        let drops = Drops::new();
        let (report, reported) = mpsc::channel();
        for polled in [true, false] {
            let (report, guard) = (report.clone(), drops.counted());
            let mut guard = Some(guard);
            let on_drop = OnDrop(move || {
                let guard = guard.take();
                let by_function = selvedge::spawn(async move { drop(guard) });
                let by_handle = Handle::current().spawn(async {});
                let blocking = selvedge::task::spawn_blocking(|| {});
                report.send((by_function, by_handle, blocking)).unwrap();
            });
            runtime.spawn(async move {
                let _on_drop = on_drop;
                std::future::pending::<()>().await;
            });
            if polled {
                run_until_parked(&runtime);
            }
        }
        drop(report);
        drop(runtime);
        let mut count = 0;
        for (by_function, by_handle, mut blocking) in reported {
            count += 1;
            cancelled(by_function);
            cancelled(by_handle);
            // The blocking pool ends last: this may have run, and it is over in any case.
            assert!(poll_with(&mut blocking, Waker::noop()).is_ready());
        }
        assert_eq!((count, drops.count()), (2, 2));
    }

    fn after_the_shutdown_everything_spawned_is_cancelled_at_once(flavor) {
        let runtime = flavor.build();
        let handle = runtime.handle().clone();
        drop(runtime);
        let drops = Drops::new();
        let guard = drops.counted();
        cancelled(handle.spawn(async move { drop(guard) }));
        assert_eq!(drops.count(), 1);
        let guard = drops.counted();
        cancelled(handle.spawn_blocking(move || drop(guard)));
        assert_eq!(drops.count(), 2);
        let _entered = handle.enter();
        cancelled(selvedge::spawn(async {}));
        assert_eq!(handle.metrics().num_alive_tasks(), 0);
    }

    /// the pool's lock was held while refused work was dropped, whose drop spawned again.
    fn r10_refused_blocking_work_may_spawn_in_its_drop(flavor) {
        let runtime = flavor.build();
        let handle = runtime.handle().clone();
        drop(runtime);
        let again = handle.clone();
        let on_drop = OnDrop(move || cancelled(again.spawn_blocking(|| {})));
        cancelled(handle.spawn_blocking(move || drop(on_drop)));
    }

    /// two tasks that await each other kept each other alive for ever.
    fn r29_a_cycle_of_joins_is_dropped(flavor) {
        let runtime = flavor.build();
        let drops = Drops::new();
        let guards = [drops.counted(), drops.counted()];
        let [first_guard, second_guard] = guards;
        let (send, receive) = oneshot::channel::<JoinHandle<()>>();
        let first = runtime.spawn(async move {
            let _guard = first_guard;
            receive.await.unwrap().await.unwrap();
        });
        let second = runtime.spawn(async move {
            let _guard = second_guard;
            first.await.unwrap();
        });
        send.send(second).unwrap();
        run_until_parked(&runtime);
        assert_eq!(runtime.metrics().num_alive_tasks(), 2);
        drop(runtime);
        assert_eq!(drops.count(), 2);
    }

    /// wakers outlive the executor and wake it, or are dropped, at a bad moment.
    fn r30_wakers_are_used_after_the_runtime_is_gone(flavor) {
        let runtime = flavor.build();
        let drops = Drops::new();
        let wakers: Vec<_> = (0..50).map(|_| {
            let guard = drops.counted();
            let (send, receive) = oneshot::channel();
            runtime.spawn(async move {
                let _guard = guard;
                send.send(my_waker().await).unwrap();
                std::future::pending::<()>().await;
            });
            runtime.block_on(receive).unwrap()
        }).collect();
        drop(runtime);
        assert_eq!(drops.count(), 50);
        for waker in wakers {
            waker.wake_by_ref();
            drop(waker.clone());
            waker.wake();
        }
    }

    /// a wake during the shutdown dropped the woken task inside the call.
    fn r17_a_wake_in_a_drop_does_not_drop_the_other_task_inside_the_call(flavor) {
        let runtime = flavor.build();
        let lock = Arc::new(Mutex::new(()));
        let wakers = Arc::new(Mutex::new(Vec::<Waker>::new()));
        for _ in 0..20 {
            let (lock, wakers) = (Arc::clone(&lock), Arc::clone(&wakers));
            runtime.spawn(async move {
                let mine = my_waker().await;
                wakers.lock().unwrap().push(mine);
                let _guard = OnDrop(move || {
                    let others = std::mem::take(&mut *wakers.lock().unwrap());
                    // Dropping another task in here would lock again.
                    let _locked = lock.lock().unwrap();
                    others.iter().for_each(Waker::wake_by_ref);
                    drop(others);
                });
                std::future::pending::<()>().await;
            });
        }
        run_until_parked(&runtime);
        drop(runtime);
        assert_eq!(Arc::strong_count(&lock), 1);
    }

    /// a socket that became ready during the shutdown scheduled a task nobody expected.
    fn r65_sockets_become_ready_during_the_shutdown(flavor) {
        for _ in 0..20 {
            let runtime = flavor.build();
            let drops = Drops::new();
            let (listener, mut clients) = runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let address = listener.local_addr().unwrap();
                let clients: Vec<_> =
                    (0..8).map(|_| std::net::TcpStream::connect(address).unwrap()).collect();
                (listener, clients)
            });
            for _ in 0..8 {
                let (stream, _) = runtime.block_on(listener.accept()).unwrap();
                let guard = drops.counted();
                let mut stream: TcpStream = stream;
                runtime.spawn(async move {
                    let _guard = guard;
                    let mut byte = [0];
                    while stream.read(&mut byte).await.is_ok_and(|count| count > 0) {}
                    std::future::pending::<()>().await;
                });
            }
            let writer = thread::spawn(move || {
                use std::io::Write;
                for _ in 0..20 {
                    for client in &mut clients {
                        // The other side may be gone.
                        let _ = client.write_all(b"x");
                    }
                }
            });
            drop(runtime);
            assert_eq!(drops.count(), 8);
            writer.join().unwrap();
            drop(listener);
        }
    }

    /// wakers of pending I/O and timers formed a cycle with the driver.
    fn r71_what_waits_in_the_driver_is_let_go(flavor) {
        let runtime = flavor.build();
        let kept = Arc::new(());
        let (io, timer) = (Arc::clone(&kept), Arc::clone(&kept));
        runtime.spawn(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            listener.accept().await.unwrap();
            drop(io);
        });
        runtime.spawn(async move {
            selvedge::time::sleep(Duration::MAX).await;
            drop(timer);
        });
        run_until_parked(&runtime);
        let metrics = runtime.metrics();
        drop(runtime);
        assert_eq!(Arc::strong_count(&kept), 1);
        drop(metrics);
    }

    /// the longest timeout overflowed, the shortest hung.
    fn r73_every_timeout_is_accepted(flavor) {
        let longest = [Duration::from_secs(u64::MAX), Duration::MAX];
        for timeout in [Duration::ZERO, Duration::from_nanos(1)].into_iter().chain(longest) {
            let runtime = flavor.build();
            let drops = Drops::new();
            let guard = drops.counted();
            runtime.spawn(async move { let _guard = guard; std::future::pending::<()>().await });
            runtime.shutdown_timeout(timeout);
            wait_until("the task is dropped", || drops.count() == 1);
        }
    }

    /// a wait that began when the driver was gone waited for ever.
    fn r74_sockets_fail_after_the_shutdown_instead_of_hanging(flavor) {
        let runtime = flavor.build();
        let (listener, mut stream) = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            (listener, stream)
        });
        drop(runtime);
        let other = current_thread();
        other.block_on(async {
            let mut byte = [0];
            let read = stream.read(&mut byte).await.unwrap_err();
            assert!(read.to_string().contains("shut down"), "{read}");
            stream.readable().await.unwrap_err();
            // Accepting succeeds at most once: the connection is there.
            if listener.accept().await.is_ok() {
                listener.accept().await.unwrap_err();
            }
        });
    }

    /// As R-74, for waits that began before, outside the runtime's own tasks.
    fn r74_waits_outside_end_with_the_runtime(flavor) {
        let ways: [fn(Runtime); 3] = [
            drop,
            Runtime::shutdown_background,
            |runtime| runtime.shutdown_timeout(Duration::from_nanos(1)),
        ];
        for end in ways {
            let runtime = flavor.build();
            let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
            let (waiting, is_waiting) = mpsc::channel();
            let outside = thread::spawn(move || {
                current_thread().block_on(async {
                    let mut accept = std::pin::pin!(listener.accept());
                    std::future::poll_fn(|cx| {
                        let polled = accept.as_mut().poll(cx);
                        let _ = waiting.send(());
                        polled
                    }).await.map(|_| ()).unwrap_err()
                })
            });
            is_waiting.recv().unwrap();
            end(runtime);
            let error = outside.join().unwrap();
            assert!(error.to_string().contains("shut down"), "{error}");
        }
    }

    fn a_sleep_outside_panics_when_its_runtime_is_gone(flavor) {
        let runtime = flavor.build();
        let sleep = {
            let _entered = runtime.enter();
            selvedge::time::sleep(Duration::from_secs(1_000))
        };
        let mut sleep = Box::pin(sleep);
        assert!(poll_with(&mut sleep, Waker::noop()).is_pending());
        drop(runtime);
        let message = panic_of(|| current_thread().block_on(sleep));
        assert!(message.contains("runtime"), "{message}");
    }

    /// the timer wheel was turned while all timers were fired at shutdown.
    fn r75_many_timers_at_shutdown(flavor) {
        let runtime = flavor.build();
        let drops = Drops::new();
        for number in 0..2_000_u64 {
            let guard = drops.counted();
            runtime.spawn(async move {
                let _guard = guard;
                selvedge::time::sleep(Duration::from_millis(100_000 + number * number)).await;
            });
        }
        run_until_parked(&runtime);
        drop(runtime);
        assert_eq!(drops.count(), 2_000);
    }

    /// queued blocking work was lost without a word.
    fn r63_blocking_work_is_waited_for_or_cancelled(flavor) {
        let runtime = flavor.builder().max_blocking_threads(1).build().unwrap();
        let gate = Gate::new();
        let _open = gate.open_on_drop();
        let (begun, has_begun) = mpsc::channel();
        let (flag, set, waits) = (Flag::new(), Flag::new(), gate.clone());
        let written = set.clone();
        let running = runtime.spawn_blocking(move || {
            begun.send(()).unwrap();
            waits.pass();
            set.set();
            42
        });
        let drops = Drops::new();
        let guard = drops.counted();
        let never = flag.clone();
        let queued = runtime.spawn_blocking(move || { let _guard = guard; never.set() });
        has_begun.recv().unwrap();
        let opener = thread::spawn({
            let (gate, drops) = (gate.clone(), drops.clone());
            move || {
                wait_until("the queued work is dropped", || drops.count() == 1);
                gate.open();
            }
        });
        drop(runtime);
        opener.join().unwrap();
        assert!(written.is_set(), "work that runs is waited for");
        let mut running = running;
        assert!(matches!(poll_with(&mut running, Waker::noop()), Poll::Ready(Ok(42))));
        cancelled(queued);
        assert!(!flag.is_set());
    }

    fn a_timeout_ends_the_wait_for_blocking_work(flavor) {
        let runtime = flavor.build();
        let gate = Gate::new();
        let _open = gate.open_on_drop();
        let (begun, has_begun) = mpsc::channel();
        let (waits, finished) = (gate.clone(), Flag::new());
        let at_end = finished.clone();
        runtime.spawn_blocking(move || {
            begun.send(()).unwrap();
            waits.pass();
            at_end.set();
        });
        has_begun.recv().unwrap();
        // The gate is opened only afterwards: this returns, or hangs.
        runtime.shutdown_timeout(Duration::from_millis(5));
        assert!(!finished.is_set());
        gate.open();
        wait_until("the work goes on in the background", || finished.is_set());
    }

    fn a_shutdown_in_the_background_waits_for_nothing(flavor) {
        let runtime = flavor.build();
        let gate = Gate::new();
        let _open = gate.open_on_drop();
        let (begun, has_begun) = mpsc::channel();
        let waits = gate.clone();
        runtime.spawn_blocking(move || {
            begun.send(()).unwrap();
            waits.pass();
        });
        has_begun.recv().unwrap();
        runtime.shutdown_background();
    }

    fn joiners_elsewhere_learn_of_the_shutdown(flavor) {
        let runtime = flavor.build();
        let task = runtime.spawn(std::future::pending::<()>());
        let joiner = thread::spawn(move || current_thread().block_on(task));
        drop(runtime);
        assert!(joiner.join().unwrap().unwrap_err().is_cancelled());
    }
}

watched! {
    /// workers ended one after the other, while a blocking section waited for a task that one
    /// of the later ones had.
    fn r66_a_blocking_section_may_wait_for_the_drop_of_another_task() {
        for _ in 0..20 {
            let runtime = multi_thread();
            let gate = Gate::new();
            let guard = gate.open_on_drop();
            let (inside, is_inside) = mpsc::channel();
            let section = runtime.spawn(async move {
                block_in_place(|| {
                    inside.send(()).unwrap();
                    gate.pass();
                });
            });
            runtime.spawn(async move { let _guard = guard; std::future::pending::<()>().await });
            is_inside.recv().unwrap();
            drop(runtime);
            assert!(section.is_finished());
        }
    }

    /// As R-66, without telling the runtime.
    fn r66_a_long_poll_may_wait_for_the_drop_of_another_task() {
        let runtime = multi_thread();
        let gate = Gate::new();
        let guard = gate.open_on_drop();
        runtime.spawn(async move { let _guard = guard; std::future::pending::<()>().await });
        let meeting = Arc::new(std::sync::Barrier::new(3));
        for _ in 0..2 {
            let (gate, meeting) = (gate.clone(), Arc::clone(&meeting));
            runtime.spawn(async move {
                meeting.wait();
                gate.pass();
            });
        }
        meeting.wait();
        drop(runtime);
    }

    fn a_blocking_section_in_block_on_sees_its_tasks_end() {
        let runtime = multi_thread();
        let (inside, is_inside) = mpsc::channel();
        let section = runtime.spawn(async move {
            block_in_place(|| {
                let task = selvedge::spawn(std::future::pending::<()>());
                inside.send(()).unwrap();
                // The shutdown cancels it.
                Handle::current().block_on(task).unwrap_err().is_cancelled()
            })
        });
        is_inside.recv().unwrap();
        drop(runtime);
        let mut section = section;
        assert!(matches!(poll_with(&mut section, Waker::noop()), Poll::Ready(Ok(true))));
    }

    /// a task was dropped while another one held the lock its drop needs.
    fn r67_a_drop_that_needs_a_lock_held_by_a_running_task() {
        let runtime = multi_thread();
        let lock = Arc::new(Mutex::new(0));
        let gate = Gate::new();
        let _open = gate.open_on_drop();
        let (locked, is_locked) = mpsc::channel();
        let drops = Drops::new();
        for _ in 0..3 {
            let (lock, guard) = (Arc::clone(&lock), drops.counted());
            let on_drop = OnDrop(move || *lock.lock().unwrap() += 1);
            runtime.spawn(async move {
                let _both = (on_drop, guard);
                std::future::pending::<()>().await;
            });
        }
        runtime.spawn({
            let (lock, gate) = (Arc::clone(&lock), gate.clone());
            async move {
                let _locked = lock.lock().unwrap();
                locked.send(()).unwrap();
                gate.pass();
            }
        });
        is_locked.recv().unwrap();
        let opener = thread::spawn({
            let gate = gate.clone();
            move || { thread::sleep(Duration::from_millis(10)); gate.open() }
        });
        drop(runtime);
        opener.join().unwrap();
        assert_eq!((drops.count(), *lock.lock().unwrap()), (3, 3));
    }

    fn a_timeout_ends_the_wait_for_a_long_poll() {
        let runtime = multi_thread();
        let gate = Gate::new();
        let _open = gate.open_on_drop();
        let (begun, has_begun) = mpsc::channel();
        let waits = gate.clone();
        let task = runtime.spawn(async move { begun.send(()).unwrap(); waits.pass(); 42 });
        has_begun.recv().unwrap();
        runtime.shutdown_timeout(Duration::from_millis(5));
        assert!(!task.is_finished());
        gate.open();
        // It ends in the background, and its joiner hears of it.
        assert_eq!(current_thread().block_on(task).unwrap(), 42);
    }

    fn a_runtime_shut_down_in_a_task_of_its_own() {
        let runtime = Arc::new(multi_thread());
        let handle = runtime.handle().clone();
        let gate = Gate::new();
        let _open = gate.open_on_drop();
        let (waits, last) = (gate.clone(), Arc::clone(&runtime));
        let task = handle.spawn(async move {
            waits.pass();
            Arc::into_inner(last).expect("the last reference").shutdown_background();
            42
        });
        drop(runtime);
        gate.open();
        assert_eq!(current_thread().block_on(task).unwrap(), 42);
    }

    fn a_runtime_dropped_by_a_panic_in_block_on_of_another() {
        let outer = current_thread();
        let message = panic_of(|| outer.block_on(async {
            let _inner = multi_thread();
            panic!("unwinding");
        }));
        assert_eq!(message, "unwinding");
    }

    fn the_order_of_runtime_and_local_set_is_free() {
        for runtime_first in [true, false] {
            let (runtime, set) = (multi_thread(), selvedge::task::LocalSet::new());
            let drops = Drops::new();
            let guard = drops.counted();
            set.spawn_local(async move {
                let _guard = guard;
                selvedge::time::sleep(Duration::from_secs(1_000)).await;
            });
            set.block_on(&runtime, selvedge::task::yield_now());
            if runtime_first {
                drop(runtime);
                drop(set);
            } else {
                drop(set);
                drop(runtime);
            }
            assert_eq!(drops.count(), 1);
        }
    }
}
