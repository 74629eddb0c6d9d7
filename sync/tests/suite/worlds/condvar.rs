//! `Condvar` as a world: told alone, told with all, and asked what it waits for.

use std::sync::atomic::{AtomicUsize, Ordering};

use selvedge_sync::{Condvar, Mutex};

use crate::world::{Gain, Kind, Operation, Wait, World};

pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::new::<Told<ONE>>("Condvar::wait", Kind::QUEUE),
        Operation::new::<Told<ALL>>("Condvar::wait, after `notify_all`", Kind::BARGING),
        Operation::new::<Told<WHILE>>("Condvar::wait_while", Kind::QUEUE),
    ]
}

const ONE: u8 = 0;
const ALL: u8 = 1;
const WHILE: u8 = 2;

#[derive(Default)]
struct Told<const HOW: u8> {
    mutex: Mutex<()>,
    condvar: Condvar,
    /// What `wait_while` waits for.
    apples: AtomicUsize,
}

impl<const HOW: u8> World for Told<HOW> {
    fn wait(&self) -> Wait<'_> {
        let wait = async {
            let guard = self.mutex.lock().await;
            if HOW == WHILE {
                let none = |_: &mut ()| self.apples.load(Ordering::SeqCst) == 0;
                let guard = self.condvar.wait_while(guard, none).await;
                self.apples.fetch_sub(1, Ordering::SeqCst);
                guard
            } else {
                self.condvar.wait(guard).await
            }
        };
        Wait::new(wait, Gain::new)
    }

    fn serve(&self) {
        self.apples.fetch_add(1, Ordering::SeqCst);
        if HOW == ALL {
            self.condvar.notify_all();
        } else {
            self.condvar.notify_one();
        }
    }

    fn touch(&self) {
        drop(format!("{:?}", self.condvar));
        drop(self.mutex.try_lock());
        self.condvar.notify_all();
    }

    /// Who serves does not hold the mutex, and so may come between the look and the wait.
    fn serves_newcomers(&self) -> bool {
        false
    }

    fn keeps_serves(&self) -> bool {
        HOW == WHILE
    }

    fn audit(&self, served: usize, completed: usize) {
        assert!(self.mutex.try_lock().is_ok(), "nobody holds it");
        if HOW == WHILE {
            assert_eq!(self.apples.load(Ordering::SeqCst) + completed, served);
        }
    }
}
