//! Sockets of Unix: names, credentials, descriptors among the bytes, and ends.

use std::future::Future;
use std::io::{IoSlice, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags};

use super::*;
use crate::net::unix::{OwnedReadHalf, ReuniteError};
use crate::net::{UnixDatagram, UnixListener, UnixSocket, UnixStream};
use crate::reactor::driven::Flag;

/// A path for a socket, removed when dropped.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("selvedge-{}-{number}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl AsRef<std::path::Path> for Place {
    fn as_ref(&self) -> &std::path::Path {
        &self.0
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A stream under `hand`, and a peer of the standard library.
fn stream_and_peer(hand: &mut Hand) -> (UnixStream, std::os::unix::net::UnixStream) {
    let (ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    ours.set_nonblocking(true).unwrap();
    let ours = hand.block_on(async { UnixStream::from_std(ours).unwrap() });
    (ours, theirs)
}

#[test]
fn connections_are_made_at_a_path() {
    let mut hand = Hand::new();
    let place = Place::new();
    hand.block_on(async {
        let listener = UnixListener::bind(&place).unwrap();
        assert_eq!(
            listener.local_addr().unwrap().as_pathname(),
            Some(&*place.0)
        );
        let mut client = UnixStream::connect(&place).await.unwrap();
        let (mut server, peer) = listener.accept().await.unwrap();
        assert!(peer.is_unnamed());
        assert_eq!(client.peer_addr().unwrap().as_pathname(), Some(&*place.0));
        write_all(&mut client, b"hello").await.unwrap();
        shutdown(&mut client).await.unwrap();
        assert_eq!(read_to_end(&mut server).await.unwrap(), b"hello");
        let again = UnixListener::bind(&place).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AddrInUse);
        drop(listener);
        let refused = UnixStream::connect(&place).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    });
}

#[test]
#[cfg(target_os = "linux")]
fn abstract_names_are_no_files() {
    let mut hand = Hand::new();
    let name = format!("\0selvedge-{}", std::process::id());
    hand.block_on(async {
        let listener = UnixListener::bind(&name).unwrap();
        let addr = listener.local_addr().unwrap();
        assert_eq!(addr.as_abstract_name(), Some(&name.as_bytes()[1..]));
        assert!(addr.as_pathname().is_none() && !addr.is_unnamed());
        let client = UnixStream::connect_addr(&addr).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        assert_eq!(client.try_write(b"x").unwrap(), 1);
        assert_eq!(server.try_read(&mut [0; 4]).unwrap(), 1);
        let again = UnixListener::bind_addr(&addr).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AddrInUse);

        let receiver = UnixDatagram::bind(&name).unwrap();
        let sender = UnixDatagram::bind(format!("{name}-sender")).unwrap();
        sender.send_to(b"datagram", &name).await.unwrap();
        let (length, from) = receiver.recv_from(&mut [0; 16]).await.unwrap();
        assert_eq!(length, 8);
        let sender = sender.local_addr().unwrap();
        assert_eq!(from.as_abstract_name(), sender.as_abstract_name());
    });
}

#[test]
#[cfg(target_os = "linux")]
fn the_peer_is_this_process() {
    let mut hand = Hand::new();
    let (one, _other) = hand.block_on(async { UnixStream::pair().unwrap() });
    let peer = one.peer_cred().unwrap();
    assert_eq!(peer.pid(), Some(std::process::id().cast_signed()));
    assert_eq!(peer.uid(), rustix::process::getuid().as_raw());
    assert_eq!(peer.gid(), rustix::process::getgid().as_raw());
}

/// A read ends with a message that carries descriptors, although more is there.
#[test]
#[cfg(target_os = "linux")]
fn r149_bytes_behind_a_descriptor_are_read_without_another_event() {
    let mut hand = Hand::new();
    let (mut stream, mut peer) = stream_and_peer(&mut hand);
    let fds = [peer.as_fd()];
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    assert!(control.push(SendAncillaryMessage::ScmRights(&fds)));
    let parts = [IoSlice::new(b"abc")];
    rustix::net::sendmsg(&peer, &parts, &mut control, SendFlags::empty()).unwrap();
    peer.write_all(b"def").unwrap();
    hand.turn_to_event();
    let mut cx = Context::from_waker(Waker::noop());
    let mut all = Vec::new();
    for _ in 0..2 {
        let mut buf = [0; 100];
        let poll = pin!(read(&mut stream, &mut buf)).poll(&mut cx);
        let Poll::Ready(Ok(count)) = poll else {
            panic!("the rest is there: {poll:?}");
        };
        all.extend_from_slice(&buf[..count]);
    }
    assert_eq!(all, b"abcdef");
}

#[test]
#[cfg(target_os = "linux")]
fn r149_a_short_read_of_a_unix_stream_misses_nothing() {
    let mut hand = Hand::new();
    let (mut stream, mut peer) = stream_and_peer(&mut hand);
    for round in 0..100 {
        peer.write_all(&[round; 3]).unwrap();
        let mut buf = [0; 8];
        let count = hand.block_on(read(&mut stream, &mut buf)).unwrap();
        assert_eq!(&buf[..count], [round; 3]);
        // The stream counts as empty now: nothing asks the kernel before there is an event.
        peer.write_all(b"!").unwrap();
        let error = stream.try_read(&mut buf).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        assert_eq!(hand.block_on(read(&mut stream, &mut buf)).unwrap(), 1);
    }
}

#[test]
fn r149_a_full_unix_stream_becomes_writable_again() {
    let mut hand = Hand::new();
    let (mut stream, mut peer) = stream_and_peer(&mut hand);
    let sent = vec![5; 4_000_000];
    let reader = std::thread::spawn(move || {
        let mut received = Vec::new();
        peer.read_to_end(&mut received).unwrap();
        received.len()
    });
    hand.block_on(async {
        write_all(&mut stream, &sent).await.unwrap();
        shutdown(&mut stream).await.unwrap();
    });
    assert_eq!(reader.join().unwrap(), sent.len());
}

#[test]
fn r150_a_vanished_peer_wakes_reader_and_writer() {
    let mut hand = Hand::new();
    let (stream, peer) = stream_and_peer(&mut hand);
    hand.turn_now();
    while stream.try_write(&[0; 65_536]).is_ok() {}
    assert!(stream.try_read(&mut [0; 1]).is_err());
    let ((reader, read_waker), (writer, write_waker)) = (Flag::new(), Flag::new());
    let poll = stream.poll_read_ready(&mut Context::from_waker(&read_waker));
    assert!(poll.is_pending());
    let poll = stream.poll_write_ready(&mut Context::from_waker(&write_waker));
    assert!(poll.is_pending());
    drop(peer);
    while !(reader.take() && writer.take()) {
        hand.turn_to_event();
    }
    let error = stream.try_write(b"x").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    // What it had not read is why the connection counts as reset.
    let error = stream.try_read(&mut [0; 1]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}

#[test]
fn r150_shutting_down_twice_is_no_error() {
    let mut hand = Hand::new();
    let (mut stream, peer) = stream_and_peer(&mut hand);
    drop(peer);
    hand.block_on(async {
        assert!(read_to_end(&mut stream).await.unwrap().is_empty());
        shutdown(&mut stream).await.unwrap();
        shutdown(&mut stream).await.unwrap();
    });
}

#[test]
fn r150_a_shutdown_ends_a_waiting_receive() {
    let mut hand = Hand::new();
    let (one, _other) = hand.block_on(async { UnixDatagram::pair().unwrap() });
    let (flag, waker) = Flag::new();
    let mut buf = [0; 8];
    let mut receiving = pin!(one.recv(&mut buf));
    let poll = receiving.as_mut().poll(&mut Context::from_waker(&waker));
    assert!(poll.is_pending());
    one.shutdown(Shutdown::Read).unwrap();
    while !flag.take() {
        hand.turn_to_event();
    }
    assert_eq!(hand.block_on(receiving).unwrap(), 0);
}

#[test]
fn a_sender_of_datagrams_waits_for_room() {
    let mut hand = Hand::new();
    let (one, other) = hand.block_on(async { UnixDatagram::pair().unwrap() });
    let mut sent = 0_u32;
    while one.try_send(&sent.to_ne_bytes()).is_ok() {
        sent += 1;
    }
    let (flag, waker) = Flag::new();
    let last = sent.to_ne_bytes();
    let mut sending = pin!(one.send(&last));
    let poll = sending.as_mut().poll(&mut Context::from_waker(&waker));
    assert!(poll.is_pending());
    hand.block_on(async {
        for number in 0..sent {
            let mut buf = [0; 4];
            assert_eq!(other.recv(&mut buf).await.unwrap(), 4);
            assert_eq!(u32::from_ne_bytes(buf), number);
        }
    });
    while !flag.take() {
        hand.turn_to_event();
    }
    assert_eq!(hand.block_on(sending).unwrap(), 4);
}

#[test]
fn r151_blocking_unix_sockets_are_refused() {
    let mut hand = Hand::new();
    let place = Place::new();
    let (stream, _) = std::os::unix::net::UnixStream::pair().unwrap();
    let (datagram, _) = std::os::unix::net::UnixDatagram::pair().unwrap();
    let listener = std::os::unix::net::UnixListener::bind(&place).unwrap();
    hand.block_on(async {
        for error in [
            UnixStream::from_std(stream).unwrap_err(),
            UnixDatagram::from_std(datagram).unwrap_err(),
            UnixListener::from_std(listener).unwrap_err(),
        ] {
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        }
    });
}

#[test]
fn a_socket_becomes_only_what_its_kind_can_be() {
    let mut hand = Hand::new();
    hand.block_on(async {
        UnixSocket::new_datagram().unwrap().listen(1).unwrap_err();
        let socket = UnixSocket::new_datagram().unwrap();
        socket.connect("/nowhere").await.unwrap_err();
        UnixSocket::new_stream().unwrap().datagram().unwrap_err();
        let socket = UnixSocket::new_datagram().unwrap();
        let fd = socket.as_raw_fd();
        assert_eq!(socket.datagram().unwrap().as_raw_fd(), fd);
    });
}

#[test]
fn halves_of_different_streams_are_handed_back() {
    let mut hand = Hand::new();
    let (one, mut peer) = stream_and_peer(&mut hand);
    let (other, _other_peer) = stream_and_peer(&mut hand);
    let (read, write): (OwnedReadHalf, _) = one.into_split();
    let (other_read, other_write) = other.into_split();
    let error: ReuniteError = read.reunite(other_write).unwrap_err();
    let (read, other_write) = (error.0, error.1);
    other_read.reunite(other_write).unwrap();
    let stream = write.reunite(read).unwrap();
    let (read, write) = stream.into_split();
    drop(write);
    assert_eq!(
        peer.read(&mut [0; 1]).unwrap(),
        0,
        "the writing side has ended"
    );
    drop(read);
}
