//! What it costs two to take turns with a condition variable.

use std::io;
use std::sync::Arc;

use selvedge::sync::{Condvar, Mutex};

use super::crew;
use super::sample::Sample;
use super::{Load, Side};

/// Whose turn it is, and whether the game is over.
#[derive(Default)]
struct Game {
    turn: usize,
    over: bool,
}

impl Game {
    /// Is it neither the turn of `number` nor the end?
    fn waits(&self, number: usize) -> bool {
        self.turn != number && !self.over
    }
}

pub(crate) fn measure(side: Side, load: &Load) -> io::Result<Sample> {
    match side {
        Side::Tasks => {
            let table = Arc::new((Mutex::new(Game::default()), Condvar::new()));
            crew::of_tasks(load, "each", 2, move |number, until| {
                let table = table.clone();
                async move {
                    let (game, changed) = &*table;
                    let mut turns = 0;
                    loop {
                        let guard = game.lock().await;
                        let waits = |game: &mut Game| game.waits(number);
                        let mut guard = changed.wait_while(guard, waits).await;
                        if guard.over {
                            return turns;
                        }
                        guard.turn = 1 - number;
                        guard.over = until.over();
                        turns += 1;
                        drop(guard);
                        changed.notify_one();
                    }
                }
            })
        }
        Side::Threads => {
            let game = std::sync::Mutex::new(Game::default());
            let changed = std::sync::Condvar::new();
            crew::of_threads(load, "each", 2, move |number, until| {
                let mut turns = 0;
                loop {
                    let guard = game.lock().unwrap_or_else(|e| e.into_inner());
                    let waits = |game: &mut Game| game.waits(number);
                    let mut guard = changed
                        .wait_while(guard, waits)
                        .unwrap_or_else(|e| e.into_inner());
                    if guard.over {
                        return turns;
                    }
                    guard.turn = 1 - number;
                    guard.over = until.over();
                    turns += 1;
                    drop(guard);
                    changed.notify_one();
                }
            })
        }
    }
}
