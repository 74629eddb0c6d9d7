//! Which task a worker takes next: the choices, as pure functions.
//!
//! A deterministic scheduler that picks among the ready tasks by a seed plugs in here and in
//! [`Rng`](crate::rng::Rng).

/// LIFO polls in a row before tasks that wake each other must let the queue have a turn.
pub(super) const LIFO_POLLS_MAX: u32 = 3;

/// Does the LIFO slot go before the queue? After [`LIFO_POLLS_MAX`] in a row the queue has a turn,
/// if it has a task to offer.
pub(super) const fn lifo_first(lifo_polls: u32, queue_empty: bool) -> bool {
    lifo_polls < LIFO_POLLS_MAX || queue_empty
}

/// Polls in a row that end in a yield before the driver gets a look, at the least: a look costs a system
/// call, a yield next to nothing.
const YIELDS_PER_LOOK: usize = 4;

/// Has every task that is ready yielded, and so does any of them only wait for something else to happen?
/// `yields` are the polls in a row that ended so, `queued` the tasks that are ready.
///
/// Then the driver is asked before `event_interval` says so. A task that computes in steps and yields
/// between them would else keep sockets and timers waiting for many of its steps.
pub(super) const fn only_yields(yields: usize, queued: usize) -> bool {
    yields >= YIELDS_PER_LOOK && yields >= queued
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests {
    use super::*;

    #[test]
    fn looks_after_a_round_of_yields_and_not_after_each() {
        assert!(!only_yields(YIELDS_PER_LOOK - 1, 1));
        assert!(only_yields(YIELDS_PER_LOOK, 1));
        assert!(!only_yields(YIELDS_PER_LOOK, 100));
        assert!(only_yields(100, 100));
    }
}
