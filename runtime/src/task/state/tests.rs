//! Every transition in every valid state with small counts, and one life of a task to read along.

use std::collections::HashSet;
use std::iter;

use super::*;

/// Every valid state with up to 3 wakes, 2 wakers and 2 handles.
pub(in crate::task) fn valid_states() -> impl Iterator<Item = Snapshot> {
    let flags = 0..STARTED * 2;
    flags.flat_map(|flags| {
        let counts = (0..4).flat_map(|wakes| {
            (0..3).flat_map(move |wakers| (0..3).map(move |handles| (wakes, wakers, handles)))
        });
        counts
            .map(move |(wakes, wakers, handles)| {
                Snapshot(flags | (wakes * WAKE) | (wakers * WAKER) | (handles * HANDLE))
            })
            .filter(|state| state.is_valid())
    })
}

/// What a transition obliges its caller to, over all of its result types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Duty {
    None,
    Schedule,
    GiveUpRunnable,
    Free,
    DropOutput,
    DropWaker,
    WakeJoiner,
}

impl From<OnWake> for Duty {
    fn from(duty: OnWake) -> Self {
        match duty {
            OnWake::Schedule => Self::Schedule,
            OnWake::Nothing => Self::None,
            OnWake::Free => Self::Free,
        }
    }
}

impl From<OnForestall> for Duty {
    fn from(_: OnForestall) -> Self {
        Self::None
    }
}

impl From<OnRelease> for Duty {
    fn from(duty: OnRelease) -> Self {
        match duty {
            OnRelease::Nothing => Self::None,
            OnRelease::Free => Self::Free,
        }
    }
}

impl From<OnPending> for Duty {
    fn from(duty: OnPending) -> Self {
        match duty {
            OnPending::Idle => Self::GiveUpRunnable,
            OnPending::Again => Self::None,
        }
    }
}

impl From<OnComplete> for Duty {
    fn from(duty: OnComplete) -> Self {
        match duty {
            OnComplete::DropOutput => Self::DropOutput,
            OnComplete::WakeJoiner => Self::WakeJoiner,
            OnComplete::Released => Self::None,
            OnComplete::Free => Self::Free,
        }
    }
}

impl From<OnDetach> for Duty {
    fn from(duty: OnDetach) -> Self {
        match duty {
            OnDetach::Detached => Self::None,
            OnDetach::DropOutput => Self::DropOutput,
            OnDetach::DropWaker => Self::DropWaker,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Change {
    name: &'static str,
    next: Snapshot,
    duty: Duty,
}

fn change<D: Into<Duty>>(name: &'static str, (next, duty): (Snapshot, D)) -> Change {
    Change {
        name,
        next,
        duty: duty.into(),
    }
}

/// The runnables that exist in a state, by I1.
fn runnables(state: Snapshot) -> u32 {
    u32::from(!state.is_complete() && state.wakes() > 0)
}

/// Every transition somebody may make in this state.
///
/// A finisher that was told `DropOutput` completes again, and so does a handle that was: those are
/// states of a thread, not of the word, so both calls are legal whenever the first one is.
fn changes(state: Snapshot) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut add = |change: Change| changes.push(change);
    if state.wakers() > 0 {
        add(change("wake", state.wake()));
        add(change("wake_and_drop", state.wake_and_drop()));
        add(change("drop_waker", state.drop_waker()));
    }
    if !state.is_complete() {
        // A poll under way borrows a waker that is not counted.
        if state.wakes() > 0 {
            add(change("wake", state.wake()));
            add(change("complete", state.complete(false)));
            add(change(
                "complete after dropping the output",
                state.complete(true),
            ));
        }
        let polled = state.is_started().then_some(1..=state.wakes());
        for answered in polled.into_iter().flatten() {
            add(change("finish_poll", state.finish_poll(answered)));
        }
        if let Some(next) = state.start().filter(|_| runnables(state) > 0) {
            add(Change {
                name: "start",
                next,
                duty: Duty::None,
            });
        }
        if let Some(cancelled) = state.cancel() {
            add(change("cancel", cancelled));
        }
    }
    if state.is_complete() && state.is_live() {
        add(change("release", state.release()));
    }
    if state.handles() > 0 {
        add(change("forestall", state.forestall()));
    }
    if state.handles() > u64::from(state.has_join_interest()) {
        add(change("drop_handle", state.drop_handle()));
    }
    if state.has_join_interest() {
        add(change("detach", state.detach()));
        if state.is_complete() {
            add(change("drop_join_handle", state.drop_join_handle()));
        } else if state.has_join_waker() {
            let next = state
                .reclaim_join_waker()
                .expect("the task is not complete");
            add(Change {
                name: "reclaim_join_waker",
                next,
                duty: Duty::None,
            });
        } else {
            let next = state
                .publish_join_waker()
                .expect("the task is not complete");
            add(Change {
                name: "publish_join_waker",
                next,
                duty: Duty::None,
            });
        }
    }
    changes
}

fn for_every_change(check: impl Fn(Snapshot, Change)) {
    let mut count = 0;
    for state in valid_states() {
        for change in changes(state) {
            check(state, change);
            count += 1;
        }
    }
    assert!(count > 1_000, "the enumeration is not empty: {count}");
}

#[test]
fn every_change_leads_to_a_valid_state() {
    for_every_change(|state, change| {
        assert!(change.next.is_valid(), "{state:?}: {change:?}");
    });
}

/// I1: the runnable is made by who is told to schedule it, and used up by who is told so.
#[test]
fn a_runnable_is_made_and_used_up_exactly_when_the_caller_is_told() {
    for_every_change(|state, change| {
        let (before, after) = (runnables(state), runnables(change.next));
        let completes = change.next.is_complete() && !state.is_complete();
        assert_eq!(
            change.duty == Duty::Schedule,
            after > before,
            "{state:?}: {change:?}"
        );
        assert_eq!(
            change.duty == Duty::GiveUpRunnable || completes,
            after < before,
            "{state:?}: {change:?}"
        );
    });
}

/// I2: whoever makes the task unreferenced is told to free it, and nobody else.
#[test]
fn the_memory_is_freed_exactly_when_the_last_reference_goes() {
    for_every_change(|state, change| {
        assert!(
            !state.is_unreferenced(),
            "nobody is left to change {state:?}: {change:?}"
        );
        assert_eq!(
            change.duty == Duty::Free,
            change.next.is_unreferenced(),
            "{state:?}: {change:?}"
        );
    });
}

/// I3: one side drops the output: the finisher without `JOIN_INTEREST`, the handle with it.
#[test]
fn the_output_has_exactly_one_owner() {
    for state in valid_states().filter(|state| runnables(*state) > 0) {
        let (same, told) = state.complete(false);
        assert_eq!(
            told == OnComplete::DropOutput,
            !state.has_join_interest(),
            "{state:?}"
        );
        if told == OnComplete::DropOutput {
            assert_eq!(
                same, state,
                "told to come back, the finisher has changed nothing"
            );
        }
        let (done, _) = state.complete(true);
        assert_eq!(
            done.has_join_interest(),
            state.has_join_interest(),
            "{state:?}"
        );
        assert_eq!(done.wakes(), 0, "wakes of a finished task answer to nobody");
    }
    for state in valid_states().filter(|state| state.has_join_interest()) {
        let (next, told) = state.detach();
        assert_eq!(
            told == OnDetach::DropOutput,
            state.is_complete(),
            "{state:?}"
        );
        // The bit goes in the same step that decides who owns the output.
        assert_eq!(next.has_join_interest(), state.is_complete(), "{state:?}");
    }
}

/// I4: the join waker's bit is set and cleared by the handle, until the task completes with it.
#[test]
fn the_join_waker_belongs_to_one_side() {
    for_every_change(|state, change| {
        let by_handle = [
            "publish_join_waker",
            "reclaim_join_waker",
            "detach",
            "drop_join_handle",
        ];
        let changed = state.has_join_waker() != change.next.has_join_waker();
        assert!(
            !changed || by_handle.contains(&change.name),
            "{state:?}: {change:?}"
        );
        if change.duty == Duty::WakeJoiner {
            assert!(
                state.has_join_waker() && change.next.is_live(),
                "{state:?}: {change:?}"
            );
        }
        if change.duty == Duty::DropWaker {
            assert!(
                state.has_join_waker() && !state.is_complete(),
                "{state:?}: {change:?}"
            );
        }
    });
    for state in valid_states().filter(|state| state.is_complete()) {
        assert_eq!(state.publish_join_waker(), None);
        assert_eq!(state.reclaim_join_waker(), None);
        assert_eq!(state.cancel(), None);
    }
}

/// I5: a task that was cancelled before it began does not begin, and one that has begun is not told so.
#[test]
fn a_task_is_forestalled_or_begins() {
    for_every_change(|state, change| {
        let never =
            |state: Snapshot| !state.is_started() && (state.is_cancelled() || state.is_complete());
        if never(state) {
            assert!(never(change.next), "{state:?}: {change:?}");
        }
        if change.name != "start" {
            assert_eq!(state.is_started(), change.next.is_started(), "{change:?}");
        }
    });
    for state in valid_states() {
        let (next, told) = state.forestall();
        let expected = match state.is_started() {
            true => OnForestall::Begun,
            false => OnForestall::Forestalled,
        };
        assert_eq!(told, expected, "{state:?}");
        if told == OnForestall::Begun || state.is_complete() {
            assert_eq!(next, state, "{state:?}");
        } else {
            assert_eq!((next.start(), next.wakes()), (None, state.wakes()));
        }
    }
}

#[test]
fn counts_change_by_one_and_leave_the_flags_alone() {
    for state in valid_states().filter(|state| !state.is_complete()) {
        let (woken, _) = state.wake();
        assert_eq!(woken.0, state.0 + WAKE);
        let (cancelled, _) = state.cancel().expect("not complete");
        assert!(cancelled.is_cancelled());
        assert_eq!(cancelled.0 & !CANCELLED, woken.0 & !CANCELLED);
        let consumed = Snapshot(state.0 + WAKER).wake_and_drop();
        assert_eq!(consumed, state.wake());
    }
}

/// A wake that nobody counted must not be answered by a poll that may have missed it.
#[test]
fn a_poll_leaves_one_wake_when_further_ones_go_uncounted() {
    let with_wakes = |wakes: u64| Snapshot(Snapshot::spawned().0 - WAKE + wakes * WAKE);
    for wakes in [1, 2, WAKES_ENOUGH - 1] {
        assert_eq!(with_wakes(wakes).wakes_to_answer(), wakes);
    }
    for wakes in [WAKES_ENOUGH, WAKES_ENOUGH + 1, 2 * WAKES_ENOUGH - 1] {
        let state = with_wakes(wakes);
        assert!(state.ignores_wakes());
        assert_eq!(
            state.finish_poll(state.wakes_to_answer()).1,
            OnPending::Again,
            "{state:?}"
        );
    }
}

/// All that happens starts from a spawn: nothing leads out of the valid states, and every task that
/// is over can be left to nobody.
#[test]
fn whatever_starts_from_a_spawn_stays_valid_and_can_end() {
    let start = Snapshot::spawned();
    let (mut reached, mut new) = (HashSet::from([start.0]), vec![start]);
    let mut freed = 0;
    while let Some(state) = new.pop() {
        freed += u32::from(state.is_unreferenced());
        let more_references = iter::empty()
            .chain((runnables(state) > 0).then_some(state.0 + WAKER))
            .chain((state.handles() > 0).then_some(state.0 + HANDLE))
            .map(Snapshot);
        let nexts = changes(state)
            .into_iter()
            .map(|change| change.next)
            .chain(more_references);
        for next in nexts {
            assert!(next.is_valid(), "{state:?} -> {next:?}");
            let small = next.wakes() <= 3 && next.wakers() <= 2 && next.handles() <= 2;
            if small && reached.insert(next.0) {
                new.push(next);
            }
        }
    }
    assert!(freed > 0, "no life ends");
    assert!(reached.len() > 100, "{} states", reached.len());
}

/// The life of a task that waits once while somebody awaits it, each step as `Debug` shows it.
#[test]
fn a_life_to_read_along() {
    let show = |state: Snapshot| format!("{state:?}").replace("State { phase: ", "");

    // `spawn` leaves one wake, hence one runnable, and one handle with a claim to the output.
    let spawned = Snapshot::spawned();
    assert_eq!(
        show(spawned),
        "\"scheduled\", started: false, cancelled: false, join_interest: true, join_waker: false, wakes: 1, \
         wakers: 0, handles: 1 }"
    );

    // Somebody awaits the handle, and leaves a waker for the finisher.
    let awaited = spawned.publish_join_waker().expect("the task is not over");
    assert!(awaited.has_join_waker());

    // The first poll keeps a clone of its waker and answers the one wake it found: idle.
    let begun = awaited.start().expect("nobody has cancelled the task");
    let waiting = Snapshot(begun.0 + WAKER);
    let (idle, duty) = waiting.finish_poll(1);
    assert_eq!(duty, OnPending::Idle);
    assert_eq!(
        show(idle),
        "\"idle\", started: true, cancelled: false, join_interest: true, join_waker: true, wakes: 0, wakers: 1, \
         handles: 1 }"
    );

    // The waker is used twice before the next poll. The first wake makes the runnable.
    let (woken, first) = idle.wake();
    let (woken, second) = woken.wake();
    assert_eq!((first, second), (OnWake::Schedule, OnWake::Nothing));
    assert_eq!(woken.wakes(), 2);

    // That poll answers both, but a third wake, which takes the waker with it, comes meanwhile.
    let (disturbed, third) = woken.wake_and_drop();
    assert_eq!(third, OnWake::Nothing);
    let (again, duty) = disturbed.finish_poll(2);
    assert_eq!(duty, OnPending::Again, "one wake is left to answer");
    assert_eq!(again.wakers(), 0);

    // The next poll is ready. The finisher has the joiner to wake, and the task stays LIVE for it.
    let (completing, duty) = again.complete(false);
    assert_eq!(duty, OnComplete::WakeJoiner);
    assert_eq!(
        show(completing),
        "\"completing\", started: true, cancelled: false, join_interest: true, join_waker: true, wakes: 0, \
         wakers: 0, handles: 1 }"
    );

    // The joiner is quick: it takes the output and leaves before the finisher is done.
    let (taken, duty) = completing.drop_join_handle();
    assert_eq!(duty, OnRelease::Nothing, "the finisher still uses the task");
    let (over, duty) = taken.release();
    assert_eq!(duty, OnRelease::Free);
    assert_eq!(
        show(over),
        "\"complete\", started: true, cancelled: false, join_interest: false, join_waker: false, wakes: 0, \
         wakers: 0, handles: 0 }"
    );
}
