//! TCP under a whole runtime.

use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use selvedge::io::{AsyncReadExt, AsyncWriteExt, ErrorKind, Interest};
use selvedge::net::{TcpListener, TcpSocket, TcpStream};
use selvedge::runtime::Handle;
use selvedge::time::timeout;

use crate::support::{both_flavors, current_thread, multi_thread, watched};

/// Both ends of a connection.
async fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap());
    let (client, server) = (client.await.unwrap(), listener.accept().await.unwrap().0);
    (client, server)
}

both_flavors! {
    fn a_hundred_connections_echo(flavor) {
        flavor.build().block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let server = selvedge::spawn(async move {
                for _ in 0..100 {
                    let (mut stream, _) = listener.accept().await.unwrap();
                    selvedge::spawn(async move {
                        let mut buffer = [0; 512];
                        loop {
                            let count = stream.read(&mut buffer).await.unwrap();
                            if count == 0 {
                                return;
                            }
                            stream.write_all(&buffer[..count]).await.unwrap();
                        }
                    });
                }
            });
            let clients: Vec<_> = (0..100_u32).map(|n| selvedge::spawn(async move {
                let mut stream = TcpStream::connect(address).await.unwrap();
                for round in 0..20_u32 {
                    let message = (n * 1_000 + round).to_le_bytes();
                    stream.write_all(&message).await.unwrap();
                    let mut answer = [0; 4];
                    stream.read_exact(&mut answer).await.unwrap();
                    assert_eq!(answer, message);
                }
            })).collect();
            for client in clients {
                client.await.unwrap();
            }
            server.await.unwrap();
        });
    }

    fn megabytes_arrive_whole_and_in_order(flavor) {
        const BYTES: usize = 8 << 20;
        flavor.build().block_on(async {
            let (client, server) = pair().await;
            let (mut from_client, to_server) = client.into_split();
            let (mut from_server, to_client) = server.into_split();
            let pattern = |at: usize| (at.wrapping_mul(31) >> 3) as u8;
            let mut tasks = Vec::new();
            let send = move |mut half: selvedge::net::tcp::OwnedWriteHalf| async move {
                let bytes: Vec<u8> = (0..BYTES).map(pattern).collect();
                half.write_all(&bytes).await.unwrap();
                half.shutdown().await.unwrap();
            };
            tasks.push(selvedge::spawn(send(to_server)));
            tasks.push(selvedge::spawn(send(to_client)));
            for half in [&mut from_client, &mut from_server] {
                let mut bytes = Vec::new();
                // Both directions fill up unless both sides read: one after the other will do, as
                // the writers are tasks of their own.
                half.read_to_end(&mut bytes).await.unwrap();
                assert_eq!(bytes.len(), BYTES);
                assert!(bytes.into_iter().eq((0..BYTES).map(pattern)));
            }
            for task in tasks {
                task.await.unwrap();
            }
        });
    }

    /// a stale event cleared fresh readiness. Many rounds of fill, drain and wait.
    fn r143_readiness_survives_many_rounds(flavor) {
        flavor.build().block_on(async {
            let (mut client, mut server) = pair().await;
            let echo = selvedge::spawn(async move {
                let mut byte = [0];
                while server.read_exact(&mut byte).await.is_ok() {
                    server.write_all(&byte).await.unwrap();
                }
            });
            // More than the ticks of any counter of 8 bits.
            for round in 0..2_000_u32 {
                let sent = [round as u8];
                client.write_all(&sent).await.unwrap();
                let mut got = [0];
                client.read_exact(&mut got).await.unwrap();
                assert_eq!(got, sent);
            }
            drop(client);
            echo.await.unwrap();
        });
    }

    /// a duplicate of a closed descriptor kept the old registration alive, and the next
    /// socket with that number got its events.
    fn r145_a_closed_socket_whose_duplicate_lives_disturbs_nobody(flavor) {
        flavor.build().block_on(async {
            for _ in 0..20 {
                let (mut client, server) = pair().await;
                let duplicate = server.as_fd().try_clone_to_owned().unwrap();
                drop(server);
                // The next sockets take the number that was freed.
                let (mut other_client, mut other_server) = pair().await;
                client.write_all(b"to the dead").await.unwrap();
                let mut byte = [0];
                let quiet = timeout(Duration::from_millis(2), other_server.read(&mut byte)).await;
                assert!(quiet.is_err(), "events of another socket");
                other_client.write_all(b"!").await.unwrap();
                other_server.read_exact(&mut byte).await.unwrap();
                assert_eq!(&byte, b"!");
                // The bytes are in the duplicate, which is a socket like any other.
                let stream = std::net::TcpStream::from(duplicate);
                let mut again = TcpStream::from_std(stream).unwrap();
                let mut bytes = [0; 11];
                again.read_exact(&mut bytes).await.unwrap();
                assert_eq!(&bytes, b"to the dead");
            }
        });
    }

    /// a short read was taken for an empty buffer.
    fn r149_short_reads_lose_nothing(flavor) {
        flavor.build().block_on(async {
            let (mut client, mut server) = pair().await;
            let reader = selvedge::spawn(async move {
                let mut sum = 0;
                let mut small = [0; 3];
                loop {
                    // Peeking must neither take nor lose readiness.
                    let peeked = server.peek(&mut [0]).await.unwrap();
                    let count = server.read(&mut small).await.unwrap();
                    assert_eq!(peeked == 0, count == 0);
                    if count == 0 {
                        return sum;
                    }
                    sum += count;
                }
            });
            for round in 0..500_usize {
                client.write_all(&vec![0; round % 7 + 1]).await.unwrap();
                if round % 50 == 0 {
                    selvedge::time::sleep(Duration::from_micros(300)).await;
                }
            }
            drop(client);
            assert_eq!(reader.await.unwrap(), (0..500).map(|round| round % 7 + 1).sum::<usize>());
        });
    }

    /// the end of a connection did not wake who waited on it.
    fn r150_the_end_of_a_connection_wakes_reader_and_writer(flavor) {
        flavor.build().block_on(async {
            // A clean end, for the reader.
            let (client, mut server) = pair().await;
            let reader = selvedge::spawn(async move { server.read(&mut [0]).await });
            selvedge::time::sleep(Duration::from_millis(1)).await;
            drop(client);
            assert_eq!(reader.await.unwrap().unwrap(), 0);

            // A reset, for both at once.
            let (client, server) = pair().await;
            let (mut reads, mut writes) = server.into_split();
            let reader = selvedge::spawn(async move { reads.read(&mut [0]).await });
            let writer = selvedge::spawn(async move {
                let chunk = vec![0; 1 << 20];
                loop {
                    if let Err(error) = writes.write_all(&chunk).await {
                        return error;
                    }
                }
            });
            selvedge::time::sleep(Duration::from_millis(2)).await;
            client.set_zero_linger().unwrap();
            drop(client);
            let error = writer.await.unwrap();
            let expected = [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe];
            assert!(expected.contains(&error.kind()), "{error}");
            // Whoever came second may see a plain end.
            let _ = reader.await.unwrap();
        });
    }

    /// a blocking socket hung a worker.
    fn r151_a_blocking_socket_is_refused_with_advice(flavor) {
        flavor.build().block_on(async {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let stream = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let errors = [
                TcpStream::from_std(stream.try_clone().unwrap()).unwrap_err(),
                TcpListener::from_std(listener.try_clone().unwrap()).unwrap_err(),
            ];
            for error in errors {
                assert!(error.to_string().contains("set_nonblocking"), "{error}");
            }
            listener.set_nonblocking(true).unwrap();
            let listener = TcpListener::from_std(listener).unwrap();
            listener.accept().await.unwrap();
        });
    }

    fn sockets_go_back_to_std_and_come_again(flavor) {
        flavor.build().block_on(async {
            let (client, server) = pair().await;
            let (mut client, mut server) = (client.into_std().unwrap(), server.into_std().unwrap());
            client.set_nonblocking(false).unwrap();
            server.set_nonblocking(false).unwrap();
            client.write_all(b"std").unwrap();
            let mut bytes = [0; 3];
            server.read_exact(&mut bytes).unwrap();
            assert_eq!(&bytes, b"std");
            client.set_nonblocking(true).unwrap();
            server.set_nonblocking(true).unwrap();
            let (mut client, mut server) =
                (TcpStream::from_std(client).unwrap(), TcpStream::from_std(server).unwrap());
            client.write_all(b"xyz").await.unwrap();
            server.read_exact(&mut bytes).await.unwrap();
            assert_eq!(&bytes, b"xyz");
        });
    }

    fn connecting_where_nobody_listens_is_an_error(flavor) {
        flavor.build().block_on(async {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            drop(listener);
            let error = TcpStream::connect(address).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        });
    }

    fn a_read_that_is_dropped_takes_nothing(flavor) {
        flavor.build().block_on(async {
            let (mut client, mut server) = pair().await;
            for round in 0..100_u8 {
                let mut byte = [0];
                // Dropped while it waits.
                let dropped = timeout(Duration::ZERO, server.read(&mut byte)).await;
                assert!(dropped.is_err());
                client.write_all(&[round]).await.unwrap();
                server.read_exact(&mut byte).await.unwrap();
                assert_eq!(byte, [round]);
            }
        });
    }

    fn an_accept_that_is_dropped_takes_nothing(flavor) {
        flavor.build().block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            for _ in 0..20 {
                assert!(timeout(Duration::ZERO, listener.accept()).await.is_err());
                let client = std::net::TcpStream::connect(address).unwrap();
                let (_, peer) = listener.accept().await.unwrap();
                assert_eq!(peer, client.local_addr().unwrap());
            }
        });
    }

    fn several_tasks_accept_from_one_listener(flavor) {
        flavor.build().block_on(async {
            let listener = Arc::new(TcpListener::bind("127.0.0.1:0").await.unwrap());
            let address = listener.local_addr().unwrap();
            let acceptors: Vec<_> = (0..5).map(|_| {
                let listener = Arc::clone(&listener);
                selvedge::spawn(async move {
                    for _ in 0..10 {
                        listener.accept().await.unwrap();
                    }
                })
            }).collect();
            let clients = thread::spawn(move || {
                (0..50).map(|_| std::net::TcpStream::connect(address).unwrap()).collect::<Vec<_>>()
            });
            for acceptor in acceptors {
                acceptor.await.unwrap();
            }
            drop(clients.join().unwrap());
        });
    }

    fn several_tasks_wait_for_one_stream_and_all_hear_of_it(flavor) {
        flavor.build().block_on(async {
            let (mut client, server) = pair().await;
            let server = Arc::new(server);
            let waiters: Vec<_> = (0..5).map(|_| {
                let server = Arc::clone(&server);
                selvedge::spawn(async move { server.readable().await.unwrap() })
            }).collect();
            selvedge::time::sleep(Duration::from_millis(1)).await;
            client.write_all(b"x").await.unwrap();
            for waiter in waiters {
                waiter.await.unwrap();
            }
            let ready = server.ready(Interest::READABLE | Interest::WRITABLE).await.unwrap();
            assert!(ready.is_readable());
            assert_eq!(server.try_read(&mut [0; 8]).unwrap(), 1);
            let error = server.try_read(&mut [0; 8]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::WouldBlock);
        });
    }

    fn a_socket_with_options_becomes_a_listener_and_a_stream(flavor) {
        flavor.build().block_on(async {
            let socket = TcpSocket::new_v4().unwrap();
            socket.set_reuseaddr(true).unwrap();
            socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
            let listener = socket.listen(16).unwrap();
            let client = TcpSocket::new_v4().unwrap();
            client.set_nodelay(true).unwrap();
            let client = client.connect(listener.local_addr().unwrap()).await.unwrap();
            assert!(client.nodelay().unwrap());
            let (server, _) = listener.accept().await.unwrap();
            assert_eq!(server.peer_addr().unwrap(), client.local_addr().unwrap());
        });
    }

    /// Bytes that came before the runtime looked, and a peer that is gone already.
    fn what_was_sent_before_the_accept_is_there(flavor) {
        let runtime = flavor.build();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let mut client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        client.write_all(b"early").unwrap();
        drop(client);
        let bytes = runtime.block_on(async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes).await.unwrap();
            bytes
        });
        assert_eq!(bytes, b"early");
    }
}

watched! {
    fn a_stream_moves_between_runtimes_and_threads() {
        let (one, two) = (multi_thread(), current_thread());
        let (mut client, mut server) = one.block_on(pair());
        // The sockets stay with the first runtime; the second one waits for it.
        let sender = one.spawn(async move {
            for _ in 0..50 {
                client.write_all(b"12345678").await.unwrap();
                selvedge::task::yield_now().await;
            }
        });
        let count = two.block_on(async {
            let mut bytes = Vec::new();
            server.read_to_end(&mut bytes).await.unwrap();
            bytes.len()
        });
        assert_eq!(count, 400);
        one.block_on(sender).unwrap();
    }

    /// no worker is idle, ever; sockets are served all the same.
    fn r50_sockets_are_served_although_no_worker_is_ever_idle() {
        let runtime = multi_thread();
        let stop = crate::support::Flag::new();
        let spinners: Vec<_> = (0..4).map(|_| {
            let stop = stop.clone();
            runtime.spawn(async move {
                while !stop.is_set() {
                    selvedge::task::yield_now().await;
                }
            })
        }).collect();
        runtime.block_on(async {
            let (mut client, mut server) = selvedge::spawn(pair()).await.unwrap();
            selvedge::spawn(async move {
                let mut byte = [0];
                while server.read_exact(&mut byte).await.is_ok() {
                    server.write_all(&byte).await.unwrap();
                }
            });
            for _ in 0..20 {
                client.write_all(b"x").await.unwrap();
                client.read_exact(&mut [0]).await.unwrap();
            }
            stop.set();
            for spinner in spinners {
                spinner.await.unwrap();
            }
        });
    }

    fn names_are_resolved_without_blocking_a_worker() {
        multi_thread().block_on(async {
            let listener = TcpListener::bind(("localhost", 0)).await.unwrap();
            let port = listener.local_addr().unwrap().port();
            let client = selvedge::spawn(TcpStream::connect(("localhost", port)));
            listener.accept().await.unwrap();
            client.await.unwrap().unwrap();
            let found = selvedge::net::lookup_host(("localhost", 80)).await.unwrap().count();
            assert!(found > 0);
        });
    }

    fn a_poll_that_is_ready_needs_no_runtime_around_it() {
        let runtime = current_thread();
        let (mut client, server) = runtime.block_on(pair());
        runtime.block_on(client.write_all(b"x")).unwrap();
        runtime.block_on(server.readable()).unwrap();
        assert!(Handle::try_current().is_err());
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(matches!(server.poll_read_ready(&mut cx), Poll::Ready(Ok(()))));
        assert_eq!(server.try_read(&mut [0; 4]).unwrap(), 1);
    }
}
