//! What a task costs: one allocation, of its future's size and at most 64 bytes.
#![allow(
    unsafe_code,
    reason = "counts allocations, which only a global allocator can"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use selvedge::runtime::Builder;

thread_local! {
    /// Allocations of this thread, and their bytes, while they are counted.
    static COUNT: Cell<Option<(usize, usize)>> = const { Cell::new(None) };
}

struct Counting;

// SAFETY: hands everything on to the system's allocator, unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = COUNT.try_with(|count| {
            count.set(count.get().map(|(n, bytes)| (n + 1, bytes + layout.size())));
        });
        // SAFETY: as promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations and bytes of `f` on this thread.
fn counted<R>(f: impl FnOnce() -> R) -> (R, usize, usize) {
    COUNT.set(Some((0, 0)));
    let result = f();
    let (allocations, bytes) = COUNT.take().expect("counting");
    (result, allocations, bytes)
}

const TASKS: usize = 100;
/// The most a task may cost over its future.
const OVERHEAD_MAX: usize = 64;

/// Spawns and joins tasks with a future of this size; twice, as queues grow the first time.
fn cost_per_task<const FUTURE: usize>() -> (usize, usize) {
    let runtime = Builder::new_current_thread().build().unwrap();
    let mut cost = (0, 0);
    for _ in 0..2 {
        runtime.block_on(async {
            let mut handles = Vec::with_capacity(TASKS);
            let ((), allocations, bytes) = counted(|| {
                handles.extend((0..TASKS).map(|_| {
                    let data = [1_u8; FUTURE];
                    selvedge::spawn(std::future::poll_fn(move |_| {
                        std::task::Poll::Ready(std::hint::black_box(&data).len())
                    }))
                }));
            });
            cost = (allocations, bytes);
            for handle in handles {
                assert_eq!(handle.await.unwrap(), FUTURE);
            }
        });
    }
    cost
}

#[test]
fn a_task_is_one_allocation_of_at_most_64_bytes_over_its_future() {
    for (future, (allocations, bytes)) in [
        (16, cost_per_task::<16>()),
        (64, cost_per_task::<64>()),
        (1000, cost_per_task::<1000>()),
    ] {
        assert_eq!(allocations, TASKS, "one allocation each");
        assert!(
            bytes <= TASKS * (future + OVERHEAD_MAX),
            "{} bytes over a future of {future}",
            bytes / TASKS - future
        );
    }
}

/// Waiting allocates nothing: the waiter is in the future.
#[test]
fn waiting_for_a_timer_or_a_notification_allocates_nothing() {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let notify = selvedge::sync::Notify::new();
        let mut sleep = std::pin::pin!(selvedge::time::sleep(std::time::Duration::from_secs(3600)));
        let mut notified = std::pin::pin!(notify.notified());
        std::future::poll_fn(|cx| {
            let (pending, allocations, _) = counted(|| {
                sleep.as_mut().poll(cx).is_pending() && notified.as_mut().poll(cx).is_pending()
            });
            assert!(pending);
            assert_eq!(allocations, 0);
            std::task::Poll::Ready(())
        })
        .await;
    });
}
