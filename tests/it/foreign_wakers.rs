//! Wakers, hooks and drops are foreign code: they panic, and they call back.

use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use selvedge::net::TcpListener;
use selvedge::runtime::Runtime;
use selvedge::sync::oneshot;
use selvedge::task::JoinSet;

use crate::support::{OnDrop, both_flavors, current_thread, poll_with, wait_until};

/// Panics when it is woken, and tells so before.
struct Panics(mpsc::Sender<()>);

impl Panics {
    fn waker() -> (Waker, mpsc::Receiver<()>) {
        let (tell, told) = mpsc::channel();
        (Arc::new(Self(tell)).into(), told)
    }
}

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        let _ = self.0.send(());
        panic!("a hostile waker");
    }
}

/// A task, a timer and a socket.
#[track_caller]
fn still_works(runtime: &Runtime) {
    runtime.block_on(async {
        // On two workers, one may be dead; each of these has to end.
        let tasks: Vec<_> = (0..50)
            .map(|_| {
                selvedge::spawn(async {
                    selvedge::task::yield_now().await;
                    selvedge::time::sleep(Duration::from_millis(1)).await;
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        listener.accept().await.unwrap();
        drop(client);
    });
    // And both workers are there: each of the two needs the other.
    if runtime.handle().runtime_flavor() == selvedge::runtime::RuntimeFlavor::MultiThread {
        let meeting = Arc::new(std::sync::Barrier::new(2));
        let tasks = [(); 2].map(|()| {
            let meeting = Arc::clone(&meeting);
            runtime.spawn(async move {
                meeting.wait();
            })
        });
        for task in tasks {
            runtime.block_on(task).unwrap();
        }
    }
}

both_flavors! {
    /// a waker that panicked in the driver took the runtime's context with it.
    fn r15_a_waker_panics_on_a_socket_event(flavor) {
        let runtime = flavor.build();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        for _ in 0..3 {
            let (waker, told) = Panics::waker();
            let mut cx = std::task::Context::from_waker(&waker);
            // Used up first, so that the next one has to wait.
            while listener.poll_accept(&mut cx).is_ready() {}
            let client = std::net::TcpStream::connect(address).unwrap();
            runtime.block_on(async {
                crate::support::wait_until_async("the event", || told.try_recv().is_ok()).await;
            });
            runtime.block_on(listener.accept()).unwrap();
            drop(client);
            still_works(&runtime);
        }
    }

    /// R-15, for a timer.
    fn r15_a_waker_panics_on_a_timer(flavor) {
        let runtime = flavor.build();
        for _ in 0..3 {
            let mut sleep = {
                let _entered = runtime.enter();
                Box::pin(selvedge::time::sleep(Duration::from_millis(1)))
            };
            let (waker, told) = Panics::waker();
            assert!(poll_with(&mut sleep, &waker).is_pending());
            runtime.block_on(async {
                crate::support::wait_until_async("the timer", || told.try_recv().is_ok()).await;
            });
            assert!(poll_with(&mut sleep, Waker::noop()).is_ready());
            still_works(&runtime);
        }
    }

    fn a_waker_panics_at_the_shutdown(flavor) {
        let runtime = flavor.build();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let mut sleep = {
            let _entered = runtime.enter();
            Box::pin(selvedge::time::sleep(Duration::from_secs(1_000)))
        };
        let (on_timer, timer_told) = Panics::waker();
        let (on_socket, socket_told) = Panics::waker();
        assert!(poll_with(&mut sleep, &on_timer).is_pending());
        let mut cx = std::task::Context::from_waker(&on_socket);
        assert!(listener.poll_accept(&mut cx).is_pending());
        // Whether the panic comes out here is not promised; that the shutdown is complete is.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(runtime)));
        timer_told.recv().unwrap();
        socket_told.recv().unwrap();
    }

    /// a join set dropped a replaced waker under its lock.
    fn r09_a_join_sets_waker_drives_a_runtime_when_it_is_dropped(flavor) {
        struct Drives(mpsc::Sender<u32>);
        impl Wake for Drives {
            fn wake(self: Arc<Self>) {}
        }
        impl Drop for Drives {
            fn drop(&mut self) {
                let handle = self.0.clone();
                let driven = thread::spawn(move || current_thread().block_on(async { 42 }));
                handle.send(driven.join().unwrap()).unwrap();
            }
        }
        let runtime = flavor.build();
        let (send, receive) = mpsc::channel();
        let mut set = JoinSet::new();
        let (go, wait) = oneshot::channel::<()>();
        set.spawn_on(async move { wait.await.unwrap_err(); }, runtime.handle());
        for _ in 0..3 {
            let waker = Waker::from(Arc::new(Drives(send.clone())));
            let mut cx = std::task::Context::from_waker(&waker);
            assert!(set.poll_join_next(&mut cx).is_pending());
        }
        drop(go);
        runtime.block_on(set.join_next()).unwrap().unwrap();
        drop(set);
        // Whoever wakes the last one may be the last to drop it, too.
        assert_eq!([(); 3].map(|()| receive.recv().unwrap()), [42; 3]);
    }

    fn a_waker_of_a_task_is_dropped_inside_its_own_poll(flavor) {
        let runtime = flavor.build();
        runtime.block_on(async {
            selvedge::spawn(async {
                let mut kept: Option<Waker> = None;
                for _ in 0..100 {
                    poll_fn(|cx| {
                        drop(kept.replace(cx.waker().clone()));
                        cx.waker().wake_by_ref();
                        Poll::Ready(())
                    }).await;
                    selvedge::task::yield_now().await;
                }
            }).await.unwrap();
        });
    }

    /// A drop of one task's future that runs inside another task's poll, and wakes, spawns, aborts.
    fn drops_may_call_back_into_the_runtime(flavor) {
        let runtime = flavor.build();
        let count = Arc::new(AtomicUsize::new(0));
        runtime.block_on(async {
            for _ in 0..20 {
                let victim = selvedge::spawn(std::future::pending::<()>());
                let count = Arc::clone(&count);
                let guard = OnDrop(move || {
                    victim.abort();
                    let count = Arc::clone(&count);
                    drop(selvedge::spawn(async move { count.fetch_add(1, Ordering::SeqCst) }));
                });
                let task = selvedge::spawn(async move {
                    let _guard = guard;
                    std::future::pending::<()>().await;
                });
                selvedge::task::yield_now().await;
                task.abort();
                assert!(task.await.unwrap_err().is_cancelled());
            }
            let all = || count.load(Ordering::SeqCst) == 20;
            crate::support::wait_until_async("what the drops spawned", all).await;
        });
        wait_until("the victims are gone", || runtime.metrics().num_alive_tasks() == 0
            || { runtime.block_on(selvedge::task::yield_now()); false });
    }

    fn a_hook_that_panics_does_not_stop_the_runtime(flavor) {
        let panics = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&panics);
        let runtime = flavor.builder().on_thread_park(move || {
            if counted.fetch_add(1, Ordering::SeqCst) < 3 {
                panic!("a hostile hook");
            }
        }).build().unwrap();
        // On a current-thread runtime it comes out of block_on: that is the thread's own.
        for _ in 0..5 {
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                runtime.block_on(async { selvedge::time::sleep(Duration::from_millis(1)).await });
            }));
        }
        wait_until("the hook was called", || panics.load(Ordering::SeqCst) > 0);
        still_works(&runtime);
    }
}
