//! A TCP proxy: whatever clients send goes to one server, and back.
//!
//! *Shows*: `copy_bidirectional`, which passes on the end of each direction by itself (a client may finish
//! sending and still get its answer); and a limit of time for connections on which nothing happens.
//!
//! *Run with*: `cargo run --example tcp_proxy -- 127.0.0.1:7000 127.0.0.1:7777`, beside `echo_server`; then
//! `nc 127.0.0.1 7000`. With `--check` it is its own client and server, and ends.
//!
//! *Try this*: `yes | nc 127.0.0.1 7000 > /dev/null` in some terminals: memory stays where it is, for a side
//! that does not read holds up the other one.

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use selvedge::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf, copy_bidirectional, join};
use selvedge::net::{TcpListener, TcpStream};
use selvedge::time::{sleep, timeout};

const USAGE: &str = "usage: tcp_proxy LISTEN_ADDRESS SERVER_ADDRESS, or tcp_proxy --check";
/// A connection on which nothing comes for that long, either way, is closed.
const IDLE_MAX: Duration = Duration::from_secs(60);
/// How long to leave a failing `accept` alone.
const PAUSE: Duration = Duration::from_millis(200);

#[selvedge::main]
async fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--check"] => check().await,
        [listen, server] => {
            let listener = TcpListener::bind(listen).await?;
            println!("{} is passed on to {server}", listener.local_addr()?);
            serve(listener, server.to_owned(), IDLE_MAX).await
        }
        _ => {
            eprintln!("{USAGE}");
            std::process::exit(2)
        }
    }
}

/// Serves for ever.
async fn serve(listener: TcpListener, server: String, idle_max: Duration) -> ! {
    loop {
        match listener.accept().await {
            Ok((client, peer)) => {
                let server = server.clone();
                selvedge::spawn(async move {
                    match proxy(client, &server, idle_max).await {
                        Ok((up, down)) => println!("{peer}: {up} bytes up, {down} bytes down"),
                        Err(error) => eprintln!("{peer}: {error}"),
                    }
                });
            }
            Err(error) => {
                eprintln!("cannot accept: {error}");
                sleep(PAUSE).await;
            }
        }
    }
}

/// Passes on both directions until both have ended; returns how many bytes that were.
async fn proxy(client: TcpStream, server: &str, idle_max: Duration) -> io::Result<(u64, u64)> {
    let server = TcpStream::connect(server).await?;
    let seen = Arc::new(AtomicU64::new(0));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let mut client = join(Counted(from_client, Arc::clone(&seen)), to_client);
    let mut server = join(Counted(from_server, Arc::clone(&seen)), to_server);

    let mut copying = pin!(copy_bidirectional(&mut client, &mut server));
    let mut seen_before = 0;
    loop {
        // The copying goes on where it was: only the waiting for it ends.
        if let Ok(result) = timeout(idle_max, copying.as_mut()).await {
            return result;
        }
        let seen = seen.load(Ordering::Relaxed);
        if seen == seen_before {
            return Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "nothing happens any more",
            ));
        }
        seen_before = seen;
    }
}

/// A reader, and how many bytes came through it and others.
struct Counted<R>(R, Arc<AtomicU64>);

impl<R: AsyncRead + Unpin> AsyncRead for Counted<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.0).poll_read(cx, buf))?;
        let came = (buf.filled().len() - before) as u64;
        self.1.fetch_add(came, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

/// A server that answers only when its client has finished, behind a proxy with little patience.
async fn check() -> io::Result<()> {
    let server = TcpListener::bind("127.0.0.1:0").await?;
    let proxy = TcpListener::bind("127.0.0.1:0").await?;
    let (server_address, proxy_address) = (server.local_addr()?, proxy.local_addr()?);
    selvedge::spawn(serve(
        proxy,
        server_address.to_string(),
        Duration::from_millis(100),
    ));
    selvedge::spawn(async move {
        while let Ok((mut stream, _)) = server.accept().await {
            selvedge::spawn(async move {
                let mut all = Vec::new();
                let size = stream.read_to_end(&mut all).await?;
                stream.write_all(format!("{size} bytes").as_bytes()).await
            });
        }
    });

    let mut client = TcpStream::connect(proxy_address).await?;
    client.write_all(&vec![7; 1_000_000]).await?;
    client.shutdown().await?;
    let mut answer = String::new();
    client.read_to_string(&mut answer).await?;
    if answer != "1000000 bytes" {
        return Err(io::Error::other(format!("the server said {answer:?}")));
    }

    let mut silent = TcpStream::connect(proxy_address).await?;
    if silent.read(&mut [0]).await? != 0 {
        return Err(io::Error::other("somebody answered silence"));
    }
    println!("a half-closed connection got its answer, a silent one was closed");
    Ok(())
}
