//! The model of a fair `Mutex`: handed to the first in the queue.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use selvedge_sync::Mutex;

use super::{Answer, Got, Model, Step, Subject, Wait, compared};

compared!(a_fair_mutex_does_what_its_model_does, Real, Plain);

struct Real(Arc<Mutex<()>>);

impl Default for Real {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(()).fair()))
    }
}

impl Subject for Real {
    fn start(&self, _what: u8) -> Wait {
        let wait = self.0.clone().lock_owned();
        Box::pin(async move { Got::gain(1, wait.await) })
    }

    fn act(&self, _what: u8, _with: u8) -> Got {
        Got::maybe(1, self.0.clone().try_lock_owned().ok())
    }

    fn name(call: Step) -> String {
        match call {
            Step::Act(..) => "try_lock()",
            _ => "lock()",
        }
        .to_owned()
    }
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    New,
    Queued,
    Handed,
}

#[derive(Default)]
struct Plain {
    locked: bool,
    queue: VecDeque<usize>,
    waits: HashMap<usize, Phase>,
    woken: Vec<usize>,
}

impl Plain {
    fn unlock(&mut self) {
        match self.queue.pop_front() {
            None => self.locked = false,
            Some(id) => {
                self.waits.insert(id, Phase::Handed);
                self.woken.push(id);
            }
        }
    }
}

impl Model for Plain {
    fn start(&mut self, id: usize, _what: u8) {
        self.waits.insert(id, Phase::New);
    }

    fn poll(&mut self, id: usize) -> Option<Answer> {
        match self.waits[&id] {
            Phase::New if self.locked => {
                self.waits.insert(id, Phase::Queued);
                self.queue.push_back(id);
                return None;
            }
            Phase::New => self.locked = true,
            Phase::Queued => return None,
            Phase::Handed => {}
        }
        self.waits.remove(&id);
        Some(Answer::gain(1))
    }

    fn cancel(&mut self, id: usize) {
        self.queue.retain(|it| *it != id);
        if let Some(Phase::Handed) = self.waits.remove(&id) {
            self.unlock();
        }
    }

    fn give_back(&mut self, _seen: u64) {
        self.unlock();
    }

    fn act(&mut self, _what: u8, _with: u8) -> Answer {
        if self.locked {
            return Answer::plain(0);
        }
        self.locked = true;
        Answer::gain(1)
    }

    fn woken(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.woken)
    }
}
