//! The slot by itself: who is woken by what, and what happens around foreign wakers.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Wake;

use super::super::waiters::{Direction, WaitNode};
use super::*;

const READ: Ready = Ready::from_bits(0b0_0101);

/// Counts its wake-ups, and with the reference count its clones.
#[derive(Default)]
struct Counter(AtomicUsize);

impl Counter {
    fn wakes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn counter() -> (Arc<Counter>, Waker) {
    let counter = Arc::new(Counter::default());
    let waker = Waker::from(Arc::clone(&counter));
    (counter, waker)
}

fn open_source() -> Source {
    let source = Source::new();
    assert_eq!(source.open(Ready::EMPTY), 0);
    source
}

fn poll_slot(source: &Source, direction: Direction, waker: &Waker) -> Poll<ReadyEvent> {
    let mut cx = Context::from_waker(waker);
    source.poll_wait(&mut cx, direction.mask(), Place::Slot(direction))
}

fn poll_node(source: &Source, node: std::pin::Pin<&WaitNode>, waker: &Waker) -> Poll<ReadyEvent> {
    source.poll_wait(&mut Context::from_waker(waker), READ, Place::Node(node))
}

/// Dispatches an event and wakes whom it says; returns how many.
fn event(source: &Source, ready: Ready) -> usize {
    let mut wakes = Vec::new();
    assert!(source.dispatch(0, ready, &mut wakes));
    let count = wakes.len();
    wakes.into_iter().for_each(Waker::wake);
    count
}

#[test]
fn an_event_wakes_its_direction_only() {
    let source = open_source();
    let ((reader, read_waker), (writer, write_waker)) = (counter(), counter());
    assert!(poll_slot(&source, Direction::Read, &read_waker).is_pending());
    assert!(poll_slot(&source, Direction::Write, &write_waker).is_pending());
    event(&source, Ready::READABLE);
    assert_eq!((reader.wakes(), writer.wakes()), (1, 0));
    event(&source, Ready::WRITABLE);
    assert_eq!((reader.wakes(), writer.wakes()), (1, 1));
    assert!(poll_slot(&source, Direction::Read, &read_waker).is_ready());
}

#[test]
fn r150_hang_up_wakes_reader_writer_and_futures() {
    let source = open_source();
    let ((reader, read_waker), (writer, write_waker)) = (counter(), counter());
    let (future, future_waker) = counter();
    let node = pin!(WaitNode::new(READ));
    assert!(poll_slot(&source, Direction::Read, &read_waker).is_pending());
    assert!(poll_slot(&source, Direction::Write, &write_waker).is_pending());
    assert!(poll_node(&source, node.as_ref(), &future_waker).is_pending());
    assert_eq!(event(&source, Ready::CLOSED), 3);
    assert_eq!((reader.wakes(), writer.wakes(), future.wakes()), (1, 1, 1));
}

#[test]
fn every_future_on_a_direction_is_woken_oldest_first() {
    let source = open_source();
    let wakers: Vec<_> = (0..40).map(|_| counter()).collect();
    let nodes: Vec<_> = (0..40).map(|_| Box::pin(WaitNode::new(READ))).collect();
    for (node, (_, waker)) in nodes.iter().zip(&wakers) {
        assert!(poll_node(&source, node.as_ref(), waker).is_pending());
    }
    // Out of the beginning, the middle and the end.
    for gone in [0, 17, 39] {
        source.cancel(Place::Node(nodes[gone].as_ref()));
    }
    let mut wakes = Vec::new();
    assert!(source.dispatch(0, Ready::READABLE, &mut wakes));
    let expected = wakers.iter().enumerate();
    let expected: Vec<_> = expected
        .filter(|(at, _)| ![0, 17, 39].contains(at))
        .collect();
    assert_eq!(wakes.len(), expected.len());
    for (woken, (_, (_, waker))) in wakes.iter().zip(expected) {
        assert!(woken.will_wake(waker));
    }
}

#[test]
fn a_dropped_wait_leaves_the_others_waiting() {
    let source = open_source();
    let ((first, first_waker), (second, second_waker)) = (counter(), counter());
    let first_node = pin!(WaitNode::new(READ));
    let second_node = pin!(WaitNode::new(READ));
    assert!(poll_node(&source, first_node.as_ref(), &first_waker).is_pending());
    assert!(poll_node(&source, second_node.as_ref(), &second_waker).is_pending());
    source.cancel(Place::Node(first_node.as_ref()));
    assert_eq!(event(&source, Ready::READABLE), 1);
    assert_eq!((first.wakes(), second.wakes()), (0, 1));
}

#[test]
fn a_wait_polled_by_another_task_wakes_that_one() {
    let source = open_source();
    let ((former, former_waker), (current, current_waker)) = (counter(), counter());
    for direction in [Direction::Read, Direction::Write] {
        assert!(poll_slot(&source, direction, &former_waker).is_pending());
        assert!(poll_slot(&source, direction, &current_waker).is_pending());
    }
    assert_eq!(event(&source, Ready::ALL), 2);
    assert_eq!((former.wakes(), current.wakes()), (0, 2));
}

#[test]
fn polling_again_with_the_same_waker_clones_nothing() {
    let source = open_source();
    let (counter, waker) = counter();
    assert!(poll_slot(&source, Direction::Read, &waker).is_pending());
    let references = Arc::strong_count(&counter);
    assert!(poll_slot(&source, Direction::Read, &waker).is_pending());
    assert_eq!(Arc::strong_count(&counter), references);
}

#[test]
fn cancelled_closed_and_finished_waits_hold_no_waker() {
    let source = open_source();
    let (counter, waker) = counter();
    let node = pin!(WaitNode::new(READ));
    assert!(poll_node(&source, node.as_ref(), &waker).is_pending());
    source.cancel(Place::Node(node.as_ref()));
    assert_eq!(Arc::strong_count(&counter), 2, "after a cancelled wait");

    assert!(poll_slot(&source, Direction::Read, &waker).is_pending());
    event(&source, Ready::READABLE);
    assert_eq!(Arc::strong_count(&counter), 2, "after a wake-up");

    assert!(poll_slot(&source, Direction::Write, &waker).is_pending());
    source.close();
    assert_eq!(Arc::strong_count(&counter), 2, "after the socket is gone");
    assert_eq!(counter.wakes(), 1);
}

#[test]
fn r145_a_stale_event_neither_readies_nor_wakes_the_new_owner() {
    let source = open_source();
    source.close();
    assert_eq!(source.open(Ready::EMPTY), 1);
    let (counter, waker) = counter();
    assert!(poll_slot(&source, Direction::Read, &waker).is_pending());
    let mut wakes = Vec::new();
    assert!(!source.dispatch(0, Ready::ALL, &mut wakes));
    assert!(wakes.is_empty());
    assert!(poll_slot(&source, Direction::Read, &waker).is_pending());
    assert_eq!(counter.wakes(), 0);
}

#[test]
fn r74_waits_after_a_shutdown_end_even_when_readiness_is_cleared() {
    let source = open_source();
    let (counter, waker) = counter();
    assert!(poll_slot(&source, Direction::Read, &waker).is_pending());
    let mut wakes = Vec::new();
    source.shutdown(&mut wakes);
    wakes.into_iter().for_each(Waker::wake);
    assert_eq!(counter.wakes(), 1);
    let Poll::Ready(event) = poll_slot(&source, Direction::Read, &waker) else {
        panic!("a wait after the shutdown must end");
    };
    assert!(event.is_shutdown);
    source.clear(event);
    assert!(poll_slot(&source, Direction::Read, &waker).is_ready());
}

/// A waker whose clone, wake and drop all come back to the same slot.
struct Reentrant(Arc<Source>);

impl Wake for Reentrant {
    fn wake(self: Arc<Self>) {
        self.0.cancel(Place::Slot(Direction::Read));
    }
}

impl Drop for Reentrant {
    fn drop(&mut self) {
        self.0.cancel(Place::Slot(Direction::Write));
    }
}

#[test]
fn wakers_may_use_the_slot_they_wait_in() {
    let source = Arc::new(open_source());
    let reentrant = || Waker::from(Arc::new(Reentrant(Arc::clone(&source))));
    for direction in [Direction::Read, Direction::Write] {
        assert!(poll_slot(&source, direction, &reentrant()).is_pending());
        assert!(poll_slot(&source, direction, &reentrant()).is_pending());
    }
    event(&source, Ready::ALL);
    source.clear(source.look(Ready::ALL));
    source.shutdown(&mut Vec::new());
}
