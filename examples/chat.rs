//! A chat: what one client says, all the others hear.
//!
//! *Shows*: a broadcast channel between connections, and a connection as two tasks: one reads lines and says
//! them to everybody, one writes what it hears. A client that reads too slowly misses lines, and is told so,
//! instead of holding up the others.
//!
//! *Run with*: `cargo run --example chat`, then `nc 127.0.0.1 6667` in several terminals. With `--check` three
//! clients talk to each other, and it ends.
//!
//! *Try this*: stop one of the `nc`s with ctrl-z, say something in the others (`yes` does), and let it go on
//! with `fg`.

use std::io;
use std::time::Duration;

use selvedge::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use selvedge::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use selvedge::net::{TcpListener, TcpStream};
use selvedge::sync::broadcast::{self, error::RecvError};
use selvedge::time::sleep;

const DEFAULT_ADDRESS: &str = "127.0.0.1:6667";
/// How many lines a client may be behind.
const LINES_MAX: usize = 100;
/// How long to leave a failing `accept` alone.
const PAUSE: Duration = Duration::from_millis(200);

/// What somebody said.
#[derive(Debug, Clone)]
struct Said {
    by: usize,
    line: String,
}

#[selvedge::main]
async fn main() -> io::Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some("--check") => check().await,
        address => {
            let listener = TcpListener::bind(address.unwrap_or(DEFAULT_ADDRESS)).await?;
            println!("listening on {}", listener.local_addr()?);
            serve(listener).await
        }
    }
}

/// Serves for ever.
async fn serve(listener: TcpListener) -> ! {
    let (room, _) = broadcast::channel(LINES_MAX);
    let mut clients = 0;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                clients += 1;
                enter(stream, clients, &room);
            }
            Err(error) => {
                eprintln!("cannot accept: {error}");
                sleep(PAUSE).await;
            }
        }
    }
}

/// Gives a client its two tasks. It hears what is said from now on.
fn enter(stream: TcpStream, me: usize, room: &broadcast::Sender<Said>) {
    let (read, write) = stream.into_split();
    let hears = room.subscribe();
    let says = room.clone();
    // Nobody hears it if nobody is there.
    let say = move |line: String| drop(says.send(Said { by: me, line }));
    say(format!("* client {me} comes"));
    let listening = selvedge::spawn(listen(me, write, hears));
    selvedge::spawn(async move {
        if let Err(error) = speak(me, read, &say).await {
            eprintln!("client {me}: {error}");
        }
        say(format!("* client {me} goes"));
        listening.abort();
    });
}

/// Says to everybody what the client says, until it leaves.
async fn speak(me: usize, read: OwnedReadHalf, say: impl Fn(String)) -> io::Result<()> {
    let mut lines = BufReader::new(read).lines();
    while let Some(line) = lines.next_line().await? {
        say(format!("{me}: {line}"));
    }
    Ok(())
}

/// Tells the client what others say, until it does not read any more.
async fn listen(
    me: usize,
    mut write: OwnedWriteHalf,
    mut hears: broadcast::Receiver<Said>,
) -> io::Result<()> {
    loop {
        let line = match hears.recv().await {
            Ok(said) if said.by == me => continue,
            Ok(said) => said.line,
            Err(RecvError::Lagged(lines)) => format!("* you missed {lines} lines"),
            Err(RecvError::Closed) => return Ok(()),
        };
        write.write_all(format!("{line}\n").as_bytes()).await?;
    }
}

/// What a client of the check reads from, and what it must keep to stay.
type Client = (Lines<BufReader<OwnedReadHalf>>, OwnedWriteHalf);

/// Three clients come, speak and go.
async fn check() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    selvedge::spawn(serve(listener));

    let mut clients: Vec<Client> = Vec::new();
    for new in 1..=3 {
        let (read, write) = TcpStream::connect(address).await?.into_split();
        for (lines, _) in &mut clients {
            expect(lines, &format!("* client {new} comes")).await?;
        }
        clients.push((BufReader::new(read).lines(), write));
    }
    clients[0].1.write_all(b"hello\n").await?;
    expect(&mut clients[1].0, "1: hello").await?;
    expect(&mut clients[2].0, "1: hello").await?;
    clients[2].1.write_all(b"hello yourself\n").await?;
    expect(&mut clients[0].0, "3: hello yourself").await?;
    expect(&mut clients[1].0, "3: hello yourself").await?;
    drop(clients.pop());
    for (lines, _) in &mut clients {
        expect(lines, "* client 3 goes").await?;
    }
    println!("three clients heard each other");
    Ok(())
}

async fn expect(lines: &mut Lines<BufReader<OwnedReadHalf>>, wanted: &str) -> io::Result<()> {
    match lines.next_line().await? {
        Some(line) if line == wanted => Ok(()),
        other => Err(io::Error::other(format!(
            "{wanted:?} expected, {other:?} heard"
        ))),
    }
}
