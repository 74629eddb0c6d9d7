//! What wakes all at once, as worlds: `Event`, `Barrier`, `CancellationToken`, `TaskTracker`,
//! `WaitGroup`.

use std::sync::Mutex;
use std::task::{Poll, Waker};

use selvedge_sync::futures::WaitGroupWait;
use selvedge_sync::{
    Barrier, CancellationToken, Event, OneShotEvent, TaskTracker, TaskTrackerToken, WaitGroup,
};

use crate::support::poll;
use crate::world::{Gain, Kind, Operation, Wait, World};

pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::new::<Event>("Event::wait", Kind::Group),
        Operation::new::<OneShotEvent>("OneShotEvent::wait", Kind::Group),
        Operation::new::<Rounds>("Barrier::wait", Kind::Group),
        Operation::new::<Cancelled<BORROWED>>("CancellationToken::cancelled", Kind::Group),
        Operation::new::<Cancelled<OWNED>>("CancellationToken::cancelled_owned", Kind::Group),
        Operation::new::<Cancelled<RUN>>("CancellationToken::run_until_cancelled", Kind::Group),
        Operation::new::<Cancelled<RUN_OWNED>>(
            "CancellationToken::run_until_cancelled_owned",
            Kind::Group,
        ),
        Operation::new::<Tracked>("TaskTracker::wait", Kind::Group),
        Operation::new::<Members>("WaitGroup::wait", Kind::Group),
    ]
}

impl World for Event {
    fn wait(&self) -> Wait<'_> {
        Wait::plain(self.wait())
    }

    fn serve(&self) {
        self.set();
    }

    fn touch(&self) {
        drop(format!("{self:?}"));
        self.is_set();
    }

    fn audit(&self, served: usize, _completed: usize) {
        assert_eq!(self.is_set(), served > 0);
    }
}

impl World for OneShotEvent {
    fn wait(&self) -> Wait<'_> {
        Wait::plain(self.wait())
    }

    fn serve(&self) {
        self.set();
    }

    fn touch(&self) {
        drop(format!("{self:?}"));
        self.is_set();
    }

    fn audit(&self, served: usize, _completed: usize) {
        assert_eq!(self.is_set(), served > 0);
    }
}

/// More than ever wait in a scene, so that only `serve` ends a round.
const PARTIES: usize = 6;

struct Rounds(Barrier);

impl Default for Rounds {
    fn default() -> Self {
        Self(Barrier::new(PARTIES))
    }
}

impl World for Rounds {
    fn wait(&self) -> Wait<'_> {
        Wait::plain(self.0.wait())
    }

    /// As many come as are missing.
    fn serve(&self) {
        let mut others = Vec::new();
        loop {
            let mut other = Box::pin(self.0.wait());
            if poll(other.as_mut(), Waker::noop()).is_ready() {
                break;
            }
            others.push(other);
        }
        for mut other in others {
            let Poll::Ready(result) = poll(other.as_mut(), Waker::noop()) else {
                panic!("the round is over for all");
            };
            assert!(!result.is_leader(), "one leader");
        }
    }

    fn touch(&self) {
        drop(format!("{:?}", self.0));
    }

    /// A round can be over before somebody has arrived at it.
    fn serves_newcomers(&self) -> bool {
        false
    }

    fn audit(&self, _served: usize, _completed: usize) {
        let mut round: Vec<_> = (0..PARTIES).map(|_| Box::pin(self.0.wait())).collect();
        for (index, wait) in round.iter_mut().enumerate() {
            let ready = poll(wait.as_mut(), Waker::noop()).is_ready();
            assert_eq!(ready, index == PARTIES - 1, "nobody is counted who left");
        }
    }
}

const BORROWED: u8 = 0;
const OWNED: u8 = 1;
const RUN: u8 = 2;
const RUN_OWNED: u8 = 3;

/// A child, so that the wait is ended from above.
struct Cancelled<const HOW: u8> {
    parent: CancellationToken,
    token: CancellationToken,
}

impl<const HOW: u8> Default for Cancelled<HOW> {
    fn default() -> Self {
        let parent = CancellationToken::new();
        Self {
            token: parent.child_token(),
            parent,
        }
    }
}

impl<const HOW: u8> World for Cancelled<HOW> {
    fn wait(&self) -> Wait<'_> {
        let never = std::future::pending::<()>();
        match HOW {
            BORROWED => Wait::plain(self.token.cancelled()),
            OWNED => Wait::plain(self.token.clone().cancelled_owned()),
            RUN => Wait::plain(self.token.run_until_cancelled(never)),
            _ => Wait::plain(self.token.clone().run_until_cancelled_owned(never)),
        }
    }

    fn serve(&self) {
        self.parent.cancel();
    }

    fn touch(&self) {
        drop(format!("{:?}", self.token));
        drop(self.token.clone());
        drop(self.parent.child_token());
        self.token.is_cancelled();
    }

    fn audit(&self, served: usize, _completed: usize) {
        assert_eq!(self.token.is_cancelled(), served > 0);
    }
}

struct Tracked {
    tracker: TaskTracker,
    task: Mutex<Option<TaskTrackerToken>>,
}

impl Default for Tracked {
    fn default() -> Self {
        let tracker = TaskTracker::new();
        tracker.close();
        Self {
            task: Mutex::new(Some(tracker.token())),
            tracker,
        }
    }
}

impl World for Tracked {
    fn wait(&self) -> Wait<'_> {
        Wait::plain(self.tracker.wait())
    }

    fn serve(&self) {
        let task = self.task.lock().unwrap().take();
        drop(task);
    }

    fn touch(&self) {
        drop(format!("{:?}", self.tracker));
        drop(self.tracker.token());
    }

    fn audit(&self, served: usize, _completed: usize) {
        assert_eq!(self.tracker.is_empty(), served > 0);
    }
}

/// Waits are made while there are members.
struct Members {
    member: Mutex<Option<WaitGroup>>,
    waits: Mutex<Vec<WaitGroupWait>>,
}

impl Default for Members {
    fn default() -> Self {
        let member = WaitGroup::new();
        Self {
            waits: Mutex::new((0..16).map(|_| member.clone().wait()).collect()),
            member: Mutex::new(Some(member)),
        }
    }
}

impl World for Members {
    fn wait(&self) -> Wait<'_> {
        let wait = self.waits.lock().unwrap().pop();
        Wait::new(wait.expect("enough of them"), |()| Gain::new(()))
    }

    fn serve(&self) {
        let member = self.member.lock().unwrap().take();
        drop(member);
    }

    fn touch(&self) {
        let member = self.member.lock().unwrap().clone();
        drop(member);
    }

    fn audit(&self, _served: usize, _completed: usize) {}
}
