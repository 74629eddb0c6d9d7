//! Blocking inside a task: the worker hands its other work over first.

use super::current;
use super::worker::Worker;
use crate::context;

/// Runs `f`, which may block, on this thread; other tasks go on elsewhere.
///
/// The rest of *this* task waits: futures in the same `join` or `select` do not run meanwhile. On a
/// worker another thread takes over at once: a sleeping worker, or a stand-in. In the main future of
/// a multi-thread runtime, on a blocking thread and outside any runtime `f` simply runs. Inside `f`,
/// `block_on` is allowed.
///
/// # Panics
///
/// On a current-thread runtime and in a [`LocalSet`](crate::task::LocalSet), where nobody could take over;
/// use [`spawn_blocking`](crate::task::spawn_blocking) there.
///
/// ```
/// # #[selvedge::main] async fn main() {
/// let answer = selvedge::task::block_in_place(|| {
///     std::thread::sleep(std::time::Duration::from_millis(1));
///     42
/// });
/// assert_eq!(answer, 42);
/// # }
/// ```
#[track_caller]
pub fn block_in_place<R>(f: impl FnOnce() -> R) -> R {
    let handed_over = match hand_over() {
        Ok(handed_over) => handed_over,
        Err(NobodyElse) => panic!(
            "can call blocking only when running on the multi-threaded runtime: the tasks of a \
             current-thread runtime or a `LocalSet` have no thread to go on; use `spawn_blocking` \
             instead of `block_in_place`"
        ),
    };
    let result = context::blocking(f);
    drop(handed_over);
    result
}

/// There is work that only this thread can do.
struct NobodyElse;

/// Gives this thread's work to others, if it has any.
fn hand_over() -> Result<Option<HandedOver>, NobodyElse> {
    current::with(|worker| match worker {
        // Inside another section, with a `block_on` between, there is nothing left to hand over; and
        // its end is not the end of the outer one.
        Some(worker) if !context::may_block() && !worker.handed_off.get() => {
            match worker.scheduler.has_peers() {
                true => Ok(Some(HandedOver::by(worker))),
                false => Err(NobodyElse),
            }
        }
        _ if context::is_bound() => Err(NobodyElse),
        _ => Ok(None),
    })
}

/// While it exists, others do this worker's work.
struct HandedOver;

impl HandedOver {
    fn by(worker: &Worker) -> Self {
        worker.handed_off.set(true);
        if worker.seat().set_stuck() {
            worker
                .scheduler
                .stand_ins
                .hand_off(&worker.scheduler, worker.index);
        }
        Self
    }
}

impl Drop for HandedOver {
    fn drop(&mut self) {
        current::with(|worker| {
            let worker = worker.expect("the thread that handed over is still the worker");
            worker.handed_off.set(false);
            worker
                .scheduler
                .stand_ins
                .came_back(&worker.scheduler, worker.seat());
        });
    }
}
