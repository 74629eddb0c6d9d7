//! Child processes.
//!
//! | Type | What it is |
//! |---|---|
//! | [`Command`] | what to start, and how |
//! | [`Child`] | a process that was started: wait for it, kill it |
//! | [`ChildStdin`], [`ChildStdout`], [`ChildStderr`] | pipes to and from it |
//!
//! # Example
//!
//! ```
//! use selvedge::process::Command;
//!
//! # #[selvedge::main]
//! # async fn main() -> std::io::Result<()> {
//! let output = Command::new("echo").arg("hello").output().await?;
//! assert!(output.status.success());
//! assert_eq!(output.stdout, b"hello\n");
//! # Ok(())
//! # }
//! ```
//!
//! # The end of a child
//!
//! The kernel keeps what is left of a process that ended, a *zombie*, until its parent has asked how it
//! ended. [`Child::wait`] does, as soon as the kernel says that there is something to ask: through a
//! descriptor of the process (`pidfd`) or, where there is none, after a `SIGCHLD`.
//!
//! A [`Child`] that is dropped goes on running, unless [`Command::kill_on_drop`] was set. When it ends, and
//! a runtime that has had such a child still runs, it is asked then; otherwise when the next child is
//! started. So a program that starts processes all the time collects no zombies, whatever becomes of the
//! handles. Who must not leave one for a moment awaits [`Child::wait`] or [`Child::kill`].
//!
//! Programs should not ignore `SIGCHLD` themselves: the kernel then forgets how children ended, and waiting
//! for them is an error.
//!
//! | File | Idea |
//! |---|---|
//! | `command.rs` | what to start |
//! | `child.rs` | the handle, and waiting |
//! | `ward.rs` | the duty to see a process's end, whatever becomes of its handle |
//! | `exit.rs`, `pidfd.rs` | how its end is noticed |
//! | `orphans.rs` | processes that nobody waits for |
//! | `stdio.rs` | pipes |

mod child;
mod command;
mod exit;
mod orphans;
mod pidfd;
mod stdio;
mod ward;

pub use child::{Child, Wait};
pub use command::Command;
pub use stdio::{ChildStderr, ChildStdin, ChildStdout};

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
