//! Readers that break their contract are caught; numbers and interruptions.

use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::io::conformance::{Hiccup, drive};
use crate::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader, ReadBuf, copy, sink};

/// What a reader may do wrong.
#[derive(Debug, Clone, Copy)]
enum Lie {
    /// It puts a larger, filled buffer in place of the one it is given.
    Replace,
    /// As above, and claims to wait.
    ReplaceAndWait,
    /// It takes back what was filled before.
    TakeBack,
    /// It swaps in a buffer of the same size.
    ReplaceAlike,
}

struct Liar(Lie);

impl AsyncRead for Liar {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.0 {
            Lie::TakeBack => buf.clear(),
            Lie::Replace | Lie::ReplaceAndWait => {
                *buf = ReadBuf::new(vec![7; buf.capacity() + 100].leak());
                buf.advance(buf.capacity());
            }
            Lie::ReplaceAlike => {
                *buf = ReadBuf::new(vec![7; buf.capacity()].leak());
                buf.advance(buf.capacity());
            }
        }
        if matches!(self.0, Lie::ReplaceAndWait) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }
}

/// What the panic said.
fn caught<R>(f: impl FnOnce() -> R) -> String {
    let payload = panic::catch_unwind(AssertUnwindSafe(f))
        .err()
        .expect("a lie is caught");
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => (*payload.downcast::<&str>().unwrap()).into(),
    }
}

#[test]
fn r159_a_reader_that_replaces_the_buffer_is_caught_by_every_method() {
    for lie in [Lie::Replace, Lie::ReplaceAndWait, Lie::ReplaceAlike] {
        let liar = || Liar(lie);
        let mut bytes = [0; 8];
        let mut full = Vec::from([0; 64]);
        let said = [
            caught(|| drive(liar().read(&mut bytes))),
            caught(|| drive(liar().read_exact(&mut bytes))),
            caught(|| drive(liar().read_u32())),
            caught(|| drive(liar().read_to_end(&mut Vec::new()))),
            caught(|| drive(liar().read_to_end(&mut full))),
            caught(|| drive(liar().read_to_string(&mut String::new()))),
            caught(|| drive(liar().take(5).read(&mut bytes))),
            caught(|| drive(liar().take(500).read(&mut bytes))),
            caught(|| drive(liar().chain(liar()).read(&mut bytes))),
            caught(|| drive(BufReader::new(liar()).read(&mut bytes))),
            caught(|| drive(BufReader::with_capacity(4, liar()).read(&mut bytes))),
            caught(|| drive(BufReader::new(liar()).fill_buf()).map(drop)),
            caught(|| drive(copy(&mut liar(), &mut sink()))),
        ];
        for said in said {
            assert!(
                said.contains("put another buffer in place"),
                "{lie:?}: {said}"
            );
        }
    }
}

#[test]
fn r159_a_reader_that_takes_back_filled_bytes_is_caught() {
    let mut memory = [0; 8];
    let mut buf = ReadBuf::new(&mut memory);
    buf.put_slice(b"kept");
    let mut chain = Liar(Lie::TakeBack).chain(Liar(Lie::TakeBack));
    let said = caught(|| {
        drive(std::future::poll_fn(|cx| {
            Pin::new(&mut chain).poll_read(cx, &mut buf)
        }))
    });
    assert!(said.contains("took back"), "{said}");
}

#[test]
fn numbers_arrive_whole_in_both_byte_orders() {
    let bytes: Vec<u8> = (1..=16).collect();
    let read = || Hiccup::interrupting(bytes.clone());
    assert_eq!(drive(read().read_u16()).unwrap(), 0x0102);
    assert_eq!(drive(read().read_u16_le()).unwrap(), 0x0201);
    assert_eq!(drive(read().read_i32()).unwrap(), 0x0102_0304);
    assert_eq!(drive(read().read_u64_le()).unwrap(), 0x0807_0605_0403_0201);
    let whole = u128::from_be_bytes(bytes.clone().try_into().unwrap());
    assert_eq!(drive(read().read_u128()).unwrap(), whole);
    assert_eq!(drive(read().read_u128_le()).unwrap(), whole.swap_bytes());
    assert_eq!(drive((&1.5_f32.to_be_bytes()[..]).read_f32()).unwrap(), 1.5);
    assert_eq!(
        drive((&1.5_f64.to_le_bytes()[..]).read_f64_le()).unwrap(),
        1.5
    );

    let error = drive((&bytes[..3]).read_u32()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
}

#[test]
fn an_exact_read_survives_interruptions() {
    let mut bytes = [0; 9];
    drive(Hiccup::interrupting("nine byte").read_exact(&mut bytes)).unwrap();
    assert_eq!(&bytes, b"nine byte");
    let mut nothing = [];
    assert_eq!(drive(Hiccup::new([]).read_exact(&mut nothing)).unwrap(), 0);
}
