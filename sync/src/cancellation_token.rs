//! `CancellationToken`: a tree of requests to stop.
//!
//! # Picture
//!
//! ```text
//!   handles          tree, under one lock        each node
//!
//!   token ─┐              ●                      an event that is set for good
//!   clone ─┴───────────► ╱ ╲                     the number of its handles
//!   child ────────────► ●   ●                    its place in the tree
//!   child ─────────────────►╱
//! ```
//!
//! # Invariants
//!
//! I1. A token that is not cancelled and has a handle has its node in the [tree](tree). A cancelled one
//! has none, and needs none: its children to come are cancelled as well.
//!
//! I2. Tokens are cancelled under the lock of their tree, children before parents. So who sees a token
//! cancelled sees all below it cancelled, also while the `cancel` is still running.
//!
//! I3. No waiter is woken, and no token ends, under the lock of the tree.
//!
//! # Why no waiter is forgotten
//!
//! That is the argument of the [event](crate::event): the tree only decides which events are set. Each
//! event that had waiters when it was set is noted down, and they are released when the lock is free,
//! also if a waker panics.
//!
//! # Rejected
//!
//! A lock for each node. Then a token is taken out of the tree under two locks in an order that other
//! threads change meanwhile, or every node stays until all below it are gone; and I2 does not hold.
//! The lock here is taken to make a child and to drop the last handle of a token, for a few
//! instructions, and for longer only by `cancel`, once for each part of the tree.

mod guard;
mod run_until;
mod tree;
mod wait;

use std::fmt;
use std::future::Future;
use std::panic::Location;
// Users own their primitives through this one, in models too.
use std::sync::Arc;

pub use self::guard::{DropGuard, DropGuardRef};
pub use self::run_until::{RunUntilCancelledFuture, RunUntilCancelledFutureOwned};
use self::tree::{NodeIndex, Tree};
pub use self::wait::{WaitForCancellationFuture, WaitForCancellationFutureOwned};
use crate::event::Event;
use crate::event::one_shot::Raised;
use crate::event::wait::HasEvent;
use crate::primitive::Mutex;
use crate::primitive::atomic::{AtomicUsize, Ordering};
use crate::thread_block::block_thread_on;
use crate::wait_list::has_wait_queue;
use crate::wake_batch::FirstPanic;

/// A request to stop, shared by who may make it and who should follow it.
///
/// Clones are handles of one token. A [child](Self::child_token) is cancelled with its parent, and can
/// be cancelled alone. Cancelling is for good.
///
/// Who sees a token cancelled sees all the tokens below it cancelled, and what came before the
/// [`cancel`](Self::cancel). Trees may be of any depth; a token costs one allocation and a place in its
/// tree, which is used again when its last handle is gone.
///
/// # Fairness
///
/// All that wait for one token are released together, and woken in the order in which they came. Between
/// tokens there is no order.
///
/// # Examples
///
/// ```
/// use selvedge::sync::CancellationToken;
///
/// # #[selvedge::main(flavor = "current_thread")]
/// # async fn main() {
/// let server = CancellationToken::new();
/// let connection = server.child_token();
/// let task = selvedge::spawn(async move {
///     connection.cancelled().await;
///     "stopped"
/// });
/// server.cancel();
/// assert_eq!(task.await.unwrap(), "stopped");
/// # }
/// ```
pub struct CancellationToken {
    node: Arc<TokenNode>,
}

/// What the handles of a token share.
struct TokenNode {
    cancelled: Event,
    /// Tokens that refer to this node. The tree does so too until the token is cancelled.
    handles: AtomicUsize,
    family: Arc<Family>,
    /// Its place in the tree, while it is there (I1).
    index: NodeIndex,
}

/// All tokens that descend from one.
struct Family {
    tree: Mutex<Tree<Arc<TokenNode>>>,
}

has_wait_queue!(TokenNode, cancelled as Event);

impl HasEvent for TokenNode {
    fn event(&self) -> &Event {
        &self.cancelled
    }
}

impl TokenNode {
    fn new(family: &Arc<Family>, index: NodeIndex) -> Arc<Self> {
        Arc::new(Self {
            cancelled: Event::new(),
            handles: AtomicUsize::new(1),
            family: family.clone(),
            index,
        })
    }
}

impl CancellationToken {
    /// A token without parent, not cancelled.
    #[must_use]
    pub fn new() -> Self {
        let family = Arc::new(Family {
            tree: Mutex::new(Tree::new()),
        });
        let mut node = None;
        family
            .tree
            .lock()
            .add_root(|index| node.insert(TokenNode::new(&family, index)).clone());
        Self::from_added(node)
    }

    fn from_added(node: Option<Arc<TokenNode>>) -> Self {
        Self {
            // Adding a node makes its value.
            node: node.expect("the tree has taken the node"),
        }
    }

    /// A token that is cancelled when this one is.
    ///
    /// The child of a cancelled token is cancelled from the start.
    #[must_use]
    pub fn child_token(&self) -> Self {
        if self.is_cancelled() {
            return self.clone();
        }
        let family = &self.node.family;
        let mut tree = family.tree.lock();
        // Under the lock it cannot be cancelled (I2).
        if self.is_cancelled() {
            drop(tree);
            // Two tokens that are cancelled cannot be told apart.
            return self.clone();
        }
        let mut node = None;
        tree.add_child(self.node.index, |index| {
            node.insert(TokenNode::new(family, index)).clone()
        });
        drop(tree);
        Self::from_added(node)
    }

    /// Cancels this token and all below it, and wakes who waits for them. For good.
    ///
    /// All are cancelled when this returns, also if another call has begun it.
    ///
    /// # Panics
    ///
    /// If a waker panics, the first panic goes on here after all were woken.
    pub fn cancel(&self) {
        if self.is_cancelled() {
            return;
        }
        let mut waited_for = Vec::new();
        let mut tree = self.node.family.tree.lock();
        if !self.is_cancelled() {
            tree.remove_subtree(self.node.index, |node| {
                if node.cancelled.raise() == Raised::ReleaseWaiters {
                    waited_for.push(node);
                }
                // Others are not the last owners: their handles take the lock before they end (I3).
            });
        }
        drop(tree);
        let mut panic = FirstPanic::default();
        for node in waited_for {
            panic.catch(|| node.cancelled.release_waiters());
        }
        panic.resume_in_drop();
    }

    /// True once this token, or one above it, was cancelled.
    #[inline]
    pub fn is_cancelled(&self) -> bool {
        self.node.cancelled.is_set()
    }

    /// Waits until this token is cancelled.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[track_caller]
    pub fn cancelled(&self) -> WaitForCancellationFuture<'_> {
        WaitForCancellationFuture::new(self, Location::caller())
    }

    /// As [`cancelled`](Self::cancelled), with a future that keeps the token.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the token, and loses nothing else.
    #[track_caller]
    pub fn cancelled_owned(self) -> WaitForCancellationFutureOwned {
        WaitForCancellationFutureOwned::new(self, Location::caller())
    }

    /// Blocks the thread until this token is cancelled; for plain threads.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_cancelled(&self) {
        block_thread_on(self.cancelled(), "blocking_cancelled", "await `cancelled`");
    }

    /// A guard that cancels this token when it is dropped.
    pub fn drop_guard(self) -> DropGuard {
        DropGuard::new(self)
    }

    /// A guard that borrows this token, and cancels it when it is dropped.
    pub fn drop_guard_ref(&self) -> DropGuardRef<'_> {
        DropGuardRef::new(self)
    }

    /// Runs `future` until it is ready, or until this token is cancelled, which gives `None`.
    ///
    /// If the token is cancelled at the first poll, `future` is not polled at all. Later, if both
    /// happen at once, the output of `future` counts.
    ///
    /// # Cancel safety
    ///
    /// That of `future`, which is dropped with this one and when the token is cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::CancellationToken;
    ///
    /// # #[selvedge::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let token = CancellationToken::new();
    /// assert_eq!(token.run_until_cancelled(async { 1 }).await, Some(1));
    /// token.cancel();
    /// assert_eq!(token.run_until_cancelled(async { 1 }).await, None);
    /// # }
    /// ```
    #[track_caller]
    pub fn run_until_cancelled<F: Future>(&self, future: F) -> RunUntilCancelledFuture<'_, F> {
        RunUntilCancelledFuture::new(self.cancelled(), future)
    }

    /// As [`run_until_cancelled`](Self::run_until_cancelled), with a future that keeps the token.
    ///
    /// # Cancel safety
    ///
    /// As [`run_until_cancelled`](Self::run_until_cancelled).
    #[track_caller]
    pub fn run_until_cancelled_owned<F: Future>(
        self,
        future: F,
    ) -> RunUntilCancelledFutureOwned<F> {
        RunUntilCancelledFutureOwned::new(self.cancelled_owned(), future)
    }
}

impl Clone for CancellationToken {
    fn clone(&self) -> Self {
        // Ordering: Relaxed; who clones has a handle, so the number is not zero and nobody acts on it.
        self.node.handles.fetch_add(1, Ordering::Relaxed);
        Self {
            node: self.node.clone(),
        }
    }
}

impl Drop for CancellationToken {
    fn drop(&mut self) {
        // Ordering: Relaxed; it only finds out who is the last. The tree is changed under its lock.
        let before = self.node.handles.fetch_sub(1, Ordering::Relaxed);
        debug_assert!(before > 0, "each handle counts once");
        if before > 1 || self.is_cancelled() {
            return;
        }
        let mut tree = self.node.family.tree.lock();
        // If it was cancelled meanwhile it has left the tree (I1).
        let removed = (!self.is_cancelled()).then(|| tree.remove(self.node.index));
        drop(tree);
        drop(removed);
    }
}

impl Default for CancellationToken {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for CancellationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancellationToken")
            .field("is_cancelled", &self.is_cancelled())
            .finish()
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;
