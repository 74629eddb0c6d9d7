//! A future that makes room for its output when it completes.

use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

pin_project! {
    /// A branch of `join!`: a future, then its output, then nothing.
    //
    // `repr(C)` keeps the variant out of the niches of the future: reading it must not touch memory that a
    // future that refers to itself has borrowed.
    #[derive(Debug)]
    #[repr(C)]
    #[project = MaybeDonePinned]
    #[project_replace = MaybeDoneOwned]
    pub enum MaybeDone<F, T> {
        Waiting { #[pin] future: F },
        Done { output: T },
        Gone,
    }
}

impl<F, T> MaybeDone<F, T> {
    /// Polls the future, unless it has completed. `keep` says what of the output stays here; an error goes to the
    /// caller.
    #[inline]
    pub(super) fn poll_and_keep<E>(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        keep: impl FnOnce(F::Output) -> Result<T, E>,
    ) -> Poll<Result<(), E>>
    where
        F: Future,
    {
        let MaybeDonePinned::Waiting { future } = self.as_mut().project() else {
            return Poll::Ready(Ok(()));
        };
        let Poll::Ready(output) = future.poll(cx) else {
            return Poll::Pending;
        };
        let (next, result) = match keep(output) {
            Ok(output) => (Self::Done { output }, Ok(())),
            Err(error) => (Self::Gone, Err(error)),
        };
        self.set(next);
        Poll::Ready(result)
    }

    /// The output of a future that has completed.
    #[inline]
    pub(super) fn take(self: Pin<&mut Self>) -> T {
        match self.project_replace(Self::Gone) {
            MaybeDoneOwned::Done { output } => output,
            _ => panic!("a `join!` was polled after its end"),
        }
    }
}
