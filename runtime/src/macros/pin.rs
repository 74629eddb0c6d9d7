//! `pin!`: pins futures where they stand.

/// Pins values to the stack, under the names they have.
///
/// A future must be pinned to be awaited, or polled, by reference: `select!` in a loop needs that, where
/// a future that was not ready must go on in the next round instead of beginning anew. Futures that are
/// `Unpin`, and those awaited by value, need no `pin!`.
///
/// Each name stands for a `Pin<&mut T>` from there on, until the end of the block. To return a pinned future or to
/// store it, use [`Box::pin`].
///
/// # Examples
///
/// ```
/// # #[selvedge::main(flavor = "current_thread")] async fn main() {
/// async fn answer() -> u32 {
///     42
/// }
///
/// let future = answer();
/// selvedge::pin!(future);
/// assert_eq!((&mut future).await, 42);
/// # }
/// ```
///
/// Values can be made and pinned in one step:
///
/// ```
/// # #[selvedge::main(flavor = "current_thread")] async fn main() {
/// # async fn answer() -> u32 { 42 }
/// selvedge::pin! {
///     let first = answer();
///     let second = answer();
/// }
/// selvedge::select! {
///     it = &mut first => assert_eq!(it, 42),
///     it = &mut second => assert_eq!(it, 42),
/// }
/// # }
/// ```
///
/// What is pinned has to be a variable, so that nothing can move it afterwards:
///
/// ```compile_fail
/// # async fn answer() -> u32 { 42 }
/// selvedge::pin!(answer());
/// ```
#[macro_export]
macro_rules! pin {
    ($($name:ident),* $(,)?) => {$(
        #[allow(unused_mut, reason = "not every use needs it")]
        let mut $name = $crate::__macros::pin!($name);
    )*};
    ($(let $name:ident = $value:expr;)*) => {$(
        #[allow(unused_mut, reason = "not every use needs it")]
        let mut $name = $crate::__macros::pin!($value);
    )*};
}
