//! Files whose futures are dropped all the time, beside a vector and a position.

use std::future::Future;
use std::io::{self, SeekFrom};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use selvedge::fs::File;
use selvedge::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

use crate::support::both_flavors;

/// Random enough, and the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % end
    }
}

/// What the file has to look like.
#[derive(Default)]
struct Model {
    contents: Vec<u8>,
    position: usize,
}

impl Model {
    fn read(&mut self, n: usize) -> &[u8] {
        let start = self.position.min(self.contents.len());
        self.position += n;
        &self.contents[start..start + n]
    }

    fn write(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let end = self.position + bytes.len();
        if self.contents.len() < end {
            self.contents.resize(end, 0);
        }
        self.contents[self.position..end].copy_from_slice(bytes);
        self.position = end;
    }
}

/// Polls once, then drops the future.
fn poll_and_drop<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// Awaits the future, or drops it at its first `Pending`, as the coin falls.
async fn perhaps<F: Future>(random: &mut Random, future: F) -> Option<F::Output> {
    if random.below(2) == 0 {
        Some(future.await)
    } else {
        poll_and_drop(future)
    }
}

async fn one_call(file: &mut File, model: &mut Model, random: &mut Random) {
    match random.below(9) {
        0..4 => {
            let mut piece = vec![0; random.below(30) as usize];
            if let Some(n) = perhaps(random, file.read(&mut piece)).await {
                let n = n.unwrap();
                let left = model.contents.len().saturating_sub(model.position);
                assert!(n > 0 || piece.is_empty() || left == 0);
                assert_eq!(model.read(n), &piece[..n]);
            }
        }
        4 | 5 => {
            let piece = vec![random.below(256) as u8; random.below(20) as usize];
            if let Some(n) = perhaps(random, file.write(&piece)).await {
                model.write(&piece[..n.unwrap()]);
            }
        }
        6 => {
            // A seek that was dropped may have moved or not: the next one says where to.
            let target = match random.below(3) {
                0 => SeekFrom::Start(random.below(200)),
                1 => SeekFrom::Current(random.below(20) as i64 - 10),
                _ => SeekFrom::End(random.below(20) as i64 - 10),
            };
            let before = model.position as i64;
            let expected = match target {
                SeekFrom::Start(n) => n as i64,
                SeekFrom::Current(n) => before + n,
                SeekFrom::End(n) => model.contents.len() as i64 + n,
            };
            match perhaps(random, file.seek(target)).await {
                Some(Ok(position)) => {
                    assert_eq!(position as i64, expected);
                    model.position = position as usize;
                }
                Some(Err(error)) => {
                    assert!(expected < 0, "{error}");
                    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
                }
                None => {
                    let mut position = file.stream_position().await;
                    if expected < 0 && position.is_err() {
                        // The error of the seek that nobody waited for.
                        position = file.stream_position().await;
                    }
                    let position = position.unwrap();
                    assert!([before, expected].contains(&(position as i64)));
                    model.position = position as usize;
                }
            }
        }
        7 => {
            let _ = perhaps(random, file.flush()).await;
            let _ = perhaps(random, file.sync_data()).await;
        }
        _ => {
            let length = random.below(300);
            let is_done = perhaps(random, file.set_len(length)).await;
            is_done.unwrap_or(Ok(())).unwrap();
            // Dropped or not: it comes before the next call, if it had begun.
            let now = file.metadata().await.unwrap().len() as usize;
            assert!(is_done_length(now, length as usize, model));
            model.contents.resize(now, 0);
        }
    }
}

fn is_done_length(now: usize, wanted: usize, model: &Model) -> bool {
    now == wanted || now == model.contents.len()
}

both_flavors! {
    fn nothing_is_lost_by_dropping_futures(flavor) {
        flavor.build().block_on(async {
            for seed in 0..30 {
                let temp = tempfile::NamedTempFile::new().unwrap();
                let mut file = File::from_std(temp.reopen().unwrap());
                let (mut random, mut model) = (Random(seed), Model::default());
                for _ in 0..100 {
                    one_call(&mut file, &mut model, &mut random).await;
                }
                file.flush().await.unwrap();
                assert_eq!(std::fs::read(temp.path()).unwrap(), model.contents, "seed {seed}");
                assert_eq!(file.stream_position().await.unwrap(), model.position as u64);
            }
        });
    }

    fn calls_aside_may_be_dropped_too(flavor) {
        flavor.build().block_on(async {
            let temp = tempfile::NamedTempFile::new().unwrap();
            for _ in 0..50 {
                let mut file = File::from_std(temp.reopen().unwrap());
                file.write_all(b"text").await.unwrap();
                let metadata = temp.as_file().metadata().unwrap();
                let _ = poll_and_drop(file.metadata());
                let _ = poll_and_drop(file.set_permissions(metadata.permissions()));
                let _ = poll_and_drop(file.sync_all());
                let _ = poll_and_drop(file.try_clone());
                let _ = poll_and_drop(file.set_modified(metadata.modified().unwrap()));
                let _ = poll_and_drop(file.read(&mut [0]));
                // Whatever of that goes on, the file can be had, and all was written.
                let std = match file.try_into_std() {
                    Ok(std) => std,
                    Err(file) => file.into_std().await,
                };
                assert_eq!(std.metadata().unwrap().len(), 4);
            }
        });
    }
}
