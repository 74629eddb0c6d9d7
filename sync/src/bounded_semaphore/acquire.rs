//! The ways to ask a bounded semaphore for permits, and their futures.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pin_project_lite::pin_project;

use super::{BoundedSemaphore, BoundedSemaphorePermit, OwnedBoundedSemaphorePermit};
use crate::semaphore::wait::PermitWait;
use crate::semaphore::{AcquireError, TryAcquireError, check_count};
use crate::time_limit::TimeLimit;

/// Asking for permits.
impl BoundedSemaphore {
    /// Waits for a permit.
    ///
    /// # Errors
    ///
    /// If the semaphore is or becomes closed.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the place in the queue; permits it had go to the next.
    #[inline]
    #[track_caller]
    pub fn acquire(&self) -> BoundedSemaphoreAcquire<'_> {
        self.acquire_many(1)
    }

    /// Waits for `n` permits, which are taken as one.
    ///
    /// # Errors
    ///
    /// If the semaphore is or becomes closed.
    ///
    /// # Panics
    ///
    /// If `n` is more than [`MAX_PERMITS`](Self::MAX_PERMITS).
    ///
    /// # Cancel safety
    ///
    /// As [`acquire`](Self::acquire).
    #[inline]
    #[track_caller]
    pub fn acquire_many(&self, n: u32) -> BoundedSemaphoreAcquire<'_> {
        check_count(n);
        BoundedSemaphoreAcquire {
            wait: PermitWait::new(self, n as usize, Location::caller()),
        }
    }

    /// As [`acquire`](Self::acquire), with a permit that keeps the semaphore alive.
    ///
    /// # Errors
    ///
    /// If the semaphore is or becomes closed.
    ///
    /// # Cancel safety
    ///
    /// As [`acquire`](Self::acquire).
    #[inline]
    #[track_caller]
    pub fn acquire_owned(self: Arc<Self>) -> BoundedSemaphoreAcquireOwned {
        self.acquire_many_owned(1)
    }

    /// As [`acquire_many`](Self::acquire_many), with permits that keep the semaphore alive.
    ///
    /// # Errors
    ///
    /// If the semaphore is or becomes closed.
    ///
    /// # Panics
    ///
    /// If `n` is more than [`MAX_PERMITS`](Self::MAX_PERMITS).
    ///
    /// # Cancel safety
    ///
    /// As [`acquire`](Self::acquire).
    #[inline]
    #[track_caller]
    pub fn acquire_many_owned(self: Arc<Self>, n: u32) -> BoundedSemaphoreAcquireOwned {
        check_count(n);
        BoundedSemaphoreAcquireOwned {
            wait: PermitWait::new(self, n as usize, Location::caller()),
        }
    }

    /// As [`acquire`](Self::acquire), for at most `limit`.
    ///
    /// # Errors
    ///
    /// If the time runs out first; inside, if the semaphore is or becomes closed.
    ///
    /// # Cancel safety
    ///
    /// As [`acquire`](Self::acquire).
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::BoundedSemaphore;
    /// use std::time::Duration;
    ///
    /// # #[selvedge::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let semaphore = BoundedSemaphore::new(1);
    /// let soon = Duration::from_millis(1);
    /// let permit = semaphore.acquire_timeout(soon).await.unwrap().unwrap();
    /// assert!(semaphore.acquire_timeout(soon).await.is_err());
    /// # drop(permit);
    /// # }
    /// ```
    #[track_caller]
    pub fn acquire_timeout(&self, limit: Duration) -> TimeLimit<BoundedSemaphoreAcquire<'_>> {
        TimeLimit::new(self.acquire(), limit)
    }

    /// As [`acquire_many`](Self::acquire_many), for at most `limit`.
    ///
    /// # Errors
    ///
    /// If the time runs out first; inside, if the semaphore is or becomes closed.
    ///
    /// # Panics
    ///
    /// If `n` is more than [`MAX_PERMITS`](Self::MAX_PERMITS).
    ///
    /// # Cancel safety
    ///
    /// As [`acquire`](Self::acquire).
    #[track_caller]
    pub fn acquire_many_timeout(
        &self,
        n: u32,
        limit: Duration,
    ) -> TimeLimit<BoundedSemaphoreAcquire<'_>> {
        TimeLimit::new(self.acquire_many(n), limit)
    }

    /// As [`acquire_owned`](Self::acquire_owned), for at most `limit`.
    ///
    /// # Errors
    ///
    /// If the time runs out first; inside, if the semaphore is or becomes closed.
    ///
    /// # Cancel safety
    ///
    /// As [`acquire`](Self::acquire).
    #[track_caller]
    pub fn acquire_owned_timeout(
        self: Arc<Self>,
        limit: Duration,
    ) -> TimeLimit<BoundedSemaphoreAcquireOwned> {
        TimeLimit::new(self.acquire_owned(), limit)
    }

    /// As [`acquire_many_owned`](Self::acquire_many_owned), for at most `limit`.
    ///
    /// # Errors
    ///
    /// If the time runs out first; inside, if the semaphore is or becomes closed.
    ///
    /// # Panics
    ///
    /// If `n` is more than [`MAX_PERMITS`](Self::MAX_PERMITS).
    ///
    /// # Cancel safety
    ///
    /// As [`acquire`](Self::acquire).
    #[track_caller]
    pub fn acquire_many_owned_timeout(
        self: Arc<Self>,
        n: u32,
        limit: Duration,
    ) -> TimeLimit<BoundedSemaphoreAcquireOwned> {
        TimeLimit::new(self.acquire_many_owned(n), limit)
    }

    /// Takes a permit if one is free; never waits.
    ///
    /// # Errors
    ///
    /// If none is free, or the semaphore is closed.
    #[inline]
    pub fn try_acquire(&self) -> Result<BoundedSemaphorePermit<'_>, TryAcquireError> {
        self.try_acquire_many(1)
    }

    /// Takes `n` permits if they are free; never waits.
    ///
    /// # Errors
    ///
    /// If fewer are free, or the semaphore is closed.
    #[inline]
    pub fn try_acquire_many(&self, n: u32) -> Result<BoundedSemaphorePermit<'_>, TryAcquireError> {
        self.semaphore.try_take(n as usize)?;
        Ok(BoundedSemaphorePermit {
            semaphore: self,
            permits: n as usize,
        })
    }

    /// As [`try_acquire`](Self::try_acquire), with a permit that keeps the semaphore alive.
    ///
    /// # Errors
    ///
    /// If none is free, or the semaphore is closed.
    #[inline]
    pub fn try_acquire_owned(
        self: Arc<Self>,
    ) -> Result<OwnedBoundedSemaphorePermit, TryAcquireError> {
        self.try_acquire_many_owned(1)
    }

    /// As [`try_acquire_many`](Self::try_acquire_many), with permits that keep the semaphore
    /// alive.
    ///
    /// # Errors
    ///
    /// If fewer are free, or the semaphore is closed.
    #[inline]
    pub fn try_acquire_many_owned(
        self: Arc<Self>,
        n: u32,
    ) -> Result<OwnedBoundedSemaphorePermit, TryAcquireError> {
        self.semaphore.try_take(n as usize)?;
        Ok(OwnedBoundedSemaphorePermit {
            semaphore: self,
            permits: n as usize,
        })
    }
}

pin_project! {
    /// The future of [`BoundedSemaphore::acquire`] and [`BoundedSemaphore::acquire_many`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct BoundedSemaphoreAcquire<'a> {
        #[pin]
        wait: PermitWait<&'a BoundedSemaphore>,
    }
}

pin_project! {
    /// The future of [`BoundedSemaphore::acquire_owned`] and [`BoundedSemaphore::acquire_many_owned`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct BoundedSemaphoreAcquireOwned {
        #[pin]
        wait: PermitWait<Arc<BoundedSemaphore>>,
    }
}

impl<'a> Future for BoundedSemaphoreAcquire<'a> {
    type Output = Result<BoundedSemaphorePermit<'a>, AcquireError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let wait = self.project().wait;
        let (semaphore, permits) = (*wait.host(), wait.permits());
        let acquired = ready!(wait.poll_acquire(cx));
        Poll::Ready(acquired.map(|()| BoundedSemaphorePermit { semaphore, permits }))
    }
}

impl Future for BoundedSemaphoreAcquireOwned {
    type Output = Result<OwnedBoundedSemaphorePermit, AcquireError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut wait = self.project().wait;
        ready!(wait.as_mut().poll_acquire(cx))?;
        Poll::Ready(Ok(OwnedBoundedSemaphorePermit {
            semaphore: wait.host().clone(),
            permits: wait.permits(),
        }))
    }
}
