//! The registry by itself: where tasks are entered, and what a close does.
#![allow(
    unsafe_code,
    reason = "the tests' scheduler is reached from tasks by pointer"
)]

use std::future;
use std::panic::Location;
use std::sync::Mutex as PlainMutex;
use std::task::Waker;

use super::*;
use crate::task::{Id, JoinHandle, Origin, Schedule, allocate};

/// Keeps what was woken.
struct Desk {
    registry: Registry,
    woken: PlainMutex<Vec<Runnable>>,
    /// What `remove` said, task by task.
    removals: PlainMutex<Vec<bool>>,
}

impl Desk {
    fn new(tables: usize) -> Self {
        let (woken, removals) = Default::default();
        Self {
            registry: Registry::new(tables),
            woken,
            removals,
        }
    }

    fn task(&self) -> (Runnable, JoinHandle<()>) {
        let origin = Origin::at(Location::caller());
        allocate(future::pending(), self, Id::next(), origin)
    }

    fn close_and_drop(&self) {
        drop(self.registry.close());
        let woken = std::mem::take(&mut *self.woken.lock().unwrap());
        drop(woken);
    }

    fn removals(&self) -> Vec<bool> {
        self.removals.lock().unwrap().clone()
    }
}

impl Schedule for Desk {
    unsafe fn schedule(this: *const Self, task: Runnable) {
        // SAFETY: the tests keep their desk to the end.
        unsafe { &*this }.woken.lock().unwrap().push(task);
    }

    unsafe fn unregister(this: *const Self, task: &Header) {
        // SAFETY: as above.
        let desk = unsafe { &*this };
        let emptied = desk.registry.remove(task);
        desk.removals.lock().unwrap().push(emptied);
    }
}

/// Runs a task that never ends, once: it is idle then.
fn run_once(task: Runnable) {
    assert!(task.run().is_none());
}

#[test]
fn counts_live_tasks_over_all_tables() {
    let desk = Desk::new(3);
    assert!(desk.registry.is_empty());
    let (tasks, handles): (Vec<_>, Vec<_>) = (0..7).map(|_| desk.task()).unzip();
    for (table, task) in tasks.iter().enumerate() {
        // Tables beyond the last are the first ones again.
        assert!(desk.registry.insert(table, task));
        assert_eq!(
            task.header().registry_place().map(|place| place.0),
            Some(table % 3)
        );
        assert_eq!(desk.registry.len(), table + 1);
    }
    drop(tasks);
    assert!(desk.registry.is_empty());
    assert_eq!(desk.removals(), [false; 7], "nothing was closed");
    drop(handles);
}

#[test]
fn keys_are_used_again() {
    let desk = Desk::new(1);
    let (first, _first) = desk.task();
    let (second, _second) = desk.task();
    assert!(desk.registry.insert(0, &first));
    assert!(desk.registry.insert(0, &second));
    let place = first.header().registry_place();
    drop(first);
    let (third, _third) = desk.task();
    assert!(desk.registry.insert(0, &third));
    assert_eq!(third.header().registry_place(), place);
    drop((second, third));
    assert!(desk.registry.is_empty());
}

#[test]
fn close_refuses_and_cancels() {
    let desk = Desk::new(2);
    let (idle, idle_handle) = desk.task();
    let (queued, queued_handle) = desk.task();
    assert!(desk.registry.insert(0, &idle) && desk.registry.insert(1, &queued));
    run_once(idle);

    let cancelled = desk.registry.close();
    assert_eq!(cancelled.len(), 1, "only an idle task needs a runnable");
    let (late, late_handle) = desk.task();
    assert!(!desk.registry.insert(0, &late), "closed");
    drop(late);

    assert!(
        !desk.registry.is_empty(),
        "cancelled tasks are live until their turn"
    );
    drop(cancelled);
    assert!(idle_handle.is_finished() && !queued_handle.is_finished());
    assert!(queued.run().is_none());
    assert!(queued_handle.is_finished() && late_handle.is_finished());
    assert!(desk.registry.is_empty());
    // The late one was in no table; each of the others was the last of a closed one.
    assert_eq!(desk.removals(), [false, true, true]);
}

#[test]
fn closing_twice_makes_no_second_runnable() {
    let desk = Desk::new(1);
    let (task, handle) = desk.task();
    assert!(desk.registry.insert(0, &task));
    run_once(task);
    let cancelled = desk.registry.close();
    assert_eq!(cancelled.len(), 1);
    assert!(desk.registry.close().is_empty());
    handle.abort();
    assert!(desk.woken.lock().unwrap().is_empty(), "nor does an abort");
    drop(cancelled);
    assert!(handle.is_finished());
}

#[test]
fn a_finished_task_is_not_found_by_close() {
    let desk = Desk::new(1);
    let (task, mut handle) = desk.task();
    assert!(desk.registry.insert(0, &task));
    run_once(task);
    handle.abort();
    desk.woken.lock().unwrap().drain(..).for_each(drop);
    assert!(desk.registry.is_empty());
    desk.close_and_drop();
    let mut cx = std::task::Context::from_waker(Waker::noop());
    assert!(std::pin::Pin::new(&mut handle).poll(&mut cx).is_ready());
}
