//! Single-thread paths for instruction counts, each run N times.
//!
//! Instruction counts do not shake with the machine: a path that costs 3 instructions more than
//! yesterday does so in every run. They say nothing of caches, of contention or of the kernel.
//! Building the runtime is counted too; take the difference between two values of N.

mod sync;

use std::hint::black_box;
use std::pin::pin;
use std::time::Duration;

use smol::future::poll_once;

use crate::runtimes::on_both;

/// Runs one path N times.
pub type Path = fn(u64);

const BATCH: u64 = 100;
const FAR: Duration = Duration::from_secs(10);

/// The names, in the order of the documentation.
pub fn names() -> Vec<&'static str> {
    let of_runtimes = [
        "spawn_join_current",
        "yield_current",
        "block_on_ready",
        "sleep_create_cancel",
    ];
    of_runtimes.into_iter().chain(sync::NAMES).collect()
}

/// Finds a path of `krate`: `selvedge`, `tokio` or, for a primitive, one of its peers.
pub fn find(krate: &str, name: &str) -> Option<Path> {
    let of_runtime = match krate {
        "selvedge" => on_selvedge::find(name),
        "tokio" => on_tokio::find(name),
        _ => None,
    };
    of_runtime.or_else(|| sync::find(krate, name))
}

on_both! {
    pub(super) fn find(name: &str) -> Option<Path> {
        Some(match name {
            "spawn_join_current" => spawn_join_current,
            "yield_current" => yield_current,
            "block_on_ready" => block_on_ready,
            "sleep_create_cancel" => sleep_create_cancel,
            _ => return None,
        })
    }

    /// Empty tasks, spawned and joined a hundred at a time.
    fn spawn_join_current(n: u64) {
        current_thread().block_on(async {
            let mut handles = Vec::with_capacity(BATCH as usize);
            for _ in 0..n.div_ceil(BATCH) {
                handles.extend((0..BATCH).map(|_| rt::spawn(async {})));
                for handle in handles.drain(..) {
                    handle.await.unwrap();
                }
            }
        });
    }

    /// A hundred tasks take turns; with few, each turn would also look at the reactor.
    fn yield_current(n: u64) {
        current_thread().block_on(async {
            let yielder = |_| rt::spawn(async move {
                for _ in 0..n.div_ceil(BATCH) {
                    rt::task::yield_now().await;
                }
            });
            let yielders: Vec<_> = (0..BATCH).map(yielder).collect();
            for yielder in yielders {
                yielder.await.unwrap();
            }
        });
    }

    /// Entering the runtime and leaving it.
    fn block_on_ready(n: u64) {
        let runtime = current_thread();
        for call in 0..n {
            black_box(runtime.block_on(std::future::ready(black_box(call))));
        }
    }

    /// Created, polled once, dropped.
    fn sleep_create_cancel(n: u64) {
        current_thread().block_on(async {
            for _ in 0..n {
                let sleep = pin!(rt::time::sleep(FAR));
                assert!(poll_once(sleep).await.is_none());
            }
        });
    }
}
