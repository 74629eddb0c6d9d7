//! The attributes `#[selvedge::main]` and `#[selvedge::test]`, as users apply them.
//!
//! What they expand to, and their messages, is tested in the crate `selvedge-macros`; here the
//! runtime is asked what it was built as.

#![cfg(all(feature = "macros", feature = "multi-thread"))]

use std::cell::{Cell, RefCell};
use std::process::{ExitCode, Termination};
use std::rc::Rc;

use selvedge::runtime::{Handle, RuntimeFlavor};

/// The flavor and the number of workers of the runtime this is called on.
fn here() -> (RuntimeFlavor, usize) {
    let handle = Handle::current();
    (handle.runtime_flavor(), handle.metrics().num_workers())
}

mod flavors {
    use super::*;

    #[selvedge::main]
    async fn main_by_default() -> RuntimeFlavor {
        here().0
    }

    #[selvedge::main(flavor = "multi_thread", worker_threads = 3)]
    async fn main_with_three_workers() -> (RuntimeFlavor, usize) {
        here()
    }

    #[selvedge::main(flavor = "current_thread")]
    async fn main_on_this_thread() -> (RuntimeFlavor, usize) {
        here()
    }

    #[test]
    fn main_has_workers_unless_told_otherwise() {
        assert_eq!(main_by_default(), RuntimeFlavor::MultiThread);
        assert_eq!(main_with_three_workers(), (RuntimeFlavor::MultiThread, 3));
        assert_eq!(main_on_this_thread(), (RuntimeFlavor::CurrentThread, 1));
    }

    #[selvedge::test]
    async fn test_stays_on_its_thread_by_default() {
        assert_eq!(here(), (RuntimeFlavor::CurrentThread, 1));
    }

    #[selvedge::test(flavor = "current_thread")]
    async fn test_on_this_thread() {
        let this = std::thread::current().id();
        let task = selvedge::spawn(async { std::thread::current().id() });
        assert_eq!(task.await.unwrap(), this);
    }

    #[selvedge::test(flavor = "multi_thread")]
    async fn test_with_workers() {
        let this = std::thread::current().id();
        let task = selvedge::spawn(async { (here().0, std::thread::current().id()) });
        let (flavor, worker) = task.await.unwrap();
        assert_eq!(flavor, RuntimeFlavor::MultiThread);
        assert_ne!(worker, this);
    }

    #[selvedge::test(flavor = "multi_thread", worker_threads = 1)]
    async fn test_with_one_worker() {
        assert_eq!(here(), (RuntimeFlavor::MultiThread, 1));
    }

    #[selvedge::test(worker_threads = 2, flavor = "multi_thread")]
    async fn options_come_in_any_order() {
        assert_eq!(here(), (RuntimeFlavor::MultiThread, 2));
    }

    #[selvedge::test(name = "ingest")]
    async fn the_runtime_can_be_named() {
        assert_eq!(Handle::current().name(), Some("ingest"));
    }

    #[selvedge::test(flavor = "local")]
    async fn test_with_tasks_that_are_not_send() {
        let log = Rc::new(RefCell::new(Vec::new()));
        let shared = log.clone();
        let task = selvedge::task::spawn_local(async move { shared.borrow_mut().push("ran") });
        task.await.unwrap();
        assert_eq!(*log.borrow(), ["ran"]);
    }

    #[selvedge::main(flavor = "local")]
    async fn local_main(count: &Rc<Cell<u32>>) {
        let shared = count.clone();
        selvedge::task::spawn_local(async move { shared.set(1) })
            .await
            .unwrap();
    }

    #[test]
    fn main_with_tasks_that_are_not_send() {
        let count = Rc::new(Cell::new(0));
        local_main(&count);
        assert_eq!(count.get(), 1);
    }
}

#[cfg(feature = "test-util")]
mod paused {
    use std::time::Duration;

    use selvedge::time::{Instant, sleep};

    const HOUR: Duration = Duration::from_secs(3600);

    // A paused clock moves only by what is slept: to the millisecond, and at once.
    #[selvedge::test(start_paused = true)]
    async fn test_starts_with_a_paused_clock() {
        let (clock, wall) = (Instant::now(), std::time::Instant::now());
        assert_eq!(clock, Instant::now());
        sleep(HOUR).await;
        assert!(clock.elapsed() >= HOUR);
        assert!(wall.elapsed() < HOUR);
    }

    #[selvedge::test(flavor = "local", start_paused = true)]
    async fn local_test_starts_with_a_paused_clock() {
        let clock = Instant::now();
        assert_eq!(clock, Instant::now());
        sleep(HOUR).await;
        assert!(clock.elapsed() >= HOUR);
    }

    #[selvedge::main(flavor = "current_thread", start_paused = true)]
    async fn an_hour() -> Duration {
        let clock = Instant::now();
        sleep(HOUR).await;
        clock.elapsed()
    }

    #[test]
    fn main_starts_with_a_paused_clock() {
        let wall = std::time::Instant::now();
        assert!(an_hour() >= HOUR);
        assert!(wall.elapsed() < HOUR);
    }

    // Pausing panics if the clock is paused already.
    #[selvedge::test(start_paused = false)]
    async fn clock_runs_when_told_so() {
        selvedge::time::pause();
        assert_eq!(Instant::now(), Instant::now());
    }

    #[selvedge::test]
    async fn clock_runs_by_default() {
        selvedge::time::pause();
        assert_eq!(Instant::now(), Instant::now());
    }
}

mod paths {
    use super::*;

    mod through {
        pub(super) use selvedge as deeper;
    }

    #[selvedge::test(crate = "through::deeper")]
    async fn crate_is_a_string() {
        assert_eq!(here(), (RuntimeFlavor::CurrentThread, 1));
    }

    #[selvedge::test(crate = through::deeper)]
    async fn crate_is_a_path() {
        assert_eq!(here(), (RuntimeFlavor::CurrentThread, 1));
    }

    /// Takes what the attributes get when other macros write them.
    macro_rules! test_with {
        ($name:ident, $krate:path, $flavor:literal, $workers:literal) => {
            #[selvedge::test(crate = $krate, flavor = $flavor, worker_threads = $workers)]
            async fn $name() {
                assert_eq!(here(), (RuntimeFlavor::MultiThread, $workers));
            }
        };
    }

    test_with!(
        options_come_from_a_macro,
        through::deeper,
        "multi_thread",
        2
    );

    macro_rules! test_from_here {
        ($name:ident) => {
            #[selvedge::test(crate = $crate::paths::through::deeper)]
            async fn $name() {
                assert_eq!(here(), (RuntimeFlavor::CurrentThread, 1));
            }
        };
    }

    test_from_here!(crate_begins_with_that_of_a_macro);

    mod shadowed {
        // A module of the user's must not be taken for the crate.
        #[allow(dead_code)]
        mod selvedge {}

        #[::selvedge::test]
        async fn module_of_the_same_name_is_not_the_crate() {
            assert_eq!(super::here().1, 1);
        }
    }
}

mod outputs {
    use super::*;

    #[selvedge::test]
    async fn result() -> Result<(), Box<dyn std::error::Error>> {
        let port: u16 = "8080".parse()?;
        if port == 8080 {
            return Ok(());
        }
        Err("the port was read wrongly".into())
    }

    #[selvedge::test]
    async fn hidden_type() -> impl Termination {
        selvedge::task::yield_now().await;
        ExitCode::SUCCESS
    }

    #[selvedge::main(flavor = "current_thread")]
    async fn failing_parse() -> Result<u16, std::num::ParseIntError> {
        let port: u16 = "eighty".parse()?;
        Ok(port)
    }

    #[selvedge::main(flavor = "current_thread")]
    async fn coerced() -> Box<dyn Fn(u32) -> u32> {
        Box::new(|number| number + 1)
    }

    #[selvedge::main(flavor = "current_thread")]
    async fn never() -> ! {
        selvedge::task::yield_now().await;
        panic!("the end is reached")
    }

    #[test]
    fn outputs_reach_the_caller() {
        assert!(failing_parse().is_err());
        assert_eq!(coerced()(4), 5);
        assert!(std::panic::catch_unwind(|| never()).is_err());
    }
}

mod functions {
    use super::*;

    struct Weaver {
        threads: Vec<String>,
    }

    impl Weaver {
        #[selvedge::main(flavor = "current_thread")]
        async fn new(first: impl Into<String>) -> Self {
            selvedge::task::yield_now().await;
            Self {
                threads: vec![first.into()],
            }
        }

        #[selvedge::main(flavor = "current_thread")]
        async fn add(&mut self, mut thread: String) -> &mut Self {
            thread.push('!');
            self.threads.push(thread);
            self
        }

        #[selvedge::main(flavor = "current_thread")]
        async fn longest<'a, T>(&'a self, others: &'a [T]) -> &'a str
        where
            T: AsRef<str>,
        {
            let others = others.iter().map(AsRef::as_ref);
            let all = self.threads.iter().map(String::as_str).chain(others);
            all.max_by_key(|thread| thread.len()).unwrap_or("")
        }
    }

    #[test]
    fn methods_and_generics_are_kept() {
        let mut weaver = Weaver::new("warp");
        weaver.add("weft".to_owned());
        assert_eq!(weaver.threads, ["warp", "weft!"]);
        assert_eq!(weaver.longest(&["a"]), "weft!");
        assert_eq!(weaver.longest(&["selvedge"]), "selvedge");
    }

    /// Notes that it was dropped, and on a runtime.
    struct NotesDrop<'a>(&'a Cell<bool>);

    impl Drop for NotesDrop<'_> {
        fn drop(&mut self) {
            self.0.set(Handle::try_current().is_ok());
        }
    }

    #[selvedge::main(flavor = "current_thread")]
    async fn takes(note: NotesDrop<'_>) {
        let _kept = &note;
        selvedge::task::yield_now().await;
    }

    #[test]
    fn arguments_are_dropped_on_the_runtime() {
        let on_runtime = Cell::new(false);
        takes(NotesDrop(&on_runtime));
        assert!(on_runtime.get());
    }

    // The expansion has locals of these names.
    #[selvedge::main(flavor = "current_thread")]
    async fn same_names(runtime: u32, body: u32, output: u32) -> u32 {
        runtime * 100 + body * 10 + output
    }

    #[test]
    fn names_of_the_expansion_do_not_clash() {
        assert_eq!(same_names(1, 2, 3), 123);
    }
}

mod attributes {
    #[selvedge::test]
    #[should_panic(expected = "on purpose")]
    async fn panic_is_expected() {
        selvedge::task::yield_now().await;
        panic!("on purpose");
    }

    #[selvedge::test]
    #[ignore = "shows that the attribute is kept: it fails when run"]
    async fn ignored() {
        panic!("an ignored test was run");
    }

    #[selvedge::test]
    #[cfg(any())]
    async fn not_compiled() {
        this_does_not_exist();
    }

    #[deny(unused_variables, unused_mut, unreachable_code)]
    #[selvedge::test]
    async fn inner_attributes_are_kept() {
        #![allow(unused_variables)]
        let unused = 1;
    }
}
