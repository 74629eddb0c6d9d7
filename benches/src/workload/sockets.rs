//! What does a small message cost over sockets other than TCP, and what does a connection cost?
//!
//! **Workload.** `udp_ping_pong`, `unix_stream`, `unix_pipe`: two tasks send 64 bytes to and fro, over two
//! connected UDP sockets, a pair of Unix streams, or two pipes. `connect_churn`: a task connects to a
//! listener of another one over the loopback device, reads one byte from it and hangs up. All tasks are on
//! one thread, so a message is a system call at each end and a look at the reactor.
//!
//! **What misleads.** The kernel's share of the figure is large and the same for all, above all for
//! connections. After a short read tokio takes a pipe to be empty; Selvedge asks once more, which is a system
//! call per message, because a pipe in packet mode need not be empty.

use crate::row::{Course, Row};
use crate::runtimes::on_both;

const MESSAGE: usize = 64;
const TRIPS: usize = 100;
const CONNECTIONS: usize = 50;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::wall(
            "udp_ping_pong",
            "round trip of 64 bytes, UDP, two tasks on one thread",
        )
        .selvedge(on_selvedge::udp)
        .tokio(on_tokio::udp),
        Row::wall(
            "unix_stream",
            "round trip of 64 bytes, Unix streams, two tasks on one thread",
        )
        .selvedge(on_selvedge::unix_stream)
        .tokio(on_tokio::unix_stream),
        Row::wall(
            "unix_pipe",
            "round trip of 64 bytes, two pipes, two tasks on one thread",
        )
        .selvedge(on_selvedge::pipe)
        .tokio(on_tokio::pipe),
        Row::wall(
            "connect_churn",
            "TCP: connect, accept, one byte, hang up, on one thread",
        )
        .selvedge(on_selvedge::connect)
        .tokio(on_tokio::connect),
    ]
}

on_both! {
    use rt::io::{AsyncReadExt, AsyncWriteExt};
    use rt::net::unix::pipe;
    use rt::net::{TcpListener, TcpStream, UdpSocket, UnixStream};

    async fn connected_udp() -> (UdpSocket, UdpSocket) {
        let one = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let other = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        one.connect(other.local_addr().unwrap()).await.unwrap();
        other.connect(one.local_addr().unwrap()).await.unwrap();
        (one, other)
    }

    pub(super) fn udp() -> Course {
        let runtime = current_thread();
        Course::timed(TRIPS, move |laps| runtime.block_on(async move {
            let (one, other) = connected_udp().await;
            let trips = laps * TRIPS as u64;
            let partner = rt::spawn(async move {
                let mut buffer = [0; MESSAGE];
                for _ in 0..trips {
                    other.recv(&mut buffer).await.unwrap();
                    other.send(&buffer).await.unwrap();
                }
            });
            let mut buffer = [0; MESSAGE];
            for _ in 0..trips {
                one.send(&buffer).await.unwrap();
                one.recv(&mut buffer).await.unwrap();
            }
            partner.await.unwrap();
        }))
    }

    async fn round_trips(
        laps: u64,
        mut out: impl rt::io::AsyncWrite + Unpin,
        mut back: impl rt::io::AsyncRead + Unpin,
        mut read: impl rt::io::AsyncRead + Unpin + Send + 'static,
        mut write: impl rt::io::AsyncWrite + Unpin + Send + 'static,
    ) {
        let trips = laps * TRIPS as u64;
        let partner = rt::spawn(async move {
            // Larger than a message, as buffers are.
            let mut buffer = [0; 2 * MESSAGE];
            for _ in 0..trips {
                let length = read.read(&mut buffer).await.unwrap();
                write.write_all(&buffer[..length]).await.unwrap();
            }
        });
        let mut buffer = [0; 2 * MESSAGE];
        for _ in 0..trips {
            out.write_all(&buffer[..MESSAGE]).await.unwrap();
            assert_eq!(back.read(&mut buffer).await.unwrap(), MESSAGE);
        }
        partner.await.unwrap();
    }

    pub(super) fn unix_stream() -> Course {
        let runtime = current_thread();
        Course::timed(TRIPS, move |laps| runtime.block_on(async move {
            let (one, other) = UnixStream::pair().unwrap();
            let ((back, out), (read, write)) = (one.into_split(), other.into_split());
            round_trips(laps, out, back, read, write).await;
        }))
    }

    pub(super) fn pipe() -> Course {
        let runtime = current_thread();
        Course::timed(TRIPS, move |laps| runtime.block_on(async move {
            let ((out, read), (write, back)) = (pipe::pipe().unwrap(), pipe::pipe().unwrap());
            round_trips(laps, out, back, read, write).await;
        }))
    }

    pub(super) fn connect() -> Course {
        let runtime = current_thread();
        Course::timed(CONNECTIONS, move |laps| runtime.block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let server = listener.local_addr().unwrap();
            let connections = laps * CONNECTIONS as u64;
            let acceptor = rt::spawn(async move {
                for _ in 0..connections {
                    let (mut stream, _) = listener.accept().await.unwrap();
                    rt::spawn(async move {
                        stream.write_all(b"x").await.unwrap();
                        // The client hangs up first.
                        let _ = stream.read(&mut [0]).await;
                    });
                }
            });
            for _ in 0..connections {
                let mut stream = TcpStream::connect(server).await.unwrap();
                stream.read_exact(&mut [0]).await.unwrap();
                // No address is left dying: there are not enough of them.
                stream.set_zero_linger().unwrap();
            }
            acceptor.await.unwrap();
        }))
    }
}
