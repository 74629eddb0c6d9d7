//! UDP under a whole runtime.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use selvedge::io::{ErrorKind, Interest, ReadBuf};
use selvedge::net::UdpSocket;

use crate::support::{both_flavors, multi_thread, watched};

async fn bound() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let addr = socket.local_addr().unwrap();
    (socket, addr)
}

both_flavors! {
    fn a_server_answers_many_clients(flavor) {
        flavor.build().block_on(async {
            let (server, addr) = bound().await;
            selvedge::spawn(async move {
                let mut buf = [0; 64];
                loop {
                    let (length, client) = server.recv_from(&mut buf).await.unwrap();
                    assert_eq!(server.send_to(&buf[..length], client).await.unwrap(), length);
                }
            });
            let clients: Vec<_> = (0..20_u8).map(|number| selvedge::spawn(async move {
                let (client, _) = bound().await;
                client.connect(addr).await.unwrap();
                for round in 0..20 {
                    client.send(&[number, round]).await.unwrap();
                    let mut answer = [0; 64];
                    assert_eq!(client.recv(&mut answer).await.unwrap(), 2);
                    assert_eq!(answer[..2], [number, round]);
                }
            })).collect();
            for client in clients {
                client.await.unwrap();
            }
        });
    }

    fn two_tasks_share_a_socket(flavor) {
        flavor.build().block_on(async {
            let (one, one_addr) = bound().await;
            let (other, other_addr) = bound().await;
            let one = Arc::new(one);
            let reader = {
                let one = Arc::clone(&one);
                selvedge::spawn(async move {
                    let mut buf = [0; 16];
                    one.recv_from(&mut buf).await.unwrap()
                })
            };
            one.send_to(b"ping", other_addr).await.unwrap();
            assert_eq!(other.recv_from(&mut [0; 16]).await.unwrap(), (4, one_addr));
            other.send_to(b"pong!", one_addr).await.unwrap();
            assert_eq!(reader.await.unwrap(), (5, other_addr));
        });
    }
}

watched! {
    fn a_task_that_only_receives_lets_others_run() {
        let runtime = crate::support::current_thread();
        runtime.block_on(async {
            let (one, addr) = bound().await;
            one.connect(addr).await.unwrap();
            // It sends to itself: there is always a datagram.
            let busy = selvedge::spawn(async move {
                loop {
                    one.send(b"x").await.unwrap();
                    one.recv(&mut [0; 1]).await.unwrap();
                }
            });
            for _ in 0..10 {
                selvedge::task::yield_now().await;
            }
            busy.abort();
            assert!(busy.await.unwrap_err().is_cancelled());
        });
    }

    fn readiness_and_attempts_take_turns() {
        multi_thread().block_on(async {
            let (one, addr) = bound().await;
            let (other, _) = bound().await;
            other.connect(addr).await.unwrap();
            other.writable().await.unwrap();
            other.try_send(b"hello").unwrap();
            loop {
                one.readable().await.unwrap();
                let mut buf = Vec::with_capacity(16);
                match one.try_recv_buf_from(&mut buf) {
                    Ok((length, _)) => {
                        assert_eq!((length, &buf[..]), (5, &b"hello"[..]));
                        break;
                    }
                    Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
                }
            }
            let ready = one.ready(Interest::READABLE | Interest::WRITABLE).await.unwrap();
            assert!(ready.is_writable());
            let error = one.try_send_to(&[0; 70_000], addr).unwrap_err();
            assert_ne!(error.kind(), ErrorKind::WouldBlock, "it never fits");
            other.send(b"again").await.unwrap();
            let count = one.async_io(Interest::READABLE, || one.try_recv(&mut [0; 8])).await;
            assert_eq!(count.unwrap(), 5);
        });
    }

    fn polled_operations_wake_their_task() {
        multi_thread().block_on(async {
            let (one, addr) = bound().await;
            let (other, other_addr) = bound().await;
            let sender = selvedge::spawn(async move {
                std::future::poll_fn(|cx| other.poll_send_ready(cx)).await.unwrap();
                let sent = std::future::poll_fn(|cx| other.poll_send_to(cx, b"abc", addr));
                sent.await.unwrap()
            });
            let mut space = [0; 8];
            let mut buf = ReadBuf::new(&mut space);
            let from = std::future::poll_fn(|cx| one.poll_recv_from(cx, &mut buf)).await;
            assert_eq!(from.unwrap(), other_addr);
            assert_eq!(buf.filled(), b"abc");
            assert_eq!(sender.await.unwrap(), 3);
        });
    }

    fn a_multicast_group_hears_a_datagram_once_each() {
        multi_thread().block_on(async {
            let group = Ipv4Addr::new(224, 0, 0, 251);
            let (sender, _) = bound().await;
            let receiver = UdpSocket::bind("0.0.0.0:0").await.unwrap();
            receiver.join_multicast_v4(group, Ipv4Addr::LOCALHOST).unwrap();
            let port = receiver.local_addr().unwrap().port();
            sender.set_multicast_loop_v4(true).unwrap();
            // Not every machine has a way for groups; then sending says so.
            if sender.send_to(b"all", (group, port)).await.is_ok() {
                assert_eq!(receiver.recv(&mut [0; 8]).await.unwrap(), 3);
            }
        });
    }
}
