//! Runtimes, and what belongs to them, kept in thread-locals and dropped when the thread ends.
//!
//! A panic in a thread-local's destructor aborts the process, so each test has one of its own.

use std::cell::{OnceCell, RefCell};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use selvedge::net::TcpListener;
use selvedge::runtime::{Handle, Runtime};
use selvedge::task::{JoinSet, LocalSet};

use crate::support::{Drops, Flavor, OnDrop, current_thread, in_child, multi_thread, my_waker};

const FLAVORS: [Flavor; 2] = [Flavor::CurrentThread, Flavor::MultiThread];

/// Runs `f` on a thread and waits until that is gone, its thread-locals included.
#[track_caller]
fn on_a_thread<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> R {
    thread::spawn(f).join().expect("the thread ends well")
}

/// Uses everything that has thread-locals of its own.
fn use_everything(runtime: &Runtime) {
    runtime.block_on(async {
        selvedge::spawn(async { selvedge::task::yield_now().await })
            .await
            .unwrap();
        selvedge::time::sleep(Duration::from_millis(1)).await;
        LocalSet::new()
            .run_until(async {
                selvedge::task::spawn_local(async {}).await.unwrap();
            })
            .await;
        drop(TcpListener::bind("127.0.0.1:0").await.unwrap());
    });
    runtime.handle().block_on(async {});
}

/// Leaves tasks behind, whose drops use the runtime's thread-locals too.
fn leave_tasks(runtime: &Runtime, drops: &Drops) {
    for _ in 0..3 {
        let guard = drops.counted();
        let on_drop = OnDrop(|| {
            let _ = Handle::try_current();
            let _ = selvedge::task::try_id();
        });
        runtime.spawn(async move {
            let _both = (guard, on_drop);
            selvedge::time::sleep(Duration::from_secs(1_000)).await;
        });
    }
}

/// the runtime is older than the thread-locals it uses, so those are destroyed first.
#[test]
fn r70_a_runtime_made_before_its_thread_locals() {
    thread_local! { static KEPT: OnceCell<Runtime> = const { OnceCell::new() } }
    in_child(
        "thread_locals::r70_a_runtime_made_before_its_thread_locals",
        || {
            for flavor in FLAVORS {
                let drops = Drops::new();
                let counted = drops.clone();
                on_a_thread(move || {
                    KEPT.with(|kept| {
                        let runtime = kept.get_or_init(|| flavor.build());
                        use_everything(runtime);
                        leave_tasks(runtime, &counted);
                    })
                });
                assert_eq!(drops.count(), 3, "{flavor:?}");
            }
        },
    );
}

/// the runtime is younger, so it is destroyed first.
#[test]
fn r70_a_runtime_made_after_its_thread_locals() {
    thread_local! { static KEPT: OnceCell<Runtime> = const { OnceCell::new() } }
    in_child(
        "thread_locals::r70_a_runtime_made_after_its_thread_locals",
        || {
            for flavor in FLAVORS {
                let drops = Drops::new();
                let counted = drops.clone();
                on_a_thread(move || {
                    use_everything(&current_thread());
                    KEPT.with(|kept| {
                        let runtime = kept.get_or_init(|| flavor.build());
                        use_everything(runtime);
                        leave_tasks(runtime, &counted);
                    });
                });
                assert_eq!(drops.count(), 3, "{flavor:?}");
            }
        },
    );
}

/// R-70, for a runtime that was never used on that thread.
#[test]
fn r70_a_runtime_only_kept_there() {
    thread_local! { static KEPT: RefCell<Vec<Runtime>> = const { RefCell::new(Vec::new()) } }
    in_child("thread_locals::r70_a_runtime_only_kept_there", || {
        let drops = Drops::new();
        let counted = drops.clone();
        on_a_thread(move || {
            KEPT.with(|kept| {
                for flavor in FLAVORS {
                    let runtime = flavor.build();
                    leave_tasks(&runtime, &counted);
                    kept.borrow_mut().push(runtime);
                }
            })
        });
        assert_eq!(drops.count(), 6);
    });
}

/// R-70, for what a runtime gives out; each kind younger and older than the runtime's own.
#[test]
fn r70_handles_wakers_sockets_timers_and_sets() {
    thread_local! {
        static KEPT: RefCell<Vec<Box<dyn std::any::Any>>> = const { RefCell::new(Vec::new()) };
    }
    fn keep(it: impl std::any::Any) {
        KEPT.with(|kept| kept.borrow_mut().push(Box::new(it)));
    }
    in_child(
        "thread_locals::r70_handles_wakers_sockets_timers_and_sets",
        || {
            for flavor in FLAVORS {
                for (runtime_first, used_first) in
                    [(true, true), (true, false), (false, true), (false, false)]
                {
                    on_a_thread(move || {
                        if used_first {
                            use_everything(&current_thread());
                        } else {
                            KEPT.with(|_| {});
                        }
                        let runtime = flavor.build();
                        let task = runtime.spawn(std::future::pending::<()>());
                        keep(task.abort_handle());
                        keep(task);
                        keep(runtime.handle().clone());
                        keep(runtime.metrics());
                        keep(runtime.block_on(my_waker()));
                        keep(runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap());
                        runtime.block_on(async {
                            let mut sleep =
                                Box::pin(selvedge::time::sleep(Duration::from_secs(1_000)));
                            std::future::poll_fn(|cx| {
                                assert!(sleep.as_mut().poll(cx).is_pending());
                                std::task::Poll::Ready(())
                            })
                            .await;
                            keep(sleep);
                            keep(selvedge::time::interval(Duration::from_secs(1)));
                            let mut set = JoinSet::new();
                            set.spawn(std::future::pending::<()>());
                            keep(set);
                        });
                        let set = LocalSet::new();
                        set.spawn_local(std::future::pending::<()>());
                        set.block_on(&runtime, selvedge::task::yield_now());
                        keep(set);
                        if runtime_first {
                            drop(runtime);
                        } else {
                            keep(runtime);
                        }
                    });
                }
            }
        },
    );
}

/// What a destructor gets when it asks for the runtime after the thread's own are gone.
#[test]
fn a_destructor_asks_for_the_runtime() {
    struct Asks(Arc<std::sync::Mutex<Vec<bool>>>);
    impl Drop for Asks {
        fn drop(&mut self) {
            let found = Handle::try_current();
            if let Err(error) = &found {
                assert!(!error.to_string().is_empty());
                assert_ne!(
                    error.is_missing_context(),
                    error.is_thread_local_destroyed()
                );
            }
            self.0.lock().unwrap().push(found.is_ok());
            assert!(selvedge::task::try_id().is_none());
        }
    }
    thread_local! { static KEPT: OnceCell<Asks> = const { OnceCell::new() } }
    in_child("thread_locals::a_destructor_asks_for_the_runtime", || {
        for used_first in [true, false] {
            let answers = Arc::default();
            let asks = Asks(Arc::clone(&answers));
            on_a_thread(move || {
                if used_first {
                    use_everything(&current_thread());
                }
                KEPT.with(|kept| assert!(kept.set(asks).is_ok()));
                use_everything(&current_thread());
            });
            assert_eq!(*answers.lock().unwrap(), [false]);
        }
    });
}

/// Thread-locals that tasks leave on workers and blocking threads.
#[test]
fn thread_locals_of_worker_threads() {
    struct Leaves(Handle);
    impl Drop for Leaves {
        fn drop(&mut self) {
            // Neither may panic, whatever is left of the runtime and of this thread.
            drop(self.0.spawn(async {}));
            drop(self.0.spawn_blocking(|| {}));
            let _ = Handle::try_current();
        }
    }
    thread_local! { static KEPT: OnceCell<Leaves> = const { OnceCell::new() } }
    in_child("thread_locals::thread_locals_of_worker_threads", || {
        for _ in 0..10 {
            let runtime = multi_thread();
            let leave = || {
                KEPT.with(|kept| {
                    kept.get_or_init(|| Leaves(Handle::current()));
                })
            };
            runtime.block_on(async move {
                for _ in 0..20 {
                    selvedge::spawn(async move {
                        leave();
                        selvedge::task::yield_now().await;
                    })
                    .await
                    .unwrap();
                    selvedge::task::spawn_blocking(leave).await.unwrap();
                }
            });
            drop(runtime);
        }
    });
}

/// Guards of `enter` that end in another order than they began.
#[test]
fn guards_may_end_in_any_order() {
    let (one, two) = (current_thread(), multi_thread());
    let flavor = || Handle::current().runtime_flavor();
    let first = one.enter();
    let second = two.enter();
    assert_eq!(flavor(), two.handle().runtime_flavor());
    drop(first);
    assert_eq!(flavor(), two.handle().runtime_flavor());
    drop(second);
    assert!(Handle::try_current().is_err());
}
