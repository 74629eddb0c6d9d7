//! `WorkQueue` as a world: items for workers, room for items, the end of all work.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use selvedge_sync::{Job, WorkQueue};

use crate::support::{Census, Counted};
use crate::world::{Gain, Kind, Operation, Wait, World};

pub(crate) fn operations() -> Vec<Operation> {
    const PUTS: &str = "the item goes with the future; `reserve` first, then put";
    vec![
        Operation::new::<Gets>("WorkQueue::get", Kind::QUEUE),
        Operation::new::<Puts<false>>("WorkQueue::put", Kind::QUEUE).losing(PUTS),
        Operation::new::<Puts<true>>("WorkQueue::reserve", Kind::LOCK),
        Operation::new::<Joins>("WorkQueue::join", Kind::Group),
    ]
}

struct Gets {
    queue: WorkQueue<Counted>,
    census: Census,
}

impl Default for Gets {
    fn default() -> Self {
        Self {
            queue: WorkQueue::new(64),
            census: Census::new(),
        }
    }
}

impl World for Gets {
    fn wait(&self) -> Wait<'_> {
        Wait::plain(self.queue.get())
    }

    fn serve(&self) {
        drop(self.queue.try_put(self.census.value(0)));
    }

    fn close(&self) -> bool {
        self.queue.shutdown(true);
        true
    }

    fn touch(&self) {
        drop(format!("{:?}", self.queue));
        self.queue.len();
        self.queue.unfinished();
    }

    fn seize(&self) -> Option<Gain<'_>> {
        self.queue.try_get().ok().map(Gain::new)
    }

    fn census(&self) -> Option<Census> {
        Some(self.census.clone())
    }

    fn audit(&self, served: usize, completed: usize) {
        assert_eq!(self.queue.len() + completed, served, "items are conserved");
        assert_eq!(self.queue.unfinished(), self.queue.len(), "jobs are done");
    }
}

struct Puts<const RESERVES: bool> {
    queue: WorkQueue<Counted>,
    census: Census,
    got: AtomicUsize,
}

impl<const RESERVES: bool> Default for Puts<RESERVES> {
    fn default() -> Self {
        let (queue, census) = (WorkQueue::new(1), Census::new());
        queue.try_put(census.value(0)).expect("there is room");
        Self {
            queue,
            census,
            got: AtomicUsize::new(0),
        }
    }
}

impl<const RESERVES: bool> World for Puts<RESERVES> {
    fn wait(&self) -> Wait<'_> {
        if RESERVES {
            Wait::plain(self.queue.reserve())
        } else {
            Wait::plain(self.queue.put(self.census.value(1)))
        }
    }

    fn serve(&self) {
        if self.queue.try_get().is_ok() {
            self.got.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn close(&self) -> bool {
        self.queue.shutdown(true);
        true
    }

    fn touch(&self) {
        drop(format!("{:?}", self.queue));
        self.queue.is_full();
    }

    fn census(&self) -> Option<Census> {
        Some(self.census.clone())
    }

    fn audit(&self, _served: usize, completed: usize) {
        let put = 1 + if RESERVES { 0 } else { completed };
        let got = self.got.load(Ordering::SeqCst);
        assert_eq!(self.queue.len() + got, put, "items are conserved");
    }
}

struct Joins {
    queue: WorkQueue<u32>,
    job: Mutex<Option<Job<u32>>>,
}

impl Default for Joins {
    fn default() -> Self {
        let queue = WorkQueue::new(1);
        queue.try_put(1).expect("there is room");
        Self {
            job: Mutex::new(queue.try_get().ok()),
            queue,
        }
    }
}

impl World for Joins {
    fn wait(&self) -> Wait<'_> {
        Wait::plain(self.queue.join())
    }

    fn serve(&self) {
        let job = self.job.lock().unwrap().take();
        drop(job);
    }

    fn touch(&self) {
        self.queue.unfinished();
    }

    fn audit(&self, served: usize, _completed: usize) {
        assert_eq!(self.queue.unfinished(), usize::from(served == 0));
    }
}
