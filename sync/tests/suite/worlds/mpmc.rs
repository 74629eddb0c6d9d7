//! `mpmc` as a world: each message for one of the receivers, room for many senders, the end.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use selvedge_sync::mpmc;

use crate::support::{Census, Counted};
use crate::world::{Gain, Kind, Operation, Wait, World};

const FAR: Duration = Duration::from_secs(3600);

pub(crate) fn operations() -> Vec<Operation> {
    const SENDS: &str = "the value goes with the future; `reserve` first, then send";
    vec![
        Operation::new::<Receives<RECV>>("mpmc::Receiver::recv", Kind::QUEUE).repeated(),
        Operation::new::<Receives<RECV_TIMEOUT>>("mpmc::Receiver::recv_timeout", Kind::QUEUE)
            .repeated(),
        Operation::new::<Sends<SEND>>("mpmc::Sender::send", Kind::QUEUE).losing(SENDS),
        Operation::new::<Sends<RESERVE>>("mpmc::Sender::reserve", Kind::LOCK),
        Operation::new::<Sends<RESERVE_MANY>>("mpmc::Sender::reserve_many", Kind::LOCK),
        Operation::new::<Closes>("mpmc::Sender::closed", Kind::Group),
    ]
}

const RECV: u8 = 0;
const RECV_TIMEOUT: u8 = 1;

struct Receives<const HOW: u8> {
    tx: mpmc::Sender<Counted>,
    rx: mpmc::Receiver<Counted>,
    census: Census,
    sent: AtomicU64,
}

impl<const HOW: u8> Default for Receives<HOW> {
    fn default() -> Self {
        let (tx, rx) = mpmc::channel(64);
        Self {
            tx,
            rx,
            census: Census::new(),
            sent: AtomicU64::new(0),
        }
    }
}

impl<const HOW: u8> World for Receives<HOW> {
    fn wait(&self) -> Wait<'_> {
        if HOW == RECV {
            Wait::plain(self.rx.recv())
        } else {
            Wait::plain(self.rx.recv_timeout(FAR))
        }
    }

    fn serve(&self) {
        let number = self.sent.load(Ordering::SeqCst);
        if self.tx.try_send(self.census.value(number)).is_ok() {
            self.sent.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn close(&self) -> bool {
        self.tx.close();
        true
    }

    fn touch(&self) {
        drop(format!("{:?} {:?}", self.rx, self.tx));
        self.rx.is_empty();
        drop(self.rx.clone());
        drop(self.rx.downgrade().upgrade());
    }

    fn seize(&self) -> Option<Gain<'_>> {
        self.rx.try_recv().ok().map(Gain::new)
    }

    fn census(&self) -> Option<Census> {
        Some(self.census.clone())
    }

    fn audit(&self, _served: usize, completed: usize) {
        let sent = self.sent.load(Ordering::SeqCst) as usize;
        assert_eq!(self.rx.len() + completed, sent, "messages are conserved");
        assert_eq!(self.rx.receiver_count(), 1, "receivers are counted");
    }
}

const SEND: u8 = 0;
const RESERVE: u8 = 1;
const RESERVE_MANY: u8 = 2;

struct Sends<const HOW: u8> {
    tx: mpmc::Sender<Counted>,
    rx: mpmc::Receiver<Counted>,
    census: Census,
    received: AtomicU64,
}

impl<const HOW: u8> Sends<HOW> {
    const ROOM: usize = if HOW == RESERVE_MANY { 2 } else { 1 };
}

impl<const HOW: u8> Default for Sends<HOW> {
    fn default() -> Self {
        let (tx, rx) = mpmc::channel(Self::ROOM);
        let census = Census::new();
        for _ in 0..Self::ROOM {
            tx.try_send(census.value(0)).expect("there is room");
        }
        Self {
            tx,
            rx,
            census,
            received: AtomicU64::new(0),
        }
    }
}

impl<const HOW: u8> World for Sends<HOW> {
    fn wait(&self) -> Wait<'_> {
        match HOW {
            SEND => Wait::plain(self.tx.send(self.census.value(1))),
            RESERVE => Wait::plain(self.tx.reserve()),
            _ => Wait::plain(self.tx.reserve_many(2)),
        }
    }

    fn serve(&self) {
        if self.rx.try_recv().is_ok() {
            self.received.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn steps(&self) -> usize {
        Self::ROOM
    }

    fn close(&self) -> bool {
        self.rx.close();
        true
    }

    fn touch(&self) {
        drop(self.tx.try_reserve());
        drop(self.tx.clone());
    }

    fn seize(&self) -> Option<Gain<'_>> {
        match HOW {
            SEND => None,
            RESERVE_MANY => self.tx.try_reserve_many(2).ok().map(Gain::new),
            _ => self.tx.try_reserve().ok().map(Gain::new),
        }
    }

    fn census(&self) -> Option<Census> {
        Some(self.census.clone())
    }

    fn audit(&self, _served: usize, completed: usize) {
        let sent = Self::ROOM + if HOW == SEND { completed } else { 0 };
        let received = self.received.load(Ordering::SeqCst) as usize;
        assert_eq!(received + self.rx.len(), sent, "messages are conserved");
        assert_eq!(
            self.tx.capacity() + self.rx.len(),
            Self::ROOM,
            "room is conserved"
        );
    }
}

struct Closes {
    tx: mpmc::Sender<Counted>,
    rx: Mutex<Option<mpmc::Receiver<Counted>>>,
}

impl Default for Closes {
    fn default() -> Self {
        let (tx, rx) = mpmc::channel(1);
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

    fn close(&self) -> bool {
        self.tx.close();
        true
    }

    fn touch(&self) {
        drop(self.tx.clone());
        self.tx.is_closed();
    }

    fn audit(&self, _served: usize, _completed: usize) {
        assert!(self.tx.is_closed());
    }
}
