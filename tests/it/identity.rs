//! Which runtime this is, and which of its workers.

use std::sync::Arc;
use std::thread;

use selvedge::runtime::{Builder, LocalRuntime, Runtime, worker_index};
use selvedge::sync::oneshot;

use crate::support::{PATIENCE, within};

#[test]
fn runtimes_have_ids_of_their_own() {
    within(PATIENCE, || {
        let (one, other) = (Runtime::new().unwrap(), Runtime::new().unwrap());
        assert_ne!(one.handle().id(), other.handle().id());
        let inside = one.block_on(async { selvedge::runtime::Handle::current().id() });
        assert_eq!(inside, one.handle().id());
    });
}

#[test]
fn a_runtime_has_the_name_it_was_given() {
    within(PATIENCE, || {
        let mut builder = Builder::new_current_thread();
        assert_eq!(builder.build().unwrap().handle().name(), None);
        builder.name("ingest");
        assert_eq!(builder.build().unwrap().handle().name(), Some("ingest"));
    });
}

#[test]
#[should_panic(expected = "the name of a runtime cannot be empty")]
fn an_empty_name_is_refused() {
    Builder::new_current_thread().name(" ");
}

#[test]
fn tasks_of_workers_have_an_index_below_the_number_of_workers() {
    within(PATIENCE, || {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .build()
            .unwrap();
        let task = runtime.spawn(async { worker_index() });
        let index = runtime.block_on(task).unwrap().unwrap();
        assert!(index < 2);
    });
}

#[test]
fn stand_ins_have_the_index_of_a_worker() {
    within(PATIENCE, || {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .build()
            .unwrap();
        let index = runtime.block_on(async {
            let (send, receive) = std::sync::mpsc::channel();
            let stuck = selvedge::spawn(async move {
                selvedge::task::block_in_place(|| receive.recv().unwrap());
            });
            // Perhaps before the other blocks; then there is no stand-in, and the index is the same.
            let index = selvedge::spawn(async { worker_index() }).await.unwrap();
            send.send(()).unwrap();
            stuck.await.unwrap();
            index
        });
        assert_eq!(index, Some(0));
    });
}

#[test]
fn threads_that_run_no_tasks_have_no_index() {
    within(PATIENCE, || {
        assert_eq!(worker_index(), None);
        let runtime = Runtime::new().unwrap();
        assert_eq!(runtime.block_on(async { worker_index() }), None);
        let blocking = runtime.spawn_blocking(worker_index);
        assert_eq!(runtime.block_on(blocking).unwrap(), None);
        let current_thread = Builder::new_current_thread().build().unwrap();
        let handle = current_thread.handle();
        assert_eq!(handle.block_on(async { worker_index() }), None);
    });
}

#[test]
fn the_thread_of_a_current_thread_runtime_is_worker_zero() {
    within(PATIENCE, || {
        let runtime = Builder::new_current_thread().build().unwrap();
        assert_eq!(runtime.block_on(async { worker_index() }), Some(0));
        let local = LocalRuntime::new().unwrap();
        assert_eq!(local.block_on(async { worker_index() }), Some(0));
    });
}

#[test]
fn of_two_threads_in_block_on_only_the_one_with_the_tasks_is_a_worker() {
    within(PATIENCE, || {
        let runtime = Arc::new(Builder::new_current_thread().build().unwrap());
        let (began, has_begun) = std::sync::mpsc::channel();
        let (release, released) = oneshot::channel::<()>();
        let first = thread::spawn({
            let runtime = Arc::clone(&runtime);
            move || {
                runtime.block_on(async {
                    began.send(()).unwrap();
                    released.await.unwrap();
                    worker_index()
                })
            }
        });
        has_begun.recv().unwrap();
        assert_eq!(runtime.block_on(async { worker_index() }), None);
        release.send(()).unwrap();
        assert_eq!(first.join().unwrap(), Some(0));
    });
}
