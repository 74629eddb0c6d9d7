//! Conversations through the proxy: which manners there are, and the client's side of each.

use std::net::SocketAddr;
use std::sync::Arc;

use selvedge::io::AsyncWriteExt;
use selvedge::net::TcpStream;

use super::origin::Origin;
use super::stream::{Bytes, Random, mix};
use super::talk::{Order, Side, Talk};
use super::wave::{self, Progress};

/// Both sides of one conversation; client and origin find the same one from the same number.
#[derive(Clone, Copy, Debug)]
pub struct Conversation {
    /// How the table calls it.
    pub manner: &'static str,
    /// The side that connects; `None` if it leaves without a word.
    pub client: Option<Side>,
    /// The side behind the proxy.
    pub origin: Side,
    seed: u64,
}

/// How often those in turns ask.
const ROUNDS: u64 = 64;
const SOME: u64 = 64 * 1024;
const FEW: u64 = 400;

impl Conversation {
    /// The conversation with this number.
    pub fn of(seed: u64, number: u64) -> Conversation {
        let seed = mix(seed) ^ mix(number);
        let mut random = Random::new(seed);
        let some = 1 + random.below(SOME);
        let many = SOME + random.below(4 * SOME);
        let plain = Side {
            sends: some,
            write: 4096,
            read: 8192,
            ..Side::default()
        };
        let full = Side {
            sends: many,
            ..plain
        };
        let (manner, client, origin) = match random.below(16) {
            choice @ 0..=3 => polite(choice, plain),
            choice @ 4..=7 => rude(choice, plain, full),
            8 => ("silent", None, plain),
            9 | 10 => ("both at once", Some(plain), plain),
            _ => in_turns(plain),
        };
        Conversation {
            manner,
            client,
            origin,
            seed,
        }
    }

    /// The side of the client, ready to run.
    pub fn from_client<'a>(&self, client: Side, progress: &'a Progress) -> Talk<'a> {
        Talk {
            own: client,
            other: self.origin,
            outgoing: Bytes::new(self.seed),
            incoming: Bytes::new(!self.seed),
            random: Random::new(self.seed),
            progress,
        }
    }

    /// The side of the origin, ready to run.
    pub fn from_origin<'a>(&self, client: Side, progress: &'a Progress) -> Talk<'a> {
        Talk {
            own: self.origin,
            other: client,
            outgoing: Bytes::new(!self.seed),
            incoming: Bytes::new(self.seed),
            random: Random::new(!self.seed),
            progress,
        }
    }
}

/// How the table calls a conversation, and its two sides.
type Manner = (&'static str, Option<Side>, Side);

/// Odd, but with nothing lost.
fn polite(choice: u64, plain: Side) -> Manner {
    let few = Side {
        sends: FEW,
        ..plain
    };
    let ordered = |order| Side { order, ..plain };
    let (send_first, receive_first) = (ordered(Order::SendFirst), ordered(Order::ReceiveFirst));
    match choice {
        0 => {
            let dribbling = Side { write: 1, ..few };
            ("byte by byte", Some(dribbling), dribbling)
        }
        1 => {
            let sipping = Side { read: 1, ..few };
            ("reads byte by byte", Some(sipping), sipping)
        }
        2 => ("client ends first", Some(send_first), receive_first),
        _ => ("server ends first", Some(receive_first), send_first),
    }
}

/// One side sends more than the other wants to hear.
fn rude(choice: u64, plain: Side, full: Side) -> Manner {
    let slow = Side {
        slow: true,
        ..plain
    };
    let breaking = Side {
        breaks_off: true,
        ..plain
    };
    match choice {
        4 => ("client reads slowly", Some(slow), full),
        5 => ("server reads slowly", Some(full), slow),
        6 => ("client breaks off", Some(breaking), full),
        _ => ("server breaks off", Some(full), breaking),
    }
}

/// Question and answer: those whose progress is compared.
fn in_turns(plain: Side) -> Manner {
    let turns = Side {
        sends: ROUNDS * 200,
        write: 200,
        ..plain
    };
    let asking = Side {
        order: Order::AskInTurns,
        ..turns
    };
    let answering = Side {
        order: Order::AnswerInTurns,
        ..turns
    };
    ("in turns", Some(asking), answering)
}

/// The proxy, and the server behind it.
#[derive(Debug)]
pub struct Target {
    proxy: SocketAddr,
    origin: Arc<Origin>,
}

impl Target {
    /// The proxy at `proxy`, which passes on to `origin`.
    pub fn new(proxy: SocketAddr, origin: &Arc<Origin>) -> Arc<Target> {
        let origin = Arc::clone(origin);
        Arc::new(Target { proxy, origin })
    }
}

impl wave::Target for Target {
    fn address(&self) -> SocketAddr {
        self.proxy
    }

    fn manner(&self, number: u64) -> &'static str {
        Conversation::of(self.origin.seed(), number).manner
    }

    fn reads_slowly(&self, number: u64) -> bool {
        let conversation = Conversation::of(self.origin.seed(), number);
        conversation.client.is_some_and(|side| side.slow)
    }

    fn rounds(&self, number: u64) -> Option<u64> {
        let client = Conversation::of(self.origin.seed(), number).client?;
        (client.order == Order::AskInTurns).then_some(ROUNDS)
    }

    async fn talk(
        self: Arc<Self>,
        mut stream: TcpStream,
        number: u64,
        progress: Arc<Progress>,
    ) -> Result<(), String> {
        let conversation = Conversation::of(self.origin.seed(), number);
        let Some(client) = conversation.client else {
            return Ok(());
        };
        stream
            .write_all(&number.to_be_bytes())
            .await
            .map_err(|error| format!("no greeting: {error}"))?;
        conversation
            .from_client(client, &progress)
            .run(stream)
            .await
    }

    async fn settle(&self) -> Vec<String> {
        self.origin.settle().await
    }
}
