//! The operating system says no: threads, descriptors, interrupted calls.
#![allow(
    unsafe_code,
    reason = "resource limits and signals have no safe interface in std"
)]

use std::io;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use selvedge::io::{AsyncReadExt, AsyncWriteExt};
use selvedge::net::{TcpListener, TcpStream};
use selvedge::runtime::Builder;

use crate::support::{
    Drops, Flag, Flavor, Gate, both_flavors, current_thread, in_child, multi_thread, panic_of,
    threads_named, wait_until, watched,
};

/// Sets the soft limit and returns the former one.
fn set_limit(resource: libc::__rlimit_resource_t, soft: libc::rlim_t) -> libc::rlim_t {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the pointer is to a limit that lives long enough.
    assert_eq!(unsafe { libc::getrlimit(resource, &raw mut limit) }, 0);
    let former = limit.rlim_cur;
    limit.rlim_cur = soft.min(limit.rlim_max);
    // SAFETY: as above.
    assert_eq!(unsafe { libc::setrlimit(resource, &raw const limit) }, 0);
    former
}

fn open_descriptors() -> usize {
    // One of them is the listing itself.
    std::fs::read_dir("/proc/self/fd").unwrap().count() - 1
}

/// Opens files until the process may open no more.
fn exhaust_descriptors() -> Vec<std::fs::File> {
    let mut files = Vec::new();
    loop {
        match std::fs::File::open("/dev/null") {
            Ok(file) => files.push(file),
            Err(error) if is_too_many_files(&error) => return files,
            Err(error) => panic!("{error}"),
        }
    }
}

fn is_too_many_files(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE))
}

watched! {
    /// P16: a thread that cannot be started is an error, not a hang.
    fn a_runtime_whose_threads_are_refused_is_not_built() {
        let error = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_stack_size(1 << 46)
            .build()
            .unwrap_err();
        assert!(!error.to_string().is_empty());
    }

    /// the timer wheel was built on the stack before it was boxed.
    fn r142_a_runtime_is_built_used_and_dropped_on_a_small_stack() {
        for flavor in [Flavor::CurrentThread, Flavor::MultiThread] {
            let thread = thread::Builder::new().stack_size(64 * 1024).spawn(move || {
                let runtime = flavor.build();
                runtime.block_on(async {
                    selvedge::spawn(async { 42 }).await.unwrap();
                    selvedge::time::sleep(Duration::from_millis(1)).await;
                });
            });
            thread.unwrap().join().unwrap();
        }
    }

    /// The monitor and the workers of an idle runtime sleep: nothing wakes up on its own account.
    fn an_idle_runtime_sleeps() {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("idle-runtime")
            .build()
            .unwrap();
        let metrics = runtime.metrics();
        runtime.block_on(async {
            // A timer days away must not be taken for one that is due.
            drop(selvedge::spawn(selvedge::time::sleep(Duration::from_secs(40 * 24 * 3600))));
            drop(selvedge::spawn(selvedge::time::sleep(Duration::MAX)));
        });
        let wakes = || context_switches("idle-runtime");
        // Until all is quiet: no switches over a while. Then quiet it stays.
        let quiet = || {
            let before = wakes();
            thread::sleep(Duration::from_millis(100));
            wakes() == before
        };
        wait_until("quiet", quiet);
        let parks = || (0..2).map(|worker| metrics.worker_park_unpark_count(worker)).sum::<u64>();
        let (parks_before, wakes_before) = (parks(), wakes());
        thread::sleep(Duration::from_millis(300));
        assert_eq!(parks(), parks_before);
        // A signal or a debugger may add one.
        assert!(wakes() - wakes_before <= 3, "{} wakes while idle", wakes() - wakes_before);
    }

    fn all_threads_are_gone_after_a_drop() {
        for _ in 0..10 {
            let runtime = Builder::new_multi_thread()
                .worker_threads(3)
                .thread_name("goes-away")
                .build()
                .unwrap();
            runtime.block_on(async {
                selvedge::task::spawn_blocking(|| {}).await.unwrap();
                selvedge::spawn(async {}).await.unwrap();
            });
            drop(runtime);
            // They have ended their work; the kernel needs a moment to take them off its list.
            wait_until("they are gone", || threads_named("goes-away") == 0);
        }
    }
}

/// How often the kernel put threads of this name to sleep.
fn context_switches(name: &str) -> u64 {
    let mut sum = 0;
    for thread in std::fs::read_dir("/proc/self/task").unwrap().flatten() {
        let Ok(status) = std::fs::read_to_string(thread.path().join("status")) else {
            continue;
        };
        if !status
            .lines()
            .next()
            .is_some_and(|line| line.trim_end().ends_with(name))
        {
            continue;
        }
        let count = status
            .lines()
            .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        sum += count.map_or(0, |count| count.trim().parse::<u64>().unwrap());
    }
    sum
}

#[test]
fn descriptors_come_back() {
    in_child("os_limits::descriptors_come_back", || {
        let before = open_descriptors();
        for round in 0..60 {
            let flavor = [Flavor::CurrentThread, Flavor::MultiThread][round % 2];
            let runtime = flavor.build();
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let client = TcpStream::connect(listener.local_addr().unwrap())
                    .await
                    .unwrap();
                listener.accept().await.unwrap();
                // One waits in a task when the runtime goes.
                drop(selvedge::spawn(async move {
                    let _ = listener.accept().await;
                    drop(client);
                }));
                selvedge::task::yield_now().await;
            });
            drop(runtime);
        }
        wait_until("all are closed", || open_descriptors() == before);
    });
}

/// P16: with no descriptors left accepting and connecting fail, and work again when there are some.
#[test]
fn emfile_is_an_error_and_passes() {
    in_child("os_limits::emfile_is_an_error_and_passes", || {
        for runtime in [current_thread(), multi_thread()] {
            let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
            let address = listener.local_addr().unwrap();
            // The pool's and others' first use may need descriptors as well.
            runtime.block_on(async { selvedge::task::spawn_blocking(|| {}).await.unwrap() });
            let waiting: Vec<_> = (0..3)
                .map(|_| std::net::TcpStream::connect(address).unwrap())
                .collect();
            set_limit(libc::RLIMIT_NOFILE, 100);
            let files = exhaust_descriptors();
            runtime.block_on(async {
                for _ in 0..20 {
                    let error = listener.accept().await.unwrap_err();
                    assert!(is_too_many_files(&error), "{error}");
                    let error = TcpStream::connect(address).await.unwrap_err();
                    assert!(is_too_many_files(&error), "{error}");
                    let error = TcpListener::bind("127.0.0.1:0").await.unwrap_err();
                    assert!(is_too_many_files(&error), "{error}");
                    // The rest goes on.
                    selvedge::spawn(async {
                        selvedge::time::sleep(Duration::from_millis(1)).await;
                    })
                    .await
                    .unwrap();
                }
            });
            for flavor in [Flavor::CurrentThread, Flavor::MultiThread] {
                let error = flavor.builder().build().unwrap_err();
                assert!(is_too_many_files(&error), "{error}");
            }
            drop(files);
            // Nothing new happens on the listener: what was announced before must not be lost.
            runtime.block_on(async {
                for _ in 0..3 {
                    listener.accept().await.unwrap();
                }
            });
            drop(waiting);
        }
    });
}

/// A task that waits for its listener meets the full table, and goes on when there is room again.
#[test]
fn a_waiting_accept_survives_emfile() {
    in_child("os_limits::a_waiting_accept_survives_emfile", || {
        let runtime = multi_thread();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let (failed, accepted) = (Flag::new(), Flag::new());
        runtime.spawn({
            let (failed, accepted) = (failed.clone(), accepted.clone());
            async move {
                loop {
                    match listener.accept().await {
                        Ok(_) => break accepted.set(),
                        Err(error) => {
                            assert!(is_too_many_files(&error), "{error}");
                            failed.set();
                            selvedge::time::sleep(Duration::from_millis(1)).await;
                        }
                    }
                }
            }
        });
        set_limit(libc::RLIMIT_NOFILE, 100);
        let mut files = exhaust_descriptors();
        // Room for the client's end only.
        files.pop();
        let client = std::net::TcpStream::connect(address).unwrap();
        wait_until("the failure", || failed.is_set());
        drop(files);
        wait_until("the success", || accepted.is_set());
        drop(client);
    });
}

/// P16: nobody can stand in, which is tried again until somebody can.
#[test]
fn a_stand_in_that_is_refused_is_tried_again() {
    in_child(
        "os_limits::a_stand_in_that_is_refused_is_tried_again",
        || {
            const STACK: usize = 512 << 20;
            let runtime = Builder::new_multi_thread()
                .worker_threads(2)
                .thread_stack_size(STACK)
                .build()
                .unwrap();
            let meeting = Arc::new(Barrier::new(3));
            let gate = Gate::new();
            let _open = gate.open_on_drop();
            // So that the workers are up before memory gets short.
            runtime.block_on(async { selvedge::spawn(async {}).await.unwrap() });
            let status = std::fs::read_to_string("/proc/self/status").unwrap();
            let size = status
                .lines()
                .find_map(|line| line.strip_prefix("VmSize:"))
                .unwrap();
            let kib: u64 = size.trim().trim_end_matches("kB").trim().parse().unwrap();
            let former = set_limit(libc::RLIMIT_AS, (kib << 10) + (STACK as u64 / 2));
            let blockers = [(); 2].map(|()| {
                let (meeting, gate) = (Arc::clone(&meeting), gate.clone());
                runtime.spawn(async move {
                    meeting.wait();
                    gate.pass();
                })
            });
            meeting.wait();
            let drops = Drops::new();
            let guard = drops.counted();
            let task = runtime.spawn(async move { drop(guard) });
            // Blocking work is told at once.
            let message = panic_of(|| runtime.spawn_blocking(|| {}));
            assert!(message.contains("refuses a thread"), "{message}");
            // Several periods of the monitor.
            thread::sleep(Duration::from_millis(40));
            assert_eq!(drops.count(), 0, "there was no thread for it");
            set_limit(libc::RLIMIT_AS, former);
            runtime.block_on(task).unwrap();
            gate.open();
            for blocker in blockers {
                runtime.block_on(blocker).unwrap();
            }
        },
    );
}

/// calls that a signal interrupted were not repeated.
#[test]
fn r154_a_storm_of_signals() {
    static SIGNALS: AtomicUsize = AtomicUsize::new(0);
    extern "C" fn count(_signal: libc::c_int) {
        SIGNALS.fetch_add(1, Ordering::Relaxed);
    }
    in_child("os_limits::r154_a_storm_of_signals", || {
        // SAFETY: all zero is a valid action; the fields that matter are set below.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        // No SA_RESTART: every blocking call is interrupted.
        action.sa_sigaction = count as extern "C" fn(libc::c_int) as usize;
        // SAFETY: the handler only adds to an atomic.
        let set =
            unsafe { libc::sigaction(libc::SIGUSR1, &raw const action, std::ptr::null_mut()) };
        assert_eq!(set, 0);
        let stop = Flag::new();
        let storm = thread::spawn({
            let stop = stop.clone();
            move || {
                // SAFETY: asks for a number.
                let (process, me) = unsafe { (libc::getpid(), libc::gettid()) };
                while !stop.is_set() {
                    for thread in std::fs::read_dir("/proc/self/task").unwrap().flatten() {
                        let thread: libc::pid_t =
                            thread.file_name().to_str().unwrap().parse().unwrap();
                        if thread != me {
                            // SAFETY: a thread that is gone is an error, which does not matter.
                            unsafe {
                                libc::syscall(libc::SYS_tgkill, process, thread, libc::SIGUSR1)
                            };
                        }
                    }
                    thread::sleep(Duration::from_millis(1));
                }
            }
        });
        for runtime in [current_thread(), multi_thread()] {
            let start = Instant::now();
            while start.elapsed() < Duration::from_millis(300) {
                runtime.block_on(async {
                    selvedge::spawn(crate::stand_in::a_bit_of_everything())
                        .await
                        .unwrap();
                    let start = selvedge::time::Instant::now();
                    selvedge::time::sleep(Duration::from_millis(5)).await;
                    assert!(start.elapsed() >= Duration::from_millis(5));
                });
            }
        }
        stop.set();
        storm.join().unwrap();
        assert!(SIGNALS.load(Ordering::Relaxed) > 100);
    });
}

/// the selector and its waker were inherited by child processes.
#[test]
fn r155_no_descriptor_of_a_runtime_is_inherited() {
    in_child(
        "os_limits::r155_no_descriptor_of_a_runtime_is_inherited",
        || {
            let runtime = multi_thread();
            let (listener, client) = runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let client = TcpStream::connect(listener.local_addr().unwrap())
                    .await
                    .unwrap();
                (listener, client)
            });
            let output = Command::new("sh")
                .args(["-c", "ls -l /proc/self/fd"])
                .output()
                .unwrap();
            let list = String::from_utf8(output.stdout).unwrap();
            assert!(output.status.success() && list.contains("->"), "{list}");
            for kind in ["eventpoll", "eventfd", "socket"] {
                assert!(!list.contains(kind), "{list}");
            }
            drop((listener, client));
        },
    );
}

both_flavors! {
    /// a descriptor that cannot be registered must leave nothing behind.
    fn r146_sockets_that_are_registered_and_let_go_again(flavor) {
        let runtime = flavor.build();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let mut listener = listener;
            for _ in 0..300 {
                // into_std deregisters: else the second registration would fail.
                let std = listener.into_std().unwrap();
                listener = TcpListener::from_std(std).unwrap();
            }
            let mut client = TcpStream::connect(address).await.unwrap();
            let (mut server, _) = listener.accept().await.unwrap();
            client.write_all(b"still here").await.unwrap();
            let mut bytes = [0; 10];
            server.read_exact(&mut bytes).await.unwrap();
            assert_eq!(&bytes, b"still here");
        });
    }
}
