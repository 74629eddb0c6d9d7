//! Bounded semaphore: a permit too many is an error where it is given back, not a limit that silently grows.
//!
//! *Shows*: a worker that takes a permit without a guard and gives it back twice. A plain semaphore has one
//! place too many from then on: three work where two may. A bounded one refuses the second release.
//!
//! *Run with*: `cargo run --example guide_bounded_semaphore`
//!
//! *Try this*: keep the guards instead of calling `forget`; then there is nothing to give back by hand, and no
//! way to do it twice.
//!
//! *Key line*: threads, bounded: the second release fails, 2 of 2 places

use std::sync::Arc;
use std::thread;

use selvedge::sync::{BoundedSemaphore, Semaphore};

const PLACES: usize = 2;

fn main() {
    with_tasks();
    with_threads();
}

#[selvedge::main]
async fn with_tasks() {
    let plain = Arc::new(Semaphore::new(PLACES));
    let worker = selvedge::spawn({
        let plain = Arc::clone(&plain);
        async move {
            plain.acquire().await.expect("it is not closed").forget();
            plain.add_permits(1); // At the end of the work,
            plain.add_permits(1); // and again where errors are handled.
        }
    });
    worker.await.expect("a task that ends");
    report_plain("tasks", &plain);

    let bounded = Arc::new(BoundedSemaphore::new(PLACES));
    let worker = selvedge::spawn({
        let bounded = Arc::clone(&bounded);
        async move {
            bounded.acquire().await.expect("it is not closed").forget();
            bounded.release().expect("one was taken");
            bounded.release()
        }
    });
    let second = worker.await.expect("a task that ends");
    report_bounded("tasks", &bounded, second.is_err());
    println!("the error says: {}", second.expect_err("none was taken"));
}

fn with_threads() {
    let (plain, bounded) = (Semaphore::new(PLACES), BoundedSemaphore::new(PLACES));
    let second = thread::scope(|scope| {
        let worker = scope.spawn(|| {
            plain.blocking_acquire().expect("it is not closed").forget();
            plain.add_permits(1);
            plain.add_permits(1);

            bounded
                .blocking_acquire()
                .expect("it is not closed")
                .forget();
            bounded.release().expect("one was taken");
            bounded.release()
        });
        worker.join().expect("a thread that ends")
    });
    report_plain("threads", &plain);
    report_bounded("threads", &bounded, second.is_err());
}

fn report_plain(world: &str, plain: &Semaphore) {
    let all = plain.try_acquire_many(PLACES as u32 + 1);
    println!(
        "{world}, plain: {} hold one of {PLACES} places at once",
        PLACES + 1
    );
    assert!(all.is_ok(), "nothing stops the third");
}

fn report_bounded(world: &str, bounded: &BoundedSemaphore, refused: bool) {
    let places = bounded.available_permits();
    let verb = if refused { "fails" } else { "succeeds" };
    println!("{world}, bounded: the second release {verb}, {places} of {PLACES} places");
    assert!(refused && places == PLACES);
}
