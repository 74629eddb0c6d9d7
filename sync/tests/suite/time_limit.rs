//! Time limits, kept by the runtime or by the helper thread, whichever is there.

use std::time::Duration;

use selvedge_sync::{Mutex, mpmc};

use crate::executors::any_executor;

const SOON: Duration = Duration::from_millis(1);
const LATE: Duration = Duration::from_secs(3600);

any_executor! {
    async fn a_wait_ends_with_its_time() {
        let mutex = Mutex::new(());
        let held = mutex.lock().await;
        assert!(mutex.lock_timeout(SOON).await.is_err());
        drop(held);
        assert!(mutex.lock_timeout(LATE).await.is_ok());
    }

    async fn a_limit_that_passed_has_taken_nothing() {
        let (tx, rx) = mpmc::channel(1);
        assert!(rx.recv_timeout(SOON).await.is_err());
        tx.send(1).await.unwrap();
        assert!(tx.send_timeout(2, SOON).await.is_err());
        assert_eq!(rx.recv_timeout(LATE).await, Ok(1));
        assert!(rx.try_recv().is_err());
    }
}
