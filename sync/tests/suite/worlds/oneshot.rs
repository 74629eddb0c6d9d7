//! `oneshot` as a world: one value, or the end of the receiver.

use std::sync::Mutex;

use selvedge_sync::oneshot::{self, Receiver, Sender};

use crate::support::{Census, Counted};
use crate::world::{Gain, Kind, Loan, Operation, Wait, World};

pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::new::<Receives>("oneshot::Receiver", Kind::Once),
        Operation::new::<Closes>("oneshot::Sender::closed", Kind::Alone),
    ]
}

struct Receives {
    rx: Loan<Receiver<Counted>>,
    tx: Mutex<Option<Sender<Counted>>>,
    census: Census,
}

impl Default for Receives {
    fn default() -> Self {
        let (tx, rx) = oneshot::channel();
        Self {
            rx: Loan::new(rx),
            tx: Mutex::new(Some(tx)),
            census: Census::new(),
        }
    }
}

impl World for Receives {
    fn wait(&self) -> Wait<'_> {
        self.rx.wait(|rx| rx, Gain::new)
    }

    fn serve(&self) {
        let tx = self.tx.lock().unwrap().take();
        if let Some(tx) = tx {
            // Refused if the receiver was closed meanwhile.
            drop(tx.send(self.census.value(1)));
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
            rx.is_empty()
        });
    }

    fn census(&self) -> Option<Census> {
        Some(self.census.clone())
    }

    fn audit(&self, served: usize, completed: usize) {
        assert!(completed <= 1 && completed <= served, "one value");
        let there = self
            .rx
            .with(|rx| !rx.is_terminated() && rx.try_recv().is_ok());
        assert_eq!(
            there,
            Some(completed < served),
            "the value is received once"
        );
    }
}

struct Closes {
    tx: Loan<Sender<Counted>>,
    rx: Mutex<Option<Receiver<Counted>>>,
}

impl Default for Closes {
    fn default() -> Self {
        let (tx, rx) = oneshot::channel();
        Self {
            tx: Loan::new(tx),
            rx: Mutex::new(Some(rx)),
        }
    }
}

impl World for Closes {
    fn wait(&self) -> Wait<'_> {
        self.tx.wait(|tx| tx.closed(), Gain::new)
    }

    fn serve(&self) {
        let rx = self.rx.lock().unwrap().take();
        drop(rx);
    }

    fn close(&self) -> bool {
        let mut rx = self.rx.lock().unwrap().take();
        if let Some(rx) = &mut rx {
            rx.close();
        }
        drop(rx);
        true
    }

    fn touch(&self) {
        self.tx.with(|tx| {
            drop(format!("{tx:?}"));
            tx.is_closed()
        });
    }

    fn audit(&self, served: usize, _completed: usize) {
        let closed = self.tx.with(|tx| tx.is_closed());
        assert_eq!(
            closed,
            Some(served > 0),
            "closed as soon as the receiver is gone"
        );
    }
}
