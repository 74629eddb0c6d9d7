//! Long polls: what a worker stuck in one held goes on elsewhere, and who helped goes away again.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use selvedge::io::{AsyncReadExt, AsyncWriteExt};
use selvedge::net::{TcpListener, TcpStream};
use selvedge::runtime::{Builder, Runtime};
use selvedge::sync::oneshot;
use selvedge::task::block_in_place;

use crate::support::{Gate, multi_thread, poll_with, wait_until, watched};

/// A task, a join, a timer, a socket, blocking work: each needs the runtime to be alive.
pub(crate) async fn a_bit_of_everything() {
    let tasks: Vec<_> = (0..100)
        .map(|n| {
            selvedge::spawn(async move {
                selvedge::task::yield_now().await;
                n
            })
        })
        .collect();
    for (n, task) in tasks.into_iter().enumerate() {
        assert_eq!(task.await.unwrap(), n);
    }
    selvedge::time::sleep(Duration::from_millis(3)).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = selvedge::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = [0; 4];
        stream.read_exact(&mut bytes).await.unwrap();
        stream.write_all(&bytes).await.unwrap();
    });
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"weft").await.unwrap();
    let mut bytes = [0; 4];
    stream.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"weft");
    server.await.unwrap();
    assert_eq!(selvedge::task::spawn_blocking(|| 42).await.unwrap(), 42);
}

/// Blocks `count` threads of the runtime in polls that say nothing, until the gate opens.
fn block(runtime: &Runtime, count: usize, gate: &Gate) -> Vec<selvedge::task::JoinHandle<()>> {
    let blocked = Arc::new(Barrier::new(count + 1));
    let blockers = (0..count)
        .map(|_| {
            let (gate, blocked) = (gate.clone(), Arc::clone(&blocked));
            runtime.spawn(async move {
                blocked.wait();
                gate.pass();
            })
        })
        .collect();
    blocked.wait();
    blockers
}

/// Arms a timer whose waker rings `fired`, and leaves it to `block` to wait for that.
fn timer_fires_while(block: impl FnOnce(mpsc::Receiver<()>)) {
    struct Ring(mpsc::Sender<()>);
    impl std::task::Wake for Ring {
        fn wake(self: Arc<Self>) {
            // The receiver may be gone.
            let _ = self.0.send(());
        }
    }
    let (ring, fired) = mpsc::channel();
    let mut sleep = Box::pin(selvedge::time::sleep(Duration::from_millis(10)));
    assert!(poll_with(&mut sleep, &Arc::new(Ring(ring)).into()).is_pending());
    block(fired);
}

watched! {
    /// everything stopped while the worker that had the I/O driver was in a long poll.
    fn r50_with_one_of_two_workers_stuck_everything_goes_on() {
        let runtime = multi_thread();
        let gate = Gate::new();
        let _open = gate.open_on_drop();
        for _ in 0..5 {
            let stuck = block(&runtime, 1, &gate);
            let task = runtime.spawn(a_bit_of_everything());
            runtime.block_on(task).unwrap();
            gate.open();
            for task in stuck {
                runtime.block_on(task).unwrap();
            }
        }
    }

    fn r50_with_both_of_two_workers_stuck_everything_goes_on() {
        let runtime = multi_thread();
        let gate = Gate::new();
        let _open = gate.open_on_drop();
        let stuck = block(&runtime, 2, &gate);
        for _ in 0..5 {
            let task = runtime.spawn(a_bit_of_everything());
            runtime.block_on(task).unwrap();
        }
        gate.open();
        for task in stuck {
            runtime.block_on(task).unwrap();
        }
    }

    fn r50_on_a_runtime_with_one_worker() {
        let runtime = Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let gate = Gate::new();
        let _open = gate.open_on_drop();
        let stuck = block(&runtime, 1, &gate);
        let task = runtime.spawn(a_bit_of_everything());
        runtime.block_on(task).unwrap();
        gate.open();
        for task in stuck {
            runtime.block_on(task).unwrap();
        }
    }

    /// The blockers themselves need stand-ins to get to their barrier.
    fn twelve_stuck_polls_on_two_workers() {
        let runtime = multi_thread();
        let gate = Gate::new();
        let _open = gate.open_on_drop();
        let stuck = block(&runtime, 12, &gate);
        let task = runtime.spawn(a_bit_of_everything());
        runtime.block_on(task).unwrap();
        gate.open();
        for task in stuck {
            runtime.block_on(task).unwrap();
        }
    }

    /// the task that was woken last is in a slot of the worker's own.
    fn r50_the_task_in_the_lifo_slot_behind_a_blocker_runs_elsewhere() {
        let runtime = multi_thread();
        let task = runtime.spawn(async {
            let (send, receive) = mpsc::channel();
            selvedge::spawn(async move { send.send(42).unwrap() });
            // The blocked thread is the one that holds the task it waits for.
            receive.recv().unwrap()
        });
        assert_eq!(runtime.block_on(task).unwrap(), 42);
    }

    /// As above, when the spawn comes after the worker was found stuck.
    fn r50_a_task_spawned_late_in_a_long_poll_runs_elsewhere() {
        let runtime = multi_thread();
        for _ in 0..5 {
            let metrics = runtime.metrics();
            let task = runtime.spawn(async move {
                let task = {
                    // Long enough to be found stuck, and for all others to fall asleep.
                    thread::sleep(Duration::from_millis(30));
                    let (send, receive) = mpsc::channel();
                    let task = selvedge::spawn(async move { send.send(42).unwrap() });
                    assert_eq!(receive.recv(), Ok(42));
                    task
                };
                task.await.unwrap();
                drop(metrics);
            });
            runtime.block_on(task).unwrap();
        }
    }

    fn r50_a_task_woken_late_in_a_long_poll_runs_elsewhere() {
        let runtime = multi_thread();
        for _ in 0..5 {
            let task = runtime.spawn(async {
                let (go, wait) = oneshot::channel::<()>();
                let (send, receive) = mpsc::channel();
                let task = selvedge::spawn(async move {
                    wait.await.unwrap_err();
                    send.send(42).unwrap();
                });
                selvedge::task::yield_now().await;
                thread::sleep(Duration::from_millis(30));
                drop(go);
                assert_eq!(receive.recv(), Ok(42));
                task.await.unwrap();
            });
            runtime.block_on(task).unwrap();
        }
    }

    /// A worker looks after the timers it armed; this one will not.
    fn r50_timers_armed_by_a_poll_that_then_blocks_fire() {
        for workers in [1, 2, 4] {
            let runtime = Builder::new_multi_thread().worker_threads(workers).build().unwrap();
            for late in [false, true] {
                let task = runtime.spawn(async move {
                    if late {
                        // Until this poll was found to be stuck, and the others sleep again.
                        thread::sleep(Duration::from_millis(30));
                    }
                    timer_fires_while(|fired| fired.recv().unwrap());
                });
                runtime.block_on(task).unwrap();
                let task = runtime.spawn(async move {
                    timer_fires_while(|fired| block_in_place(|| fired.recv().unwrap()));
                    block_in_place(|| timer_fires_while(|fired| fired.recv().unwrap()));
                });
                runtime.block_on(task).unwrap();
            }
        }
    }

    /// The whole queue of a stuck worker, overflow included.
    fn everything_queued_behind_a_blocker_runs_elsewhere() {
        let runtime = multi_thread();
        let task = runtime.spawn(async {
            let (send, receive) = mpsc::channel();
            for number in 0..2_000_u64 {
                let send = send.clone();
                selvedge::spawn(async move { send.send(number).unwrap() });
            }
            receive.iter().take(2_000).sum::<u64>()
        });
        assert_eq!(runtime.block_on(task).unwrap(), 1_999 * 2_000 / 2);
    }

    /// The promise is about time: a ticker must not notice that workers block.
    fn a_ticker_keeps_its_pace_while_workers_block() {
        let runtime = multi_thread();
        let gate = Gate::new();
        let _open = gate.open_on_drop();
        let stuck = block(&runtime, 2, &gate);
        let ticker = runtime.spawn(async {
            // The first ones may have to wait for a stand-in.
            selvedge::time::sleep(Duration::from_millis(1)).await;
            let mut worst = Duration::ZERO;
            for _ in 0..100 {
                let start = Instant::now();
                selvedge::time::sleep(Duration::from_millis(1)).await;
                worst = worst.max(start.elapsed());
            }
            worst
        });
        let worst = runtime.block_on(ticker).unwrap();
        gate.open();
        for task in stuck {
            runtime.block_on(task).unwrap();
        }
        // A stuck runtime would have waited for the gate, which this test opens only now.
        assert!(worst < Duration::from_millis(500), "{worst:?}");
    }

    fn a_worker_that_comes_back_is_counted() {
        let runtime = Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let gate = Gate::new();
        let _open = gate.open_on_drop();
        let metrics = runtime.metrics();
        assert_eq!(metrics.worker_stuck_poll_count(0), 0);
        let stuck = block(&runtime, 1, &gate);
        // Only a stand-in can run this.
        let task = runtime.spawn(async {});
        runtime.block_on(task).unwrap();
        gate.open();
        for task in stuck {
            runtime.block_on(task).unwrap();
        }
        wait_until("it is counted", || metrics.worker_stuck_poll_count(0) == 1);
    }

    fn stand_ins_come_and_go_under_load() {
        let runtime = multi_thread();
        let done = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..40_u64).map(|number| {
            let done = Arc::clone(&done);
            runtime.spawn(async move {
                for round in 0..10 {
                    match (number + round) % 4 {
                        0 => thread::sleep(Duration::from_millis(9)),
                        1 => selvedge::time::sleep(Duration::from_millis(2)).await,
                        2 => block_in_place(|| thread::sleep(Duration::from_millis(1))),
                        _ => selvedge::task::yield_now().await,
                    }
                    done.fetch_add(1, Ordering::SeqCst);
                }
            })
        }).collect();
        runtime.block_on(async {
            for task in tasks {
                task.await.unwrap();
            }
        });
        assert_eq!(done.load(Ordering::SeqCst), 400);
    }

    #[cfg(target_os = "linux")]
    fn stand_ins_end_when_they_are_not_needed_any_more() {
        use crate::support::threads_named;
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("retiring")
            .thread_keep_alive(Duration::from_millis(10))
            .build()
            .unwrap();
        let gate = Gate::new();
        let _open = gate.open_on_drop();
        wait_until("two workers and the monitor", || threads_named("retiring") == 3);
        let stuck = block(&runtime, 8, &gate);
        // The system's list may leave out a thread while others end: a look that finds too few is repeated.
        wait_until("6 stand-ins beside 2 workers and the monitor", || {
            threads_named("retiring") >= 3 + 6
        });
        gate.open();
        for task in stuck {
            runtime.block_on(task).unwrap();
        }
        wait_until("the stand-ins end", || threads_named("retiring") == 3);
        // And they come again.
        let gate = Gate::new();
        let _open = gate.open_on_drop();
        let stuck = block(&runtime, 4, &gate);
        wait_until("2 stand-ins", || threads_named("retiring") >= 3 + 2);
        gate.open();
        for task in stuck {
            runtime.block_on(task).unwrap();
        }
        wait_until("the stand-ins end again", || threads_named("retiring") == 3);
    }

    fn a_shutdown_waits_for_stuck_polls_and_ends_after_them() {
        let runtime = multi_thread();
        let gate = Gate::new();
        let _open = gate.open_on_drop();
        let stuck = block(&runtime, 5, &gate);
        let opener = thread::spawn({
            let gate = gate.clone();
            move || {
                thread::sleep(Duration::from_millis(20));
                gate.open();
            }
        });
        drop(runtime);
        opener.join().unwrap();
        assert!(stuck.iter().all(|task| task.is_finished()));
    }
}
