//! Scopes: nothing that was spawned in one is left when it is over.

use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use selvedge::runtime::Builder;
use selvedge::sync::{Mutex, oneshot};
use selvedge::task::{self, LocalSet, Scope, ScopeError, yield_now};
use selvedge::time::Instant;

use crate::support::*;

/// Waits for ever, and counts its drop.
async fn stays(guard: CountsDrop) -> Result<(), String> {
    let _guard = guard;
    pending().await
}

/// The output, if `future` is ready within `polls` polls; drops it otherwise.
async fn polled<F: Future>(future: F, polls: usize) -> Option<F::Output> {
    let mut future = Box::pin(future);
    let mut left = polls;
    poll_fn(move |cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            // The next poll need not be asked for: the test sees to it.
            Poll::Pending => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    })
    .await
}

both_flavors! {
    fn the_value_is_the_bodys(flavor) { flavor.build().block_on(async {
        let base = String::from("borrowed");
        let value = task::scope(async |scope| {
            let first = scope.spawn(async { yield_now().await; Ok::<_, Infallible>(1) });
            let second = scope.spawn_blocking(|| Ok(2));
            Ok((base.as_str(), first.await.unwrap() + second.await.unwrap()))
        });
        assert!(matches!(value.await, Ok(("borrowed", 3))));
    }); }

    fn children_without_handles_are_waited_for(flavor) { flavor.build().block_on(async {
        let done = Arc::new(AtomicUsize::new(0));
        let counts = Arc::clone(&done);
        let ended = task::scope(async move |scope: Scope<Infallible>| {
            for turns in 0..1_000 {
                let counts = Arc::clone(&counts);
                scope.spawn(async move {
                    for _ in 0..turns % 7 { yield_now().await; }
                    counts.fetch_add(1, Ordering::SeqCst);
                    Ok(())
                });
            }
            Ok(())
        });
        ended.await.unwrap();
        assert_eq!(done.load(Ordering::SeqCst), 1_000);
    }); }

    fn children_of_children_are_waited_for(flavor) { flavor.build().block_on(async {
        fn tree(scope: Scope<String>, leaves: Arc<AtomicUsize>, depth: u32) {
            let inner = scope.clone();
            scope.spawn(async move {
                yield_now().await;
                if depth == 0 {
                    leaves.fetch_add(1, Ordering::SeqCst);
                } else {
                    tree(inner.clone(), Arc::clone(&leaves), depth - 1);
                    tree(inner, leaves, depth - 1);
                }
                Ok(())
            });
        }
        let leaves = Arc::new(AtomicUsize::new(0));
        task::scope(async |scope| { tree(scope, Arc::clone(&leaves), 6); Ok(()) }).await.unwrap();
        assert_eq!(leaves.load(Ordering::SeqCst), 64);
    }); }

    fn the_first_error_ends_all_and_waits(flavor) { flavor.build().block_on(async {
        let drops = Drops::new();
        let (spawned, body) = (drops.clone(), drops.counted());
        let (go, wait) = oneshot::channel();
        let ended = task::scope(async move |scope| {
            let _body = body;
            for _ in 0..10 { scope.spawn(stays(spawned.counted())); }
            scope.spawn(async { wait.await.unwrap(); Err::<(), _>("first".to_owned()) });
            yield_now().await;
            go.send(()).unwrap();
            pending::<Result<(), _>>().await
        });
        assert!(matches!(ended.await, Err(ScopeError::Failed(error)) if error == "first"));
        assert_eq!(drops.count(), 11);
    }); }

    fn of_many_errors_one_is_given(flavor) { flavor.build().block_on(async {
        for _ in 0..50 {
            let ended = task::scope(async |scope| {
                for n in 0..8 { scope.spawn(async move { Err::<(), _>(n) }); }
                Ok(())
            });
            assert!(matches!(ended.await, Err(ScopeError::Failed(0..8))));
        }
    }); }

    fn an_error_of_the_body_ends_all_and_waits(flavor) { flavor.build().block_on(async {
        let drops = Drops::new();
        let ended = task::scope(async |scope| {
            for _ in 0..10 { scope.spawn(stays(drops.counted())); }
            yield_now().await;
            Err::<(), _>("body".to_owned())
        });
        assert_eq!(ended.await.unwrap_err().to_string(), "body");
        assert_eq!(drops.count(), 10);
    }); }

    fn a_panic_of_a_child_is_an_error(flavor) { flavor.build().block_on(async {
        let drops = Drops::new();
        let (tell, told) = oneshot::channel();
        let ended = task::scope(async |scope| {
            scope.spawn(stays(drops.counted()));
            let panics = scope.spawn::<_, ()>(async { panic!("child") });
            assert!(tell.send(panics).is_ok());
            Ok(())
        });
        let Err(ScopeError::Panicked(error)) = ended.await else { panic!("no panic came") };
        assert_eq!(drops.count(), 1);
        let handle = told.await.unwrap();
        assert_eq!(error.id(), handle.id());
        assert!(error.to_string().contains("child"));
        assert!(handle.await.unwrap_err().is_cancelled(), "the scope has the panic");
    }); }

    fn a_panic_of_the_body_comes_when_the_children_are_gone(flavor) {
        let runtime = flavor.build();
        let drops = Drops::new();
        let spawned = drops.clone();
        let message = panic_of(|| runtime.block_on(async {
            let ended = task::scope::<_, _, (), _>(async |scope| {
                for _ in 0..10 { scope.spawn(stays(spawned.counted())); }
                yield_now().await;
                panic!("body")
            });
            let ended = panic_of_future(ended).await;
            assert_eq!(drops.count(), 10);
            std::panic::resume_unwind(ended)
        }));
        assert_eq!(message, "body");
    }

    fn an_aborted_child_is_no_failure(flavor) { flavor.build().block_on(async {
        let value = task::scope(async |scope| {
            let child = scope.spawn(pending::<Result<(), String>>());
            child.abort();
            assert!(child.await.unwrap_err().is_cancelled());
            Ok(42)
        });
        assert_eq!(value.await.unwrap(), 42);
    }); }

    fn all_children_can_be_aborted_and_the_body_goes_on(flavor) { flavor.build().block_on(async {
        let drops = Drops::new();
        let value = task::scope(async |scope| {
            for _ in 0..10 { scope.spawn(stays(drops.counted())); }
            yield_now().await;
            scope.abort_all();
            assert!(!scope.is_cancelled());
            Ok(scope.spawn(async { Ok(42) }).await.unwrap())
        });
        assert_eq!(value.await.unwrap(), 42);
        assert_eq!(drops.count(), 10);
    }); }

    fn a_scope_that_is_over_takes_no_children(flavor) { flavor.build().block_on(async {
        let escaped = task::scope(async |scope: Scope<String>| Ok(scope)).await.unwrap();
        assert!(escaped.is_cancelled());
        let drops = Drops::new();
        let refused = escaped.spawn(stays(drops.counted()));
        assert_eq!(drops.count(), 1, "dropped at once");
        assert!(refused.await.unwrap_err().is_cancelled());
        let guard = drops.counted();
        let refused = escaped.spawn_blocking(move || { drop(guard); work_for_nobody() });
        assert!(refused.await.unwrap_err().is_cancelled());
        assert_eq!(drops.count(), 2);
    }); }

    fn a_child_that_goes_on_spawning_cannot_hold_up_the_end(flavor) { flavor.build().block_on(async {
        let ended = task::scope(async |scope| {
            let again = scope.clone();
            scope.spawn(async move {
                loop {
                    again.spawn(async { Ok(()) });
                    yield_now().await;
                }
                #[allow(unreachable_code, reason = "says what it would return")]
                Ok(())
            });
            yield_now().await;
            Err::<(), _>("enough".to_owned())
        });
        assert_eq!(ended.await.unwrap_err().to_string(), "enough");
    }); }

    fn a_deadline_ends_all_and_waits(flavor) { flavor.build().block_on(async {
        let drops = Drops::new();
        let ended = task::scope(async |scope| {
            for _ in 0..10 { scope.spawn(stays(drops.counted())); }
            let _body = drops.counted();
            pending::<Result<(), _>>().await
        });
        let ended = ended.within(Duration::from_millis(5)).await;
        assert!(matches!(ended, Err(ScopeError::Elapsed(_))));
        assert_eq!(drops.count(), 11);
    }); }

    fn who_is_ready_at_once_needs_no_time(flavor) { flavor.build().block_on(async {
        let past = Instant::now() - Duration::from_millis(1);
        let value = task::scope(async |_: Scope<String>| Ok(42)).deadline(past).await;
        assert_eq!(value.unwrap(), 42);
        let ended = task::scope(async |scope| {
            scope.spawn(pending::<Result<(), String>>());
            Ok(42)
        });
        assert!(matches!(ended.deadline(past).await, Err(ScopeError::Elapsed(_))));
    }); }

    fn blocking_work_that_runs_is_waited_for(flavor) { flavor.build().block_on(async {
        let (finished, begun) = (Flag::new(), Gate::new());
        let (finishes, begins) = (finished.clone(), begun.clone());
        let ended = task::scope(async move |scope: Scope<String>| {
            let asks = scope.clone();
            scope.spawn_blocking(move || {
                begins.open();
                wait_until("the end of the scope", || asks.is_cancelled());
                finishes.set();
                Ok(())
            });
            task::spawn_blocking(move || begun.pass()).await.unwrap();
            Err::<(), _>("stop".to_owned())
        });
        assert_eq!(ended.await.unwrap_err().to_string(), "stop");
        assert!(finished.is_set());
    }); }

    fn blocking_work_fails_as_children_do(flavor) { flavor.build().block_on(async {
        let failed = task::scope(async |scope| {
            scope.spawn_blocking(|| Err::<(), _>("work".to_owned()));
            pending::<Result<(), _>>().await
        });
        assert_eq!(failed.await.unwrap_err().to_string(), "work");
        let panicked = task::scope(async |scope| {
            scope.spawn_blocking::<_, ()>(|| panic!("work"));
            pending::<Result<(), String>>().await
        });
        assert!(matches!(panicked.await, Err(ScopeError::Panicked(_))));
    }); }

    fn a_scope_around_waits_for_what_a_dropped_one_left(flavor) { flavor.build().block_on(async {
        let (finished, begun) = (Flag::new(), Gate::new());
        let (finishes, begins) = (finished.clone(), begun.clone());
        let outer = task::scope(async move |outer: Scope<String>| {
            outer.spawn(async { leaves_work(begins, finishes).await.map_err(|error| error.to_string()) });
            task::spawn_blocking(move || begun.pass()).await.unwrap();
            Err::<(), _>("stop".to_owned())
        });
        assert_eq!(outer.await.unwrap_err().to_string(), "stop");
        assert!(finished.is_set());
    }); }

    fn a_body_around_waits_for_what_a_dropped_one_left(flavor) { flavor.build().block_on(async {
        let (finished, begun) = (Flag::new(), Gate::new());
        let (finishes, begins) = (finished.clone(), begun.clone());
        let is_finished = finished.clone();
        let outer = task::scope(async move |_: Scope<String>| {
            let mut inner = Box::pin(leaves_work(begins, finishes));
            let mut begun = task::spawn_blocking(move || begun.pass());
            poll_fn(|cx| {
                assert!(inner.as_mut().poll(cx).is_pending());
                std::pin::Pin::new(&mut begun).poll(cx)
            }).await.unwrap();
            drop(inner);
            Ok(())
        });
        outer.await.unwrap();
        assert!(is_finished.is_set());
    }); }

    fn dropping_it_at_any_poll_drops_all(flavor) {
        let runtime = flavor.build();
        let mut polls = 0;
        loop {
            let drops = Drops::new();
            let spawned = Arc::new(AtomicUsize::new(0));
            let (counts, made) = (drops.clone(), Arc::clone(&spawned));
            let ended = runtime.block_on(async move {
                let scope = task::scope(async move |scope: Scope<String>| {
                    for turns in 0..5 {
                        made.fetch_add(1, Ordering::SeqCst);
                        let guard = counts.counted();
                        let child = scope.spawn(async move {
                            let _guard = guard;
                            for _ in 0..turns { yield_now().await; }
                            Ok(turns)
                        });
                        if turns % 2 == 0 { assert_eq!(child.await.unwrap(), turns); }
                    }
                    Ok(())
                });
                polled(scope, polls).await
            });
            runtime.block_on(wait_until_async("the drops", || drops.count() == spawned.load(Ordering::SeqCst)));
            if ended.is_some() { break; }
            // Workers run while this thread polls in vain.
            polls += if flavor == Flavor::MultiThread { 1 + polls / 8 } else { 1 };
        }
        wait_until("the tasks are forgotten", || runtime.metrics().num_alive_tasks() == 0);
    }

    fn children_of_other_runtimes_and_local_ones(flavor) { flavor.build().block_on(async {
        let elsewhere = Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let handle = elsewhere.handle().clone();
        let drops = Drops::new();
        let set = LocalSet::new();
        let ended = set.run_until(task::scope(async |scope| {
            let here = std::rc::Rc::new(drops.counted());
            let local = scope.spawn_local(async move { yield_now().await; drop(here); Ok(1) });
            scope.spawn_on(stays(drops.counted()), &handle);
            let local = local.await.unwrap();
            Err::<(), _>(format!("{local}"))
        }));
        assert_eq!(ended.await.unwrap_err().to_string(), "1");
        assert_eq!(drops.count(), 2);
        elsewhere.shutdown_background();
    }); }
}

/// A scope with blocking work that, once `begins` is open, goes on until the scope ends, and then sets
/// `finishes`. The drop of the scope cannot wait for it.
async fn leaves_work(begins: Gate, finishes: Flag) -> Result<(), ScopeError<String>> {
    task::scope(async move |scope| {
        let asks = scope.clone();
        scope.spawn_blocking(move || {
            begins.open();
            wait_until("the end of the scope", || asks.is_cancelled());
            finishes.set();
            Ok(())
        });
        pending().await
    })
    .await
}

/// The panic of a future.
async fn panic_of_future<F: Future<Output = Result<(), ScopeError<String>>>>(
    future: F,
) -> Box<dyn std::any::Any + Send> {
    let mut future = Box::pin(future);
    poll_fn(move |cx| {
        let poll = std::panic::AssertUnwindSafe(|| future.as_mut().poll(cx));
        match std::panic::catch_unwind(poll) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(ended)) => panic!("it ended with {ended:?}"),
            Err(payload) => Poll::Ready(payload),
        }
    })
    .await
}

fn work_for_nobody() -> Result<(), String> {
    panic!("work of a scope that is over was run")
}

#[test]
fn locks_may_be_shared_by_children() {
    within(PATIENCE, || {
        multi_thread().block_on(async {
            let total = Arc::new(Mutex::new(0));
            task::scope(async |scope: Scope<Infallible>| {
                for n in 0..100 {
                    let total = Arc::clone(&total);
                    scope.spawn(async move {
                        *total.lock().await += n;
                        Ok(())
                    });
                }
                Ok(())
            })
            .await
            .unwrap();
            assert_eq!(*total.lock().await, 4950);
        });
    });
}
