//! What streams and their halves do on a good day.

use std::future::Future;
use std::io::{IoSlice, Read, Write};
use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::thread;

use selvedge_sync::context::{self, BUDGET_PER_POLL, Budget, WaitKind, WaitNote};

use super::*;
use crate::io::Interest;
use crate::net::tcp::{Accept, OwnedReadHalf, OwnedWriteHalf, ReadyWait};
use crate::net::{TcpSocket, UdpSocket};
use crate::reactor::driven::{Driven, Flag};

const fn is_thread_safe<T: Send + Sync>() {}
const fn is_unwind_safe<T: std::panic::UnwindSafe + std::panic::RefUnwindSafe + Unpin>() {}
const _: () = {
    is_thread_safe::<TcpStream>();
    is_thread_safe::<TcpListener>();
    is_thread_safe::<TcpSocket>();
    is_thread_safe::<OwnedReadHalf>();
    is_thread_safe::<OwnedWriteHalf>();
    is_thread_safe::<Accept<'_>>();
    is_thread_safe::<UdpSocket>();
    is_thread_safe::<ReadyWait<'_>>();
    is_unwind_safe::<TcpStream>();
    is_unwind_safe::<TcpListener>();
};

fn assert_send<F: Future + Send>(future: F) -> F {
    future
}

#[test]
fn bytes_come_back_from_an_echo_on_another_thread() {
    let driven = Driven::new();
    let sent: Vec<u8> = (0..1_000_000_u32).map(|at| (at % 251) as u8).collect();
    let (driven, sent) = (&driven, &sent);
    thread::scope(|scope| {
        let listener = driven
            .block_on(assert_send(TcpListener::bind("127.0.0.1:0")))
            .unwrap();
        let addr = listener.local_addr().unwrap();
        scope.spawn(move || {
            driven.block_on(async {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut buf = [0; 5000];
                loop {
                    match read(&mut stream, &mut buf).await.unwrap() {
                        0 => return,
                        count => write_all(&mut stream, &buf[..count]).await.unwrap(),
                    }
                }
            });
        });
        let stream = driven
            .block_on(assert_send(TcpStream::connect(addr)))
            .unwrap();
        let (mut read_half, mut write_half) = stream.into_split();
        let writer = scope.spawn(move || {
            driven.block_on(async {
                write_all(&mut write_half, sent).await.unwrap();
                shutdown(&mut write_half).await.unwrap();
            });
        });
        let received = driven.block_on(read_to_end(&mut read_half)).unwrap();
        assert!(received == *sent);
        writer.join().unwrap();
    });
}

#[test]
fn accepted_streams_read_what_came_before_the_first_event() {
    let mut hand = Hand::new();
    let (stream, mut peer) = accepted(&mut hand);
    peer.write_all(b"early").unwrap();
    let mut buf = [0; 8];
    assert_eq!(stream.try_read(&mut buf).unwrap(), 5);
    assert_eq!(stream.try_write(b"answer").unwrap(), 6);
    let error = stream.try_read(&mut buf).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
}

#[test]
fn readable_and_try_read_take_turns() {
    let mut hand = Hand::new();
    let (stream, mut peer) = accepted(&mut hand);
    let mut buf = [0; 2];
    while stream.try_read(&mut buf).is_ok() {}
    peer.write_all(b"abcde").unwrap();
    let mut all = Vec::new();
    hand.block_on(async {
        while all.len() < 5 {
            stream.readable().await.unwrap();
            match stream.try_read(&mut buf) {
                Ok(count) => all.extend_from_slice(&buf[..count]),
                Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
            }
        }
        assert!(
            stream
                .ready(Interest::WRITABLE)
                .await
                .unwrap()
                .is_writable()
        );
    });
    assert_eq!(all, b"abcde");
}

#[test]
fn peeking_leaves_everything_where_it_is() {
    let mut hand = Hand::new();
    let (stream, mut peer) = accepted(&mut hand);
    while stream.try_read(&mut [0; 8]).is_ok() {}
    hand.turn_now();
    peer.write_all(b"abc").unwrap();
    hand.turn_to_event();
    // Short each time: a peek proves nothing about what is left. No event comes in between.
    let mut cx = Context::from_waker(Waker::noop());
    let mut buf = [0; 8];
    for _ in 0..3 {
        let poll = pin!(stream.peek(&mut buf)).poll(&mut cx);
        assert!(matches!(poll, Poll::Ready(Ok(3))), "{poll:?}");
        let mut read_buf = ReadBuf::new(&mut buf);
        let poll = stream.poll_peek(&mut cx, &mut read_buf);
        assert!(matches!(poll, Poll::Ready(Ok(3))), "{poll:?}");
        assert_eq!(read_buf.filled(), b"abc");
    }
    assert_eq!(stream.try_read(&mut buf).unwrap(), 3);
    // Found empty by a peek, the stream waits for an event like after a read.
    assert!(pin!(stream.peek(&mut [0; 1])).poll(&mut cx).is_pending());
    peer.write_all(b"d").unwrap();
    assert_eq!(hand.block_on(stream.peek(&mut buf)).unwrap(), 1);
}

#[test]
fn async_io_runs_the_operation_until_it_does_not_block() {
    let mut hand = Hand::new();
    let (stream, mut peer) = accepted(&mut hand);
    peer.write_all(b"x").unwrap();
    let mut refusals = 0;
    let count = hand.block_on(stream.async_io(Interest::READABLE, || {
        let mut buf = [0; 4];
        match refusals {
            0 => {
                refusals += 1;
                Err(io::ErrorKind::WouldBlock.into())
            }
            _ => Read::read(&mut socket2::SockRef::from(&stream).try_clone()?, &mut buf),
        }
    }));
    assert_eq!(count.unwrap(), 1);
}

#[test]
fn vectored_writes_arrive_in_order() {
    let mut hand = Hand::new();
    let (mut stream, mut peer) = accepted(&mut hand);
    let parts: Vec<Vec<u8>> = (0..100).map(|part| vec![part; 3]).collect();
    let slices: Vec<_> = parts.iter().map(|part| IoSlice::new(part)).collect();
    assert!(stream.is_write_vectored());
    hand.block_on(async {
        let write = poll_fn(|cx| Pin::new(&mut stream).poll_write_vectored(cx, &slices));
        assert_eq!(write.await.unwrap(), 300);
        shutdown(&mut stream).await.unwrap();
    });
    let mut received = Vec::new();
    peer.read_to_end(&mut received).unwrap();
    assert_eq!(received, parts.concat());
}

#[test]
fn r153_dropping_the_owned_write_half_ends_the_stream() {
    let mut hand = Hand::new();
    let (stream, mut peer) = accepted(&mut hand);
    let (read_half, write_half) = stream.into_split();
    drop(write_half);
    assert_eq!(peer.read(&mut [0; 1]).unwrap(), 0);
    drop(read_half);
}

#[test]
fn forgotten_and_reunited_halves_leave_the_stream_open() {
    let mut hand = Hand::new();
    let (stream, mut peer) = accepted(&mut hand);
    let (other, _other_peer) = accepted(&mut hand);
    let (read_half, write_half) = stream.into_split();
    let (other_read, other_write) = other.into_split();
    let error = read_half.reunite(other_write).unwrap_err();
    let (read_half, other_write) = (error.0, error.1);
    assert!(other_write.reunite(other_read).is_ok());
    let stream = read_half.reunite(write_half).unwrap();
    let (read_half, write_half) = stream.into_split();
    write_half.forget();
    assert_eq!(read_half.as_ref().try_write(b"x").unwrap(), 1);
    assert_eq!(peer.read(&mut [0; 1]).unwrap(), 1);
}

#[test]
fn borrowed_halves_work_at_the_same_time() {
    let mut hand = Hand::new();
    let (mut stream, mut peer) = accepted(&mut hand);
    let (mut read_half, mut write_half) = stream.split();
    hand.block_on(async {
        let mut buf = [0; 4];
        let mut reading = pin!(read(&mut read_half, &mut buf));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(reading.as_mut().poll(&mut cx).is_pending());
        write_all(&mut write_half, b"ping").await.unwrap();
        peer.read_exact(&mut [0; 4]).unwrap();
        peer.write_all(b"pong").unwrap();
        assert_eq!(reading.await.unwrap(), 4);
    });
}

#[test]
fn connecting_tries_each_address() {
    let mut hand = Hand::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let good = listener.local_addr().unwrap();
    let refused = {
        let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        gone.local_addr().unwrap()
    };
    let addrs: [SocketAddr; 2] = [refused, good];
    let stream = hand.block_on(TcpStream::connect(&addrs[..])).unwrap();
    assert_eq!(stream.peer_addr().unwrap(), good);
    let error = hand.block_on(TcpStream::connect(refused)).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
}

#[test]
fn options_are_passed_on() {
    let mut hand = Hand::new();
    let (stream, _peer) = accepted(&mut hand);
    stream.set_nodelay(true).unwrap();
    assert!(stream.nodelay().unwrap());
    stream.set_ttl(42).unwrap();
    assert_eq!(stream.ttl().unwrap(), 42);
    stream.set_zero_linger().unwrap();
    assert_eq!(stream.linger().unwrap(), Some(std::time::Duration::ZERO));
    assert!(stream.take_error().unwrap().is_none());
}

#[test]
#[cfg(target_os = "linux")]
fn packets_carry_what_the_socket_says() {
    let v4 = TcpSocket::new_v4().unwrap();
    v4.set_tos_v4(96).unwrap();
    assert_eq!(v4.tos_v4().unwrap(), 96);
    assert_eq!(v4.device().unwrap(), None);
    v4.bind_device(None).unwrap();
    // Not every machine has IPv6.
    if let Ok(v6) = TcpSocket::new_v6() {
        v6.set_tclass_v6(96).unwrap();
        assert_eq!(v6.tclass_v6().unwrap(), 96);
    }
}

#[test]
fn sockets_connect_from_the_address_they_are_bound_to() {
    let mut hand = Hand::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_keepalive(true).unwrap();
    assert!(socket.keepalive().unwrap());
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let local = socket.local_addr().unwrap();
    let stream = hand
        .block_on(socket.connect(listener.local_addr().unwrap()))
        .unwrap();
    assert_eq!(stream.local_addr().unwrap(), local);
    let socket = TcpSocket::new_v4().unwrap();
    let addr = stream.peer_addr().unwrap();
    drop(listener);
    let gone = hand.block_on(socket.connect(addr));
    assert_eq!(gone.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
}

#[test]
fn an_always_ready_stream_lets_others_run() {
    let mut hand = Hand::new();
    let (mut stream, mut peer) = accepted(&mut hand);
    peer.write_all(&[7; 1000]).unwrap();
    let (flag, waker) = Flag::new();
    let mut cx = Context::from_waker(&waker);
    let task = NonZeroU64::MIN;
    let reads = context::enter(task, None, Budget::initial(), || {
        let mut reads = 0;
        loop {
            let mut byte = [0];
            match pin!(read(&mut stream, &mut byte)).poll(&mut cx) {
                Poll::Ready(result) => reads += result.unwrap(),
                Poll::Pending => return reads,
            }
        }
    });
    assert_eq!(reads, usize::from(BUDGET_PER_POLL));
    assert!(flag.take(), "it is polled again");
}

#[test]
fn a_wait_that_finds_nothing_costs_no_budget_and_is_noted() {
    let mut hand = Hand::new();
    let (stream, _peer) = accepted(&mut hand);
    while stream.try_read(&mut [0; 8]).is_ok() {}
    let note = WaitNote::new();
    let mut cx = Context::from_waker(Waker::noop());
    context::enter(NonZeroU64::MIN, Some(&note), Budget::initial(), || {
        for _ in 0..1000 {
            assert!(pin!(stream.readable()).poll(&mut cx).is_pending());
        }
        assert_eq!(context::budget(), Budget::initial());
    });
    let (kind, place) = note.get().expect("the wait is noted");
    assert_eq!((kind, place.file()), (WaitKind::Io, file!()));
}
