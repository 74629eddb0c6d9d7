//! Wakers whose drop panics in the one moment in which the wait has, or loses, what it waited for.
//!
//! The clone that a poll makes serves the wait, and then nobody needs it: its drop panics when the wait
//! was told, but has not said so yet. Nothing may be lost by that: the next poll returns it, or the drop
//! of the wait gives it back.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Poll, Waker};
use std::time::Duration;

use super::serve_fully;
use crate::executors::within;
use crate::support::catch;
use crate::support::hooked::{Event, Hooked};
use crate::world::{Kind, Operation, OwnedWait, Waiter, World};
use crate::worlds::operations;

/// Whose waker is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// That of the first poll, which was to queue.
    Arrives,
    /// That of a later poll.
    Looks,
    /// That in the queue, as the wait is dropped with a part of what it waits for, or nothing.
    Leaves,
}

const MOMENTS: [Moment; 3] = [Moment::Arrives, Moment::Looks, Moment::Leaves];

/// The hostile waker.
struct Planted {
    world: Weak<dyn World>,
    serves: AtomicBool,
    armed: AtomicBool,
    served: AtomicUsize,
}

impl Planted {
    fn happens(&self, event: Event) {
        match event {
            Event::Clone if self.serves.swap(false, Ordering::SeqCst) => {
                let world = self.world.upgrade().expect("it lives");
                serve_fully(&*world);
                self.served.fetch_add(world.steps(), Ordering::SeqCst);
            }
            Event::Drop if !std::thread::panicking() && self.armed.load(Ordering::SeqCst) => {
                panic!("planted")
            }
            _ => {}
        }
    }
}

/// One case; true if the planted panic came.
fn run(operation: &Operation, moment: Moment, again: bool) -> bool {
    let world = (operation.build)();
    let planted = Arc::new(Planted {
        world: Arc::downgrade(&world),
        serves: AtomicBool::new(false),
        armed: AtomicBool::new(false),
        served: AtomicUsize::new(0),
    });
    let hooked = Hooked::new({
        let planted = planted.clone();
        move |event| planted.happens(event)
    });
    let waker = hooked.waker();
    let mut wait = OwnedWait::new(&world);
    let mut completed = 0;
    let first = match moment {
        Moment::Arrives => None,
        Moment::Looks => Some(Waker::noop()),
        Moment::Leaves => Some(&waker),
    };
    if let Some(first) = first {
        assert!(wait.poll(first).is_pending(), "not served yet");
    }
    let mut wait = Some(wait);
    planted.armed.store(true, Ordering::SeqCst);
    let panicked = if moment == Moment::Leaves {
        for _ in 1..world.steps() {
            world.serve();
            planted.served.fetch_add(1, Ordering::SeqCst);
        }
        catch(|| drop(wait.take())).is_err()
    } else {
        planted.serves.store(true, Ordering::SeqCst);
        let polled = catch(|| wait.as_mut().expect("a wait").poll(&waker).is_ready());
        completed += usize::from(*polled.as_ref().unwrap_or(&false));
        polled.is_err()
    };
    planted.armed.store(false, Ordering::SeqCst);
    planted.serves.store(false, Ordering::SeqCst);
    // What is sent at once is sent before anything is dropped.
    let sent = moment == Moment::Arrives && operation.name.ends_with("Sender::send");
    completed += usize::from(panicked && sent);
    if again
        && panicked
        && !sent
        && let Some(wait) = &mut wait
    {
        match catch(|| wait.poll(Waker::noop()).is_ready()) {
            Ok(ready) => {
                assert!(
                    ready || !world.serves_newcomers(),
                    "it was served before the panic"
                );
                completed += usize::from(ready);
            }
            // A world may be made of an `async` block, which ends with a panic.
            Err(payload) => assert_eq!(
                payload.downcast_ref(),
                Some(&"`async fn` resumed after panicking")
            ),
        }
    }
    drop(wait);
    let mut served = planted.served.load(Ordering::SeqCst);
    if operation.kind != Kind::Once {
        (served, completed) = settle(&world, served, completed);
        world.audit(served, completed);
    }
    drop((waker, world));
    panicked
}

/// A fresh wait comes to its end; gives how many serves and completions there are then.
fn settle(world: &Arc<dyn World>, mut served: usize, completed: usize) -> (usize, usize) {
    let mut waiter = Waiter::new(world);
    let mut patience = 2 * world.steps();
    loop {
        if waiter.wants_poll() {
            if let Poll::Ready(()) = waiter.poll() {
                return (served, completed + 1);
            }
            continue;
        }
        assert!(patience > 0, "a wake-up was lost");
        patience -= 1;
        world.serve();
        served += 1;
    }
}

#[test]
fn a_panic_between_the_grant_and_the_return_loses_nothing() {
    let only = std::env::var("SELVEDGE_HOSTILE").ok();
    let mut came = 0;
    let mut failed = Vec::new();
    for operation in operations() {
        let name = operation.name;
        if only.as_ref().is_some_and(|only| !name.contains(only)) {
            continue;
        }
        for moment in MOMENTS {
            for again in [false, true] {
                let operation = (operations().into_iter())
                    .find(|it| it.name == name)
                    .expect("it is there");
                let case = move || run(&operation, moment, again);
                match catch(|| within(Duration::from_secs(10), case)) {
                    Ok(panicked) => came += usize::from(panicked),
                    Err(_) => failed.push((name, moment, again)),
                }
            }
        }
    }
    println!("the planted panic came {came} times");
    assert!(failed.is_empty(), "harmed: {failed:#?}");
    assert!(only.is_some() || came > 100, "{came}");
}
