//! A writer that can be held up: what waits, what is divided, what becomes of errors.

use std::io::{self, Write};
use std::pin::Pin;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::{BackgroundWriter, QUEUE_MAX};
use crate::io::conformance::{check_writer, drive};
use crate::io::{AsyncWrite, AsyncWriteExt};
use crate::runtime::{Builder, Runtime};

/// Every call it got, each after permission if permission is asked for.
#[derive(Debug, Default)]
struct Calls {
    got: Arc<Mutex<Vec<String>>>,
    permits: Option<Mutex<mpsc::Receiver<io::Result<()>>>>,
}

impl Calls {
    fn call(&self, call: String) -> io::Result<()> {
        self.got.lock().unwrap().push(call);
        match &self.permits {
            Some(permits) => {
                let permits = permits.lock().unwrap();
                permits
                    .recv_timeout(Duration::from_secs(30))
                    .expect("a permit")
            }
            None => Ok(()),
        }
    }
}

impl Write for &Calls {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.call(match std::str::from_utf8(buf) {
            Ok(text) if text.len() < 20 => text.to_owned(),
            _ => format!("{} bytes", buf.len()),
        })?;
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.call("flush".to_owned())
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

fn free() -> (BackgroundWriter<Calls>, Arc<Mutex<Vec<String>>>) {
    let calls = Calls::default();
    let got = Arc::clone(&calls.got);
    (BackgroundWriter::new(calls), got)
}

type Permits = mpsc::Sender<io::Result<()>>;

fn held() -> (BackgroundWriter<Calls>, Arc<Mutex<Vec<String>>>, Permits) {
    let (permit, permits) = mpsc::channel();
    let calls = Calls {
        permits: Some(Mutex::new(permits)),
        ..Calls::default()
    };
    let got = Arc::clone(&calls.got);
    (BackgroundWriter::new(calls), got, permit)
}

fn write_now(writer: &mut BackgroundWriter<Calls>, bytes: &[u8]) -> Poll<io::Result<usize>> {
    let mut cx = Context::from_waker(Waker::noop());
    Pin::new(writer).poll_write(&mut cx, bytes)
}

/// Writes, and expects that it does not wait.
#[track_caller]
fn take(writer: &mut BackgroundWriter<Calls>, bytes: &[u8]) {
    match write_now(writer, bytes) {
        Poll::Ready(Ok(n)) => assert_eq!(n, bytes.len()),
        other => panic!("{other:?}"),
    }
}

fn flush(writer: &mut BackgroundWriter<Calls>) -> io::Result<()> {
    drive(writer.flush())
}

/// Waits until the writer has been called that often.
fn await_calls(got: &Mutex<Vec<String>>, wanted: usize) {
    let start = std::time::Instant::now();
    while got.lock().unwrap().len() < wanted {
        assert!(start.elapsed() < Duration::from_secs(30), "{got:?}");
        std::thread::yield_now();
    }
}

#[test]
fn it_keeps_its_word() {
    #[derive(Default)]
    struct Memory(Mutex<Vec<u8>>);
    impl Write for &Memory {
        fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(buf);
            Ok(buf.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let runtime = runtime();
    let _entered = runtime.enter();
    check_writer(
        || BackgroundWriter::new(Memory::default()),
        |writer| writer.target().0.lock().unwrap().clone(),
    );
}

#[test]
fn what_was_taken_is_written_although_nobody_asks_again() {
    let runtime = runtime();
    let (mut writer, got) = free();
    let entered = runtime.enter();
    take(&mut writer, b"hello");
    drop(writer);
    drop(entered);
    drop(runtime);
    assert_eq!(*got.lock().unwrap(), ["hello"]);
}

#[test]
fn what_comes_meanwhile_is_written_together() {
    let runtime = runtime();
    let _entered = runtime.enter();
    let (mut writer, got, permit) = held();
    take(&mut writer, b"one");
    await_calls(&got, 1);
    take(&mut writer, b"two ");
    take(&mut writer, b"three");
    for _ in 0..3 {
        permit.send(Ok(())).unwrap();
    }
    flush(&mut writer).unwrap();
    assert_eq!(*got.lock().unwrap(), ["one", "two three", "flush"]);
    flush(&mut writer).unwrap();
    assert_eq!(got.lock().unwrap().len(), 3, "nothing came since");
}

#[test]
fn a_write_that_does_not_fit_waits_and_is_not_divided() {
    let runtime = runtime();
    let _entered = runtime.enter();
    let (mut writer, got, permit) = held();
    take(&mut writer, b"first");
    await_calls(&got, 1);
    take(&mut writer, &vec![1; QUEUE_MAX - 1]);
    assert!(write_now(&mut writer, b"ab").is_pending());
    take(&mut writer, b"a");
    for _ in 0..4 {
        permit.send(Ok(())).unwrap();
    }
    let more = vec![2; QUEUE_MAX + 1];
    let n = drive(writer.write(&more));
    assert_eq!(n.unwrap(), QUEUE_MAX, "more than there ever is room for");
    flush(&mut writer).unwrap();
    let full = format!("{QUEUE_MAX} bytes");
    assert_eq!(*got.lock().unwrap(), ["first", &full, &full, "flush"]);
}

#[test]
fn an_error_is_told_once_and_what_waited_is_lost() {
    let runtime = runtime();
    let _entered = runtime.enter();
    let (mut writer, got, permit) = held();
    take(&mut writer, b"first");
    await_calls(&got, 1);
    take(&mut writer, b"second");
    permit.send(Err(io::ErrorKind::StorageFull.into())).unwrap();
    assert_eq!(
        flush(&mut writer).unwrap_err().kind(),
        io::ErrorKind::StorageFull
    );

    permit.send(Ok(())).unwrap();
    permit.send(Ok(())).unwrap();
    take(&mut writer, b"third");
    flush(&mut writer).unwrap();
    assert_eq!(*got.lock().unwrap(), ["first", "third", "flush"]);

    permit.send(Err(io::ErrorKind::BrokenPipe.into())).unwrap();
    take(&mut writer, b"fourth");
    while writer.0.desk.lock().is_working {
        std::thread::yield_now();
    }
    assert_eq!(
        flush(&mut writer).unwrap_err().kind(),
        io::ErrorKind::BrokenPipe
    );
    assert_eq!(
        got.lock().unwrap().len(),
        4,
        "told before anything else is done"
    );
}

#[test]
fn after_the_shutdown_nothing_is_taken() {
    let runtime = runtime();
    let handle = runtime.handle().clone();
    drop(runtime);
    let _entered = handle.enter();
    let (mut writer, got) = free();
    for _ in 0..2 {
        let Poll::Ready(Err(error)) = write_now(&mut writer, b"late") else {
            panic!("taken");
        };
        assert!(crate::runtime::is_rt_shutdown_err(&error), "{error}");
    }
    assert!(flush(&mut writer).is_err());
    assert!(got.lock().unwrap().is_empty());
}
