//! The table of all streams that the kernel has to do with. A type that is added to `net` is added here.

use super::drive;
use super::pair::{check_drops, check_pair, check_pair_budget, in_runtime};
use crate::io::{BufReader, BufWriter, split};
use crate::net::{TcpListener, TcpStream};

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
