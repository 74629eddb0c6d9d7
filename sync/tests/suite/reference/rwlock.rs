//! The model of a fair `RwLock`: one queue, in whose front readers go together.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use selvedge_sync::RwLock;

use super::{Answer, Got, Model, Step, Subject, Wait, compared};

compared!(a_fair_rwlock_does_what_its_model_does, Real, Plain);

/// What is asked for, and seen as the gain.
const READ: u64 = 1;
const UPGRADABLE: u64 = 2;
const WRITE: u64 = 3;

fn wish(what: u8) -> u64 {
    match what % 5 {
        0..2 => READ,
        2 => UPGRADABLE,
        _ => WRITE,
    }
}

struct Real(Arc<RwLock<()>>);

impl Default for Real {
    fn default() -> Self {
        Self(Arc::new(RwLock::new(())))
    }
}

impl Subject for Real {
    fn start(&self, what: u8) -> Wait {
        let lock = self.0.clone();
        match wish(what) {
            READ => {
                let wait = lock.read_owned();
                Box::pin(async move { Got::gain(READ, wait.await) })
            }
            UPGRADABLE => {
                let wait = lock.upgradable_read_owned();
                Box::pin(async move { Got::gain(UPGRADABLE, wait.await) })
            }
            _ => {
                let wait = lock.write_owned();
                Box::pin(async move { Got::gain(WRITE, wait.await) })
            }
        }
    }

    fn act(&self, what: u8, _with: u8) -> Got {
        let lock = self.0.clone();
        match wish(what) {
            READ => Got::maybe(READ, lock.try_read_owned().ok()),
            UPGRADABLE => Got::maybe(UPGRADABLE, lock.try_upgradable_read_owned().ok()),
            _ => Got::maybe(WRITE, lock.try_write_owned().ok()),
        }
    }

    fn name(call: Step) -> String {
        let (what, try_) = match call {
            Step::Act(what, _) => (what, "try_"),
            Step::Start(what) => (what, ""),
            _ => return String::new(),
        };
        let name = match wish(what) {
            READ => "read",
            UPGRADABLE => "upgradable_read",
            _ => "write",
        };
        format!("{try_}{name}()")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    New,
    Queued,
    Inside,
}

#[derive(Default)]
struct Plain {
    readers: usize,
    upgradable: bool,
    writer: bool,
    queue: VecDeque<usize>,
    waits: HashMap<usize, (u64, Phase)>,
    woken: Vec<usize>,
}

impl Plain {
    fn enter(&mut self, wish: u64) -> bool {
        let fits = match wish {
            READ => !self.writer,
            UPGRADABLE => !self.writer && !self.upgradable,
            _ => !self.writer && !self.upgradable && self.readers == 0,
        };
        if fits {
            match wish {
                READ => self.readers += 1,
                UPGRADABLE => self.upgradable = true,
                _ => self.writer = true,
            }
        }
        fits
    }

    fn leave(&mut self, wish: u64) {
        match wish {
            READ => self.readers -= 1,
            UPGRADABLE => self.upgradable = false,
            _ => self.writer = false,
        }
        self.let_in();
    }

    fn let_in(&mut self) {
        while let Some(front) = self.queue.front().copied() {
            let wish = self.waits[&front].0;
            if !self.enter(wish) {
                break;
            }
            self.queue.pop_front();
            self.waits.insert(front, (wish, Phase::Inside));
            self.woken.push(front);
        }
    }
}

impl Model for Plain {
    fn start(&mut self, id: usize, what: u8) {
        self.waits.insert(id, (wish(what), Phase::New));
    }

    fn poll(&mut self, id: usize) -> Option<Answer> {
        let (wish, phase) = self.waits[&id];
        match phase {
            Phase::Queued => return None,
            Phase::New if !self.queue.is_empty() || !self.enter(wish) => {
                self.queue.push_back(id);
                self.waits.insert(id, (wish, Phase::Queued));
                return None;
            }
            Phase::New | Phase::Inside => {}
        }
        self.waits.remove(&id);
        Some(Answer::gain(wish))
    }

    fn cancel(&mut self, id: usize) {
        let (wish, phase) = self.waits.remove(&id).expect("it waits");
        self.queue.retain(|it| *it != id);
        match phase {
            Phase::New => {}
            // It may have stood in the way.
            Phase::Queued => self.let_in(),
            Phase::Inside => self.leave(wish),
        }
    }

    fn give_back(&mut self, seen: u64) {
        self.leave(seen);
    }

    fn act(&mut self, what: u8, _with: u8) -> Answer {
        let wish = wish(what);
        if self.queue.is_empty() && self.enter(wish) {
            Answer::gain(wish)
        } else {
            Answer::plain(0)
        }
    }

    fn woken(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.woken)
    }
}
