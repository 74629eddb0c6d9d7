//! What every reader and every writer owes its users, checked in one place for all of them.
//!
//! | Entry point | Give it |
//! |---|---|
//! | [`check_reader`] | a reader of given bytes |
//! | [`check_writer`] | a writer, and how to get at what arrived |
//! | [`pair::check_pair`], [`pair::check_drops`] | a writer and a reader that are connected, within [`pair::in_runtime`] |
//! | [`check_reader_budget`], [`check_writer_budget`], [`pair::check_pair_budget`] | one without end; a pair |
//!
//! | Checked of | |
//! |---|---|
//! | both | short pieces, empty buffers, a future dropped at each `Pending` loses nothing, whoever waits is woken, the budget is charged |
//! | readers | what is filled stays, the end stays the end, exact and full reads |
//! | writers | vectored writes, flush and shutdown deliver everything |

mod hiccup;
pub(crate) mod pair;
#[cfg(all(feature = "net", unix))]
mod sockets;
mod tests;

use std::future::Future;
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::num::NonZeroU64;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use selvedge_sync::context::{self, BUDGET_PER_POLL, Budget};

pub(crate) use hiccup::Hiccup;

use super::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};

/// How long somebody may wait before it counts as for ever.
const LIMIT: Duration = Duration::from_secs(30);

/// Counts how often it is woken.
#[derive(Debug)]
pub(super) struct Wakes {
    count: AtomicUsize,
    waiting: Thread,
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.count.fetch_add(1, Ordering::SeqCst);
        self.waiting.unpark();
    }
}

impl Wakes {
    pub(super) fn new() -> (Arc<Self>, Waker) {
        let wakes = Arc::new(Self {
            count: AtomicUsize::new(0),
            waiting: thread::current(),
        });
        let waker = Waker::from(wakes.clone());
        (wakes, waker)
    }

    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    /// Waits on the thread that made it until somebody has woken it.
    #[track_caller]
    fn wait(&self) {
        let start = Instant::now();
        while self.count() == 0 {
            let left = LIMIT.checked_sub(start.elapsed());
            thread::park_timeout(left.expect("waits without being woken"));
        }
    }
}

/// Polls once; `None` if it waits, after it was woken.
#[track_caller]
pub(crate) fn poll_once<F: Future>(future: F) -> Option<F::Output> {
    let (wakes, waker) = Wakes::new();
    match pin!(future).poll(&mut Context::from_waker(&waker)) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => {
            wakes.wait();
            None
        }
    }
}

/// Polls until ready, whenever it was woken.
#[track_caller]
pub(crate) fn drive<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Some(output) = poll_once(future.as_mut()) {
            return output;
        }
    }
}

/// Makes the future anew for each poll, so that it is dropped at each `Pending`.
macro_rules! dropped_at_each_poll {
    ($future:expr) => {
        loop {
            if let Some(output) = $crate::io::conformance::poll_once($future) {
                break output;
            }
        }
    };
}
pub(super) use dropped_at_each_poll;

/// Runs `f` as a task's poll, with the budget of one poll.
pub(super) fn in_one_poll<R>(f: impl FnOnce() -> R) -> R {
    context::enter(NonZeroU64::MIN, None, Budget::initial(), f)
}

/// Bytes of which no two neighbours are alike.
pub(super) fn sample() -> Vec<u8> {
    (0..500_u32).map(|i| (i * 7 % 251) as u8).collect()
}

/// Checks a reader; `make` makes one that yields the bytes it is given.
pub(crate) fn check_reader<R: AsyncRead + Unpin>(make: impl Fn(Vec<u8>) -> R) {
    for size in [1, 2, 3, 7, 64, 1000] {
        check_short_reads(make(sample()), size);
    }
    check_filled_stays(make(sample()));

    let mut reader = make(sample());
    let mut exact = [0; 100];
    drive(reader.read_exact(&mut exact)).unwrap();
    assert_eq!(exact, sample()[..100]);
    let mut rest = vec![1, 2, 3];
    let n = drive(reader.read_to_end(&mut rest)).unwrap();
    assert_eq!(
        (n, &rest[..3], &rest[3..]),
        (400, &[1, 2, 3][..], &sample()[100..])
    );
    let error = drive(reader.read_exact(&mut exact)).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
}

fn check_short_reads<R: AsyncRead + Unpin>(mut reader: R, size: usize) {
    let mut all = Vec::new();
    let mut piece = vec![0; size];
    loop {
        assert_eq!(drive(reader.read(&mut [])).unwrap(), 0);
        let n = dropped_at_each_poll!(reader.read(&mut piece)).unwrap();
        if n == 0 {
            break;
        }
        all.extend_from_slice(&piece[..n]);
    }
    assert_eq!(all, sample(), "in pieces of {size}");
    for _ in 0..3 {
        assert_eq!(drive(reader.read(&mut piece)).unwrap(), 0, "the end stays");
    }
}

fn check_filled_stays<R: AsyncRead + Unpin>(mut reader: R) {
    let mut memory = [MaybeUninit::uninit(); 64];
    let mut buf = ReadBuf::uninit(&mut memory);
    buf.put_slice(b"before");
    while buf.remaining() > 0 {
        drive(std::future::poll_fn(|cx| {
            Pin::new(&mut reader).poll_read(cx, &mut buf)
        }))
        .unwrap();
    }
    assert_eq!(&buf.filled()[..6], b"before");
    assert_eq!(buf.filled()[6..], sample()[..58]);
}

/// Checks that a reader without end gives the thread back within one budget.
pub(super) fn check_reader_budget(reader: impl AsyncRead) {
    let mut reader = pin!(reader);
    let mut piece = [0; 8 * 1024];
    in_one_poll(|| {
        let reads = (0..).take_while(|_| poll_once(reader.read(&mut piece)).is_some());
        // A buffer that is larger than a piece may serve every other read for nothing.
        assert!(reads.take(1000).count() <= 2 * usize::from(BUDGET_PER_POLL));
    });
    assert!(
        poll_once(reader.read(&mut piece)).is_some(),
        "outside of tasks there is no limit"
    );
}

/// Checks a writer; `contents` is what has arrived from one that was shut down.
pub(crate) fn check_writer<W: AsyncWrite + Unpin>(
    make: impl Fn() -> W,
    contents: impl Fn(W) -> Vec<u8>,
) {
    for size in [1, 2, 3, 7, 64, 1000] {
        let mut writer = make();
        let data = sample();
        let mut rest = &data[..];
        while !rest.is_empty() {
            assert_eq!(drive(writer.write(&[])).unwrap(), 0);
            let piece = &rest[..size.min(rest.len())];
            let n = dropped_at_each_poll!(writer.write(piece)).unwrap();
            rest = &rest[n..];
        }
        dropped_at_each_poll!(writer.flush()).unwrap();
        dropped_at_each_poll!(writer.shutdown()).unwrap();
        assert_eq!(contents(writer), data, "in pieces of {size}");
    }

    let mut writer = make();
    drive(writer.write_all(&sample())).unwrap();
    drive(writer.shutdown()).unwrap();
    assert_eq!(contents(writer), sample());

    for size in [1, 5, 200] {
        let mut writer = make();
        let data = sample();
        let mut rest = &data[..];
        while !rest.is_empty() {
            let (first, second) = rest.split_at(size.min(rest.len()));
            let second = &second[..size.min(second.len())];
            let bufs = [&[], first, &[], second].map(IoSlice::new);
            let n = dropped_at_each_poll!(writer.write_vectored(&bufs)).unwrap();
            assert!(n > 0, "an empty slice in front is not the end");
            rest = &rest[n..];
        }
        assert_eq!(
            drive(writer.write_vectored(&[IoSlice::new(&[])])).unwrap(),
            0
        );
        drive(writer.shutdown()).unwrap();
        assert_eq!(contents(writer), data, "in vectors of {size}");
    }
}

/// Checks that a writer without end gives the thread back within one budget.
pub(super) fn check_writer_budget(writer: impl AsyncWrite) {
    let mut writer = pin!(writer);
    let piece = [0; 8 * 1024];
    in_one_poll(|| {
        let writes = (0..).take_while(|_| poll_once(writer.write(&piece)).is_some());
        assert!(writes.take(1000).count() <= BUDGET_PER_POLL.into());
    });
    assert!(
        poll_once(writer.write(&piece)).is_some(),
        "outside of tasks there is no limit"
    );
}
