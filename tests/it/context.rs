//! Which runtime code is inside, and what it is told when it is inside none.

use std::thread;
use std::time::Duration;

use selvedge::runtime::Handle;

use crate::support::{both_flavors, current_thread, multi_thread, panic_of, watched};

both_flavors! {
    fn a_handle_is_found_wherever_the_runtime_runs_code(flavor) {
        let runtime = flavor.build();
        let found = || Handle::current().runtime_flavor() == runtime.handle().runtime_flavor();
        assert!(Handle::try_current().is_err());
        assert!(runtime.block_on(async { found() }));
        {
            let _entered = runtime.enter();
            assert!(found());
            let _again = runtime.enter();
            assert!(found());
        }
        assert!(Handle::try_current().is_err());
        runtime.block_on(async {
            selvedge::spawn(async { Handle::current() }).await.unwrap();
            selvedge::task::spawn_blocking(Handle::current).await.unwrap();
        });
    }

    fn entering_lets_plain_code_spawn_and_arm_timers(flavor) {
        let runtime = flavor.build();
        let (task, sleep) = {
            let _entered = runtime.enter();
            (selvedge::spawn(async { 42 }), selvedge::time::sleep(Duration::from_millis(1)))
        };
        assert_eq!(runtime.block_on(async { sleep.await; task.await }).unwrap(), 42);
    }

    fn entering_does_not_forbid_block_on(flavor) {
        let (runtime, other) = (flavor.build(), current_thread());
        let _entered = runtime.enter();
        assert_eq!(other.block_on(async { 1 }) + runtime.block_on(async { 2 }), 3);
        assert_eq!(Handle::current().runtime_flavor(), runtime.handle().runtime_flavor());
    }

    fn a_handle_outlives_its_runtime(flavor) {
        let handle = flavor.build().handle().clone();
        assert_eq!(handle.metrics().num_alive_tasks(), 0);
        assert!(!format!("{handle:?}").is_empty());
        let _entered = handle.enter();
        assert!(Handle::try_current().is_ok());
    }
}

watched! {
    fn outside_everything_says_what_is_missing() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let messages = [
            panic_of(Handle::current),
            panic_of(|| selvedge::spawn(async {})),
            panic_of(|| selvedge::task::spawn_blocking(|| {})),
            panic_of(|| selvedge::net::TcpListener::from_std(listener)),
            panic_of(|| crate::support::poll_with(
                &mut Box::pin(selvedge::time::sleep(Duration::from_secs(1))),
                std::task::Waker::noop(),
            )),
        ];
        for message in messages {
            assert!(message.contains("no runtime here"), "{message}");
            assert!(message.contains("Handle::enter"), "{message}");
        }
        let error = Handle::try_current().unwrap_err();
        assert!(error.is_missing_context() && !error.is_thread_local_destroyed());
        assert!(error.to_string().contains("no runtime here"), "{error}");
        let message = panic_of(|| selvedge::task::spawn_local(async {}));
        assert!(message.contains("LocalSet"), "{message}");
        assert!(selvedge::task::try_id().is_none());
        assert!(panic_of(selvedge::task::id).contains("try_id"));
    }

    fn a_task_of_one_runtime_in_the_context_of_another() {
        let (one, two) = (multi_thread(), multi_thread());
        let handle = two.handle().clone();
        let task = one.spawn(async move {
            let _entered = handle.enter();
            // Spawned on the other runtime; this worker is not that one's.
            selvedge::spawn(async { thread::current().id() })
        });
        let inner = one.block_on(task).unwrap();
        let there = two.block_on(inner).unwrap();
        assert_ne!(there, thread::current().id());
        drop(one);
        let alive = two.spawn(async { 42 });
        assert_eq!(two.block_on(alive).unwrap(), 42);
    }
}
