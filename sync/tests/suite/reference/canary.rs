//! A semaphore whose model is wrong: the difference must be found, and told in few steps.

use std::collections::HashSet;

use selvedge_sync::Semaphore;
use std::sync::Arc;

use super::{Answer, Got, Model, Step, Subject, Wait, compare_from};
use crate::support::panic_of;

struct Real(Arc<Semaphore>);

impl Default for Real {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(2)))
    }
}

impl Subject for Real {
    fn start(&self, _what: u8) -> Wait {
        let wait = self.0.clone().acquire_owned();
        Box::pin(async move { Got::gain(1, wait.await.expect("open")) })
    }

    fn act(&self, _what: u8, _with: u8) -> Got {
        Got::plain(self.0.available_permits() as u64)
    }

    fn name(call: Step) -> String {
        match call {
            Step::Act(..) => "available_permits()",
            _ => "acquire()",
        }
        .to_owned()
    }
}

/// Believes that there are three permits.
#[derive(Default)]
struct Wrong {
    taken: u64,
    waits: HashSet<usize>,
}

impl Model for Wrong {
    fn start(&mut self, id: usize, _what: u8) {
        self.waits.insert(id);
    }

    fn poll(&mut self, id: usize) -> Option<Answer> {
        if self.taken == 3 {
            return None;
        }
        self.taken += 1;
        self.waits.remove(&id);
        Some(Answer::gain(1))
    }

    fn cancel(&mut self, id: usize) {
        self.waits.remove(&id);
    }

    fn give_back(&mut self, _seen: u64) {
        self.taken -= 1;
    }

    fn act(&mut self, _what: u8, _with: u8) -> Answer {
        Answer::plain(2_u64.saturating_sub(self.taken))
    }

    fn woken(&mut self) -> Vec<usize> {
        Vec::new()
    }
}

#[test]
fn a_difference_is_found_and_told_in_few_steps() {
    let message = panic_of(|| compare_from::<Real, Wrong>(2));
    assert!(message.contains("SELVEDGE_SEED="), "{message}");
    // How short the shortest it finds is depends on the seed. Three waits, each started and polled, and the head and the end.
    assert!(message.lines().count() <= 12, "not short: {message}");
    assert_eq!(
        message.matches("acquire()").count(),
        3,
        "not the shortest: {message}"
    );
}
