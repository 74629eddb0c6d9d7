//! What does entering the runtime cost?
//!
//! **Workload.** `block_on` on a future that is ready at its first poll, on both kinds of runtime;
//! and on one that wakes itself once before it is ready, on both kinds.
//!
//! **What misleads.** smol's `block_on` enters no executor: it polls on the calling thread, with the
//! reactor at hand. The wake-up comes from the poll itself, so no thread sleeps; what a real sleep
//! costs stands in the rows of `ping_pong_threads`.

use std::future::{self, Future};
use std::hint::black_box;
use std::task::Poll;

use crate::row::{Course, Row};
use crate::runtimes::on_both;

const CALLS: usize = 1000;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::wall(
            "block_on_ready_multi",
            "`block_on` of a ready future, multi-thread runtime",
        )
        .selvedge(on_selvedge::ready_multi)
        .tokio(on_tokio::ready_multi)
        .smol(on_smol::ready),
        Row::wall(
            "block_on_ready_current",
            "`block_on` of a ready future, current-thread runtime",
        )
        .selvedge(on_selvedge::ready_current)
        .tokio(on_tokio::ready_current)
        .smol(on_smol::ready),
        Row::wall(
            "block_on_wake_multi",
            "`block_on` of a future that wakes itself once, multi",
        )
        .selvedge(on_selvedge::wake_multi)
        .tokio(on_tokio::wake_multi)
        .smol(on_smol::wake),
        Row::wall(
            "block_on_wake_current",
            "`block_on` of a future that wakes itself once, current",
        )
        .selvedge(on_selvedge::wake_current)
        .tokio(on_tokio::wake_current)
        .smol(on_smol::wake),
    ]
}

/// Wakes itself at the first poll, is ready at the second.
fn wakes_once() -> impl Future<Output = ()> {
    let mut woken = false;
    future::poll_fn(move |cx| {
        if woken {
            return Poll::Ready(());
        }
        woken = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
}

on_both! {
    use rt::runtime::Runtime;

    fn ready(runtime: Runtime) -> Course {
        Course::timed(CALLS, move |laps| {
            for call in 0..laps * CALLS as u64 {
                black_box(runtime.block_on(future::ready(black_box(call))));
            }
        })
    }

    fn wake(runtime: Runtime) -> Course {
        Course::timed(CALLS, move |laps| {
            for _ in 0..laps * CALLS as u64 {
                runtime.block_on(wakes_once());
            }
        })
    }

    pub(super) fn ready_multi() -> Course {
        ready(multi_thread())
    }

    pub(super) fn ready_current() -> Course {
        ready(current_thread())
    }

    pub(super) fn wake_multi() -> Course {
        wake(multi_thread())
    }

    pub(super) fn wake_current() -> Course {
        wake(current_thread())
    }
}

mod on_smol {
    use super::*;

    pub(super) fn ready() -> Course {
        Course::timed(CALLS, move |laps| {
            for call in 0..laps * CALLS as u64 {
                black_box(smol::block_on(future::ready(black_box(call))));
            }
        })
    }

    pub(super) fn wake() -> Course {
        Course::timed(CALLS, move |laps| {
            for _ in 0..laps * CALLS as u64 {
                smol::block_on(wakes_once());
            }
        })
    }
}
