//! `broadcast` as a world: each receiver gets each message; the end of the last receiver.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use selvedge_sync::broadcast;

use crate::support::{Census, Counted};
use crate::world::{Gain, Kind, Loan, Operation, Wait, World};

pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::new::<Receives>("broadcast::Receiver::recv", Kind::Alone).repeated(),
        Operation::new::<Closes>("broadcast::Sender::closed", Kind::Group),
    ]
}

struct Receives {
    rx: Loan<broadcast::Receiver<Counted>>,
    tx: Mutex<Option<broadcast::Sender<Counted>>>,
    census: Census,
    sent: AtomicU64,
    received: AtomicU64,
}

impl Default for Receives {
    fn default() -> Self {
        let (tx, rx) = broadcast::channel(64);
        Self {
            rx: Loan::new(rx),
            tx: Mutex::new(Some(tx)),
            census: Census::new(),
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
        }
    }
}

impl World for Receives {
    fn wait(&self) -> Wait<'_> {
        self.rx.wait(broadcast::Receiver::recv, |message| {
            if let Ok(value) = &message {
                let expected = self.received.fetch_add(1, Ordering::SeqCst);
                assert_eq!(value.number, expected, "messages arrive in order");
            }
            Gain::new(message)
        })
    }

    fn serve(&self) {
        let tx = self.tx.lock().unwrap().clone();
        if let Some(tx) = tx {
            let number = self.sent.fetch_add(1, Ordering::SeqCst);
            drop(tx.send(self.census.value(number)));
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
            rx.len()
        });
        let tx = self.tx.lock().unwrap().clone();
        if let Some(tx) = tx {
            drop(tx.subscribe());
            tx.receiver_count();
            tx.len();
        }
    }

    fn census(&self) -> Option<Census> {
        Some(self.census.clone())
    }

    fn audit(&self, _served: usize, completed: usize) {
        let left = self.rx.with(|rx| rx.len()).expect("nobody waits");
        let sent = self.sent.load(Ordering::SeqCst) as usize;
        assert_eq!(left + completed, sent, "messages are conserved");
    }
}

struct Closes {
    tx: broadcast::Sender<Counted>,
    rx: Mutex<Option<broadcast::Receiver<Counted>>>,
}

impl Default for Closes {
    fn default() -> Self {
        let (tx, rx) = broadcast::channel(4);
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
        self.tx.len();
        drop(self.tx.send(Census::new().value(0)));
    }

    fn audit(&self, served: usize, _completed: usize) {
        assert_eq!(self.tx.receiver_count(), usize::from(served == 0));
    }
}
