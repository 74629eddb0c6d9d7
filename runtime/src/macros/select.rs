//! `select!`: the grammar.
//!
//! Each step of the recursion sorts one branch into `name pattern = future, if [condition] => handler` and takes its
//! name from a list. The name stands for a variant of the output, for its type, and for the variables of the
//! branch. The list ends where the bits of the future's mask do.
//!
//! # What the branches become
//!
//! A pattern is needed twice: within the future, to know whether the output matches, and outside, where the
//! handler may use what it binds, when the futures are gone and what they borrowed is free. The first must leave the
//! output whole. A binding moves out of a value only once the guard of its arm is true, so there the guard
//! takes note and is false.

pub(super) mod future;

/// Waits for several futures at once, runs the handler of the first that completes, and drops the others.
///
/// ```text
/// select! {
///     biased;                                                      if the order of polling is to be that of the branches
///     pattern = future, if precondition => handler,                one to 64 times
///     else => handler,                                             what to do when no branch is left
/// }
/// ```
///
/// The macro works inside async functions and blocks, and its value is that of the handler. All futures run in the
/// task that waits: in turns, never at the same time. To run them in parallel, spawn them and select over their
/// handles.
///
/// # What happens, in order
///
/// 1. All preconditions are evaluated, from the first to the last. A branch whose precondition is false is
///    *disabled*.
/// 2. All the expressions after `=` are evaluated, those of disabled branches too: they make the futures, and
///    should do nothing else. Futures of disabled branches are never polled.
/// 3. The futures are polled until one of them completes.
/// 4. If its output does not match the pattern of its branch, the branch is disabled, and the others go on being polled.
/// 5. If it does, all futures are dropped, and then the handler runs. It may use what the futures borrowed, wait
///    itself, and leave the function or the loop around with `?`, `return`, `break` and `continue`.
/// 6. When all branches are disabled, the handler of `else` runs.
///
/// Whatever implements `IntoFuture` is a future here. A handler that is a block needs no comma after it.
///
/// # Fairness
///
/// Which branch is polled first is drawn by chance, anew each time the task is polled. So a branch that is
/// always ready does not keep the others from ever being taken, as it would if it stood first in a fixed order.
///
/// With `biased;` the branches are polled as they are written. Fairness is then up to you: put what is rarely
/// ready and must not wait (a shutdown signal) before what may always be ready (a busy channel).
///
/// A `select!` whose task has used up its [budget](mod@crate::task::coop) lets other tasks run before it polls
/// anything.
///
/// # What is lost with the branches that were not first
///
/// Their futures are dropped, in the middle of what they were doing. An operation that may be dropped at any
/// `.await` without losing anything is *cancel safe*; the documentation of each says whether it is:
///
/// | Operation | In a branch |
/// |---|---|
/// | receiving from a channel, `changed` of a `watch` | safe |
/// | `reserve` of a sender, then `send` of the permit in the handler | safe; loses its place in the queue |
/// | `send` of a bounded channel | **not safe**: the message is dropped with the future |
/// | locks, semaphores, `notified` | safe; lose their place in the queue |
/// | `accept`, `read`, `read_buf`, `peek`, `readable`, `writable`, `write`, `write_buf` | safe: nothing was read or written |
/// | `read_until`, `copy_buf`, `next_line` of `Lines` | safe: the part already read is kept for the next call |
/// | `read_exact`, `read_to_end`, `read_line`, `write_all`, `copy` | **not safe**: bytes already read or written are no longer known |
/// | `sleep`, `timeout` around something safe, `tick` of an interval | safe |
/// | a `JoinHandle`, `join_next` of a `JoinSet` | safe: the task runs on, detached or in its set |
/// | an async function or block of yours | safe if it waits only once, for something safe, and does nothing between the end of the wait and its own end; see `broken_select` and `fixed_select` in the examples |
///
/// [`selvedge::sync`](selvedge_sync) has the whole table for its primitives in `CANCEL_SAFETY.md`, written by a test.
///
/// What is not safe is made once outside the loop, [pinned](crate::pin!) and selected by reference, so that it goes
/// on where it was; or it runs in a task of its own.
///
/// # Traps in loops
///
/// * *A fresh sleep each round.* `_ = sleep(second) =>` begins anew whenever another branch is taken, and a busy
///   branch puts it off for ever. Make one sleep outside, or an interval.
/// * *A future that is complete.* One that is selected by reference must not be polled after its end: give
///   its branch a precondition, or leave the loop.
/// * *A handler that waits.* While it does, none of the branches is polled.
/// * *A disabled branch is disabled for this `select!` only.* The next round begins with all of them again.
///
/// # Panics
///
/// If all branches are disabled and there is no `else`.
///
/// # Examples
///
/// Messages from two channels, until both are closed:
///
/// ```
/// # #[selvedge::main(flavor = "current_thread")] async fn main() {
/// use selvedge::sync::mpsc;
///
/// let (numbers, mut number) = mpsc::channel(8);
/// let (words, mut word) = mpsc::channel(8);
/// selvedge::spawn(async move { numbers.send(7).await });
/// selvedge::spawn(async move { words.send("seam").await });
///
/// let mut seen = Vec::new();
/// loop {
///     selvedge::select! {
///         Some(number) = number.recv() => seen.push(number.to_string()),
///         Some(word) = word.recv() => seen.push(word.to_owned()),
///         else => break,
///     }
/// }
/// seen.sort();
/// assert_eq!(seen, ["7", "seam"]);
/// # }
/// ```
///
/// One operation that goes on over many rounds, with its precondition and a limit of time for all of it:
///
/// ```
/// # #[selvedge::main(flavor = "current_thread")] async fn main() {
/// use selvedge::time::{Duration, interval, sleep};
///
/// async fn work() -> u32 {
///     sleep(Duration::from_millis(20)).await;
///     42
/// }
///
/// let limit = sleep(Duration::from_secs(60));
/// let work = work();
/// selvedge::pin!(limit, work);
/// let mut ticks = interval(Duration::from_millis(1));
/// let mut output = None;
/// while output.is_none() {
///     selvedge::select! {
///         it = &mut work, if output.is_none() => output = Some(it),
///         _ = ticks.tick() => {}
///         _ = &mut limit => break,
///     }
/// }
/// assert_eq!(output, Some(42));
/// # }
/// ```
///
/// Each branch needs a handler, there are 64 of them at most, and one `else`, at the end:
///
/// ```compile_fail
/// # async fn f() {
/// selvedge::select! { it = async { 1 } }
/// # }
/// ```
///
/// ```compile_fail
/// # async fn f() {
/// selvedge::select! {
///     _ = async { 1 } => {}
///     else => {}
///     else => {}
/// }
/// # }
/// ```
///
/// ```compile_fail
/// # async fn f() {
/// selvedge::select! {
///     else => {}
///     _ = async { 1 } => {}
/// }
/// # }
/// ```
///
/// A precondition is a `bool`, and what is waited for is a future:
///
/// ```compile_fail,E0308
/// # async fn f() {
/// selvedge::select! { _ = async { 1 }, if 1 => {} }
/// # }
/// ```
///
/// ```compile_fail,E0277
/// # async fn f() {
/// selvedge::select! { _ = 1 => {} }
/// # }
/// ```
#[macro_export]
macro_rules! select {
    ($(biased;)? else => $else:expr $(,)?) => {
        $else
    };
    (biased; $pattern:pat = $($rest:tt)*) => {
        $crate::__select!(@ start biased $pattern = $($rest)*)
    };
    ($pattern:pat = $($rest:tt)*) => {
        $crate::__select!(@ start fair $pattern = $($rest)*)
    };
    ($(biased;)?) => {
        $crate::__macros::compile_error!("a `select!` has at least one branch: `pattern = future => handler`")
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __select {
    (@ start $how:ident $($branches:tt)*) => {
        $crate::__select!(
            @ sort $how
            [
                _0 _1 _2 _3 _4 _5 _6 _7 _8 _9 _10 _11 _12 _13 _14 _15 _16 _17 _18 _19 _20 _21 _22
                _23 _24 _25 _26 _27 _28 _29 _30 _31 _32 _33 _34 _35 _36 _37 _38 _39 _40 _41 _42 _43
                _44 _45 _46 _47 _48 _49 _50 _51 _52 _53 _54 _55 _56 _57 _58 _59 _60 _61 _62 _63
            ]
            []
            $($branches)*
        )
    };

    // All branches are sorted.
    (
        @ build $how:ident [$else:expr]
        $(($name:ident $pattern:pat = $future:expr, if [$($condition:expr)?] => $handler:expr))*
    ) => {{
        enum __SelectOutput<$($name),*> {
            $($name($name)),*
        }
        $(let $name: bool = true $(&& $condition)?;)*
        let disabled = $crate::__macros::closed([$($name),*]);
        let mut output = {
            // Temporaries that a future borrows live as long as these.
            let ($($name,)*) = ($($future,)*);
            let branches = $crate::__macros::branches()$(.or($name, |mut output| {
                let mut is_match = false;
                #[allow(unused_variables, unused_mut, unreachable_patterns, clippy::ignored_unit_patterns)]
                let output = match output {
                    $pattern if { is_match = true; false } => $crate::__macros::unreachable!(),
                    whole => whole,
                };
                #[allow(unreachable_code)]
                if is_match {
                    $crate::__macros::Some(__SelectOutput::$name(output))
                } else {
                    $crate::__macros::None
                }
            }))*;
            $crate::__macros::$how($crate::__macros::pin!(branches.0), disabled).await
        };
        #[allow(clippy::ignored_unit_patterns)]
        match output {
            $($crate::__macros::Some(__SelectOutput::$name($pattern)) => $handler,)*
            $crate::__macros::None => $else,
            _ => $crate::__macros::unreachable!(),
        }
    }};

    // No branch is left over.
    (@ sort $how:ident $left:tt [$($done:tt)*]) => {
        $crate::__select!(@ build $how [$crate::__macros::no_branch_left()] $($done)*)
    };
    (@ sort $how:ident $left:tt [$($done:tt)*] else => $else:expr $(,)?) => {
        $crate::__select!(@ build $how [$else] $($done)*)
    };

    // Mistakes that can be named.
    (@ sort $how:ident $left:tt $done:tt else => $else:block $($rest:tt)*) => {
        $crate::__macros::compile_error!("`else` comes last in a `select!`, and only once")
    };
    (@ sort $how:ident $left:tt $done:tt else => $else:expr, $($rest:tt)*) => {
        $crate::__macros::compile_error!("`else` comes last in a `select!`, and only once")
    };
    (@ sort $how:ident [] $done:tt $($rest:tt)*) => {
        $crate::__macros::compile_error!("a `select!` has 64 branches at most, without `else`")
    };

    // One branch. After a handler that is a block the comma may be missing.
    (
        @ sort $how:ident [$name:ident $($left:ident)*] [$($done:tt)*]
        $pattern:pat = $future:expr $(, if $condition:expr)? => $handler:block $(, $($rest:tt)*)?
    ) => {
        $crate::__select!(
            @ sort $how [$($left)*]
            [$($done)* ($name $pattern = $future, if [$($condition)?] => $handler)]
            $($($rest)*)?
        )
    };
    (
        @ sort $how:ident [$name:ident $($left:ident)*] [$($done:tt)*]
        $pattern:pat = $future:expr $(, if $condition:expr)? => $handler:block $($rest:tt)*
    ) => {
        $crate::__select!(
            @ sort $how [$($left)*]
            [$($done)* ($name $pattern = $future, if [$($condition)?] => $handler)]
            $($rest)*
        )
    };
    (
        @ sort $how:ident [$name:ident $($left:ident)*] [$($done:tt)*]
        $pattern:pat = $future:expr $(, if $condition:expr)? => $handler:expr $(, $($rest:tt)*)?
    ) => {
        $crate::__select!(
            @ sort $how [$($left)*]
            [$($done)* ($name $pattern = $future, if [$($condition)?] => $handler)]
            $($($rest)*)?
        )
    };
    (@ sort $how:ident $left:tt $done:tt $pattern:pat = $future:expr $(, $($rest:tt)*)?) => {
        $crate::__macros::compile_error!($crate::__macros::concat!(
            "this branch of `select!` has no handler: write `",
            $crate::__macros::stringify!($pattern = $future),
            " => handler`",
        ))
    };
}
