//! Models of the counted ends.

use ::loom::future::block_on;

use crate::model_check::{UNBOUNDED, check, spawn, start};
use crate::mpsc;
use crate::primitive::Arc;
use crate::primitive::atomic::{AtomicBool, Ordering};

/// A weak sender becomes a sender that works, or the channel has ended. Unbounded: 932 executions.
#[test]
fn upgrade_races_drop_of_the_last_sender() {
    check("upgrade_races_drop_of_the_last_sender", UNBOUNDED, || {
        let (tx, mut rx) = mpsc::channel(1);
        let weak = tx.downgrade();
        let last = spawn(move || drop(tx));
        start();
        let upgraded = weak.upgrade();
        let sent = upgraded.is_some();
        if let Some(tx) = upgraded {
            tx.try_send(()).unwrap();
        }
        assert_eq!(block_on(rx.recv()).is_some(), sent);
        assert_eq!(block_on(rx.recv()), None);
        last.join().unwrap();
    });
}

/// Who finds no sender any more sees what the last one did before it went. Unbounded:
/// 21 executions.
#[test]
fn count_of_senders_races_the_end_of_the_last() {
    check(
        "count_of_senders_races_the_end_of_the_last",
        UNBOUNDED,
        || {
            let (tx, rx) = mpsc::channel::<()>(1);
            let done = Arc::new(AtomicBool::new(false));
            let seen = done.clone();
            let last = spawn(move || {
                done.store(true, Ordering::Relaxed);
                drop(tx);
            });
            start();
            if rx.sender_strong_count() == 0 {
                assert!(seen.load(Ordering::Relaxed));
            }
            last.join().unwrap();
        },
    );
}
