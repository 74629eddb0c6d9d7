//! The model of a bounded `mpmc` channel: places go to senders in order, promises to receivers.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};

use selvedge_sync::mpmc;

use super::{Answer, Got, Model, Step, Subject, Wait, compared};

compared!(mpmc_does_what_its_model_does, Real, Plain);

const CAPACITY: usize = 2;
const NONE: u64 = 0;

struct Real {
    tx: mpmc::Sender<u64>,
    rx: mpmc::Receiver<u64>,
    next: AtomicU64,
}

impl Default for Real {
    fn default() -> Self {
        let (tx, rx) = mpmc::channel(CAPACITY);
        Self {
            tx,
            rx,
            next: AtomicU64::new(1),
        }
    }
}

fn sends(what: u8) -> bool {
    what % 2 == 0
}

impl Subject for Real {
    fn start(&self, what: u8) -> Wait {
        if sends(what) {
            let (tx, value) = (self.tx.clone(), self.next.fetch_add(1, Ordering::Relaxed));
            Box::pin(async move { Got::plain(tx.send(value).await.map_or(NONE, |()| 1)) })
        } else {
            let rx = self.rx.clone();
            Box::pin(async move { Got::plain(rx.recv().await.unwrap_or(NONE)) })
        }
    }

    fn act(&self, what: u8, _with: u8) -> Got {
        match what % 5 {
            0..2 => {
                let value = self.next.fetch_add(1, Ordering::Relaxed);
                Got::plain(self.tx.try_send(value).map_or(NONE, |()| 1))
            }
            2..4 => Got::plain(self.rx.try_recv().unwrap_or(NONE)),
            _ => Got::plain(self.rx.len() as u64),
        }
    }

    fn name(call: Step) -> String {
        match call {
            Step::Start(what) if sends(what) => "send()",
            Step::Start(_) => "recv()",
            Step::Act(what, _) => match what % 5 {
                0..2 => "try_send()",
                2..4 => "try_recv()",
                _ => "len()",
            },
            _ => "",
        }
        .to_owned()
    }
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    New,
    Queued,
    /// Has a place, or the promise of a message.
    Served,
}

#[derive(Debug, Clone, Copy)]
struct Waits {
    /// What it sends; none if it receives.
    value: Option<u64>,
    phase: Phase,
}

struct Plain {
    next: u64,
    messages: VecDeque<u64>,
    /// Places given to senders who have not sent yet.
    reserved: usize,
    /// Messages promised to receivers who have not taken them yet.
    promised: usize,
    senders: VecDeque<usize>,
    receivers: VecDeque<usize>,
    waits: HashMap<usize, Waits>,
    woken: Vec<usize>,
}

impl Default for Plain {
    fn default() -> Self {
        Self {
            next: 1,
            messages: VecDeque::new(),
            reserved: 0,
            promised: 0,
            senders: VecDeque::new(),
            receivers: VecDeque::new(),
            waits: HashMap::new(),
            woken: Vec::new(),
        }
    }
}

impl Plain {
    fn value(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }

    /// Gives free places and messages to those who wait for them.
    fn serve(&mut self) {
        while self.messages.len() + self.reserved < CAPACITY
            && let Some(id) = self.senders.pop_front()
        {
            self.reserved += 1;
            self.wake(id);
        }
        while self.messages.len() > self.promised
            && let Some(id) = self.receivers.pop_front()
        {
            self.promised += 1;
            self.wake(id);
        }
    }

    fn wake(&mut self, id: usize) {
        self.waits.get_mut(&id).expect("it waits").phase = Phase::Served;
        self.woken.push(id);
    }

    fn has_room(&self) -> bool {
        self.messages.len() + self.reserved < CAPACITY
    }

    fn put(&mut self, value: u64) {
        self.messages.push_back(value);
        self.serve();
    }

    fn take(&mut self) -> u64 {
        let value = self.messages.pop_front().expect("a message");
        self.serve();
        value
    }
}

impl Model for Plain {
    fn start(&mut self, id: usize, what: u8) {
        let value = sends(what).then(|| self.value());
        let phase = Phase::New;
        self.waits.insert(id, Waits { value, phase });
    }

    fn poll(&mut self, id: usize) -> Option<Answer> {
        let Waits { value, phase } = self.waits[&id];
        let served = match (phase, value) {
            (Phase::Queued, _) => return None,
            (Phase::Served, _) => true,
            (Phase::New, Some(_)) => self.has_room(),
            (Phase::New, None) => self.messages.len() > self.promised,
        };
        if !served {
            let queue = if value.is_some() {
                &mut self.senders
            } else {
                &mut self.receivers
            };
            queue.push_back(id);
            self.waits.get_mut(&id).expect("it waits").phase = Phase::Queued;
            return None;
        }
        let owed = usize::from(matches!(phase, Phase::Served));
        self.waits.remove(&id);
        Some(Answer::plain(if let Some(value) = value {
            self.reserved -= owed;
            self.put(value);
            1
        } else {
            self.promised -= owed;
            self.take()
        }))
    }

    fn cancel(&mut self, id: usize) {
        let Waits { value, phase } = self.waits.remove(&id).expect("it waits");
        self.senders.retain(|it| *it != id);
        self.receivers.retain(|it| *it != id);
        if let Phase::Served = phase {
            if value.is_some() {
                self.reserved -= 1;
            } else {
                self.promised -= 1;
            }
            self.serve();
        }
    }

    fn give_back(&mut self, _seen: u64) {}

    fn act(&mut self, what: u8, _with: u8) -> Answer {
        Answer::plain(match what % 5 {
            0..2 => {
                let value = self.value();
                if self.has_room() {
                    self.put(value);
                    1
                } else {
                    NONE
                }
            }
            2..4 if self.messages.len() > self.promised => self.take(),
            2..4 => NONE,
            _ => self.messages.len() as u64,
        })
    }

    fn woken(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.woken)
    }
}
