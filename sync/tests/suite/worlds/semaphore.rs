//! `Semaphore` as a world: permits come one by one, and are given back.

use std::sync::Arc;

use selvedge_sync::{BoundedSemaphore, Semaphore};

use crate::world::{Gain, Kind, Operation, Wait, World};

pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::new::<Borrowed<1>>("Semaphore::acquire", Kind::LOCK),
        Operation::new::<Borrowed<3>>("Semaphore::acquire_many", Kind::LOCK),
        Operation::new::<Owned<1>>("Semaphore::acquire_owned", Kind::LOCK),
        Operation::new::<Owned<3>>("Semaphore::acquire_many_owned", Kind::LOCK),
        Operation::new::<Bounded<1>>("BoundedSemaphore::acquire", Kind::LOCK),
        Operation::new::<Bounded<3>>("BoundedSemaphore::acquire_many", Kind::LOCK),
    ]
}

struct Borrowed<const N: u32>(Semaphore);

impl<const N: u32> Default for Borrowed<N> {
    fn default() -> Self {
        Self(Semaphore::new(0))
    }
}

impl<const N: u32> World for Borrowed<N> {
    fn wait(&self) -> Wait<'_> {
        Wait::plain(self.0.acquire_many(N))
    }

    fn serve(&self) {
        self.0.add_permits(1);
    }

    fn steps(&self) -> usize {
        N as usize
    }

    fn close(&self) -> bool {
        self.0.close();
        true
    }

    fn touch(&self) {
        drop(format!("{:?}", self.0));
        self.0.add_permits(0);
        drop(self.0.try_acquire());
        self.0.forget_permits(0);
    }

    fn seize(&self) -> Option<Gain<'_>> {
        self.0.try_acquire_many(N).ok().map(Gain::new)
    }

    fn audit(&self, served: usize, _completed: usize) {
        assert_eq!(self.0.available_permits(), served, "permits are conserved");
    }
}

struct Owned<const N: u32>(Arc<Semaphore>);

impl<const N: u32> Default for Owned<N> {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }
}

impl<const N: u32> World for Owned<N> {
    fn wait(&self) -> Wait<'_> {
        Wait::plain(self.0.clone().acquire_many_owned(N))
    }

    fn serve(&self) {
        self.0.add_permits(1);
    }

    fn steps(&self) -> usize {
        N as usize
    }

    fn close(&self) -> bool {
        self.0.close();
        true
    }

    fn seize(&self) -> Option<Gain<'_>> {
        let seized = self.0.clone().try_acquire_many_owned(N);
        seized.ok().map(Gain::new)
    }

    fn audit(&self, served: usize, _completed: usize) {
        assert_eq!(self.0.available_permits(), served, "permits are conserved");
        assert_eq!(Arc::strong_count(&self.0), 1, "no future is left");
    }
}

/// All permits are out without a guard at first.
struct Bounded<const N: u32>(BoundedSemaphore);

impl<const N: u32> Default for Bounded<N> {
    fn default() -> Self {
        let semaphore = BoundedSemaphore::new(1000);
        semaphore.forget_permits(1000);
        Self(semaphore)
    }
}

impl<const N: u32> World for Bounded<N> {
    fn wait(&self) -> Wait<'_> {
        Wait::plain(self.0.acquire_many(N))
    }

    fn serve(&self) {
        self.0.release().expect("fewer were served than are out");
    }

    fn steps(&self) -> usize {
        N as usize
    }

    fn close(&self) -> bool {
        self.0.close();
        true
    }

    fn touch(&self) {
        drop(format!("{:?}", self.0));
        let _closed = self.0.add_permits(1001);
        drop(self.0.try_acquire());
        self.0.forget_permits(0);
    }

    fn seize(&self) -> Option<Gain<'_>> {
        self.0.try_acquire_many(N).ok().map(Gain::new)
    }

    fn audit(&self, served: usize, _completed: usize) {
        assert_eq!(self.0.available_permits(), served, "permits are conserved");
    }
}
