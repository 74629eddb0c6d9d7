//! A toy gate with planted bugs, each of which the hostile wakers must find.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use selvedge_sync::context::{self, WaitKind};

use super::watched;
use crate::world::{Kind, Operation, Wait, World};

/// What is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bug {
    None,
    WakesUnderTheLock,
    ClonesUnderTheLock,
    DropsUnderTheLock,
    /// A wake that panics keeps the others asleep.
    StopsAtAPanic,
    /// Clones the waker between looking and queueing, and does not look again.
    LooksTooEarly,
    /// Keeps a waker for ever.
    LeaksAWaker,
}

/// Open for all or for nobody; wakers by number.
struct Gate {
    bug: Bug,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    open: bool,
    next: u64,
    waiting: Vec<(u64, Waker)>,
}

impl Gate {
    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

struct Pass<'a> {
    gate: &'a Gate,
    number: Option<u64>,
}

impl Future for Pass<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let bug = self.gate.bug;
        let mut stale = Vec::new();
        if bug == Bug::LeaksAWaker {
            crate::support::keep(cx.waker().clone());
        }
        let early = self.gate.lock().open;
        let fresh = (bug != Bug::ClonesUnderTheLock).then(|| cx.waker().clone());
        let mut inner = self.gate.lock();
        if early || inner.open && bug != Bug::LooksTooEarly {
            drop(inner);
            return Poll::Ready(());
        }
        let fresh = fresh.unwrap_or_else(|| cx.waker().clone());
        let number = self.number.unwrap_or(inner.next);
        match inner.waiting.iter_mut().find(|(it, _)| *it == number) {
            Some(queued) => stale.push(std::mem::replace(&mut queued.1, fresh)),
            None => {
                inner.next = number.max(inner.next) + 1;
                inner.waiting.push((number, fresh));
            }
        }
        if bug == Bug::DropsUnderTheLock {
            stale.clear();
        }
        drop(inner);
        self.number = Some(number);
        context::note_wait(WaitKind::Notify, Location::caller());
        Poll::Pending
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let mut inner = self.gate.lock();
        let place = inner
            .waiting
            .iter()
            .position(|(it, _)| Some(*it) == self.number);
        let left = place.map(|place| inner.waiting.remove(place));
        drop(inner);
        drop(left);
    }
}

impl World for Gate {
    fn wait(&self) -> Wait<'_> {
        Wait::plain(Pass {
            gate: self,
            number: None,
        })
    }

    fn serve(&self) {
        let mut inner = self.lock();
        inner.open = true;
        let waiting = std::mem::take(&mut inner.waiting);
        let locked = (self.bug == Bug::WakesUnderTheLock).then_some(inner);
        let mut panic = None;
        for (_, waker) in waiting {
            if self.bug == Bug::StopsAtAPanic {
                waker.wake();
            } else {
                let woken = crate::support::catch(|| waker.wake());
                panic = panic.or(woken.err());
            }
        }
        drop(locked);
        if let Some(payload) = panic {
            std::panic::resume_unwind(payload);
        }
    }

    fn touch(&self) {
        drop(self.lock());
    }

    fn audit(&self, _served: usize, _completed: usize) {}
}

fn operation(bug: Bug) -> Operation {
    macro_rules! build {
        ($($name:ident)*) => {
            match bug {
                $(Bug::$name => || Arc::new(Gate { bug: Bug::$name, inner: Mutex::default() }),)*
            }
        };
    }
    let build: fn() -> Arc<dyn World> = build! {
        None WakesUnderTheLock ClonesUnderTheLock DropsUnderTheLock StopsAtAPanic LooksTooEarly
        LeaksAWaker
    };
    Operation {
        name: "Gate::pass",
        kind: Kind::Group,
        build,
        loses: None,
        is_repeated: false,
    }
}

#[test]
fn the_toy_without_bug_passes() {
    let tried = watched(operation(Bug::None), Duration::from_secs(30));
    assert!(tried.expect("no waker harms it") > 100);
}

#[test]
fn every_planted_bug_is_found() {
    let bugs = [
        (Bug::WakesUnderTheLock, "Wake"),
        (Bug::ClonesUnderTheLock, "Clone"),
        (Bug::DropsUnderTheLock, "Drop"),
        (Bug::StopsAtAPanic, "Panics(Wake)"),
        (Bug::LooksTooEarly, "ServedWhileRegistered"),
        (Bug::LeaksAWaker, ""),
    ];
    for (bug, whose) in bugs {
        // Some of them hang, and this is how long they may.
        let case = watched(operation(bug), Duration::from_secs(2)).expect_err("a planted bug");
        let case = format!("{case:?}");
        assert!(case.contains(whose), "{bug:?} was found by {case}");
    }
}
