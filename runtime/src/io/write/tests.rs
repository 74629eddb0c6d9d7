//! Writers that break their contract are caught; numbers and full writers.

use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::io::conformance::{Hiccup, drive};
use crate::io::{AsyncWrite, AsyncWriteExt, BufWriter, Cursor, copy, copy_buf};

/// Claims to have written one byte more than it was given.
struct Boaster;

impl AsyncWrite for Boaster {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(buf.len() + 1))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn a_writer_that_claims_too_much_is_caught_by_every_method() {
    fn caught<R>(f: impl FnOnce() -> R) {
        let payload = panic::catch_unwind(AssertUnwindSafe(f))
            .err()
            .expect("a lie is caught");
        let said = *payload.downcast::<String>().unwrap();
        assert!(said.contains("fix its `poll_write`"), "{said}");
    }
    caught(|| drive(Boaster.write_all(b"abc")));
    caught(|| drive(Boaster.write_u32(1)));
    caught(|| drive(copy(&mut &b"abc"[..], &mut Boaster)));
    caught(|| drive(copy_buf(&mut &b"abc"[..], &mut Boaster)));
    let mut writer = BufWriter::new(Boaster);
    drive(writer.write_all(b"abc")).unwrap();
    caught(|| drive(writer.flush()));
}

#[test]
fn a_writer_that_is_full_fails_a_whole_write() {
    let mut room = [0; 4];
    let mut writer = Cursor::new(&mut room[..]);
    let error = drive(writer.write_all(b"12345")).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::WriteZero);
    assert_eq!(&room, b"1234");
}

#[test]
fn numbers_leave_whole_in_both_byte_orders() {
    let mut writer = Hiccup::interrupting([]);
    drive(writer.write_u16(0x0102)).unwrap();
    drive(writer.write_u16_le(0x0102)).unwrap();
    drive(writer.write_i8(-1)).unwrap();
    drive(writer.write_f64(1.5)).unwrap();
    drive(writer.write_u128_le(1 << 120)).unwrap();
    drive(writer.flush()).unwrap();
    drive(writer.shutdown()).unwrap();
    let expected = [
        &[1, 2, 2, 1, 255][..],
        &1.5_f64.to_be_bytes(),
        &[0; 15],
        &[1],
    ]
    .concat();
    assert_eq!(writer.written, expected);
}
