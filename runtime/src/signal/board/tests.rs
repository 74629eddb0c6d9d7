//! Handlers and listeners, one step at a time.

use std::sync::Arc;

use super::*;
use crate::reactor::driven::Flag;

fn number(raw: i32) -> Number {
    Number::new(raw).unwrap()
}

fn join(board: &Board, raw: i32) -> Seat {
    board.join(number(raw))
}

/// Polls once; whether there was something to hear.
fn hears(board: &Board, seat: &mut Seat, waker: &Waker) -> bool {
    let mut cx = Context::from_waker(waker);
    board.poll_hear(&mut cx, seat).is_ready()
}

fn collect(board: &Board) -> usize {
    let mut wakes = Vec::new();
    board.collect(&mut wakes);
    let count = wakes.len();
    wakes.into_iter().for_each(Waker::wake);
    count
}

#[test]
fn each_signal_reaches_its_listeners_and_no_others() {
    let board = Board::new();
    let all = [1, 2, 63, 64, 65, 128];
    let mut listeners: Vec<_> = all.map(|raw| (raw, join(&board, raw), Flag::new())).into();
    for (_, seat, (_, waker)) in &mut listeners {
        assert!(!hears(&board, seat, waker));
    }
    for raw in all {
        board.note(number(raw));
        assert_eq!(collect(&board), 1);
        for (own, seat, (flag, waker)) in &mut listeners {
            assert_eq!(flag.take(), *own == raw);
            assert_eq!(hears(&board, seat, waker), *own == raw);
            assert!(!hears(&board, seat, waker));
        }
    }
    assert_eq!(collect(&board), 0, "each bit was taken once");
}

#[test]
fn what_is_delivered_before_a_listener_joins_is_not_for_it() {
    let board = Board::new();
    let (flag, waker) = Flag::new();
    let mut early = join(&board, 10);
    board.note(number(10));
    assert_eq!(collect(&board), 0);
    let mut late = join(&board, 10);
    assert!(hears(&board, &mut early, &waker));
    assert!(!hears(&board, &mut late, &waker));
    // Noted, and not delivered yet: for who joins meanwhile as well.
    board.note(number(10));
    let mut latest = join(&board, 10);
    assert_eq!(collect(&board), 1);
    assert!(flag.take());
    assert!(hears(&board, &mut late, &waker));
    assert!(hears(&board, &mut latest, &waker));
}

#[test]
fn the_last_waker_counts_and_an_equal_one_is_kept() {
    let board = Board::new();
    let mut seat = join(&board, 10);
    let (first, first_waker) = Flag::new();
    let (second, second_waker) = Flag::new();
    assert!(!hears(&board, &mut seat, &first_waker));
    let count = Arc::strong_count(&first);
    assert!(!hears(&board, &mut seat, &first_waker));
    assert_eq!(Arc::strong_count(&first), count);
    assert!(!hears(&board, &mut seat, &second_waker));
    assert_eq!(Arc::strong_count(&first), count - 1);
    board.note(number(10));
    assert_eq!(collect(&board), 1);
    assert!(!first.take());
    assert!(second.take());
}

#[test]
fn leaving_drops_the_waker_outside_the_lock() {
    /// A waker whose drop uses the board.
    struct UsesBoard(Arc<Board>);
    impl std::task::Wake for UsesBoard {
        fn wake(self: Arc<Self>) {}
    }
    impl Drop for UsesBoard {
        fn drop(&mut self) {
            self.0.stir(&mut Vec::new());
        }
    }
    let board = Arc::new(Board::new());
    let mut seat = join(&board, 10);
    let waker = Waker::from(Arc::new(UsesBoard(Arc::clone(&board))));
    assert!(!hears(&board, &mut seat, &waker));
    drop(waker);
    // Replaced, then left: each drop is the last of its waker.
    let second = Waker::from(Arc::new(UsesBoard(Arc::clone(&board))));
    assert!(!hears(&board, &mut seat, &second));
    drop(second);
    board.leave(&seat);
    assert_eq!(Arc::strong_count(&board), 1);
}

#[test]
fn stirring_wakes_the_listeners_of_every_signal() {
    let board = Board::new();
    let (flag, waker) = Flag::new();
    let mut seats = [1, 64, 128].map(|raw| join(&board, raw));
    for seat in &mut seats {
        assert!(!hears(&board, seat, &waker));
    }
    let mut wakes = Vec::new();
    board.stir(&mut wakes);
    assert_eq!(wakes.len(), 3);
    drop(wakes);
    assert!(!flag.take());
    for seat in &mut seats {
        assert!(!hears(&board, seat, &waker));
    }
}
