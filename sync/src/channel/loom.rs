//! Models of the counted ends.

use ::loom::future::block_on;

use crate::model_check::{UNBOUNDED, check, spawn, start};
use crate::mpsc;

/// A weak sender becomes a sender that works, or the channel has ended. Unbounded: 933 executions.
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

/// Who finds no sender any more finds what the last one sent. Unbounded: 37 executions.
#[test]
fn count_of_senders_races_the_last_message() {
    check("count_of_senders_races_the_last_message", UNBOUNDED, || {
        let (tx, mut rx) = mpsc::channel(1);
        let last = spawn(move || tx.try_send(()).unwrap());
        start();
        if rx.sender_strong_count() == 0 {
            assert_eq!(rx.try_recv(), Ok(()));
        }
        last.join().unwrap();
    });
}
