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
        let ordered = |order| Side { order, ..plain };
        let (manner, client, origin) = match random.below(16) {
            0 => {
                let dribbling = Side {
                    sends: FEW,
                    write: 1,
                    ..plain
                };
                ("byte by byte", dribbling, dribbling)
            }
            1 => {
                let sipping = Side {
                    sends: FEW,
                    read: 1,
                    ..plain
                };
                ("reads byte by byte", sipping, sipping)
            }
            2 => (
                "client ends first",
                ordered(Order::SendFirst),
                ordered(Order::ReceiveFirst),
            ),
            3 => (
                "server ends first",
                ordered(Order::ReceiveFirst),
                ordered(Order::SendFirst),
            ),
            4 => {
                let slow = Side {
                    slow: true,
                    ..plain
                };
                (
                    "client reads slowly",
                    slow,
                    Side {
                        sends: many,
                        ..plain
                    },
                )
            }
            5 => {
                let slow = Side {
                    slow: true,
                    ..plain
                };
                (
                    "server reads slowly",
                    Side {
                        sends: many,
                        ..plain
                    },
                    slow,
                )
            }
            6 => {
                let breaking = Side {
                    breaks_off: true,
                    ..plain
                };
                (
                    "client breaks off",
                    breaking,
                    Side {
                        sends: many,
                        ..plain
                    },
                )
            }
            7 => {
                let breaking = Side {
                    breaks_off: true,
                    ..plain
                };
                (
                    "server breaks off",
                    Side {
                        sends: many,
                        ..plain
                    },
                    breaking,
                )
            }
            8 => {
                return Conversation {
                    manner: "silent",
                    client: None,
                    origin: plain,
                    seed,
                };
            }
            9 | 10 => ("both at once", plain, plain),
            _ => {
                let turns = Side {
                    sends: ROUNDS * 200,
                    write: 200,
                    ..plain
                };
                let ask = Side {
                    order: Order::AskInTurns,
                    ..turns
                };
                let answer = Side {
                    order: Order::AnswerInTurns,
                    ..turns
                };
                ("in turns", ask, answer)
            }
        };
        Conversation {
            manner,
            client: Some(client),
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
