//! `join!` and `try_join!`: the grammar.
//!
//! Each step of the recursion takes one branch and gives it a name. The names look alike but differ in their
//! hygiene, so they are as many variables. They are also collected in reverse, the order in which outputs come off
//! the chain.

pub(super) mod future;
mod maybe_done;

#[macro_export]
macro_rules! join {
    // Each branch has a name.
    (@ [$append:ident $rotation:expr] [$($reversed:ident)*] [$(($name:ident $future:expr))*]) => {{
        let ($($name,)*) = ($($future,)*);
        let branches = $crate::__macros::pin!($crate::__macros::branches()$(.$append($name))*.0);
        let outputs = $crate::__macros::join(branches, $rotation).await;
        #[allow(unreachable_code, reason = "an output may be uninhabited")]
        outputs.map(|outputs| {
            $(let (outputs, $reversed) = outputs;)*
            ($($name,)*)
        })
    }};
    (@ $how:tt [$($reversed:ident)*] [$($named:tt)*] $future:expr $(, $($rest:tt)*)?) => {
        $crate::join!(@ $how [branch $($reversed)*] [$($named)* (branch $future)] $($($rest)*)?)
    };
    ($(biased;)?) => {
        async {}.await
    };
    (biased; $($future:expr),+ $(,)?) => {
        match $crate::join!(@ [and $crate::__macros::InOrder] [] [] $($future),*) {
            $crate::__macros::Ok(outputs) => outputs,
            $crate::__macros::Err(never) => match never {},
        }
    };
    ($($future:expr),+ $(,)?) => {
        match $crate::join!(@ [and $crate::__macros::Rotating::default()] [] [] $($future),*) {
            $crate::__macros::Ok(outputs) => outputs,
            $crate::__macros::Err(never) => match never {},
        }
    };
}

#[macro_export]
macro_rules! try_join {
    ($(biased;)?) => {
        async { $crate::__macros::Ok(()) }.await
    };
    (biased; $($future:expr),+ $(,)?) => {
        $crate::join!(@ [and_try $crate::__macros::InOrder] [] [] $($future),*)
    };
    ($($future:expr),+ $(,)?) => {
        $crate::join!(@ [and_try $crate::__macros::Rotating::default()] [] [] $($future),*)
    };
}
