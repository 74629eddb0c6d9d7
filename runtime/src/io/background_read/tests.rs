//! A reader that can be held up: reads that nobody waits for, errors, the end of the runtime.

use std::io::{self, Read};
use std::pin::Pin;
use std::sync::{Mutex, mpsc};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::BackgroundReader;
use crate::io::conformance::{check_reader, drive};
use crate::io::{AsyncRead, AsyncReadExt, ReadBuf};
use crate::runtime::Builder;

/// Brings what it is sent; the end when nobody sends any more.
#[derive(Debug)]
struct Inbox(Mutex<mpsc::Receiver<io::Result<&'static [u8]>>>);

impl Read for &Inbox {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.0.lock().unwrap().recv_timeout(Duration::from_secs(30)) {
            Ok(Ok(bytes)) => {
                buf[..bytes.len()].copy_from_slice(bytes);
                Ok(bytes.len())
            }
            Ok(Err(error)) => Err(error),
            Err(mpsc::RecvTimeoutError::Disconnected) => Ok(0),
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("nothing to read"),
        }
    }
}

type Sender = mpsc::Sender<io::Result<&'static [u8]>>;

fn reader() -> (Sender, BackgroundReader<Inbox>) {
    let (sender, receiver) = mpsc::channel();
    (sender, BackgroundReader::new(Inbox(Mutex::new(receiver))))
}

fn read(reader: &mut BackgroundReader<Inbox>, size: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; size];
    let n = drive(reader.read(&mut bytes))?;
    bytes.truncate(n);
    Ok(bytes)
}

#[test]
fn it_keeps_its_word() {
    struct Memory(Mutex<io::Cursor<Vec<u8>>>);
    impl Read for &Memory {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            Read::read(&mut *self.0.lock().unwrap(), buf)
        }
    }
    let runtime = Builder::new_current_thread().build().unwrap();
    let _entered = runtime.enter();
    check_reader(|bytes| BackgroundReader::new(Memory(Mutex::new(io::Cursor::new(bytes)))));
}

#[test]
fn a_read_that_was_given_up_is_there_for_the_next() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let _entered = runtime.enter();
    let (sender, mut reader) = reader();
    let mut bytes = [0; 10];
    let mut cx = Context::from_waker(Waker::noop());
    let poll = Pin::new(&mut reader).poll_read(&mut cx, &mut ReadBuf::new(&mut bytes));
    assert!(poll.is_pending());
    assert_eq!(read(&mut reader, 0).unwrap(), [], "without waiting");

    sender.send(Ok(b"0123456789")).unwrap();
    assert_eq!(read(&mut reader, 4).unwrap(), b"0123");
    assert_eq!(read(&mut reader, 20).unwrap(), b"456789");
    drop(sender);
    assert_eq!(read(&mut reader, 20).unwrap(), []);
    assert_eq!(read(&mut reader, 20).unwrap(), []);
}

#[test]
fn errors_are_told_and_interruptions_are_not() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let _entered = runtime.enter();
    let (sender, mut reader) = reader();
    sender.send(Err(io::ErrorKind::Interrupted.into())).unwrap();
    sender.send(Err(io::ErrorKind::NotFound.into())).unwrap();
    sender.send(Ok(b"on")).unwrap();
    let error = read(&mut reader, 4).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    assert_eq!(read(&mut reader, 4).unwrap(), b"on");
}

#[test]
fn after_the_shutdown_reads_fail() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let handle = runtime.handle().clone();
    drop(runtime);
    let _entered = handle.enter();
    let (_sender, mut reader) = reader();
    for _ in 0..2 {
        let mut bytes = [0; 4];
        let mut cx = Context::from_waker(Waker::noop());
        let poll = Pin::new(&mut reader).poll_read(&mut cx, &mut ReadBuf::new(&mut bytes));
        let Poll::Ready(Err(error)) = poll else {
            panic!("{poll:?}");
        };
        assert!(crate::runtime::is_rt_shutdown_err(&error), "{error}");
    }
}
