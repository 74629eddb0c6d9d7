//! Random sequences of everything a lock can do, against a model that is a list of people.
//!
//! A failure prints the policy, the seed, and the shortest program it could find.

use std::sync::Arc;

use selvedge_sync::{
    OwnedRwLockReadGuard, OwnedRwLockUpgradableReadGuard, OwnedRwLockWriteGuard, RwLock,
    RwLockPolicy,
};

use super::{POLICIES, assert_free};
use crate::executors::watched;
use crate::support::{Seat, panic_of, panics};

const SEEDS: u64 = 300;
const STEPS: usize = 60;
const READERS_MAX: u32 = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ask {
    Read,
    Upgradable,
    Write,
    Upgrade,
}

/// The lock as a list of people.
struct Model {
    policy: RwLockPolicy,
    inside: Vec<(usize, Ask)>,
    waiting: Vec<(usize, Ask)>,
}

impl Model {
    fn count(&self, ask: Ask) -> usize {
        self.inside.iter().filter(|(_, it)| *it == ask).count()
    }

    fn has_room(&self, ask: Ask) -> bool {
        let writers = self.count(Ask::Write);
        let upgradable = self.count(Ask::Upgradable);
        let readers = self.count(Ask::Read) + upgradable;
        match ask {
            Ask::Read => writers == 0 && readers < READERS_MAX as usize,
            Ask::Upgradable => writers + upgradable == 0 && readers < READERS_MAX as usize,
            Ask::Write => writers + readers == 0,
            Ask::Upgrade => readers == 1,
        }
    }

    /// The one who comes next, by the words of the policy.
    fn next(&self) -> Option<usize> {
        let reads = |it: &(usize, Ask)| it.1 == Ask::Read;
        let first = |wanted: &dyn Fn(&(usize, Ask)) -> bool| self.waiting.iter().position(wanted);
        let upgrades = first(&|it| it.1 == Ask::Upgrade);
        let fits = |at: &usize| self.has_room(self.waiting[*at].1);
        match self.policy {
            RwLockPolicy::PreferReaders => upgrades
                .filter(fits)
                .or_else(|| first(&reads).filter(fits))
                .or_else(|| first(&|it| !reads(it) && it.1 != Ask::Upgrade).filter(fits)),
            RwLockPolicy::PreferWriters => upgrades
                .or_else(|| first(&|it| !reads(it)))
                .or_else(|| first(&reads))
                .filter(fits),
            _ => upgrades
                .or(if self.waiting.is_empty() {
                    None
                } else {
                    Some(0)
                })
                .filter(fits),
        }
    }

    /// Who waits for nothing but room.
    fn may_enter(&self, ask: Ask) -> bool {
        let passes_all = match (ask, self.policy) {
            (Ask::Upgrade, _) => true,
            (Ask::Read, RwLockPolicy::PreferReaders) => {
                !self.waiting.iter().any(|(_, it)| *it == Ask::Read)
            }
            _ => self.waiting.is_empty(),
        };
        passes_all && self.has_room(ask)
    }

    fn enter(&mut self, id: usize, ask: Ask) {
        self.leave(id);
        let ask = if ask == Ask::Upgrade { Ask::Write } else { ask };
        self.inside.push((id, ask));
    }

    fn leave(&mut self, id: usize) {
        self.inside.retain(|(it, _)| *it != id);
    }

    /// Lets in all that can come in; who that is, in order.
    fn settle(&mut self) -> Vec<usize> {
        let mut entered = Vec::new();
        while let Some(at) = self.next() {
            let (id, ask) = self.waiting.remove(at);
            self.enter(id, ask);
            entered.push(id);
        }
        entered
    }
}

enum Guard {
    Read(OwnedRwLockReadGuard<()>),
    Upgradable(OwnedRwLockUpgradableReadGuard<()>),
    Write(OwnedRwLockWriteGuard<()>),
}

/// The lock, and the model beside it.
struct Both {
    lock: Arc<RwLock<()>>,
    model: Model,
    guards: Vec<(usize, Guard)>,
    seats: Vec<(usize, Seat<'static, Guard>)>,
    ids: usize,
}

impl Both {
    fn new(policy: RwLockPolicy) -> Self {
        let lock = RwLock::with_max_readers((), READERS_MAX).with_policy(policy);
        Self {
            lock: Arc::new(lock),
            model: Model {
                policy,
                inside: Vec::new(),
                waiting: Vec::new(),
            },
            guards: Vec::new(),
            seats: Vec::new(),
            ids: 0,
        }
    }

    fn id(&mut self) -> usize {
        self.ids += 1;
        self.ids
    }

    /// Polls a new wait once, as the model says it will end.
    fn wait(&mut self, id: usize, ask: Ask, mut seat: Seat<'static, Guard>) {
        if self.model.may_enter(ask) {
            self.model.enter(id, ask);
            self.guards.push((id, seat.ready()));
        } else {
            assert!(seat.poll().is_pending(), "{ask:?} passes");
            self.model.waiting.push((id, ask));
            self.seats.push((id, seat));
        }
    }

    fn arrive(&mut self, ask: Ask) {
        let (id, lock) = (self.id(), self.lock.clone());
        let seat = match ask {
            Ask::Read => Seat::new(async { Guard::Read(lock.read_owned().await) }),
            Ask::Upgradable => {
                Seat::new(async { Guard::Upgradable(lock.upgradable_read_owned().await) })
            }
            _ => Seat::new(async { Guard::Write(lock.write_owned().await) }),
        };
        self.wait(id, ask, seat);
    }

    fn try_enter(&mut self, ask: Ask) {
        let (id, lock) = (self.id(), self.lock.clone());
        let guard = match ask {
            Ask::Read => lock.try_read_owned().map(Guard::Read),
            Ask::Upgradable => lock.try_upgradable_read_owned().map(Guard::Upgradable),
            _ => lock.try_write_owned().map(Guard::Write),
        };
        assert_eq!(guard.is_ok(), self.model.may_enter(ask), "try {ask:?}");
        if let Ok(guard) = guard {
            self.model.enter(id, ask);
            self.guards.push((id, guard));
        }
    }

    /// Takes away one of the guards.
    fn release(&mut self, at: usize) {
        let (id, guard) = self.guards.swap_remove(at);
        self.model.leave(id);
        drop(guard);
    }

    /// Makes less of one of the guards.
    fn downgrade(&mut self, at: usize, far: bool) {
        let (id, guard) = self.guards.swap_remove(at);
        let (guard, ask) = match guard {
            Guard::Write(write) if far => (Guard::Read(write.downgrade()), Ask::Read),
            Guard::Write(write) => {
                let upgradable = write.downgrade_to_upgradable();
                (Guard::Upgradable(upgradable), Ask::Upgradable)
            }
            Guard::Upgradable(upgradable) => (Guard::Read(upgradable.downgrade()), Ask::Read),
            Guard::Read(read) => (Guard::Read(read), Ask::Read),
        };
        self.model.enter(id, ask);
        self.guards.push((id, guard));
    }

    /// Upgrades one of the guards, if it can be.
    fn upgrade(&mut self, at: usize, waits: bool) {
        let (id, guard) = self.guards.swap_remove(at);
        match guard {
            Guard::Upgradable(upgradable) if waits => {
                let upgrade = upgradable.upgrade();
                let seat = Seat::new(async { Guard::Write(upgrade.await) });
                self.wait(id, Ask::Upgrade, seat);
            }
            Guard::Upgradable(upgradable) => {
                let upgraded = upgradable.try_upgrade();
                assert_eq!(upgraded.is_ok(), self.model.may_enter(Ask::Upgrade));
                let guard = match upgraded {
                    Ok(write) => {
                        self.model.enter(id, Ask::Upgrade);
                        Guard::Write(write)
                    }
                    Err(upgradable) => Guard::Upgradable(upgradable),
                };
                self.guards.push((id, guard));
            }
            other => self.guards.push((id, other)),
        }
    }

    /// Takes away one who waits.
    fn cancel(&mut self, at: usize) {
        let (id, seat) = self.seats.swap_remove(at);
        self.model.waiting.retain(|(it, _)| *it != id);
        // Who waits for an upgrade is inside.
        self.model.leave(id);
        drop(seat);
    }

    fn step(&mut self, number: u32) {
        let (what, which) = (number % 16, (number / 16) as usize);
        match what {
            0..3 => self.arrive(Ask::Read),
            3 | 4 => self.arrive(Ask::Write),
            5 => self.arrive(Ask::Upgradable),
            6 => self.try_enter([Ask::Read, Ask::Write, Ask::Upgradable][which % 3]),
            7..10 if !self.guards.is_empty() => self.release(which % self.guards.len()),
            10 | 11 if !self.guards.is_empty() => {
                self.downgrade(which % self.guards.len(), what == 10);
            }
            12 | 13 if !self.guards.is_empty() => {
                self.upgrade(which % self.guards.len(), what == 12);
            }
            14 | 15 if !self.seats.is_empty() => self.cancel(which % self.seats.len()),
            _ => {}
        }
        self.settle(which % 7 == 0);
    }

    /// Exactly those are woken whom the model lets in. They take the lock, or give up on the doorstep.
    fn settle(&mut self, give_up: bool) {
        loop {
            let entered = self.model.settle();
            if entered.is_empty() {
                break;
            }
            for (id, seat) in &self.seats {
                assert_eq!(seat.wakes() > 0, entered.contains(id), "{id} woken");
            }
            for id in entered {
                let at = self
                    .seats
                    .iter()
                    .position(|(it, _)| *it == id)
                    .expect("it waits");
                let mut seat = self.seats.swap_remove(at).1;
                if give_up {
                    self.model.leave(id);
                } else {
                    self.guards.push((id, seat.ready()));
                }
            }
        }
        assert!(
            self.seats.iter().all(|(_, seat)| seat.wakes() == 0),
            "woken for nothing"
        );
    }
}

fn run(policy: RwLockPolicy, program: &[u32]) {
    let mut both = Both::new(policy);
    for number in program {
        both.step(*number);
    }
    let lock = both.lock.clone();
    drop(both);
    assert_free(&lock);
    assert_eq!(Arc::strong_count(&lock), 1);
}

fn program(mut seed: u64) -> Vec<u32> {
    let mut random = || {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as u32
    };
    (0..STEPS).map(|_| random()).collect()
}

/// Leaves out what is not needed to fail.
fn shrink(policy: RwLockPolicy, mut program: Vec<u32>) -> Vec<u32> {
    let mut at = 0;
    while at < program.len() {
        let mut shorter = program.clone();
        shorter.remove(at);
        if panics(|| run(policy, &shorter)) {
            program = shorter;
            at = 0;
        } else {
            at += 1;
        }
    }
    program
}

watched! {
    fn the_lock_does_what_its_words_say() {
        for policy in POLICIES {
            for seed in 0..SEEDS {
                let program = program(seed);
                if panics(|| run(policy, &program)) {
                    let shortest = shrink(policy, program);
                    let why = panic_of(|| run(policy, &shortest));
                    panic!("{policy:?}, seed {seed}, program {shortest:?}: {why}");
                }
            }
        }
    }
}
