//! `lock_all` as a world: two mutexes, let go one after the other.

use std::sync::Arc;

use selvedge_sync::{Mutex, OwnedMutexGuard, lock_all};

use crate::world::{Gain, Kind, Operation, Wait, World};

pub(crate) fn operations() -> Vec<Operation> {
    vec![Operation::new::<Two>("lock_all", Kind::BARGING)]
}

struct Two {
    mutexes: [Arc<Mutex<u32>>; 2],
    held: std::sync::Mutex<Vec<OwnedMutexGuard<u32>>>,
}

impl Default for Two {
    fn default() -> Self {
        let mutexes = [(); 2].map(|()| Arc::new(Mutex::new(0)));
        let held = mutexes
            .iter()
            .map(|it| it.clone().try_lock_owned().expect("it is free"));
        Self {
            held: std::sync::Mutex::new(held.collect()),
            mutexes,
        }
    }
}

impl World for Two {
    fn wait(&self) -> Wait<'_> {
        let [first, second] = &self.mutexes;
        Wait::new(lock_all([&**first, &**second]), Gain::new)
    }

    fn serve(&self) {
        let held = self.held.lock().unwrap().pop();
        drop(held);
    }

    fn steps(&self) -> usize {
        2
    }

    fn touch(&self) {
        for mutex in &self.mutexes {
            drop(mutex.try_lock());
        }
    }

    fn audit(&self, served: usize, _completed: usize) {
        let free = self
            .mutexes
            .iter()
            .filter(|it| it.try_lock().is_ok())
            .count();
        assert_eq!(free, served.min(2), "held only by those who hold them");
    }
}
