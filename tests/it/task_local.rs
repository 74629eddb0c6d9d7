//! Values that belong to a task.

use std::cell::Cell;

use crate::support::{OnDrop, both_flavors, current_thread, panic_of, watched};

selvedge::task_local! {
    static NUMBER: u32;
    static CELL: Cell<u32>;
}

both_flavors! {
    fn each_task_has_its_own(flavor) {
        flavor.build().block_on(async {
            let tasks: Vec<_> = (0..50).map(|n| selvedge::spawn(NUMBER.scope(n, async move {
                for _ in 0..20 {
                    assert_eq!(NUMBER.get(), n);
                    selvedge::task::yield_now().await;
                }
                let child = selvedge::spawn(async { NUMBER.try_get().is_err() });
                assert!(child.await.unwrap(), "not inherited");
            }))).collect();
            for task in tasks {
                task.await.unwrap();
            }
            assert!(NUMBER.try_get().is_err());
        });
    }

    fn scopes_nest_and_end(flavor) {
        flavor.build().block_on(NUMBER.scope(1, async {
            NUMBER.scope(2, async {
                selvedge::task::yield_now().await;
                assert_eq!(NUMBER.get(), 2);
                assert_eq!(NUMBER.sync_scope(3, || NUMBER.get()), 3);
                assert_eq!(NUMBER.get(), 2);
            }).await;
            assert_eq!(NUMBER.get(), 1);
        }));
    }

    fn the_value_lasts_across_awaits(flavor) {
        flavor.build().block_on(CELL.scope(Cell::new(0), async {
            for n in 1..10 {
                CELL.with(|cell| cell.set(cell.get() + n));
                selvedge::task::yield_now().await;
            }
            assert_eq!(CELL.with(Cell::get), 45);
        }));
    }

    fn an_aborted_future_is_dropped_inside_its_scope(flavor) {
        let (send, receive) = std::sync::mpsc::channel();
        let runtime = flavor.build();
        runtime.block_on(async {
            let (begun, has_begun) = selvedge::sync::oneshot::channel();
            let task = selvedge::spawn(NUMBER.scope(7, async move {
                let _guard = OnDrop(move || send.send(NUMBER.try_get().ok()).unwrap());
                begun.send(()).unwrap();
                std::future::pending::<()>().await;
            }));
            has_begun.await.unwrap();
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
        });
        assert_eq!(receive.recv().unwrap(), Some(7));
    }
}

watched! {
    fn a_panic_in_a_scope_ends_it() {
        let runtime = current_thread();
        runtime.block_on(async {
            let task = selvedge::spawn(NUMBER.scope(1, async { panic!("in scope") }));
            assert!(task.await.unwrap_err().is_panic());
            assert!(NUMBER.try_get().is_err());
        });
        let message = panic_of(|| NUMBER.sync_scope(1, || panic!("sync")));
        assert_eq!(message, "sync");
        assert!(NUMBER.try_get().is_err());
    }

    fn outside_a_scope_there_is_an_error() {
        assert!(!NUMBER.try_get().unwrap_err().to_string().is_empty());
        assert!(!panic_of(|| NUMBER.get()).is_empty());
    }

    fn take_value_gives_it_back() {
        let mut future = Box::pin(NUMBER.scope(5, async {}));
        current_thread().block_on(future.as_mut());
        assert_eq!(future.as_mut().take_value(), Some(5));
        assert_eq!(future.as_mut().take_value(), None);
    }
}
