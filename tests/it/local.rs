//! Futures that stay on one thread: local sets and local runtimes.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use selvedge::runtime::{Builder, Handle, LocalOptions, LocalRuntime};
use selvedge::sync::oneshot;
use selvedge::task::{JoinSet, LocalSet, spawn_local};

use crate::support::{
    Flavor, OnDrop, both_flavors, current_thread, multi_thread, my_waker, panic_of, watched,
};

both_flavors! {
    /// a set forgot its tasks when there were more than one poll takes.
    fn r38_a_thousand_local_tasks_all_run(flavor) {
        let runtime = flavor.build();
        let set = LocalSet::new();
        let done = Rc::new(Cell::new(0));
        for _ in 0..1_000 {
            let done = Rc::clone(&done);
            set.spawn_local(async move {
                selvedge::task::yield_now().await;
                done.set(done.get() + 1);
            });
        }
        // Awaiting the set waits for all.
        runtime.block_on(set);
        assert_eq!(done.get(), 1_000);
    }

    fn r38_a_thousand_by_run_until(flavor) {
        let set = LocalSet::new();
        let sum = set.block_on(&flavor.build(), async {
            let tasks: Vec<_> = (0..1_000_u32).map(|n| spawn_local(async move {
                selvedge::task::yield_now().await;
                n
            })).collect();
            let mut sum = 0;
            for task in tasks {
                sum += task.await.unwrap();
            }
            sum
        });
        assert_eq!(sum, 999 * 1_000 / 2);
    }

    /// dropping the set went on for ever while it was notified from outside.
    fn r39_a_set_is_dropped_while_it_is_woken(flavor) {
        for _ in 0..30 {
            let runtime = flavor.build();
            let set = LocalSet::new();
            let dropped = Rc::new(Cell::new(0));
            let (send, wakers) = mpsc::channel();
            for number in 0..20_u64 {
                let dropped = Rc::clone(&dropped);
                let guard = OnDrop(move || dropped.set(dropped.get() + 1));
                let send = send.clone();
                set.spawn_local(async move {
                    let _guard = guard;
                    send.send(my_waker().await).unwrap();
                    loop {
                        selvedge::time::sleep(Duration::from_micros(100 + number * 10)).await;
                    }
                });
            }
            drop(send);
            set.block_on(&runtime, async { selvedge::time::sleep(Duration::from_millis(1)).await });
            let wakers: Vec<_> = wakers.try_iter().collect();
            let hammer = thread::spawn(move || {
                for _ in 0..50 {
                    wakers.iter().for_each(|waker| waker.wake_by_ref());
                }
            });
            drop(set);
            assert_eq!(dropped.get(), 20);
            hammer.join().unwrap();
        }
    }

    fn wakes_come_from_other_threads_and_the_tasks_stay(flavor) {
        let runtime = flavor.build();
        let home = thread::current().id();
        LocalSet::new().block_on(&runtime, async {
            let tasks: Vec<_> = (0..50).map(|_| {
                let (go, wait) = oneshot::channel();
                thread::spawn(move || go.send(()).unwrap());
                spawn_local(async move {
                    wait.await.unwrap();
                    assert_eq!(thread::current().id(), home);
                    selvedge::spawn(async {}).await.unwrap();
                    assert_eq!(thread::current().id(), home);
                })
            }).collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
    }

    fn a_panic_of_a_local_task_is_its_joiners(flavor) {
        let runtime = flavor.build();
        LocalSet::new().block_on(&runtime, async {
            let error = spawn_local(async { panic!("local") }).await.unwrap_err();
            assert!(error.to_string().contains("local"), "{error}");
            assert_eq!(spawn_local(async { 42 }).await.unwrap(), 42);
        });
    }

    fn tasks_left_go_on_when_the_set_is_polled_again(flavor) {
        let runtime = flavor.build();
        let set = LocalSet::new();
        let steps = Rc::new(Cell::new(0));
        let counted = Rc::clone(&steps);
        let task = set.block_on(&runtime, async move {
            spawn_local(async move {
                for _ in 0..10 {
                    counted.set(counted.get() + 1);
                    selvedge::task::yield_now().await;
                }
            })
        });
        set.block_on(&runtime, task).unwrap();
        assert_eq!(steps.get(), 10);
    }

    /// A busy set must leave its thread to others, and others to the set.
    fn a_busy_set_and_a_busy_main_future_share_a_thread(flavor) {
        let runtime = flavor.build();
        let set = LocalSet::new();
        let rounds = Rc::new(Cell::new(0_u32));
        let counted = Rc::clone(&rounds);
        set.spawn_local(async move {
            loop {
                counted.set(counted.get() + 1);
                selvedge::task::yield_now().await;
            }
        });
        set.block_on(&runtime, async {
            let mut seen = 0;
            for _ in 0..100 {
                selvedge::task::yield_now().await;
                assert!(rounds.get() >= seen);
                seen = rounds.get();
            }
            assert!(seen > 50, "{seen}");
            selvedge::spawn(async {}).await.unwrap();
            selvedge::time::sleep(Duration::from_millis(1)).await;
        });
    }

    fn sets_nest(flavor) {
        let runtime = flavor.build();
        LocalSet::new().block_on(&runtime, async {
            let outer = Rc::new(40);
            let inner = LocalSet::new();
            let copy = Rc::clone(&outer);
            let sum = inner.run_until(async move {
                spawn_local(async move { *copy }).await.unwrap()
            }).await;
            assert_eq!(sum + *spawn_local(async { Rc::new(2) }).await.unwrap(), 42);
        });
    }

    fn the_drops_of_a_set_may_spawn_in_vain(flavor) {
        let runtime = flavor.build();
        let set = LocalSet::new();
        let outcomes = Rc::new(RefCell::new(Vec::new()));
        for _ in 0..3 {
            let outcomes = Rc::clone(&outcomes);
            let guard = OnDrop(move || outcomes.borrow_mut().push(spawn_local(async {})));
            set.spawn_local(async move { let _guard = guard; std::future::pending::<()>().await });
        }
        set.block_on(&runtime, selvedge::task::yield_now());
        drop(set);
        let outcomes = outcomes.take();
        assert_eq!(outcomes.len(), 3);
        for task in outcomes {
            assert!(runtime.block_on(task).unwrap_err().is_cancelled());
        }
    }

    fn entering_a_set_spawns_on_it(flavor) {
        let runtime = flavor.build();
        let set = LocalSet::new();
        let task = {
            let _entered = set.enter();
            spawn_local(async { Rc::new(42) })
        };
        assert!(panic_of(|| spawn_local(async {})).contains("LocalSet"));
        assert_eq!(*set.block_on(&runtime, task).unwrap(), 42);
    }

    /// `spawn_local` inside a task that moves between threads has no set.
    fn a_task_that_may_move_is_not_in_the_set(flavor) {
        let runtime = flavor.build();
        LocalSet::new().block_on(&runtime, async {
            let task = selvedge::spawn(async { panic_of(|| spawn_local(async {})) });
            let message = task.await.unwrap();
            // A worker has no set; on one thread the set is left while others run.
            assert!(message.contains("LocalSet"), "{message}");
        });
    }
}

watched! {
    fn a_local_runtime_spawns_local_tasks_anywhere_on_its_thread() {
        let runtime = LocalRuntime::new().unwrap();
        let shared = Rc::new(Cell::new(0));
        let outside = {
            let shared = Rc::clone(&shared);
            runtime.spawn_local(async move { shared.set(shared.get() + 1) })
        };
        let in_tasks = Rc::clone(&shared);
        runtime.block_on(async move {
            outside.await.unwrap();
            let nested = Rc::clone(&in_tasks);
            spawn_local(async move {
                spawn_local(async move { nested.set(nested.get() + 1) }).await.unwrap();
            }).await.unwrap();
            // A task that may move is on this thread too.
            selvedge::spawn(async { spawn_local(async { drop(Rc::new(())) }).await.unwrap() })
                .await
                .unwrap();
            assert_eq!(selvedge::task::spawn_blocking(|| 42).await.unwrap(), 42);
            selvedge::time::sleep(Duration::from_millis(1)).await;
        });
        assert_eq!(shared.get(), 2);
    }

    fn a_local_runtime_drops_its_tasks_at_home() {
        let dropped_at = Rc::new(RefCell::new(Vec::new()));
        let runtime = LocalRuntime::new().unwrap();
        let handle = runtime.handle().clone();
        for _ in 0..3 {
            let dropped_at = Rc::clone(&dropped_at);
            let guard = OnDrop(move || dropped_at.borrow_mut().push(thread::current().id()));
            runtime.spawn_local(async move {
                let _guard = guard;
                std::future::pending::<()>().await;
            });
        }
        runtime.block_on(async { selvedge::task::yield_now().await });
        // Others spawn from outside meanwhile.
        let outside = thread::spawn(move || drop(handle.spawn(async {})));
        drop(runtime);
        outside.join().unwrap();
        assert_eq!(*dropped_at.borrow(), [thread::current().id(); 3]);
    }

    fn a_local_runtimes_handle_on_another_thread_does_not_take_local_tasks() {
        let runtime = LocalRuntime::new().unwrap();
        let handle = runtime.handle().clone();
        let message = thread::spawn(move || {
            let _entered = handle.enter();
            panic_of(|| spawn_local(async {}))
        }).join().unwrap();
        assert!(message.contains("LocalRuntime"), "{message}");
        drop(runtime);
    }

    fn a_local_runtime_from_a_builder_in_a_blocking_thread() {
        let runtime = multi_thread();
        let work = runtime.spawn_blocking(|| {
            let local = Builder::new_current_thread().build_local(LocalOptions::default()).unwrap();
            let sum = local.block_on(async {
                let shared = Rc::new(21);
                let copy = Rc::clone(&shared);
                *shared + *spawn_local(async move { copy }).await.unwrap()
            });
            local.shutdown_timeout(Duration::from_secs(1));
            sum
        });
        assert_eq!(runtime.block_on(work).unwrap(), 42);
    }

    fn a_local_runtime_shuts_down_in_the_background() {
        let runtime = LocalRuntime::new().unwrap();
        let dropped = Rc::new(Cell::new(false));
        let sets = Rc::clone(&dropped);
        let guard = OnDrop(move || sets.set(true));
        runtime.spawn_local(async move { let _guard = guard; std::future::pending::<()>().await });
        runtime.shutdown_background();
        assert!(dropped.get());
    }

    fn a_set_moves_from_runtime_to_runtime() {
        let set = LocalSet::new();
        let threads = Rc::new(RefCell::new(HashSet::new()));
        for flavor in [Flavor::CurrentThread, Flavor::MultiThread, Flavor::CurrentThread] {
            let runtime = flavor.build();
            let threads = Rc::clone(&threads);
            set.block_on(&runtime, async {
                spawn_local(async move {
                    threads.borrow_mut().insert(thread::current().id());
                    assert!(Handle::try_current().is_ok());
                    selvedge::time::sleep(Duration::from_millis(1)).await;
                }).await.unwrap();
            });
        }
        assert_eq!(threads.borrow().len(), 1);
    }

    fn a_set_needs_no_runtime_while_its_tasks_need_none() {
        let set = LocalSet::new();
        let task = set.spawn_local(async { Rc::new(42) });
        let mut set = Box::pin(set);
        let waker = std::task::Waker::noop();
        assert!(crate::support::poll_with(&mut set, waker).is_ready());
        assert_eq!(*current_thread().block_on(task).unwrap(), 42);
    }

    fn a_join_set_of_local_tasks() {
        let runtime = current_thread();
        LocalSet::new().block_on(&runtime, async {
            let mut set = JoinSet::new();
            for n in 0..100 {
                set.spawn_local(async move { Rc::new(n) });
            }
            let mut sum = 0;
            while let Some(n) = set.join_next().await {
                sum += *n.unwrap();
            }
            assert_eq!(sum, 99 * 100 / 2);
        });
    }
}

watched! {
    /// On one thread nobody else looks for events: a set that always has something to run must not keep
    /// them waiting for thousands of polls.
    fn a_busy_set_does_not_starve_events_on_one_thread() {
        const POLLS_MAX: u32 = 1_000;
        let runtime = current_thread();
        let set = LocalSet::new();
        let polls = Rc::new(Cell::new(0));
        for _ in 0..100 {
            let polls = Rc::clone(&polls);
            set.spawn_local(async move {
                loop {
                    polls.set(polls.get() + 1);
                    selvedge::task::yield_now().await;
                }
            });
        }
        let waited = set.block_on(&runtime, async {
            let listener = selvedge::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let mut most = 0;
            for _ in 0..10 {
                let client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
                let before = polls.get();
                let (accepted, _) = listener.accept().await.unwrap();
                most = most.max(polls.get() - before);
                drop((client, accepted));
            }
            most
        });
        assert!(waited < POLLS_MAX, "{waited} polls before an event was seen");
    }
}
