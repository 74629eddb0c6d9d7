//! A model of the turnstile: two halves are polled at the same time, and none sleeps for ever (I2).

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use loom::future::block_on;
use loom::thread;

use super::split;
use crate::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};

/// Always ready, and slow enough for the model to poll the other half meanwhile.
struct Slow;

impl AsyncRead for Slow {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        buf.put_slice(b"x");
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Slow {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn a_read_races_a_write() {
    loom::model(|| {
        let (mut reader, mut writer) = split(Slow);
        let writing = thread::spawn(move || {
            block_on(writer.write_all(b"abc")).unwrap();
            writer
        });
        assert_eq!(block_on(reader.read(&mut [0])).unwrap(), 1);
        reader.unsplit(writing.join().unwrap());
    });
}
