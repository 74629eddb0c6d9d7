//! Files in trouble: full devices, wrong modes, runtimes that shut down.

use std::future::Future;
use std::io::{self, Read, SeekFrom, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use selvedge::fs::{self, File, OpenOptions};
use selvedge::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use selvedge::runtime::{Builder, is_rt_shutdown_err};

use crate::support::{both_flavors, current_thread, panic_of, watched};

/// A file that blocks until the other end does something.
fn stream() -> (File, UnixStream) {
    let (near, far) = UnixStream::pair().expect("a pair of sockets");
    (File::from(OwnedFd::from(near)), far)
}

#[cfg(target_os = "linux")]
async fn full_device() -> File {
    OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .await
        .expect("a device")
}

#[cfg(target_os = "linux")]
both_flavors! {
    fn the_error_of_a_write_is_reported_by_what_comes_next(flavor) {
        flavor.build().block_on(async {
            let full = Some(io::ErrorKind::StorageFull);
            let kind = |result: io::Result<()>| result.err().map(|error| error.kind());

            let mut file = full_device().await;
            file.write_all(b"accepted").await.unwrap();
            assert_eq!(kind(file.flush().await), full);
            assert_eq!(kind(file.flush().await), None, "reported once");

            file.write_all(b"accepted").await.unwrap();
            assert_eq!(kind(file.sync_data().await), full);
            file.write_all(b"accepted").await.unwrap();
            assert_eq!(kind(file.shutdown().await), full);

            // Later writes may be gathered before the error is known, not for ever.
            let mut accepted = 0;
            while let Ok(n) = file.write(b"accepted").await {
                accepted += n;
                assert!(accepted < 1_000_000);
            }

            // Those who cannot do anything about it leave the error to those who can.
            file.write_all(b"accepted").await.unwrap();
            file.metadata().await.unwrap();
            let _ = file.seek(SeekFrom::Start(0)).await;
            let _ = file.read(&mut [0]).await;
            assert_eq!(kind(file.flush().await), full);
        });
    }
}

both_flavors! {
    fn the_wrong_mode_is_an_error_and_no_more(flavor) {
        flavor.build().block_on(async {
            let temp = tempfile::NamedTempFile::new().unwrap();
            fs::write(temp.path(), "contents").await.unwrap();
            let mut file = File::open(temp.path()).await.unwrap();
            file.write_all(b"x").await.unwrap();
            assert!(file.flush().await.is_err());
            let mut text = String::new();
            file.read_to_string(&mut text).await.unwrap();
            assert_eq!(text, "contents");
            assert!(file.set_len(0).await.is_err());

            let mut file = OpenOptions::new().write(true).open(temp.path()).await.unwrap();
            assert!(file.read(&mut [0; 9]).await.is_err());
            file.write_all(b"C").await.unwrap();
            file.flush().await.unwrap();
            assert_eq!(fs::read_to_string(temp.path()).await.unwrap(), "Contents");
        });
    }

    fn a_refused_write_keeps_what_was_read_ahead(flavor) {
        flavor.build().block_on(async {
            let temp = tempfile::NamedTempFile::new().unwrap();
            fs::write(temp.path(), "contents").await.unwrap();
            let mut file = File::open(temp.path()).await.unwrap();
            assert_eq!(file.read_u8().await.unwrap(), b'c');
            file.write_all(b"x").await.unwrap();
            file.flush().await.unwrap_err();
            assert_eq!(file.read_u8().await.unwrap(), b'o');
            assert_eq!(file.stream_position().await.unwrap(), 2);
        });
    }
}

watched! {
    /// A read is in flight, another waits for a thread: the one goes on, the other is cancelled.
    fn a_shutdown_ends_what_has_not_begun() {
        let runtime = Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
        let ((mut running, mut far), (mut queued, _other)) = (stream(), stream());
        let handle = runtime.handle().clone();
        let entered = handle.enter();
        let mut cx = Context::from_waker(Waker::noop());
        assert!(pin!(running.read(&mut [0; 4])).poll(&mut cx).is_pending());
        assert!(pin!(queued.read(&mut [0; 4])).poll(&mut cx).is_pending());
        crate::support::wait_until("the first read", || runtime.metrics().blocking_queue_depth() == 1);
        runtime.shutdown_background();
        drop(entered);

        // On another runtime, as the first is gone.
        current_thread().block_on(async {
            let error = queued.read(&mut [0; 4]).await.unwrap_err();
            assert!(is_rt_shutdown_err(&error), "{error}");
            far.write_all(b"late").unwrap();
            let mut late = [0; 4];
            running.read_exact(&mut late).await.unwrap();
            assert_eq!(&late, b"late");
        });
    }

    /// As above, but a write: it was accepted, so it is written, whatever happens to the runtime.
    fn a_shutdown_writes_what_was_accepted() {
        let runtime = Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
        let ((mut running, mut near), (mut queued, mut far)) = (stream(), stream());
        let handle = runtime.handle().clone();
        let entered = handle.enter();
        let mut cx = Context::from_waker(Waker::noop());
        assert!(pin!(running.read(&mut [0; 4])).poll(&mut cx).is_pending());
        assert!(pin!(queued.write(b"accepted, ")).poll(&mut cx).is_ready());
        assert!(pin!(queued.write(b"gathered")).poll(&mut cx).is_ready());
        drop(queued);
        drop(entered);
        let writer = std::thread::spawn(move || near.write_all(b"done"));
        drop(runtime);
        let mut text = String::new();
        far.read_to_string(&mut text).unwrap();
        assert_eq!(text, "accepted, gathered");
        writer.join().unwrap().unwrap();
    }

    fn after_the_shutdown_every_operation_fails_and_none_panics() {
        let runtime = current_thread();
        let handle = runtime.handle().clone();
        drop(runtime);
        let _entered = handle.enter();
        let temp = tempfile::NamedTempFile::new().unwrap();
        temp.as_file().set_len(10).unwrap();
        let mut file = File::from_std(temp.reopen().unwrap());
        let elsewhere = current_thread();
        let gone = |result: io::Result<()>| is_rt_shutdown_err(&result.unwrap_err());
        // The calls are polled inside the runtime that is gone.
        let inside = |call: &mut dyn FnMut(&mut Context<'_>) -> std::task::Poll<io::Result<()>>| {
            let mut cx = Context::from_waker(Waker::noop());
            match call(&mut cx) {
                std::task::Poll::Ready(result) => gone(result),
                std::task::Poll::Pending => panic!("waits for a runtime that is gone"),
            }
        };
        for _ in 0..2 {
            assert!(inside(&mut |cx| pin!(file.read(&mut [0; 4])).poll(cx).map_ok(drop)));
            assert!(inside(&mut |cx| pin!(file.write(b"x")).poll(cx).map_ok(drop)));
            assert!(inside(&mut |cx| pin!(file.seek(SeekFrom::End(0))).poll(cx).map_ok(drop)));
            assert!(inside(&mut |cx| pin!(file.set_len(0)).poll(cx)));
            assert!(inside(&mut |cx| pin!(file.sync_all()).poll(cx)));
            assert!(inside(&mut |cx| pin!(file.metadata()).poll(cx).map_ok(drop)));
            assert!(inside(&mut |cx| pin!(file.try_clone()).poll(cx).map_ok(drop)));
            assert!(inside(&mut |cx| pin!(fs::read(temp.path())).poll(cx).map_ok(drop)));
            assert!(inside(&mut |cx| pin!(fs::read_dir("/")).poll(cx).map_ok(drop)));
        }
        // Nothing has happened to the file.
        drop(_entered);
        elsewhere.block_on(async {
            assert_eq!(file.read(&mut [0; 100]).await.unwrap(), 10);
        });
    }

    fn a_directory_fails_when_the_runtime_is_gone_and_then_ends() {
        let runtime = current_thread();
        let dir = tempfile::tempdir().unwrap();
        for number in 0..100 {
            std::fs::write(dir.path().join(number.to_string()), "").unwrap();
        }
        let handle = runtime.handle().clone();
        let mut entries = runtime.block_on(fs::read_dir(dir.path())).unwrap();
        runtime.shutdown_timeout(Duration::from_secs(5));
        let _entered = handle.enter();
        let mut next = || {
            let mut cx = Context::from_waker(Waker::noop());
            entries.poll_next_entry(&mut cx)
        };
        let mut fetched = 0;
        let error = loop {
            match next() {
                std::task::Poll::Ready(Ok(Some(_))) => fetched += 1,
                std::task::Poll::Ready(Err(error)) => break error,
                other => panic!("{other:?} after {fetched} entries"),
            }
        };
        assert!(is_rt_shutdown_err(&error));
        assert!((1..100).contains(&fetched));
        assert!(matches!(next(), std::task::Poll::Ready(Ok(None))));
    }

    fn outside_a_runtime_there_is_advice() {
        let temp = tempfile::NamedTempFile::new().unwrap();
        let mut file = File::from_std(temp.reopen().unwrap());
        let mut cx = Context::from_waker(Waker::noop());
        let message = panic_of(|| pin!(file.read(&mut [0])).poll(&mut cx).is_ready());
        assert!(message.contains("there is no runtime here"), "{message}");
        let message = panic_of(|| pin!(fs::read(temp.path())).poll(&mut cx).is_ready());
        assert!(message.contains("there is no runtime here"), "{message}");
        // The panic did no harm.
        current_thread().block_on(async {
            assert_eq!(file.read(&mut [0]).await.unwrap(), 0);
        });
    }
}
