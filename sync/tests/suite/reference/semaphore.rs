//! The model of `Semaphore`: permits, and a queue whose first takes all that comes.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use selvedge_sync::Semaphore;

use super::{Answer, Got, Model, Step, Subject, Wait, compared};

compared!(semaphore_does_what_its_model_does, Real, Plain);

const PERMITS: usize = 2;
const CLOSED: u64 = 1000;

fn many(what: u8) -> u32 {
    u32::from(what % 4)
}

struct Real(Arc<Semaphore>);

impl Default for Real {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(PERMITS)))
    }
}

impl Subject for Real {
    fn start(&self, what: u8) -> Wait {
        let wait = self.0.clone().acquire_many_owned(many(what));
        Box::pin(async move {
            match wait.await {
                Ok(permit) => Got::gain(u64::from(many(what)), permit),
                Err(_) => Got::plain(CLOSED),
            }
        })
    }

    fn act(&self, what: u8, with: u8) -> Got {
        let many = many(with);
        match what % 16 {
            0..5 => {
                self.0.add_permits(many as usize);
                Got::plain(0)
            }
            5..10 => {
                let taken = self.0.clone().try_acquire_many_owned(many);
                match taken {
                    Ok(permit) => Got::gain(u64::from(many), permit),
                    Err(_) => Got::plain(CLOSED),
                }
            }
            10..13 => Got::plain(self.0.forget_permits(many as usize) as u64),
            13..15 => Got::plain(self.0.available_permits() as u64),
            _ => {
                self.0.close();
                Got::plain(0)
            }
        }
    }

    fn name(call: Step) -> String {
        match call {
            Step::Start(what) => format!("acquire_many({})", many(what)),
            Step::Act(what, with) => match what % 16 {
                0..5 => format!("add_permits({})", many(with)),
                5..10 => format!("try_acquire_many({})", many(with)),
                10..13 => format!("forget_permits({})", many(with)),
                13..15 => "available_permits()".into(),
                _ => "close()".into(),
            },
            _ => String::new(),
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    New,
    /// Still misses so many.
    Queued(usize),
    Granted,
    /// Was told of the end while it missed so many.
    Closed(usize),
}

struct Plain {
    permits: usize,
    closed: bool,
    queue: VecDeque<usize>,
    waits: HashMap<usize, (usize, Phase)>,
    woken: Vec<usize>,
}

impl Default for Plain {
    fn default() -> Self {
        Self {
            permits: PERMITS,
            closed: false,
            queue: VecDeque::new(),
            waits: HashMap::new(),
            woken: Vec::new(),
        }
    }
}

impl Plain {
    fn add(&mut self, mut count: usize) {
        while count > 0
            && let Some(front) = self.queue.front().copied()
        {
            let wait = self.waits.get_mut(&front).expect("queued");
            let Phase::Queued(missing) = &mut wait.1 else {
                panic!("the queue holds who waits");
            };
            let given = count.min(*missing);
            *missing -= given;
            count -= given;
            if *missing == 0 {
                wait.1 = Phase::Granted;
                self.queue.pop_front();
                self.woken.push(front);
            }
        }
        self.permits += count;
    }

    fn take(&mut self, count: usize) -> bool {
        let fits = !self.closed && self.permits >= count && (self.queue.is_empty() || count == 0);
        self.permits -= if fits { count } else { 0 };
        fits
    }
}

impl Model for Plain {
    fn start(&mut self, id: usize, what: u8) {
        self.waits.insert(id, (many(what) as usize, Phase::New));
    }

    fn poll(&mut self, id: usize) -> Option<Answer> {
        let (count, phase) = self.waits[&id];
        match phase {
            Phase::Queued(_) => return None,
            Phase::New if self.closed => {
                self.waits.remove(&id);
                return Some(Answer::plain(CLOSED));
            }
            Phase::New if !self.take(count) => {
                let missing = count - self.permits;
                self.permits = 0;
                self.queue.push_back(id);
                self.waits.insert(id, (count, Phase::Queued(missing)));
                return None;
            }
            Phase::Closed(missing) => {
                self.waits.remove(&id);
                self.add(count - missing);
                return Some(Answer::plain(CLOSED));
            }
            Phase::New | Phase::Granted => {}
        }
        self.waits.remove(&id);
        Some(Answer::gain(count as u64))
    }

    fn cancel(&mut self, id: usize) {
        let (count, phase) = self.waits.remove(&id).expect("it waits");
        self.queue.retain(|it| *it != id);
        match phase {
            Phase::New => {}
            Phase::Queued(missing) | Phase::Closed(missing) => self.add(count - missing),
            Phase::Granted => self.add(count),
        }
    }

    fn give_back(&mut self, seen: u64) {
        self.add(seen as usize);
    }

    fn act(&mut self, what: u8, with: u8) -> Answer {
        let many = many(with) as usize;
        match what % 16 {
            0..5 => self.add(many),
            5..10 if self.take(many) => return Answer::gain(many as u64),
            5..10 => return Answer::plain(CLOSED),
            10..13 => {
                let forgotten = many.min(self.permits);
                self.permits -= forgotten;
                return Answer::plain(forgotten as u64);
            }
            13..15 => return Answer::plain(self.permits as u64),
            _ => {
                self.closed = true;
                for id in self.queue.drain(..) {
                    let phase = &mut self.waits.get_mut(&id).expect("queued").1;
                    if let Phase::Queued(missing) = *phase {
                        *phase = Phase::Closed(missing);
                    }
                    self.woken.push(id);
                }
            }
        }
        Answer::plain(0)
    }

    fn woken(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.woken)
    }
}
