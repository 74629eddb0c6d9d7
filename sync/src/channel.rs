//! The core of every channel: a buffer, and who waits for room in it and for messages, under one lock.
//!
//! # Picture
//!
//! ```text
//!                       lock
//!   ┌──────────────────────────────────────────────┐
//!   │ SENDERS    [missing 1] ⇄ [missing 3] ⇄ ...    │ wait for room, in order
//!   │ messages   m m m m m m                        │
//!   │ state      capacity, messages, reserved, ...  │
//!   │ RECEIVERS  [ ] ⇄ [ ] ⇄ ...   or `receiver`    │ wait for a message, in order
//!   │ CLOSED     [ ] ⇄ [ ] ⇄ ...                    │ wait for the end of the receivers
//!   └──────────────────────────────────────────────┘
//! ```
//!
//! Every operation is one short critical section. The single receiver of an `mpsc` channel is polled by
//! hand as well, so it leaves its waker in a slot; those of an `mpmc` channel queue. The single one also
//! takes messages out together and gives them out one by one ([`inbox`], [`hand`]).
//!
//! # Invariants
//!
//! I1. While somebody waits for room there is none: places that become free go to the first in the
//! queue, also if they are not all that one needs. So nobody who sends later overtakes.
//!
//! I2. While somebody waits for a message there is none that is not promised: who puts a message
//! promises one to the first in the queue. So nobody who receives later overtakes.
//!
//! I3. A place is free, reserved, or holds a message. A waiter that is dropped, or told that the channel
//! is closed, gives back what it reserved; a receiver that is dropped passes on what it was promised.
//!
//! I4. Messages are moved under the lock, and dropped outside it, as wakers are.
//!
//! # Why no waiter is forgotten
//!
//! Who waits looks and queues in one critical section. Who makes room, puts a message or ends a side does
//! so in one too, and takes the wakers of those it serves in the same one. So one comes first: the waiter
//! finds what it waits for, or is found. Places of messages in hand are the exception, and [`hand`] has
//! the argument. Closing and the end of the last sender release all they end the wait of; so does the last
//! place that is given back to a closed channel.

mod closed;
pub(crate) mod error;
mod hand;
mod handles;
mod inbox;
mod level;
mod messages;
mod permit;
mod receive;
mod reserve;
mod send;
mod state;

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::task::Waker;

pub use self::closed::Closed;
use self::error::{SendError, TryRecvError, TrySendError};
use self::hand::Hand;
pub(crate) use self::handles::{
    ReceiverRef, SenderRef, WeakReceiverRef, WeakSenderRef, bounded, unbounded,
};
pub(crate) use self::inbox::Inbox;
use self::level::Level;
use self::messages::Messages;
pub use self::permit::{Permit, PermitIterator};
pub(crate) use self::receive::MessageWait;
pub(crate) use self::reserve::RoomWait;
pub use self::reserve::{Reserve, ReserveMany};
pub use self::send::{SendMessage, SendTimeout};
use self::state::{OnReserve, OnTake, Refused, State};
use crate::primitive::atomic::AtomicUsize;
use crate::primitive::thread;
use crate::wait_list::{Departure, LockedQueue, WaitList, WaitQueue, has_wait_queue};
use crate::wake_batch::{FirstPanic, WakeBatch};

/// The list of those who wait for room; their datum is how many places they miss.
const SENDERS: usize = 0;
/// The list of those who wait for a message.
const RECEIVERS: usize = 1;
/// The list of those who wait until the channel is closed.
const CLOSED: usize = 2;

/// What the senders and receivers of a channel share.
pub(crate) struct Channel<T> {
    queue: WaitQueue<usize, Core<T>, [WaitList<usize>; 3]>,
    level: Level,
    max_capacity: usize,
    /// What the only receiver of a bounded channel has in hand.
    hand: Hand,
    senders: AtomicUsize,
    weak_senders: AtomicUsize,
    receivers: AtomicUsize,
    weak_receivers: AtomicUsize,
}

has_wait_queue!([T] Channel<T>, queue: (usize, Core<T>, 3));

/// What the lock protects.
pub(crate) struct Core<T> {
    state: State,
    messages: Messages<T>,
    /// The waker of a single receiver.
    receiver: Option<Waker>,
}

type Locked<'a, T> = LockedQueue<'a, usize, Core<T>, [WaitList<usize>; 3]>;

// What is behind the lock is in order whenever the lock is free.
impl<T> UnwindSafe for Channel<T> {}
impl<T> RefUnwindSafe for Channel<T> {}

impl<T> Channel<T> {
    /// A channel with one sender and one receiver.
    fn new(capacity: usize) -> Self {
        Self {
            queue: WaitQueue::with_state(Core {
                state: State::new(capacity),
                messages: Messages::new(),
                receiver: None,
            }),
            level: Level::new(),
            max_capacity: capacity,
            hand: Hand::new(),
            senders: AtomicUsize::new(1),
            weak_senders: AtomicUsize::new(0),
            receivers: AtomicUsize::new(1),
            weak_receivers: AtomicUsize::new(0),
        }
    }

    /// The counts and ends as they are now.
    pub(crate) fn state(&self) -> State {
        self.queue.lock().state().state
    }

    /// How many places are free now.
    pub(crate) fn room(&self) -> usize {
        let mut queue = self.queue.lock();
        self.look_at_hand(&mut queue);
        queue.state().state.room()
    }

    #[inline]
    fn is_bounded(&self) -> bool {
        self.max_capacity != State::UNBOUNDED
    }

    /// How many messages the buffer can hold; none if there is no bound.
    pub(crate) fn max_capacity(&self) -> Option<usize> {
        self.is_bounded().then_some(self.max_capacity)
    }

    /// Reserves places if they are free.
    #[inline]
    fn reserve(&self, queue: &mut Locked<'_, T>, count: usize) -> Result<(), Refused> {
        match queue.state().state.reserve(count) {
            Err(Refused::Full) if self.look_at_hand(queue) => queue.state().state.reserve(count),
            other => other,
        }
    }

    /// Finds the places of messages that the receiver has given out since the last look; true if it looked.
    ///
    /// While somebody waits for room it is the receiver who looks, and serves the queue.
    #[inline]
    fn look_at_hand(&self, queue: &mut Locked<'_, T>) -> bool {
        let may_look = self.is_bounded() && !queue.has_open_in(SENDERS);
        if may_look {
            queue.state().state.note_in_hand(self.hand.count());
        }
        may_look
    }

    /// Reserves places, or those that are free and asks to be told of others.
    fn reserve_or_wait(&self, queue: &mut Locked<'_, T>, count: usize) -> OnReserve {
        match self.reserve(queue, count) {
            Ok(()) => OnReserve::Granted,
            Err(Refused::Closed) => OnReserve::Closed,
            Err(Refused::Full) => {
                let in_hand = self.hand.ask();
                if !queue.has_open_in(SENDERS) {
                    queue.state().state.note_in_hand(in_hand);
                }
                queue.state().state.reserve_or_wait(count)
            }
        }
    }

    /// As [`reserve_or_wait`](Self::reserve_or_wait), for a message that is put at once.
    fn put_or_wait(&self, queue: &mut Locked<'_, T>) -> OnReserve {
        let mut put = self.put_now(queue);
        if put == Err(Refused::Full) {
            let in_hand = self.hand.ask();
            if !queue.has_open_in(SENDERS) {
                queue.state().state.note_in_hand(in_hand);
                put = queue.state().state.put_now();
            }
        }
        match put {
            Ok(()) => OnReserve::Granted,
            Err(Refused::Closed) => OnReserve::Closed,
            Err(Refused::Full) => OnReserve::Enqueue { missing: 1 },
        }
    }

    /// Counts a message that is put at once.
    #[inline]
    fn put_now(&self, queue: &mut Locked<'_, T>) -> Result<(), Refused> {
        match queue.state().state.put_now() {
            Err(Refused::Full) if self.look_at_hand(queue) => queue.state().state.put_now(),
            other => other,
        }
    }

    /// Sends a message if there is room.
    #[inline]
    pub(crate) fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        let mut queue = self.queue.lock();
        match self.put_now(&mut queue) {
            Ok(()) => self.finish_put(queue, message),
            Err(Refused::Closed) => return Err(TrySendError::Closed(message)),
            Err(Refused::Full) => return Err(TrySendError::Full(message)),
        }
        Ok(())
    }

    /// Moves a message in that was counted, and tells a receiver.
    #[inline(always)]
    fn finish_put(&self, mut queue: Locked<'_, T>, message: T) {
        let core = queue.state();
        core.messages.push(message);
        self.level.note(&core.state);
        let receiver = announce(&mut queue);
        drop(queue);
        if let Some(receiver) = receiver {
            receiver.wake();
        }
    }

    /// Reserves places if they are free.
    pub(crate) fn try_reserve(&self, count: usize) -> Result<(), TrySendError<()>> {
        let reserved = self.reserve(&mut self.queue.lock(), count);
        reserved.map_err(|refused| match refused {
            Refused::Closed => TrySendError::Closed(()),
            Refused::Full => TrySendError::Full(()),
        })
    }

    /// Sends a message into a reserved place; drops it if nobody is left to receive it.
    #[inline]
    fn send_reserved(&self, message: T) {
        let mut queue = self.queue.lock();
        if queue.state().state.put() {
            self.finish_put(queue, message);
        } else {
            drop(queue);
            drop(message);
        }
    }

    /// Sends a message into a place that was granted some time ago, unless the channel was closed since.
    #[inline]
    fn send_granted(&self, message: T) -> Result<(), SendError<T>> {
        let mut queue = self.queue.lock();
        if queue.state().state.is_closed() {
            queue.state().state.release(1);
            self.settle(queue);
            return Err(SendError(message));
        }
        queue.state().state.put();
        self.finish_put(queue, message);
        Ok(())
    }

    /// Gives back places that were granted some time ago, if the channel was closed since.
    fn confirm(&self, count: usize) -> Result<(), SendError<()>> {
        let mut queue = self.queue.lock();
        if !queue.state().state.is_closed() {
            return Ok(());
        }
        queue.state().state.release(count);
        self.settle(queue);
        Err(SendError(()))
    }

    /// Gives back reserved places.
    fn release(&self, count: usize) {
        if count > 0 {
            let mut queue = self.queue.lock();
            queue.state().state.release(count);
            self.settle(queue);
        }
    }

    /// Takes the oldest message; never waits.
    #[inline]
    pub(crate) fn try_recv(&self) -> Result<T, TryRecvError> {
        let mut queue = self.queue.lock();
        let core = queue.state();
        match core.state.take() {
            OnTake::Message => Ok(self.finish_take(queue)),
            OnTake::Wait => Err(TryRecvError::Empty),
            OnTake::Over => Err(TryRecvError::Disconnected),
        }
    }

    /// Moves a message out that was taken from the count, and gives its place to who waits for it.
    #[inline]
    fn finish_take<'a>(&'a self, mut queue: Locked<'a, T>) -> T {
        let core = queue.state();
        let message = core.messages.pop();
        let message = message.expect("there are as many messages as were counted");
        self.level.note(&core.state);
        let was_last = core.state.is_over();
        if was_last && queue.has_open_in(RECEIVERS) {
            let kept = Kept::new(self, message);
            self.settle(queue);
            return kept.into_message();
        }
        if !queue.has_open_in(SENDERS) {
            self.hand.stop_asking();
            return message;
        }
        let Some(sender) = grant_one(&mut queue) else {
            return message;
        };
        drop(queue);
        let kept = Kept::new(self, message);
        sender.wake();
        kept.into_message()
    }

    /// Moves at most `limit` messages to the end of `buffer`, first one that was promised if `promised`.
    fn take_many(
        &self,
        buffer: &mut Vec<T>,
        limit: usize,
        promised: bool,
    ) -> Result<usize, TryRecvError> {
        let mut queue = self.queue.lock();
        let mut ready = queue.state().state.messages().min(limit);
        // Memory is asked for with the lock free. Messages that come meanwhile can wait.
        while buffer.capacity() - buffer.len() < ready {
            drop(queue);
            buffer.reserve(ready);
            queue = self.queue.lock();
            ready = queue.state().state.messages().min(ready);
        }
        let core = queue.state();
        if promised {
            core.state.end_promise();
        }
        let taken = core.state.take_many(ready);
        if taken == 0 {
            return Err(match core.state.is_over() {
                true => TryRecvError::Disconnected,
                false => TryRecvError::Empty,
            });
        }
        core.messages.pop_many(taken, buffer);
        self.settle(queue);
        Ok(taken)
    }

    /// Nobody gets a place any more; true the first time. What is in the buffer can be received.
    pub(crate) fn close(&self) -> bool {
        let mut queue = self.queue.lock();
        if !queue.state().state.close() {
            return false;
        }
        self.release_senders(queue);
        true
    }

    /// The last receiver has gone: closes, and drops the messages.
    fn abandon(&self) {
        let mut queue = self.queue.lock();
        let core = queue.state();
        core.state.abandon();
        let mut messages = std::mem::replace(&mut core.messages, Messages::new());
        let receiver = core.receiver.take();
        let mut panic = FirstPanic::default();
        panic.catch(|| self.release_senders(queue));
        panic.catch(|| drop(receiver));
        while let Some(message) = messages.pop() {
            panic.catch(|| drop(message));
        }
        // A second panic during unwinding would abort the process.
        if thread::panicking() {
            panic.swallow();
        } else {
            panic.resume();
        }
    }

    /// The last sender has gone.
    fn disconnect(&self) {
        let mut queue = self.queue.lock();
        queue.state().state.disconnect();
        self.settle(queue);
    }

    /// Tells those who wait for room, and those who wait for the close, that the channel is closed.
    fn release_senders<'a>(&'a self, queue: Locked<'a, T>) {
        let mut panic = FirstPanic::default();
        panic.catch(|| queue.broadcast_in(SENDERS));
        panic.catch(|| self.queue.lock().broadcast_in(CLOSED));
        panic.catch(|| self.settle(self.queue.lock()));
        panic.resume();
    }

    /// Puts a message back before all others.
    fn take_back(&self, message: T) {
        let mut queue = self.queue.lock();
        let core = queue.state();
        if core.state.take_back() {
            core.messages.push_front(message);
            self.settle(queue);
        } else {
            drop(queue);
        }
    }

    /// Serves all who wait for what is there: room, messages, the end. Unlocks, and wakes them.
    ///
    /// # Panics
    ///
    /// If a waker panics, the first panic goes on here after all were woken.
    fn settle<'a>(&'a self, mut queue: Locked<'a, T>) {
        let mut panic = FirstPanic::default();
        let mut batch = WakeBatch::new();
        loop {
            if queue.has_open_in(SENDERS) {
                queue.state().state.note_in_hand(self.hand.count());
            }
            while !batch.is_full() && queue.has_open_in(SENDERS) && queue.state().state.room() > 0 {
                if let Some(sender) = grant(&mut queue) {
                    batch.push(sender);
                }
            }
            while !batch.is_full() && queue.state().state.has_free_message() {
                match announce(&mut queue) {
                    Some(receiver) => batch.push(receiver),
                    None => break,
                }
            }
            let more = batch.is_full();
            let over = !more && queue.state().state.is_over();
            if over && let Some(receiver) = queue.state().receiver.take() {
                batch.push(receiver);
            }
            if over && queue.has_open_in(RECEIVERS) {
                panic.catch(|| queue.broadcast_in(RECEIVERS));
            } else {
                drop(queue);
            }
            batch.wake_all_into(&mut panic);
            if !more {
                break;
            }
            queue = self.queue.lock();
        }
        panic.resume();
    }
}

/// Gives free places to the first sender in the queue; its waker if these are all it needs.
fn grant<T>(queue: &mut Locked<'_, T>) -> Option<Waker> {
    let room = queue.state().state.room();
    let mut given = 0;
    let satisfied = queue.with_front_in(SENDERS, |missing| {
        given = room.min(*missing);
        *missing -= given;
        *missing == 0
    });
    // As many as are free, so this cannot be refused: nobody waits in a closed channel.
    let _ = queue.state().state.reserve(given);
    match satisfied {
        Some(true) => queue.depart_in(SENDERS, Departure::Front),
        _ => None,
    }
}

/// As [`grant`], after one message left.
#[inline]
fn grant_one<T>(queue: &mut Locked<'_, T>) -> Option<Waker> {
    if queue.has_open_in(SENDERS) && queue.state().state.room() > 0 {
        grant(queue)
    } else {
        None
    }
}

/// Tells a receiver that waits of a message that is not promised.
#[inline]
fn announce<T>(queue: &mut Locked<'_, T>) -> Option<Waker> {
    if queue.has_open_in(RECEIVERS) {
        queue.state().state.promise();
        return queue.depart_in(RECEIVERS, Departure::Front);
    }
    queue.state().receiver.take()
}

/// A message on its way out: goes back into the buffer if a waker panics meanwhile.
struct Kept<'a, T> {
    channel: &'a Channel<T>,
    message: Option<T>,
}

impl<'a, T> Kept<'a, T> {
    #[inline]
    fn new(channel: &'a Channel<T>, message: T) -> Self {
        Self {
            channel,
            message: Some(message),
        }
    }

    #[inline]
    fn into_message(mut self) -> T {
        self.message.take().expect("it is taken here only")
    }
}

impl<T> Drop for Kept<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if let Some(message) = self.message.take() {
            // The thread unwinds: a second panic would abort the process.
            let mut panic = FirstPanic::default();
            panic.catch(|| self.channel.take_back(message));
            panic.swallow();
        }
    }
}

impl<T> fmt::Debug for Channel<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        let mut f = f.debug_struct("Channel");
        f.field("messages", &(state.messages() + self.hand.count()));
        if let Some(capacity) = self.max_capacity() {
            f.field("capacity", &self.room())
                .field("max_capacity", &capacity);
        }
        f.field("closed", &state.is_closed())
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;
