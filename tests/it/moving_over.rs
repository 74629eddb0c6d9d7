//! Small print that programs which move over from tokio rely on.

use std::cell::RefCell;
use std::future::poll_fn;
use std::panic::{self, AssertUnwindSafe, Location, RefUnwindSafe, UnwindSafe};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::thread;

use selvedge::io::AsyncBufReadExt;
use selvedge::net::{TcpListener, TcpStream};
use selvedge::runtime::{Handle, LocalRuntime, Runtime, is_rt_shutdown_err};
use selvedge::sync::oneshot;
use selvedge::task::{self, LocalSet, block_in_place};

use crate::support::{OnDrop, current_thread, multi_thread, panic_of, watched};

fn one_worker() -> Runtime {
    let mut builder = selvedge::runtime::Builder::new_multi_thread();
    builder.worker_threads(1).build().unwrap()
}

/// The file that a panic of `f` points at.
fn panic_place(f: impl FnOnce()) -> String {
    thread_local! {
        static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
    }
    static HOOK: Mutex<()> = Mutex::new(());
    // A failed test of this module leaves nothing behind that others need.
    let _one_at_a_time = HOOK.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let former = Arc::new(panic::take_hook());
    let others = Arc::clone(&former);
    panic::set_hook(Box::new(move |info| {
        PLACE.set(info.location().map(|place| place.file().to_owned()));
        others(info);
    }));
    let _ = panic::catch_unwind(AssertUnwindSafe(f));
    panic::set_hook(Box::new(move |info| former(info)));
    PLACE.take().expect("it panicked")
}

const fn is_unwind_safe<T: UnwindSafe + RefUnwindSafe>() {}
const _: () = is_unwind_safe::<Runtime>();
const _: () = is_unwind_safe::<LocalRuntime>();
const _: () = is_unwind_safe::<Handle>();

watched! {
    fn block_in_place_blames_its_caller() {
        let here = Location::caller().file();
        let runtime = current_thread();
        assert_eq!(panic_place(|| runtime.block_on(async { block_in_place(|| {}) })), here);
        let in_task = || runtime.block_on(async {
            task::spawn(async { block_in_place(|| {}) }).await.unwrap();
        });
        // The last panic is that of `unwrap`; both are here.
        assert_eq!(panic_place(in_task), here);
    }

    /// Ten turns are far below `event_interval`.
    fn a_task_that_yields_lets_sockets_go_on() {
        for runtime in [current_thread(), one_worker()] {
            let task = runtime.spawn(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let connected = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
                let mut accept = pin!(listener.accept());
                for _ in 0..10 {
                    let accepted = poll_fn(|cx| Poll::Ready(accept.as_mut().poll(cx))).await;
                    if accepted.is_ready() {
                        return true;
                    }
                    task::yield_now().await;
                }
                drop(connected);
                false
            });
            assert!(runtime.block_on(task).unwrap(), "not seen in ten turns");
        }
    }

    /// As its local variables would be.
    fn the_fields_of_a_future_that_panics_are_dropped_while_it_does() {
        #[allow(dead_code, reason = "held for its drop")]
        struct Boom(Option<OnDrop<Box<dyn FnMut() + Send>>>);
        impl Future for Boom {
            type Output = ();
            fn poll(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> Poll<()> {
                panic!("first");
            }
        }
        let runtime = current_thread();
        let (send, receive) = std::sync::mpsc::channel();
        let seen = move || send.send(thread::panicking()).unwrap();
        let task = runtime.spawn(Boom(Some(OnDrop(Box::new(seen)))));
        assert!(runtime.block_on(task).unwrap_err().is_panic());
        assert!(receive.recv().unwrap());
        // A second panic is swallowed, and does not end the process.
        let task = runtime.spawn(Boom(Some(OnDrop(Box::new(|| panic!("second"))))));
        let error = runtime.block_on(task).unwrap_err();
        assert!(error.to_string().contains("first"), "{error}");
    }

    /// The other tasks of the set have no thread to go on.
    fn block_in_place_is_refused_in_a_local_set() {
        let runtime = multi_thread();
        let message = runtime.block_on(async {
            LocalSet::new().run_until(async { panic_of(|| block_in_place(|| {})) }).await
        });
        assert!(message.contains("LocalSet"), "{message}");
        let message = runtime.block_on(LocalSet::new().run_until(async {
            task::spawn_local(async { panic_of(|| block_in_place(|| {})) }).await.unwrap()
        }));
        assert!(message.contains("LocalSet"), "{message}");
        let message = Arc::new(Mutex::new(String::new()));
        runtime.block_on(async {
            let set = LocalSet::new();
            let seen = Arc::clone(&message);
            let on_drop = OnDrop(move || *seen.lock().unwrap() = panic_of(|| block_in_place(|| {})));
            set.spawn_local(async move {
                let _on_drop = on_drop;
                std::future::pending::<()>().await;
            });
            set.run_until(task::yield_now()).await;
        });
        assert!(message.lock().unwrap().contains("LocalSet"));
        runtime.block_on(async { block_in_place(|| {}) });
    }

    /// It runs no tasks, and so stops none.
    fn block_in_place_is_allowed_in_the_block_on_of_a_handle() {
        let runtime = current_thread();
        let handle = runtime.handle();
        handle.block_on(async {
            block_in_place(|| handle.block_on(task::yield_now()));
            let message = LocalSet::new().run_until(async { panic_of(|| block_in_place(|| {})) }).await;
            assert!(message.contains("LocalSet"), "{message}");
        });
    }

    /// Its thread sleeps in both calls, and is woken for both in the same way.
    fn a_nested_block_on_leaves_the_outer_its_wake_ups() {
        let runtime = multi_thread();
        runtime.block_on(async {
            let (send, receive) = oneshot::channel();
            let mut receive = pin!(receive);
            let mut send = Some(send);
            poll_fn(|cx| {
                let received = receive.as_mut().poll(cx);
                if let Some(send) = send.take() {
                    block_in_place(|| Handle::current().block_on(async {
                        // Wakes this thread, for the outer future.
                        send.send(()).unwrap();
                        // Sleeps, at once woken.
                        task::yield_now().await;
                    }));
                }
                received
            }).await.unwrap();
        });
    }

    fn a_runtime_and_a_local_set_may_live_in_a_thread_local() {
        struct Owner(LocalSet, Runtime);
        thread_local! {
            static OWNER: Owner = Owner(LocalSet::new(), current_thread());
        }
        thread::spawn(|| OWNER.with(|Owner(set, runtime)| {
            // The thread-locals of the crate come into use after that of the user, so they go first.
            set.block_on(runtime, async {
                task::spawn_local(std::future::pending::<()>());
                task::spawn(std::future::pending::<()>());
                task::yield_now().await;
            });
        })).join().unwrap();
    }

    fn block_on_works_while_a_thread_ends() {
        struct AtExit(Handle, std::sync::mpsc::Sender<u32>);
        impl Drop for AtExit {
            fn drop(&mut self) {
                let task = self.0.spawn(async { 42 });
                self.1.send(self.0.block_on(task).unwrap()).unwrap();
            }
        }
        thread_local! {
            static AT_EXIT: RefCell<Option<AtExit>> = const { RefCell::new(None) };
        }
        let runtime = multi_thread();
        let handle = runtime.handle().clone();
        let (send, receive) = std::sync::mpsc::channel();
        thread::spawn(move || {
            // In use before those of the crate, so it outlives them.
            AT_EXIT.set(Some(AtExit(handle.clone(), send)));
            handle.block_on(async {});
        }).join().unwrap();
        assert_eq!(receive.recv().unwrap(), 42);
    }

    fn an_output_is_dropped_in_the_name_of_its_task() {
        let runtime = current_thread();
        let (send, receive) = std::sync::mpsc::channel();
        let (of_task, in_main) = runtime.block_on(async {
            let task = task::spawn(async move { OnDrop(move || send.send(task::try_id()).unwrap()) });
            let id = task.id();
            task::yield_now().await;
            assert!(task.is_finished());
            drop(task);
            (id, task::try_id())
        });
        assert_eq!(receive.recv().unwrap(), Some(of_task));
        assert_eq!(in_main, None);
    }

    fn sockets_blame_the_missing_runtime_before_the_socket() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        assert!(panic_of(|| TcpListener::from_std(listener)).contains("no runtime here"));
        assert!(panic_of(|| TcpStream::from_std(stream)).contains("no runtime here"));
    }

    fn the_end_of_a_runtime_can_be_told_from_other_errors() {
        let runtime = multi_thread();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        drop(runtime);
        let runtime = current_thread();
        assert!(is_rt_shutdown_err(&runtime.block_on(listener.accept()).unwrap_err()));
        let same_words = std::io::Error::other(
            runtime.block_on(listener.accept()).unwrap_err().to_string(),
        );
        assert!(!is_rt_shutdown_err(&same_words));
        let cancelled = runtime.spawn(std::future::pending::<()>());
        cancelled.abort();
        let error = runtime.block_on(cancelled).unwrap_err();
        assert!(!is_rt_shutdown_err(&error.into()));
    }

    fn a_line_that_is_no_text_is_in_its_error() {
        let runtime = current_thread();
        runtime.block_on(async {
            let mut lines = (&b"a\n\xff\xfe\nb\n"[..]).lines();
            assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("a"));
            let error = lines.next_line().await.unwrap_err().into_inner().unwrap();
            let error = error.downcast::<std::string::FromUtf8Error>().unwrap();
            assert_eq!(error.as_bytes(), b"\xff\xfe");
            assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("b"));
        });
    }

    fn a_future_in_flight_is_ready_only_by_polls() {
        let runtime = current_thread();
        runtime.block_on(async {
            let mut wait = pin!(selvedge::time::sleep_until(selvedge::time::Instant::now()));
            assert!(!wait.is_elapsed());
            let polled = poll_fn(|cx| Poll::Ready(wait.as_mut().poll(cx))).await;
            assert!(polled.is_ready() && wait.is_elapsed());
        });
    }
}
