//! Waits with a limit take their time from the runtime they are in: a paused clock rules them too.

use std::time::Duration;

use selvedge::runtime::Builder;
use selvedge::sync::Mutex;
use selvedge::time::Instant;

use crate::support::*;

const AN_HOUR: Duration = Duration::from_secs(3600);

watched! {
    fn a_limit_of_an_hour_passes_at_once_on_a_paused_clock() {
        let runtime = Builder::new_current_thread().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let mutex = Mutex::new(());
            let held = mutex.lock().await;
            let start = Instant::now();
            assert!(mutex.lock_timeout(AN_HOUR).await.is_err());
            assert!(start.elapsed() >= AN_HOUR);
            drop(held);
            assert!(mutex.lock_timeout(Duration::ZERO).await.is_ok());
        });
    }

    fn a_waiter_that_always_loses_is_handed_the_lock_on_a_clock_that_stands_still() {
        let runtime = Builder::new_current_thread().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let mutex = std::sync::Arc::new(Mutex::new(0));
            let held = mutex.lock().await;
            let waiter = selvedge::spawn({
                let mutex = mutex.clone();
                async move { *mutex.lock().await += 1 }
            });
            selvedge::task::yield_now().await;
            drop(held);
            // Gives the lock up for less than it takes the waiter to come, again and again.
            while !waiter.is_finished() {
                let held = mutex.lock().await;
                selvedge::task::yield_now().await;
                drop(held);
            }
            assert_eq!(*mutex.lock().await, 1);
        });
    }
}
