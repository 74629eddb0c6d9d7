//! Bad days: peers that vanish, limits that are hit, bugs that other runtimes had.

use std::future::Future;
use std::io::{Read, Write};
use std::pin::pin;
use std::process::Command;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use socket2::SockRef;

use super::*;
use crate::reactor::driven::Flag;
use crate::reactor::is_rt_shutdown_err;

/// Writes until there is no more room.
fn fill(stream: &TcpStream) {
    while stream.try_write(&[0; 65_536]).is_ok() {}
}

/// Reads until there is nothing.
fn drain(stream: &TcpStream) {
    while stream.try_read(&mut [0; 65_536]).is_ok() {}
}

#[test]
fn r149_a_short_read_waits_and_misses_nothing() {
    let mut hand = Hand::new();
    let (mut stream, mut peer) = accepted(&mut hand);
    let (flag, waker) = Flag::new();
    let mut cx = Context::from_waker(&waker);
    for round in 0..100 {
        peer.write_all(&[round; 3]).unwrap();
        let mut buf = [0; 8];
        let count = hand.block_on(read(&mut stream, &mut buf)).unwrap();
        assert_eq!(&buf[..count], [round; 3]);
        // The stream counts as empty now; what comes in the meantime is an event of its own.
        let mut next = [0; 8];
        let mut waiting = pin!(read(&mut stream, &mut next));
        match waiting.as_mut().poll(&mut cx) {
            Poll::Pending => {}
            Poll::Ready(result) => panic!("there is nothing to read: {result:?}"),
        }
        peer.write_all(b"!").unwrap();
        while !flag.take() {
            hand.turn_to_event();
        }
        assert_eq!(hand.block_on(waiting).unwrap(), 1);
    }
}

#[test]
fn r149_an_end_that_follows_a_short_read_is_seen() {
    let mut hand = Hand::new();
    let (mut stream, mut peer) = accepted(&mut hand);
    peer.write_all(b"last words").unwrap();
    drop(peer);
    let all = hand.block_on(read_to_end(&mut stream)).unwrap();
    assert_eq!(all, b"last words");
}

#[test]
#[cfg(target_os = "linux")]
fn r149_a_read_that_stops_at_urgent_data_is_not_the_end() {
    for turn_first in [false, true] {
        let mut hand = Hand::new();
        let (mut stream, mut peer) = accepted(&mut hand);
        drain(&stream);
        hand.turn_now();
        peer.write_all(b"abc").unwrap();
        SockRef::from(&peer).send_out_of_band(b"!").unwrap();
        peer.write_all(b"def").unwrap();
        if turn_first {
            hand.turn_to_event();
        }
        let mut all = Vec::new();
        let mut buf = [0; 100];
        while all.len() < 6 {
            let count = hand.block_on(read(&mut stream, &mut buf)).unwrap();
            all.extend_from_slice(&buf[..count]);
        }
        assert_eq!(all, b"abcdef");
    }
}

#[test]
fn r149_a_full_stream_becomes_writable_again() {
    let mut hand = Hand::new();
    let (mut stream, mut peer) = accepted(&mut hand);
    let sent = vec![5; 8_000_000];
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
fn r150_a_reset_wakes_reader_and_writer() {
    let mut hand = Hand::new();
    let (stream, peer) = accepted(&mut hand);
    drain(&stream);
    fill(&stream);
    hand.turn_now();
    fill(&stream);
    let ((reader, read_waker), (writer, write_waker)) = (Flag::new(), Flag::new());
    let mut read_cx = Context::from_waker(&read_waker);
    let mut write_cx = Context::from_waker(&write_waker);
    drain(&stream);
    assert!(stream.poll_read_ready(&mut read_cx).is_pending());
    assert!(stream.poll_write_ready(&mut write_cx).is_pending());
    SockRef::from(&peer)
        .set_linger(Some(Duration::ZERO))
        .unwrap();
    drop(peer);
    hand.turn_to_event();
    assert!(reader.take() && writer.take());
    let result = stream.try_read(&mut [0; 1]);
    assert!(!matches!(&result, Err(error) if error.kind() == io::ErrorKind::WouldBlock));
    let result = stream.try_write(b"x");
    assert!(!matches!(&result, Err(error) if error.kind() == io::ErrorKind::WouldBlock));
}

#[test]
fn r150_shutting_down_a_dead_connection_is_no_error() {
    let mut hand = Hand::new();
    let (mut stream, peer) = accepted(&mut hand);
    SockRef::from(&peer)
        .set_linger(Some(Duration::ZERO))
        .unwrap();
    drop(peer);
    hand.block_on(async {
        let error = read_to_end(&mut stream).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
        shutdown(&mut stream).await.unwrap();
    });
}

#[test]
fn r151_blocking_sockets_are_refused() {
    let mut hand = Hand::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let stream = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    hand.block_on(async {
        let error = TcpStream::from_std(stream).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        let error = TcpListener::from_std(listener).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    });
}

#[test]
fn what_a_socket_holds_can_be_read_after_the_end_of_its_runtime() {
    let mut hand = Hand::new();
    let (mut stream, mut peer) = accepted(&mut hand);
    peer.write_all(b"abc").unwrap();
    hand.block_on(async { stream.readable().await.unwrap() });
    hand.reactor.shutdown();
    let mut buf = [0; 8];
    assert_eq!(stream.try_read(&mut buf).unwrap(), 3);
    for _ in 0..2 {
        let error = stream.try_read(&mut buf).unwrap_err();
        assert!(
            is_rt_shutdown_err(&error),
            "and not `WouldBlock`: nothing would end the wait"
        );
    }
    hand.block_on(read(&mut stream, &mut buf)).unwrap_err();
}

#[test]
fn r74_every_wait_ends_when_the_runtime_does() {
    let mut hand = Hand::new();
    let (mut stream, _peer) = accepted(&mut hand);
    let listener = hand.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    drain(&stream);
    let (flag, waker) = Flag::new();
    let mut cx = Context::from_waker(&waker);
    let mut accept = Box::pin(listener.accept());
    assert!(accept.as_mut().poll(&mut cx).is_pending());
    hand.reactor.shutdown();
    assert!(flag.take());
    assert!(matches!(accept.as_mut().poll(&mut cx), Poll::Ready(Err(_))));

    let mut buf = [0; 1];
    hand.block_on(async {
        // Twice: the first may not use up what ends the second.
        for _ in 0..2 {
            stream.readable().await.unwrap_err();
            stream.writable().await.unwrap_err();
            listener.accept().await.unwrap_err();
            stream.peek(&mut buf).await.unwrap_err();
            read(&mut stream, &mut buf).await.unwrap_err();
            stream.try_read(&mut buf).unwrap_err();
        }
        TcpListener::bind("127.0.0.1:0").await.unwrap_err();
    });
}

/// A socket whose wait holds the only handle to the socket itself must not keep it alive.
#[test]
fn a_waker_that_owns_its_socket_is_no_leak() {
    struct Owner(std::sync::Mutex<Option<TcpStream>>);
    impl std::task::Wake for Owner {
        fn wake(self: Arc<Self>) {}
    }
    let mut hand = Hand::new();
    let (stream, _peer) = accepted(&mut hand);
    drain(&stream);
    let owner = Arc::new(Owner(std::sync::Mutex::new(Some(stream))));
    let waker = std::task::Waker::from(Arc::clone(&owner));
    let guard = owner.0.lock().unwrap();
    let poll = guard
        .as_ref()
        .unwrap()
        .poll_read_ready(&mut Context::from_waker(&waker));
    assert!(poll.is_pending());
    drop(guard);
    drop(waker);
    assert_eq!(Arc::strong_count(&owner), 2);
    let stream = owner.0.lock().unwrap().take();
    drop(stream);
    assert_eq!(Arc::strong_count(&owner), 1);
}

#[test]
#[cfg(target_os = "linux")]
fn r155_child_processes_inherit_no_sockets() {
    let mut hand = Hand::new();
    let (_stream, peer) = accepted(&mut hand);
    let listener = hand.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let connected = hand.block_on(TcpStream::connect(listener.local_addr().unwrap()));
    let mut command = Command::new("ls");
    let output = command
        .args(["-l", "/proc/self/fd"])
        .stdin(std::process::Stdio::null());
    let listing = String::from_utf8(output.output().unwrap().stdout).unwrap();
    assert!(listing.contains("pipe:"), "it lists descriptors: {listing}");
    for kind in ["socket:", "eventpoll", "eventfd"] {
        assert!(!listing.contains(kind), "{kind} leaked: {listing}");
    }
    drop((peer, connected));
}

/// Set in the child process that runs out of descriptors.
const CHILD: &str = "SELVEDGE_TEST_FEW_DESCRIPTORS";

#[test]
#[cfg(unix)]
fn accepting_without_descriptors_neither_spins_nor_stalls() {
    if std::env::var_os(CHILD).is_some() {
        return accept_without_descriptors();
    }
    let name = "net::tests::hostile::accepting_without_descriptors_neither_spins_nor_stalls";
    let output = Command::new("sh")
        .args(["-c", "ulimit -n 64 && exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{output:?}"
    );
}

#[cfg(unix)]
fn accept_without_descriptors() {
    let mut hand = Hand::new();
    let listener = hand.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let peer = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    hand.turn_to_event();
    let mut spent = Vec::new();
    while let Ok(file) = std::fs::File::open("/dev/null") {
        spent.push(file);
    }
    // Each call returns the error at once, with no event needed: it neither waits nor retries.
    let (flag, waker) = Flag::new();
    for _ in 0..3 {
        let accept = pin!(listener.accept());
        let poll = accept.poll(&mut Context::from_waker(&waker));
        assert!(matches!(poll, Poll::Ready(Err(_))));
        let poll = listener.poll_accept(&mut Context::from_waker(&waker));
        assert!(matches!(poll, Poll::Ready(Err(_))));
        assert!(!flag.take());
    }
    drop(spent);
    let (_, addr) = hand.block_on(listener.accept()).unwrap();
    assert_eq!(addr, peer.local_addr().unwrap());
}
