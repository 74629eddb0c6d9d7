//! The macros that wait for several futures inside one task: `select!`, `join!`, `try_join!`; and `pin!`.
//!
//! | File | Idea |
//! |---|---|
//! | `chain` | the branches of a macro as one value, pinned together without `unsafe` |
//! | `select`, `select/future` | the grammar of `select!`, and the future it awaits |
//! | `join`, `join/future`, `join/maybe_done` | the grammar of `join!` and `try_join!`, and their future |
//! | `pin` | `pin!` |
//!
//! The macros only sort tokens; what they mean is in the futures, which are ordinary code. Expansions
//! name nothing but `$crate`, so they work under whatever name the crate was imported or re-exported.

mod chain;
mod compile_fail;
mod join;
mod pin;
mod select;

/// What the macros expand to. Not for users: it changes without notice.
pub mod expansion {
    pub use std::option::Option::{None, Some};
    pub use std::pin::pin;
    pub use std::result::Result::{Err, Ok};
    pub use std::{compile_error, concat, stringify, unreachable};

    pub use super::chain::branches;
    pub use super::join::future::{InOrder, Rotating, join};
    pub use super::select::future::{biased, closed, fair, no_branch_left};
}
