//! `mpsc` as a world: messages for one receiver, room for many senders, the end of the receiver.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use selvedge_sync::mpsc;

use crate::support::{Census, Counted};
use crate::world::{Gain, Kind, Loan, Operation, Wait, World};

pub(crate) fn operations() -> Vec<Operation> {
    const SENDS: &str = "the value goes with the future; `reserve` first, then send";
    const OWNED: &str = "the sender goes with the future; clone it before";
    vec![
        Operation::new::<Receives<Bounded>>("mpsc::Receiver::recv", Kind::Alone).repeated(),
        Operation::new::<ReceivesMany<Bounded>>("mpsc::Receiver::recv_many", Kind::Alone)
            .repeated(),
        Operation::new::<Receives<Unbounded>>("mpsc::UnboundedReceiver::recv", Kind::Alone)
            .repeated(),
        Operation::new::<ReceivesMany<Unbounded>>(
            "mpsc::UnboundedReceiver::recv_many",
            Kind::Alone,
        )
        .repeated(),
        Operation::new::<Sends<SEND>>("mpsc::Sender::send", Kind::QUEUE).losing(SENDS),
        Operation::new::<Sends<RESERVE>>("mpsc::Sender::reserve", Kind::LOCK),
        Operation::new::<Sends<RESERVE_MANY>>("mpsc::Sender::reserve_many", Kind::LOCK),
        Operation::new::<Sends<RESERVE_OWNED>>("mpsc::Sender::reserve_owned", Kind::LOCK)
            .losing(OWNED),
        Operation::new::<Closes<Bounded>>("mpsc::Sender::closed", Kind::Group),
        Operation::new::<Closes<Unbounded>>("mpsc::UnboundedSender::closed", Kind::Group),
    ]
}

/// What is the same for both kinds of channel.
trait Channel: 'static {
    type Sender: Clone + Send + Sync + 'static;
    type Receiver: Send + 'static;

    fn channel() -> (Self::Sender, Self::Receiver);
    fn send(tx: &Self::Sender, value: Counted) -> bool;
    fn len(rx: &Self::Receiver) -> usize;
    fn close(rx: &mut Self::Receiver);
    fn recv(rx: &mut Self::Receiver) -> impl Future<Output = Option<Counted>> + Send;
    fn recv_many<'a>(
        rx: &'a mut Self::Receiver,
        buffer: &'a mut Vec<Counted>,
    ) -> impl Future<Output = usize> + Send + 'a;
    fn closed(tx: &Self::Sender) -> impl Future<Output = ()> + Send;
}

macro_rules! channel {
    ($name:ident, $sender:ident, $receiver:ident, $make:expr, $send:ident) => {
        struct $name;

        impl Channel for $name {
            type Sender = mpsc::$sender<Counted>;
            type Receiver = mpsc::$receiver<Counted>;

            fn channel() -> (Self::Sender, Self::Receiver) {
                $make
            }

            fn send(tx: &Self::Sender, value: Counted) -> bool {
                tx.$send(value).is_ok()
            }

            fn len(rx: &Self::Receiver) -> usize {
                rx.len()
            }

            fn close(rx: &mut Self::Receiver) {
                rx.close();
            }

            fn recv(rx: &mut Self::Receiver) -> impl Future<Output = Option<Counted>> + Send {
                rx.recv()
            }

            fn recv_many<'a>(
                rx: &'a mut Self::Receiver,
                buffer: &'a mut Vec<Counted>,
            ) -> impl Future<Output = usize> + Send + 'a {
                rx.recv_many(buffer, 64)
            }

            fn closed(tx: &Self::Sender) -> impl Future<Output = ()> + Send {
                tx.closed()
            }
        }
    };
}

channel!(Bounded, Sender, Receiver, mpsc::channel(64), try_send);
channel!(
    Unbounded,
    UnboundedSender,
    UnboundedReceiver,
    mpsc::unbounded_channel(),
    send
);

/// Messages by number, and whether they arrive in order.
#[derive(Default)]
struct Numbers {
    census: Census,
    sent: AtomicU64,
    received: AtomicU64,
}

impl Numbers {
    fn next(&self) -> Counted {
        let number = self.sent.fetch_add(1, Ordering::SeqCst);
        self.census.value(number)
    }

    fn arrives(&self, value: &Counted) {
        let expected = self.received.fetch_add(1, Ordering::SeqCst);
        assert_eq!(value.number, expected, "messages arrive in order");
    }

    fn missing(&self) -> u64 {
        self.sent.load(Ordering::SeqCst) - self.received.load(Ordering::SeqCst)
    }
}

struct Receives<C: Channel> {
    rx: Loan<C::Receiver>,
    tx: Mutex<Option<C::Sender>>,
    numbers: Numbers,
}

impl<C: Channel> Default for Receives<C> {
    fn default() -> Self {
        let (tx, rx) = C::channel();
        Self {
            rx: Loan::new(rx),
            tx: Mutex::new(Some(tx)),
            numbers: Numbers::default(),
        }
    }
}

impl<C: Channel> World for Receives<C> {
    fn wait(&self) -> Wait<'_> {
        self.rx.wait(C::recv, |message| {
            if let Some(value) = &message {
                self.numbers.arrives(value);
            }
            Gain::new(message)
        })
    }

    fn serve(&self) {
        // The lock of the test is not held while the channel wakes.
        let tx = self.tx.lock().unwrap().clone();
        if let Some(tx) = tx {
            C::send(&tx, self.numbers.next());
        }
    }

    fn close(&self) -> bool {
        let tx = self.tx.lock().unwrap().take();
        drop(tx);
        true
    }

    fn touch(&self) {
        self.rx.with(|rx| C::len(rx));
        let tx = self.tx.lock().unwrap().clone();
        drop(tx);
    }

    fn census(&self) -> Option<Census> {
        Some(self.numbers.census.clone())
    }

    fn audit(&self, _served: usize, completed: usize) {
        assert_eq!(
            self.numbers.received.load(Ordering::SeqCst),
            completed as u64
        );
        let left = self.rx.with(|rx| C::len(rx)).expect("nobody waits");
        assert_eq!(
            left as u64,
            self.numbers.missing(),
            "messages are conserved"
        );
    }
}

struct ReceivesMany<C: Channel> {
    rx: Loan<(C::Receiver, Vec<Counted>)>,
    tx: Mutex<Option<C::Sender>>,
    numbers: Numbers,
}

impl<C: Channel> Default for ReceivesMany<C> {
    fn default() -> Self {
        let (tx, rx) = C::channel();
        Self {
            rx: Loan::new((rx, Vec::new())),
            tx: Mutex::new(Some(tx)),
            numbers: Numbers::default(),
        }
    }
}

impl<C: Channel> World for ReceivesMany<C> {
    fn wait(&self) -> Wait<'_> {
        self.rx
            .wait(|(rx, buffer)| C::recv_many(rx, buffer), Gain::new)
    }

    fn serve(&self) {
        let tx = self.tx.lock().unwrap().clone();
        if let Some(tx) = tx {
            C::send(&tx, self.numbers.next());
        }
    }

    fn close(&self) -> bool {
        let tx = self.tx.lock().unwrap().take();
        drop(tx);
        true
    }

    fn census(&self) -> Option<Census> {
        Some(self.numbers.census.clone())
    }

    fn audit(&self, _served: usize, _completed: usize) {
        let left = self.rx.with(|(rx, buffer)| {
            buffer.iter().for_each(|value| self.numbers.arrives(value));
            C::len(rx)
        });
        let left = left.expect("nobody waits");
        assert_eq!(
            left as u64,
            self.numbers.missing(),
            "messages are conserved"
        );
    }
}

const SEND: u8 = 0;
const RESERVE: u8 = 1;
const RESERVE_MANY: u8 = 2;
const RESERVE_OWNED: u8 = 3;

/// Room in a full channel, for a message or for the right to send one.
struct Sends<const HOW: u8> {
    tx: mpsc::Sender<Counted>,
    rx: Loan<mpsc::Receiver<Counted>>,
    census: Census,
    received: AtomicU64,
}

impl<const HOW: u8> Sends<HOW> {
    const ROOM: usize = if HOW == RESERVE_MANY { 2 } else { 1 };
}

impl<const HOW: u8> Default for Sends<HOW> {
    fn default() -> Self {
        let (tx, rx) = mpsc::channel(Self::ROOM);
        let census = Census::new();
        for _ in 0..Self::ROOM {
            tx.try_send(census.value(0)).expect("there is room");
        }
        Self {
            tx,
            rx: Loan::new(rx),
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
            RESERVE_MANY => Wait::plain(self.tx.reserve_many(2)),
            _ => Wait::plain(self.tx.clone().reserve_owned()),
        }
    }

    fn serve(&self) {
        let received = self.rx.with(|rx| rx.try_recv());
        if let Some(Ok(_)) = received {
            self.received.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn steps(&self) -> usize {
        Self::ROOM
    }

    fn close(&self) -> bool {
        self.rx.with(mpsc::Receiver::close).is_some()
    }

    fn touch(&self) {
        drop(format!("{:?}", self.tx));
        self.tx.capacity();
        self.tx.is_closed();
        drop(self.tx.try_reserve());
        drop(self.tx.downgrade().upgrade());
    }

    fn seize(&self) -> Option<Gain<'_>> {
        match HOW {
            SEND => None,
            RESERVE_MANY => self.tx.try_reserve_many(2).ok().map(Gain::new),
            RESERVE_OWNED => self.tx.clone().try_reserve_owned().ok().map(Gain::new),
            _ => self.tx.try_reserve().ok().map(Gain::new),
        }
    }

    fn census(&self) -> Option<Census> {
        Some(self.census.clone())
    }

    fn inputs(&self) -> usize {
        self.census.alive() + self.tx.strong_count()
    }

    fn audit(&self, _served: usize, completed: usize) {
        let sent = Self::ROOM + if HOW == SEND { completed } else { 0 };
        let received = self.received.load(Ordering::SeqCst);
        let left = self.rx.with(|rx| rx.len()).expect("nobody has it");
        assert_eq!(received as usize + left, sent, "messages are conserved");
        assert_eq!(self.tx.capacity() + left, Self::ROOM, "room is conserved");
        assert_eq!(self.tx.strong_count(), 1, "senders are counted");
    }
}

/// The end of the receiver.
struct Closes<C: Channel> {
    tx: C::Sender,
    rx: Mutex<Option<C::Receiver>>,
}

impl<C: Channel> Default for Closes<C> {
    fn default() -> Self {
        let (tx, rx) = C::channel();
        Self {
            tx,
            rx: Mutex::new(Some(rx)),
        }
    }
}

impl<C: Channel> World for Closes<C> {
    fn wait(&self) -> Wait<'_> {
        Wait::plain(C::closed(&self.tx))
    }

    fn serve(&self) {
        let rx = self.rx.lock().unwrap().take();
        drop(rx);
    }

    fn close(&self) -> bool {
        let rx = self.rx.lock().unwrap().take();
        if let Some(mut rx) = rx {
            C::close(&mut rx);
            let former = self.rx.lock().unwrap().replace(rx);
            drop(former);
        }
        true
    }

    fn touch(&self) {
        drop(self.tx.clone());
    }

    fn audit(&self, _served: usize, _completed: usize) {}
}
