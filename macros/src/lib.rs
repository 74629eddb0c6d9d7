//! The entry-point attributes of selvedge: `#[selvedge::main]` and `#[selvedge::test]`.
//!
//! Use them through the crate `selvedge`, which re-exports them under its feature `macros`.
//!
//! | file | idea |
//! |---|---|
//! | `options` | the options in the parentheses, and their mistakes |
//! | `function` | the annotated function, its body left alone |
//! | `krate` | the path under which the user's crate knows selvedge |
//! | `expand` | the function that takes its place |

use proc_macro::TokenStream;

mod expand;
mod function;
mod krate;
mod options;

/// Which attribute is being expanded.
#[derive(Clone, Copy, Debug)]
enum Attribute {
    Main { has_multi_thread: bool },
    Test { has_multi_thread: bool },
}

impl Attribute {
    /// How users know it.
    fn name(self) -> &'static str {
        match self {
            Attribute::Main { .. } => "selvedge::main",
            Attribute::Test { .. } => "selvedge::test",
        }
    }

    fn is_test(self) -> bool {
        matches!(self, Attribute::Test { .. })
    }

    /// Whether selvedge was built with its feature `multi-thread`.
    fn has_multi_thread(self) -> bool {
        match self {
            Attribute::Main { has_multi_thread } | Attribute::Test { has_multi_thread } => {
                has_multi_thread
            }
        }
    }
}

/// Runs an `async fn` on a runtime of its own: the entry point of a program.
///
/// The function becomes an ordinary one, which builds a runtime, blocks the calling thread on what
/// was its body and returns the body's output. When it returns, the runtime is shut down: tasks that are
/// still alive are dropped at their next `.await`, and blocking work that has begun is waited for.
///
/// The body itself is not a task: it runs on the thread that called the function, next to the
/// workers. Work that should be shared out among the workers has to be spawned.
///
/// # Options
///
/// | option | value | default | meaning |
/// |---|---|---|---|
/// | `flavor` | `"multi_thread"` | yes | tasks run on worker threads, and move between them |
/// | | `"current_thread"` | | tasks run on the calling thread, while it is blocked on the body |
/// | | `"local"` | | the same, and tasks that are not `Send` can be spawned without further ado |
/// | `worker_threads` | a number, 1 or more | one for each CPU | how many worker threads; `"multi_thread"` only |
/// | `start_paused` | `true`, `false` | `false` | the clock stands still until it is advanced; not for `"multi_thread"`; needs the feature `test-util` |
/// | `name` | a string | none | the name of the runtime, for `Handle::name` |
/// | `crate` | a path, bare or as a string | found in `Cargo.toml` | where to find selvedge |
///
/// The flavor `"multi_thread"` needs the feature `multi-thread`. A dependency that is renamed in
/// `Cargo.toml` is found by its new name. `crate` is for code that reaches selvedge through another
/// crate's re-export, and for macros (`crate = $crate::selvedge`).
///
/// # Examples
///
/// ```
/// #[selvedge::main]
/// async fn main() {
///     let answer = selvedge::spawn(async { 6 * 7 }).await;
///     assert_eq!(answer.unwrap(), 42);
/// }
/// ```
///
/// is short for
///
/// ```
/// fn main() {
///     let runtime = selvedge::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
///     runtime.block_on(async {
///         let answer = selvedge::spawn(async { 6 * 7 }).await;
///         assert_eq!(answer.unwrap(), 42);
///     })
/// }
/// ```
///
/// The output can be anything that `main` can return, and `?` works:
///
/// ```
/// #[selvedge::main(worker_threads = 2)]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let port: u16 = "8080".parse()?;
///     selvedge::spawn(async move { assert_eq!(port, 8080) }).await?;
///     Ok(())
/// }
/// ```
///
/// With the flavor `"local"`, tasks may share what must stay on one thread:
///
/// ```
/// use std::{cell::Cell, rc::Rc};
///
/// #[selvedge::main(flavor = "local")]
/// async fn main() {
///     let count = Rc::new(Cell::new(0));
///     let shared = count.clone();
///     selvedge::task::spawn_local(async move { shared.set(1) }).await.unwrap();
///     assert_eq!(count.get(), 1);
/// }
/// ```
///
/// The attribute works on any free function or method, which then may have arguments and generics. Each call
/// builds a runtime and tears it down, and must not be made from within another one:
///
/// ```
/// #[selvedge::main(flavor = "current_thread")]
/// async fn length(text: &str) -> usize {
///     selvedge::task::yield_now().await;
///     text.len()
/// }
///
/// assert_eq!(length("seam"), 4);
/// ```
///
/// # Errors
///
/// Mistakes in the options or the function are compile errors, each at the token to change. A body whose type
/// is not the declared one is reported at the expression that has the wrong type:
///
/// ```compile_fail,E0308
/// #[selvedge::main]
/// async fn main() -> Result<(), std::io::Error> {
///     selvedge::task::yield_now().await;
///     0
/// }
/// ```
///
/// The function has to be `async`, `main` has no arguments, options go together and are given once:
///
/// ```compile_fail
/// #[selvedge::main]
/// fn main() {}
/// ```
///
/// ```compile_fail
/// #[selvedge::main]
/// async fn main(arguments: Vec<String>) {}
/// ```
///
/// ```compile_fail
/// #[selvedge::main(flavor = "current_thread", worker_threads = 4)]
/// async fn main() {}
/// ```
///
/// ```compile_fail
/// #[selvedge::main(worker_threads = 2, worker_threads = 4)]
/// async fn main() {}
/// ```
///
/// # Panics
///
/// The function panics if the runtime cannot be built (the operating system refuses a thread or a file
/// descriptor), and if it is called from within a runtime.
#[allow(clippy::needless_doctest_main, reason = "what is shown is a `main`")]
#[proc_macro_attribute]
pub fn main(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let attribute = Attribute::Main {
        has_multi_thread: true,
    };
    expand::expand(attribute, arguments.into(), item.into()).into()
}

/// Runs an `async fn` as a test, on a runtime of its own.
///
/// It takes the place of `#[test]`: the function is a test to the test harness, and other attributes
/// (`#[ignore]`, `#[should_panic]`, `#[cfg]`) mean what they always do.
///
/// # Options
///
/// Those of [`#[main]`](macro@main), with one other default: the `flavor` is `"current_thread"`. Each test
/// has its own runtime, so tests that run at the same time do not share a clock or workers.
///
/// | option | value | default | meaning |
/// |---|---|---|---|
/// | `flavor` | `"current_thread"` | yes | tasks run on the thread of the test |
/// | | `"multi_thread"` | | tasks run on worker threads |
/// | | `"local"` | | as `"current_thread"`, and tasks that are not `Send` can be spawned |
/// | `worker_threads` | a number, 1 or more | one for each CPU | how many worker threads; `"multi_thread"` only |
/// | `start_paused` | `true`, `false` | `false` | the clock stands still until it is advanced or everything waits for it; not for `"multi_thread"`; needs the feature `test-util` |
/// | `name` | a string | none | the name of the runtime, for `Handle::name` |
/// | `crate` | a path, bare or as a string | found in `Cargo.toml` | where to find selvedge |
///
/// # Examples
///
/// ```no_run
/// #[selvedge::test]
/// async fn sum_is_computed() {
///     let sum = selvedge::spawn(async { 1 + 2 }).await;
///     assert_eq!(sum.unwrap(), 3);
/// }
/// ```
///
/// is short for
///
/// ```no_run
/// #[test]
/// fn sum_is_computed() {
///     let runtime = selvedge::runtime::Builder::new_current_thread().enable_all().build().unwrap();
///     runtime.block_on(async {
///         let sum = selvedge::spawn(async { 1 + 2 }).await;
///         assert_eq!(sum.unwrap(), 3);
///     })
/// }
/// ```
///
/// Real concurrency, and an error as the test's failure:
///
/// ```no_run
/// #[selvedge::test(flavor = "multi_thread", worker_threads = 2)]
/// async fn number_is_parsed() -> Result<(), std::num::ParseIntError> {
///     let number: u32 = "17".parse()?;
///     assert_eq!(number, 17);
///     Ok(())
/// }
/// ```
///
/// With the clock paused, an hour takes no time:
///
/// ```no_run
/// use std::time::Duration;
///
/// #[selvedge::test(start_paused = true)]
/// async fn an_hour_passes() {
///     let start = selvedge::time::Instant::now();
///     selvedge::time::sleep(Duration::from_secs(3600)).await;
///     assert!(start.elapsed() >= Duration::from_secs(3600));
/// }
/// ```
///
/// # Errors
///
/// Mistakes are compile errors, as with [`#[main]`](macro@main). One test attribute is enough:
///
/// ```compile_fail
/// #[selvedge::test]
/// #[test]
/// async fn twice() {}
/// ```
///
/// ```compile_fail
/// #[selvedge::test(flavor = "multi_thread", start_paused = true)]
/// async fn paused_workers() {}
/// ```
#[proc_macro_attribute]
pub fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let attribute = Attribute::Test {
        has_multi_thread: true,
    };
    expand::expand(attribute, arguments.into(), item.into()).into()
}

/// [`main`](macro@main) for a selvedge without its feature `multi-thread`, re-exported under that name.
///
/// The features of this crate cannot tell it: Cargo builds it once for all the selvedges of a build.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn main_rt(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let attribute = Attribute::Main {
        has_multi_thread: false,
    };
    expand::expand(attribute, arguments.into(), item.into()).into()
}

/// [`test`](macro@test) for a selvedge without its feature `multi-thread`, re-exported under that name.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn test_rt(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let attribute = Attribute::Test {
        has_multi_thread: false,
    };
    expand::expand(attribute, arguments.into(), item.into()).into()
}
