//! What do small reads and writes of a file cost, and what does a small file?
//!
//! **Workload.** A task reads a file of 64 KiB sixteen bytes at a time, writes one the same way and flushes it,
//! or reads whole files of 1 KiB one after the other. Each lap opens its file anew.
//!
//! **What misleads.** The files are in memory, so this is the price of getting to the system call and back; a
//! disk adds its own for all. `std` makes a call for each read, as its `File` has no buffer; with a `BufReader` it
//! would be far ahead of everybody. Who reads one whole file after the other measures one hop between threads.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::row::{Course, Row};
use crate::runtimes::on_both;

const FILE: usize = 64 * 1024;
const PIECE: usize = 16;
const PIECES: usize = FILE / PIECE;
const SMALL: usize = 1024;
const FILES: usize = 32;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::wall(
            "small_file_reads",
            "read 16 bytes of a file that is read in sequence",
        )
        .selvedge(on_selvedge::reads)
        .tokio(on_tokio::reads)
        .std(on_std::reads),
        Row::wall(
            "small_file_writes",
            "write 16 bytes to a file that is written in sequence",
        )
        .selvedge(on_selvedge::writes)
        .tokio(on_tokio::writes)
        .std(on_std::writes),
        Row::wall("whole_file_reads", "read a whole file of 1 KiB")
            .selvedge(on_selvedge::whole)
            .tokio(on_tokio::whole)
            .std(on_std::whole),
    ]
}

/// A file that is removed when the course is over.
#[derive(Debug)]
struct Scratch(PathBuf);

impl Scratch {
    fn new(size: usize) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("selvedge-bench-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::write(&path, vec![7; size]).expect("a place for temporary files");
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

on_both! {
    use rt::fs::File;
    use rt::io::{AsyncReadExt, AsyncWriteExt};

    pub(super) fn reads() -> Course {
        let (runtime, scratch) = (multi_thread(), Scratch::new(FILE));
        Course::timed(PIECES, move |laps| {
            let path = scratch.0.clone();
            on_worker(&runtime, async move {
                let mut piece = [0; PIECE];
                for _ in 0..laps {
                    let mut file = File::open(&path).await.unwrap();
                    for _ in 0..PIECES {
                        file.read_exact(&mut piece).await.unwrap();
                    }
                }
            });
        })
    }

    pub(super) fn writes() -> Course {
        let (runtime, scratch) = (multi_thread(), Scratch::new(0));
        Course::timed(PIECES, move |laps| {
            let path = scratch.0.clone();
            on_worker(&runtime, async move {
                for _ in 0..laps {
                    let mut file = File::create(&path).await.unwrap();
                    for _ in 0..PIECES {
                        file.write_all(&[7; PIECE]).await.unwrap();
                    }
                    file.flush().await.unwrap();
                }
            });
        })
    }

    pub(super) fn whole() -> Course {
        let (runtime, scratch) = (multi_thread(), Scratch::new(SMALL));
        Course::timed(FILES, move |laps| {
            let path = scratch.0.clone();
            on_worker(&runtime, async move {
                for _ in 0..laps * FILES as u64 {
                    assert_eq!(rt::fs::read(&path).await.unwrap().len(), SMALL);
                }
            });
        })
    }
}

mod on_std {
    use std::fs::File;
    use std::io::{Read, Write};

    use super::*;

    pub(super) fn reads() -> Course {
        let scratch = Scratch::new(FILE);
        Course::timed(PIECES, move |laps| {
            let mut piece = [0; PIECE];
            for _ in 0..laps {
                let mut file = File::open(&scratch.0).unwrap();
                for _ in 0..PIECES {
                    file.read_exact(&mut piece).unwrap();
                }
            }
        })
    }

    pub(super) fn writes() -> Course {
        let scratch = Scratch::new(0);
        Course::timed(PIECES, move |laps| {
            for _ in 0..laps {
                let mut file = File::create(&scratch.0).unwrap();
                for _ in 0..PIECES {
                    file.write_all(&[7; PIECE]).unwrap();
                }
            }
        })
    }

    pub(super) fn whole() -> Course {
        let scratch = Scratch::new(SMALL);
        Course::timed(FILES, move |laps| {
            for _ in 0..laps * FILES as u64 {
                assert_eq!(fs::read(&scratch.0).unwrap().len(), SMALL);
            }
        })
    }
}
