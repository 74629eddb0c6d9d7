//! Streams and listeners of Unix under a whole runtime.

use std::sync::Arc;

use selvedge::io::{AsyncReadExt, AsyncWriteExt, ErrorKind, copy};
use selvedge::net::{UnixListener, UnixSocket, UnixStream};

use crate::support::{TempDir, both_flavors, multi_thread, watched};

both_flavors! {
    fn connections_echo(flavor) {
        let dir = TempDir::new();
        let path = dir.path().join("socket");
        flavor.build().block_on(async {
            let listener = UnixListener::bind(&path).unwrap();
            let server = selvedge::spawn(async move {
                for _ in 0..20 {
                    let (stream, _) = listener.accept().await.unwrap();
                    selvedge::spawn(async move {
                        let (mut reader, mut writer) = stream.into_split();
                        copy(&mut reader, &mut writer).await.unwrap();
                    });
                }
            });
            let clients: Vec<_> = (0..20_u8).map(|number| {
                let path = path.clone();
                selvedge::spawn(async move {
                    let mut stream = UnixStream::connect(path).await.unwrap();
                    let sent = vec![number; 100_000];
                    let (mut reader, mut writer) = stream.split();
                    let mut received = vec![0; sent.len()];
                    for (part, place) in sent.chunks(9000).zip(received.chunks_mut(9000)) {
                        writer.write_all(part).await.unwrap();
                        reader.read_exact(place).await.unwrap();
                    }
                    writer.shutdown().await.unwrap();
                    assert_eq!(reader.read(&mut [0; 1]).await.unwrap(), 0);
                    assert!(sent == received);
                })
            }).collect();
            for client in clients {
                client.await.unwrap();
            }
            server.await.unwrap();
        });
    }
}

watched! {
    fn a_large_transfer_fills_and_empties_the_stream() {
        multi_thread().block_on(async {
            let (mut one, mut other) = UnixStream::pair().unwrap();
            let sent: Arc<Vec<u8>> = Arc::new((0..5_000_000_u32).map(|at| (at % 251) as u8).collect());
            let writer = {
                let sent = Arc::clone(&sent);
                selvedge::spawn(async move {
                    one.write_all(&sent).await.unwrap();
                    one.shutdown().await.unwrap();
                })
            };
            let mut received = Vec::new();
            other.read_to_end(&mut received).await.unwrap();
            writer.await.unwrap();
            assert!(received == *sent);
        });
    }

    fn a_full_backlog_is_told_and_goes_away() {
        let dir = TempDir::new();
        let path = dir.path().join("socket");
        multi_thread().block_on(async {
            let socket = UnixSocket::new_stream().unwrap();
            socket.bind(&path).unwrap();
            let listener = socket.listen(1).unwrap();
            let mut waiting = Vec::new();
            let error = loop {
                match UnixStream::connect(&path).await {
                    Ok(stream) => waiting.push(stream),
                    Err(error) => break error,
                }
                assert!(waiting.len() < 1000, "the backlog has an end");
            };
            assert_eq!(error.kind(), ErrorKind::WouldBlock);
            for _ in 0..waiting.len() {
                listener.accept().await.unwrap();
            }
            UnixStream::connect(&path).await.unwrap();
        });
    }

    fn nobody_there_is_an_error() {
        let dir = TempDir::new();
        multi_thread().block_on(async {
            let error = UnixStream::connect(dir.path().join("none")).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotFound);
            let error = UnixStream::connect("x".repeat(1000)).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
        });
    }
}
