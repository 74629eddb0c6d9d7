//! No task, socket or timer starves, however busy the others are.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use selvedge::io::{AsyncReadExt, AsyncWriteExt};
use selvedge::net::{TcpListener, TcpStream};
use selvedge::sync::{Notify, oneshot};

use crate::support::{Flag, both_flavors, current_thread, watched};

/// Tasks that are always ready, two per worker of the largest runtime here.
fn spawn_greedy(stop: &Flag) -> Vec<selvedge::task::JoinHandle<()>> {
    (0..4)
        .map(|number| {
            let stop = stop.clone();
            selvedge::spawn(async move {
                while !stop.is_set() {
                    match number % 2 {
                        0 => selvedge::task::yield_now().await,
                        _ => {
                            std::future::poll_fn(|cx| {
                                // Wakes itself without a word to the scheduler.
                                if stop.is_set() {
                                    return Poll::Ready(());
                                }
                                cx.waker().wake_by_ref();
                                Poll::Pending
                            })
                            .await
                        }
                    }
                }
            })
        })
        .collect()
}

both_flavors! {
    /// a future that woke itself kept everything else from running.
    fn r49_greedy_tasks_leave_room_for_everything(flavor) {
        flavor.build().block_on(async {
            let stop = Flag::new();
            let greedy = spawn_greedy(&stop);
            selvedge::spawn(crate::stand_in::a_bit_of_everything()).await.unwrap();
            crate::stand_in::a_bit_of_everything().await;
            stop.set();
            for task in greedy {
                task.await.unwrap();
            }
        });
    }

    fn tasks_spawned_from_outside_are_not_starved(flavor) {
        let runtime = flavor.build();
        let stop = Flag::new();
        let handle = runtime.handle().clone();
        let outside = std::thread::spawn({
            let stop = stop.clone();
            move || {
                for n in 0..100 {
                    let (send, receive) = std::sync::mpsc::channel();
                    handle.spawn(async move { send.send(n).unwrap() });
                    assert_eq!(receive.recv(), Ok(n));
                }
                stop.set();
            }
        });
        runtime.block_on(async {
            for task in spawn_greedy(&stop) {
                task.await.unwrap();
            }
        });
        outside.join().unwrap();
    }

    /// Two tasks that wake each other go round in the LIFO slot; others must get their turn.
    fn a_pair_that_wakes_each_other_leaves_room(flavor) {
        flavor.build().block_on(async {
            let stop = Flag::new();
            let bells: Arc<[Notify; 2]> = Arc::new([Notify::new(), Notify::new()]);
            let pair = [0, 1].map(|me| {
                let (bells, stop) = (Arc::clone(&bells), stop.clone());
                selvedge::spawn(async move {
                    while !stop.is_set() {
                        bells[1 - me].notify_one();
                        bells[me].notified().await;
                    }
                    bells[1 - me].notify_one();
                })
            });
            for _ in 0..50 {
                selvedge::spawn(async { selvedge::task::yield_now().await }).await.unwrap();
            }
            selvedge::time::sleep(Duration::from_millis(2)).await;
            stop.set();
            for task in pair {
                task.await.unwrap();
            }
        });
    }

    /// Channels that are always ready, without a yield of the task's own: the budget is for that.
    fn a_task_whose_operations_are_always_ready_yields(flavor) {
        flavor.build().block_on(async {
            let stop = Flag::new();
            let busy = selvedge::spawn({
                let stop = stop.clone();
                async move {
                    while !stop.is_set() {
                        let (send, receive) = oneshot::channel();
                        send.send(()).unwrap();
                        receive.await.unwrap();
                    }
                }
            });
            let stopper = selvedge::spawn(async move {
                selvedge::time::sleep(Duration::from_millis(1)).await;
                stop.set();
            });
            busy.await.unwrap();
            stopper.await.unwrap();
        });
    }

    /// A socket whose peer writes without end.
    fn a_socket_that_is_always_ready_yields(flavor) {
        flavor.build().block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let stop = Flag::new();
            let stopped = stop.clone();
            let writer = selvedge::spawn(async move {
                let mut stream = TcpStream::connect(address).await.unwrap();
                let chunk = [0; 4096];
                while !stopped.is_set() && stream.write_all(&chunk).await.is_ok() {}
            });
            let (mut stream, _) = listener.accept().await.unwrap();
            let reader = selvedge::spawn(async move {
                let mut byte = [0; 16];
                while stream.read(&mut byte).await.is_ok_and(|count| count > 0) {}
            });
            for _ in 0..20 {
                selvedge::spawn(async { selvedge::time::sleep(Duration::from_micros(100)).await })
                    .await
                    .unwrap();
            }
            stop.set();
            writer.await.unwrap();
            reader.await.unwrap();
        });
    }
}

watched! {
    /// Joining tasks that are all over takes budget as well.
    fn joining_finished_tasks_yields() {
        current_thread().block_on(async {
            let tasks: Vec<_> = (0..1_000).map(|_| selvedge::spawn(async {})).collect();
            while !tasks.iter().all(|task| task.is_finished()) {
                selvedge::task::yield_now().await;
            }
            let others = Arc::new(AtomicUsize::new(0));
            let count = Arc::clone(&others);
            let stop = Flag::new();
            let stopped = stop.clone();
            let other = selvedge::spawn(async move {
                while !stopped.is_set() {
                    count.fetch_add(1, Ordering::SeqCst);
                    selvedge::task::yield_now().await;
                }
            });
            for task in tasks {
                task.await.unwrap();
            }
            assert!(others.load(Ordering::SeqCst) > 0);
            stop.set();
            other.await.unwrap();
        });
    }

    /// P5: the bound, on one thread: between a wake and the poll lie at most all others once.
    fn a_woken_task_is_polled_after_at_most_one_turn_of_each_other() {
        current_thread().block_on(async {
            let stop = Flag::new();
            let turns = Arc::new(AtomicUsize::new(0));
            let others: Vec<_> = (0..20).map(|_| {
                let (stop, turns) = (stop.clone(), Arc::clone(&turns));
                selvedge::spawn(async move {
                    while !stop.is_set() {
                        turns.fetch_add(1, Ordering::SeqCst);
                        selvedge::task::yield_now().await;
                    }
                })
            }).collect();
            selvedge::spawn(async move {
                for _ in 0..50 {
                    let (go, wait) = oneshot::channel();
                    let before = turns.load(Ordering::SeqCst);
                    let task = selvedge::spawn(async move { go.send(()).unwrap() });
                    wait.await.unwrap();
                    task.await.unwrap();
                    // The new task waits for one round, this one for another.
                    let after = turns.load(Ordering::SeqCst);
                    assert!(after - before <= 3 * 20 + 5, "{} turns of others", after - before);
                }
                stop.set();
            }).await.unwrap();
            for task in others {
                task.await.unwrap();
            }
        });
    }
}

/// The 256 tasks that fit into a worker's queue went round in it, while those in the queue that all workers
/// share had one turn of 61.
#[test]
fn many_tasks_that_yield_come_on_together() {
    const TASKS: usize = 2_000;
    const ROUNDS: usize = 100;
    let rounds: Arc<Vec<AtomicUsize>> = Arc::new((0..TASKS).map(|_| AtomicUsize::new(0)).collect());
    let (go, stop) = (Flag::new(), Flag::new());
    let runner = |own: usize| {
        let (rounds, go, stop) = (Arc::clone(&rounds), go.clone(), stop.clone());
        async move {
            while !stop.is_set() {
                if go.is_set() && rounds[own].fetch_add(1, Ordering::Relaxed) + 1 == ROUNDS {
                    stop.set();
                }
                selvedge::task::yield_now().await;
            }
        }
    };
    // One worker: which of two the machine favours is not ours to say.
    let runtime = selvedge::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    let tasks: Vec<_> = (0..TASKS).map(|own| runtime.spawn(runner(own))).collect();
    go.set();
    runtime.block_on(async {
        for task in tasks {
            task.await.unwrap();
        }
    });
    let left_out = rounds
        .iter()
        .filter(|rounds| rounds.load(Ordering::Relaxed) == 0);
    assert_eq!(left_out.count(), 0);
}
