//! Connection pool: ten jobs share three connections, and each gives back what it took, whatever happens.
//!
//! *Shows*: free connections, counted by a semaphore. Given back by hand, one is lost with each failure; by a guard, none.
//!
//! *Run with*: `cargo run --example guide_connection_pool`
//!
//! *Try this*: let a job panic instead of returning an error: the guard gives back all the same.
//! *Key line*: by a guard, threads: 3 connections left

use std::sync::{Arc, Mutex};
use std::thread;

use selvedge::sync::{Semaphore, SemaphorePermit};
use selvedge::task::{JoinSet, yield_now};

const JOBS: usize = 10;
const CONNECTIONS: usize = 3;

struct Connection;
struct Pool {
    free: Mutex<Vec<Connection>>,
    /// A permit for each free connection; it knows who waits, and serves them in order.
    permits: Semaphore,
}

impl Pool {
    fn new() -> Arc<Pool> {
        let free = Mutex::new((0..CONNECTIONS).map(|_| Connection).collect());
        let permits = Semaphore::new(CONNECTIONS);
        Arc::new(Pool { free, permits })
    }

    /// Who has a permit finds a connection; both come back in `put`.
    fn take(&self, permit: SemaphorePermit<'_>) -> Connection {
        permit.forget();
        self.free.lock().unwrap().pop().expect("a free one")
    }

    fn put(&self, connection: Connection) {
        self.free.lock().unwrap().push(connection);
        self.permits.add_permits(1);
    }

    fn report(&self, how: &str, wanted: usize) {
        println!(
            "{how}: {} connections left",
            self.permits.available_permits()
        );
        assert_eq!(self.permits.available_permits(), wanted);
    }
}

/// Goes back when it is dropped, on every path.
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
            let connection = pool.take(pool.permits.acquire().await.unwrap());
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
        let connection = pool.take(pool.permits.blocking_acquire().unwrap());
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
