//! Random sequences of calls, on a primitive and on a plain model of it, step by step.
//!
//! Nothing runs here but the test: futures are created, polled, dropped and their gains given back
//! by hand, in any order. After each step the primitive must have answered as its [`Model`] did, and
//! have woken the same waits in the same order. A sequence that fails is made as short as possible
//! and told as a story.
//!
//! `SELVEDGE_SEED` repeats a run, `SELVEDGE_ROUNDS` says how many sequences each primitive gets.

mod broadcast;
mod canary;
mod mpmc;
mod mutex;
mod notify;
mod rwlock;
mod semaphore;

use std::any::Any;
use std::env;
use std::fmt::Write as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{SystemTime, UNIX_EPOCH};

use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use crate::support::catch;

/// One call. Waits and gains are chosen by number, modulo how many there are.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Creates a future; what it waits for is up to the primitive.
    Start(u8),
    Poll(u8),
    /// Drops a future.
    Cancel(u8),
    /// Drops a guard, a permit or the like.
    GiveBack(u8),
    /// A call that does not wait.
    Act(u8, u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => any::<u8>().prop_map(Step::Start),
        6 => any::<u8>().prop_map(Step::Poll),
        2 => any::<u8>().prop_map(Step::Cancel),
        3 => any::<u8>().prop_map(Step::GiveBack),
        4 => any::<(u8, u8)>().prop_map(|(what, with)| Step::Act(what, with)),
    ];
    vec(step, 1..80)
}

/// The answer to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answer {
    seen: u64,
    /// Is there something to give back?
    gained: bool,
}

impl Answer {
    /// An answer that holds nothing.
    const fn plain(seen: u64) -> Self {
        Self {
            seen,
            gained: false,
        }
    }

    /// Something to give back.
    const fn gain(seen: u64) -> Self {
        Self { seen, gained: true }
    }
}

/// What is given back by being dropped.
type Gain = Box<dyn Any>;

/// An answer of the primitive, with what there is to give back.
struct Got {
    seen: u64,
    gain: Option<Gain>,
}

impl Got {
    fn plain(seen: u64) -> Self {
        Self { seen, gain: None }
    }

    fn gain(seen: u64, gain: impl Any) -> Self {
        Self {
            seen,
            gain: Some(Box::new(gain)),
        }
    }

    /// `Some` and `Ok` are gains of `seen`, others are the plain answer 0.
    fn maybe(seen: u64, gain: Option<impl Any>) -> Self {
        gain.map_or_else(|| Self::plain(0), |gain| Self::gain(seen, gain))
    }

    fn answer(&self) -> Answer {
        Answer {
            seen: self.seen,
            gained: self.gain.is_some(),
        }
    }
}

type Wait = Pin<Box<dyn Future<Output = Got>>>;

/// The primitive.
trait Subject {
    fn start(&self, what: u8) -> Wait;
    fn act(&self, what: u8, with: u8) -> Got;
    /// How a wait and a call are told in the story.
    fn name(call: Step) -> String;
}

/// What it should do, said plainly.
trait Model: Default {
    fn start(&mut self, id: usize, what: u8);
    fn poll(&mut self, id: usize) -> Option<Answer>;
    fn cancel(&mut self, id: usize);
    fn give_back(&mut self, seen: u64);
    fn act(&mut self, what: u8, with: u8) -> Answer;
    /// Who was woken by the last call, in order. Only those polled before have a waker.
    fn woken(&mut self) -> Vec<usize>;
}

/// Writes down whom it wakes.
struct Logs {
    id: usize,
    log: Arc<Mutex<Vec<usize>>>,
}

impl Wake for Logs {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.log.lock().unwrap().push(self.id);
    }
}

/// Both, side by side.
struct Run<S, M> {
    subject: S,
    model: M,
    waits: Vec<(usize, Wait)>,
    gains: Vec<(u64, Gain)>,
    next: usize,
    log: Arc<Mutex<Vec<usize>>>,
    story: String,
}

impl<S: Subject + Default, M: Model> Run<S, M> {
    fn new() -> Self {
        Self {
            subject: S::default(),
            model: M::default(),
            waits: Vec::new(),
            gains: Vec::new(),
            next: 0,
            log: Arc::default(),
            story: String::new(),
        }
    }

    fn tell(&mut self, line: &str) {
        writeln!(self.story, "  {line}").expect("a string grows");
    }

    fn gained(&mut self, got: Got) {
        self.gains.extend(got.gain.map(|gain| (got.seen, gain)));
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Start(what) => {
                let id = self.next;
                self.next += 1;
                self.tell(&format!("wait {id}: {}", S::name(step)));
                self.waits.push((id, self.subject.start(what)));
                self.model.start(id, what);
            }
            Step::Poll(which) => self.poll(which),
            Step::Cancel(which) => {
                if !self.waits.is_empty() {
                    let index = usize::from(which) % self.waits.len();
                    let (id, wait) = self.waits.remove(index);
                    self.tell(&format!("drop wait {id}"));
                    drop(wait);
                    self.model.cancel(id);
                }
            }
            Step::GiveBack(which) => {
                if !self.gains.is_empty() {
                    let index = usize::from(which) % self.gains.len();
                    let (seen, gain) = self.gains.remove(index);
                    self.tell(&format!("give back {seen}"));
                    drop(gain);
                    self.model.give_back(seen);
                }
            }
            Step::Act(what, with) => {
                self.tell(&S::name(step));
                let got = self.subject.act(what, with);
                let answer = self.model.act(what, with);
                assert_eq!(got.answer(), answer, "its answer, and that of the model");
                self.tell(&format!("  answers {}", answer.seen));
                self.gained(got);
            }
        }
        let woken = std::mem::take(&mut *self.log.lock().unwrap());
        let expected = self.model.woken();
        assert_eq!(woken, expected, "whom it wakes, and whom the model does");
        if !woken.is_empty() {
            self.tell(&format!("  wakes {woken:?}"));
        }
    }

    fn poll(&mut self, which: u8) {
        if self.waits.is_empty() {
            return;
        }
        let index = usize::from(which) % self.waits.len();
        let (id, wait) = &mut self.waits[index];
        let id = *id;
        let waker = Waker::from(Arc::new(Logs {
            id,
            log: self.log.clone(),
        }));
        writeln!(self.story, "  poll wait {id}").expect("a string grows");
        let polled = wait.as_mut().poll(&mut Context::from_waker(&waker));
        let expected = self.model.poll(id);
        match polled {
            Poll::Pending => assert_eq!(None, expected, "it waits, and what the model says"),
            Poll::Ready(got) => {
                assert_eq!(
                    Some(got.answer()),
                    expected,
                    "its answer, and that of the model"
                );
                drop(self.waits.remove(index));
                self.gained(got);
            }
        }
    }
}

/// Runs the steps; `Err` is the story of what failed.
fn run<S: Subject + Default, M: Model>(steps: &[Step]) -> Result<(), String> {
    let mut run = Run::<S, M>::new();
    let result = catch(|| {
        for step in steps {
            run.step(*step);
        }
    });
    result.map_err(|payload| {
        let text = payload.downcast_ref::<String>().cloned();
        format!("{}{}", run.story, text.unwrap_or_default())
    })
}

fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is a number")),
    )
}

/// Tries random sequences; panics with the seed and the shortest one that fails.
fn compare<S: Subject + Default, M: Model>() {
    let clock = SystemTime::now().duration_since(UNIX_EPOCH);
    let seed = number("SELVEDGE_SEED")
        .unwrap_or_else(|| clock.map_or(0, |it| u64::from(it.subsec_nanos()) << 20 ^ it.as_secs()));
    compare_from::<S, M>(seed);
}

/// As [`compare`], from this seed.
fn compare_from<S: Subject + Default, M: Model>(seed: u64) {
    let rounds = number("SELVEDGE_ROUNDS").unwrap_or(400);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let config = Config {
        cases: u32::try_from(rounds).expect("not so many rounds"),
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let result = runner.run(&steps(), |steps| {
        run::<S, M>(&steps).map_err(TestCaseError::fail)
    });
    match result {
        Ok(()) => println!("{rounds} sequences, seed {seed}"),
        Err(TestError::Fail(story, _steps)) => {
            panic!("differs from its model; SELVEDGE_SEED={seed}\n{story}")
        }
        Err(TestError::Abort(reason)) => panic!("no sequences: {reason}"),
    }
}

/// Declares the test of a primitive and its model.
macro_rules! compared {
    ($name:ident, $subject:ty, $model:ty) => {
        #[test]
        fn $name() {
            $crate::executors::watch_over($crate::reference::compare::<$subject, $model>);
        }
    };
}
use compared;
