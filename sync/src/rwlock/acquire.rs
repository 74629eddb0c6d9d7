//! The named futures of a read-write lock.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::RwLock;
use super::guard::{
    OwnedRwLockReadGuard, OwnedRwLockUpgradableReadGuard, OwnedRwLockWriteGuard, RwLockReadGuard,
    RwLockUpgradableReadGuard, RwLockWriteGuard,
};
use super::held::{Read, Upgradable, Upgrade, Write};
use super::raw::RawRwLock;
use super::wait::Wait;

/// A future that waits for an access, and gives a guard that borrows the lock.
macro_rules! borrowing {
    ($(#[$attr:meta])* $name:ident: $request:ident => $guard:ident) => {
        pin_project! {
            $(#[$attr])*
            #[must_use = "futures do nothing unless polled"]
            pub struct $name<'a, T: ?Sized> {
                #[pin]
                wait: Wait<&'a RawRwLock, $request>,
                lock: &'a RwLock<T>,
            }
        }

        impl<'a, T: ?Sized> $name<'a, T> {
            /// `raw` is that of `lock`.
            #[inline]
            pub(super) fn new(
                raw: &'a RawRwLock,
                lock: &'a RwLock<T>,
                place: &'static Location<'static>,
            ) -> Self {
                let wait = Wait::new(raw, place);
                Self { wait, lock }
            }
        }

        impl<T: ?Sized> fmt::Debug for $name<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.wait).finish()
            }
        }

        impl<'a, T: ?Sized> Future for $name<'a, T> {
            type Output = $guard<'a, T>;

            #[inline]
            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                let this = self.project();
                let held = ready!(this.wait.poll_access(cx));
                Poll::Ready($guard::new(held, this.lock))
            }
        }
    };
}

/// A future that waits for an access, and gives a guard that keeps the lock alive.
macro_rules! owning {
    ($(#[$attr:meta])* $name:ident: $request:ident => $guard:ident) => {
        pin_project! {
            $(#[$attr])*
            #[must_use = "futures do nothing unless polled"]
            pub struct $name<T: ?Sized> {
                #[pin]
                wait: Wait<Arc<RwLock<T>>, $request>,
            }
        }

        impl<T: ?Sized> $name<T> {
            #[inline]
            pub(super) fn new(lock: Arc<RwLock<T>>, place: &'static Location<'static>) -> Self {
                let wait = Wait::new(lock, place);
                Self { wait }
            }
        }

        impl<T: ?Sized> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.wait).finish()
            }
        }

        impl<T: ?Sized> Future for $name<T> {
            type Output = $guard<T>;

            #[inline]
            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                let held = ready!(self.project().wait.poll_access(cx));
                Poll::Ready($guard::new(held))
            }
        }
    };
}

borrowing! {
    /// The future of [`RwLock::read`].
    RwLockRead: Read => RwLockReadGuard
}
borrowing! {
    /// The future of [`RwLock::write`].
    RwLockWrite: Write => RwLockWriteGuard
}
borrowing! {
    /// The future of [`RwLock::upgradable_read`].
    RwLockUpgradableRead: Upgradable => RwLockUpgradableReadGuard
}
borrowing! {
    /// The future of [`RwLockUpgradableReadGuard::upgrade`].
    RwLockUpgrade: Upgrade => RwLockWriteGuard
}
owning! {
    /// The future of [`RwLock::read_owned`].
    RwLockReadOwned: Read => OwnedRwLockReadGuard
}
owning! {
    /// The future of [`RwLock::write_owned`].
    RwLockWriteOwned: Write => OwnedRwLockWriteGuard
}
owning! {
    /// The future of [`RwLock::upgradable_read_owned`].
    RwLockUpgradableReadOwned: Upgradable => OwnedRwLockUpgradableReadGuard
}
owning! {
    /// The future of [`OwnedRwLockUpgradableReadGuard::upgrade`].
    RwLockUpgradeOwned: Upgrade => OwnedRwLockWriteGuard
}
