//! `Notify` as a world: one notification for each, or one for all.

use std::sync::Arc;

use selvedge_sync::Notify;

use crate::support::poll_once;
use crate::world::{Gain, Kind, Operation, Order, Wait, World};

pub(crate) fn operations() -> Vec<Operation> {
    const LIFO: Kind = Kind::Line {
        order: Order::Lifo,
        reused: false,
    };
    vec![
        Operation::new::<One>("Notify::notified", Kind::QUEUE),
        Operation::new::<Last>("Notify::notified, after `notify_last`", LIFO),
        Operation::new::<All>("Notify::notified, after `notify_waiters`", Kind::Group),
        Operation::new::<Owned>("Notify::notified_owned", Kind::QUEUE),
    ]
}

#[derive(Default)]
struct One(Notify);

/// What is left after the last wait: the permit, if more was served than received.
fn audit(notify: &Notify, served: usize, completed: usize) {
    assert!(served >= completed, "each wait was served");
    let permit = poll_once(notify.notified()).is_some();
    assert_eq!(permit, served > completed, "a notification is conserved");
}

impl World for One {
    fn wait(&self) -> Wait<'_> {
        Wait::plain(self.0.notified())
    }

    fn serve(&self) {
        self.0.notify_one();
    }

    fn touch(&self) {
        drop(format!("{:?}", self.0));
        self.0.notify_waiters();
    }

    fn seize(&self) -> Option<Gain<'_>> {
        poll_once(self.0.notified()).map(Gain::new)
    }

    fn audit(&self, served: usize, completed: usize) {
        audit(&self.0, served, completed);
    }
}

#[derive(Default)]
struct Last(Notify);

impl World for Last {
    fn wait(&self) -> Wait<'_> {
        Wait::plain(self.0.notified())
    }

    fn serve(&self) {
        self.0.notify_last();
    }

    fn touch(&self) {
        self.0.notify_waiters();
    }

    fn audit(&self, served: usize, completed: usize) {
        audit(&self.0, served, completed);
    }
}

#[derive(Default)]
struct All(Notify);

impl World for All {
    fn wait(&self) -> Wait<'_> {
        Wait::plain(self.0.notified())
    }

    fn serve(&self) {
        self.0.notify_waiters();
    }

    fn touch(&self) {
        let _ = poll_once(self.0.notified());
        self.0.notify_waiters();
    }

    fn audit(&self, _served: usize, _completed: usize) {
        assert!(
            poll_once(self.0.notified()).is_none(),
            "a broadcast leaves no permit"
        );
    }
}

#[derive(Default)]
struct Owned {
    notify: Arc<Notify>,
}

impl World for Owned {
    fn wait(&self) -> Wait<'_> {
        Wait::plain(self.notify.clone().notified_owned())
    }

    fn serve(&self) {
        self.notify.notify_one();
    }

    fn audit(&self, served: usize, completed: usize) {
        audit(&self.notify, served, completed);
        assert_eq!(Arc::strong_count(&self.notify), 1, "no future is left");
    }
}
