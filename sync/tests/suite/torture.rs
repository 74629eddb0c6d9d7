//! Cancellation torture: every operation, ended in fourteen ways after every number of polls, among
//! others who must not notice.
//!
//! Each case sets a [`Scene`]: somebody waits before and somebody after the victim, as far as the
//! operation allows it. Then the victim is ended as the [`Mode`] says, the rest is served one by
//! one, and only who was woken is polled. Wanted: all of them come to their end, in order, with no
//! more serves than they need; a fresh wait works; the primitive's accounts are even; no value, no
//! waker and no future is left.

mod canary;
mod modes;
mod table;

use std::sync::Arc;
use std::task::Poll;
use std::thread;

use crate::support::{Bell, Census, catch, is_expected, until_true};
use crate::world::{Kind, Operation, Order, Waiter, World};

/// How a wait ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    DropAfterPolls,
    DropAfterWake,
    DropInWake,
    DropElsewhere,
    Forget,
    Abort,
    Shutdown,
    PanicBeside,
    SwitchWaker,
    SpuriousPolls,
    PollAfterEnd,
    NoBudget,
    OwnerFirst,
    TimeLimit,
}

const MODES: [Mode; 14] = [
    Mode::DropAfterPolls,
    Mode::DropAfterWake,
    Mode::DropInWake,
    Mode::DropElsewhere,
    Mode::Forget,
    Mode::Abort,
    Mode::Shutdown,
    Mode::PanicBeside,
    Mode::SwitchWaker,
    Mode::SpuriousPolls,
    Mode::PollAfterEnd,
    Mode::NoBudget,
    Mode::OwnerFirst,
    Mode::TimeLimit,
];

/// Polls of the victim before its turn. The second finds its waker in place, the third must not
/// differ; the last poll is the one that ends it.
const POLLS_MAX: usize = 3;

/// What a future did when it was polled after its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum AfterEnd {
    Ready,
    /// It waits for the next message.
    Again,
    Panics,
}

/// What became of the others when a future was forgotten; the worst that was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Forgotten {
    GoOn,
    LoseItsShare,
    Wait,
}

/// What the cases of one operation showed.
#[derive(Debug)]
struct Findings {
    cases: [usize; MODES.len()],
    after_end: AfterEnd,
    forgotten: Forgotten,
}

/// One case.
struct Case<'o> {
    operation: &'o Operation,
    mode: Mode,
    /// Where the victim waits among the others.
    position: usize,
    polls: usize,
}

/// Says which case failed.
impl Drop for Case<'_> {
    fn drop(&mut self) {
        if thread::panicking() && !is_expected() {
            eprintln!(
                "torture failed: {}, {:?}, place {}, after {} polls",
                self.operation.name, self.mode, self.position, self.polls
            );
        }
    }
}

/// The victim, the others, and what they were given so far.
struct Scene {
    kind: Kind,
    world: Arc<dyn World>,
    waiters: Vec<Waiter>,
    /// Whose wait is over, or gone.
    gone: Vec<bool>,
    victim: usize,
    served: usize,
    completed: usize,
    /// The place of who completed last.
    last: Option<u64>,
    /// Who was not woken is polled too.
    spurious: bool,
    /// Somebody may have come just after a serve, and taken what another one was woken for, who then
    /// waits again as the last.
    newcomer: bool,
    timed: bool,
    census: Option<Census>,
    former_bells: Vec<Arc<Bell>>,
}

impl Scene {
    /// Nobody waits yet.
    fn empty(operation: &Operation) -> Self {
        let world = (operation.build)();
        Self {
            kind: operation.kind,
            census: world.census(),
            world,
            waiters: Vec::new(),
            gone: Vec::new(),
            victim: 0,
            served: 0,
            completed: 0,
            last: None,
            spurious: false,
            newcomer: false,
            timed: operation.is_timed(),
            former_bells: Vec::new(),
        }
    }

    /// Everybody waits; the victim's first polls are up to `poll`.
    fn with(case: &Case<'_>, mut poll: impl FnMut(&mut Self)) -> Self {
        let mut scene = Self::empty(case.operation);
        let count = if scene.kind.is_alone() { 1 } else { 3 };
        for index in 0..count {
            scene.arrive();
            if index == case.position {
                scene.victim = index;
                poll(&mut scene);
            } else {
                assert!(scene.waiters[index].poll().is_pending(), "not served yet");
            }
        }
        scene
    }

    /// Everybody waits, the victim polled as often as the case says.
    fn of(case: &Case<'_>) -> Self {
        Self::with(case, |scene| {
            for _ in 0..case.polls {
                assert!(scene.victim().poll().is_pending(), "not served yet");
            }
        })
    }

    fn arrive(&mut self) -> usize {
        self.waiters.push(Waiter::new(&self.world));
        self.gone.push(false);
        self.waiters.len() - 1
    }

    fn victim(&mut self) -> &mut Waiter {
        &mut self.waiters[self.victim]
    }

    fn serve(&mut self) {
        self.world.serve();
        self.served += 1;
    }

    /// Serves so much that one wait, or the group, is complete.
    fn serve_fully(&mut self) {
        for _ in 0..self.world.steps() {
            self.serve();
        }
    }

    /// The victim is not polled by hand any more.
    fn take_victim(&mut self) -> crate::world::OwnedWait {
        self.gone[self.victim] = true;
        self.victim().take()
    }

    fn note_completion(&mut self, index: usize) {
        self.gone[index] = true;
        self.completed += 1;
        let place = self.waiters[index].place;
        let in_order = match self.kind {
            Kind::Line { order, .. } => match order {
                Order::Fifo => self.newcomer || self.last < place,
                Order::Barging => self.spurious || self.last < place,
                Order::Lifo => true,
            },
            Kind::Group | Kind::Alone | Kind::Once => true,
        };
        assert!(in_order, "{place:?} completed after {:?}", self.last);
        self.last = self.last.max(place);
    }

    /// Polls `index`, which gives back what it gains.
    fn poll(&mut self, index: usize) {
        if self.waiters[index].poll().is_ready() {
            self.note_completion(index);
            // Gone as its task would be.
            drop(self.waiters[index].take());
        }
    }

    /// Who still waits, in the order in which they came.
    fn waiting(&self) -> Vec<usize> {
        let mut waiting: Vec<_> = (0..self.waiters.len())
            .filter(|it| !self.gone[*it])
            .collect();
        waiting.sort_by_key(|index| self.waiters[*index].place.unwrap_or(u64::MAX));
        waiting
    }

    /// Polls who was woken, and who was never polled; false if there is nobody.
    fn poll_woken(&mut self, spare: Option<usize>) -> bool {
        let mut progress = false;
        for index in self.waiting() {
            if Some(index) != spare && self.waiters[index].wants_poll() {
                self.poll(index);
                progress = true;
            }
        }
        progress
    }

    /// As many serves as everybody can need.
    fn serves_max(&self) -> usize {
        let steps = self.world.steps();
        // Served while nobody waited, or all had gone.
        let lost = if self.world.keeps_serves() {
            0
        } else {
            2 * steps
        };
        lost + match self.kind {
            Kind::Line { reused: true, .. } | Kind::Once => steps,
            Kind::Line { .. } | Kind::Alone => steps * (self.completed + self.waiting().len()),
            Kind::Group => steps * (self.waiters.len() + 1),
        }
    }

    /// Serves until the victim is woken; false if that does not happen.
    fn wake_victim(&mut self, woken: impl Fn(&Self) -> bool) {
        let max = self.world.steps() * (self.waiters.len() + 1);
        while !woken(self) {
            if self.poll_woken(Some(self.victim)) {
                continue;
            }
            assert!(self.served < max, "the victim was never woken");
            self.serve();
        }
    }

    /// Brings everybody to the end; false if they would need more than `max` serves.
    fn serve_all(&mut self, max: impl Fn(&Self) -> usize) -> bool {
        loop {
            // A broken primitive may wake without end: the watchdog sees to that.
            while self.poll_woken(None) {}
            if self.waiting().is_empty() {
                return true;
            }
            if self.served >= max(self) {
                return false;
            }
            let before = self.served;
            self.serve_fully_or_until_woken();
            assert!(self.served > before, "served");
            if self.kind == Kind::Group {
                for index in self.waiting() {
                    assert!(self.waiters[index].is_rung(), "all of the group are woken");
                }
            }
        }
    }

    fn serve_fully_or_until_woken(&mut self) {
        for _ in 0..self.world.steps() {
            self.serve();
            let waiting = self.waiting();
            if self.kind != Kind::Group && waiting.iter().any(|it| self.waiters[*it].is_rung()) {
                return;
            }
        }
    }

    /// The rest comes to its end, a fresh wait works, and the accounts are even.
    fn settle(mut self) {
        let over = self.kind == Kind::Once && self.completed > 0;
        if self.kind.is_alone() && self.waiting().is_empty() && !over {
            self.arrive();
        }
        assert!(self.serve_all(Self::serves_max), "a wake-up was lost");
        if self.kind != Kind::Once {
            self.arrive();
            assert!(
                self.serve_all(Self::serves_max),
                "it cannot be used any more"
            );
        }
        self.audit();
        self.leave();
    }

    fn audit(&self) {
        self.world.audit(self.served, self.completed);
    }

    /// Everybody goes, and nothing is left.
    fn leave(mut self) {
        for waiter in self.waiters.drain(..) {
            let bell = waiter.bell.clone();
            self.former_bells.push(bell);
        }
        assert_eq!(Arc::strong_count(&self.world), 1, "no future is left");
        drop(self.world);
        for bell in &self.former_bells {
            if self.timed {
                until_true(|| Arc::strong_count(bell) == 1);
            }
            assert_eq!(Arc::strong_count(bell), 1, "no waker is left");
        }
        if let Some(census) = self.census {
            assert_eq!(census.alive(), 0, "no value is left");
        }
    }
}

/// Everything that can happen to one operation.
fn torture(operation: &Operation) -> Findings {
    let mut findings = Findings {
        cases: [0; MODES.len()],
        after_end: AfterEnd::Ready,
        forgotten: Forgotten::GoOn,
    };
    let positions = if operation.kind.is_alone() { 1 } else { 3 };
    for (number, mode) in MODES.into_iter().enumerate() {
        for position in 0..positions {
            for polls in 0..=POLLS_MAX {
                let case = Case {
                    operation,
                    mode,
                    position,
                    polls,
                };
                findings.cases[number] += case.run(&mut findings);
            }
        }
    }
    findings
}

/// Polls for the result of a poll after the end.
fn after_end(waiter: &mut Waiter, again: bool) -> AfterEnd {
    match catch(|| waiter.poll_again()) {
        Err(_) => AfterEnd::Panics,
        Ok(Poll::Ready(())) => AfterEnd::Ready,
        Ok(Poll::Pending) => {
            // Only where there is more to come.
            assert!(again, "a complete future must not wait again");
            AfterEnd::Again
        }
    }
}
