//! Shutting down from within: in tasks, in blocking sections, on blocking threads.

use std::sync::{Arc, mpsc};

use selvedge::task::block_in_place;

use crate::support::{
    Drops, Flavor, Gate, both_flavors, current_thread, multi_thread, panic_of, wait_until, watched,
};

both_flavors! {
    /// dropping a runtime where blocking is not allowed.
    fn r69_a_runtime_dropped_in_a_task_panics_with_advice(flavor) {
        let runtime = flavor.build();
        for inner_flavor in [Flavor::CurrentThread, Flavor::MultiThread] {
            let in_main = inner_flavor.build();
            let in_task = inner_flavor.build();
            let messages = runtime.block_on(async {
                [
                    panic_of(|| drop(in_main)),
                    selvedge::spawn(async { panic_of(|| drop(in_task)) }).await.unwrap(),
                ]
            });
            for message in messages {
                assert!(message.contains("annot drop a runtime"), "{message}");
                assert!(message.contains("shutdown_background"), "{message}");
            }
        }
        assert_eq!(runtime.block_on(async { 42 }), 42);
    }

    /// what had been spawned on it is not left running for ever.
    fn r69_a_runtime_dropped_in_a_task_still_ends(flavor) {
        let inner = flavor.build();
        let drops = Drops::new();
        let guard = drops.counted();
        inner.spawn(async move { let _guard = guard; std::future::pending::<()>().await });
        current_thread().block_on(async { panic_of(|| drop(inner)) });
        wait_until("its tasks are dropped", || drops.count() == 1);
    }

    fn r69_in_the_background_it_may_be_shut_down_in_a_task(flavor) {
        let runtime = flavor.build();
        let inner = flavor.build();
        let drops = Drops::new();
        let guard = drops.counted();
        let task = inner.spawn(async move {
            let _guard = guard;
            std::future::pending::<()>().await;
        });
        runtime.block_on(async move {
            inner.shutdown_background();
            assert!(task.await.unwrap_err().is_cancelled());
        });
        assert_eq!(drops.count(), 1);
    }

    fn r69_on_a_blocking_thread_it_may_be_dropped(flavor) {
        let runtime = flavor.build();
        let inner = flavor.build();
        let task = runtime.spawn_blocking(move || drop(inner));
        runtime.block_on(task).unwrap();
    }

    /// on a blocking thread of its own, which it cannot wait for.
    fn r69_on_a_blocking_thread_of_its_own(flavor) {
        let runtime = Arc::new(flavor.build());
        let handle = runtime.handle().clone();
        let gate = Gate::new();
        let _open = gate.open_on_drop();
        let (waits, done) = (gate.clone(), mpsc::channel());
        let (dropped, is_dropped) = done;
        let last = Arc::clone(&runtime);
        handle.spawn_blocking(move || {
            waits.pass();
            drop(Arc::into_inner(last).expect("the last reference"));
            dropped.send(()).unwrap();
        });
        drop(runtime);
        gate.open();
        is_dropped.recv().unwrap();
    }
}

watched! {
    /// a runtime that waits for the very thread it is dropped on hung without a word.
    fn r69_in_a_blocking_section_of_its_own_it_panics_with_advice() {
        let runtime = Arc::new(multi_thread());
        let handle = runtime.handle().clone();
        let gate = Gate::new();
        let _open = gate.open_on_drop();
        let (waits, last) = (gate.clone(), Arc::clone(&runtime));
        let (tell, told) = mpsc::channel();
        handle.spawn(async move {
            let message = block_in_place(|| {
                waits.pass();
                let last = Arc::into_inner(last).expect("the last reference");
                panic_of(|| drop(last))
            });
            tell.send(message).unwrap();
        });
        drop(runtime);
        gate.open();
        let message = told.recv().unwrap();
        assert!(message.contains("annot drop a runtime"), "{message}");
    }

    fn r69_in_a_blocking_section_of_another_it_is_dropped() {
        let runtime = multi_thread();
        let inner = multi_thread();
        let drops = Drops::new();
        let guard = drops.counted();
        inner.spawn(async move { let _guard = guard; std::future::pending::<()>().await });
        let task = runtime.spawn(async move { block_in_place(|| drop(inner)) });
        runtime.block_on(task).unwrap();
        assert_eq!(drops.count(), 1);
    }

    fn r69_in_the_drop_of_a_future_the_panic_is_the_tasks() {
        let runtime = multi_thread();
        let inner = multi_thread();
        let task = runtime.spawn(async move { let _inner = inner; });
        let error = runtime.block_on(task).unwrap_err();
        assert!(error.to_string().contains("annot drop a runtime"), "{error}");
    }
}
