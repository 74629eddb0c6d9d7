//! `block_on`: from which threads, how deep, and what a panic leaves behind.

use std::sync::{Arc, mpsc};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use selvedge::runtime::{Handle, RuntimeFlavor};
use selvedge::sync::{Notify, oneshot};

use crate::support::{both_flavors, current_thread, multi_thread, my_waker, panic_of, watched};

both_flavors! {
    /// a block_on inside block_on hung, because it waited for the thread it was on.
    fn r55_a_nested_block_on_panics_with_advice(flavor) {
        let runtime = flavor.build();
        let other = current_thread();
        let handle = runtime.handle().clone();
        let attempts = [
            runtime.block_on(async { panic_of(|| handle.block_on(async {})) }),
            runtime.block_on(async { panic_of(|| other.block_on(async {})) }),
            runtime.block_on(async {
                selvedge::spawn(async {
                    panic_of(|| Handle::current().block_on(async {}))
                }).await.unwrap()
            }),
        ];
        for message in attempts {
            assert!(message.contains("from within a runtime"), "{message}");
            assert!(message.contains("spawn_blocking"), "{message}");
        }
        assert_eq!(runtime.block_on(async { 42 }), 42, "it is as good as before");
    }

    fn a_panic_in_the_main_future_leaves_the_runtime_usable(flavor) {
        let runtime = flavor.build();
        let task = runtime.block_on(async {
            selvedge::spawn(async { selvedge::task::yield_now().await; 42 })
        });
        let message = panic_of(|| runtime.block_on(async {
            selvedge::task::yield_now().await;
            panic!("main");
        }));
        assert_eq!(message, "main");
        assert_eq!(runtime.block_on(task).unwrap(), 42);
        assert!(Handle::try_current().is_err(), "the thread has left the runtime");
    }

    fn several_threads_may_be_in_block_on(flavor) {
        let runtime = Arc::new(flavor.build());
        let threads: Vec<_> = (0..4_u64).map(|number| {
            let runtime = Arc::clone(&runtime);
            thread::spawn(move || runtime.block_on(async {
                for round in 0..100 {
                    let task = selvedge::spawn(async move {
                        selvedge::task::yield_now().await;
                        round
                    });
                    assert_eq!(task.await.unwrap(), round);
                    if round % 10 == number {
                        selvedge::time::sleep(Duration::from_millis(1)).await;
                    }
                }
                number
            }))
        }).collect();
        let sum: u64 = threads.into_iter().map(|it| it.join().unwrap()).sum();
        assert_eq!(sum, 6);
    }

    /// The threads in block_on depend on each other, and whoever drives leaves first.
    fn threads_in_block_on_may_wait_for_each_other(flavor) {
        let runtime = Arc::new(flavor.build());
        for _ in 0..100 {
            let (to_second, from_first) = oneshot::channel();
            let (to_first, from_second) = oneshot::channel();
            let second = {
                let runtime = Arc::clone(&runtime);
                thread::spawn(move || runtime.block_on(async {
                    let n: u32 = from_first.await.unwrap();
                    // A task that outlives the block_on that spawned it.
                    selvedge::spawn(async move {
                        selvedge::task::yield_now().await;
                        to_first.send(n + 1).unwrap();
                    });
                }))
            };
            let n = runtime.block_on(async {
                to_second.send(41).unwrap();
                from_second.await.unwrap()
            });
            assert_eq!(n, 42);
            second.join().unwrap();
        }
    }

    fn a_wake_from_a_plain_thread_ends_the_sleep(flavor) {
        let runtime = flavor.build();
        for _ in 0..200 {
            let (send, receive) = mpsc::channel::<std::task::Waker>();
            let waker = thread::spawn(move || receive.recv().unwrap().wake());
            runtime.block_on(async {
                let mut woken = false;
                std::future::poll_fn(|cx| {
                    if woken {
                        return Poll::Ready(());
                    }
                    woken = true;
                    send.send(cx.waker().clone()).unwrap();
                    Poll::Pending
                }).await;
            });
            waker.join().unwrap();
        }
    }

    fn a_stale_waker_of_a_former_block_on_is_harmless(flavor) {
        let runtime = flavor.build();
        let stale = runtime.block_on(my_waker());
        stale.wake_by_ref();
        assert_eq!(runtime.block_on(async {
            stale.wake_by_ref();
            selvedge::spawn(async { 42 }).await.unwrap()
        }), 42);
        drop(runtime);
        stale.wake();
    }

    fn the_main_future_need_not_be_send_or_static(flavor) {
        let local = std::rc::Rc::new(std::cell::Cell::new(0));
        let runtime = flavor.build();
        runtime.block_on(async {
            for _ in 0..10 {
                selvedge::task::yield_now().await;
                local.set(local.get() + 1);
            }
        });
        assert_eq!(local.get(), 10);
    }

    fn a_handle_outside_blocks_on_what_the_runtime_runs(flavor) {
        let runtime = flavor.build();
        let (stop, stopped) = oneshot::channel::<()>();
        let handle = runtime.handle().clone();
        let other = thread::spawn(move || {
            let output = handle.block_on(async {
                selvedge::time::sleep(Duration::from_millis(2)).await;
                selvedge::spawn(async { 42 }).await.unwrap()
            });
            drop(stop);
            output
        });
        // Somebody has to drive a current-thread runtime.
        runtime.block_on(stopped).unwrap_err();
        assert_eq!(other.join().unwrap(), 42);
    }

    fn block_on_a_blocking_thread_is_fine(flavor) {
        let runtime = flavor.build();
        let output = runtime.block_on(async {
            let task = selvedge::task::spawn_blocking(|| {
                Handle::current().block_on(async { selvedge::spawn(async { 42 }).await.unwrap() })
            });
            task.await.unwrap()
        });
        assert_eq!(output, 42);
    }

    /// A main future that is always ready to go on must not keep tasks from running.
    fn a_busy_main_future_does_not_starve_tasks(flavor) {
        flavor.build().block_on(async {
            let task = selvedge::spawn(async {
                for _ in 0..100 {
                    selvedge::task::yield_now().await;
                }
            });
            crate::support::wait_until_async("the task", || task.is_finished()).await;
        });
    }
}

watched! {
    fn block_on_of_different_runtimes_on_one_thread_one_after_the_other() {
        for _ in 0..20 {
            let (one, two) = (current_thread(), multi_thread());
            let (send, receive) = oneshot::channel();
            one.spawn(async { send.send(42).unwrap() });
            assert_eq!(two.block_on(async { 1 }), 1);
            assert_eq!(one.block_on(receive).unwrap(), 42);
            let flavor = two.block_on(async { Handle::current().runtime_flavor() });
            assert_eq!(flavor, RuntimeFlavor::MultiThread);
        }
    }

    /// two overlapping runs on one thread shared a slot that one of them cleared.
    fn r35_a_runtime_inside_a_blocking_section_of_another() {
        let outer = multi_thread();
        let sum = outer.block_on(async {
            let task = selvedge::spawn(async {
                let before = Handle::current().runtime_flavor();
                let inner = selvedge::task::block_in_place(|| {
                    let inner = current_thread();
                    inner.block_on(async {
                        let flavor = Handle::current().runtime_flavor();
                        assert_eq!(flavor, RuntimeFlavor::CurrentThread);
                        selvedge::spawn(async { 40 }).await.unwrap()
                    })
                });
                assert_eq!(Handle::current().runtime_flavor(), before);
                inner + selvedge::spawn(async { 2 }).await.unwrap()
            });
            task.await.unwrap()
        });
        assert_eq!(sum, 42);
    }

    /// The wake-up of a thread that waits for its turn at a current-thread runtime.
    fn the_second_in_block_on_takes_over_when_the_first_leaves() {
        let runtime = Arc::new(current_thread());
        let notify = Arc::new(Notify::new());
        let (inside, is_inside) = mpsc::channel();
        let second = {
            let (runtime, notify) = (Arc::clone(&runtime), Arc::clone(&notify));
            thread::spawn(move || runtime.block_on(async move {
                inside.send(()).unwrap();
                notify.notified().await;
                // Timers need a driver: from now on this thread.
                selvedge::time::sleep(Duration::from_millis(2)).await;
            }))
        };
        runtime.block_on(async {
            is_inside.recv().unwrap();
            notify.notify_one();
        });
        second.join().unwrap();
    }
}

watched! {
    /// A thread in `block_on` that blocks again, inside `block_in_place`, sleeps twice at the same
    /// time: a wake-up of the outer future during the inner sleep must not be used up by it.
    fn a_nested_block_on_keeps_the_wake_up_of_the_outer_one() {
        let runtime = multi_thread();
        let mut polls = 0;
        runtime.block_on(std::future::poll_fn(|cx| {
            polls += 1;
            if polls == 2 {
                return Poll::Ready(());
            }
            let outer = cx.waker().clone();
            selvedge::task::block_in_place(|| {
                let (sender, receiver) = oneshot::channel();
                let other = thread::spawn(move || {
                    outer.wake();
                    sender.send(()).unwrap();
                });
                Handle::current().block_on(receiver).unwrap();
                other.join().unwrap();
            });
            Poll::Pending
        }));
        assert_eq!(polls, 2);
    }
}
