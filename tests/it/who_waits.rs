//! Each lock knows its name, its place, who holds it, and who waits for it and where.

use std::sync::Arc;

use selvedge::sync::{Mutex, RwLock, Semaphore, Waiting};
use selvedge::task;

use crate::support::*;

static NAMED: Mutex<u32> = Mutex::const_new(0).named("accounts");

/// The one wait there is, which began in this file.
fn only(waiting: &[Waiting]) -> &Waiting {
    let [wait] = waiting else {
        panic!("one wait, not {waiting:?}")
    };
    assert_eq!(wait.place().file(), file!());
    wait
}

both_flavors! {
    fn locks_know_who_holds_them_and_who_waits(flavor) {
        flavor.build().block_on(async {
            let mutex = Arc::new(Mutex::new(0).named("tally"));
            let holds = task::spawn({
                let mutex = mutex.clone();
                async move { (mutex.lock_owned().await, task::id()) }
            });
            let (guard, holder) = holds.await.unwrap();
            assert_eq!(mutex.holder().unwrap().to_string(), format!("task {holder}"));
            assert_eq!((mutex.name(), mutex.created_at().file()), (Some("tally"), file!()));

            let waits = task::spawn({
                let mutex = mutex.clone();
                async move { *mutex.lock().await += 1 }
            });
            wait_until_async("the wait", || !mutex.waiting().is_empty()).await;
            let waiting = mutex.waiting();
            let owner = only(&waiting).owner().unwrap();
            assert_eq!(owner.to_string(), format!("task {}", waits.id()));
            drop(guard);
            waits.await.unwrap();
            assert!(mutex.waiting().is_empty() && mutex.holder().is_none());
        });
    }

    fn readers_writers_and_takers_of_permits_are_seen_waiting(flavor) {
        flavor.build().block_on(async {
            let lock = Arc::new(RwLock::new(0));
            let written = lock.write().await;
            let reads = task::spawn({
                let lock = lock.clone();
                async move { *lock.read().await }
            });
            wait_until_async("the reader", || !lock.waiting().is_empty()).await;
            assert_eq!(only(&lock.waiting()).owner().unwrap().task(), Some(number(reads.id())));
            drop(written);
            assert_eq!(reads.await.unwrap(), 0);

            let permits = Arc::new(Semaphore::new(0));
            let takes = task::spawn({
                let permits = permits.clone();
                async move { permits.acquire().await.unwrap().forget() }
            });
            wait_until_async("the taker", || !permits.waiting().is_empty()).await;
            assert_eq!(only(&permits.waiting()).owner().unwrap().task(), Some(number(takes.id())));
            permits.add_permits(1);
            takes.await.unwrap();
        });
    }
}

fn number(id: task::Id) -> std::num::NonZeroU64 {
    id.to_string().parse().unwrap()
}

#[test]
fn a_static_has_a_name() {
    assert_eq!(NAMED.name(), Some("accounts"));
    assert!(format!("{NAMED:?}").contains("accounts"), "{NAMED:?}");
}
