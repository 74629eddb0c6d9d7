//! Hostile wakers: twelve of them, at every operation, while it waits, is served, cancelled, closed,
//! and ends.
//!
//! A waker is foreign code that runs in the middle of a primitive: when it is cloned, woken and
//! dropped. It may use the primitive, panic, block, own a permit, and end the future it belongs
//! to. Wanted: no deadlock (a hang fails), no panic but the waker's own, no waker left behind, a
//! neighbour who is served as if nothing had happened, and a primitive that goes on working.

mod canary;
mod dropped;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use crate::executors::within;
use crate::support::hooked::{Event, Hooked};
use crate::support::{Bell, catch, until_true};
use crate::world::{Kind, Operation, OwnedGain, OwnedWait, Waiter, World};
use crate::worlds::operations;

/// What foreign code does with the primitive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Touch,
    Wait,
    Serve,
    Close,
}

const USES: [Use; 4] = [Use::Touch, Use::Wait, Use::Serve, Use::Close];

/// What is hostile about a waker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hostility {
    /// Wake, clone or drop use the primitive.
    Reenters(Event, Use),
    WakeDropsTheWait,
    /// Wake, clone or drop panic.
    Panics(Event),
    /// Wake comes back only after another thread has used the primitive.
    WakeBlocks,
    DropOwnsAGain,
    NeverWillWake,
    /// Served by another thread while the waker is cloned.
    ServedWhileRegistered,
    OwnsARuntime,
}

/// What happens to the primitive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Wait,
    Serve,
    Cancel,
    Close,
    End,
}

const ACTS: [Act; 5] = [Act::Wait, Act::Serve, Act::Cancel, Act::Close, Act::End];

fn hostilities() -> Vec<Hostility> {
    use Hostility::{
        DropOwnsAGain, NeverWillWake, OwnsARuntime, Panics, Reenters, ServedWhileRegistered,
        WakeBlocks, WakeDropsTheWait,
    };
    let events = [Event::Wake, Event::Clone, Event::Drop];
    let mut all: Vec<_> = events.map(Panics).into();
    all.extend(
        events
            .iter()
            .flat_map(|event| USES.map(|it| Reenters(*event, it))),
    );
    all.extend([
        WakeDropsTheWait,
        WakeBlocks,
        DropOwnsAGain,
        NeverWillWake,
        ServedWhileRegistered,
        OwnsARuntime,
    ]);
    all
}

/// The future that the hostile waker is to wake.
type Slot = Arc<Mutex<Option<OwnedWait>>>;

/// The hostile waker, and what the test knows of it.
struct Hostile<'a> {
    slot: &'a Slot,
    waker: &'a Waker,
    armed: &'a AtomicBool,
    wakes: &'a AtomicUsize,
    /// What it owns.
    gain: &'a Mutex<Option<OwnedGain>>,
}

/// One case.
#[derive(Debug, Clone, Copy)]
struct Case {
    hostility: Hostility,
    act: Act,
    /// Is the waker hostile from the first poll on, or only when the act comes?
    late: bool,
}

/// The hostile waker's code, by what it is hostile with.
fn code(
    case: Case,
    kind: Kind,
    world: Weak<dyn World>,
    slot: Slot,
    gain: Arc<Mutex<Option<OwnedGain>>>,
) -> Box<dyn Fn(Event) + Send + Sync> {
    let once = AtomicBool::new(false);
    match case.hostility {
        Hostility::Panics(when) => Box::new(move |event| {
            if event == when && !thread::panicking() {
                panic!("{when:?}");
            }
        }),
        Hostility::Reenters(when, what) => Box::new(move |event| {
            if event == when
                && !once.swap(true, Ordering::Relaxed)
                && let Some(world) = world.upgrade()
            {
                use_it(&world, kind, what);
                once.store(false, Ordering::Relaxed);
            }
        }),
        Hostility::WakeDropsTheWait => Box::new(move |event| {
            if event == Event::Wake {
                let wait = slot.lock().unwrap().take();
                drop(wait);
            }
        }),
        Hostility::WakeBlocks => Box::new(move |event| {
            if event == Event::Wake
                && let Some(world) = world.upgrade()
            {
                let used = thread::spawn(move || world.touch()).join();
                used.expect("it can be used");
            }
        }),
        Hostility::DropOwnsAGain => Box::new(move |event| {
            if event == Event::Drop {
                let gain = gain.lock().unwrap().take();
                drop(gain);
            }
        }),
        Hostility::NeverWillWake => Box::new(|_| {}),
        Hostility::ServedWhileRegistered => Box::new(move |event| {
            if event == Event::Clone
                && !once.swap(true, Ordering::Relaxed)
                && let Some(world) = world.upgrade()
            {
                let served = thread::spawn(move || serve_fully(&*world)).join();
                served.expect("it is served");
            }
        }),
        Hostility::OwnsARuntime => {
            let runtime = selvedge::runtime::Builder::new_current_thread().build();
            let runtime = Mutex::new(Some(runtime.expect("a runtime")));
            Box::new(move |event| {
                if event == Event::Drop {
                    let runtime = runtime.lock().unwrap().take();
                    drop(runtime);
                }
            })
        }
    }
}

fn use_it(world: &Arc<dyn World>, kind: Kind, what: Use) {
    match what {
        Use::Touch => world.touch(),
        // Its object is borrowed by the wait.
        Use::Wait if kind.is_alone() => {}
        Use::Wait => drop(OwnedWait::new(world).poll(Waker::noop())),
        Use::Serve => world.serve(),
        Use::Close => drop(world.close()),
    }
}

fn serve_fully(world: &dyn World) {
    for _ in 0..world.steps() {
        world.serve();
    }
}

impl Case {
    /// Runs the case; false if it makes no sense for this operation.
    fn run(self, operation: &Operation) -> bool {
        let world = (operation.build)();
        let census = world.census();
        let kind = operation.kind;
        let gain = Arc::new(Mutex::new(None));
        if self.hostility == Hostility::DropOwnsAGain {
            serve_fully(&*world);
            let seized = OwnedGain::seize(&world);
            if seized.is_none() {
                return false;
            }
            *gain.lock().unwrap() = seized;
        }
        let slot = Slot::default();
        let armed = Arc::new(AtomicBool::new(false));
        let wakes = Arc::new(AtomicUsize::new(0));
        let hooked = Hooked::new({
            let code = code(
                self,
                kind,
                Arc::downgrade(&world),
                slot.clone(),
                gain.clone(),
            );
            let (armed, wakes) = (armed.clone(), wakes.clone());
            move |event| {
                if event == Event::Wake {
                    wakes.fetch_add(1, Ordering::SeqCst);
                }
                if armed.load(Ordering::SeqCst) {
                    code(event);
                }
            }
        });
        let ran = if self.hostility == Hostility::NeverWillWake {
            self.run_with_fresh_wakers(kind, &world)
        } else {
            let waker = hooked.waker();
            let hostile = Hostile {
                slot: &slot,
                waker: &waker,
                armed: &armed,
                wakes: &wakes,
                gain: &gain,
            };
            let ran = self.meet(kind, &world, &hostile);
            drop(waker);
            ran
        };
        drop(slot.lock().unwrap().take());
        drop(world);
        if operation.is_timed() {
            until_true(|| hooked.alive() == 0);
        }
        assert_eq!(hooked.alive(), 0, "no waker is left");
        drop(hooked);
        if let Some(census) = census {
            assert_eq!(census.alive(), 0, "no value is left");
        }
        ran
    }

    /// The hostile waker meets the primitive.
    fn meet(self, kind: Kind, world: &Arc<dyn World>, hostile: &Hostile<'_>) -> bool {
        let Hostile {
            slot,
            waker,
            armed,
            wakes,
            gain,
        } = hostile;
        let mut neighbour = (!kind.is_alone()).then(|| Waiter::new(world));
        let mut applies = true;
        let mut ready = false;
        armed.store(!self.late, Ordering::SeqCst);
        let met = catch(|| {
            let mut wait = OwnedWait::new(world);
            // Into the empty place, replaced, and back.
            for waker in [*waker, Waker::noop(), *waker] {
                ready = ready || wait.poll(waker).is_ready();
                let serves = self.hostility == Hostility::ServedWhileRegistered;
                if serves && !self.late && world.serves_newcomers() {
                    // The first poll, or one of those after it.
                    let seen = ready || wakes.load(Ordering::SeqCst) > 0;
                    assert!(
                        seen,
                        "served in the middle of its registration, and not woken"
                    );
                }
            }
            *slot.lock().unwrap() = Some(wait);
            if neighbour
                .as_mut()
                .is_some_and(|it| it.poll_again().is_ready())
            {
                neighbour = None;
            }
            armed.store(true, Ordering::SeqCst);
            applies = self.act(world, slot);
        });
        armed.store(false, Ordering::SeqCst);
        if let Err(payload) = met
            && !matches!(self.hostility, Hostility::Panics(_))
        {
            std::panic::resume_unwind(payload);
        }
        let left = slot.lock().unwrap().take();
        drop(left);
        let gain = gain.lock().unwrap().take();
        drop(gain);
        // Everything after the close comes to its end at once.
        let closed =
            self.act == Act::Close || matches!(self.hostility, Hostility::Reenters(_, Use::Close));
        if self.act != Act::End && kind != Kind::Once {
            works(world, neighbour, closed);
        }
        applies
    }

    fn act(self, world: &Arc<dyn World>, slot: &Slot) -> bool {
        match self.act {
            Act::Wait => {}
            Act::Serve => {
                serve_fully(&**world);
                serve_fully(&**world);
            }
            Act::Cancel => {
                let wait = slot.lock().unwrap().take();
                drop(wait);
            }
            Act::Close => return world.close(),
            // What was waited with ends as the last, with what it keeps alive.
            Act::End => {}
        }
        true
    }

    /// No two wakers are the same: each poll has to replace the last one.
    fn run_with_fresh_wakers(self, kind: Kind, world: &Arc<dyn World>) -> bool {
        let mut waiter = Waiter::new(world);
        let mut former = Vec::new();
        for _ in 0..4 {
            assert!(waiter.poll().is_pending(), "not served yet");
            former.push(waiter.switch_waker());
        }
        assert!(waiter.poll().is_pending(), "not served yet");
        let applies = match self.act {
            Act::Serve => {
                serve_fully(&**world);
                assert!(waiter.is_rung(), "the last waker is the one to wake");
                true
            }
            Act::Close => {
                let closes = world.close();
                assert!(
                    !closes || waiter.is_rung(),
                    "the last waker is the one to wake"
                );
                closes
            }
            Act::Wait | Act::Cancel | Act::End => true,
        };
        drop(waiter.take());
        let bells: Vec<Arc<Bell>> = former;
        assert!(
            bells.iter().all(|bell| Arc::strong_count(bell) == 1),
            "former wakers are gone"
        );
        if kind != Kind::Once {
            works(world, None, self.act == Act::Close);
        }
        applies
    }
}

/// The neighbour, who queued before, and a new wait come to their ends.
fn works(world: &Arc<dyn World>, neighbour: Option<Waiter>, closed: bool) {
    let mut waiters: Vec<_> = neighbour.into_iter().collect();
    waiters.push(Waiter::new(world));
    let mut serves = 4 * world.steps() + 4;
    while !waiters.is_empty() {
        let mut woken = false;
        waiters.retain_mut(|waiter| {
            if !waiter.wants_poll() {
                return true;
            }
            woken = true;
            match waiter.poll_again() {
                Poll::Ready(()) => false,
                Poll::Pending => true,
            }
        });
        if !woken {
            assert!(serves > 0, "a wake-up was lost; closed: {closed}");
            serves -= 1;
            world.serve();
        }
    }
}

/// Every hostile waker at one operation; gives the number of cases. `now` says which one it is at.
fn try_all(operation: &Operation, now: &Mutex<Option<Case>>) -> usize {
    let mut cases = 0;
    for hostility in hostilities() {
        for act in ACTS {
            for late in [false, true] {
                let case = Case {
                    hostility,
                    act,
                    late,
                };
                *now.lock().unwrap() = Some(case);
                cases += usize::from(case.run(operation));
            }
        }
    }
    cases
}

/// As [`try_all`], under the watchdog; `Err` says which case failed.
fn watched(operation: Operation, patience: Duration) -> Result<usize, Option<Case>> {
    let now = Arc::new(Mutex::new(None));
    let progress = now.clone();
    let tried = catch(|| within(patience, move || try_all(&operation, &progress)));
    tried.map_err(|_| *now.lock().unwrap())
}

#[test]
fn r_018_no_waker_harms_any_operation() {
    let only = std::env::var("SELVEDGE_HOSTILE").ok();
    let mut total = 0;
    let mut failed = Vec::new();
    for operation in operations() {
        let name = operation.name;
        if only.as_ref().is_some_and(|only| !name.contains(only)) {
            continue;
        }
        match watched(operation, Duration::from_secs(30)) {
            Ok(cases) => {
                println!("{name}: {cases}");
                total += cases;
            }
            Err(case) => failed.push((name, case)),
        }
    }
    println!("{total} cases");
    assert!(failed.is_empty(), "harmed: {failed:#?}");
}
