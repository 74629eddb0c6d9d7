//! The branches of a macro as one value: each is appended to those before it.
//!
//! ```text
//! select! { a, b, c }        Chain { before: Chain { before: Chain { before: Empty, last: a }, last: b }, last: c }
//! ```
//!
//! A tuple would be the shape to expect, but the fields of a tuple cannot be pinned without `unsafe`, and
//! nothing can be said of tuples of any length. What a chain can do is said twice: of [`Empty`], and of a
//! chain that has one branch more. The position of a branch is the length of what is before it, a constant,
//! so after inlining nothing of the nesting is left.

use pin_project_lite::pin_project;

/// No branches.
#[derive(Debug)]
pub struct Empty;

pin_project! {
    /// Some branches and one more.
    #[derive(Debug)]
    #[project = Links]
    pub struct Chain<P, B> {
        #[pin]
        pub(super) before: P,
        #[pin]
        pub(super) last: B,
    }
}

/// A chain that is not pinned yet and grows by the branches that each macro appends.
#[derive(Debug)]
pub struct Growing<C>(pub C);

/// Where every chain begins.
#[inline]
pub fn branches() -> Growing<Empty> {
    Growing(Empty)
}

impl<C> Growing<C> {
    #[inline]
    pub(super) fn then<B>(self, last: B) -> Growing<Chain<C, B>> {
        Growing(Chain {
            before: self.0,
            last,
        })
    }
}
