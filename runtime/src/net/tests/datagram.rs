//! Datagrams of UDP and of Unix: empty ones, lost ones, and who is woken.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::*;
use crate::io::Interest;
use crate::net::UdpSocket;
use crate::reactor::driven::Flag;

/// Two sockets that know each other.
fn udp_pair(hand: &mut Hand) -> (UdpSocket, UdpSocket) {
    hand.block_on(async {
        let one = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let other = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        one.connect(other.local_addr().unwrap()).await.unwrap();
        other.connect(one.local_addr().unwrap()).await.unwrap();
        (one, other)
    })
}

#[test]
fn empty_datagrams_are_received() {
    let mut hand = Hand::new();
    let (one, other) = udp_pair(&mut hand);
    hand.block_on(async {
        for sent in [&b""[..], b"full", b"", b""] {
            assert_eq!(one.send(sent).await.unwrap(), sent.len());
        }
        let mut buf = [0; 8];
        for expected in [0, 4, 0] {
            assert_eq!(other.recv(&mut buf).await.unwrap(), expected);
        }
        let (length, sender) = other.recv_from(&mut buf).await.unwrap();
        assert_eq!((length, sender), (0, one.local_addr().unwrap()));
        let error = other.try_recv(&mut buf).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    });
}

#[test]
fn a_dropped_receive_loses_no_datagram() {
    let mut hand = Hand::new();
    let (one, other) = udp_pair(&mut hand);
    let (flag, waker) = Flag::new();
    let mut cx = Context::from_waker(&waker);
    let mut buf = [0; 8];
    {
        let mut receiving = pin!(other.recv(&mut buf));
        assert!(receiving.as_mut().poll(&mut cx).is_pending());
        assert_eq!(one.try_send(b"late").unwrap(), 4);
        while !flag.take() {
            hand.turn_to_event();
        }
        // Woken, and dropped without being polled again.
    }
    assert_eq!(hand.block_on(other.recv(&mut buf)).unwrap(), 4);
}

#[test]
fn several_datagrams_of_one_event_are_all_received() {
    let mut hand = Hand::new();
    let (one, other) = udp_pair(&mut hand);
    for number in 0..20_u8 {
        one.try_send(&[number]).unwrap();
    }
    hand.block_on(async {
        for number in 0..20 {
            let mut buf = [0; 8];
            assert_eq!(other.recv(&mut buf).await.unwrap(), 1);
            assert_eq!(buf[0], number);
        }
    });
}

#[test]
fn what_does_not_fit_is_lost_and_the_next_datagram_is_whole() {
    let mut hand = Hand::new();
    let (one, other) = udp_pair(&mut hand);
    hand.block_on(async {
        one.send(b"0123456789").await.unwrap();
        one.send(b"next").await.unwrap();
        let mut kept = Vec::with_capacity(64);
        kept.extend_from_slice(b"before ");
        assert_eq!(other.recv(&mut [0; 4]).await.unwrap(), 4);
        assert_eq!(other.recv_buf(&mut kept).await.unwrap(), 4);
        assert_eq!(kept, b"before next");
        one.send(b"0123456789").await.unwrap();
        let mut small = &mut [0; 4][..];
        let (length, sender) = other.recv_buf_from(&mut small).await.unwrap();
        assert_eq!((length, sender), (4, one.local_addr().unwrap()));
        assert!(small.is_empty());
    });
}

#[test]
fn peeking_leaves_the_datagram_where_it_is() {
    let mut hand = Hand::new();
    let (one, other) = udp_pair(&mut hand);
    one.try_send(b"abc").unwrap();
    let sender = one.local_addr().unwrap();
    hand.block_on(async {
        let mut buf = [0; 8];
        assert_eq!(other.peek(&mut buf).await.unwrap(), 3);
        assert_eq!(other.peek_from(&mut buf).await.unwrap(), (3, sender));
        assert_eq!(other.peek_sender().await.unwrap(), sender);
    });
    let mut cx = Context::from_waker(Waker::noop());
    let mut buf = [0; 8];
    let mut read_buf = ReadBuf::new(&mut buf);
    assert!(other.poll_peek(&mut cx, &mut read_buf).is_ready());
    assert_eq!(read_buf.filled(), b"abc");
    let poll = other.poll_peek_from(&mut cx, &mut read_buf);
    assert!(matches!(poll, Poll::Ready(Ok(addr)) if addr == sender));
    assert_eq!(read_buf.filled(), b"abcabc");
    let poll = other.poll_peek_sender(&mut cx);
    assert!(matches!(poll, Poll::Ready(Ok(addr)) if addr == sender));
    assert_eq!(other.try_peek(&mut buf).unwrap(), 3);
    assert_eq!(other.try_peek_from(&mut buf).unwrap(), (3, sender));
    assert_eq!(other.try_peek_sender().unwrap(), sender);
    assert_eq!(other.try_recv_from(&mut buf).unwrap(), (3, sender));
    assert!(other.try_peek(&mut buf).is_err());
    // Found empty by a peek, the socket waits for an event like after a receive.
    assert!(pin!(other.peek_sender()).poll(&mut cx).is_pending());
    one.try_send(b"d").unwrap();
    assert_eq!(hand.block_on(other.peek(&mut buf)).unwrap(), 1);
}

#[test]
fn a_connected_socket_hears_its_peer_only() {
    let mut hand = Hand::new();
    let (one, other) = udp_pair(&mut hand);
    hand.block_on(async {
        let stranger = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let target = other.local_addr().unwrap();
        stranger.send_to(b"strange", target).await.unwrap();
        one.send(b"known").await.unwrap();
        let mut buf = [0; 16];
        assert_eq!(other.recv(&mut buf).await.unwrap(), 5);
        assert_eq!(other.peer_addr().unwrap(), one.local_addr().unwrap());
        let error = stranger.peer_addr().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotConnected);
        let nobody: &[SocketAddr] = &[];
        let error = stranger.send_to(b"x", nobody).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    });
}

#[test]
#[cfg(target_os = "linux")]
fn r150_a_receiver_hears_that_nobody_is_there() {
    let mut hand = Hand::new();
    let (one, other) = udp_pair(&mut hand);
    drop(other);
    let mut buf = [0; 8];
    let (flag, waker) = Flag::new();
    let mut receiving = pin!(one.recv(&mut buf));
    assert!(
        receiving
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    one.try_send(b"x").unwrap();
    while !flag.take() {
        hand.turn_to_event();
    }
    let error = hand.block_on(receiving).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
}

#[test]
fn r151_blocking_sockets_for_datagrams_are_refused() {
    let mut hand = Hand::new();
    let blocking = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let socket = hand.block_on(UdpSocket::bind("127.0.0.1:0")).unwrap();
    hand.block_on(async {
        let error = UdpSocket::from_std(blocking).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        let addr = socket.local_addr().unwrap();
        let socket = UdpSocket::try_from(socket.into_std().unwrap()).unwrap();
        assert_eq!(socket.local_addr().unwrap(), addr);
        socket.send_to(b"", addr).await.unwrap();
        assert_eq!(socket.recv_from(&mut [0; 1]).await.unwrap(), (0, addr));
    });
}

#[test]
fn r74_waits_for_datagrams_end_when_the_runtime_does() {
    let mut hand = Hand::new();
    let (one, other) = udp_pair(&mut hand);
    one.try_send(b"left").unwrap();
    hand.block_on(async { other.readable().await.unwrap() });
    hand.reactor.shutdown();
    let mut buf = [0; 8];
    assert_eq!(other.try_recv(&mut buf).unwrap(), 4);
    hand.block_on(async {
        for _ in 0..2 {
            other.recv(&mut buf).await.unwrap_err();
            other.send(b"x").await.unwrap_err();
            other.ready(Interest::READABLE).await.unwrap_err();
        }
        UdpSocket::bind("127.0.0.1:0").await.unwrap_err();
    });
}

#[test]
fn options_of_udp_are_passed_on() {
    let mut hand = Hand::new();
    let (socket, _) = udp_pair(&mut hand);
    socket.set_broadcast(true).unwrap();
    assert!(socket.broadcast().unwrap());
    socket.set_ttl(42).unwrap();
    assert_eq!(socket.ttl().unwrap(), 42);
    socket.set_multicast_loop_v4(false).unwrap();
    assert!(!socket.multicast_loop_v4().unwrap());
    socket.set_multicast_ttl_v4(7).unwrap();
    assert_eq!(socket.multicast_ttl_v4().unwrap(), 7);
    let group = Ipv4Addr::new(224, 0, 0, 123);
    socket
        .join_multicast_v4(group, Ipv4Addr::LOCALHOST)
        .unwrap();
    socket
        .leave_multicast_v4(group, Ipv4Addr::LOCALHOST)
        .unwrap();
    let twice = socket.leave_multicast_v4(group, Ipv4Addr::LOCALHOST);
    twice.unwrap_err();
    assert!(socket.take_error().unwrap().is_none());
}
