//! `WorkQueue` as a world: items for workers, room for producers, the end of all work.

use std::sync::Mutex;

use selvedge_sync::WorkQueue;
use selvedge_sync::work_queue::Job;

use crate::support::{Census, Counted};
use crate::world::{Gain, Kind, Operation, Wait, World};

pub(crate) fn operations() -> Vec<Operation> {
    const PUTS: &str = "the item goes with the future; `reserve` first, then put";
    vec![
        Operation::new::<Gets>("WorkQueue::get", Kind::QUEUE),
        Operation::new::<Rooms<PUT>>("WorkQueue::put", Kind::QUEUE).losing(PUTS),
        Operation::new::<Rooms<RESERVE>>("WorkQueue::reserve", Kind::LOCK),
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
            queue: WorkQueue::unbounded(),
            census: Census::new(),
        }
    }
}

impl World for Gets {
    fn wait(&self) -> Wait<'_> {
        Wait::plain(self.queue.get())
    }

    fn serve(&self) {
        // Refused after the end.
        drop(self.queue.try_put(self.census.value(1)));
    }

    fn close(&self) -> bool {
        self.queue.shutdown(false);
        true
    }

    fn touch(&self) {
        drop(format!("{:?}", self.queue));
        self.queue.is_full();
        drop(self.queue.clone());
    }

    fn seize(&self) -> Option<Gain<'_>> {
        self.queue.try_get().ok().map(Gain::new)
    }

    fn census(&self) -> Option<Census> {
        Some(self.census.clone())
    }

    /// Workers bring no items.
    fn inputs(&self) -> usize {
        0
    }

    fn audit(&self, served: usize, completed: usize) {
        assert_eq!(self.queue.len(), served - completed, "items are conserved");
        assert_eq!(self.queue.unfinished(), self.queue.len(), "jobs are done");
    }
}

const PUT: u8 = 0;
const RESERVE: u8 = 1;

/// More than are ever taken out in a scene.
const CAPACITY: usize = 16;

/// A full queue, from which something is taken out.
struct Rooms<const HOW: u8> {
    queue: WorkQueue<Counted>,
    census: Census,
}

impl<const HOW: u8> Default for Rooms<HOW> {
    fn default() -> Self {
        let (queue, census) = (WorkQueue::new(CAPACITY), Census::new());
        for _ in 0..CAPACITY {
            queue.try_put(census.value(0)).unwrap();
        }
        Self { queue, census }
    }
}

impl<const HOW: u8> World for Rooms<HOW> {
    fn wait(&self) -> Wait<'_> {
        match HOW {
            PUT => Wait::plain(self.queue.put(self.census.value(1))),
            _ => Wait::plain(self.queue.reserve()),
        }
    }

    fn serve(&self) {
        drop(self.queue.try_get());
    }

    fn close(&self) -> bool {
        self.queue.shutdown(false);
        true
    }

    fn touch(&self) {
        drop(format!("{:?}", self.queue));
        self.queue.is_full();
    }

    fn census(&self) -> Option<Census> {
        Some(self.census.clone())
    }

    fn audit(&self, served: usize, completed: usize) {
        let put = if HOW == PUT { completed } else { 0 };
        let free = served - put;
        assert_eq!(self.queue.len(), CAPACITY - free);
        if !self.queue.is_shut_down() {
            for _ in 0..free {
                assert!(
                    self.queue.try_put(self.census.value(2)).is_ok(),
                    "room is lost"
                );
            }
            assert!(self.queue.is_full(), "room appeared");
        }
    }
}

struct Joins {
    queue: WorkQueue<()>,
    job: Mutex<Option<Job<()>>>,
}

impl Default for Joins {
    fn default() -> Self {
        let queue = WorkQueue::new(1);
        queue.try_put(()).unwrap();
        let job = queue.try_get().ok();
        Self {
            queue,
            job: Mutex::new(job),
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
        drop(format!("{:?}", self.queue));
        self.queue.unfinished();
    }

    fn audit(&self, served: usize, _completed: usize) {
        assert_eq!(self.queue.unfinished(), usize::from(served == 0));
    }
}
