//! `watch` as a world: a newer value for one receiver, the end of the last one.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use selvedge_sync::watch;

use crate::world::{Gain, Kind, Loan, Operation, Wait, World};

pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::new::<Changes<false>>("watch::Receiver::changed", Kind::Alone).repeated(),
        Operation::new::<Changes<true>>("watch::Receiver::wait_for", Kind::Alone).repeated(),
        Operation::new::<Closes>("watch::Sender::closed", Kind::Group),
    ]
}

struct Changes<const FOR: bool> {
    rx: Loan<watch::Receiver<u64>>,
    tx: Mutex<Option<watch::Sender<u64>>>,
    seen: AtomicU64,
}

impl<const FOR: bool> Default for Changes<FOR> {
    fn default() -> Self {
        let (tx, rx) = watch::channel(0);
        Self {
            rx: Loan::new(rx),
            tx: Mutex::new(Some(tx)),
            seen: AtomicU64::new(0),
        }
    }
}

impl<const FOR: bool> World for Changes<FOR> {
    fn wait(&self) -> Wait<'_> {
        if FOR {
            let newer = |value: &u64| *value > self.seen.load(Ordering::SeqCst);
            self.rx.wait(
                move |rx| rx.wait_for(newer),
                |value| {
                    if let Ok(value) = value {
                        self.seen.store(*value, Ordering::SeqCst);
                    }
                    Gain::new(())
                },
            )
        } else {
            self.rx.wait(watch::Receiver::changed, Gain::new)
        }
    }

    fn serve(&self) {
        let tx = self.tx.lock().unwrap().clone();
        if let Some(tx) = tx {
            tx.send_modify(|value| *value += 1);
        }
    }

    fn close(&self) -> bool {
        let tx = self.tx.lock().unwrap().take();
        drop(tx);
        true
    }

    fn touch(&self) {
        self.rx.with(|rx| {
            drop(format!("{rx:?}"));
            rx.has_changed().is_ok()
        });
        let tx = self.tx.lock().unwrap().clone();
        if let Some(tx) = tx {
            drop(tx.subscribe());
            tx.receiver_count();
            assert!(*tx.borrow() < u64::MAX);
        }
    }

    fn audit(&self, served: usize, completed: usize) {
        assert!(completed <= served);
        let value = self.rx.with(|rx| *rx.borrow()).expect("nobody waits");
        assert_eq!(value, served as u64);
    }
}

struct Closes {
    tx: watch::Sender<u64>,
    rx: Mutex<Option<watch::Receiver<u64>>>,
}

impl Default for Closes {
    fn default() -> Self {
        let (tx, rx) = watch::channel(0);
        Self {
            tx,
            rx: Mutex::new(Some(rx)),
        }
    }
}

impl World for Closes {
    fn wait(&self) -> Wait<'_> {
        Wait::plain(self.tx.closed())
    }

    fn serve(&self) {
        let rx = self.rx.lock().unwrap().take();
        drop(rx);
    }

    fn touch(&self) {
        drop(format!("{:?}", self.tx));
        self.tx.receiver_count();
        let _closed = self.tx.send(1);
    }

    fn audit(&self, served: usize, _completed: usize) {
        assert_eq!(self.tx.is_closed(), served > 0);
    }
}
