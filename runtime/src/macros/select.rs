//! `select!`: the grammar.
//!
//! Each step of the recursion sorts one branch into `name pattern = future, if condition => handler` and takes its
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

/// Docs.
#[macro_export]
macro_rules! select {
    // All branches are sorted.
    (
        @ build $how:ident $else:block
        $(($name:ident $pattern:pat = $future:expr, if $condition:expr => $handler:expr))*
    ) => {{
        enum __SelectOutput<$($name),*> {
            $($name($name)),*
        }
        $(let $name: bool = $condition;)*
        let disabled = $crate::__macros::closed([$($name),*]);
        let mut output = {
            // Temporaries that a future borrows live as long as these.
            let ($($name,)*) = ($($future,)*);
            let branches = $crate::__macros::branches()$(.or($name, |mut output| {
                let mut is_match = false;
                #[allow(unused_variables, unused_mut, unreachable_patterns, clippy::ignored_unit_patterns)]
                match output {
                    $pattern if { is_match = true; false } => $crate::__macros::unreachable!(),
                    _ => {}
                }
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
        $crate::select!(@ build $how { $crate::__macros::no_branch_left() } $($done)*)
    };
    (@ sort $how:ident $left:tt [$($done:tt)*] else => $else:expr $(,)?) => {
        $crate::select!(@ build $how { $else } $($done)*)
    };

    // Mistakes that can be named.
    (@ sort $how:ident $left:tt $done:tt else => $else:expr, $($rest:tt)*) => {
        $crate::__macros::compile_error!("`else` comes last in a `select!`, and only once")
    };
    (@ sort $how:ident [] $done:tt $($rest:tt)*) => {
        $crate::__macros::compile_error!("a `select!` has 64 branches at most, without `else`")
    };

    // One branch: handlers that are blocks, which need no comma, and others.
    (
        @ sort $how:ident [$name:ident $($left:ident)*] [$($done:tt)*]
        $pattern:pat = $future:expr, if $condition:expr => $handler:block $(, $($rest:tt)*)?
    ) => {
        $crate::select!(
            @ sort $how [$($left)*] [$($done)* ($name $pattern = $future, if $condition => $handler)] $($($rest)*)?
        )
    };
    (
        @ sort $how:ident [$name:ident $($left:ident)*] [$($done:tt)*]
        $pattern:pat = $future:expr => $handler:block $(, $($rest:tt)*)?
    ) => {
        $crate::select!(
            @ sort $how [$($left)*] [$($done)* ($name $pattern = $future, if true => $handler)] $($($rest)*)?
        )
    };
    (
        @ sort $how:ident [$name:ident $($left:ident)*] [$($done:tt)*]
        $pattern:pat = $future:expr, if $condition:expr => $handler:block $($rest:tt)*
    ) => {
        $crate::select!(
            @ sort $how [$($left)*] [$($done)* ($name $pattern = $future, if $condition => $handler)] $($rest)*
        )
    };
    (
        @ sort $how:ident [$name:ident $($left:ident)*] [$($done:tt)*]
        $pattern:pat = $future:expr => $handler:block $($rest:tt)*
    ) => {
        $crate::select!(
            @ sort $how [$($left)*] [$($done)* ($name $pattern = $future, if true => $handler)] $($rest)*
        )
    };
    (
        @ sort $how:ident [$name:ident $($left:ident)*] [$($done:tt)*]
        $pattern:pat = $future:expr, if $condition:expr => $handler:expr $(, $($rest:tt)*)?
    ) => {
        $crate::select!(
            @ sort $how [$($left)*] [$($done)* ($name $pattern = $future, if $condition => $handler)] $($($rest)*)?
        )
    };
    (
        @ sort $how:ident [$name:ident $($left:ident)*] [$($done:tt)*]
        $pattern:pat = $future:expr => $handler:expr $(, $($rest:tt)*)?
    ) => {
        $crate::select!(
            @ sort $how [$($left)*] [$($done)* ($name $pattern = $future, if true => $handler)] $($($rest)*)?
        )
    };
    (@ sort $how:ident $left:tt $done:tt $pattern:pat = $future:expr $(, $($rest:tt)*)?) => {
        $crate::__macros::compile_error!($crate::__macros::concat!(
            "this branch of `select!` has no handler: write `",
            $crate::__macros::stringify!($pattern = $future),
            " => handler`",
        ))
    };

    // What users write.
    ($(biased;)? else => $else:expr $(,)?) => {{
        $else
    }};
    (biased; $pattern:pat = $($rest:tt)*) => {
        $crate::select!(@ start biased $pattern = $($rest)*)
    };
    ($pattern:pat = $($rest:tt)*) => {
        $crate::select!(@ start fair $pattern = $($rest)*)
    };
    ($(biased;)?) => {
        $crate::__macros::compile_error!("a `select!` has at least one branch: `pattern = future => handler`")
    };
    (@ start $how:ident $($branches:tt)*) => {
        $crate::select!(
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
}
