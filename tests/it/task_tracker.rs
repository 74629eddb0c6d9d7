//! A tracker waits for what it spawned, wherever that runs and however it ends.

use selvedge::runtime::Builder;
use selvedge::task::{LocalSet, SpawnTracked, TaskTracker};

use crate::support::*;

both_flavors! {
    fn every_kind_of_task_is_tracked(flavor) { flavor.build().block_on(async {
        let tracker = TaskTracker::new();
        let elsewhere = Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let tasks = [
            tracker.spawn(async { 1 }),
            tracker.spawn_on(async { 2 }, elsewhere.handle()),
            tracker.spawn_blocking(|| 3),
            tracker.spawn_blocking_on(|| 4, elsewhere.handle()),
        ];
        tracker.close();
        tracker.wait().await;
        for (task, expected) in tasks.into_iter().zip(1..) {
            assert_eq!(task.await.unwrap(), expected);
        }
        assert!(tracker.is_empty());
        elsewhere.shutdown_background();
    }); }

    fn tasks_that_stay_on_their_thread_are_tracked(flavor) { flavor.build().block_on(async {
        let tracker = TaskTracker::new();
        let set = LocalSet::new();
        let outer = tracker.spawn_local_on(async { 1 }, &set);
        let inside = tracker.clone();
        let both = set.run_until(async move { (inside.spawn_local(async { 2 }).await.unwrap(), outer.await.unwrap()) });
        assert_eq!(both.await, (2, 1));
        tracker.close();
        tracker.wait().await;
    }); }

    fn who_panics_or_is_aborted_counts_as_ended(flavor) { flavor.build().block_on(async {
        let tracker = TaskTracker::new();
        let panics = tracker.spawn(async { std::panic::resume_unwind(Box::new("out")) });
        let aborted = tracker.spawn(std::future::pending::<()>());
        aborted.abort();
        tracker.close();
        tracker.wait().await;
        let panics: Result<(), _> = panics.await;
        assert!(panics.unwrap_err().is_panic());
        assert!(aborted.await.unwrap_err().is_cancelled());
    }); }
}
