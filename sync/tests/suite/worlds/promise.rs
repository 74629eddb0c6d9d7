//! `Promise` as a world: an outcome for all handles, or the end of interest in it.

use std::future::IntoFuture;
use std::sync::Mutex;

use selvedge_sync::{Promise, PromiseFuture};

use crate::support::{Census, Counted, poll_once};
use crate::world::{Gain, Kind, Operation, Wait, World};

pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::new::<Outcome<WAIT>>("PromiseFuture::wait", Kind::Group),
        Operation::new::<Outcome<VALUE>>("PromiseFuture", Kind::Group),
        Operation::new::<Outcome<TAKE>>("PromiseFuture::take", Kind::Group),
        Operation::new::<Interest>("Promise::cancelled", Kind::Group),
    ]
}

const WAIT: u8 = 0;
const VALUE: u8 = 1;
const TAKE: u8 = 2;

struct Outcome<const HOW: u8> {
    promise: Mutex<Option<Promise<Counted, ()>>>,
    future: PromiseFuture<Counted, ()>,
    census: Census,
}

impl<const HOW: u8> Default for Outcome<HOW> {
    fn default() -> Self {
        let promise = Promise::new();
        Self {
            future: promise.future(),
            promise: Mutex::new(Some(promise)),
            census: Census::new(),
        }
    }
}

impl<const HOW: u8> World for Outcome<HOW> {
    fn wait(&self) -> Wait<'_> {
        match HOW {
            WAIT => Wait::plain(self.future.wait()),
            VALUE => Wait::plain(self.future.clone().into_future()),
            // It is never the only handle: each gets it back.
            _ => Wait::new(self.future.clone().take(), |taken| {
                assert!(taken.is_err(), "there are other handles");
                Gain::new(taken)
            }),
        }
    }

    fn serve(&self) {
        let promise = self.promise.lock().unwrap().take();
        if let Some(promise) = promise {
            assert!(promise.resolve(self.census.value(1)).is_ok());
        }
    }

    fn touch(&self) {
        drop(format!("{:?}", self.future));
        drop(self.future.clone());
        self.future.on_done(|_| ());
    }

    fn census(&self) -> Option<Census> {
        Some(self.census.clone())
    }

    fn audit(&self, served: usize, _completed: usize) {
        assert_eq!(self.future.done(), served > 0);
        assert_eq!(self.census.alive(), usize::from(served > 0));
        let value = poll_once(self.future.clone().into_future());
        assert_eq!(value.is_some_and(|value| value.is_ok()), served > 0);
    }
}

struct Interest {
    promise: Promise<(), ()>,
    future: PromiseFuture<(), ()>,
}

impl Default for Interest {
    fn default() -> Self {
        let promise = Promise::new();
        Self {
            future: promise.future(),
            promise,
        }
    }
}

impl World for Interest {
    fn wait(&self) -> Wait<'_> {
        Wait::plain(self.promise.cancelled())
    }

    fn serve(&self) {
        self.future.cancel();
    }

    fn touch(&self) {
        drop(format!("{:?}", self.promise));
        drop(self.promise.future());
    }

    fn audit(&self, served: usize, _completed: usize) {
        assert_eq!(self.promise.is_cancelled(), served > 0);
    }
}
