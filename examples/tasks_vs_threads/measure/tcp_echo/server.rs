//! The two echo servers, each in a process of its own, and the handle that starts and stops them.
//!
//! The process prints its address and serves until its standard input ends, which happens at the
//! latest when the client process dies: a server never outlives its client.

use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{self, SocketAddr};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::Duration;

use selvedge::io::{AsyncReadExt, AsyncWriteExt};
use selvedge::net::{TcpListener, TcpStream};
use selvedge::time::sleep;

use super::super::{Load, Side};

/// First argument of a process that is such a server; the side and the worker count follow.
pub(crate) const SERVE: &str = "__serve";
/// Bytes read at once, by both servers.
const BUFFER: usize = 1024;
/// How long to wait when a connection cannot be accepted, e.g. for want of descriptors.
const PAUSE: Duration = Duration::from_millis(50);

/// A running server process.
pub(crate) struct Server {
    child: Child,
    /// Closing it stops the server.
    stdin: Option<ChildStdin>,
    address: SocketAddr,
}

impl Server {
    pub(crate) fn start(side: Side, load: &Load) -> io::Result<Server> {
        let mut child = Command::new(env::current_exe()?)
            .args([SERVE, side.name(), &load.workers.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdin = child.stdin.take();
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        match line.trim().parse() {
            Ok(address) => Ok(Server {
                child,
                stdin,
                address,
            }),
            Err(_) => {
                child.kill()?;
                child.wait()?;
                Err(io::Error::other("the echo server did not start"))
            }
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The process id, as `/proc` spells it.
    pub(crate) fn process(&self) -> String {
        self.child.id().to_string()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stdin.take());
        // A server that cannot be waited for is no longer there.
        let _ = self.child.wait();
    }
}

/// Is the server process: serves until standard input ends.
pub(crate) fn serve(side: Side, workers: usize) -> io::Result<()> {
    match side {
        Side::Tasks => {
            let runtime = super::super::runtime(workers)?;
            let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
            let address = listener.local_addr()?;
            runtime.spawn(accept_into_tasks(listener));
            until_stdin_ends(address)?;
            runtime.shutdown_background();
        }
        Side::Threads => {
            let listener = net::TcpListener::bind("127.0.0.1:0")?;
            let address = listener.local_addr()?;
            thread::Builder::new().spawn(move || accept_into_threads(&listener))?;
            until_stdin_ends(address)?;
        }
    }
    Ok(())
}

fn until_stdin_ends(address: SocketAddr) -> io::Result<()> {
    let mut stdout = io::stdout();
    writeln!(stdout, "{address}")?;
    stdout.flush()?;
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}

async fn accept_into_tasks(listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(selvedge::spawn(echo_in_task(stream))),
            Err(_) => sleep(PAUSE).await,
        }
    }
}

async fn echo_in_task(mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = [0; BUFFER];
    loop {
        match stream.read(&mut buffer).await? {
            0 => return Ok(()),
            read => stream.write_all(&buffer[..read]).await?,
        }
    }
}

fn accept_into_threads(listener: &net::TcpListener) {
    loop {
        match listener.accept() {
            // If the thread is refused the connection closes, which tells the client.
            Ok((stream, _)) => drop(thread::Builder::new().spawn(move || echo_in_thread(stream))),
            Err(_) => thread::sleep(PAUSE),
        }
    }
}

fn echo_in_thread(mut stream: net::TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = [0; BUFFER];
    loop {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            read => stream.write_all(&buffer[..read])?,
        }
    }
}
