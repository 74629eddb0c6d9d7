//! The model of `Notify`: a permit, a queue, and a count of broadcasts.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use selvedge_sync::Notify;

use super::{Answer, Got, Model, Step, Subject, Wait, compared};

compared!(notify_does_what_its_model_does, Real, Plain);

#[derive(Default)]
struct Real(Arc<Notify>);

impl Subject for Real {
    fn start(&self, _what: u8) -> Wait {
        let wait = self.0.clone().notified_owned();
        Box::pin(async move {
            wait.await;
            Got::plain(1)
        })
    }

    fn act(&self, what: u8, _with: u8) -> Got {
        match what % 8 {
            0..4 => self.0.notify_one(),
            4..6 => self.0.notify_last(),
            _ => self.0.notify_waiters(),
        }
        Got::plain(0)
    }

    fn name(call: Step) -> String {
        match call {
            Step::Act(what, _) => match what % 8 {
                0..4 => "notify_one()",
                4..6 => "notify_last()",
                _ => "notify_waiters()",
            },
            _ => "notified()",
        }
        .to_owned()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    First,
    Last,
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    New,
    Queued,
    /// Chosen as the first or the last of the queue.
    Chosen(End),
    /// Reached by a broadcast.
    Covered,
}

#[derive(Default)]
struct Plain {
    permit: bool,
    queue: VecDeque<usize>,
    waits: HashMap<usize, Phase>,
    woken: Vec<usize>,
}

impl Plain {
    fn notify(&mut self, end: End) {
        let chosen = match end {
            End::First => self.queue.pop_front(),
            End::Last => self.queue.pop_back(),
        };
        match chosen {
            None => self.permit = true,
            Some(id) => {
                self.waits.insert(id, Phase::Chosen(end));
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
            Phase::New if !self.permit => {
                self.waits.insert(id, Phase::Queued);
                self.queue.push_back(id);
                return None;
            }
            Phase::New => self.permit = false,
            Phase::Queued => return None,
            Phase::Chosen(_) | Phase::Covered => {}
        }
        self.waits.remove(&id);
        Some(Answer::plain(1))
    }

    fn cancel(&mut self, id: usize) {
        self.queue.retain(|it| *it != id);
        if let Some(Phase::Chosen(end)) = self.waits.remove(&id) {
            self.notify(end);
        }
    }

    fn give_back(&mut self, _seen: u64) {}

    fn act(&mut self, what: u8, _with: u8) -> Answer {
        match what % 8 {
            0..4 => self.notify(End::First),
            4..6 => self.notify(End::Last),
            _ => {
                self.woken.extend(self.queue.drain(..));
                for phase in self.waits.values_mut() {
                    if let Phase::New | Phase::Queued = phase {
                        *phase = Phase::Covered;
                    }
                }
            }
        }
        Answer::plain(0)
    }

    fn woken(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.woken)
    }
}
