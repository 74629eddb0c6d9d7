//! The client of all echo servers: one thread, a bare mio loop, one message under way on each
//! connection.

use std::fmt;
use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use super::MESSAGE;

struct Connection {
    stream: TcpStream,
    /// How much of the current answer has come.
    received: usize,
}

/// Connections to one server, kept open from run to run.
pub(super) struct Client {
    poll: Poll,
    events: Events,
    connections: Vec<Connection>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("connections", &self.connections.len())
            .finish()
    }
}

impl Client {
    pub(super) fn connect(server: SocketAddr, connections: usize) -> Client {
        let poll = Poll::new().unwrap();
        let connect = |index| {
            let stream = std::net::TcpStream::connect(server).unwrap();
            stream.set_nodelay(true).unwrap();
            stream.set_nonblocking(true).unwrap();
            let mut stream = TcpStream::from_std(stream);
            let token = Token(index);
            poll.registry()
                .register(&mut stream, token, Interest::READABLE)
                .unwrap();
            Connection {
                stream,
                received: 0,
            }
        };
        let connections: Vec<_> = (0..connections).map(connect).collect();
        Client {
            poll,
            events: Events::with_capacity(connections.len()),
            connections,
        }
    }

    /// Sends `messages` messages in all and waits for the answers.
    pub(super) fn exchange(&mut self, messages: u64) {
        let (mut unsent, mut unanswered) = (messages, messages);
        for connection in &mut self.connections {
            if unsent > 0 {
                unsent -= 1;
                connection.send();
            }
        }
        while unanswered > 0 {
            self.poll.poll(&mut self.events, None).unwrap();
            for event in &self.events {
                let connection = &mut self.connections[event.token().0];
                if connection.answer_is_complete() {
                    unanswered -= 1;
                    if unsent > 0 {
                        unsent -= 1;
                        connection.send();
                    }
                }
            }
        }
    }
}

impl Connection {
    fn send(&mut self) {
        self.stream
            .write_all(&[7; MESSAGE])
            .expect("one message always fits into the buffer");
    }

    /// Reads what is there. After a whole answer nothing more can be there until the next message
    /// has been sent, so the edge is not lost although no read ever said so.
    fn answer_is_complete(&mut self) -> bool {
        let mut buffer = [0; MESSAGE];
        loop {
            match self.stream.read(&mut buffer[self.received..]) {
                Ok(0) => panic!("the server hung up"),
                Ok(length) => self.received += length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return false,
                Err(error) => panic!("the client cannot read: {error}"),
            }
            if self.received == MESSAGE {
                self.received = 0;
                return true;
            }
        }
    }
}
