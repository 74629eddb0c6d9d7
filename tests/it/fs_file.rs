//! Files: what is read ahead and what is gathered never shows, except in speed.

use std::future::{Future, poll_fn};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};
use std::{fs, io};

use selvedge::fs::{File, FileTimes, OpenOptions};
use selvedge::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use selvedge::task::unconstrained;
use tempfile::NamedTempFile;

use crate::support::{both_flavors, current_thread};

/// A file with these contents, that is removed when dropped.
fn file_with(contents: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a temporary file");
    file.write_all(contents).expect("contents");
    file
}

fn append_to(file: &NamedTempFile, more: &[u8]) {
    let mut options = fs::OpenOptions::new();
    let mut file = options.append(true).open(file.path()).expect("the file");
    file.write_all(more).expect("room");
}

async fn open_both_ways(file: &NamedTempFile) -> File {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    options.open(file.path()).await.expect("an open file")
}

/// Numbers, so that each place is another one.
fn numbers(count: u32) -> Vec<u8> {
    (0..count).flat_map(u32::to_be_bytes).collect()
}

/// The output of a future that is ready at its first poll, however many there were before.
fn at_once<F: Future>(future: F) -> Option<F::Output> {
    match pin!(unconstrained(future)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// The two ends of a stream, as files that are no regular ones.
fn stream() -> (fs::File, fs::File) {
    let (near, far) = UnixStream::pair().expect("a pair of sockets");
    let into_file = |end: UnixStream| fs::File::from(OwnedFd::from(end));
    (into_file(near), into_file(far))
}

both_flavors! {
    fn what_is_written_is_read(flavor) {
        flavor.build().block_on(async {
            let temp = file_with(b"");
            let mut file = open_both_ways(&temp).await;
            for number in 0..20_000_u32 {
                file.write_u32(number).await.unwrap();
            }
            file.flush().await.unwrap();
            assert_eq!(fs::read(temp.path()).unwrap(), numbers(20_000));
            assert_eq!(file.stream_position().await.unwrap(), 80_000);
            file.rewind().await.unwrap();
            for number in 0..20_000 {
                assert_eq!(file.read_u32().await.unwrap(), number);
            }
            assert_eq!(file.read(&mut [0]).await.unwrap(), 0);
            let error = file.read_u8().await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        });
    }

    fn small_reads_after_the_first_are_served_from_memory(flavor) {
        flavor.build().block_on(async {
            let temp = file_with(&numbers(10_000));
            let mut file = File::open(temp.path()).await.unwrap();
            let mut hops = 0;
            for number in 0..10_000 {
                let mut piece = [0; 4];
                if at_once(file.read_exact(&mut piece)).is_none() {
                    // The dropped future had read nothing yet, or it would be lost here.
                    hops += 1;
                    file.read_exact(&mut piece).await.unwrap();
                }
                assert_eq!(u32::from_be_bytes(piece), number);
            }
            // 8, 16 and 32 KiB are more than the 40 000 bytes; and a call may be over at once.
            assert!(hops <= 3, "waited {hops} times");
        });
    }

    fn the_position_is_put_back_before_anybody_can_notice(flavor) {
        flavor.build().block_on(async {
            let contents = numbers(1000);
            let temp = file_with(&contents);
            let mut file = open_both_ways(&temp).await;
            assert_eq!(file.read_u32().await.unwrap(), 0);

            // A clone goes on where the original is, and the other way round.
            let mut clone = file.try_clone().await.unwrap();
            assert_eq!(clone.read_u32().await.unwrap(), 1);
            assert_eq!(file.read_u32().await.unwrap(), 2);
            assert_eq!(clone.stream_position().await.unwrap(), 12);
            drop(clone);

            let mut std = file.into_std().await;
            assert_eq!(std.stream_position().unwrap(), 12);
            let mut file = File::from_std(std);
            assert_eq!(file.read_u32().await.unwrap(), 3);
            let mut std = file.try_into_std().unwrap();
            assert_eq!(std.stream_position().unwrap(), 16);

            // A write goes where the user is, not where the system is.
            let mut file = File::from_std(std);
            assert_eq!(file.read_u32().await.unwrap(), 4);
            file.write_u32(u32::MAX).await.unwrap();
            assert_eq!(file.read_u32().await.unwrap(), 6);
            file.flush().await.unwrap();
            let mut expected = contents;
            expected[20..24].copy_from_slice(&[0xff; 4]);
            assert_eq!(fs::read(temp.path()).unwrap(), expected);

            // What was read ahead is forgotten when it is cut off.
            file.set_len(28).await.unwrap();
            assert_eq!(file.stream_position().await.unwrap(), 28);
            assert_eq!(file.read(&mut [0]).await.unwrap(), 0);
            file.set_len(32).await.unwrap();
            assert_eq!(file.read_u32().await.unwrap(), 0);
        });
    }

    fn seeks_count_from_where_the_user_is(flavor) {
        flavor.build().block_on(async {
            let temp = file_with(&numbers(100_000));
            let mut file = File::open(temp.path()).await.unwrap();
            assert_eq!(file.read_u32().await.unwrap(), 0);
            for (target, position) in [
                (SeekFrom::Current(0), 4),
                (SeekFrom::Current(8), 12),
                (SeekFrom::Current(-4), 8),
                (SeekFrom::Start(40_000), 40_000),
                (SeekFrom::Current(200_000), 240_000),
                (SeekFrom::End(-4), 399_996),
                (SeekFrom::Start(0), 0),
            ] {
                assert_eq!(file.seek(target).await.unwrap(), position);
                let number = u64::from(file.read_u32().await.unwrap());
                assert_eq!(number, position / 4);
                file.seek(SeekFrom::Current(-4)).await.unwrap();
            }
            assert_eq!(file.seek(SeekFrom::Start(1 << 40)).await.unwrap(), 1 << 40);
            assert_eq!(file.read(&mut [0]).await.unwrap(), 0, "behind the end");
        });
    }

    fn a_seek_that_fails_does_not_move(flavor) {
        flavor.build().block_on(async {
            let temp = file_with(&numbers(10_000));
            let mut file = File::open(temp.path()).await.unwrap();
            assert_eq!(file.read_u32().await.unwrap(), 0);
            for target in [SeekFrom::Current(-5), SeekFrom::Current(i64::MIN), SeekFrom::End(-80_000)] {
                let error = file.seek(target).await.unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
            }
            assert_eq!(file.read_u32().await.unwrap(), 1);
            assert_eq!(file.stream_position().await.unwrap(), 8);
        });
    }

    fn small_writes_are_gathered_while_one_is_in_flight(flavor) {
        flavor.build().block_on(async {
            let (near, mut far) = stream();
            let mut file = File::from_std(near);
            // More than a socket holds: this is in flight until somebody reads.
            let first = vec![b'a'; 2_000_000];
            assert_eq!(file.write(&first).await.unwrap(), first.len());
            let gathered = (0..).take_while(|_| at_once(file.write(b"small")).is_some()).count();
            assert!(gathered > 1000, "{gathered} writes did not wait");

            let mut all = vec![0; first.len() + 5 * gathered];
            far.read_exact(&mut all).unwrap();
            assert_eq!(&all[..first.len()], first);
            assert_eq!(&all[first.len()..], b"small".repeat(gathered));
            file.flush().await.unwrap();
        });
    }

    fn streams_are_not_read_ahead(flavor) {
        flavor.build().block_on(async {
            let (near, mut far) = stream();
            let mut others = near.try_clone().unwrap();
            let mut file = File::from_std(near);
            far.write_all(b"for us, for others").unwrap();
            let mut ours = [0; 6];
            file.read_exact(&mut ours).await.unwrap();
            assert_eq!(&ours, b"for us");
            let mut theirs = [0; 12];
            others.read_exact(&mut theirs).unwrap();
            assert_eq!(&theirs, b", for others");
        });
    }

    fn what_was_accepted_is_written_without_a_flush(flavor) {
        let temp = file_with(b"");
        let runtime = flavor.build();
        let path = temp.path().to_owned();
        runtime.block_on(async move {
            let mut file = File::create(path).await.unwrap();
            for number in 0..1000_u32 {
                file.write_u32(number).await.unwrap();
            }
        });
        // The shutdown waits for what is in flight, begun or not.
        drop(runtime);
        assert_eq!(fs::read(temp.path()).unwrap(), numbers(1000));
    }

    fn appending_goes_to_the_end(flavor) {
        flavor.build().block_on(async {
            let temp = file_with(b"old ");
            let mut options = OpenOptions::new();
            let mut file = options.append(true).read(true).open(temp.path()).await.unwrap();
            file.read_exact(&mut [0; 2]).await.unwrap();
            file.write_all(b"new ").await.unwrap();
            file.flush().await.unwrap();
            append_to(&temp, b"others' ");
            file.write_all(b"newer").await.unwrap();
            file.shutdown().await.unwrap();
            let text = fs::read_to_string(temp.path()).unwrap();
            assert_eq!(text, "old new others' newer");
        });
    }
}

#[test]
fn an_end_that_moves_on_is_seen() {
    current_thread().block_on(async {
        let temp = file_with(b"one");
        let mut file = File::open(temp.path()).await.unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).await.unwrap();
        append_to(&temp, b", two");
        file.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "one, two");
    });
}

#[test]
fn one_call_reads_or_writes_no_more_than_allowed() {
    current_thread().block_on(async {
        let temp = file_with(&numbers(100));
        let mut file = open_both_ways(&temp).await;
        assert_eq!(file.max_buf_size(), 2 * 1024 * 1024);
        file.set_max_buf_size(3);
        assert_eq!(file.read(&mut [0; 100]).await.unwrap(), 3);
        assert_eq!(file.write(&[1; 100]).await.unwrap(), 3);
        assert_eq!(file.try_clone().await.unwrap().max_buf_size(), 3);
        file.flush().await.unwrap();
        let contents = fs::read(temp.path()).unwrap();
        assert_eq!(contents[..7], [0, 0, 0, 1, 1, 1, 0]);
    });
}

#[test]
fn metadata_counts_what_was_written() {
    current_thread().block_on(async {
        let temp = file_with(b"");
        let mut file = File::create(temp.path()).await.unwrap();
        for length in 1..100 {
            file.write_u8(1).await.unwrap();
            assert_eq!(file.metadata().await.unwrap().len(), length);
        }
        let day = SystemTime::UNIX_EPOCH + Duration::from_secs(86_400);
        file.write_u8(1).await.unwrap();
        let times = FileTimes::new().set_accessed(day);
        file.set_times(times.set_modified(day + Duration::from_secs(1)))
            .await
            .unwrap();
        let metadata = file.metadata().await.unwrap();
        assert_eq!(metadata.accessed().unwrap(), day);
        assert_eq!(metadata.modified().unwrap(), day + Duration::from_secs(1));
        file.set_modified(day).await.unwrap();
        assert_eq!(file.metadata().await.unwrap().modified().unwrap(), day);

        let mut permissions = metadata.permissions();
        permissions.set_readonly(true);
        file.set_permissions(permissions).await.unwrap();
        assert!(file.metadata().await.unwrap().permissions().readonly());
        file.sync_data().await.unwrap();
        file.sync_all().await.unwrap();
    });
}

#[test]
fn a_file_is_created_once() {
    current_thread().block_on(async {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new");
        let mut file = File::create_new(&path).await.unwrap();
        file.write_all(b"contents").await.unwrap();
        file.rewind().await.unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "contents");
        let error = File::create_new(&path).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        drop(File::create(&path).await.unwrap());
        assert_eq!(fs::metadata(&path).unwrap().len(), 0);
    });
}

#[test]
fn two_tasks_with_clones_get_every_byte_once() {
    crate::support::multi_thread().block_on(async {
        let temp = file_with(&numbers(2000));
        let file = File::open(temp.path()).await.unwrap();
        let clone = file.try_clone().await.unwrap();
        let read_all = |mut file: File| async move {
            let mut seen = Vec::new();
            // One call each: pieces are not torn.
            let mut piece = [0; 4];
            while file.read(&mut piece).await.unwrap() == 4 {
                seen.push(u32::from_be_bytes(piece));
            }
            seen
        };
        let other = selvedge::spawn(read_all(clone));
        let mut seen = read_all(file).await;
        seen.extend(other.await.unwrap());
        seen.sort_unstable();
        assert_eq!(seen, Vec::from_iter(0..2000));
    });
}

#[test]
fn a_loop_over_memory_gives_way() {
    current_thread().block_on(async {
        let temp = file_with(&numbers(2000));
        let mut file = File::open(temp.path()).await.unwrap();
        file.read_u32().await.unwrap();
        let mut served = 0;
        poll_fn(|cx| {
            while pin!(file.read_u8()).poll(cx).is_ready() {
                served += 1;
            }
            Poll::Ready(())
        })
        .await;
        assert!((1..1000).contains(&served), "{served} reads in one poll");
    });
}
