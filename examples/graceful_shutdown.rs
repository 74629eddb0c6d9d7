//! A server that ends well: Ctrl-C closes the door, and those inside may finish.
//!
//! *Shows*: `signal::ctrl_c`, `SIGTERM` beside it, a `CancellationToken` that tells every connection, a
//! `TaskTracker` that knows when the last has gone, and a limit to the patience.
//!
//! *Run with*: `cargo run --example graceful_shutdown`, `nc 127.0.0.1 7778` in another terminal, then Ctrl-C.
//! A second Ctrl-C ends it at once. `cargo run --example graceful_shutdown -- --self-test` does all of that
//! by itself.
//!
//! *Try this*: make a connection ignore the token, and see the patience run out.

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use selvedge::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use selvedge::net::{TcpListener, TcpStream};
use selvedge::process::Command;
use selvedge::signal::ctrl_c;
use selvedge::signal::unix::{SignalKind, signal};
use selvedge::sync::{CancellationToken, TaskTracker};
use selvedge::time::timeout;

const ADDRESS: &str = "127.0.0.1:7778";
/// How long connections may take to say goodbye.
const PATIENCE: Duration = Duration::from_secs(5);
const USAGE: &str = "\
Sends back every line; on Ctrl-C or SIGTERM lets its clients finish their line and ends.

Usage: graceful_shutdown [--self-test]

Exit code: 1 if it cannot listen, or a client did not leave in time; 2 for bad arguments.";

#[selvedge::main]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        [] => match TcpListener::bind(ADDRESS).await {
            Ok(listener) => serve(listener).await,
            Err(error) => Err(error),
        },
        ["--self-test"] => self_test().await,
        ["--help" | "-h"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("error: unexpected arguments\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves until it is asked to end, then waits for those who are here.
async fn serve(listener: TcpListener) -> io::Result<()> {
    // Made before the first client: from here on the signal does not end the process by itself.
    let mut terminations = signal(SignalKind::terminate())?;
    let mut interrupts = signal(SignalKind::interrupt())?;
    println!("listening on {}", listener.local_addr()?);

    let closing = CancellationToken::new();
    let connections = TaskTracker::new();
    loop {
        selvedge::select! {
            accepted = listener.accept() => {
                let (stream, peer) = accepted?;
                let closing = closing.clone();
                selvedge::spawn(connections.track_future(async move {
                    if let Err(error) = talk(stream, &closing).await {
                        eprintln!("{peer}: {error}");
                    }
                }));
            }
            _ = interrupts.recv() => break,
            _ = terminations.recv() => break,
        }
    }

    // The door is closed: whoever connects now is refused.
    drop(listener);
    println!("ending: {} connections are open", connections.len());
    closing.cancel();
    connections.close();
    selvedge::select! {
        waited = timeout(PATIENCE, connections.wait()) => {
            waited.map_err(|_| io::Error::other("not all clients left in time"))?;
        }
        interrupted = ctrl_c() => {
            interrupted?;
            return Err(io::Error::other("interrupted again"));
        }
    }
    println!("all clients have left");
    Ok(())
}

/// Sends back lines until the client leaves, or the server is about to and the line is finished.
async fn talk(stream: TcpStream, closing: &CancellationToken) -> io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    loop {
        selvedge::select! {
            // Reading a line can be given up between two of them, and within one: it is kept.
            line = lines.next_line() => match line? {
                Some(line) => writer.write_all(format!("{line}\n").as_bytes()).await?,
                None => return Ok(()),
            },
            () = closing.cancelled() => {
                writer.write_all(b"goodbye\n").await?;
                return Ok(());
            }
        }
    }
}

/// Clients that are connected when this very process is interrupted.
async fn self_test() -> io::Result<()> {
    const CLIENTS: usize = 20;

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = selvedge::spawn(serve(listener));
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(greet(address).await?);
    }
    // As pressing Ctrl-C would.
    let me = std::process::id().to_string();
    let status = Command::new("kill").args(["-INT", &me]).status().await?;
    assert!(status.success(), "the signal was sent");
    for mut client in clients {
        let mut rest = String::new();
        client.read_to_string(&mut rest).await?;
        assert_eq!(rest, "goodbye\n", "each client is told");
    }
    server.await??;
    let refused = TcpStream::connect(address).await.is_err();
    assert!(refused, "nobody listens any more");
    println!("self-test passed: {CLIENTS} clients left in peace");
    Ok(())
}

/// A client that has had one answer, so it is inside.
async fn greet(address: SocketAddr) -> io::Result<BufReader<TcpStream>> {
    let mut client = BufReader::new(TcpStream::connect(address).await?);
    client.get_mut().write_all(b"hello\n").await?;
    let mut answer = String::new();
    client.read_line(&mut answer).await?;
    assert_eq!(answer, "hello\n");
    Ok(client)
}
