//! What does it cost to change a value that eight tasks watch?
//!
//! **Workload.** One task sends a value and waits until eight others have seen it, then the next. An
//! operation is one value at one of them.
//!
//! **What misleads.** Every value wakes every watcher, which is the worst case: watchers that are busy
//! miss values and cost nothing. `watch_send` is the other end: nobody waits.

use std::hint::black_box;

use crate::countdown::Countdown;
use crate::row::{Course, Row};

const WATCHERS: usize = 8;
const VALUES: u64 = 64;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::wall("watch_8", "value seen by one of 8 tasks")
            .selvedge(on_selvedge::seen_by_all)
            .tokio(on_tokio::seen_by_all)
            .peer("tokio on selvedge", tokio_on_selvedge::seen_by_all),
        Row::wall("watch_send", "value nobody waits for")
            .selvedge(on_selvedge::sent)
            .tokio(on_tokio::sent)
            .peer("tokio on selvedge", tokio_on_selvedge::sent),
    ]
}

macro_rules! watch {
    ($name:ident, $executor:ident, $channel:expr) => {
        mod $name {
            use super::*;
            use crate::runtimes::$executor::*;

            pub(super) fn seen_by_all() -> Course {
                let runtime = multi_thread();
                Course::timed(WATCHERS * VALUES as usize, move |laps| {
                    on_worker(&runtime, async move {
                        let (sender, receiver) = $channel;
                        let values = laps * VALUES;
                        let seen = Countdown::new(WATCHERS);
                        for _ in 0..WATCHERS {
                            let (mut receiver, seen) = (receiver.clone(), seen.clone());
                            rt::spawn(async move {
                                for _ in 0..values {
                                    receiver.changed().await.unwrap();
                                    black_box(*receiver.borrow_and_update());
                                    seen.arrive();
                                }
                            });
                        }
                        for value in 0..values {
                            seen.restart(WATCHERS);
                            sender.send(value).unwrap();
                            seen.wait().await;
                        }
                    })
                })
            }

            pub(super) fn sent() -> Course {
                let runtime = multi_thread();
                Course::timed(VALUES as usize, move |laps| {
                    on_worker(&runtime, async move {
                        let (sender, receiver) = $channel;
                        for value in 0..laps * VALUES {
                            sender.send(black_box(value)).unwrap();
                        }
                        black_box(*receiver.borrow());
                    })
                })
            }
        }
    };
}

watch!(on_selvedge, any_executor, rt::sync::watch::channel(0));
watch!(on_tokio, tokio_executor, rt::sync::watch::channel(0));
watch!(
    tokio_on_selvedge,
    any_executor,
    ::tokio::sync::watch::channel(0)
);
