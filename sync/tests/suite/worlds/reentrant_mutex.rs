//! `ReentrantMutex` as a world: held by a thread, wanted by tasks.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use selvedge_sync::ReentrantMutex;

use crate::world::{Gain, Kind, Operation, Wait, World};

pub(crate) fn operations() -> Vec<Operation> {
    vec![Operation::new::<Held>("ReentrantMutex::lock", Kind::LOCK)]
}

struct Held {
    mutex: Arc<ReentrantMutex<()>>,
    holder: Mutex<Option<(Sender<()>, JoinHandle<()>)>>,
}

impl Default for Held {
    fn default() -> Self {
        let mutex = Arc::new(ReentrantMutex::new(()));
        let (locked, is_locked) = channel();
        let (go, gone) = channel();
        let holder = thread::spawn({
            let mutex = mutex.clone();
            move || {
                let _guard = mutex.blocking_lock();
                let _ = locked.send(());
                let _ = gone.recv();
            }
        });
        is_locked.recv().expect("the holder lives");
        Self {
            mutex,
            holder: Mutex::new(Some((go, holder))),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.serve();
    }
}

impl World for Held {
    fn wait(&self) -> Wait<'_> {
        // The guard belongs to the task, and does not leave its poll.
        Wait::new(self.mutex.lock(), |guard| {
            drop(guard);
            Gain::new(())
        })
    }

    fn serve(&self) {
        let holder = self.holder.lock().unwrap().take();
        if let Some((go, holder)) = holder {
            drop(go);
            // A waker that panics does so in the thread.
            let _ = holder.join();
        }
    }

    fn touch(&self) {
        drop(format!("{:?}", self.mutex));
        drop(self.mutex.try_lock());
        self.mutex.holder();
        self.mutex.depth();
    }

    fn audit(&self, served: usize, _completed: usize) {
        assert_eq!(
            self.mutex.try_lock().is_ok(),
            served > 0,
            "held only by those who hold it"
        );
    }
}
