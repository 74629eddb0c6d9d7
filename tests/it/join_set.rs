//! Sets of tasks.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Waker;
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use selvedge::sync::oneshot;
use selvedge::task::{JoinSet, LocalSet};

use crate::support::{
    Drops, both_flavors, current_thread, panic_of, poll_with, wait_until, watched,
};

both_flavors! {
    fn results_come_as_the_tasks_end(flavor) {
        flavor.build().block_on(async {
            let mut set = JoinSet::new();
            assert!(set.join_next().await.is_none());
            let (go, wait) = oneshot::channel();
            set.spawn(async move { wait.await.unwrap() });
            set.spawn(async { 1 });
            assert_eq!(set.len(), 2);
            assert_eq!(set.join_next().await.unwrap().unwrap(), 1);
            assert!(set.try_join_next().is_none());
            go.send(2).unwrap();
            assert_eq!(set.join_next().await.unwrap().unwrap(), 2);
            assert!(set.is_empty() && set.join_next().await.is_none());
        });
    }

    fn a_thousand_members_more_than_a_budget(flavor) {
        let sum = flavor.build().block_on(async {
            let mut set: JoinSet<u64> = (0..1_000).map(|n| async move { n }).collect();
            set.extend((1_000..2_000).map(|n| async move { n }));
            let mut sum = 0;
            while let Some(result) = set.join_next().await {
                sum += result.unwrap();
            }
            sum
        });
        assert_eq!(sum, 1_999 * 2_000 / 2);
    }

    fn dropping_the_set_aborts_the_tasks(flavor) {
        let runtime = flavor.build();
        let drops = Drops::new();
        runtime.block_on(async {
            let mut set = JoinSet::new();
            for _ in 0..10 {
                let guard = drops.counted();
                set.spawn(async move { let _guard = guard; std::future::pending::<()>().await });
            }
            drop(set);
            crate::support::wait_until_async("the aborts", || drops.count() == 10).await;
        });
        wait_until("the tasks are forgotten", || runtime.metrics().num_alive_tasks() == 0);
    }

    fn shutdown_aborts_and_waits(flavor) {
        let drops = Drops::new();
        flavor.build().block_on(async {
            let mut set = JoinSet::new();
            for _ in 0..10 {
                let guard = drops.counted();
                set.spawn(async move { let _guard = guard; std::future::pending::<()>().await });
            }
            selvedge::task::yield_now().await;
            set.shutdown().await;
            assert_eq!((set.len(), drops.count()), (0, 10));
            set.spawn(async {});
            set.join_next().await.unwrap().unwrap();
        });
    }

    fn detached_tasks_go_on(flavor) {
        flavor.build().block_on(async {
            let (go, wait) = oneshot::channel::<()>();
            let (done, is_done) = oneshot::channel();
            let mut set = JoinSet::new();
            set.spawn(async move { wait.await.unwrap_err(); done.send(42).unwrap(); });
            set.detach_all();
            assert!(set.is_empty());
            drop(set);
            drop(go);
            assert_eq!(is_done.await.unwrap(), 42);
        });
    }

    fn errors_tell_which_task(flavor) {
        flavor.build().block_on(async {
            let mut set = JoinSet::new();
            let aborted = set.spawn(std::future::pending::<()>());
            let panicked = set.spawn(async { panic!("member") });
            let done = set.spawn(async {});
            aborted.abort();
            let mut seen = HashSet::new();
            while let Some(result) = set.join_next_with_id().await {
                let (id, expected) = match result {
                    Ok((id, ())) => (id, done.id()),
                    Err(error) if error.is_panic() => (error.id(), panicked.id()),
                    Err(error) => (error.id(), aborted.id()),
                };
                assert_eq!(id, expected);
                seen.insert(id);
            }
            assert_eq!(seen.len(), 3);
        });
    }

    fn join_all_gives_everything(flavor) {
        flavor.build().block_on(async {
            let set: JoinSet<u32> = (0..20).map(|n| async move {
                selvedge::task::yield_now().await;
                n
            }).collect();
            let outputs: HashSet<_> = set.join_all().await.into_iter().collect();
            assert_eq!(outputs, (0..20).collect());
        });
    }

    fn join_all_panics_with_a_members_panic(flavor) {
        let runtime = flavor.build();
        let message = panic_of(|| runtime.block_on(async {
            let mut set = JoinSet::new();
            set.spawn(std::future::pending());
            set.spawn(async { panic!("member") });
            set.join_all().await
        }));
        assert_eq!(message, "member");
    }

    fn a_join_that_is_dropped_loses_nothing(flavor) {
        flavor.build().block_on(async {
            let mut set = JoinSet::new();
            let mut senders = Vec::new();
            for _ in 0..20 {
                let (go, wait) = oneshot::channel();
                set.spawn(async move { wait.await.unwrap() });
                senders.push(go);
            }
            let mut seen = HashSet::new();
            for (n, go) in senders.into_iter().enumerate() {
                let timeout = selvedge::time::timeout(Duration::ZERO, set.join_next()).await;
                seen.extend(timeout.ok().map(|result| result.unwrap().unwrap()));
                go.send(n).unwrap();
            }
            while let Some(result) = set.join_next().await {
                seen.insert(result.unwrap());
            }
            assert_eq!(seen.len(), 20);
        });
    }

    fn every_way_to_add_a_member(flavor) {
        let runtime = flavor.build();
        let handle = runtime.handle().clone();
        runtime.block_on(async {
            let local = LocalSet::new();
            let mut set = JoinSet::new();
            set.spawn_on(async { 1 }, &handle);
            set.spawn_blocking(|| 2);
            set.spawn_blocking_on(|| 3, &handle);
            set.spawn_local_on(async { 4 }, &local);
            set.build_task().name("named").spawn(async { 5 }).unwrap();
            let sum = local.run_until(async {
                set.spawn_local(async { 6 });
                let mut sum = 0;
                while let Some(result) = set.join_next().await {
                    sum += result.unwrap();
                }
                sum
            }).await;
            assert_eq!(sum, 21);
        });
    }

    fn a_stream_of_results_as_they_come(flavor) {
        flavor.build().block_on(async {
            let mut set = JoinSet::new();
            let (go, wait) = oneshot::channel();
            set.spawn(async move { wait.await.unwrap() });
            set.spawn(async { 1 });
            let mut completed = set.as_completed();
            assert_eq!(completed.size_hint(), (2, Some(2)));
            assert_eq!(completed.next().await.unwrap().unwrap(), 1);
            drop(completed);
            assert_eq!(set.len(), 1);
            go.send(2).unwrap();
            let rest: Vec<_> = set.as_completed().map(Result::unwrap).collect().await;
            assert_eq!(rest, [2]);
            assert!(set.is_empty() && set.as_completed().next().await.is_none());
        });
    }

    fn a_bounded_set_runs_so_many_and_keeps_the_results(flavor) {
        flavor.build().block_on(async {
            let running = Arc::new(AtomicUsize::new(0));
            let mut set = JoinSet::bounded(3);
            for n in 0..100 {
                let running = Arc::clone(&running);
                set.spawn(async move {
                    assert!(running.fetch_add(1, Ordering::SeqCst) < 3);
                    for _ in 0..n % 5 { selvedge::task::yield_now().await; }
                    running.fetch_sub(1, Ordering::SeqCst);
                    n
                }).await;
            }
            assert_eq!((set.len(), set.limit()), (100, 3));
            let mut seen: Vec<_> = set.as_completed().map(Result::unwrap).collect().await;
            seen.sort_unstable();
            assert!(set.is_empty() && seen.into_iter().eq(0..100));
        });
    }

    fn a_full_set_gives_the_future_back(flavor) {
        flavor.build().block_on(async {
            let mut set = JoinSet::bounded(1);
            let (go, wait) = oneshot::channel();
            set.try_spawn(wait).ok().unwrap();
            let (other_go, other) = oneshot::channel();
            let other = set.try_spawn(other).unwrap_err();
            assert!(set.try_room().is_none());
            go.send(1).unwrap();
            let abort = set.room().await.spawn(other);
            assert!(!abort.is_finished());
            // The result of the first was kept while there was no room.
            assert_eq!(set.try_join_next().unwrap().unwrap(), Ok(1));
            assert!(set.try_join_next().is_none());
            other_go.send(2).unwrap();
            assert_eq!(set.join_next().await.unwrap().unwrap(), Ok(2));
            assert!(set.join_next().await.is_none());
        });
    }

    fn waiting_for_room_may_be_given_up(flavor) {
        flavor.build().block_on(async {
            let drops = Drops::new();
            let mut set = JoinSet::bounded(2);
            for _ in 0..2 {
                let guard = drops.counted();
                set.spawn(async move { let _guard = guard; std::future::pending::<()>().await }).await;
            }
            for _ in 0..10 {
                let guard = drops.counted();
                let mut waits = set.spawn(async move { drop(guard) });
                assert!(poll_with(&mut waits, Waker::noop()).is_pending());
            }
            assert_eq!((set.len(), drops.count()), (2, 10), "what was not spawned is dropped");
            set.abort_all();
            set.room().await.spawn_blocking(|| ());
            let mut cancelled = 0;
            while let Some(result) = set.join_next_with_id().await {
                cancelled += usize::from(result.is_err());
            }
            assert_eq!((cancelled, drops.count()), (2, 12));
        });
    }

    fn a_bounded_set_is_shut_down_and_dropped_as_any(flavor) {
        let runtime = flavor.build();
        let drops = Drops::new();
        runtime.block_on(async {
            let stays = || {
                let guard = drops.counted();
                async move { let _guard = guard; std::future::pending::<()>().await }
            };
            let mut set = JoinSet::bounded(4);
            for _ in 0..4 { set.spawn(stays()).await; }
            set.shutdown().await;
            assert_eq!((set.len(), drops.count()), (0, 4));
            set.spawn(stays()).await;
            drop(set);
            crate::support::wait_until_async("the abort", || drops.count() == 5).await;
        });
        let message = panic_of(|| runtime.block_on(async {
            let mut set = JoinSet::bounded(1);
            set.spawn(async { panic!("member") }).await;
            set.spawn(async {}).await;
            set.join_all().await
        }));
        assert_eq!(message, "member");
    }
}

watched! {
    fn a_try_does_not_depend_on_the_budget() {
        current_thread().block_on(async {
            let mut set: JoinSet<u32> = (0..1_000).map(|n| async move { n }).collect();
            wait_until_all_finished(&set).await;
            let mut count = 0;
            while set.try_join_next().is_some() {
                count += 1;
            }
            assert_eq!(count, 1_000);
        });
    }
}

async fn wait_until_all_finished(set: &JoinSet<u32>) {
    // Each task ends in its first poll.
    for _ in 0..=set.len() {
        selvedge::task::yield_now().await;
    }
    let alive = || {
        selvedge::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    crate::support::wait_until_async("all tasks", || alive() == 0).await;
}
