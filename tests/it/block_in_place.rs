//! `block_in_place`: a task blocks its thread after the other work was handed over.

use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;

use selvedge::runtime::Handle;
use selvedge::sync::oneshot;
use selvedge::task::block_in_place;

use crate::support::{Gate, current_thread, multi_thread, panic_of, watched};

/// Runs on a worker of a runtime with two.
fn on_a_worker<R: Send + 'static>(future: impl Future<Output = R> + Send + 'static) -> R {
    let runtime = multi_thread();
    let task = runtime.spawn(future);
    runtime.block_on(task).unwrap()
}

watched! {
    fn it_gives_the_result_and_the_thread_stays_the_same() {
        on_a_worker(async {
            let before = thread::current().id();
            let inside = block_in_place(|| thread::current().id());
            assert_eq!(inside, before);
            selvedge::task::yield_now().await;
        });
    }

    /// Nothing here looks at the clock: the blocked workers wait for work only others can do.
    fn tasks_sockets_and_timers_go_on_while_every_worker_blocks() {
        let runtime = multi_thread();
        let gate = Gate::new();
        let _open = gate.open_on_drop();
        let blocked = Arc::new(Barrier::new(3));
        let blockers = [(); 2].map(|()| {
            let (gate, blocked) = (gate.clone(), Arc::clone(&blocked));
            runtime.spawn(async move {
                block_in_place(|| {
                    blocked.wait();
                    gate.pass();
                });
            })
        });
        blocked.wait();
        let others = runtime.spawn(crate::stand_in::a_bit_of_everything());
        runtime.block_on(others).unwrap();
        gate.open();
        for blocker in blockers {
            runtime.block_on(blocker).unwrap();
        }
    }

    /// More sections at a time than there are workers.
    fn twenty_sections_at_a_time_on_two_workers() {
        let runtime = multi_thread();
        let meeting = Arc::new(Barrier::new(20));
        let tasks: Vec<_> = (0..20).map(|_| {
            let meeting = Arc::clone(&meeting);
            runtime.spawn(async move { block_in_place(|| { meeting.wait(); }) })
        }).collect();
        runtime.block_on(async {
            for task in tasks {
                task.await.unwrap();
            }
        });
    }

    fn the_tasks_that_were_queued_behind_run_meanwhile() {
        on_a_worker(async {
            let (send, receive) = mpsc::channel();
            for number in 0..300 {
                let send = send.clone();
                // The last one is in the LIFO slot.
                selvedge::spawn(async move { send.send(number).unwrap() });
            }
            let sum: i32 = block_in_place(|| receive.iter().take(300).sum());
            assert_eq!(sum, 299 * 300 / 2);
        });
    }

    fn tasks_spawned_inside_run_meanwhile() {
        on_a_worker(async {
            let sum: i32 = block_in_place(|| {
                let (send, receive) = mpsc::channel();
                for number in 0..300 {
                    let send = send.clone();
                    selvedge::spawn(async move { send.send(number).unwrap() });
                }
                receive.iter().take(300).sum()
            });
            assert_eq!(sum, 299 * 300 / 2);
        });
    }

    fn tasks_woken_inside_run_meanwhile() {
        on_a_worker(async {
            for _ in 0..50 {
                let (go, wait) = oneshot::channel::<()>();
                let (send, receive) = mpsc::channel();
                selvedge::spawn(async move {
                    wait.await.unwrap_err();
                    send.send(42).unwrap();
                });
                selvedge::task::yield_now().await;
                assert_eq!(block_in_place(|| { drop(go); receive.recv() }), Ok(42));
            }
        });
    }

    /// a block_on between two nested sections panicked.
    fn r54_nested_three_deep_with_block_on_between() {
        for _ in 0..10 {
        let depth = on_a_worker(async {
            block_in_place(|| Handle::current().block_on(async {
                selvedge::task::yield_now().await;
                block_in_place(|| Handle::current().block_on(async {
                    selvedge::time::sleep(Duration::from_millis(1)).await;
                    block_in_place(|| Handle::current().block_on(async {
                        selvedge::spawn(async { 3 }).await.unwrap()
                    }))
                }))
            }))
        });
        assert_eq!(depth, 3);
        }
    }

    /// after an inner section the outer one is still one.
    fn r54_after_an_inner_section_the_outer_still_hands_over() {
        on_a_worker(async {
            block_in_place(|| {
                Handle::current().block_on(async { block_in_place(|| {}) });
                let (send, receive) = mpsc::channel();
                selvedge::spawn(async move { send.send(1).unwrap() });
                assert_eq!(receive.recv(), Ok(1), "a task spawned in the outer section");
                block_in_place(|| {});
                let (send, receive) = mpsc::channel();
                let task = selvedge::spawn(async move { send.send(2).unwrap() });
                assert_eq!(receive.recv(), Ok(2));
                Handle::current().block_on(task).unwrap();
            });
        });
    }

    /// R-54, with the other worker asleep, so that nobody stumbles over the task.
    fn r54_a_wake_after_an_inner_section_finds_a_sleeping_runtime() {
        on_a_worker(async {
            for _ in 0..20 {
                block_in_place(|| {
                    Handle::current().block_on(async { block_in_place(|| {}) });
                    // Until the others are asleep.
                    thread::sleep(Duration::from_millis(10));
                    let (send, receive) = mpsc::channel();
                    selvedge::spawn(async move { send.send(1).unwrap() });
                    assert_eq!(receive.recv(), Ok(1));
                });
            }
        });
    }

    /// a yield was put off until a worker that had been given away came by.
    fn r53_a_yield_inside_comes_back() {
        on_a_worker(async {
            block_in_place(|| Handle::current().block_on(async {
                for _ in 0..10 {
                    selvedge::task::yield_now().await;
                }
                selvedge::spawn(async {
                    selvedge::task::yield_now().await;
                    block_in_place(|| Handle::current().block_on(async {
                        selvedge::task::yield_now().await;
                    }));
                    selvedge::task::yield_now().await;
                }).await.unwrap();
            }));
            selvedge::task::yield_now().await;
        });
    }

    fn a_panic_inside_is_the_tasks_and_the_worker_goes_on() {
        let runtime = multi_thread();
        for _ in 0..10 {
            let task = runtime.spawn(async { block_in_place(|| panic!("inside")) });
            let error = runtime.block_on(task).unwrap_err();
            assert!(error.to_string().contains("inside"), "{error}");
        }
        let meeting = Arc::new(Barrier::new(2));
        let tasks = [(); 2].map(|()| {
            let meeting = Arc::clone(&meeting);
            runtime.spawn(async move { meeting.wait(); })
        });
        for task in tasks {
            runtime.block_on(task).unwrap();
        }
    }

    fn on_a_current_thread_runtime_it_panics_with_advice() {
        let runtime = current_thread();
        let in_main = runtime.block_on(async { panic_of(|| block_in_place(|| {})) });
        let in_task = runtime.block_on(async {
            selvedge::spawn(async { panic_of(|| block_in_place(|| {})) }).await.unwrap()
        });
        for message in [in_main, in_task] {
            assert!(message.contains("multi-thread"), "{message}");
            assert!(message.contains("spawn_blocking"), "{message}");
        }
    }

    fn elsewhere_it_just_runs() {
        assert_eq!(block_in_place(|| 1), 1, "outside any runtime");
        let runtime = multi_thread();
        assert_eq!(runtime.block_on(async { block_in_place(|| 2) }), 2, "in the main future");
        let task = runtime.spawn_blocking(|| block_in_place(|| 3));
        assert_eq!(runtime.block_on(task).unwrap(), 3, "on a blocking thread");
        let single = current_thread();
        let task = single.spawn_blocking(|| block_in_place(|| 4));
        assert_eq!(single.block_on(task).unwrap(), 4, "there too");
    }

    fn block_on_inside_the_main_futures_section() {
        let runtime = multi_thread();
        let sum = runtime.block_on(async {
            block_in_place(|| Handle::current().block_on(async { 40 }))
                + block_in_place(|| current_thread().block_on(async { 2 }))
        });
        assert_eq!(sum, 42);
    }

    fn a_local_set_in_a_section() {
        let sum = on_a_worker(async {
            block_in_place(|| {
                let set = selvedge::task::LocalSet::new();
                let shared = std::rc::Rc::new(21);
                let copy = std::rc::Rc::clone(&shared);
                let task = set.spawn_local(async move { *copy });
                *shared + Handle::current().block_on(set.run_until(task)).unwrap()
            })
        });
        assert_eq!(sum, 42);
    }

    /// A timer belongs to the worker that armed it; that worker is about to block.
    fn a_timer_armed_just_before_the_section_fires_meanwhile() {
        on_a_worker(async {
            let (send, receive) = mpsc::channel();
            selvedge::spawn(async move {
                selvedge::time::sleep(Duration::from_millis(20)).await;
                send.send(()).unwrap();
            });
            selvedge::task::yield_now().await;
            assert_eq!(block_in_place(|| receive.recv()), Ok(()));
        });
    }
}
