//! Which CPU the two sides of a conversation run on.
//!
//! Two threads that wake each other in turn cost one price on one CPU (a switch) and quite another on
//! two (an idle CPU is woken, slowest of all on a virtual machine). Left alone, the kernel settles for
//! one of the two and stays there: tokio then beats tokio by three to one. So the workload decides:
//! rows with one conversation at a time exist twice, once for each placement.
//!
//! The server's threads are pinned as they start, the client's only for the length of a run. Runtimes
//! are built by a thread that is not pinned, so that they see how many CPUs there are.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
use elsewhere as system;
#[cfg(target_os = "linux")]
use linux as system;

/// Which CPU the two sides of a conversation run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// As the kernel likes.
    Anywhere,
    /// Both on one.
    OneCpu,
    /// Each on its own.
    TwoCpus,
}

impl Placement {
    /// Pins this thread for good, as one of the server's.
    pub fn pin_server(self) {
        if self != Placement::Anywhere {
            system::pin(system::Side::Server);
        }
    }

    /// Pins this thread as one of the client's.
    #[must_use = "dropping it lets the thread go again"]
    pub fn pin_client(self) -> ClientPin {
        match self {
            Placement::Anywhere => return ClientPin(self),
            Placement::OneCpu => system::pin(system::Side::Server),
            Placement::TwoCpus => system::pin(system::Side::Client),
        }
        ClientPin(self)
    }
}

/// Lets its thread go again when it is dropped.
#[derive(Debug)]
pub struct ClientPin(Placement);

impl Drop for ClientPin {
    fn drop(&mut self) {
        if self.0 != Placement::Anywhere {
            system::unpin();
        }
    }
}
