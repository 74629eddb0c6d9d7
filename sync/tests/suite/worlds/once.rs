//! What gets its value once, as worlds: `OnceCell`, `SetOnce`, `Promise`.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use selvedge_sync::{OnceCell, Promise, PromiseFuture, SetOnce};

use crate::support::poll;
use crate::world::{Kind, Operation, Wait, World};

pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::new::<Initialises<true>>("OnceCell::get_or_init", Kind::Group),
        Operation::new::<Initialises<false>>(
            "OnceCell::get_or_init, after a cancelled one",
            Kind::LOCK,
        ),
        Operation::new::<SetOnce<u32>>("SetOnce::wait", Kind::Group),
        Operation::new::<Resolves<false>>("PromiseFuture::wait", Kind::Group),
        Operation::new::<Resolves<true>>("PromiseFuture::into_future", Kind::Group),
        Operation::new::<Cancels>("Promise::cancelled", Kind::Group),
    ]
}

type Initialiser = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Somebody initialises the cell, and comes to the end or gives up.
struct Initialises<const ENDS: bool> {
    cell: Arc<OnceCell<u32>>,
    first: Mutex<Option<Initialiser>>,
    go: Arc<AtomicBool>,
}

impl<const ENDS: bool> Default for Initialises<ENDS> {
    fn default() -> Self {
        let (cell, go) = (Arc::new(OnceCell::new()), Arc::new(AtomicBool::new(false)));
        let mut first: Initialiser = Box::pin({
            let (cell, go) = (cell.clone(), go.clone());
            async move {
                let gate = poll_fn(|_| match go.load(Ordering::SeqCst) {
                    true => Poll::Ready(7),
                    false => Poll::Pending,
                });
                cell.get_or_init(|| gate).await;
            }
        });
        assert!(
            poll(first.as_mut(), Waker::noop()).is_pending(),
            "it has begun"
        );
        Self {
            cell,
            first: Mutex::new(Some(first)),
            go,
        }
    }
}

impl<const ENDS: bool> World for Initialises<ENDS> {
    fn wait(&self) -> Wait<'_> {
        Wait::plain(self.cell.get_or_init(|| async { 8 }))
    }

    fn serve(&self) {
        let first = self.first.lock().unwrap().take();
        if let Some(mut first) = first
            && ENDS
        {
            self.go.store(true, Ordering::SeqCst);
            assert!(poll(first.as_mut(), Waker::noop()).is_ready(), "it ends");
        }
    }

    fn touch(&self) {
        drop(format!("{:?}", self.cell));
        self.cell.get();
        drop(self.cell.set(9));
    }

    fn audit(&self, served: usize, completed: usize) {
        let value = if ENDS { 7 } else { 8 };
        let there = if ENDS { served > 0 } else { completed > 0 };
        assert_eq!(self.cell.get().copied(), there.then_some(value));
    }
}

impl World for SetOnce<u32> {
    fn wait(&self) -> Wait<'_> {
        Wait::plain(self.wait())
    }

    fn serve(&self) {
        drop(self.set(7));
    }

    fn touch(&self) {
        drop(format!("{self:?}"));
        self.get();
    }

    fn audit(&self, served: usize, _completed: usize) {
        assert_eq!(self.get().is_some(), served > 0);
    }
}

struct Resolves<const OWNED: bool> {
    promise: Mutex<Option<Promise<u32>>>,
    future: PromiseFuture<u32>,
}

impl<const OWNED: bool> Default for Resolves<OWNED> {
    fn default() -> Self {
        let promise = Promise::new();
        Self {
            future: promise.future(),
            promise: Mutex::new(Some(promise)),
        }
    }
}

impl<const OWNED: bool> World for Resolves<OWNED> {
    fn wait(&self) -> Wait<'_> {
        if OWNED {
            Wait::plain(self.future.clone().into_future())
        } else {
            Wait::plain(self.future.wait())
        }
    }

    fn serve(&self) {
        let promise = self.promise.lock().unwrap().take();
        if let Some(promise) = promise {
            drop(promise.resolve(7));
        }
    }

    fn close(&self) -> bool {
        let promise = self.promise.lock().unwrap().take();
        drop(promise);
        true
    }

    fn touch(&self) {
        drop(format!("{:?}", self.future));
        self.future.on_done(|_| {});
        drop(self.future.clone());
    }

    fn audit(&self, served: usize, _completed: usize) {
        assert_eq!(self.future.done(), served > 0);
    }
}

struct Cancels {
    promise: Promise<u32>,
    future: PromiseFuture<u32>,
}

impl Default for Cancels {
    fn default() -> Self {
        let promise = Promise::new();
        Self {
            future: promise.future(),
            promise,
        }
    }
}

impl World for Cancels {
    fn wait(&self) -> Wait<'_> {
        Wait::plain(self.promise.cancelled())
    }

    fn serve(&self) {
        self.future.cancel();
    }

    fn touch(&self) {
        drop(format!("{:?}", self.promise));
        self.promise.state();
    }

    fn audit(&self, served: usize, _completed: usize) {
        assert_eq!(self.promise.is_cancelled(), served > 0);
    }
}
