//! What does a child process cost, from its start until its end has been seen?
//!
//! **Workload.** A task starts `true` with nothing to read or write and waits for it, one after the other; or
//! starts a batch of them and then waits for all, each in a task of its own.
//!
//! **What misleads.** Most of it is the kernel's and the program's own, the same for all; so ratios are near one
//! whatever the runtime does. `std` blocks its thread in both.

use std::process::Stdio;

use crate::row::{Course, Row};
use crate::runtimes::on_both;

const CHILDREN: usize = 16;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::wall("process_spawn_wait", "start `true` and wait for its end")
            .selvedge(on_selvedge::one_by_one)
            .tokio(on_tokio::one_by_one)
            .std(on_std::one_by_one),
        Row::wall(
            "process_batch",
            "start `true` and wait for its end, 16 at once",
        )
        .selvedge(on_selvedge::batch)
        .tokio(on_tokio::batch)
        .std(on_std::batch),
    ]
}

on_both! {
    use rt::process::{Child, Command};

    fn start() -> Child {
        Command::new("true").stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap()
    }

    pub(super) fn one_by_one() -> Course {
        let runtime = multi_thread();
        Course::timed(1, move |laps| {
            on_worker(&runtime, async move {
                for _ in 0..laps {
                    assert!(start().wait().await.unwrap().success());
                }
            });
        })
    }

    pub(super) fn batch() -> Course {
        let runtime = multi_thread();
        Course::timed(CHILDREN, move |laps| {
            on_worker(&runtime, async move {
                for _ in 0..laps {
                    let waits: Vec<_> = (0..CHILDREN)
                        .map(|_| {
                            let mut child = start();
                            rt::spawn(async move { child.wait().await.unwrap().success() })
                        })
                        .collect();
                    for wait in waits {
                        assert!(wait.await.unwrap());
                    }
                }
            });
        })
    }
}

mod on_std {
    use std::process::{Child, Command};

    use super::*;

    fn start() -> Child {
        let mut command = Command::new("true");
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command.spawn().unwrap()
    }

    pub(super) fn one_by_one() -> Course {
        Course::timed(1, move |laps| {
            for _ in 0..laps {
                assert!(start().wait().unwrap().success());
            }
        })
    }

    pub(super) fn batch() -> Course {
        Course::timed(CHILDREN, move |laps| {
            for _ in 0..laps {
                let children: Vec<_> = (0..CHILDREN).map(|_| start()).collect();
                for mut child in children {
                    assert!(child.wait().unwrap().success());
                }
            }
        })
    }
}
