//! Accepting connections, and listeners that come and go.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use super::*;
use crate::reactor::driven::Flag;

#[test]
fn dropping_an_accept_loses_no_connection() {
    let mut hand = Hand::new();
    let listener = hand.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let mut cx = Context::from_waker(Waker::noop());
    {
        let accept = pin!(listener.accept());
        assert!(accept.poll(&mut cx).is_pending());
    }
    let peer = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    {
        let mut accept = pin!(listener.accept());
        assert!(accept.as_mut().poll(&mut cx).is_pending());
        hand.turn_to_event();
        // Woken, and dropped without being polled again.
    }
    let (_, addr) = hand.block_on(listener.accept()).unwrap();
    assert_eq!(addr, peer.local_addr().unwrap());
}

#[test]
fn every_accepting_task_is_woken() {
    let mut hand = Hand::new();
    let listener = hand.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let (flags, wakers): (Vec<_>, Vec<_>) = (0..3).map(|_| Flag::new()).unzip();
    let mut accepts: Vec<_> = (0..2).map(|_| Box::pin(listener.accept())).collect();
    for (accept, waker) in accepts.iter_mut().zip(&wakers) {
        assert!(
            accept
                .as_mut()
                .poll(&mut Context::from_waker(waker))
                .is_pending()
        );
    }
    assert!(
        listener
            .poll_accept(&mut Context::from_waker(&wakers[2]))
            .is_pending()
    );
    let _peer = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    hand.turn_to_event();
    assert!(flags.iter().all(|flag| flag.take()));
}

#[test]
fn several_connections_of_one_event_are_all_accepted() {
    let mut hand = Hand::new();
    let listener = hand.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let addr = listener.local_addr().unwrap();
    let mut peers = Vec::new();
    for _ in 0..20 {
        peers.push(
            std::net::TcpStream::connect(addr)
                .unwrap()
                .local_addr()
                .unwrap(),
        );
    }
    hand.block_on(async {
        for peer in peers {
            assert_eq!(listener.accept().await.unwrap().1, peer);
        }
    });
}

#[test]
fn listeners_go_to_std_and_back() {
    let mut hand = Hand::new();
    let listener = hand.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let addr = listener.local_addr().unwrap();
    let listener = listener.into_std().unwrap();
    let listener = hand.block_on(async { TcpListener::from_std(listener).unwrap() });
    assert_eq!(listener.local_addr().unwrap(), addr);
    let _peer = std::net::TcpStream::connect(addr).unwrap();
    let (stream, _) = hand.block_on(listener.accept()).unwrap();
    let stream = stream.into_std().unwrap();
    hand.block_on(async { TcpStream::try_from(stream).unwrap() });
}

#[test]
fn an_address_can_be_bound_again_at_once() {
    let mut hand = Hand::new();
    let listener = hand.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let addr = listener.local_addr().unwrap();
    let peer = std::net::TcpStream::connect(addr).unwrap();
    let (stream, _) = hand.block_on(listener.accept()).unwrap();
    // This side closes first: its address lingers in the kernel.
    drop((stream, listener));
    drop(peer);
    hand.block_on(TcpListener::bind(addr)).unwrap();
}

#[test]
#[should_panic(expected = "no runtime")]
fn outside_a_runtime_it_panics_with_advice() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let _ = TcpListener::from_std(listener);
}
