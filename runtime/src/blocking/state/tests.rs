//! Walks every reachable [`Tally`] of small pools and checks the invariants in each.

use std::collections::HashSet;

use super::{OnClose, OnSubmit, OnTurn, Summon, Tally};

/// Jobs in the queue at once. Two more than the largest pool can take in one step suffice.
const QUEUED_MAX: usize = 4;
/// Threads on their way out at once.
const LEAVING_MAX: usize = 2;

/// A tally, and the one fact the tally itself forgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Walk {
    tally: Tally,
    /// The operating system refused the latest start.
    refused: bool,
}

/// One thing that may happen to a pool.
#[derive(Clone, Copy, Debug)]
enum Event {
    Submit,
    StartSucceeds,
    StartFails,
    Arrival,
    TurnOfBusy,
    Expiry,
    Gone,
    Take,
    Close { kept: usize },
}

const EVENTS: [Event; 11] = [
    Event::Submit,
    Event::StartSucceeds,
    Event::StartFails,
    Event::Arrival,
    Event::TurnOfBusy,
    Event::Expiry,
    Event::Gone,
    Event::Take,
    Event::Close { kept: 0 },
    Event::Close { kept: 1 },
    Event::Close { kept: 2 },
];

/// Threads that hold a job, or (once closed) have been dismissed: all will take a turn.
fn busy(tally: &Tally) -> usize {
    tally.threads - tally.idle - usize::from(tally.summoned)
}

fn is_enabled(event: Event, tally: &Tally) -> bool {
    match event {
        Event::Submit => tally.queued < QUEUED_MAX,
        Event::StartSucceeds | Event::StartFails => tally.starting,
        Event::Arrival => tally.summoned && !tally.starting,
        Event::TurnOfBusy => busy(tally) > 0,
        Event::Expiry => tally.idle > 0 && tally.leaving < LEAVING_MAX,
        Event::Gone => tally.leaving > 0,
        Event::Take => tally.queued > 0,
        Event::Close { kept } => kept <= tally.queued,
    }
}

fn apply(event: Event, before: Walk) -> Walk {
    let mut walk = before;
    let tally = &mut walk.tally;
    let mut summon = Summon::Nobody;
    match event {
        Event::Submit => match tally.on_submit() {
            OnSubmit::Enqueue(whom) => {
                assert_eq!(tally.queued, before.tally.queued + 1);
                summon = whom;
            }
            OnSubmit::Found => summon = Summon::Start,
            OnSubmit::AwaitStart => assert!(tally.starting, "nobody would end this wait"),
            OnSubmit::Refuse => assert!(tally.closed),
        },
        Event::StartSucceeds => tally.on_started(),
        Event::StartFails => {
            summon = tally.on_refused();
            assert_ne!(
                summon,
                Summon::Start,
                "a refusal must not start at once again"
            );
            walk.refused = true;
        }
        Event::Arrival => {
            tally.on_arrive();
            summon = turn(tally.on_turn(), &before.tally, tally);
        }
        Event::TurnOfBusy => summon = turn(tally.on_turn(), &before.tally, tally),
        Event::Expiry => {
            let duty = tally.on_expire();
            assert_ne!(duty, OnTurn::Rest, "an expired thread would rest for ever");
            summon = turn(duty, &before.tally, tally);
        }
        Event::Gone => tally.on_gone(),
        Event::Take => tally.on_take(),
        Event::Close { kept } => {
            let first = tally.close(kept) == OnClose::First;
            assert_eq!(first, !before.tally.closed);
            assert_eq!(tally.queued, kept);
        }
    }
    match summon {
        Summon::Nobody => {}
        Summon::Wake => assert_eq!((tally.summoned, tally.starting), (true, false)),
        Summon::Start => {
            assert_eq!((tally.summoned, tally.starting), (true, true));
            assert!(!tally.closed, "I6: {walk:?}");
            walk.refused = false;
        }
    }
    walk
}

/// Checks the outcome of a turn and returns whom it summons.
fn turn(duty: OnTurn, before: &Tally, after: &Tally) -> Summon {
    match duty {
        OnTurn::Run(summon) => {
            assert_eq!(after.queued + 1, before.queued);
            summon
        }
        OnTurn::Rest => {
            assert_eq!((before.queued, before.closed), (0, false));
            assert_eq!(after.idle, before.idle + 1);
            Summon::Nobody
        }
        OnTurn::Leave => {
            assert_eq!(before.queued, 0, "a thread left a job behind");
            assert_eq!(after.leaving, before.leaving + 1);
            Summon::Nobody
        }
    }
}

fn check(walk: &Walk) {
    let tally = &walk.tally;
    let queued = tally.queued > 0;
    assert!(!queued || tally.certain() > 0, "I1: {walk:?}");
    assert!(!queued || busy(tally) > 0 || tally.summoned, "I2: {walk:?}");
    assert!(!queued || tally.idle == 0 || tally.summoned, "I3: {walk:?}");
    assert!(!tally.starting || tally.summoned, "I4: {walk:?}");
    assert!(tally.threads <= tally.threads_max, "I5: {walk:?}");
    assert!(
        tally.idle + usize::from(tally.summoned) <= tally.threads,
        "I5: {walk:?}"
    );
    assert!(!tally.closed || tally.idle == 0, "I6: {walk:?}");
    // The pool grows while it may: only a refusal excuses a job that waits without a call.
    let grown = tally.summoned || tally.threads == tally.threads_max || walk.refused;
    assert!(
        !queued || grown || tally.closed,
        "a job waits although the pool may grow: {walk:?}"
    );
}

/// Every tally that can be reached with at most `threads_max` threads.
fn reachable(threads_max: usize) -> HashSet<Walk> {
    let start = Walk {
        tally: Tally::new(threads_max),
        refused: false,
    };
    let mut seen = HashSet::from([start]);
    let mut frontier = vec![start];
    while let Some(walk) = frontier.pop() {
        for event in EVENTS {
            if !is_enabled(event, &walk.tally) {
                continue;
            }
            let next = apply(event, walk);
            check(&next);
            if seen.insert(next) {
                frontier.push(next);
            }
        }
    }
    seen
}

#[test]
fn every_reachable_tally_is_valid() {
    for threads_max in 1..=4 {
        let seen = reachable(threads_max);
        assert!(seen.iter().any(|walk| walk.tally.threads == threads_max));
        // With room for one thread only, a job is never in the queue when a start is refused.
        let waits_refused = |walk: &Walk| walk.refused && walk.tally.queued > 0;
        assert_eq!(seen.iter().any(waits_refused), threads_max > 1);
    }
}

/// From any tally, when submitters fall silent and nobody closes, the queue drains: every order of
/// the remaining events ends with an empty queue.
#[test]
fn queue_drains_from_every_reachable_tally() {
    for threads_max in 1..=3 {
        for walk in reachable(threads_max) {
            drain(walk, &mut HashSet::new());
        }
    }
}

fn drain(walk: Walk, seen: &mut HashSet<Walk>) {
    if walk.tally.queued == 0 || !seen.insert(walk) {
        return;
    }
    let progress = [
        Event::StartSucceeds,
        Event::StartFails,
        Event::Arrival,
        Event::TurnOfBusy,
    ];
    let mut stuck = true;
    for event in progress {
        if is_enabled(event, &walk.tally) {
            stuck = false;
            drain(apply(event, walk), seen);
        }
    }
    assert!(!stuck, "nothing can happen, yet a job waits: {walk:?}");
}

/// A closed pool empties whatever happens.
#[test]
fn closed_pool_empties() {
    for threads_max in 1..=3 {
        for mut walk in reachable(threads_max) {
            if !walk.tally.closed {
                continue;
            }
            let exits = [
                Event::StartFails,
                Event::Arrival,
                Event::TurnOfBusy,
                Event::Gone,
            ];
            while let Some(&event) = exits.iter().find(|event| is_enabled(**event, &walk.tally)) {
                walk = apply(event, walk);
            }
            assert_eq!(walk.tally.remaining(), 0, "{walk:?}");
            assert_eq!(
                walk.tally.queued, 0,
                "a job that was kept is not run: {walk:?}"
            );
        }
    }
}

#[test]
fn burst_calls_one_thread_at_a_time() {
    let mut tally = Tally::new(8);
    assert_eq!(tally.on_submit(), OnSubmit::Found);
    assert_eq!(tally.on_submit(), OnSubmit::AwaitStart);
    tally.on_started();
    for _ in 0..3 {
        assert_eq!(tally.on_submit(), OnSubmit::Enqueue(Summon::Nobody));
    }
    tally.on_arrive();
    assert_eq!(tally.on_turn(), OnTurn::Run(Summon::Start));
    assert_eq!(tally.on_submit(), OnSubmit::Enqueue(Summon::Nobody));
    tally.on_started();
    tally.on_arrive();
    assert_eq!(tally.on_turn(), OnTurn::Run(Summon::Start));
}

#[test]
#[should_panic(expected = "room for at least one thread")]
fn pool_without_room_is_refused() {
    let _ = Tally::new(0);
}
