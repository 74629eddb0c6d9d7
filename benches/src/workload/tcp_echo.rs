//! What does a small message over a socket and back cost, alone and among many?
//!
//! **Workload.** An echo server on the loopback device, one task for each connection. The client is
//! the same for all: one thread with a bare mio loop that keeps one message of 64 bytes under way on
//! each of its connections, 1 or 64 of them. With 1 connection, client and server share one CPU, or
//! have one each; with 64 the kernel places the threads.
//!
//! **What misleads.** The kernel's share of the figure is large and the same for all; so is the
//! client's, which stands in the CPU column too. On two CPUs the client takes one, which leaves one
//! for the two workers. With 1 connection every message wakes a sleeping thread on each side; on two
//! CPUs that measures how the kernel wakes an idle CPU more than it does the runtime. Compare with `mio`, a server without
//! a runtime, on one thread: what lies below it is not to be had by a better reactor.

mod client;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread;

use client::Client;

use crate::placement::Placement::{self, Anywhere, OneCpu, TwoCpus};
use crate::row::{Course, Row};
use crate::runtimes::{SmolPool, on_both};

const MESSAGE: usize = 64;
const MESSAGES_A_LAP: usize = 640;
const MANY: usize = 64;
const ANY_PORT: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::wall(
            "tcp_echo_1_one_cpu",
            "echo of 64 bytes, 1 connection, all on one CPU",
        )
        .selvedge(|| on_selvedge::echo(1, OneCpu))
        .tokio(|| on_tokio::echo(1, OneCpu))
        .smol(|| on_smol::echo(1, OneCpu))
        .std(|| on_std::echo(1, OneCpu))
        .mio(|| on_mio::echo(1, OneCpu)),
        Row::wall(
            "tcp_echo_1_two_cpus",
            "echo of 64 bytes, 1 connection, a CPU each",
        )
        .selvedge(|| on_selvedge::echo(1, TwoCpus))
        .tokio(|| on_tokio::echo(1, TwoCpus))
        .smol(|| on_smol::echo(1, TwoCpus))
        .std(|| on_std::echo(1, TwoCpus))
        .mio(|| on_mio::echo(1, TwoCpus)),
        Row::wall("tcp_echo_64", "echo of 64 bytes, 64 connections")
            .selvedge(|| on_selvedge::echo(MANY, Anywhere))
            .tokio(|| on_tokio::echo(MANY, Anywhere))
            .smol(|| on_smol::echo(MANY, Anywhere))
            .std(|| on_std::echo(MANY, Anywhere))
            .mio(|| on_mio::echo(MANY, Anywhere)),
    ]
}

/// The client and the runtime of its server, dropped in this order.
struct Connected<R> {
    client: Client,
    placement: Placement,
    _runtime: R,
}

impl<R> Connected<R> {
    fn exchange(&mut self, messages: u64) {
        let _pin = self.placement.pin_client();
        self.client.exchange(messages);
    }
}

/// The course of a client against the server at `server`.
fn against<R: 'static>(
    runtime: R,
    server: SocketAddr,
    connections: usize,
    placement: Placement,
) -> Course {
    let client = Client::connect(server, connections);
    let mut connected = Connected {
        client,
        placement,
        _runtime: runtime,
    };
    Course::timed(MESSAGES_A_LAP, move |laps| {
        connected.exchange(laps * MESSAGES_A_LAP as u64)
    })
}

on_both! {
    use rt::io::{AsyncReadExt, AsyncWriteExt};
    use rt::net::{TcpListener, TcpStream};

    async fn serve(mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let mut buffer = [0; MESSAGE];
        loop {
            match stream.read(&mut buffer).await? {
                0 => return Ok(()),
                length => stream.write_all(&buffer[..length]).await?,
            }
        }
    }

    pub(super) fn echo(connections: usize, placement: Placement) -> Course {
        let runtime = multi_thread_at(placement);
        let server = on_worker(&runtime, async {
            let listener = TcpListener::bind(ANY_PORT).await.unwrap();
            let server = listener.local_addr().unwrap();
            rt::spawn(async move {
                loop {
                    rt::spawn(serve(listener.accept().await.unwrap().0));
                }
            });
            server
        });
        against(runtime, server, connections, placement)
    }
}

mod on_smol {
    use smol::io::{AsyncReadExt, AsyncWriteExt};
    use smol::net::{TcpListener, TcpStream};

    use super::*;

    async fn serve(mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let mut buffer = [0; MESSAGE];
        loop {
            match stream.read(&mut buffer).await? {
                0 => return Ok(()),
                length => stream.write_all(&buffer[..length]).await?,
            }
        }
    }

    pub(super) fn echo(connections: usize, placement: Placement) -> Course {
        let pool = SmolPool::start_at(placement);
        let executor = pool.executor();
        let server = pool.on_worker(async move {
            let listener = TcpListener::bind(ANY_PORT).await.unwrap();
            let server = listener.local_addr().unwrap();
            let acceptor = executor.spawn(async move {
                loop {
                    executor
                        .spawn(serve(listener.accept().await.unwrap().0))
                        .detach();
                }
            });
            acceptor.detach();
            server
        });
        against(pool, server, connections, placement)
    }
}

mod on_std {
    use std::net::TcpStream;

    use super::*;

    fn serve(mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let mut buffer = [0; MESSAGE];
        loop {
            match stream.read(&mut buffer)? {
                0 => return Ok(()),
                length => stream.write_all(&buffer[..length])?,
            }
        }
    }

    /// The threads end with their connections.
    pub(super) fn echo(connections: usize, placement: Placement) -> Course {
        let listener = TcpListener::bind(ANY_PORT).unwrap();
        let server = listener.local_addr().unwrap();
        thread::spawn(move || {
            // The threads of the connections inherit it.
            placement.pin_server();
            for _ in 0..connections {
                let stream = listener.accept().unwrap().0;
                thread::spawn(move || serve(stream));
            }
        });
        against((), server, connections, placement)
    }
}

mod on_mio {
    use std::io::ErrorKind;

    use mio::net::TcpStream;
    use mio::{Events, Interest, Poll, Token};

    use super::*;

    /// Serves until all connections are closed.
    fn serve(mut streams: Vec<TcpStream>) -> std::io::Result<()> {
        let mut poll = Poll::new()?;
        let mut events = Events::with_capacity(streams.len());
        for (index, stream) in streams.iter_mut().enumerate() {
            poll.registry()
                .register(stream, Token(index), Interest::READABLE)?;
        }
        let mut open = streams.len();
        while open > 0 {
            poll.poll(&mut events, None)?;
            for event in &events {
                open -= usize::from(!echo_all(&mut streams[event.token().0])?);
            }
        }
        Ok(())
    }

    /// Echoes what is there; false at the end of the stream.
    fn echo_all(stream: &mut TcpStream) -> std::io::Result<bool> {
        let mut buffer = [0; MESSAGE];
        loop {
            match stream.read(&mut buffer) {
                Ok(0) => return Ok(false),
                // One message is under way: there is room for the answer, and nothing else to read.
                Ok(MESSAGE) => return stream.write_all(&buffer).map(|()| true),
                Ok(length) => stream.write_all(&buffer[..length])?,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) fn echo(connections: usize, placement: Placement) -> Course {
        let listener = TcpListener::bind(ANY_PORT).unwrap();
        let server = listener.local_addr().unwrap();
        thread::spawn(move || {
            placement.pin_server();
            let accept = |_| {
                let stream = listener.accept().unwrap().0;
                stream.set_nodelay(true).unwrap();
                stream.set_nonblocking(true).unwrap();
                TcpStream::from_std(stream)
            };
            serve((0..connections).map(accept).collect())
        });
        against((), server, connections, placement)
    }
}
