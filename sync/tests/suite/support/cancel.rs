//! A waiter that is dropped after some polls, woken or not, between two others.

use std::future::Future;

use super::Seat;

/// When the future in the middle of the queue is dropped.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cancel {
    pub(crate) polls: usize,
    /// The event that wakes it happens before it is dropped, and it is not polled in between.
    pub(crate) woken: bool,
}

pub(crate) fn cancels(polls_max: usize) -> impl Iterator<Item = Cancel> {
    (0..=polls_max).flat_map(|polls| [false, true].map(|woken| Cancel { polls, woken }))
}

/// Seats `count` futures, polls all but the one that is to be dropped once, in order, and that one
/// as often as it says.
pub(crate) fn seat<'a, F: Future<Output = ()> + 'a>(
    count: usize,
    victim: usize,
    cancel: Cancel,
    make: impl Fn() -> F,
) -> Vec<Seat<'a, ()>> {
    let mut seats: Vec<_> = (0..count).map(|_| Seat::new(make())).collect();
    for (index, seat) in seats.iter_mut().enumerate() {
        let polls = if index == victim { cancel.polls } else { 1 };
        for _ in 0..polls {
            assert!(seat.poll().is_pending());
        }
    }
    seats
}

/// How many of the seats are done, in which order they are seated.
pub(crate) fn ready(seats: &mut [Seat<'_, ()>]) -> Vec<usize> {
    let is_ready = |(index, seat): (usize, &mut Seat<'_, ()>)| {
        let ready = seat.poll().is_ready();
        assert_eq!(seat.wakes() > 0, ready, "exactly the ready ones were woken");
        ready.then_some(index)
    };
    seats.iter_mut().enumerate().filter_map(is_ready).collect()
}
