//! Settings: each has an effect, or a message that says what is wrong with it.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use selvedge::runtime::{Builder, Handle, LocalOptions, Runtime, RuntimeFlavor};

use crate::support::{
    Flavor, both_flavors, current_thread, in_child_with, multi_thread, panic_of, wait_until,
    watched,
};

both_flavors! {
    fn hooks_of_start_and_stop_come_in_pairs(flavor) {
        let started = Arc::new(Mutex::new(HashSet::new()));
        let stopped = Arc::new(Mutex::new(HashSet::new()));
        let (starts, stops) = (Arc::clone(&started), Arc::clone(&stopped));
        let runtime = flavor.builder()
            .on_thread_start(move || assert!(starts.lock().unwrap().insert(thread::current().id())))
            .on_thread_stop(move || assert!(stops.lock().unwrap().insert(thread::current().id())))
            .build()
            .unwrap();
        // Blocking threads have hooks, too.
        let meeting = Arc::new(Barrier::new(3));
        let works = [(); 3].map(|()| {
            let meeting = Arc::clone(&meeting);
            runtime.spawn_blocking(move || { meeting.wait(); })
        });
        for work in works {
            runtime.block_on(work).unwrap();
        }
        // Stand-ins as well.
        if flavor == Flavor::MultiThread {
            let meeting = Arc::new(Barrier::new(6));
            let tasks = [(); 6].map(|()| {
                let meeting = Arc::clone(&meeting);
                runtime.spawn(async move { meeting.wait(); })
            });
            for task in tasks {
                runtime.block_on(task).unwrap();
            }
        }
        drop(runtime);
        let (started, stopped) = (started.lock().unwrap(), stopped.lock().unwrap());
        let least = if flavor == Flavor::MultiThread { 3 + 6 } else { 3 };
        assert!(started.len() >= least, "{} threads", started.len());
        assert_eq!(*started, *stopped);
        assert!(!started.contains(&thread::current().id()), "this thread is not the runtime's");
    }

    fn hooks_of_park_and_unpark_alternate(flavor) {
        let (parks, unparks) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (park, unpark) = (Arc::clone(&parks), Arc::clone(&unparks));
        let runtime = flavor.builder()
            .on_thread_park(move || { park.fetch_add(1, Ordering::SeqCst); })
            .on_thread_unpark(move || { unpark.fetch_add(1, Ordering::SeqCst); })
            .build()
            .unwrap();
        runtime.block_on(async {
            for _ in 0..5 {
                selvedge::spawn(selvedge::time::sleep(Duration::from_millis(1))).await.unwrap();
            }
        });
        drop(runtime);
        let (parks, unparks) = (parks.load(Ordering::SeqCst), unparks.load(Ordering::SeqCst));
        assert!(parks > 0 && unparks > 0 && unparks <= parks, "{parks} parks, {unparks} unparks");
    }

    fn a_task_woken_by_the_park_hook_runs(flavor) {
        let waker = Arc::new(Mutex::new(None::<std::task::Waker>));
        let wakes = Arc::clone(&waker);
        let runtime = flavor.builder().on_thread_park(move || {
            if let Some(waker) = wakes.lock().unwrap().take() {
                waker.wake();
            }
        }).build().unwrap();
        runtime.block_on(async {
            for _ in 0..20 {
                let waker = Arc::clone(&waker);
                selvedge::spawn(async move {
                    let mut polls = 0;
                    std::future::poll_fn(|cx| {
                        polls += 1;
                        if polls == 3 {
                            return std::task::Poll::Ready(());
                        }
                        *waker.lock().unwrap() = Some(cx.waker().clone());
                        std::task::Poll::Pending
                    }).await;
                }).await.unwrap();
            }
        });
    }

    fn threads_have_the_name_they_were_given(flavor) {
        let runtime = flavor.builder().thread_name("bobbin").build().unwrap();
        let name = || thread::current().name().map(str::to_owned);
        assert_eq!(runtime.block_on(runtime.spawn_blocking(name)).unwrap().unwrap(), "bobbin");
        if flavor == Flavor::MultiThread {
            let task = runtime.spawn(async move { name() });
            assert_eq!(runtime.block_on(task).unwrap().unwrap(), "bobbin");
        }
    }

    fn threads_are_named_by_the_function(flavor) {
        let count = AtomicUsize::new(0);
        let runtime = flavor.builder()
            .thread_name_fn(move || format!("bobbin-{}", count.fetch_add(1, Ordering::SeqCst)))
            .build()
            .unwrap();
        let names: HashSet<_> = {
            let meeting = Arc::new(Barrier::new(3));
            let works = [(); 3].map(|()| {
                let meeting = Arc::clone(&meeting);
                runtime.spawn_blocking(move || {
                    meeting.wait();
                    thread::current().name().unwrap().to_owned()
                })
            });
            works.map(|work| runtime.block_on(work).unwrap()).into()
        };
        assert_eq!(names.len(), 3);
        assert!(names.iter().all(|name| name.starts_with("bobbin-")));
    }

    fn the_intervals_and_limits_may_be_as_small_as_they_get(flavor) {
        let runtime = flavor.builder()
            .global_queue_interval(1)
            .event_interval(1)
            .max_io_events_per_tick(1)
            .max_blocking_threads(1)
            .thread_keep_alive(Duration::ZERO)
            .enable_all()
            .enable_io()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(async {
            for _ in 0..5 {
                selvedge::spawn(crate::stand_in::a_bit_of_everything()).await.unwrap();
            }
        });
    }

    fn or_as_large(flavor) {
        let runtime = flavor.builder()
            .global_queue_interval(u32::MAX)
            .event_interval(u32::MAX)
            .max_blocking_threads(usize::MAX)
            .thread_keep_alive(Duration::MAX)
            .thread_stack_size(4 << 20)
            .build()
            .unwrap();
        runtime.block_on(async {
            for _ in 0..5 {
                selvedge::spawn(crate::stand_in::a_bit_of_everything()).await.unwrap();
            }
        });
    }

    fn one_builder_builds_several(flavor) {
        let mut builder = flavor.builder();
        let copy = builder.clone();
        let builders = [&mut builder.clone(), &mut builder, &mut { copy }];
        let runtimes = builders.map(|builder| builder.build().unwrap());
        for runtime in &runtimes {
            assert_eq!(runtime.block_on(async { 42 }), 42);
        }
        assert!(format!("{builder:?}").contains("Builder"));
    }
}

watched! {
    fn values_that_make_no_sense_panic_with_the_reason() {
        let messages = [
            panic_of(|| { Builder::new_multi_thread().worker_threads(0); }),
            panic_of(|| { Builder::new_multi_thread().max_blocking_threads(0); }),
            panic_of(|| { Builder::new_multi_thread().global_queue_interval(0); }),
            panic_of(|| { Builder::new_multi_thread().event_interval(0); }),
        ];
        for message in messages {
            assert!(message.contains('0'), "{message}");
        }
        let message = panic_of(|| Builder::new_multi_thread().start_paused(true).build());
        assert!(message.contains("current"), "{message}");
        let message = panic_of(|| Builder::new_multi_thread().build_local(LocalOptions::default()));
        assert!(message.contains("new_current_thread"), "{message}");
    }

    fn workers_are_as_many_as_were_asked_for() {
        for workers in [1, 2, 5] {
            let runtime = Builder::new_multi_thread().worker_threads(workers).build().unwrap();
            assert_eq!(runtime.metrics().num_workers(), workers);
            assert_eq!(runtime.handle().runtime_flavor(), RuntimeFlavor::MultiThread);
        }
        assert_eq!(current_thread().metrics().num_workers(), 1);
        assert_eq!(current_thread().handle().runtime_flavor(), RuntimeFlavor::CurrentThread);
    }

    fn threads_of_the_runtime_are_inside_it() {
        let found = Arc::new(AtomicUsize::new(0));
        let finds = Arc::clone(&found);
        let runtime = Builder::new_multi_thread().worker_threads(2).on_thread_start(move || {
            Handle::current().spawn(async {});
            finds.fetch_add(1, Ordering::SeqCst);
        }).build().unwrap();
        wait_until("both workers", || found.load(Ordering::SeqCst) == 2);
        drop(runtime);
    }

    fn a_large_stack_is_used() {
        fn depth(n: usize) -> usize {
            let frame = std::hint::black_box([n; 1_024]);
            if n == 0 { frame[0] } else { 1 + depth(n - 1) }
        }
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_stack_size(64 << 20)
            .build()
            .unwrap();
        // 8 KiB a frame, in debug builds more: 16 MiB at least.
        let task = runtime.spawn(async { depth(2_000) });
        assert_eq!(runtime.block_on(task).unwrap(), 2_000);
    }
}

#[test]
fn the_environment_sets_the_number_of_workers() {
    let test = "builder::the_environment_sets_the_number_of_workers";
    in_child_with(test, &[("SELVEDGE_WORKER_THREADS", "3")], || {
        assert_eq!(Runtime::new().unwrap().metrics().num_workers(), 3);
        assert_eq!(
            multi_thread().metrics().num_workers(),
            2,
            "the program knows better"
        );
    });
}

#[test]
fn an_environment_that_makes_no_sense_is_told() {
    let test = "builder::an_environment_that_makes_no_sense_is_told";
    in_child_with(test, &[("SELVEDGE_WORKER_THREADS", "many")], || {
        let message = panic_of(Runtime::new);
        assert!(
            message.contains("SELVEDGE_WORKER_THREADS") && message.contains("many"),
            "{message}"
        );
    });
}
