//! `join!` and `try_join!`: the grammar.
//!
//! Each step of the recursion takes one branch and gives it a name. The names look alike but differ in their
//! hygiene, so they are as many variables. They are also collected in reverse, the order in which outputs come off
//! the chain.

pub(super) mod future;
mod maybe_done;

/// Waits for several futures at once, until all of them have completed; the value is the tuple of their
/// outputs.
///
/// The macro works inside async functions and blocks. The futures run in the task that waits: in turns, never at the
/// same time. To run them in parallel, spawn them and join their handles. It allocates nothing. Whatever
/// implements `IntoFuture` is a future here.
///
/// Errors do not end the wait: [`try_join!`](crate::try_join) is for that. A panic in one of the futures drops the
/// others.
///
/// # Fairness
///
/// Each time the task is polled, another future is polled first, in turns. So one that is always ready and uses up the
/// [budget](mod@crate::task::coop) of the task leaves the others theirs in the next poll.
///
/// With `biased;` they are always polled as they are written, and what comes first can starve what comes later.
///
/// # Cancel safety
///
/// If the wait is dropped, all futures are dropped, and outputs of those that have completed too.
///
/// # Examples
///
/// ```
/// # #[selvedge::main(flavor = "current_thread")] async fn main() {
/// async fn length(text: &str) -> usize {
///     selvedge::task::yield_now().await;
///     text.len()
/// }
///
/// let (a, b) = selvedge::join!(length("warp"), async { "weft" });
/// assert_eq!((a, b), (4, "weft"));
///
/// let (a, b) = selvedge::join!(biased; length("first"), length("then"));
/// assert_eq!((a, b), (5, 4));
/// # }
/// ```
#[macro_export]
macro_rules! join {
    ($(biased;)?) => {
        async {}.await
    };
    (biased; $($future:expr),+ $(,)?) => {
        match $crate::__join!(@ [and $crate::__macros::InOrder] [] [] $($future),*) {
            $crate::__macros::Ok(outputs) => outputs,
            $crate::__macros::Err(never) => match never {},
        }
    };
    ($($future:expr),+ $(,)?) => {
        match $crate::__join!(@ [and $crate::__macros::Rotating::default()] [] [] $($future),*) {
            $crate::__macros::Ok(outputs) => outputs,
            $crate::__macros::Err(never) => match never {},
        }
    };
}

/// Waits for several futures at once, until all of them have succeeded, or the first has failed.
///
/// The outputs of the futures are `Result`s with one type of error. The value is `Ok` with the tuple of what they succeeded
/// with, or the error of the one that failed first; the others are dropped then, with what they were
/// doing. Otherwise it is as [`join!`](crate::join), also as to fairness and `biased;`.
///
/// # Cancel safety
///
/// If the wait is dropped, or ends with an error, all futures are dropped, and outputs of those that have completed too.
///
/// # Examples
///
/// ```
/// # #[selvedge::main(flavor = "current_thread")] async fn main() {
/// use std::num::ParseIntError;
///
/// async fn parse(text: &str) -> Result<u32, ParseIntError> {
///     selvedge::task::yield_now().await;
///     text.parse()
/// }
///
/// assert_eq!(selvedge::try_join!(parse("6"), parse("7")), Ok((6, 7)));
/// assert!(selvedge::try_join!(parse("6"), parse("seven"), std::future::pending::<Result<(), _>>()).is_err());
/// # }
/// ```
#[macro_export]
macro_rules! try_join {
    ($(biased;)?) => {
        async { $crate::__macros::Ok(()) }.await
    };
    (biased; $($future:expr),+ $(,)?) => {
        $crate::__join!(@ [and_try $crate::__macros::InOrder] [] [] $($future),*)
    };
    ($($future:expr),+ $(,)?) => {
        $crate::__join!(@ [and_try $crate::__macros::Rotating::default()] [] [] $($future),*)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __join {
    // Each branch has a name.
    (@ [$append:ident $rotation:expr] [$($reversed:ident)*] [$(($name:ident $future:expr))*]) => {{
        let branches = $crate::__macros::branches()$(.$append($future))*;
        let branches = $crate::__macros::pin!(branches.0);
        let outputs = $crate::__macros::join(branches, $rotation).await;
        #[allow(unreachable_code, reason = "an output may be uninhabited")]
        outputs.map(|outputs| {
            $(let (outputs, $reversed) = outputs;)*
            ($($name,)*)
        })
    }};
    (@ $how:tt [$($reversed:ident)*] [$($named:tt)*] $future:expr $(, $($rest:tt)*)?) => {
        $crate::__join!(@ $how [branch $($reversed)*] [$($named)* (branch $future)] $($($rest)*)?)
    };
}
