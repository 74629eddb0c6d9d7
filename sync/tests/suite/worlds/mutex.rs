//! `Mutex` as a world, under both policies: held, and let go once.

use std::sync::Arc;
use std::time::Duration;

use selvedge_sync::{Mutex, OwnedMutexGuard};

use crate::world::{Gain, Kind, Operation, Wait, World};

pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::new::<Locks<LOCK, false>>("Mutex::lock", Kind::BARGING),
        Operation::new::<Locks<LOCK, true>>("Mutex::lock, fair", Kind::LOCK),
        Operation::new::<Locks<OWNED, false>>("Mutex::lock_owned", Kind::BARGING),
        Operation::new::<Locks<OWNED, true>>("Mutex::lock_owned, fair", Kind::LOCK),
        Operation::new::<Locks<TIMEOUT, false>>("Mutex::lock_timeout", Kind::BARGING),
    ]
}

const LOCK: u8 = 0;
const OWNED: u8 = 1;
const TIMEOUT: u8 = 2;

struct Locks<const HOW: u8, const FAIR: bool> {
    mutex: Arc<Mutex<u32>>,
    held: std::sync::Mutex<Option<OwnedMutexGuard<u32>>>,
}

impl<const HOW: u8, const FAIR: bool> Default for Locks<HOW, FAIR> {
    fn default() -> Self {
        let mutex = Mutex::new(0);
        let mutex = Arc::new(if FAIR { mutex.fair() } else { mutex });
        let held = mutex.clone().try_lock_owned().expect("it is free");
        Self {
            mutex,
            held: std::sync::Mutex::new(Some(held)),
        }
    }
}

impl<const HOW: u8, const FAIR: bool> World for Locks<HOW, FAIR> {
    fn wait(&self) -> Wait<'_> {
        match HOW {
            LOCK => Wait::new(self.mutex.lock(), |mut guard| {
                *guard += 1;
                Gain::new(guard)
            }),
            OWNED => Wait::new(self.mutex.clone().lock_owned(), |mut guard| {
                *guard += 1;
                Gain::new(guard)
            }),
            _ => {
                let wait = self.mutex.lock_timeout(Duration::from_secs(3600));
                Wait::new(wait, |guard| {
                    let mut guard = guard.expect("in time");
                    *guard += 1;
                    Gain::new(guard)
                })
            }
        }
    }

    fn serve(&self) {
        let held = self.held.lock().unwrap().take();
        drop(held);
    }

    fn touch(&self) {
        drop(format!("{:?}", self.mutex));
        drop(self.mutex.try_lock());
        self.mutex.holder();
    }

    fn seize(&self) -> Option<Gain<'_>> {
        self.mutex.try_lock().ok().map(Gain::new)
    }

    fn audit(&self, served: usize, completed: usize) {
        let value = self.mutex.try_lock();
        assert_eq!(
            value.is_ok(),
            served > 0,
            "locked only by those who hold it"
        );
        assert_eq!(value.map_or(0, |value| *value), completed as u32);
        assert_eq!(Arc::strong_count(&self.mutex), 1 + usize::from(served == 0));
    }
}
