//! What must not compile: misuse of the macros that the compiler alone would explain badly, or not refuse.
//!
//! A `select!` without branches, and one with 65:
//!
//! ```compile_fail
//! # async fn f() {
//! selvedge::select! {}
//! # }
//! ```
//!
//! ```compile_fail
//! # async fn one() {}
//! # async fn f() {
//! selvedge::select! {
//!     _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {}
//!     _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {}
//!     _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {}
//!     _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {}
//!     _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {}
//!     _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {}
//!     _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {}
//!     _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {}
//!     _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {}
//!     _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {}
//!     _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {} _ = one() => {}
//! }
//! # }
//! ```
//!
//! A handler that uses what its own future still borrows, through its output:
//!
//! ```compile_fail,E0499
//! # async fn f() {
//! async fn first(all: &mut Vec<u32>) -> &mut u32 {
//!     &mut all[0]
//! }
//! let mut all = vec![1];
//! selvedge::select! {
//!     it = first(&mut all) => { all.push(2); *it += 1; }
//! }
//! # }
//! ```
//!
//! Values of temporaries that are gone before the futures are polled:
//!
//! ```compile_fail,E0716
//! # async fn f() {
//! async fn length(text: &str) -> usize {
//!     text.len()
//! }
//! selvedge::select! {
//!     _ = length(&String::new()) => {}
//! }
//! # }
//! ```
//!
//! A branch of `try_join!` that cannot fail, and errors of two types:
//!
//! ```compile_fail,E0271
//! # async fn f() {
//! let _ = selvedge::try_join!(async { 1 }, async { Ok::<(), ()>(()) });
//! # }
//! ```
//!
//! ```compile_fail
//! # async fn f() {
//! let _ = selvedge::try_join!(async { Ok::<(), u8>(()) }, async { Ok::<(), ()>(()) });
//! # }
//! ```
