//! Busy waiting: to look again and again uses a whole processor, to be told uses none.
//!
//! *Shows*: a wait of 200 ms in a task and in a thread, looking again and again and being told by an `Event`.
//!
//! *Run with*: `cargo run --example guide_busy_waiting`
//!
//! *Try this*: put a `sleep` of 1 ms into the loops that look: cheap, but up to 1 ms late. A notification is neither.
//!
//! *Key line*: who is told looks twice at most

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{fs, io, thread};

use selvedge::runtime::{Builder, Runtime};
use selvedge::sync::Event;
use selvedge::task::yield_now;

const WAIT: Duration = Duration::from_millis(200);

fn main() -> io::Result<()> {
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let busy_task = report("a task looks again and again", || task_looks(&runtime));
    let busy_thread = report("a thread looks again and again", thread_looks);
    let told_task = report("a task is told", || task_is_told(&runtime));
    let told_thread = report("a thread is told", thread_is_told);
    for (busy, told) in [(busy_task, told_task), (busy_thread, told_thread)] {
        assert!(busy.0 > told.0 && told.0 <= 2);
        assert!(
            told.1 < busy.1 || told.1.is_none(),
            "looking costs CPU time"
        );
    }
    println!("who is told looks twice at most");
    Ok(())
}

/// How often a waiter looked, and the CPU time of the process meanwhile.
type Cost = (u64, Option<Duration>);

fn report(who: &str, wait: impl FnOnce() -> u64) -> Cost {
    let before = cpu_time();
    let looks = wait();
    let used = cpu_time().zip(before).map(|(after, before)| after - before);
    println!("  {who:<31} looked {looks:>9} times, CPU time {used:?}");
    (looks, used)
}

/// Wrong: the task is ready all the time, and so keeps its worker awake and in every other task's way.
fn task_looks(runtime: &Runtime) -> u64 {
    let flag = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&flag);
    let looking = runtime.spawn(async move {
        let mut looks = 1;
        while !seen.load(Ordering::Acquire) {
            looks += 1;
            yield_now().await;
        }
        looks
    });
    thread::sleep(WAIT);
    flag.store(true, Ordering::Release);
    runtime.block_on(looking).expect("a task that ends")
}

/// Right: the task leaves a waker with the event, and is not polled until that is called.
fn task_is_told(runtime: &Runtime) -> u64 {
    let event = Arc::new(Event::new());
    let awaited = Arc::clone(&event);
    let waiting = runtime.spawn(async move {
        let looks = 1 + u64::from(!awaited.is_set());
        awaited.wait().await;
        looks
    });
    thread::sleep(WAIT);
    event.set();
    runtime.block_on(waiting).expect("a task that ends")
}

/// Wrong: the thread keeps a processor busy.
fn thread_looks() -> u64 {
    let flag = AtomicBool::new(false);
    thread::scope(|scope| {
        let looking = scope.spawn(|| {
            let mut looks = 1;
            while !flag.load(Ordering::Acquire) {
                looks += 1;
                std::hint::spin_loop();
            }
            looks
        });
        thread::sleep(WAIT);
        flag.store(true, Ordering::Release);
        looking.join().expect("a thread that ends")
    })
}

/// Right: the kernel lets it sleep.
fn thread_is_told() -> u64 {
    let event = Event::new();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let looks = 1 + u64::from(!event.is_set());
            event.blocking_wait();
            looks
        });
        thread::sleep(WAIT);
        event.set();
        waiting.join().expect("a thread that ends")
    })
}

/// User and system time of this process: fields 14 and 15 of Linux's `/proc/self/stat`, in 10 ms.
fn cpu_time() -> Option<Duration> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    Some(Duration::from_millis(10 * (ticks()? + ticks()?)))
}
