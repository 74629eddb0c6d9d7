//! A process that was started.

use std::future::Future;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::process::{Child as Process, ExitStatus, Output};
use std::task::{Context, Poll, ready};

use futures_util::future::try_join3;
use selvedge_sync::primitive::Arc;

use super::exit::{ExitNotice, OpenPidfd};
use super::stdio::{ChildStderr, ChildStdin, ChildStdout};
use super::ward::Ward;
use crate::io::{AsyncRead, AsyncReadExt};
use crate::reactor::Reactor;

/// A child process. It comes from [`Command::spawn`](super::Command::spawn).
///
/// Dropping it neither waits for the process nor ends it, unless
/// [`Command::kill_on_drop`](super::Command::kill_on_drop) says so. See the
/// [module](super) for what happens to the process then.
///
/// # Examples
///
/// ```
/// use selvedge::process::Command;
///
/// # #[selvedge::main]
/// # async fn main() -> std::io::Result<()> {
/// let mut child = Command::new("sh").args(["-c", "exit 7"]).spawn()?;
/// assert_eq!(child.wait().await?.code(), Some(7));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Child {
    life: Life,
    /// The pipe to its standard input, if [`Stdio::piped`](std::process::Stdio::piped) was asked for.
    ///
    /// Take it out to write to it; waiting for the child closes what is still here.
    pub stdin: Option<ChildStdin>,
    /// The pipe from its standard output, if one was asked for.
    pub stdout: Option<ChildStdout>,
    /// The pipe from its standard error, if one was asked for.
    pub stderr: Option<ChildStderr>,
}

/// Whether the child has been asked for its end.
#[derive(Debug)]
enum Life {
    Runs { ward: Ward, notice: ExitNotice },
    Ended(ExitStatus),
}

impl Child {
    /// Takes over a process that was just started. If that fails, the process is killed.
    #[track_caller]
    pub(super) fn adopt(
        mut process: Process,
        reactor: Arc<Reactor>,
        open: OpenPidfd,
        kill_on_drop: bool,
    ) -> io::Result<Self> {
        let (stdin, stdout, stderr) = (
            process.stdin.take(),
            process.stdout.take(),
            process.stderr.take(),
        );
        // Killed by any of the errors below: who hears of an error has no handle.
        let mut ward = Ward::new(process, Arc::clone(&reactor), true);
        let stdin = stdin.map(ChildStdin::from_std).transpose()?;
        let stdout = stdout.map(ChildStdout::from_std).transpose()?;
        let stderr = stderr.map(ChildStderr::from_std).transpose()?;
        let notice = ExitNotice::new(ward.process(), reactor, open)?;
        ward.kill_on_drop = kill_on_drop;
        Ok(Self {
            life: Life::Runs { ward, notice },
            stdin,
            stdout,
            stderr,
        })
    }

    /// The number of the process; `None` once its end has been seen, as the number may be another's then.
    pub fn id(&self) -> Option<u32> {
        match &self.life {
            Life::Runs { ward, .. } => Some(ward.id()),
            Life::Ended(_) => None,
        }
    }

    /// Kills the process (`SIGKILL`), without waiting for its end.
    ///
    /// # Errors
    ///
    /// That of the operating system. It is none if the process has ended already.
    pub fn start_kill(&mut self) -> io::Result<()> {
        match &mut self.life {
            Life::Runs { ward, .. } => ward.kill(),
            Life::Ended(_) => Ok(()),
        }
    }

    /// Kills the process (`SIGKILL`) and waits for its end.
    ///
    /// # Errors
    ///
    /// Those of [`start_kill`](Self::start_kill) and [`wait`](Self::wait).
    ///
    /// # Cancel safety
    ///
    /// The first poll kills it. Dropping the future after that leaves a process that ends.
    #[track_caller]
    pub fn kill(&mut self) -> impl Future<Output = io::Result<()>> {
        let place = Location::caller();
        async move {
            self.start_kill()?;
            self.wait_at(place).await.map(drop)
        }
    }

    /// Waits until the process has ended, and says how.
    ///
    /// The first poll closes the pipe to its standard input, if that was not taken out: a process that reads
    /// it to the end would never end otherwise. It does not read the other pipes: a process that writes more
    /// into them than they hold does not end; see [`wait_with_output`](Self::wait_with_output).
    ///
    /// It may be called again and says the same.
    ///
    /// # Errors
    ///
    /// Somebody else has asked for the end of the process, or `SIGCHLD` is ignored; the runtime has shut
    /// down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: the next one says how the process ended.
    #[track_caller]
    pub fn wait(&mut self) -> Wait<'_> {
        self.wait_at(Location::caller())
    }

    fn wait_at(&mut self, place: &'static Location<'static>) -> Wait<'_> {
        Wait { child: self, place }
    }

    /// Says how the process has ended, if it has. Does not close its standard input.
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Self::wait).
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        let status = match &mut self.life {
            Life::Runs { ward, .. } => ward.try_wait()?,
            Life::Ended(status) => Some(*status),
        };
        if let Some(status) = status {
            self.life = Life::Ended(status);
        }
        Ok(status)
    }

    /// Waits until the process has ended and its output pipes are closed, and returns what it wrote to
    /// them.
    ///
    /// Closes the pipe to its standard input first, if that was not taken out.
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Self::wait) and of reading.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the child and what was read.
    #[track_caller]
    pub fn wait_with_output(mut self) -> impl Future<Output = io::Result<Output>> {
        let place = Location::caller();
        async move {
            let mut stdout = self.stdout.take();
            let mut stderr = self.stderr.take();
            let (status, stdout_bytes, stderr_bytes) = try_join3(
                self.wait_at(place),
                read_all(stdout.as_mut()),
                read_all(stderr.as_mut()),
            )
            .await?;
            Ok(Output {
                status,
                stdout: stdout_bytes,
                stderr: stderr_bytes,
            })
        }
    }
}

async fn read_all(pipe: Option<&mut (impl AsyncRead + Unpin)>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

/// The future of [`Child::wait`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Wait<'a> {
    child: &'a mut Child,
    place: &'static Location<'static>,
}

impl Future for Wait<'_> {
    type Output = io::Result<ExitStatus>;

    /// It is woken: see `exit.rs`.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let place = self.place;
        let child = &mut *self.child;
        drop(child.stdin.take());
        let status = match &mut child.life {
            Life::Runs { ward, notice } => ready!(notice.poll_exit(ward.process(), cx, place))?,
            Life::Ended(status) => *status,
        };
        child.life = Life::Ended(status);
        Poll::Ready(Ok(status))
    }
}
