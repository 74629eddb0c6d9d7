//! Foreign descriptors under a whole runtime.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use selvedge::io::Interest;
use selvedge::io::unix::AsyncFd;

use crate::support::{both_flavors, multi_thread, watched};

#[expect(
    deprecated,
    reason = "`register` is unsafe to call, and these streams own their descriptors"
)]
fn watch(stream: UnixStream) -> AsyncFd<UnixStream> {
    stream.set_nonblocking(true).unwrap();
    AsyncFd::new(stream).unwrap()
}

both_flavors! {
    fn both_ends_are_foreign(flavor) {
        flavor.build().block_on(async {
            let (one, other) = UnixStream::pair().unwrap();
            let (one, other) = (watch(one), watch(other));
            let echo = selvedge::spawn(async move {
                let mut buf = [0; 64];
                loop {
                    let read = other.async_io(Interest::READABLE, |mut io| io.read(&mut buf));
                    let count = read.await.unwrap();
                    if count == 0 {
                        return;
                    }
                    let write = |mut io: &UnixStream| io.write(&buf[..count]);
                    other.async_io(Interest::WRITABLE, write).await.unwrap();
                }
            });
            for round in 0..100_u8 {
                one.async_io(Interest::WRITABLE, |mut io| io.write(&[round])).await.unwrap();
                let mut answer = [0];
                loop {
                    let mut guard = one.readable().await.unwrap();
                    match guard.try_io(|io| io.get_ref().read(&mut answer)) {
                        Ok(count) => break assert_eq!(count.unwrap(), 1),
                        Err(_) => continue,
                    }
                }
                assert_eq!(answer, [round]);
            }
            drop(one);
            echo.await.unwrap();
        });
    }
}

watched! {
    fn any_number_of_tasks_wait_for_one_descriptor() {
        multi_thread().block_on(async {
            let (one, mut other) = UnixStream::pair().unwrap();
            let one = Arc::new(watch(one));
            let waiters: Vec<_> = (0..10).map(|_| {
                let one = Arc::clone(&one);
                selvedge::spawn(async move { one.readable().await.map(|mut it| it.retain_ready()) })
            }).collect();
            other.write_all(b"x").unwrap();
            for waiter in waiters {
                waiter.await.unwrap().unwrap();
            }
        });
    }
}
