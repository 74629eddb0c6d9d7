//! Histories of three threads with four calls each: is there an order in which they would have
//! answered the same, one after the other?
//!
//! Each call notes when it began and when it was over, on one counter. The search is that of Wing
//! and Gong: of the calls not placed yet, one that began before all others were over goes next, if
//! the specification answers as it did. `SELVEDGE_ROUNDS` says how many histories.

use std::collections::{HashSet, VecDeque};
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use selvedge_sync::{Mutex, OwnedMutexGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard};
use selvedge_sync::{OwnedSemaphorePermit, RwLock, Semaphore, mpmc, mpsc};

use crate::executors::{block_on, watch_over};

const THREADS: usize = 3;
const CALLS: usize = 4;

/// A call that was made.
#[derive(Debug, Clone, Copy)]
struct Event<C> {
    call: C,
    answer: u64,
    began: u64,
    over: u64,
}

/// What the calls mean, one after the other.
trait Specification: Default + Clone + Eq + Hash {
    type Call: Copy + std::fmt::Debug + Send + 'static;

    /// The answer; none if the call would have to wait.
    fn answer(&mut self, call: Self::Call) -> Option<u64>;

    /// True if that answer may be given at any time, so that the call is not looked at.
    fn says_nothing(_call: Self::Call, _answer: u64) -> bool {
        false
    }
}

/// Is there an order that explains the history?
fn is_linearizable<S: Specification>(history: &[Event<S::Call>]) -> bool {
    fn search<S: Specification>(
        history: &[Event<S::Call>],
        placed: u32,
        state: &S,
        dead_ends: &mut HashSet<(u32, S)>,
    ) -> bool {
        let open = || (0..history.len()).filter(|it| placed & (1 << it) == 0);
        let Some(first_over) = open().map(|it| history[it].over).min() else {
            return true;
        };
        if dead_ends.contains(&(placed, state.clone())) {
            return false;
        }
        for index in open().filter(|it| history[*it].began < first_over) {
            let mut next = state.clone();
            if next.answer(history[index].call) == Some(history[index].answer)
                && search(history, placed | 1 << index, &next, dead_ends)
            {
                return true;
            }
        }
        dead_ends.insert((placed, state.clone()));
        false
    }
    search(history, 0, &S::default(), &mut HashSet::new())
}

/// Lets threads make their calls on a fresh object, again and again, and checks each history.
///
/// `script` gives the calls of a thread in a round, `call` makes one: it has what the thread holds.
fn check<S, O, H>(
    make: impl Fn() -> O,
    script: impl Fn(usize, u64) -> [S::Call; CALLS] + Sync,
    call: impl Fn(&O, &mut H, S::Call) -> u64 + Sync,
) where
    S: Specification,
    O: Send + Sync,
    H: Default,
{
    let rounds = std::env::var("SELVEDGE_ROUNDS").ok();
    let rounds = rounds.map_or(500, |rounds| rounds.parse().expect("a number"));
    for round in 0..rounds {
        let (object, clock, start) = (make(), AtomicU64::new(0), Barrier::new(THREADS));
        let (object, clock, start, script, call) = (&object, &clock, &start, &script, &call);
        let history: Vec<Event<S::Call>> = thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|thread| {
                    scope.spawn(move || {
                        let mut held = H::default();
                        start.wait();
                        script(thread, round).map(|it| {
                            let began = clock.fetch_add(1, Ordering::SeqCst);
                            let answer = call(object, &mut held, it);
                            let over = clock.fetch_add(1, Ordering::SeqCst);
                            Event {
                                call: it,
                                answer,
                                began,
                                over,
                            }
                        })
                    })
                })
                .collect();
            threads
                .into_iter()
                .flat_map(|it| it.join().expect("no panic"))
                .filter(|it: &Event<S::Call>| !S::says_nothing(it.call, it.answer))
                .collect()
        });
        assert!(
            is_linearizable::<S>(&history),
            "no order explains this: {history:#?}"
        );
    }
    println!("{rounds} histories");
}

/// A choice that differs from round to round.
fn choice(thread: usize, round: u64, call: usize) -> u64 {
    let mut x = (round << 8) ^ ((thread as u64) << 4) ^ call as u64 ^ 0x9E37_79B9_7F4A_7C15;
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x ^ (x >> 27)
}

#[derive(Debug, Clone, Copy)]
enum ChannelCall {
    Send(u64),
    Recv,
    TrySend(u64),
    /// To send while others wait to: refused also if the room was given to one of them who has not used it yet.
    Offer(u64),
    TryRecv,
}

const CAPACITY: usize = 2;
const NOTHING: u64 = 0;

#[derive(Default, Clone, PartialEq, Eq, Hash)]
struct Channel(VecDeque<u64>);

impl Specification for Channel {
    type Call = ChannelCall;

    fn answer(&mut self, call: ChannelCall) -> Option<u64> {
        let has_room = self.0.len() < CAPACITY;
        match call {
            ChannelCall::Send(value) | ChannelCall::TrySend(value) | ChannelCall::Offer(value)
                if has_room =>
            {
                self.0.push_back(value);
                Some(1)
            }
            ChannelCall::TrySend(_) | ChannelCall::Offer(_) => Some(NOTHING),
            ChannelCall::Send(_) => None,
            ChannelCall::Recv => self.0.pop_front(),
            ChannelCall::TryRecv => Some(self.0.pop_front().unwrap_or(NOTHING)),
        }
    }

    fn says_nothing(call: ChannelCall, answer: u64) -> bool {
        matches!(call, ChannelCall::Offer(_)) && answer == NOTHING
    }
}

type Ends = (mpmc::Sender<u64>, mpmc::Receiver<u64>);

fn channel_call(ends: &Ends, _held: &mut (), call: ChannelCall) -> u64 {
    match call {
        ChannelCall::Send(value) => block_on(ends.0.send(value)).map_or(NOTHING, |()| 1),
        ChannelCall::TrySend(value) | ChannelCall::Offer(value) => {
            ends.0.try_send(value).map_or(NOTHING, |()| 1)
        }
        ChannelCall::Recv => block_on(ends.1.recv()).unwrap_or(NOTHING),
        ChannelCall::TryRecv => ends.1.try_recv().unwrap_or(NOTHING),
    }
}

fn value(thread: usize, call: usize) -> u64 {
    (thread * 10 + call + 1) as u64
}

#[test]
fn mpmc_is_a_queue_for_those_who_wait() {
    watch_over(|| {
        // As many are received as are sent.
        let script = |thread, _| {
            [0, 1, 2, 3].map(|call| match thread {
                0 => ChannelCall::Send(value(thread, call)),
                1 => ChannelCall::Recv,
                _ if call % 2 == 0 => ChannelCall::Send(value(thread, call)),
                _ => ChannelCall::Recv,
            })
        };
        check::<Channel, _, _>(|| mpmc::channel(CAPACITY), script, channel_call);
    });
}

#[test]
fn mpmc_is_a_queue_for_those_who_do_not_wait() {
    watch_over(|| {
        let script = |thread, round| {
            [0, 1, 2, 3].map(|call| match choice(thread, round, call) % 2 {
                0 => ChannelCall::TrySend(value(thread, call)),
                _ => ChannelCall::TryRecv,
            })
        };
        check::<Channel, _, _>(|| mpmc::channel(CAPACITY), script, channel_call);
    });
}

#[test]
fn mpsc_is_a_queue() {
    watch_over(|| {
        let make = || {
            let (tx, rx) = mpsc::channel(CAPACITY);
            (tx, std::sync::Mutex::new(rx))
        };
        // As many wait to send as are received; there is room for what more is sent.
        let script = |thread, _| {
            [0, 1, 2, 3].map(|call| match thread {
                0 => ChannelCall::Recv,
                _ if call < 2 => ChannelCall::Send(value(thread, call)),
                _ => ChannelCall::Offer(value(thread, call)),
            })
        };
        check::<Channel, _, ()>(make, script, |(tx, rx), _, call| match call {
            ChannelCall::Send(value) => block_on(tx.send(value)).map_or(NOTHING, |()| 1),
            ChannelCall::Offer(value) => tx.try_send(value).map_or(NOTHING, |()| 1),
            // The lock is that of the only receiver.
            _ => block_on(rx.lock().unwrap().recv()).unwrap_or(NOTHING),
        });
    });
}

#[derive(Debug, Clone, Copy)]
enum LockCall {
    Lock,
    TryLock,
    Unlock,
}

/// How many hold it, of so many at most.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
struct Held<const MOST: u64>(u64);

impl<const MOST: u64> Specification for Held<MOST> {
    /// By whom, and whether the thread holds it.
    type Call = LockCall;

    fn answer(&mut self, call: LockCall) -> Option<u64> {
        match call {
            LockCall::Lock | LockCall::TryLock if self.0 < MOST => {
                self.0 += 1;
                Some(1)
            }
            LockCall::Lock => None,
            LockCall::TryLock => Some(NOTHING),
            LockCall::Unlock => {
                self.0 = self.0.checked_sub(1)?;
                Some(1)
            }
        }
    }
}

#[test]
fn mutexes_exclude() {
    watch_over(|| {
        let script = |thread, round| {
            let lock = match choice(thread, round, 0) % 2 {
                0 => LockCall::TryLock,
                _ => LockCall::Lock,
            };
            // What was not locked is not unlocked: then nothing is called.
            [lock, LockCall::Unlock, LockCall::Lock, LockCall::Unlock]
        };
        let call = |mutex: &Arc<Mutex<()>>, held: &mut Option<OwnedMutexGuard<()>>, call| {
            match call {
                LockCall::Lock => *held = Some(block_on(mutex.clone().lock_owned())),
                // A round in which it fails would unbalance the script: it waits instead.
                LockCall::TryLock => {
                    *held = mutex.clone().try_lock_owned().ok();
                    if held.is_none() {
                        *held = Some(block_on(mutex.clone().lock_owned()));
                    }
                }
                LockCall::Unlock => *held = None,
            }
            1
        };
        let waits = |thread, round| {
            script(thread, round).map(|it| match it {
                LockCall::TryLock => LockCall::Lock,
                it => it,
            })
        };
        for fair in [false, true] {
            let make = move || {
                let mutex = Mutex::new(());
                Arc::new(if fair { mutex.fair() } else { mutex })
            };
            check::<Held<1>, _, _>(make, waits, call);
        }
    });
}

#[test]
fn permits_are_never_more_than_there_are() {
    watch_over(|| {
        let script = |thread, round| {
            let lock = |call| match choice(thread, round, call) % 2 {
                0 => LockCall::TryLock,
                _ => LockCall::Lock,
            };
            [lock(0), LockCall::Unlock, LockCall::Lock, LockCall::Unlock]
        };
        type Permits = Vec<OwnedSemaphorePermit>;
        let call = |semaphore: &Arc<Semaphore>, held: &mut Permits, call| match call {
            LockCall::Lock | LockCall::TryLock => {
                let permit = block_on(semaphore.clone().acquire_owned());
                held.push(permit.expect("open"));
                1
            }
            LockCall::Unlock => u64::from(held.pop().is_some()),
        };
        let waits = |thread, round| {
            script(thread, round).map(|it| match it {
                LockCall::TryLock => LockCall::Lock,
                it => it,
            })
        };
        check::<Held<2>, _, _>(|| Arc::new(Semaphore::new(2)), waits, call);
        // Two calls in a row that do not wait, without anybody who does.
        let tries = |_, _| [LockCall::TryLock; CALLS];
        let call = |semaphore: &Arc<Semaphore>, held: &mut Permits, _| {
            let permit = semaphore.clone().try_acquire_owned().ok();
            let taken = u64::from(permit.is_some());
            held.extend(permit);
            // Kept until all have tried.
            std::mem::take(held)
                .into_iter()
                .for_each(OwnedSemaphorePermit::forget);
            taken
        };
        check::<Held<2>, _, _>(|| Arc::new(Semaphore::new(2)), tries, call);
    });
}

#[derive(Debug, Clone, Copy)]
enum RwCall {
    Read,
    Write,
    Leave,
}

/// By thread: who is inside, and how.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
struct ReadersOrWriter {
    readers: u64,
    writer: bool,
    /// How many times it was written: what a reader sees.
    version: u64,
}

impl Specification for ReadersOrWriter {
    type Call = (RwCall, RwCall);

    /// The second part says what is left.
    fn answer(&mut self, (call, entered): (RwCall, RwCall)) -> Option<u64> {
        match (call, entered) {
            (RwCall::Read, _) if !self.writer => {
                self.readers += 1;
                Some(self.version)
            }
            (RwCall::Write, _) if !self.writer && self.readers == 0 => {
                self.writer = true;
                self.version += 1;
                Some(self.version)
            }
            (RwCall::Leave, RwCall::Read) => {
                self.readers -= 1;
                Some(NOTHING)
            }
            (RwCall::Leave, _) => {
                self.writer = false;
                Some(NOTHING)
            }
            _ => None,
        }
    }
}

#[derive(Default)]
struct Inside {
    read: Option<OwnedRwLockReadGuard<u64>>,
    write: Option<OwnedRwLockWriteGuard<u64>>,
}

#[test]
fn rwlocks_admit_readers_or_one_writer() {
    watch_over(|| {
        let script = |thread, round| {
            let enter = |call| match choice(thread, round, call) % 3 {
                0 => RwCall::Write,
                _ => RwCall::Read,
            };
            let (first, second) = (enter(0), enter(1));
            let leave = RwCall::Leave;
            [
                (first, first),
                (leave, first),
                (second, second),
                (leave, second),
            ]
        };
        let call = |lock: &Arc<RwLock<u64>>, inside: &mut Inside, (call, _)| match call {
            RwCall::Read => {
                let guard = block_on(lock.clone().read_owned());
                **inside.read.insert(guard)
            }
            RwCall::Write => {
                let mut guard = block_on(lock.clone().write_owned());
                *guard += 1;
                **inside.write.insert(guard)
            }
            RwCall::Leave => {
                *inside = Inside::default();
                NOTHING
            }
        };
        check::<ReadersOrWriter, _, _>(|| Arc::new(RwLock::new(0)), script, call);
    });
}

#[test]
fn impossible_histories_are_found() {
    fn event<C>(call: C, answer: u64, began: u64, over: u64) -> Event<C> {
        Event {
            call,
            answer,
            began,
            over,
        }
    }
    // Sent one after the other, received in the other order.
    let swapped = [
        event(ChannelCall::Send(1), 1, 0, 1),
        event(ChannelCall::Send(2), 1, 2, 3),
        event(ChannelCall::Recv, 2, 4, 5),
        event(ChannelCall::Recv, 1, 6, 7),
    ];
    assert!(!is_linearizable::<Channel>(&swapped));
    // The same, sent at the same time.
    let mut overlapping = swapped;
    overlapping[0].over = 4;
    assert!(is_linearizable::<Channel>(&overlapping));
    // Received twice; lost; empty while something was there; full while nothing was.
    let recv = |answer, began| event(ChannelCall::TryRecv, answer, began, began + 1);
    let send = event(ChannelCall::Send(1), 1, 0, 1);
    assert!(!is_linearizable::<Channel>(&[send, recv(1, 2), recv(1, 4)]));
    assert!(!is_linearizable::<Channel>(&[send, recv(NOTHING, 2)]));
    assert!(is_linearizable::<Channel>(&[
        send,
        recv(1, 2),
        recv(NOTHING, 4)
    ]));
    let refused = event(ChannelCall::TrySend(3), NOTHING, 2, 3);
    assert!(!is_linearizable::<Channel>(&[send, refused]));
    // Two at once in a mutex.
    let lock = |began| event(LockCall::Lock, 1, began, began + 1);
    assert!(!is_linearizable::<Held<1>>(&[lock(0), lock(2)]));
    assert!(is_linearizable::<Held<2>>(&[lock(0), lock(2)]));
}
