//! What one request to an echo server costs: the client, which is the same for both servers.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use selvedge::io::{AsyncReadExt, AsyncWriteExt};
use selvedge::net::TcpStream;
use selvedge::task::JoinSet;
use selvedge::time::timeout;

use super::process::{growth_per_one, resident_bytes};
use super::sample::Sample;
use super::{Load, Side, crashed};

pub(crate) mod server;

/// Name of the value that says how many connections were used.
pub(crate) const CONNECTIONS: &str = "connections";
/// Bytes of a request and of its answer.
const REQUEST: [u8; 64] = [b'~'; 64];
/// A connection that has not echoed its first request by then counts as refused.
const PATIENCE: Duration = Duration::from_secs(2);
/// If descriptors run out, this many are given back, for the files of `/proc`.
const SPARED: usize = 4;

pub(crate) fn measure(side: Side, load: &Load) -> io::Result<Sample> {
    let runtime = super::runtime(load.workers)?;
    let server = server::Server::start(side, load)?;
    let (wanted, budget) = (load.connections, load.budget);
    let (address, process) = (server.address(), server.process());
    let driver = runtime.spawn(async move {
        // The first client pays for what all the others use.
        drop(open(address).await?);
        let before = resident_bytes(&process).ok();
        let (streams, refused) = open_many(address, wanted).await?;
        let opened = streams.len();
        let mut sample =
            exchange(streams, budget, || resident_bytes(&process).ok(), before).await?;
        if let Some(error) = refused {
            sample.note(format!(
                "tcp_echo: not all of {wanted} connections to the server with {} could be opened \
                 ({error}); {opened} were used",
                side.name(),
            ));
        }
        Ok(sample)
    });
    runtime
        .block_on(driver)
        .map_err(|_| crashed("the client"))?
}

/// Connects and has one request answered, so that the server surely serves this connection.
async fn open(address: SocketAddr) -> io::Result<TcpStream> {
    let opening = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        ask(&mut stream).await?;
        Ok(stream)
    };
    match timeout(PATIENCE, opening).await {
        Ok(opened) => opened,
        Err(_) => Err(io::Error::new(
            io::ErrorKind::TimedOut,
            "no answer within 2 s",
        )),
    }
}

/// As many connections as the system grants, a few descriptors spared, and why there are no more.
async fn open_many(
    address: SocketAddr,
    wanted: usize,
) -> io::Result<(Vec<TcpStream>, Option<io::Error>)> {
    let mut streams = Vec::with_capacity(wanted);
    while streams.len() < wanted {
        match open(address).await {
            Ok(stream) => streams.push(stream),
            Err(error) if streams.is_empty() => return Err(error),
            Err(error) => {
                streams.truncate(streams.len().saturating_sub(SPARED).max(1));
                return Ok((streams, Some(error)));
            }
        }
    }
    Ok((streams, None))
}

/// Sends one request and reads its answer.
async fn ask(stream: &mut TcpStream) -> io::Result<()> {
    let mut answer = [0; REQUEST.len()];
    stream.write_all(&REQUEST).await?;
    stream.read_exact(&mut answer).await?;
    if answer == REQUEST {
        Ok(())
    } else {
        Err(io::Error::other("the echo differs"))
    }
}

/// Keeps one request in flight on every stream until `budget` is used up.
async fn exchange(
    streams: Vec<TcpStream>,
    budget: Duration,
    resident: impl FnOnce() -> Option<u64>,
    before: Option<u64>,
) -> io::Result<Sample> {
    let connections = streams.len();
    let start = Instant::now();
    let mut clients = JoinSet::new();
    for mut stream in streams {
        clients.spawn(async move {
            let mut latencies = Vec::new();
            let mut asked = Instant::now();
            while start.elapsed() < budget {
                ask(&mut stream).await?;
                let answered = Instant::now();
                latencies.push(answered - asked);
                asked = answered;
            }
            io::Result::Ok((stream, latencies))
        });
    }
    // The streams are kept open until the memory of the server has been read.
    let mut open = Vec::with_capacity(connections);
    let mut latencies: Vec<Duration> = Vec::new();
    while let Some(client) = clients.join_next().await {
        let (stream, mut theirs) = client.map_err(|_| crashed("a client"))??;
        open.push(stream);
        latencies.append(&mut theirs);
    }
    let wall = start.elapsed();
    let after = resident();
    drop(open);

    latencies.sort_unstable();
    let p99 = latencies
        .get(latencies.len() * 99 / 100)
        .copied()
        .unwrap_or(wall);
    let mut sample = Sample::of(
        "request",
        wall.as_secs_f64() / latencies.len().max(1) as f64,
    )
    .with("p99", p99.as_secs_f64())
    .with(CONNECTIONS, connections as f64);
    if let (Some(before), Some(after)) = (before, after) {
        sample = sample.with("memory", growth_per_one(before, after, connections));
    }
    Ok(sample)
}
