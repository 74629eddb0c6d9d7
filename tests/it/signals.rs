//! Signals as users hear them. Each test has a real-time signal of its own, or a process.
#![allow(
    unsafe_code,
    reason = "sending signals and forking have no safe interface in std"
)]

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use selvedge::runtime::{Handle, Runtime};
use selvedge::signal::unix::{Signal, SignalKind, signal};

use crate::support::{
    CountingWaker, Flag, Flavor, both_flavors, current_thread, in_child, multi_thread, panic_of,
    poll_with, wait_until, wait_until_async, watched,
};

/// The real-time signal of a test.
fn real_time(test: i32, flavor: Flavor) -> SignalKind {
    let offset = 2 * test + i32::from(flavor == Flavor::MultiThread);
    let number = libc::SIGRTMIN() + offset;
    assert!(number <= libc::SIGRTMAX());
    SignalKind::from_raw(number)
}

/// Sends a signal to this process.
fn send(kind: SignalKind) {
    // SAFETY: plain system calls. Somebody listens, so that the signal does not end the process.
    let sent = unsafe { libc::kill(libc::getpid(), kind.as_raw_value()) };
    assert_eq!(sent, 0);
}

/// Has this very thread handle a signal before this returns.
fn raise(kind: SignalKind) {
    // SAFETY: as above.
    assert_eq!(unsafe { libc::raise(kind.as_raw_value()) }, 0);
}

both_flavors! {
    fn every_listener_hears_every_signal(flavor) {
        let kind = real_time(0, flavor);
        flavor.build().block_on(async {
            let mut listeners: Vec<Signal> = (0..10).map(|_| signal(kind).unwrap()).collect();
            for _ in 0..50 {
                send(kind);
                for listener in &mut listeners {
                    assert_eq!(listener.recv().await, Some(()));
                }
            }
        });
    }

    fn a_dropped_wait_loses_no_signal(flavor) {
        let kind = real_time(1, flavor);
        flavor.build().block_on(async {
            let mut listener = signal(kind).unwrap();
            let (_, waker) = CountingWaker::new();
            for _ in 0..50 {
                assert!(poll_with(&mut listener.recv(), &waker).is_pending());
                raise(kind);
                selvedge::task::yield_now().await;
                drop(listener.recv());
                assert_eq!(listener.recv().await, Some(()));
            }
        });
    }

    fn signals_and_timers_end_the_same_sleep(flavor) {
        let kind = real_time(2, flavor);
        flavor.build().block_on(async {
            let mut listener = signal(kind).unwrap();
            let heard = selvedge::spawn(async move {
                for _ in 0..20 {
                    listener.recv().await.unwrap();
                }
            });
            let mut ticks = selvedge::time::interval(Duration::from_millis(1));
            while !heard.is_finished() {
                ticks.tick().await;
                send(kind);
            }
            heard.await.unwrap();
        });
    }

    /// listeners that were dropped, and registered twice.
    fn r157_dropped_and_registered_again(flavor) {
        let kind = real_time(3, flavor);
        flavor.build().block_on(async {
            drop(signal(kind).unwrap());
            send(kind);
            let first = signal(kind).unwrap();
            let mut second = signal(kind).unwrap();
            drop(first);
            send(kind);
            second.recv().await.unwrap();
        });
    }

    fn a_wait_outside_tasks_ends_with_its_runtime(flavor) {
        let kind = real_time(4, flavor);
        let runtime = flavor.build();
        let handle = runtime.handle().clone();
        let mut listener = handle.block_on(async { signal(kind).unwrap() });
        let waits = Flag::new();
        let waiter = thread::spawn({
            let (handle, waits) = (handle.clone(), waits.clone());
            move || {
                handle.block_on(async {
                    let mut wait = listener.recv();
                    std::future::poll_fn(|cx| {
                        let poll = std::pin::Pin::new(&mut wait).poll(cx);
                        waits.set();
                        poll
                    })
                    .await
                })
            }
        });
        wait_until("the thread waits", || waits.is_set());
        drop(runtime);
        assert_eq!(waiter.join().unwrap(), None);
        let error = handle.block_on(async { signal(kind) }).unwrap_err();
        assert!(selvedge::runtime::is_rt_shutdown_err(&error));
    }

    fn a_listener_outlives_the_runtime_it_was_made_in(flavor) {
        let kind = real_time(5, flavor);
        let first = flavor.build();
        let mut listener = first.block_on(async { signal(kind).unwrap() });
        drop(first);
        // Nobody reads now; the second runtime does as soon as somebody waits there.
        send(kind);
        for runtime in [flavor.build(), flavor.build()] {
            runtime.block_on(async {
                listener.recv().await.unwrap();
                send(kind);
            });
        }
    }
}

/// A thread that waits for signals in a runtime of its own, and tells of each.
fn listening_runtime(
    kind: SignalKind,
    count: usize,
    heard: mpsc::Sender<()>,
) -> thread::JoinHandle<()> {
    let (ready, is_ready) = mpsc::channel();
    let thread = thread::spawn(move || {
        current_thread().block_on(async {
            let mut listener = signal(kind).unwrap();
            ready.send(()).unwrap();
            for _ in 0..count {
                listener.recv().await.unwrap();
                heard.send(()).unwrap();
            }
        });
    });
    is_ready.recv().unwrap();
    thread
}

watched! {
    fn several_runtimes_hear_the_same_signal() {
        let kind = real_time(6, Flavor::CurrentThread);
        let (heard, hears) = mpsc::channel();
        let threads: Vec<_> = (0..4).map(|_| listening_runtime(kind, 50, heard.clone())).collect();
        for _ in 0..50 {
            send(kind);
            for _ in &threads {
                hears.recv().unwrap();
            }
        }
        for thread in threads {
            thread.join().unwrap();
        }
    }

    /// The idle runtime has an end of the pipe, too; what it does not read must not be missing.
    fn a_runtime_that_nobody_drives_keeps_nothing_from_the_others() {
        let kind = real_time(7, Flavor::CurrentThread);
        let (idle, busy) = (current_thread(), multi_thread());
        let mut idle_listener = idle.block_on(async { signal(kind).unwrap() });
        busy.block_on(async {
            let mut listener = signal(kind).unwrap();
            for _ in 0..100 {
                send(kind);
                listener.recv().await.unwrap();
            }
        });
        assert_eq!(idle.block_on(idle_listener.recv()), Some(()));
    }

    /// The runtime of the listener is idle at first, and is woken by another one's turn.
    fn a_turn_of_one_runtime_wakes_tasks_of_another() {
        let kind = real_time(8, Flavor::CurrentThread);
        let (mine, other) = (multi_thread(), multi_thread());
        let mut listener = mine.block_on(async { signal(kind).unwrap() });
        other.block_on(async { drop(signal(kind).unwrap()) });
        let heard = Flag::new();
        let task = mine.spawn({
            let heard = heard.clone();
            async move {
                loop {
                    listener.recv().await.unwrap();
                    heard.set();
                }
            }
        });
        send(kind);
        wait_until("the task has heard", || heard.is_set());
        task.abort();
    }

    fn a_foreign_executor_hears_what_a_runtime_delivers() {
        let kind = real_time(9, Flavor::CurrentThread);
        let runtime = multi_thread();
        let mut listener = runtime.block_on(async { signal(kind).unwrap() });
        let (count, waker) = CountingWaker::new();
        let mut wait = listener.recv();
        assert!(poll_with(&mut wait, &waker).is_pending());
        send(kind);
        wait_until("the waker was woken", || count.wakes() > 0);
        assert!(poll_with(&mut wait, &waker).is_ready());
    }

    fn without_a_runtime_there_is_advice() {
        let message = panic_of(|| signal(SignalKind::user_defined1()));
        assert!(message.contains("there is no runtime here"), "{message}");
        let (_, waker) = CountingWaker::new();
        let message = panic_of(|| poll_with(&mut selvedge::signal::ctrl_c(), &waker));
        assert!(message.contains("there is no runtime here"), "{message}");
    }

    fn what_cannot_be_listened_to_is_an_error() {
        let runtime = current_thread();
        let _inside = runtime.enter();
        for number in [libc::SIGKILL, libc::SIGSTOP, libc::SIGSEGV, 0, -1, 4711] {
            let error = signal(SignalKind::from_raw(number)).unwrap_err();
            assert!(error.to_string().contains(&number.to_string()), "{error}");
        }
    }
}

#[test]
fn ctrl_c_is_heard_by_all_who_wait() {
    in_child("signals::ctrl_c_is_heard_by_all_who_wait", || {
        for runtime in [current_thread(), multi_thread()] {
            runtime.block_on(async {
                let mut first = selvedge::signal::ctrl_c();
                let (_, waker) = CountingWaker::new();
                assert!(poll_with(&mut first, &waker).is_pending());
                let second = selvedge::spawn(async {
                    send(SignalKind::interrupt());
                    selvedge::signal::ctrl_c().await
                });
                first.await.unwrap();
                // The second began to wait after the first signal, or it heard it.
                wait_until_async("the second has heard", || {
                    send(SignalKind::interrupt());
                    second.is_finished()
                })
                .await;
                second.await.unwrap().unwrap();
            });
        }
    });
}

#[test]
fn all_signals_with_a_name_are_heard() {
    in_child("signals::all_signals_with_a_name_are_heard", || {
        let kinds = [
            SignalKind::alarm(),
            SignalKind::child(),
            SignalKind::hangup(),
            SignalKind::interrupt(),
            SignalKind::io(),
            SignalKind::pipe(),
            SignalKind::quit(),
            SignalKind::terminate(),
            SignalKind::user_defined1(),
            SignalKind::user_defined2(),
            SignalKind::window_change(),
        ];
        let real_time = (libc::SIGRTMIN()..=libc::SIGRTMAX()).map(SignalKind::from_raw);
        current_thread().block_on(async {
            let all = kinds.into_iter().chain(real_time);
            let mut listeners: Vec<_> = all.map(|kind| (kind, signal(kind).unwrap())).collect();
            for (kind, _) in &listeners {
                send(*kind);
            }
            for (_, listener) in &mut listeners {
                listener.recv().await.unwrap();
            }
        });
    });
}

/// Runs `body` in a child made by `fork`, and returns whether it said so.
fn in_fork(body: impl FnOnce() -> bool) -> bool {
    // SAFETY: the child uses what it inherited only where this test is about that, and leaves without
    // running anything of its parent's.
    match unsafe { libc::fork() } {
        -1 => panic!("{}", std::io::Error::last_os_error()),
        0 => {
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body));
            // SAFETY: ends the child at once.
            unsafe { libc::_exit(i32::from(!matches!(result, Ok(true)))) }
        }
        child => {
            let mut status = 0;
            // SAFETY: waits for a child of ours.
            assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
            status == 0
        }
    }
}

/// A child that inherits the pipe must take nothing from its parent, and must not tell it anything.
#[test]
fn a_forked_child_has_signals_of_its_own() {
    in_child("signals::a_forked_child_has_signals_of_its_own", || {
        let kind = SignalKind::user_defined1();
        let runtime = current_thread();
        let mut parents = runtime.block_on(async { signal(kind).unwrap() });
        let child_is_fine = in_fork(|| {
            // A signal to the child is none of the parent's.
            raise(kind);
            let inherited_hears_nothing =
                Runtime::block_on(&current_thread(), parents.recv()).is_none();
            let runtime_is_refused = runtime.block_on(async { signal(kind) }).is_err();
            let own_is_heard = current_thread().block_on(async {
                let mut own = signal(kind).unwrap();
                raise(kind);
                own.recv().await.is_some()
            });
            inherited_hears_nothing && runtime_is_refused && own_is_heard
        });
        assert!(child_is_fine);
        runtime.block_on(async {
            let (_, waker) = CountingWaker::new();
            // Whatever was in the pipe has been looked at by then.
            selvedge::time::sleep(Duration::from_millis(1)).await;
            assert!(poll_with(&mut parents.recv(), &waker).is_pending());
            raise(kind);
            parents.recv().await.unwrap();
        });
    });
}

/// sockets, timers and blocking work while signals come at 1 kHz and are listened to.
#[test]
fn r154_a_storm_of_signals_that_are_heard() {
    in_child("signals::r154_a_storm_of_signals_that_are_heard", || {
        let kind = SignalKind::user_defined1();
        for runtime in [current_thread(), multi_thread()] {
            let stop = Flag::new();
            let mut listener = runtime.block_on(async { signal(kind).unwrap() });
            let storm = thread::spawn({
                let stop = stop.clone();
                move || {
                    while !stop.is_set() {
                        send(kind);
                        thread::sleep(Duration::from_millis(1));
                    }
                }
            });
            runtime.block_on(async {
                let work = selvedge::spawn(async {
                    for _ in 0..20 {
                        crate::stand_in::a_bit_of_everything().await;
                    }
                });
                let mut heard = 0;
                while !work.is_finished() || heard < 100 {
                    listener.recv().await.unwrap();
                    heard += 1;
                }
                work.await.unwrap();
            });
            stop.set();
            storm.join().unwrap();
        }
    });
}

/// The handler belongs to the process: who has heard of a runtime only by its handle may listen.
#[test]
fn listening_needs_only_a_handle() {
    let runtime = multi_thread();
    let handle: Handle = runtime.handle().clone();
    let _inside = handle.enter();
    let listener = signal(real_time(10, Flavor::CurrentThread)).unwrap();
    assert!(format!("{listener:?}").contains("Signal"));
}
