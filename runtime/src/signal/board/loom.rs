//! Models of the board with a pipe that holds one byte: L-46 to L-48.

use std::task::Context;

use ::loom::future::block_on;
use selvedge_sync::model_check::{THREE, check, spawn, start};
use selvedge_sync::primitive::Arc;
use selvedge_sync::primitive::atomic::AtomicBool;

use super::*;

/// A board, and a pipe that is full when it holds a byte: the hardest for who writes.
struct Line {
    board: Board,
    byte: AtomicBool,
}

impl Line {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            board: Board::new(),
            byte: AtomicBool::new(false),
        })
    }

    /// What the handler does.
    fn handle(&self, number: Number) {
        self.board.note(number);
        // Ordering: AcqRel; as the kernel's lock on the pipe.
        self.byte.swap(true, Ordering::AcqRel);
    }

    /// What a reader does that was told of a byte, or was not; wakes who is to be woken.
    fn serve(&self) {
        // Ordering: AcqRel; as the kernel's lock on the pipe.
        if self.byte.swap(false, Ordering::AcqRel) {
            let mut wakes = Vec::new();
            self.board.collect(&mut wakes);
            wakes.into_iter().for_each(Waker::wake);
        }
    }

    async fn hear(&self, seat: &mut Seat) {
        std::future::poll_fn(|cx: &mut Context<'_>| self.board.poll_hear(cx, seat)).await;
    }
}

fn number(raw: i32) -> Number {
    Number::new(raw).unwrap()
}

/// L-46. A handler notes two signals while a reader turns, and turns again after the last byte: what
/// was noted is delivered, and no byte is left.
#[test]
fn l46_note_races_collect() {
    check("L-46", THREE, || {
        let line = Line::new();
        let mut seats = [1, 65].map(|raw| line.board.join(number(raw)));
        let handler = {
            let line = line.clone();
            spawn(move || {
                line.handle(number(1));
                line.handle(number(65));
            })
        };
        start();
        line.serve();
        handler.join().unwrap();
        line.serve();
        for seat in &mut seats {
            block_on(line.hear(seat));
        }
    });
}

/// L-47. Two readers are told of the same byte while another comes: whoever takes it delivers.
#[test]
fn l47_two_readers_race_a_handler() {
    check("L-47", THREE, || {
        let line = Line::new();
        let mut seat = line.board.join(number(1));
        line.handle(number(2));
        let reader = {
            let line = line.clone();
            spawn(move || line.serve())
        };
        let handler = {
            let line = line.clone();
            spawn(move || line.handle(number(1)))
        };
        start();
        line.serve();
        reader.join().unwrap();
        handler.join().unwrap();
        line.serve();
        block_on(line.hear(&mut seat));
    });
}

/// L-48. A listener begins to wait while the signal is delivered: it hears it, and is woken if it
/// waits.
#[test]
fn l48_wait_races_delivery() {
    check("L-48", THREE, || {
        let line = Line::new();
        let mut seat = line.board.join(number(1));
        let reader = {
            let line = line.clone();
            spawn(move || {
                line.handle(number(1));
                line.serve();
            })
        };
        start();
        block_on(line.hear(&mut seat));
        reader.join().unwrap();
    });
}
