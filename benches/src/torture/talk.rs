//! One side of a conversation: what is sent, what has to come, and how it ends.
//!
//! Both sides know the whole conversation, so each can tell a byte that is wrong from one that is missing.

use std::io;
use std::time::Duration;

use selvedge::io::{AsyncReadExt, AsyncWriteExt};
use selvedge::net::TcpStream;
use selvedge::net::tcp::{ReadHalf, WriteHalf};
use selvedge::time::sleep;

use super::stream::{Bytes, Random};
use super::wave::Progress;

/// What one side does.
#[derive(Clone, Copy, Debug, Default)]
pub struct Side {
    /// How many bytes it sends.
    pub sends: u64,
    /// How many it writes at once, at most.
    pub write: usize,
    /// How many it reads at once, at most.
    pub read: usize,
    /// Whether it waits a while between reads.
    pub slow: bool,
    /// What comes first.
    pub order: Order,
    /// Whether it ends with a reset, as soon as it has sent all.
    pub breaks_off: bool,
}

/// In which order a side sends and receives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Both at once.
    #[default]
    Together,
    /// Sends all and closes its half, then receives.
    SendFirst,
    /// Receives until the other side has closed its half, then sends.
    ReceiveFirst,
    /// Sends a piece of `write` bytes, waits for one of as many, and so on.
    AskInTurns,
    /// Waits for a piece and sends one.
    AnswerInTurns,
}

/// The longest of all writes and reads.
const PIECE_MAX: usize = 16 * 1024;
/// How long a slow reader waits.
const REST: Duration = Duration::from_millis(1);

/// One side of a conversation that is under way.
#[derive(Debug)]
pub struct Talk<'a> {
    /// What this side does.
    pub own: Side,
    /// What the other one does.
    pub other: Side,
    /// What is sent.
    pub outgoing: Bytes,
    /// What has to come.
    pub incoming: Bytes,
    /// Chooses how much to write and to read.
    pub random: Random,
    /// Where it is seen how far this has come.
    pub progress: &'a Progress,
}

impl Talk<'_> {
    /// Plays this side to its end.
    ///
    /// # Errors
    ///
    /// If a wrong byte comes, or less than all although nobody breaks off.
    pub async fn run(mut self, mut stream: TcpStream) -> Result<(), String> {
        let done = self.exchange(&mut stream).await;
        if self.own.breaks_off {
            stream
                .set_zero_linger()
                .map_err(|error| error.to_string())?;
        }
        self.verdict(done)
    }

    async fn exchange(&mut self, stream: &mut TcpStream) -> Result<(), Trouble> {
        let (mut reader, mut writer) = stream.split();
        let (own, random) = (self.own, self.random);
        let mut sending = Sending {
            side: own,
            bytes: &mut self.outgoing,
            random,
            progress: self.progress,
        };
        let mut receiving = Receiving {
            side: own,
            bytes: &mut self.incoming,
            random,
            progress: self.progress,
        };
        match own.order {
            Order::Together => {
                selvedge::try_join!(sending.all(&mut writer), receiving.all(&mut reader)).map(drop)
            }
            Order::SendFirst => {
                sending.all(&mut writer).await?;
                receiving.all(&mut reader).await
            }
            Order::ReceiveFirst => {
                receiving.all(&mut reader).await?;
                sending.all(&mut writer).await
            }
            Order::AskInTurns => {
                while sending.bytes.position() < own.sends {
                    sending.piece(&mut writer, own.write).await?;
                    receiving.exactly(&mut reader, own.write).await?;
                    self.progress.round();
                }
                sending.all(&mut writer).await?;
                receiving.all(&mut reader).await
            }
            Order::AnswerInTurns => {
                while sending.bytes.position() < own.sends {
                    receiving.exactly(&mut reader, own.write).await?;
                    sending.piece(&mut writer, own.write).await?;
                }
                sending.all(&mut writer).await?;
                receiving.all(&mut reader).await
            }
        }
    }

    fn verdict(&self, done: Result<(), Trouble>) -> Result<(), String> {
        let (sent, came) = (self.outgoing.position(), self.incoming.position());
        let all_sent = sent == self.own.sends;
        let all_came = came == self.other.sends;
        match done {
            Err(Trouble::Wrong(what)) => Err(what),
            // Who breaks off destroys what is under way, in either direction.
            Ok(()) | Err(Trouble::Io(_)) if self.own.breaks_off || self.other.breaks_off => Ok(()),
            Ok(()) if all_sent && all_came => Ok(()),
            Ok(()) => Err(format!(
                "ended after {sent} of {} bytes out and {came} of {} in",
                self.own.sends, self.other.sends
            )),
            Err(Trouble::Io(error)) => Err(format!(
                "{error}, after {sent} of {} bytes out and {came} of {} in",
                self.own.sends, self.other.sends
            )),
        }
    }
}

/// Why a side ends early.
enum Trouble {
    Io(io::Error),
    Wrong(String),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Trouble {
        Trouble::Io(error)
    }
}

struct Sending<'a> {
    side: Side,
    bytes: &'a mut Bytes,
    random: Random,
    progress: &'a Progress,
}

impl Sending<'_> {
    /// The rest, and the end.
    async fn all(&mut self, writer: &mut WriteHalf<'_>) -> Result<(), Trouble> {
        while self.bytes.position() < self.side.sends {
            let left = self.side.sends - self.bytes.position();
            let length = self.random.up_to(self.side.write).min(left as usize);
            self.piece(writer, length).await?;
        }
        if !self.side.breaks_off {
            writer.shutdown().await?;
        }
        Ok(())
    }

    async fn piece(&mut self, writer: &mut WriteHalf<'_>, length: usize) -> Result<(), Trouble> {
        let mut buffer = vec![0; length.min(PIECE_MAX)];
        self.bytes.fill(&mut buffer);
        let mut rest = &buffer[..];
        while !rest.is_empty() {
            let count = writer.write(rest).await?;
            rest = &rest[count..];
            self.bytes.advance(count);
            self.progress.sent(count);
        }
        Ok(())
    }
}

struct Receiving<'a> {
    side: Side,
    bytes: &'a mut Bytes,
    random: Random,
    progress: &'a Progress,
}

impl Receiving<'_> {
    /// The rest, up to the end. Who breaks off does not wait for it.
    async fn all(&mut self, reader: &mut ReadHalf<'_>) -> Result<(), Trouble> {
        if self.side.breaks_off {
            return Ok(());
        }
        let mut buffer = vec![0; self.side.read.min(PIECE_MAX)];
        loop {
            let length = self.random.up_to(buffer.len());
            let count = reader.read(&mut buffer[..length]).await?;
            if count == 0 {
                return Ok(());
            }
            self.take(&buffer[..count])?;
            if self.side.slow {
                sleep(REST).await;
            }
        }
    }

    async fn exactly(&mut self, reader: &mut ReadHalf<'_>, length: usize) -> Result<(), Trouble> {
        let mut buffer = vec![0; length];
        reader.read_exact(&mut buffer).await?;
        self.take(&buffer)
    }

    fn take(&mut self, came: &[u8]) -> Result<(), Trouble> {
        self.progress.came(came.len());
        self.bytes.check(came).map_err(Trouble::Wrong)
    }
}
