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
