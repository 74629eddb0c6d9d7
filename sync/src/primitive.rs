//! The loom switch: atomics, cells, locks and threads, native or modelled.
//!
//! Every other file takes these types from here, so that one `--cfg selvedge_loom` turns the whole
//! workspace into a model. Exempt from semver: for `selvedge-sync` and `selvedge-runtime` only.
//!
//! What a model does not see: `SeqCst` *accesses* count as `AcqRel` (use [`fence`] for a total
//! order), and real time, I/O and `std` types used directly are invisible to it.
//!
//! Both sides offer the same names:
//!
//! | Name | Note |
//! |---|---|
//! | `atomic`, `fence`, `Arc`, `hint`, `thread` | as in `std` |
//! | [`Mutex`] | never poisoned: a panic under a lock leaves the data as the panic left it |
//! | [`Condvar`] | waits on a [`Mutex`] guard |
//! | [`RwLock`] | never poisoned, as [`Mutex`]; a writer that waits keeps new readers out |
//! | [`LOOKS_BEFORE_SLEEP`], [`LOOKS_AFTER_NAP`], [`linger`] | patience of a thread that waits; a model has none |
//! | [`LOOKS_BEFORE_POLL`], [`keep_away`] | the same before it queues for a lock |
//! | [`ShortLock`] | a mutex for a few instructions |
//! | [`UnsafeCell`] | access through `with` and `with_mut` |
//! | `thread_local!` | `static NAME: Type = init;`, constant initialiser |
//! | `const_fn!` | a constructor that is `const` in the native build |
//! | `array_of!` | an array of values that are `const` in the native build |

#[cfg(any(test, not(selvedge_loom)))]
#[cfg_attr(
    selvedge_loom,
    allow(unreachable_pub, reason = "other models take a lock that loom knows")
)]
mod short_lock;

#[cfg(not(selvedge_loom))]
mod native;
#[cfg(not(selvedge_loom))]
pub use native::*;

#[cfg(selvedge_loom)]
mod model;
#[cfg(selvedge_loom)]
pub use model::*;
