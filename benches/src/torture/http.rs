//! Conversations with the HTTP server: every request has an answer that only it can have.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use selvedge::io::{AsyncReadExt, AsyncWriteExt};
use selvedge::net::TcpStream;
use selvedge::net::tcp::{ReadHalf, WriteHalf};
use selvedge::time::sleep;

use super::stream::{Random, mix};
use super::wave::{self, Progress};

/// How a client behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    InTurns,
    ByteByByte,
    Pipelined,
    EndsFirst,
    ReadsSlowly,
    BreaksOff,
    Silent,
}

const ROUNDS: u64 = 64;
const PIPELINED: u64 = 40;
/// So many answers do not fit into the buffers between server and client.
const MANY: u64 = 2_000;
const REST: Duration = Duration::from_millis(1);

/// The HTTP server.
#[derive(Debug)]
pub struct Target {
    address: SocketAddr,
    seed: u64,
}

impl Target {
    /// The server at `address`.
    pub fn new(address: SocketAddr, seed: u64) -> Arc<Target> {
        Arc::new(Target { address, seed })
    }

    fn choose(&self, number: u64) -> Manner {
        match Random::new(mix(self.seed) ^ mix(number)).below(16) {
            0 | 1 => Manner::ByteByByte,
            2..=4 => Manner::Pipelined,
            5 => Manner::EndsFirst,
            6 => Manner::ReadsSlowly,
            7 | 8 => Manner::BreaksOff,
            9 => Manner::Silent,
            _ => Manner::InTurns,
        }
    }
}

impl wave::Target for Target {
    fn address(&self) -> SocketAddr {
        self.address
    }

    fn manner(&self, number: u64) -> &'static str {
        match self.choose(number) {
            Manner::InTurns => "in turns",
            Manner::ByteByByte => "byte by byte",
            Manner::Pipelined => "pipelined",
            Manner::EndsFirst => "client ends first",
            Manner::ReadsSlowly => "client reads slowly",
            Manner::BreaksOff => "client breaks off",
            Manner::Silent => "silent",
        }
    }

    fn reads_slowly(&self, number: u64) -> bool {
        self.choose(number) == Manner::ReadsSlowly
    }

    fn rounds(&self, number: u64) -> Option<u64> {
        (self.choose(number) == Manner::InTurns).then_some(ROUNDS)
    }

    async fn talk(
        self: Arc<Self>,
        mut stream: TcpStream,
        number: u64,
        progress: Arc<Progress>,
    ) -> Result<(), String> {
        let manner = self.choose(number);
        let (reader, writer) = stream.split();
        let mut client = Client {
            number,
            progress: &progress,
            writer,
            answers: Answers {
                reader,
                buffer: Vec::new(),
                progress: &progress,
                piece: if manner == Manner::ByteByByte {
                    1
                } else {
                    4096
                },
                slow: manner == Manner::ReadsSlowly,
            },
        };
        match manner {
            Manner::InTurns => client.in_turns(ROUNDS, usize::MAX).await,
            Manner::ByteByByte => client.in_turns(3, 1).await,
            Manner::Pipelined => client.pipelined(PIPELINED, false).await,
            Manner::EndsFirst => client.pipelined(3, true).await,
            Manner::ReadsSlowly => client.pipelined(MANY, false).await,
            Manner::BreaksOff => {
                // In the middle of a request, with answers under way.
                let requests = client.requests(0..9);
                let some = Random::new(number).up_to(requests.len());
                client.send(&requests[..some], usize::MAX).await?;
                stream.set_zero_linger().map_err(|error| error.to_string())
            }
            Manner::Silent => Ok(()),
        }
    }

    async fn settle(&self) -> Vec<String> {
        Vec::new()
    }
}

struct Client<'a> {
    number: u64,
    progress: &'a Progress,
    writer: WriteHalf<'a>,
    answers: Answers<'a>,
}

impl Client<'_> {
    async fn in_turns(&mut self, rounds: u64, piece: usize) -> Result<(), String> {
        for round in 0..rounds {
            let request = self.requests(round..round + 1);
            self.send(&request, piece).await?;
            self.answers.expect(&greeting(self.number, round)).await?;
            self.progress.round();
        }
        self.finish().await
    }

    async fn pipelined(&mut self, count: u64, ends_first: bool) -> Result<(), String> {
        let requests = self.requests(0..count);
        let number = self.number;
        let (answers, writer, progress) = (&mut self.answers, &mut self.writer, self.progress);
        let sending = async {
            send(writer, progress, &requests, usize::MAX).await?;
            if ends_first {
                writer.shutdown().await.map_err(|error| error.to_string())?;
            }
            Ok(())
        };
        let receiving = async {
            for round in 0..count {
                answers.expect(&greeting(number, round)).await?;
            }
            Ok::<_, String>(())
        };
        selvedge::try_join!(sending, receiving)?;
        if ends_first {
            self.answers.end().await
        } else {
            self.finish().await
        }
    }

    /// Closes this half; the server closes the other.
    async fn finish(&mut self) -> Result<(), String> {
        self.writer
            .shutdown()
            .await
            .map_err(|error| error.to_string())?;
        self.answers.end().await
    }

    fn requests(&self, rounds: std::ops::Range<u64>) -> Vec<u8> {
        let request = |round| {
            let number = self.number;
            format!("GET /greet/{number}-{round} HTTP/1.1\r\nhost: torture\r\n\r\n")
        };
        rounds.map(request).collect::<String>().into_bytes()
    }

    async fn send(&mut self, bytes: &[u8], piece: usize) -> Result<(), String> {
        send(&mut self.writer, self.progress, bytes, piece).await
    }
}

async fn send(
    writer: &mut WriteHalf<'_>,
    progress: &Progress,
    bytes: &[u8],
    piece: usize,
) -> Result<(), String> {
    for piece in bytes.chunks(piece) {
        writer
            .write_all(piece)
            .await
            .map_err(|error| format!("cannot send: {error}"))?;
        progress.sent(piece.len());
    }
    Ok(())
}

fn greeting(number: u64, round: u64) -> String {
    format!("Hello, {number}-{round}!\n")
}

/// The answers, in the order in which they come.
struct Answers<'a> {
    reader: ReadHalf<'a>,
    /// What has come and belongs to no answer yet.
    buffer: Vec<u8>,
    progress: &'a Progress,
    piece: usize,
    slow: bool,
}

impl Answers<'_> {
    /// The next answer is `200` with this body.
    async fn expect(&mut self, body: &str) -> Result<(), String> {
        let head_end = loop {
            if let Some(at) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            self.more(body).await?;
        };
        let head = String::from_utf8_lossy(&self.buffer[..head_end]).to_ascii_lowercase();
        let length = format!("content-length: {}\r\n", body.len());
        if !head.starts_with("http/1.1 200 ok\r\n") || !head.contains(&length) {
            return Err(format!("{body:?} was answered with {head:?}"));
        }
        while self.buffer.len() < head_end + body.len() {
            self.more(body).await?;
        }
        let came = &self.buffer[head_end..head_end + body.len()];
        if came != body.as_bytes() {
            return Err(format!("{:?} came for {body:?}", came.escape_ascii()));
        }
        self.buffer.drain(..head_end + body.len());
        Ok(())
    }

    /// Nothing comes any more.
    async fn end(&mut self) -> Result<(), String> {
        if self.buffer.is_empty() && self.read().await? == 0 {
            return Ok(());
        }
        Err(format!(
            "too much: {:?}",
            self.buffer.escape_ascii().to_string()
        ))
    }

    async fn more(&mut self, body: &str) -> Result<(), String> {
        match self.read().await {
            Ok(0) => Err(format!("the connection ended before {body:?} came")),
            Ok(_) => Ok(()),
            Err(error) => Err(format!("{error}, before {body:?} came")),
        }
    }

    async fn read(&mut self) -> Result<usize, String> {
        let mut piece = vec![0; self.piece];
        let count = self
            .reader
            .read(&mut piece)
            .await
            .map_err(|error| error.to_string())?;
        self.buffer.extend_from_slice(&piece[..count]);
        self.progress.came(count);
        if self.slow {
            sleep(REST).await;
        }
        Ok(count)
    }
}
