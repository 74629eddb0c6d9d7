//! Sockets on the loopback interface, under a reactor that the tests drive.

mod datagram;
mod hostile;
mod listener;
#[cfg(unix)]
mod pipe;
mod stream;
#[cfg(unix)]
mod unix;

use std::future::poll_fn;
use std::io;
use std::pin::Pin;

use super::{TcpListener, TcpStream};
use crate::io::{AsyncRead, AsyncWrite, ReadBuf};
use crate::reactor::driven::Hand;

/// A stream under `hand`, and a peer of the standard library.
fn accepted(hand: &mut Hand) -> (TcpStream, std::net::TcpStream) {
    hand.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (stream, addr) = listener.accept().await.unwrap();
        assert_eq!(addr, peer.local_addr().unwrap());
        (stream, peer)
    })
}

async fn read(stream: &mut (impl AsyncRead + Unpin), buf: &mut [u8]) -> io::Result<usize> {
    let mut buf = ReadBuf::new(buf);
    poll_fn(|cx| Pin::new(&mut *stream).poll_read(cx, &mut buf)).await?;
    Ok(buf.filled().len())
}

async fn read_to_end(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let (mut all, mut buf) = (Vec::new(), [0; 1000]);
    loop {
        match read(stream, &mut buf).await? {
            0 => return Ok(all),
            count => all.extend_from_slice(&buf[..count]),
        }
    }
}

async fn write_all(stream: &mut (impl AsyncWrite + Unpin), mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let count = poll_fn(|cx| Pin::new(&mut *stream).poll_write(cx, bytes)).await?;
        bytes = &bytes[count..];
    }
    Ok(())
}

async fn shutdown(stream: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
    poll_fn(|cx| Pin::new(&mut *stream).poll_shutdown(cx)).await
}
