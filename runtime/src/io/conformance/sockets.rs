//! The table of all streams that the kernel has to do with. A type that is added to `net` is added here.

use super::drive;
use super::pair::{DroppedToEnd, check_drops, check_pair, check_pair_budget, in_runtime};
use crate::io::{BufReader, BufWriter, split};
use crate::net::unix::pipe;
use crate::net::{TcpListener, TcpStream, UnixStream};

/// Both ends of a connection.
fn tcp() -> (TcpStream, TcpStream) {
    let listener = drive(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let client = drive(TcpStream::connect(address)).unwrap();
    let (server, _) = drive(listener.accept()).unwrap();
    (client, server)
}

fn leaked(stream: TcpStream) -> &'static mut TcpStream {
    Box::leak(Box::new(stream))
}

#[test]
fn tcp_streams_keep_their_word() {
    in_runtime(|| {
        check_pair(tcp);
        check_drops(tcp);
        check_pair_budget(tcp());
    });
}

#[test]
fn halves_of_tcp_streams_keep_their_word() {
    in_runtime(|| {
        let owned = || {
            let (client, server) = tcp();
            (client.into_split().1, server.into_split().0)
        };
        check_pair(owned);
        check_drops(owned);
        check_pair_budget(owned());
        check_pair(|| {
            let (client, server) = tcp();
            (leaked(client).split().1, leaked(server).split().0)
        });
        check_pair(|| {
            let (client, server) = tcp();
            (split(client).1, split(server).0)
        });
    });
}

#[test]
fn buffers_around_sockets_keep_their_word() {
    in_runtime(|| {
        check_pair(|| {
            let (client, server) = tcp();
            (BufWriter::new(client), BufReader::new(server))
        });
    });
}

fn unix() -> (UnixStream, UnixStream) {
    UnixStream::pair().unwrap()
}

#[test]
fn unix_streams_and_their_halves_keep_their_word() {
    in_runtime(|| {
        check_pair(unix);
        check_drops(unix);
        check_pair_budget(unix());
        let owned = || {
            let (near, far) = unix();
            (near.into_split().1, far.into_split().0)
        };
        check_pair(owned);
        check_drops(owned);
    });
}

#[test]
fn pipes_keep_their_word() {
    in_runtime(|| {
        let pipes = || {
            let (sender, receiver) = pipe::pipe().unwrap();
            (DroppedToEnd(Some(sender)), receiver)
        };
        check_pair(pipes);
        check_drops(pipes);
        check_pair_budget(pipes());
    });
}

/// What the child reads it writes.
#[cfg(all(test, feature = "process"))]
#[test]
fn pipes_to_children_keep_their_word() {
    use crate::process::Command;
    use std::process::Stdio;

    in_runtime(|| {
        let pipes = || {
            let mut command = Command::new("cat");
            command.stdin(Stdio::piped()).stdout(Stdio::piped());
            let mut child = command.spawn().unwrap();
            (
                DroppedToEnd(child.stdin.take()),
                child.stdout.take().unwrap(),
            )
        };
        check_pair(pipes);
        check_drops(pipes);
    });
}
