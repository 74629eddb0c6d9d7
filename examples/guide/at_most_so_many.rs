//! At most so many at once: jobs without number, and a limit for how many are under way.
//!
//! *Shows*: a hundred jobs, of which four may run at the same time. Without a limit all hundred are there at
//! once. `JoinSet::bounded` makes whoever spawns wait for room, `task::map` gives the results in order, and
//! with threads four workers share an iterator.
//!
//! *Run with*: `cargo run --example guide_at_most_so_many`
//!
//! *Try this*: take `try_spawn` instead of `spawn`, and count how many jobs it gives back.
//!
//! *Key line*: bounded, tasks: never more than 4 at once

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

use selvedge::task::{self, JoinSet, yield_now};

const JOBS: usize = 100;
const LIMIT: usize = 4;

/// How many are at work, and how many were at most.
#[derive(Default)]
struct Crowd {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Crowd {
    fn enter(&self) {
        let now = self.now.fetch_add(1, SeqCst) + 1;
        self.most.fetch_max(now, SeqCst);
    }

    fn leave(&self) {
        self.now.fetch_sub(1, SeqCst);
    }
}

fn main() {
    with_tasks();
    with_threads();
}

async fn job(number: usize, crowd: Arc<Crowd>) -> usize {
    crowd.enter();
    yield_now().await; // Stands for any wait.
    crowd.leave();
    number * number
}

#[selvedge::main]
async fn with_tasks() {
    // Without a limit: whatever a job holds (a connection, a buffer, a file) is there a hundred times.
    let crowd = Arc::new(Crowd::default());
    let all_here = Arc::new(selvedge::sync::Barrier::new(JOBS));
    let mut set = JoinSet::new();
    for _ in 0..JOBS {
        let (crowd, all_here) = (Arc::clone(&crowd), Arc::clone(&all_here));
        set.spawn(async move {
            crowd.enter();
            all_here.wait().await;
            crowd.leave();
        });
    }
    set.join_all().await;
    println!("no limit, tasks: {} at once", crowd.most.load(SeqCst));
    assert_eq!(crowd.most.load(SeqCst), JOBS);

    // With one: `spawn` waits for room, and so does whoever has more work to give.
    let crowd = Arc::new(Crowd::default());
    let mut set = JoinSet::bounded(LIMIT);
    for number in 0..JOBS {
        set.spawn(job(number, Arc::clone(&crowd))).await;
    }
    let squares = set.join_all().await;
    assert!(squares.len() == JOBS && crowd.most.load(SeqCst) <= LIMIT);
    println!("bounded, tasks: never more than {LIMIT} at once");

    // The same, with the results in the order of the jobs.
    let crowd = Arc::new(Crowd::default());
    let squares = task::map(LIMIT, 0..JOBS, |number| job(number, Arc::clone(&crowd)));
    let squares = squares.await.expect("no job panics");
    assert!((0..JOBS).all(|number| squares[number] == number * number));
    assert!(crowd.most.load(SeqCst) <= LIMIT);
    println!("map, tasks: never more than {LIMIT} at once, and in order");
}

fn with_threads() {
    // Without a limit: a hundred stacks.
    let (crowd, all_here) = (Crowd::default(), Barrier::new(JOBS));
    thread::scope(|scope| {
        for _ in 0..JOBS {
            scope.spawn(|| {
                crowd.enter();
                all_here.wait();
                crowd.leave();
            });
        }
    });
    println!("no limit, threads: {} at once", crowd.most.load(SeqCst));
    assert_eq!(crowd.most.load(SeqCst), JOBS);

    // With one: as many workers as may run at once, which take one job after the other.
    let (crowd, jobs) = (Crowd::default(), Mutex::new(0..JOBS));
    let work = || {
        // The lock is free again before the job begins.
        while let Some(_number) = { jobs.lock().unwrap().next() } {
            crowd.enter();
            thread::yield_now();
            crowd.leave();
        }
    };
    thread::scope(|scope| (0..LIMIT).for_each(|_| drop(scope.spawn(work))));
    assert!(jobs.into_inner().unwrap().is_empty() && crowd.most.load(SeqCst) <= LIMIT);
    println!("workers, threads: never more than {LIMIT} at once");
}
