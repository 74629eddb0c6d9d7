//! Models of one slot, without mio: L-40 to L-45.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use loom::future::block_on;
use selvedge_sync::primitive::{Arc, thread};

use super::readiness::ReadyEvent;
use super::source::Source;
use super::waiters::{Direction, Place, WaitNode};
use crate::io::Ready;

const READ: Ready = Ready::from_bits(0b0_0101);

fn open_source() -> Arc<Source> {
    let source = Source::new();
    source.open(Ready::EMPTY);
    Arc::new(source)
}

fn event(source: &Source, generation: u16, ready: Ready) {
    let mut wakes = Vec::new();
    source.dispatch(generation, ready, &mut wakes);
    wakes.into_iter().for_each(Waker::wake);
}

fn shutdown(source: &Source) {
    let mut wakes = Vec::new();
    source.shutdown(&mut wakes);
    wakes.into_iter().for_each(Waker::wake);
}

async fn slot_ready(source: &Source, direction: Direction) -> ReadyEvent {
    std::future::poll_fn(|cx| source.poll_wait(cx, direction.mask(), Place::Slot(direction))).await
}

async fn list_ready(source: &Source) -> ReadyEvent {
    let node = pin!(WaitNode::new(READ));
    let node = node.as_ref();
    let wait = |cx: &mut Context<'_>| source.poll_wait(cx, READ, Place::Node(node));
    let event = std::future::poll_fn(wait).await;
    source.cancel(Place::Node(node));
    event
}

/// L-40: a clear that relied on an old event never erases a newer one.
#[test]
fn l40_event_against_clear_with_old_tick() {
    loom::model(|| {
        let source = open_source();
        event(&source, 0, Ready::READABLE);
        let seen = source.look(READ);
        let reactor = {
            let source = Arc::clone(&source);
            thread::spawn(move || event(&source, 0, Ready::READABLE))
        };
        source.clear(seen);
        reactor.join().unwrap();
        assert!(source.look(READ).is_due());
    });
}

/// L-41: a reader that registers while the event arrives is woken or goes at once.
#[test]
fn l41_register_against_event() {
    loom::model(|| {
        let source = open_source();
        let reactor = {
            let source = Arc::clone(&source);
            thread::spawn(move || event(&source, 0, Ready::READABLE))
        };
        let seen = block_on(slot_ready(&source, Direction::Read));
        assert!(seen.ready.is_readable());
        reactor.join().unwrap();
    });
}

/// L-41 with a future, twice: it finds the source empty after all, clears, and waits again.
#[test]
fn l41_clear_and_wait_again_against_two_events() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(|| {
        let source = open_source();
        let reactor = {
            let source = Arc::clone(&source);
            thread::spawn(move || {
                event(&source, 0, Ready::READABLE);
                event(&source, 0, Ready::READ_CLOSED);
            })
        };
        // Events are level in effect: the closed side stays whatever is cleared in between.
        loop {
            let seen = block_on(list_ready(&source));
            if seen.ready.is_read_closed() {
                break;
            }
            source.clear(seen);
        }
        reactor.join().unwrap();
    });
}

/// L-42: the slot changes hands while an event of the former owner is under way. The new owner is
/// not made ready by it, and its own event reaches it.
#[test]
fn l42_deregister_against_event_batch() {
    loom::model(|| {
        let source = open_source();
        let reactor = {
            let source = Arc::clone(&source);
            thread::spawn(move || {
                event(&source, 0, Ready::WRITABLE);
                event(&source, 1, Ready::READABLE);
            })
        };
        let mut cx = Context::from_waker(Waker::noop());
        let direction = Direction::Write;
        let _ = source.poll_wait(&mut cx, direction.mask(), Place::Slot(direction));
        source.close();
        assert_eq!(source.open(Ready::EMPTY), 1);
        reactor.join().unwrap();
        assert!(
            !source.look(Ready::WRITABLE).is_due(),
            "that was another's event"
        );
    });
}

/// L-42: a duty for the former owner that comes late wakes the new owner for nothing, and takes
/// nothing from it.
#[test]
fn l42_late_duty_against_the_new_owner() {
    loom::model(|| {
        let source = open_source();
        let mut cx = Context::from_waker(Waker::noop());
        let _ = source.poll_wait(&mut cx, READ, Place::Slot(Direction::Read));
        let reactor = {
            let source = Arc::clone(&source);
            thread::spawn(move || {
                event(&source, 0, Ready::READABLE);
                // Whether or not the slot has changed hands, this one is for everybody.
                shutdown(&source);
            })
        };
        source.close();
        source.open(Ready::EMPTY);
        let seen = block_on(slot_ready(&source, Direction::Read));
        assert!(seen.is_shutdown, "the former owner's event readies nobody");
        reactor.join().unwrap();
    });
}

/// L-43: every wait ends at the shutdown, whenever it began, and whatever is cleared meanwhile.
#[test]
fn l43_shutdown_against_waiting() {
    loom::model(|| {
        let source = open_source();
        event(&source, 0, Ready::READABLE);
        let driver = {
            let source = Arc::clone(&source);
            thread::spawn(move || shutdown(&source))
        };
        let seen = source.look(READ);
        source.clear(seen);
        assert!(block_on(list_ready(&source)).is_shutdown);
        driver.join().unwrap();
    });
}

/// L-44: one event for both directions reaches the reader and the writer.
#[test]
fn l44_reader_and_writer_against_one_event() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(|| {
        let source = open_source();
        let writer = {
            let source = Arc::clone(&source);
            thread::spawn(move || {
                assert!(
                    block_on(slot_ready(&source, Direction::Write))
                        .ready
                        .is_writable()
                );
            })
        };
        let reactor = {
            let source = Arc::clone(&source);
            thread::spawn(move || event(&source, 0, Ready::READABLE | Ready::WRITABLE))
        };
        assert!(
            block_on(slot_ready(&source, Direction::Read))
                .ready
                .is_readable()
        );
        writer.join().unwrap();
        reactor.join().unwrap();
    });
}

/// L-45: of two futures on one direction one is dropped while the event arrives; the other is woken.
#[test]
fn l45_two_futures_one_dropped() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(|| {
        let source = open_source();
        let quitter = {
            let source = Arc::clone(&source);
            thread::spawn(move || {
                let node = pin!(WaitNode::new(READ));
                let mut cx = Context::from_waker(Waker::noop());
                let place = Place::Node(node.as_ref());
                if let Poll::Pending = source.poll_wait(&mut cx, READ, place) {
                    source.cancel(place);
                }
            })
        };
        let reactor = {
            let source = Arc::clone(&source);
            thread::spawn(move || event(&source, 0, Ready::READABLE))
        };
        assert!(block_on(list_ready(&source)).ready.is_readable());
        quitter.join().unwrap();
        reactor.join().unwrap();
    });
}
