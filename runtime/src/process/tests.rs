//! Children watched in each of the ways there are, on each flavor of runtime.

use std::fs;
use std::io::Write;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child as Process, Stdio};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use futures_util::future::{FutureExt, join_all};

use super::exit::OpenPidfd;
use super::*;
use crate::io::{AsyncReadExt, AsyncWriteExt};
use crate::runtime::{Builder, Runtime};

/// Nothing in a test takes this long: whoever waits longer waits for ever.
const HANGS_AFTER: Duration = Duration::from_secs(30);

fn no_pidfd(_process: &Process) -> std::io::Result<std::os::fd::OwnedFd> {
    Err(rustix::io::Errno::NOSYS.into())
}

const WAYS: [OpenPidfd; 2] = [pidfd::open, no_pidfd];

fn runtimes() -> [Runtime; 2] {
    [
        Builder::new_current_thread().build().unwrap(),
        Builder::new_multi_thread()
            .worker_threads(2)
            .build()
            .unwrap(),
    ]
}

/// Runs `body` for each way on each runtime, on a thread that is watched.
fn each_way(body: impl Fn(&Runtime, OpenPidfd) + Send + Copy + 'static) {
    let (done, is_done) = std::sync::mpsc::channel();
    let thread = thread::spawn(move || {
        for open in WAYS {
            for runtime in runtimes() {
                body(&runtime, open);
            }
        }
        let _ = done.send(());
    });
    match is_done.recv_timeout(HANGS_AFTER) {
        Err(std::sync::mpsc::RecvTimeoutError::Timeout) => panic!("a child's end was not noticed"),
        _ => thread.join().unwrap(),
    }
}

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

/// The state of a process: `Z` for a zombie, `None` if nothing is left of it.
fn state(pid: u32) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit(')').next()?.trim_start().chars().next()
}

#[track_caller]
fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < HANGS_AFTER, "waited in vain for: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn an_end_is_noticed_and_said_again() {
    each_way(|runtime, open| {
        runtime.block_on(async {
            let mut child = shell("exit 3").spawn_watched_by(open).unwrap();
            assert!(child.id().is_some());
            assert_eq!(child.wait().await.unwrap().code(), Some(3));
            assert_eq!(child.id(), None);
            assert_eq!(child.wait().await.unwrap().code(), Some(3));
            assert_eq!(child.try_wait().unwrap().unwrap().code(), Some(3));
            child.start_kill().unwrap();
            child.kill().await.unwrap();
        });
    });
}

#[test]
fn an_end_before_the_wait_is_noticed() {
    each_way(|runtime, open| {
        runtime.block_on(async {
            let mut child = shell("exit 4").spawn_watched_by(open).unwrap();
            let pid = child.id().unwrap();
            wait_until("a zombie", || state(pid) == Some('Z'));
            assert_eq!(child.wait().await.unwrap().code(), Some(4));
            assert_eq!(state(pid), None);
        });
    });
}

#[test]
fn a_wait_that_is_dropped_loses_nothing() {
    each_way(|runtime, open| {
        runtime.block_on(async {
            let mut child = shell("read line; exit 5")
                .stdin(Stdio::piped())
                .spawn_watched_by(open)
                .unwrap();
            let mut stdin = child.stdin.take().unwrap();
            for _ in 0..3 {
                assert!(child.wait().now_or_never().is_none());
            }
            assert_eq!(child.try_wait().unwrap(), None);
            stdin.write_all(b"go\n").await.unwrap();
            assert_eq!(child.wait().await.unwrap().code(), Some(5));
        });
    });
}

#[test]
fn waiting_closes_the_standard_input() {
    each_way(|runtime, open| {
        runtime.block_on(async {
            let mut child = Command::new("cat")
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .spawn_watched_by(open)
                .unwrap();
            assert!(child.wait().await.unwrap().success());
        });
    });
}

#[test]
fn killed_children_say_so() {
    each_way(|runtime, open| {
        runtime.block_on(async {
            let mut child = shell("exec sleep 1000").spawn_watched_by(open).unwrap();
            assert_eq!(child.try_wait().unwrap(), None);
            child.kill().await.unwrap();
            let status = child.wait().await.unwrap();
            assert_eq!(status.signal(), Some(9));
        });
    });
}

#[test]
fn two_hundred_children_at_once() {
    each_way(|runtime, open| {
        runtime.block_on(async {
            let children = (0..200).map(|number| {
                let child = shell(&format!("exit {}", number % 100)).spawn_watched_by(open);
                let mut child = child.unwrap();
                crate::spawn(async move { (child.wait().await.unwrap().code(), number % 100) })
            });
            for ended in join_all(Vec::from_iter(children)).await {
                let (code, expected) = ended.unwrap();
                assert_eq!(code, Some(expected));
            }
        });
    });
}

#[test]
fn output_larger_than_a_pipe() {
    each_way(|runtime, open| {
        runtime.block_on(async {
            let mut child = shell("head -c 300000 /dev/zero; head -c 200000 /dev/zero >&2; cat")
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn_watched_by(open)
                .unwrap();
            let mut stdin = child.stdin.take().unwrap();
            let writer = crate::spawn(async move {
                stdin.write_all(&vec![b'x'; 100_000]).await.unwrap();
            });
            let output = child.wait_with_output().await.unwrap();
            writer.await.unwrap();
            assert!(output.status.success());
            assert_eq!(
                (output.stdout.len(), output.stderr.len()),
                (400_000, 200_000)
            );
        });
    });
}

#[test]
fn dropped_children_leave_no_zombies() {
    each_way(|runtime, open| {
        runtime.block_on(async {
            let mut pids = Vec::new();
            for _ in 0..5 {
                // One that ends by itself when its input does, and one that is killed.
                let mut ends = Command::new("cat")
                    .stdin(Stdio::piped())
                    .spawn_watched_by(open)
                    .unwrap();
                let stdin = ends.stdin.take();
                let killed = shell("exec sleep 1000")
                    .kill_on_drop(true)
                    .spawn_watched_by(open)
                    .unwrap();
                pids.extend([ends.id().unwrap(), killed.id().unwrap()]);
                drop((ends, killed));
                drop(stdin);
            }
            let start = Instant::now();
            while pids.iter().any(|pid| state(*pid).is_some()) {
                assert!(start.elapsed() < HANGS_AFTER, "zombies stay");
                crate::task::yield_now().await;
                thread::sleep(Duration::from_millis(1));
            }
        });
    });
}

#[test]
fn a_child_that_ends_with_its_runtime_is_killed_if_asked() {
    each_way(|_, open| {
        for runtime in runtimes() {
            let (started, is_started) = std::sync::mpsc::channel();
            runtime.spawn(async move {
                let mut child = shell("exec sleep 1000")
                    .kill_on_drop(true)
                    .spawn_watched_by(open)
                    .unwrap();
                started.send(child.id().unwrap()).unwrap();
                child.wait().await.unwrap();
            });
            let pid = runtime.block_on(async {
                loop {
                    match is_started.try_recv() {
                        Ok(pid) => break pid,
                        Err(_) => crate::task::yield_now().await,
                    }
                }
            });
            drop(runtime);
            wait_until("the child is dead", || {
                matches!(state(pid), None | Some('Z'))
            });
        }
    });
}

/// What is left of children when the last runtime ends is seen when the next child is started.
#[test]
fn orphans_of_ended_runtimes_are_looked_after_by_later_ones() {
    each_way(|runtime, open| {
        let [first, _] = runtimes();
        let mut child = first
            .block_on(async {
                shell("read line")
                    .stdin(Stdio::piped())
                    .spawn_watched_by(open)
            })
            .unwrap();
        let (pid, stdin) = (child.id().unwrap(), child.stdin.take().unwrap());
        drop(first);
        drop(child);
        // The pipe's runtime has ended; its descriptor is closed all the same.
        drop(stdin);
        runtime.block_on(async {
            assert!(shell("true").status().await.unwrap().success());
            let start = Instant::now();
            while state(pid).is_some() {
                assert!(start.elapsed() < HANGS_AFTER, "a zombie stays");
                crate::task::yield_now().await;
                thread::sleep(Duration::from_millis(1));
            }
        });
    });
}

#[test]
fn a_child_is_waited_for_in_another_runtime() {
    each_way(|runtime, open| {
        let [first, _] = runtimes();
        let mut child = first
            .block_on(async {
                shell("read line; exit 6")
                    .stdin(Stdio::piped())
                    .spawn_watched_by(open)
            })
            .unwrap();
        drop(first);
        assert_eq!(runtime.block_on(child.wait()).unwrap().code(), Some(6));
    });
}

#[test]
fn a_wait_ends_with_the_runtime_that_waits() {
    each_way(|_, open| {
        for runtime in runtimes() {
            let mut child = runtime
                .block_on(async {
                    shell("exec sleep 1000")
                        .kill_on_drop(true)
                        .spawn_watched_by(open)
                })
                .unwrap();
            let handle = runtime.handle().clone();
            drop(runtime);
            handle.block_on(child.wait()).unwrap_err();
        }
    });
}

fn fake_pidfds() -> &'static Mutex<Vec<UnixStream>> {
    static FAKES: OnceLock<Mutex<Vec<UnixStream>>> = OnceLock::new();
    FAKES.get_or_init(|| Mutex::new(Vec::new()))
}

/// a descriptor that says "ended" too early was trusted, or ended the program.
#[test]
fn r157_an_early_pidfd_is_not_believed() {
    /// A descriptor that becomes readable when the test says so, which is thrice.
    fn open_fake(_process: &Process) -> std::io::Result<std::os::fd::OwnedFd> {
        let (ours, theirs) = UnixStream::pair()?;
        fake_pidfds().lock().unwrap().push(ours);
        Ok(theirs.into())
    }
    for runtime in runtimes() {
        runtime.block_on(async {
            let mut child = shell("read line; exit 7")
                .stdin(Stdio::piped())
                .spawn_watched_by(open_fake)
                .unwrap();
            let (pid, mut stdin) = (child.id().unwrap(), child.stdin.take().unwrap());
            let mut fake = fake_pidfds().lock().unwrap().pop().unwrap();
            let waiter = crate::spawn(async move { child.wait().await });
            for _ in 0..2 {
                fake.write_all(b"x").unwrap();
                for _ in 0..10 {
                    crate::task::yield_now().await;
                }
                assert!(!waiter.is_finished());
            }
            stdin.write_all(b"go\n").await.unwrap();
            wait_until("the child has ended", || {
                matches!(state(pid), None | Some('Z'))
            });
            // An event that is told of late may have been the one; then nobody reads this.
            let _ = fake.write_all(b"x");
            assert_eq!(waiter.await.unwrap().unwrap().code(), Some(7));
        });
    }
}

#[test]
fn a_child_that_cannot_be_watched_is_killed() {
    /// Says which process it was, and that the runtime is gone: the one error that is final.
    fn refuse(process: &Process) -> std::io::Result<std::os::fd::OwnedFd> {
        *refused().lock().unwrap() = Some(process.id());
        let runtime = Builder::new_current_thread().build()?;
        let listener = runtime.block_on(crate::net::TcpListener::bind("127.0.0.1:0"))?;
        drop(runtime);
        let accept = std::pin::pin!(listener.accept());
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        match accept.poll(&mut cx) {
            std::task::Poll::Ready(Err(error)) => Err(error),
            other => panic!("{other:?}"),
        }
    }
    fn refused() -> &'static Mutex<Option<u32>> {
        static REFUSED: Mutex<Option<u32>> = Mutex::new(None);
        &REFUSED
    }
    let [runtime, _] = runtimes();
    let _inside = runtime.enter();
    let error = shell("exec sleep 1000")
        .spawn_watched_by(refuse)
        .unwrap_err();
    assert!(crate::runtime::is_rt_shutdown_err(&error), "{error}");
    let pid = refused().lock().unwrap().unwrap();
    wait_until("the child is dead", || {
        matches!(state(pid), None | Some('Z'))
    });
}

#[test]
fn without_a_runtime_nothing_is_started() {
    let result = std::panic::catch_unwind(|| {
        // A process that exists would have made the directory.
        let path = std::env::temp_dir().join(format!("selvedge-{}", std::process::id()));
        let path = path.display();
        drop(shell(&format!("mkdir {path}")).spawn());
    });
    let message = *result.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains("there is no runtime here"), "{message}");
    let path = std::env::temp_dir().join(format!("selvedge-{}", std::process::id()));
    assert!(!path.exists());
}

#[test]
fn pipes_go_from_child_to_child() {
    each_way(|runtime, open| {
        runtime.block_on(async {
            let mut first = Command::new("cat")
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn_watched_by(open)
                .unwrap();
            let stdout: Stdio = first.stdout.take().unwrap().try_into().unwrap();
            let mut second = Command::new("tr")
                .args(["a-z", "A-Z"])
                .stdin(stdout)
                .stdout(Stdio::piped())
                .spawn_watched_by(open)
                .unwrap();
            let mut stdin = first.stdin.take().unwrap();
            stdin.write_all(b"hello").await.unwrap();
            drop(stdin);
            let mut text = String::new();
            let stdout = second.stdout.as_mut().unwrap();
            stdout.read_to_string(&mut text).await.unwrap();
            assert_eq!(text, "HELLO");
            assert!(first.wait().await.unwrap().success());
            assert!(second.wait().await.unwrap().success());
        });
    });
}

#[test]
fn a_pipe_that_is_taken_out_blocks_again() {
    let [runtime, _] = runtimes();
    runtime.block_on(async {
        let mut child = Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take().unwrap();
        let flags = |fd: std::os::fd::BorrowedFd<'_>| rustix::fs::fcntl_getfl(fd).unwrap();
        assert!(flags(stdin.as_fd()).contains(rustix::fs::OFlags::NONBLOCK));
        assert_eq!(stdin.as_raw_fd(), stdin.as_fd().as_raw_fd());
        let fd = stdin.into_owned_fd().unwrap();
        assert!(!flags(fd.as_fd()).contains(rustix::fs::OFlags::NONBLOCK));
        std::fs::File::from(fd).write_all(b"blocking").unwrap();
        let output = child.wait_with_output().await.unwrap();
        assert_eq!(output.stdout, b"blocking");
    });
}
