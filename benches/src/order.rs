//! Who runs after whom, so that everybody starts as often and follows everybody as often.
//!
//! What ran before leaves something behind: warm or cold caches, a heap in its own shape, threads
//! that the kernel is still burying. With mere rotation each entrant would always follow the same
//! one. Here the order of a round is a zigzag (0, n-1, 1, n-2, ..) shifted by one each round: within n
//! rounds everybody stands at every place once. Every second set of n rounds is run backwards; for an
//! even n everybody follows everybody once in each set, for an odd n twice in two sets.
//!
//! Credits: these are the balanced squares of E. J. Williams (1949).

/// The order of `entrants` in `round`.
pub fn of_round(round: usize, entrants: usize) -> Vec<usize> {
    let zigzag = |place: usize| match place % 2 {
        0 => place / 2,
        _ => entrants - 1 - place / 2,
    };
    let shifted = |place: usize| (zigzag(place) + round) % entrants;
    let mut order: Vec<usize> = (0..entrants).map(shifted).collect();
    if (round / entrants) % 2 == 1 {
        order.reverse();
    }
    order
}

#[cfg(test)]
mod tests;
