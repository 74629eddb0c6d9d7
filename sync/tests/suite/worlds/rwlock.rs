//! `RwLock` as a world, under its policies: readers behind a writer, writers behind a reader.

use std::sync::{Arc, Mutex};

use selvedge_sync::{OwnedRwLockReadGuard, OwnedRwLockUpgradableReadGuard, OwnedRwLockWriteGuard};
use selvedge_sync::{RwLock, RwLockPolicy};

use crate::world::{Gain, Kind, Operation, Wait, World};

pub(crate) fn operations() -> Vec<Operation> {
    const UPGRADE: &str = "the guard goes with the future, and what it held is released";
    vec![
        Operation::new::<Reads<false, FAIR>>("RwLock::read", Kind::Group),
        Operation::new::<Reads<true, FAIR>>("RwLock::read_owned", Kind::Group),
        Operation::new::<Reads<false, READERS>>("RwLock::read, for readers", Kind::Group),
        Operation::new::<Reads<false, WRITERS>>("RwLock::read, for writers", Kind::Group),
        Operation::new::<Writes<WRITE, FAIR>>("RwLock::write", Kind::LOCK),
        Operation::new::<Writes<WRITE_OWNED, FAIR>>("RwLock::write_owned", Kind::LOCK),
        Operation::new::<Writes<WRITE, READERS>>("RwLock::write, for readers", Kind::LOCK),
        Operation::new::<Writes<WRITE, WRITERS>>("RwLock::write, for writers", Kind::LOCK),
        Operation::new::<Writes<UPGRADABLE, FAIR>>("RwLock::upgradable_read", Kind::LOCK),
        Operation::new::<Writes<UPGRADABLE_OWNED, FAIR>>(
            "RwLock::upgradable_read_owned",
            Kind::LOCK,
        ),
        Operation::new::<Upgrades>("RwLockUpgradableReadGuard::upgrade", Kind::Once)
            .losing(UPGRADE),
    ]
}

const FAIR: u8 = 0;
const READERS: u8 = 1;
const WRITERS: u8 = 2;

fn lock(policy: u8) -> Arc<RwLock<u32>> {
    Arc::new(RwLock::new(0).with_policy(match policy {
        FAIR => RwLockPolicy::Fair,
        READERS => RwLockPolicy::PreferReaders,
        _ => RwLockPolicy::PreferWriters,
    }))
}

fn touch(lock: &RwLock<u32>) {
    drop(format!("{lock:?}"));
    drop(lock.try_read());
    drop(lock.try_write());
    drop(lock.try_upgradable_read());
    lock.holder();
}

fn audit(lock: &RwLock<u32>, served: usize) {
    assert_eq!(
        lock.try_write().is_ok(),
        served > 0,
        "held only by those who hold it"
    );
}

struct Reads<const OWNED: bool, const POLICY: u8> {
    lock: Arc<RwLock<u32>>,
    held: Mutex<Option<OwnedRwLockWriteGuard<u32>>>,
}

impl<const OWNED: bool, const POLICY: u8> Default for Reads<OWNED, POLICY> {
    fn default() -> Self {
        let lock = lock(POLICY);
        let held = lock.clone().try_write_owned().expect("it is free");
        Self {
            lock,
            held: Mutex::new(Some(held)),
        }
    }
}

impl<const OWNED: bool, const POLICY: u8> World for Reads<OWNED, POLICY> {
    fn wait(&self) -> Wait<'_> {
        if OWNED {
            Wait::plain(self.lock.clone().read_owned())
        } else {
            Wait::plain(self.lock.read())
        }
    }

    fn serve(&self) {
        let held = self.held.lock().unwrap().take();
        drop(held);
    }

    fn touch(&self) {
        touch(&self.lock);
    }

    fn seize(&self) -> Option<Gain<'_>> {
        self.lock.try_read().ok().map(Gain::new)
    }

    fn audit(&self, served: usize, _completed: usize) {
        audit(&self.lock, served);
    }
}

const WRITE: u8 = 0;
const WRITE_OWNED: u8 = 1;
const UPGRADABLE: u8 = 2;
const UPGRADABLE_OWNED: u8 = 3;

enum Held {
    Read(#[allow(dead_code, reason = "held")] OwnedRwLockReadGuard<u32>),
    Upgradable(#[allow(dead_code, reason = "held")] OwnedRwLockUpgradableReadGuard<u32>),
}

struct Writes<const HOW: u8, const POLICY: u8> {
    lock: Arc<RwLock<u32>>,
    held: Mutex<Option<Held>>,
}

impl<const HOW: u8, const POLICY: u8> Default for Writes<HOW, POLICY> {
    fn default() -> Self {
        let lock = lock(POLICY);
        let held = if HOW == WRITE || HOW == WRITE_OWNED {
            Held::Read(lock.clone().try_read_owned().expect("it is free"))
        } else {
            Held::Upgradable(
                lock.clone()
                    .try_upgradable_read_owned()
                    .expect("it is free"),
            )
        };
        Self {
            lock,
            held: Mutex::new(Some(held)),
        }
    }
}

impl<const HOW: u8, const POLICY: u8> World for Writes<HOW, POLICY> {
    fn wait(&self) -> Wait<'_> {
        match HOW {
            WRITE => Wait::plain(self.lock.write()),
            WRITE_OWNED => Wait::plain(self.lock.clone().write_owned()),
            UPGRADABLE => Wait::plain(self.lock.upgradable_read()),
            _ => Wait::plain(self.lock.clone().upgradable_read_owned()),
        }
    }

    fn serve(&self) {
        let held = self.held.lock().unwrap().take();
        drop(held);
    }

    fn touch(&self) {
        touch(&self.lock);
    }

    fn seize(&self) -> Option<Gain<'_>> {
        self.lock.try_write().ok().map(Gain::new)
    }

    fn audit(&self, served: usize, _completed: usize) {
        audit(&self.lock, served);
    }
}

/// An upgradable reader, and another reader who keeps it from writing.
struct Upgrades {
    lock: Arc<RwLock<u32>>,
    held: Mutex<Option<OwnedRwLockReadGuard<u32>>>,
}

impl Default for Upgrades {
    fn default() -> Self {
        let lock = lock(FAIR);
        let held = lock.clone().try_read_owned().expect("it is free");
        Self {
            lock,
            held: Mutex::new(Some(held)),
        }
    }
}

impl World for Upgrades {
    fn wait(&self) -> Wait<'_> {
        let upgradable = self.lock.try_upgradable_read();
        Wait::plain(upgradable.expect("it is free").upgrade())
    }

    fn serve(&self) {
        let held = self.held.lock().unwrap().take();
        drop(held);
    }

    fn touch(&self) {
        touch(&self.lock);
    }

    fn inputs(&self) -> usize {
        usize::from(self.lock.try_upgradable_read().is_err())
    }

    fn can_wait(&self) -> bool {
        self.lock.try_upgradable_read().is_ok()
    }

    fn audit(&self, served: usize, _completed: usize) {
        audit(&self.lock, served);
    }
}
