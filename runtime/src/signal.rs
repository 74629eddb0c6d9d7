//! Signals of the operating system, as something to wait for.
//!
//! | Wanted | Look at |
//! |---|---|
//! | end when somebody presses Ctrl-C | [`ctrl_c`] |
//! | wait for any signal, again and again | [`unix::signal`] |
//!
//! Any number of tasks, in any number of runtimes, may listen to the same signal; each hears it. The
//! first listener of a signal installs a handler, which stays until the process ends: from then on the
//! signal does nothing by itself. Dropping all listeners does not bring the default back.
//!
//! | File | Idea |
//! |---|---|
//! | `number.rs` | the number of a signal |
//! | `audience.rs` | who listens, and what each has heard (pure) |
//! | `board.rs` | handlers note, listeners find: why no signal is lost |
//! | `handler.rs` | handlers in the operating system |
//! | `hub.rs` | what one process knows, and the pipe that rouses its runtimes |
//!
//! # Fork
//!
//! A child made by `fork` without `exec` takes nothing from its parent. It can listen itself, in a runtime
//! made after the fork; what it inherited hears nothing.

mod audience;
mod board;
mod ctrl_c;
mod handler;
mod hub;
mod number;
pub mod unix;

pub use ctrl_c::{CtrlC, ctrl_c};
pub(crate) use hub::Listener;
