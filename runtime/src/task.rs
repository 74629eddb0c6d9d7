//! Tasks: what a runtime runs.
//!
//! A task is a future with an allocation of its own, which a runtime polls until it is ready. It
//! costs an allocation of the future's size and at most 64 bytes, and no thread while it waits.
//!
//! | You want | Use |
//! |---|---|
//! | run a future beside this one | [`spawn`] |
//! | call code that blocks | [`spawn_blocking`], [`block_in_place`] |
//! | run futures that are not `Send` | [`LocalSet`], [`spawn_local`] |
//! | many tasks, their results as they come | [`JoinSet`], [`JoinSet::as_completed`] |
//! | the same, at most so many at once | [`JoinSet::bounded`] |
//! | the same work on each of many items, results in order | [`map`](map()) |
//! | tasks that are all gone at the end of a block | [`scope`](scope()) |
//! | the results of tasks and jobs that run already, as they come | [`as_completed()`] |
//! | wait until all tasks of a changing number have ended | [`TaskTracker`] |
//! | stop a task | [`JoinHandle::abort`], [`AbortHandle`] |
//! | let others run | [`yield_now`], [`coop`] |
//! | a value for all code of a task | [`task_local!`](crate::task_local) |
//! | name a task | [`Builder`] |
//!
//! # How it is made
//!
//! | File | Idea |
//! |---|---|
//! | `state` (pure), `word` | the state machine of a task, and the atomic that holds it |
//! | `header`, `raw` | a task's memory, and the functions that know its types |
//! | `runnable`, `waker`, `join` | the right to poll, to wake, and to take the output |
//! | `registry` | the live tasks of a scheduler |
//! | `join_set`, `map`, `scope` | many tasks: whose results come as they end, in order, or not before all are gone |
//! | `id`, `origin`, `error` | who a task is, where it came from, how it failed |

mod as_completed;
mod blocking;
mod blocking_job;
mod blocking_results;
mod builder;
pub mod coop;
mod error;
mod header;
mod id;
pub(crate) mod join;
pub mod join_set;
#[cfg(selvedge_loom)]
#[path = "task/tracked.rs"]
mod leak_check;
#[cfg(not(selvedge_loom))]
#[path = "task/untracked.rs"]
mod leak_check;
mod local_key;
mod local_set;
mod map;
mod origin;
mod raw;
mod registry;
mod runnable;
mod scope;
mod spawn;
mod spawn_tracked;
mod state;
mod waker;
mod word;
mod yield_now;

#[cfg(all(test, selvedge_loom))]
mod loom;

pub use crate::scheduler::block_in_place::block_in_place;
pub use as_completed::{AsCompleted, as_completed};
pub use blocking::spawn_blocking;
pub(crate) use blocking::{
    RefusedWork, Terms, spawn_blocking_on, spawn_mandatory_blocking, submit_borrowing, submit_job,
    try_spawn_blocking,
};
pub(crate) use blocking_job::{BlockingJob, is_own_pool, run_one_of};
pub(crate) use blocking_results::Results;
pub use blocking_results::{BlockingResults, BlockingResultsTimeout};
pub use builder::Builder;
pub use coop::{Unconstrained, consume_budget, unconstrained};
pub use error::JoinError;
pub(crate) use header::Header;
pub use id::{Id, id, try_id};
pub use join::{AbortHandle, JoinHandle};
pub use join_set::{BoundedJoinSet, JoinSet};
pub use local_key::LocalKey;
#[doc(hidden)]
pub use local_key::private as __private;
pub(crate) use local_set::spawn_at_home;
pub use local_set::{LocalEnterGuard, LocalSet, spawn_local};
pub use map::{Map, map};
pub(crate) use origin::Origin;
pub(crate) use raw::{Schedule, allocate};
pub(crate) use registry::Registry;
pub(crate) use runnable::Runnable;
pub use scope::{Scope, ScopeError, scope};
#[doc(no_inline)]
pub use selvedge_sync::{TaskTracker, TaskTrackerToken};
pub use spawn::spawn;
pub(crate) use spawn::spawn_on;
pub use spawn_tracked::SpawnTracked;
pub use yield_now::yield_now;

/// The futures of this module, where their names are needed in types.
pub mod futures {
    pub use super::local_key::TaskLocalFuture;
    pub use super::map::MapAll;
    pub use super::scope::{ScopeDeadline, ScopeFuture};
}
