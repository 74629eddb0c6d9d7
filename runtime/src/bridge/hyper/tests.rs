//! There and back again, by hyper's clock and on its tasks.

use std::pin::Pin;
use std::time::Duration;

use ::hyper::rt::{self as theirs, Executor as _, Timer as _};

use super::{Executor, FromHyper, Timer, ToHyper};
use crate::io::conformance::{Hiccup, check_reader, check_writer, drive};
use crate::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt, Cursor, duplex};
use crate::runtime::Builder;
use crate::time::Instant;

fn there_and_back<T>(stream: T) -> FromHyper<ToHyper<T>> {
    FromHyper::new(ToHyper::new(stream))
}

#[test]
fn readers_keep_their_word_there_and_back() {
    check_reader(|bytes| there_and_back(Hiccup::new(bytes)));
    check_reader(|bytes| there_and_back(Cursor::new(bytes)));
}

#[test]
fn writers_keep_their_word_there_and_back() {
    check_writer(
        || there_and_back(Hiccup::new([])),
        |writer| {
            let stream = writer.into_inner().into_inner();
            assert!(stream.shut_down);
            stream.written
        },
    );
    check_writer(
        || there_and_back(Vec::new()),
        |writer| writer.into_inner().into_inner(),
    );
    assert!(there_and_back(Vec::new()).is_write_vectored());
    assert!(!there_and_back(Hiccup::new([])).is_write_vectored());
}

#[test]
fn our_streams_are_theirs_as_they_are() {
    let (near, far) = duplex(64);
    let (mut near, mut far) = (FromHyper::new(near), FromHyper::new(far));
    drive(near.write_all(b"ping")).unwrap();
    let mut word = [0; 4];
    drive(far.read_exact(&mut word)).unwrap();
    assert_eq!(&word, b"ping");
}

#[test]
fn tasks_of_hyper_are_tasks() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let (sender, receiver) = selvedge_sync::oneshot::channel();
    runtime.block_on(async {
        Executor.execute(async move { sender.send(7).unwrap() });
        assert_eq!(receiver.await, Ok(7));
    });
    let (sender, receiver) = selvedge_sync::oneshot::channel();
    theirs::Executor::execute(runtime.handle(), async move { sender.send(8).unwrap() });
    assert_eq!(runtime.block_on(receiver), Ok(8));
}

#[test]
fn a_sleep_is_reset_in_place_and_ends_at_its_deadline() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let start = Instant::now();
        let mut sleep = Timer.sleep(Duration::from_secs(3600));
        let place: *const dyn theirs::Sleep = &*sleep;
        Timer.reset(&mut sleep, Timer.now() + Duration::from_millis(2));
        assert!(std::ptr::addr_eq(place, &*sleep));
        sleep.await;
        assert!(start.elapsed() >= Duration::from_millis(2));

        // A sleep of another timer is replaced.
        struct Other;
        impl Future for Other {
            type Output = ();
            fn poll(self: Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<()> {
                std::task::Poll::Pending
            }
        }
        impl theirs::Sleep for Other {}
        let mut other: Pin<Box<dyn theirs::Sleep>> = Box::pin(Other);
        Timer.reset(&mut other, std::time::Instant::now());
        other.await;
    });
}
