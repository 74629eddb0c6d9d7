//! The fourteen ways in which a wait ends.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use selvedge::runtime::{Builder, Runtime};

use super::{Case, Findings, Forgotten, Mode, Scene, after_end};
use crate::executors::yield_now;
use crate::world::{Kind, OwnedWait};

/// How often two threads meet in one case.
const RACES: usize = 8;

impl Case<'_> {
    /// Runs the case; gives how many it stands for, by how far the victim was served.
    pub(super) fn run(&self, findings: &mut Findings) -> usize {
        match self.mode {
            Mode::DropAfterPolls => self.drop_after_polls(),
            Mode::DropAfterWake => self.drop_after_wake(),
            Mode::DropInWake => self.drop_in_wake(),
            Mode::DropElsewhere => self.drop_elsewhere(),
            Mode::Forget => self.forget(findings),
            Mode::Abort | Mode::Shutdown => self.end_task(),
            Mode::PanicBeside => self.panic_beside(),
            Mode::SwitchWaker => self.switch_waker(),
            Mode::SpuriousPolls => self.spurious_polls(),
            Mode::PollAfterEnd => self.poll_after_end(findings),
            Mode::NoBudget => self.no_budget(),
            Mode::OwnerFirst => self.owner_first(),
            Mode::TimeLimit => self.time_limit(),
        }
    }

    /// The scenes of this case: the victim has none, or a part of what it needs.
    fn scenes(&self) -> Vec<Scene> {
        let steps = Scene::of(self).world.steps();
        let parts = if self.position == 0 { steps } else { 1 };
        let scene = |part| {
            let mut scene = Scene::of(self);
            for _ in 0..part {
                scene.serve();
            }
            scene
        };
        (0..parts).map(scene).collect()
    }

    /// The scene in which the victim was woken and not polled since.
    fn woken(&self) -> Option<Scene> {
        let mut scene = Scene::of(self);
        if self.polls == 0 {
            // Never polled, it has no waker.
            return None;
        }
        scene.wake_victim(|scene| scene.waiters[scene.victim].is_rung());
        Some(scene)
    }

    fn drop_after_polls(&self) -> usize {
        let scenes = self.scenes();
        let count = scenes.len();
        for mut scene in scenes {
            drop(scene.take_victim());
            scene.settle();
        }
        count
    }

    fn drop_after_wake(&self) -> usize {
        let Some(mut scene) = self.woken() else {
            return 0;
        };
        drop(scene.take_victim());
        scene.settle();
        1
    }

    fn drop_in_wake(&self) -> usize {
        if self.polls == 0 {
            return 0;
        }
        let slot = Arc::new(DropsWhenWoken::default());
        let waker = Waker::from(slot.clone());
        let mut scene = Scene::with(self, |scene| {
            let mut wait = scene.take_victim();
            for _ in 0..self.polls {
                assert!(wait.poll(&waker).is_pending(), "not served yet");
            }
            *slot.0.lock().unwrap() = Some(wait);
        });
        scene.wake_victim(|_| slot.0.lock().unwrap().is_none());
        scene.settle();
        drop(waker);
        assert_eq!(Arc::strong_count(&slot), 1, "no waker is left");
        1
    }

    fn drop_elsewhere(&self) -> usize {
        for _ in 0..RACES {
            let mut scene = Scene::of(self);
            let victim = scene.take_victim();
            let start = Barrier::new(2);
            thread::scope(|scope| {
                scope.spawn(|| {
                    start.wait();
                    drop(victim);
                });
                start.wait();
                scene.serve_fully();
            });
            scene.settle();
        }
        RACES
    }

    fn forget(&self, findings: &mut Findings) -> usize {
        let scenes: Vec<_> = self.scenes().into_iter().chain(self.woken()).collect();
        let count = scenes.len();
        for mut scene in scenes {
            scene.take_victim().forget();
            if scene.kind.is_alone() && scene.world.can_wait() {
                scene.arrive();
            }
            let outcome = if !scene.world.can_wait() {
                Forgotten::Wait
            } else if scene.serve_all(Scene::serves_max) {
                Forgotten::GoOn
            } else {
                let share = scene.world.steps();
                match scene.serve_all(|scene| scene.serves_max() + share) {
                    true => Forgotten::LoseItsShare,
                    false => Forgotten::Wait,
                }
            };
            findings.forgotten = findings.forgotten.max(outcome);
            // Those who wait in vain can go, and the primitive can end.
            drop(scene);
        }
        count
    }

    fn end_task(&self) -> usize {
        let mut count = 0;
        for workers in [false, true] {
            for serve in [false, true] {
                let runtime = if workers {
                    let mut builder = Builder::new_multi_thread();
                    builder.worker_threads(1).build()
                } else {
                    Builder::new_current_thread().build()
                };
                self.end_task_of(runtime.expect("a runtime"), serve);
                count += 1;
            }
        }
        count
    }

    fn end_task_of(&self, runtime: Runtime, serve: bool) {
        let course = Arc::new(Course::default());
        let mut task = None;
        let mut scene = Scene::with(self, |scene| {
            let wait = scene.take_victim();
            let paced = Paced {
                wait,
                course: course.clone(),
            };
            let polls = self.polls;
            runtime.block_on(async {
                task = Some(selvedge::spawn(paced));
                while course.polls.load(Ordering::SeqCst) < polls {
                    let waker = course.waker.lock().unwrap().clone();
                    if let Some(waker) = waker {
                        waker.wake();
                    }
                    yield_now().await;
                }
            });
        });
        let task = task.expect("spawned");
        if serve {
            // The task may begin to wait only now.
            scene.newcomer = self.polls == 0 && !scene.world.serves_newcomers();
            scene.serve_fully();
        }
        if self.mode == Mode::Abort {
            task.abort();
            let joined = runtime.block_on(task);
            assert!(joined.is_ok() == course.done.load(Ordering::SeqCst));
        }
        drop(runtime);
        scene.completed += usize::from(course.done.load(Ordering::SeqCst));
        // The last waker.
        *course.waker.lock().unwrap() = None;
        scene.settle();
    }

    fn panic_beside(&self) -> usize {
        let scenes: Vec<_> = self.scenes().into_iter().chain(self.woken()).collect();
        let count = scenes.len();
        for mut scene in scenes {
            let victim = scene.take_victim();
            let unwound = catch_unwind(AssertUnwindSafe(move || {
                let _victim = victim;
                // Quieter than `panic!`.
                resume_unwind(Box::new("planted"));
            }));
            assert!(unwound.is_err());
            scene.settle();
        }
        count
    }

    fn switch_waker(&self) -> usize {
        let scenes = self.scenes();
        let count = scenes.len();
        for mut scene in scenes {
            // Who comes only now, when a part was served, may be quicker than who was woken for it.
            scene.spurious = self.polls == 0;
            let former = scene.victim().switch_waker();
            scene.former_bells.push(former);
            assert!(scene.victim().poll().is_pending(), "not served yet");
            scene.settle();
        }
        count
    }

    fn spurious_polls(&self) -> usize {
        let mut scene = Scene::of(self);
        scene.spurious = true;
        let max = scene.world.steps() * (scene.waiters.len() + 1);
        while !scene.waiting().is_empty() {
            assert!(scene.served < max, "a wake-up was lost");
            // Those who came last are polled first: nobody may overtake.
            let mut waiting = scene.waiting();
            waiting.reverse();
            for index in waiting {
                let woken = scene.waiters[index].is_rung();
                let polled = scene.waiters[index].polls() > 0;
                scene.poll(index);
                let complete = scene.gone[index];
                let barging = Kind::BARGING;
                let fifo = matches!(scene.kind, Kind::Line { .. }) && scene.kind != barging;
                assert!(
                    !complete || !fifo || woken || !polled,
                    "only who was woken is served"
                );
            }
            let waiting = scene.waiting();
            if !waiting.is_empty() && !waiting.iter().any(|it| scene.waiters[*it].is_rung()) {
                scene.serve();
            }
        }
        scene.settle();
        1
    }

    fn poll_after_end(&self, findings: &mut Findings) -> usize {
        let Some(mut scene) = self.woken() else {
            return 0;
        };
        let mut serves = 0;
        let gain = loop {
            match scene.victim().poll_keeping() {
                Poll::Ready(gain) => break gain,
                // Woken, and somebody else was quicker; or a part is still missing.
                Poll::Pending => scene.wake_victim(|scene| scene.waiters[scene.victim].is_rung()),
            }
            serves += 1;
            assert!(serves < 10, "it is never ready");
        };
        let victim = scene.victim;
        scene.note_completion(victim);
        scene.victim().give_back(gain);
        let outcome = after_end(scene.victim(), self.operation.is_repeated);
        findings.after_end = findings.after_end.max(outcome);
        drop(scene.victim().take());
        scene.settle();
        1
    }

    fn no_budget(&self) -> usize {
        // Polled in vain, without budget: it has its place, and keeps it or gives it up.
        for leave in [false, true] {
            let mut scene = Scene::with(self, |scene| {
                for _ in 0..self.polls {
                    assert!(scene.victim().poll().is_pending(), "not served yet");
                }
                assert!(scene.victim().poll_without_budget().is_pending());
            });
            if leave {
                drop(scene.take_victim());
            }
            scene.settle();
        }
        // Served and woken, without budget: it is woken again, and keeps what it was given or
        // passes it on.
        for leave in [false, true] {
            let Some(mut scene) = self.woken() else {
                continue;
            };
            if scene.victim().poll_without_budget().is_ready() {
                let victim = scene.victim;
                scene.note_completion(victim);
            } else {
                assert!(
                    scene.victim().is_rung(),
                    "a task without budget is woken at once"
                );
            }
            if leave || scene.gone[scene.victim] {
                drop(scene.take_victim());
            }
            scene.settle();
        }
        if self.polls == 0 && self.position == 0 && !self.operation.kind.is_alone() {
            return 4 + self.first_poll_without_budget();
        }
        4
    }

    /// What is there before the first poll, which has no budget, is not taken by a later one.
    fn first_poll_without_budget(&self) -> usize {
        for leave in [false, true] {
            let mut scene = Scene::empty(self.operation);
            scene.serve_fully();
            scene.victim = scene.arrive();
            if scene.victim().poll_without_budget().is_ready() {
                let victim = scene.victim;
                scene.note_completion(victim);
                drop(scene.take_victim());
            } else if let Kind::Line { .. } = scene.kind {
                assert!(
                    scene.victim().is_rung(),
                    "a task without budget is woken at once"
                );
                let later = scene.arrive();
                assert!(scene.waiters[later].poll().is_pending(), "nobody overtakes");
            }
            if leave && !scene.gone[scene.victim] {
                drop(scene.take_victim());
            }
            scene.settle();
        }
        2
    }

    fn owner_first(&self) -> usize {
        let scenes: Vec<_> = self.scenes().into_iter().chain(self.woken()).collect();
        let count = scenes.len();
        for mut scene in scenes {
            let victim = scene.take_victim();
            scene.leave_to(victim);
        }
        count
    }

    fn time_limit(&self) -> usize {
        if self.position > 0 {
            return 0;
        }
        let limit = Duration::from_millis(10 * (1 + self.polls as u64));
        for server_first in [false, true] {
            let mut builder = Builder::new_current_thread();
            let runtime = builder.enable_all().start_paused(true).build();
            let mut scene = Scene::empty(self.operation);
            let (world, steps) = (scene.world.clone(), scene.world.steps());
            let wait = OwnedWait::new(&scene.world);
            let completed = runtime.expect("a runtime").block_on(async move {
                let end = selvedge::time::Instant::now() + limit;
                let server = async move {
                    selvedge::time::sleep_until(end).await;
                    for _ in 0..steps {
                        world.serve();
                    }
                };
                let waiter = async move { selvedge::time::timeout_at(end, wait).await.is_ok() };
                let (server, waiter) = if server_first {
                    let server = selvedge::spawn(server);
                    (server, selvedge::spawn(waiter))
                } else {
                    let waiter = selvedge::spawn(waiter);
                    (selvedge::spawn(server), waiter)
                };
                server.await.expect("it serves");
                waiter.await.expect("it waits")
            });
            scene.served += steps;
            scene.completed += usize::from(completed);
            scene.settle();
        }
        2
    }
}

impl Scene {
    /// Everything goes but the victim, which is polled once more, and then goes as the last.
    fn leave_to(self, mut victim: OwnedWait) {
        let world = Arc::downgrade(&self.world);
        drop(self.waiters);
        drop(self.world);
        let polled = victim.poll(Waker::noop());
        drop((polled, victim));
        assert_eq!(world.strong_count(), 0, "no future is left");
        if let Some(census) = self.census {
            assert_eq!(census.alive(), 0, "no value is left");
        }
    }
}

/// A waker that ends the future it is to wake.
#[derive(Default)]
struct DropsWhenWoken(Mutex<Option<OwnedWait>>);

impl Wake for DropsWhenWoken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let wait = self.0.lock().unwrap().take();
        drop(wait);
    }
}

/// How far a wait in a task has come.
#[derive(Default)]
struct Course {
    polls: AtomicUsize,
    waker: Mutex<Option<Waker>>,
    done: AtomicBool,
}

/// A wait that says how far it has come.
struct Paced {
    wait: OwnedWait,
    course: Arc<Course>,
}

impl Future for Paced {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.wait).poll(cx);
        *this.course.waker.lock().unwrap() = Some(cx.waker().clone());
        this.course.polls.fetch_add(1, Ordering::SeqCst);
        if polled.is_ready() {
            this.course.done.store(true, Ordering::SeqCst);
        }
        polled
    }
}
