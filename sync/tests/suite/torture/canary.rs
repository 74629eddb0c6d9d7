//! A toy semaphore with planted bugs, each of which the torture must find.

use std::collections::VecDeque;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use selvedge_sync::context::{self, WaitKind};

use super::torture;
use crate::executors::watch_over;
use crate::support::panics;
use crate::world::{Gain, Kind, Operation, Wait, World};

/// What is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bug {
    None,
    /// A permit given to somebody who leaves is gone.
    KeepsItsShare,
    /// Who leaves without permit stays in the queue.
    StaysQueued,
    /// Without budget nobody queues.
    BudgetBeforePlace,
    /// The first waker is kept.
    KeepsFirstWaker,
    /// Any poll of somebody who waits takes a free permit.
    Overtakes,
    /// A permit comes back twice.
    ReturnsTwice,
    /// Waits without saying so.
    NotesNothing,
    /// Never drops its wakers.
    LeaksWakers,
    /// A second poll of a complete future waits.
    WaitsAgain,
}

const BUGS: [Bug; 9] = [
    Bug::KeepsItsShare,
    Bug::StaysQueued,
    Bug::BudgetBeforePlace,
    Bug::KeepsFirstWaker,
    Bug::Overtakes,
    Bug::ReturnsTwice,
    Bug::NotesNothing,
    Bug::LeaksWakers,
    Bug::WaitsAgain,
];

struct Toy {
    bug: Bug,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    permits: usize,
    next: u64,
    queue: VecDeque<(u64, Waker)>,
    granted: Vec<u64>,
}

impl Toy {
    fn new(bug: Bug) -> Self {
        Self {
            bug,
            inner: Mutex::default(),
        }
    }

    fn release(&self) {
        let mut inner = self.inner.lock().unwrap();
        let waker = if let Some((number, waker)) = inner.queue.pop_front() {
            if self.bug == Bug::Overtakes {
                inner.permits += 1;
            } else {
                inner.granted.push(number);
            }
            Some(waker)
        } else {
            inner.permits += 1;
            None
        };
        drop(inner);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

struct Permit<'a>(&'a Toy);

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.0.release();
        if self.0.bug == Bug::ReturnsTwice {
            self.0.release();
        }
    }
}

enum Phase {
    New,
    Queued(u64),
    Granted,
    Done,
}

struct Acquire<'a> {
    toy: &'a Toy,
    phase: Phase,
}

impl<'a> Acquire<'a> {
    /// Looks for the permit, or queues.
    fn look(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let fresh = cx.waker().clone();
        if self.toy.bug == Bug::LeaksWakers {
            crate::support::keep(fresh.clone());
        }
        let mut stale = Vec::new();
        let mut inner = self.toy.inner.lock().unwrap();
        match self.phase {
            Phase::New if inner.permits > 0 && inner.queue.is_empty() => {
                inner.permits -= 1;
                self.phase = Phase::Granted;
            }
            Phase::New => {
                inner.next += 1;
                let number = inner.next;
                inner.queue.push_back((number, fresh));
                self.phase = Phase::Queued(number);
            }
            Phase::Queued(number) => {
                let place = inner.queue.iter().position(|(it, _)| *it == number);
                if let Some(granted) = inner.granted.iter().position(|it| *it == number) {
                    inner.granted.swap_remove(granted);
                    self.phase = Phase::Granted;
                } else if self.toy.bug == Bug::Overtakes && inner.permits > 0 {
                    inner.permits -= 1;
                    stale.extend(place.and_then(|place| inner.queue.remove(place)));
                    self.phase = Phase::Granted;
                } else if let Some(place) = place {
                    if self.toy.bug != Bug::KeepsFirstWaker {
                        stale.push((0, std::mem::replace(&mut inner.queue[place].1, fresh)));
                    }
                } else {
                    inner.queue.push_back((number, fresh));
                }
            }
            Phase::Granted | Phase::Done => {}
        }
        drop(inner);
        if let Phase::Queued(_) = self.phase {
            if self.toy.bug != Bug::NotesNothing {
                context::note_wait(WaitKind::Lock, Location::caller());
            }
            return Poll::Pending;
        }
        Poll::Ready(())
    }
}

impl<'a> Future for Acquire<'a> {
    type Output = Permit<'a>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Permit<'a>> {
        if let Phase::Done = self.phase {
            if self.toy.bug == Bug::WaitsAgain {
                return Poll::Pending;
            }
            panic!("polled after its end");
        }
        if self.toy.bug == Bug::BudgetBeforePlace && !context::budget().has_remaining() {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        std::task::ready!(self.look(cx));
        std::task::ready!(context::poll_proceed(cx)).made_progress();
        self.phase = Phase::Done;
        Poll::Ready(Permit(self.toy))
    }
}

impl Drop for Acquire<'_> {
    fn drop(&mut self) {
        let share = match self.phase {
            Phase::New | Phase::Done => false,
            Phase::Granted => true,
            Phase::Queued(number) => {
                let mut inner = self.toy.inner.lock().unwrap();
                let place = inner.queue.iter().position(|(it, _)| *it == number);
                let left = match place {
                    Some(place) if self.toy.bug != Bug::StaysQueued => inner.queue.remove(place),
                    _ => None,
                };
                let granted = inner.granted.iter().position(|it| *it == number);
                if let Some(granted) = granted {
                    inner.granted.swap_remove(granted);
                }
                drop(inner);
                drop(left);
                granted.is_some()
            }
        };
        if share && self.toy.bug != Bug::KeepsItsShare {
            self.toy.release();
        }
    }
}

impl World for Toy {
    fn wait(&self) -> Wait<'_> {
        let acquire = Acquire {
            toy: self,
            phase: Phase::New,
        };
        Wait::new(acquire, Gain::new)
    }

    fn serve(&self) {
        self.release();
    }

    fn audit(&self, served: usize, _completed: usize) {
        assert_eq!(self.inner.lock().unwrap().permits, served, "permits");
    }
}

fn operation(bug: Bug) -> Operation {
    macro_rules! build {
        ($($name:ident)*) => {
            match bug {
                $(Bug::$name => || Arc::new(Toy::new(Bug::$name)),)*
            }
        };
    }
    let build: fn() -> Arc<dyn World> = build! {
        None KeepsItsShare StaysQueued BudgetBeforePlace KeepsFirstWaker Overtakes ReturnsTwice
        NotesNothing LeaksWakers WaitsAgain
    };
    Operation {
        name: "Toy::acquire",
        kind: Kind::LOCK,
        build,
        loses: None,
        is_repeated: false,
    }
}

#[test]
fn the_toy_without_bug_passes() {
    watch_over(|| {
        let findings = torture(&operation(Bug::None));
        assert!(
            findings.cases.iter().all(|cases| *cases > 0),
            "{findings:?}"
        );
    });
}

#[test]
fn every_planted_bug_is_found() {
    watch_over(|| {
        for bug in BUGS {
            assert!(
                panics(|| _ = torture(&operation(bug))),
                "{bug:?} was not found"
            );
        }
    });
}
