//! The model of `broadcast`: all that was sent, and how far each receiver is.

use std::cell::RefCell;
use std::sync::{Arc, Mutex};

use selvedge_sync::broadcast::{self, error::TryRecvError};

use super::{Answer, Got, Model, Step, Subject, Wait, compared};

compared!(broadcast_does_what_its_model_does, Real, Plain);

const CAPACITY: usize = 4;
/// A receiver is told that it missed so many.
const LAGGED: u64 = 1000;
const EMPTY: u64 = 2000;
const NOBODY: u64 = 3000;
const RECEIVERS: usize = 3;

type Slot = Arc<Mutex<Option<broadcast::Receiver<u64>>>>;

/// Receivers come and go in a few slots; a wait has its receiver with it meanwhile.
struct Real {
    tx: broadcast::Sender<u64>,
    slots: [Slot; RECEIVERS],
    sent: RefCell<u64>,
}

impl Default for Real {
    fn default() -> Self {
        let (tx, rx) = broadcast::channel(CAPACITY);
        let slots: [Slot; RECEIVERS] = Default::default();
        *slots[0].lock().unwrap() = Some(rx);
        Self {
            tx,
            slots,
            sent: RefCell::new(0),
        }
    }
}

impl Subject for Real {
    /// Nothing waits here: the torture does that.
    fn start(&self, _what: u8) -> Wait {
        Box::pin(async { Got::plain(0) })
    }

    fn act(&self, what: u8, with: u8) -> Got {
        let slot = &self.slots[usize::from(with) % RECEIVERS];
        match what % 10 {
            0..4 => {
                *self.sent.borrow_mut() += 1;
                let sent = self.tx.send(*self.sent.borrow());
                Got::plain(sent.map_or(NOBODY, |count| count as u64))
            }
            4..7 => {
                let mut slot = slot.lock().unwrap();
                let Some(rx) = &mut *slot else {
                    return Got::plain(NOBODY);
                };
                Got::plain(match rx.try_recv() {
                    Ok(value) => value,
                    Err(TryRecvError::Lagged(missed)) => LAGGED + missed,
                    Err(_) => EMPTY,
                })
            }
            7 => {
                let former = slot.lock().unwrap().replace(self.tx.subscribe());
                drop(former);
                Got::plain(self.tx.receiver_count() as u64)
            }
            8 => {
                let former = slot.lock().unwrap().take();
                drop(former);
                Got::plain(self.tx.receiver_count() as u64)
            }
            _ => {
                let slot = slot.lock().unwrap();
                let behind = slot.as_ref().map_or(NOBODY, |rx| rx.len() as u64);
                Got::plain(behind)
            }
        }
    }

    fn name(call: Step) -> String {
        match call {
            Step::Act(what, with) => {
                let call = match what % 10 {
                    0..4 => "send",
                    4..7 => "try_recv",
                    7 => "subscribe",
                    8 => "drop",
                    _ => "len",
                };
                format!("{call}, receiver {}", usize::from(with) % RECEIVERS)
            }
            _ => "nothing".to_owned(),
        }
    }
}

struct Plain {
    sent: Vec<u64>,
    next: u64,
    /// The next message of each receiver.
    receivers: [Option<usize>; RECEIVERS],
}

impl Default for Plain {
    fn default() -> Self {
        Self {
            sent: Vec::new(),
            next: 0,
            receivers: [Some(0), None, None],
        }
    }
}

impl Model for Plain {
    fn start(&mut self, _id: usize, _what: u8) {}

    fn poll(&mut self, _id: usize) -> Option<Answer> {
        Some(Answer::plain(0))
    }

    fn cancel(&mut self, _id: usize) {}

    fn give_back(&mut self, _seen: u64) {}

    fn act(&mut self, what: u8, with: u8) -> Answer {
        let end = self.sent.len();
        let receiver = &mut self.receivers[usize::from(with) % RECEIVERS];
        let count = match what % 10 {
            0..4 => {
                self.next += 1;
                let count = self.receivers.iter().flatten().count() as u64;
                if count == 0 {
                    return Answer::plain(NOBODY);
                }
                self.sent.push(self.next);
                return Answer::plain(count);
            }
            4..7 => {
                let Some(next) = receiver else {
                    return Answer::plain(NOBODY);
                };
                let oldest = end.saturating_sub(CAPACITY);
                return Answer::plain(if *next < oldest {
                    let missed = oldest - *next;
                    *next = oldest;
                    LAGGED + missed as u64
                } else if *next == end {
                    EMPTY
                } else {
                    *next += 1;
                    self.sent[*next - 1]
                });
            }
            7 => Some(end),
            8 => None,
            _ => return Answer::plain(receiver.map_or(NOBODY, |next| (end - next) as u64)),
        };
        *receiver = count;
        Answer::plain(self.receivers.iter().flatten().count() as u64)
    }

    fn woken(&mut self) -> Vec<usize> {
        Vec::new()
    }
}
