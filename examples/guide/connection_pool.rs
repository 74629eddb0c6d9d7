//! Connection pool: ten jobs share three connections, and each gives back what it took, whatever happens.
//!
//! *Shows*: a semaphore that counts the free connections, and a list that holds them; tasks and threads use the
//! same pool. Given back by hand, a connection is lost with each job that fails; with a guard, never.
//!
//! *Run with*: `cargo run --example guide_connection_pool`
//!
//! *Try this*: let a job panic instead of returning an error, or abort its task: the guard gives back all the same.
//!
//! *Key line*: by a guard, threads: at most 3 in use, 3 free in the end

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread;

use selvedge::sync::{Semaphore, SemaphorePermit};
use selvedge::task::{JoinSet, yield_now};

const JOBS: usize = 10;
const CONNECTIONS: usize = 3;

struct Connection;

struct Pool {
    /// A permit for each free connection; it knows who waits, and serves them in order.
    permits: Semaphore,
    free: Mutex<Vec<Connection>>,
    /// The most at once.
    in_use: AtomicUsize,
}

impl Pool {
    fn new() -> Arc<Pool> {
        let permits = Semaphore::new(CONNECTIONS);
        let free = Mutex::new((0..CONNECTIONS).map(|_| Connection).collect());
        let in_use = AtomicUsize::new(0);
        Arc::new(Pool { permits, free, in_use })
    }

    /// Somebody has to `put` it back.
    async fn take(&self) -> Connection {
        self.taken(self.permits.acquire().await.unwrap())
    }

    fn blocking_take(&self) -> Connection {
        self.taken(self.permits.blocking_acquire().unwrap())
    }

    fn taken(&self, permit: SemaphorePermit<'_>) -> Connection {
        permit.forget(); // It comes back in `put`.
        let mut free = self.free.lock().unwrap();
        let connection = free.pop().expect("who has a permit finds a connection");
        self.in_use.fetch_max(CONNECTIONS - free.len(), Relaxed);
        connection
    }

    fn put(&self, connection: Connection) {
        self.free.lock().unwrap().push(connection);
        self.permits.add_permits(1);
    }

    fn report(&self, how: &str, wanted: usize) {
        let most = self.in_use.load(Relaxed);
        let left = self.free.lock().unwrap().len();
        println!("{how}: at most {most} in use, {left} free in the end");
        assert!(most <= CONNECTIONS && left == wanted);
    }
}

/// A connection on loan: goes back when this is dropped, on every path.
struct Loan<'a>(&'a Pool, Option<Connection>);

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        self.1.take().into_iter().for_each(|it| self.0.put(it));
    }
}

/// Every fifth job fails.
fn work(job: usize) -> Result<(), &'static str> {
    (job % 5 != 0).then_some(()).ok_or("the server has hung up")
}

fn main() {
    for (how, by_hand) in [("by hand", true), ("by a guard", false)] {
        let left = if by_hand {
            CONNECTIONS - 2
        } else {
            CONNECTIONS
        };
        with_tasks(by_hand).report(&format!("{how}, tasks"), left);
        with_threads(by_hand).report(&format!("{how}, threads"), left);
    }
}

#[selvedge::main]
async fn with_tasks(by_hand: bool) -> Arc<Pool> {
    let (pool, mut jobs) = (Pool::new(), JoinSet::new());
    for job in 0..JOBS {
        let pool = Arc::clone(&pool);
        jobs.spawn(async move {
            let connection = pool.take().await;
            if by_hand {
                yield_now().await; // Stands for the answer of the server.
                work(job)?; // Wrong: the connection is lost here.
                pool.put(connection);
            } else {
                let _loan = Loan(&pool, Some(connection));
                yield_now().await;
                work(job)?;
            }
            Ok::<_, &str>(())
        });
    }
    jobs.join_all().await;
    pool
}

fn with_threads(by_hand: bool) -> Arc<Pool> {
    let pool = Pool::new();
    let run = |job| {
        let connection = pool.blocking_take();
        if by_hand {
            thread::yield_now();
            work(job)?;
            pool.put(connection);
        } else {
            let _loan = Loan(&pool, Some(connection));
            thread::yield_now();
            work(job)?;
        }
        Ok::<_, &str>(())
    };
    let run = &run;
    thread::scope(|scope| (0..JOBS).for_each(|job| _ = scope.spawn(move || run(job))));
    pool
}
