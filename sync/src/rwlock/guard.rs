//! The guards, by access; each borrowed and owned.

mod mapped;
mod read;
mod upgradable;
mod write;

pub use self::mapped::{OwnedRwLockMappedWriteGuard, RwLockMappedWriteGuard};
pub use self::read::{OwnedRwLockReadGuard, RwLockReadGuard};
pub use self::upgradable::{OwnedRwLockUpgradableReadGuard, RwLockUpgradableReadGuard};
pub use self::write::{OwnedRwLockWriteGuard, RwLockWriteGuard};

/// Shows a guard as the value it gives access to.
macro_rules! shown_as_value {
    ([$($generics:tt)*] $guard:ty, $value:ident) => {
        impl<$($generics)*> std::fmt::Debug for $guard
        where
            $value: std::fmt::Debug,
        {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(&**self, f)
            }
        }

        impl<$($generics)*> std::fmt::Display for $guard
        where
            $value: std::fmt::Display,
        {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&**self, f)
            }
        }
    };
}
use shown_as_value;
