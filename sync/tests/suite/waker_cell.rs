//! `WakerCell`: wakers that panic, and wakers that use the cell.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Waker;

use selvedge_sync::waker_cell::WakerCell;

use crate::executors::watched;
use crate::support::hooked::{EVENTS, Event, bomb, reentrant};
use crate::support::{Bell, panics};

fn works(cell: &WakerCell) {
    let count = Arc::new(Bell::default());
    cell.register(&Waker::from(count.clone()));
    cell.wake();
    assert_eq!(count.rings(), 1, "normal use works: {cell:?}");
}

watched! {
    fn r_014_panics_do_not_block_the_cell() {
        for when in EVENTS {
            let (hooked, armed) = bomb(when);
            let (cell, waker) = (WakerCell::new(), hooked.waker());
            // Into the empty cell.
            armed.store(true, Ordering::Relaxed);
            assert_eq!(panics(|| cell.register(&waker)), when == Event::Clone);
            armed.store(false, Ordering::Relaxed);
            works(&cell);
            // Woken, and replaced by another.
            for replace in [false, true] {
                armed.store(false, Ordering::Relaxed);
                cell.register(&waker);
                armed.store(true, Ordering::Relaxed);
                let panicked = panics(|| {
                    if replace {
                        cell.register(Waker::noop());
                    } else {
                        cell.wake();
                    }
                });
                let expected = if replace { Event::Drop } else { Event::Wake };
                assert_eq!(panicked, when == expected, "{when:?}");
                works(&cell);
            }
            armed.store(false, Ordering::Relaxed);
            drop(cell);
            drop(waker);
            assert_eq!(hooked.alive(), 0, "{when:?}");
        }
    }

    fn wakers_may_use_the_cell() {
        for way in 0..3 {
            let cell = Arc::new(WakerCell::new());
            let hooked = reentrant({
                let cell = cell.clone();
                move |_| match way {
                    0 => cell.wake(),
                    1 => cell.register(Waker::noop()),
                    _ => drop(cell.take()),
                }
            });
            let (waker, other) = (hooked.waker(), hooked.waker());
            cell.register(&waker);
            cell.register(&waker);
            cell.register(&other);
            cell.register(Waker::noop());
            cell.register(&waker);
            cell.wake();
            works(&cell);
            drop((waker, other));
            assert_eq!(hooked.alive(), 0);
        }
    }
}
