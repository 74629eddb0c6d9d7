//! The uncontended paths of the synchronisation primitives, of every crate that has them.
//!
//! Each is one task on a current-thread runtime, and never waits; the peers run on Selvedge's.

use std::hint::black_box;
use std::pin::pin;

use smol::future::poll_once;

use super::Path;

/// The names, in the order of the documentation.
pub(super) const NAMES: [&str; 11] = [
    "mutex",
    "rwlock_read",
    "rwlock_write",
    "semaphore",
    "notify",
    "notify_waiting",
    "barrier",
    "oneshot",
    "mpsc",
    "mpsc_unbounded",
    "watch_send",
];

/// Finds a path of `krate`.
pub(super) fn find(krate: &str, name: &str) -> Option<Path> {
    match krate {
        "selvedge" => on_selvedge::find(name),
        "tokio" => on_tokio::find(name),
        "tokio-on-selvedge" => tokio_on_selvedge::find(name),
        "async-lock" => on_async_lock::find(name),
        "mea" => on_mea::find(name),
        "saa" => on_saa::find(name),
        "kanal" => on_kanal::find(name),
        "flume" => on_flume::find(name),
        "crossfire" => on_crossfire::find(name),
        "tachyonix" => on_tachyonix::find(name),
        "async-channel" => on_async_channel::find(name),
        _ => None,
    }
}

macro_rules! paths {
    ($module:ident, $executor:ident, $($name:ident($n:ident) $body:block)*) => {
        mod $module {
            #[allow(unused_imports, reason = "not every crate has every primitive")]
            use super::*;
            #[allow(unused_imports, reason = "not every crate is part of a runtime")]
            use crate::runtimes::$executor::{current_thread, rt};

            pub(super) fn find(name: &str) -> Option<Path> {
                $(if name == stringify!($name) {
                    return Some($name);
                })*
                None
            }

            $(fn $name($n: u64) {
                current_thread().block_on(async $body);
            })*
        }
    };
}

/// Selvedge and tokio offer the same names.
macro_rules! paths_of_both {
    ($module:ident, $executor:ident, $($krate:tt)+) => {
        paths! { $module, $executor,
            mutex(n) {
                let mutex = $($krate)+::sync::Mutex::new(0);
                for _ in 0..n {
                    *mutex.lock().await += 1;
                }
            }
            rwlock_read(n) {
                let lock = $($krate)+::sync::RwLock::new(0);
                for _ in 0..n {
                    black_box(*lock.read().await);
                }
            }
            rwlock_write(n) {
                let lock = $($krate)+::sync::RwLock::new(0);
                for _ in 0..n {
                    *lock.write().await += 1;
                }
            }
            semaphore(n) {
                let semaphore = $($krate)+::sync::Semaphore::new(4);
                for _ in 0..n {
                    let _permit = semaphore.acquire().await.unwrap();
                }
            }
            notify(n) {
                let notify = $($krate)+::sync::Notify::new();
                for _ in 0..n {
                    notify.notify_one();
                    notify.notified().await;
                }
            }
            notify_waiting(n) {
                let notify = $($krate)+::sync::Notify::new();
                for _ in 0..n {
                    let mut notified = pin!(notify.notified());
                    assert!(poll_once(notified.as_mut()).await.is_none());
                    notify.notify_one();
                    notified.await;
                }
            }
            barrier(n) {
                let barrier = $($krate)+::sync::Barrier::new(1);
                for _ in 0..n {
                    black_box(barrier.wait().await);
                }
            }
            oneshot(n) {
                for value in 0..n {
                    let (sender, receiver) = $($krate)+::sync::oneshot::channel();
                    sender.send(black_box(value)).unwrap();
                    black_box(receiver.await.unwrap());
                }
            }
            mpsc(n) {
                let (sender, mut receiver) = $($krate)+::sync::mpsc::channel(100);
                for value in 0..n {
                    sender.send(value).await.unwrap();
                    black_box(receiver.recv().await.unwrap());
                }
            }
            mpsc_unbounded(n) {
                let (sender, mut receiver) = $($krate)+::sync::mpsc::unbounded_channel();
                for value in 0..n {
                    sender.send(value).unwrap();
                    black_box(receiver.recv().await.unwrap());
                }
            }
            watch_send(n) {
                let (sender, receiver) = $($krate)+::sync::watch::channel(0);
                for value in 0..n {
                    sender.send(value).unwrap();
                }
                black_box(*receiver.borrow());
            }
        }
    };
}
paths_of_both!(on_selvedge, any_executor, crate::runtimes::subject);
paths_of_both!(on_tokio, tokio_executor, ::tokio);
paths_of_both!(tokio_on_selvedge, any_executor, ::tokio);

paths! { on_async_lock, any_executor,
    mutex(n) {
        let mutex = async_lock::Mutex::new(0);
        for _ in 0..n {
            *mutex.lock().await += 1;
        }
    }
    rwlock_read(n) {
        let lock = async_lock::RwLock::new(0);
        for _ in 0..n {
            black_box(*lock.read().await);
        }
    }
    rwlock_write(n) {
        let lock = async_lock::RwLock::new(0);
        for _ in 0..n {
            *lock.write().await += 1;
        }
    }
    semaphore(n) {
        let semaphore = async_lock::Semaphore::new(4);
        for _ in 0..n {
            let _permit = semaphore.acquire().await;
        }
    }
    barrier(n) {
        let barrier = async_lock::Barrier::new(1);
        for _ in 0..n {
            black_box(barrier.wait().await);
        }
    }
}

paths! { on_mea, any_executor,
    mutex(n) {
        let mutex = mea::mutex::Mutex::new(0);
        for _ in 0..n {
            *mutex.lock().await += 1;
        }
    }
    rwlock_read(n) {
        let lock = mea::rwlock::RwLock::new(0);
        for _ in 0..n {
            black_box(*lock.read().await);
        }
    }
    rwlock_write(n) {
        let lock = mea::rwlock::RwLock::new(0);
        for _ in 0..n {
            *lock.write().await += 1;
        }
    }
    semaphore(n) {
        let semaphore = mea::semaphore::Semaphore::new(4);
        for _ in 0..n {
            let _permit = semaphore.acquire(1).await;
        }
    }
    barrier(n) {
        let barrier = mea::barrier::Barrier::new(1);
        for _ in 0..n {
            black_box(barrier.wait().await);
        }
    }
    oneshot(n) {
        for value in 0..n {
            let (sender, receiver) = mea::oneshot::channel();
            sender.send(black_box(value)).unwrap();
            black_box(receiver.await.unwrap());
        }
    }
    mpsc(n) {
        let (sender, mut receiver) = mea::mpsc::bounded(100);
        for value in 0..n {
            sender.send(value).await.unwrap();
            black_box(receiver.recv().await.unwrap());
        }
    }
    mpsc_unbounded(n) {
        let (sender, mut receiver) = mea::mpsc::unbounded();
        for value in 0..n {
            sender.send(value).unwrap();
            black_box(receiver.recv().await.unwrap());
        }
    }
}

paths! { on_saa, any_executor,
    mutex(n) {
        let mutex = saa::Mutex::new(0);
        for _ in 0..n {
            *saa::lock_async(&mutex).await += 1;
        }
    }
    rwlock_read(n) {
        let lock = saa::RwLock::new(0);
        for _ in 0..n {
            black_box(*saa::read_async(&lock).await);
        }
    }
    rwlock_write(n) {
        let lock = saa::RwLock::new(0);
        for _ in 0..n {
            *saa::write_async(&lock).await += 1;
        }
    }
    semaphore(n) {
        let semaphore = saa::Semaphore::with_permits(4);
        for _ in 0..n {
            semaphore.acquire_async().await;
            semaphore.release();
        }
    }
    barrier(n) {
        let barrier = saa::Barrier::with_count(1);
        for _ in 0..n {
            black_box(barrier.wait_async().await);
        }
    }
}

paths! { on_kanal, any_executor,
    mpsc(n) {
        let (sender, receiver) = kanal::bounded_async(100);
        for value in 0..n {
            sender.send(value).await.unwrap();
            black_box(receiver.recv().await.unwrap());
        }
    }
    mpsc_unbounded(n) {
        let (sender, receiver) = kanal::unbounded_async();
        for value in 0..n {
            sender.send(value).await.unwrap();
            black_box(receiver.recv().await.unwrap());
        }
    }
}

paths! { on_flume, any_executor,
    mpsc(n) {
        let (sender, receiver) = flume::bounded(100);
        for value in 0..n {
            sender.send_async(value).await.unwrap();
            black_box(receiver.recv_async().await.unwrap());
        }
    }
    mpsc_unbounded(n) {
        let (sender, receiver) = flume::unbounded();
        for value in 0..n {
            sender.send(value).unwrap();
            black_box(receiver.recv_async().await.unwrap());
        }
    }
}

paths! { on_crossfire, any_executor,
    oneshot(n) {
        for value in 0..n {
            let (sender, receiver) = crossfire::oneshot::oneshot();
            sender.send(black_box(value));
            black_box(receiver.await.unwrap());
        }
    }
    mpsc(n) {
        let (sender, receiver) = crossfire::mpsc::bounded_async::<u64>(100);
        for value in 0..n {
            sender.send(value).await.unwrap();
            black_box(receiver.recv().await.unwrap());
        }
    }
    mpsc_unbounded(n) {
        let (sender, receiver) = crossfire::mpsc::unbounded_async::<u64>();
        for value in 0..n {
            sender.send(value).unwrap();
            black_box(receiver.recv().await.unwrap());
        }
    }
}

paths! { on_tachyonix, any_executor,
    mpsc(n) {
        let (sender, mut receiver) = tachyonix::channel(100);
        for value in 0..n {
            sender.send(value).await.unwrap();
            black_box(receiver.recv().await.unwrap());
        }
    }
}

paths! { on_async_channel, any_executor,
    mpsc(n) {
        let (sender, receiver) = async_channel::bounded(100);
        for value in 0..n {
            sender.send(value).await.unwrap();
            black_box(receiver.recv().await.unwrap());
        }
    }
    mpsc_unbounded(n) {
        let (sender, receiver) = async_channel::unbounded();
        for value in 0..n {
            sender.try_send(value).unwrap();
            black_box(receiver.recv().await.unwrap());
        }
    }
}
