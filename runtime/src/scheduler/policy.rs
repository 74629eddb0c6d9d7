//! Which task a worker takes next: the choices, as pure functions.
//!
//! A deterministic scheduler that picks among the ready tasks by a seed plugs in here and in
//! [`Rng`](crate::rng::Rng).

/// LIFO polls in a row before tasks that wake each other must let the queue have a turn.
pub(super) const LIFO_POLLS_MAX: u32 = 3;

/// Where a worker with peers finds its next task without stealing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TaskSource {
    Lifo,
    Queue,
    Injector,
}

/// In which order a worker looks for its next task, after `lifo_polls` from the LIFO slot in a row.
///
/// The queue has a turn after [`LIFO_POLLS_MAX`]. Every order names every source: thieves may have emptied
/// the one that was to go first, and a worker that finds nothing goes to sleep, where nobody else looks
/// into its slot.
pub(super) const fn order(lifo_polls: u32) -> [TaskSource; 3] {
    if lifo_polls < LIFO_POLLS_MAX {
        [TaskSource::Lifo, TaskSource::Queue, TaskSource::Injector]
    } else {
        [TaskSource::Queue, TaskSource::Lifo, TaskSource::Injector]
    }
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

    /// A worker whose queue was robbed slept beside the task in its slot.
    #[test]
    fn every_order_looks_everywhere() {
        for lifo_polls in 0..=2 * LIFO_POLLS_MAX {
            let order = order(lifo_polls);
            for source in [TaskSource::Lifo, TaskSource::Queue, TaskSource::Injector] {
                assert!(order.contains(&source), "{source:?} after {lifo_polls}");
            }
            let queue_has_a_turn = lifo_polls >= LIFO_POLLS_MAX;
            assert_eq!(
                order[0] == TaskSource::Queue,
                queue_has_a_turn,
                "{lifo_polls}"
            );
        }
    }

    #[test]
    fn looks_after_a_round_of_yields_and_not_after_each() {
        assert!(!only_yields(YIELDS_PER_LOOK - 1, 1));
        assert!(only_yields(YIELDS_PER_LOOK, 1));
        assert!(!only_yields(YIELDS_PER_LOOK, 100));
        assert!(only_yields(100, 100));
    }
}
