//! What to start, and how.
#![allow(unsafe_code, reason = "`pre_exec` is unsafe, as in `std`")]

use std::ffi::OsStr;
use std::future::Future;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{self, ExitStatus, Output, Stdio};

use super::child::Child;
use super::exit::OpenPidfd;
use super::orphans::orphans;
use super::pidfd;
use crate::context;

/// What to start, and how: [`std::process::Command`] for tasks.
///
/// # Examples
///
/// ```
/// use std::process::Stdio;
///
/// use selvedge::io::{AsyncBufReadExt, BufReader};
/// use selvedge::process::Command;
///
/// # #[selvedge::main]
/// # async fn main() -> std::io::Result<()> {
/// let mut child = Command::new("sh")
///     .args(["-c", "echo one; echo two"])
///     .stdout(Stdio::piped())
///     .spawn()?;
/// let stdout = child.stdout.take().expect("it was piped");
/// let mut lines = BufReader::new(stdout).lines();
/// assert_eq!(lines.next_line().await?.as_deref(), Some("one"));
/// assert_eq!(lines.next_line().await?.as_deref(), Some("two"));
/// assert!(child.wait().await?.success());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Command {
    std: process::Command,
    kill_on_drop: bool,
}

impl Command {
    /// A command that starts `program`, which is looked up in `PATH`, with the environment, the working
    /// directory and the standard input and output of this process.
    pub fn new<S: AsRef<OsStr>>(program: S) -> Self {
        Self::from(process::Command::new(program))
    }

    /// The standard library's command.
    pub fn as_std(&self) -> &process::Command {
        &self.std
    }

    /// The standard library's command, for what this type does not offer.
    pub fn as_std_mut(&mut self) -> &mut process::Command {
        &mut self.std
    }

    /// The standard library's command, without [`kill_on_drop`](Self::kill_on_drop).
    pub fn into_std(self) -> process::Command {
        self.std
    }

    /// Adds an argument.
    pub fn arg<S: AsRef<OsStr>>(&mut self, arg: S) -> &mut Self {
        self.std.arg(arg);
        self
    }

    /// Adds several arguments.
    pub fn args<I, S>(&mut self, args: I) -> &mut Self
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        self.std.args(args);
        self
    }

    /// Sets what the program is told is its own name, instead of what it was looked up by.
    pub fn arg0<S: AsRef<OsStr>>(&mut self, arg: S) -> &mut Self {
        self.std.arg0(arg);
        self
    }

    /// Sets a variable of the environment.
    pub fn env<K, V>(&mut self, key: K, val: V) -> &mut Self
    where
        K: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        self.std.env(key, val);
        self
    }

    /// Sets several variables of the environment.
    pub fn envs<I, K, V>(&mut self, vars: I) -> &mut Self
    where
        I: IntoIterator<Item = (K, V)>,
        K: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        self.std.envs(vars);
        self
    }

    /// Removes a variable of the environment.
    pub fn env_remove<K: AsRef<OsStr>>(&mut self, key: K) -> &mut Self {
        self.std.env_remove(key);
        self
    }

    /// Starts with no environment but what is set from here on.
    pub fn env_clear(&mut self) -> &mut Self {
        self.std.env_clear();
        self
    }

    /// Sets the working directory.
    pub fn current_dir<P: AsRef<Path>>(&mut self, dir: P) -> &mut Self {
        self.std.current_dir(dir);
        self
    }

    /// Sets the standard input. Left alone, it is that of this process.
    pub fn stdin<T: Into<Stdio>>(&mut self, cfg: T) -> &mut Self {
        self.std.stdin(cfg);
        self
    }

    /// Sets the standard output. Left alone, it is that of this process.
    pub fn stdout<T: Into<Stdio>>(&mut self, cfg: T) -> &mut Self {
        self.std.stdout(cfg);
        self
    }

    /// Sets the standard error. Left alone, it is that of this process.
    pub fn stderr<T: Into<Stdio>>(&mut self, cfg: T) -> &mut Self {
        self.std.stderr(cfg);
        self
    }

    /// Sets whether dropping the [`Child`] kills it, as when the task that waits for it is cancelled.
    ///
    /// Left alone, it is not: the process goes on.
    pub fn kill_on_drop(&mut self, kill_on_drop: bool) -> &mut Self {
        self.kill_on_drop = kill_on_drop;
        self
    }

    /// Whether dropping the [`Child`] kills it.
    pub fn get_kill_on_drop(&self) -> bool {
        self.kill_on_drop
    }

    /// Sets the user the program runs as.
    pub fn uid(&mut self, id: u32) -> &mut Self {
        self.std.uid(id);
        self
    }

    /// Sets the group the program runs as.
    pub fn gid(&mut self, id: u32) -> &mut Self {
        self.std.gid(id);
        self
    }

    /// Sets the process group: 0 makes a new one, led by the process.
    pub fn process_group(&mut self, pgroup: i32) -> &mut Self {
        self.std.process_group(pgroup);
        self
    }

    /// Has the new process run `f` before it becomes the program. Several run in the order they were added;
    /// the first error ends the process, and comes back from [`spawn`](Self::spawn).
    ///
    /// # Safety
    ///
    /// `f` runs after a `fork`, in a process that is a copy of one that may have had several threads: it may
    /// do only what is allowed in a signal handler. It must not allocate or take locks. See
    /// [`std`'s](std::os::unix::process::CommandExt::pre_exec).
    pub unsafe fn pre_exec<F>(&mut self, f: F) -> &mut Self
    where
        F: FnMut() -> io::Result<()> + Send + Sync + 'static,
    {
        // SAFETY: the caller's promise is the one asked for here.
        unsafe { self.std.pre_exec(f) };
        self
    }

    /// Starts the process. Blocks the thread until it has become the program, or failed to.
    ///
    /// # Errors
    ///
    /// The program cannot be started, or the runtime cannot watch it: then it has been killed.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn spawn(&mut self) -> io::Result<Child> {
        self.spawn_watched_by(pidfd::open)
    }

    #[track_caller]
    pub(super) fn spawn_watched_by(&mut self, open: OpenPidfd) -> io::Result<Child> {
        // Before anything is started: without a runtime this panics.
        let reactor = context::reactor();
        reactor.check_process()?;
        orphans().attend(&reactor);
        let process = self.std.spawn()?;
        Child::adopt(process, reactor, open, self.kill_on_drop)
    }

    /// Starts the process, and waits until it has ended.
    ///
    /// It is started at once, before the future is polled. Pipes to and from it are closed by the first
    /// poll.
    ///
    /// # Errors
    ///
    /// Those of [`spawn`](Self::spawn) and [`Child::wait`].
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the [`Child`].
    #[track_caller]
    pub fn status(&mut self) -> impl Future<Output = io::Result<ExitStatus>> + use<> {
        let child = self.spawn();
        async move {
            let mut child = child?;
            // The process may wait for somebody at the other end.
            drop((child.stdin.take(), child.stdout.take(), child.stderr.take()));
            child.wait().await
        }
    }

    /// Starts the process with pipes from its standard output and error, waits until it has ended, and
    /// returns what it wrote.
    ///
    /// It is started at once, before the future is polled. Its standard input is what was set: that of this
    /// process if nothing was.
    ///
    /// # Errors
    ///
    /// Those of [`spawn`](Self::spawn) and [`Child::wait_with_output`].
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the [`Child`] and what was read.
    #[track_caller]
    pub fn output(&mut self) -> impl Future<Output = io::Result<Output>> + use<> {
        self.std.stdout(Stdio::piped());
        self.std.stderr(Stdio::piped());
        let child = self.spawn();
        async move { child?.wait_with_output().await }
    }
}

impl From<process::Command> for Command {
    fn from(std: process::Command) -> Self {
        Self {
            std,
            kill_on_drop: false,
        }
    }
}
