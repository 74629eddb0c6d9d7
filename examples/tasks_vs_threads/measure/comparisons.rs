//! The list of comparisons: what is asked, how it is measured, and in which rows the answer appears.

use super::{
    Comparison, Row, Unit, blocker, busy_waiting, condvar, contention, context_switch, counters,
    event, memory, mutex, ping_pong, pool, promise, queue, rwlock, semaphore, spawn_join, sweep,
    tcp_echo, waits,
};

/// Every comparison, in the order of the table.
pub(crate) static ALL: [Comparison; 18] = [
    Comparison {
        name: "spawn_join",
        method: "Start 100 of them, wait until all have ended, again and again. \
                 Time per one started and joined.",
        rows: &[Row::new("start one and join it", Unit::Seconds, "each")],
        sweep: None,
        measure: spawn_join::measure,
    },
    Comparison {
        name: "memory",
        method: "Start many, let each wait for a signal that has not come yet, and see by how \
                 much the resident memory (VmRSS) of the process grew. Kernel memory and address \
                 space, of which a thread takes more than a task, are not in this number.",
        rows: &[Row::new("memory of an idle one", Unit::Bytes, "each")],
        sweep: Some(&sweep::ALIVE),
        measure: memory::measure,
    },
    Comparison {
        name: "context_switch",
        method: "Four of them per CPU do nothing but give way to the next one: yield_now().await \
                 in tasks, thread::yield_now() in threads. Time of one CPU per switch that really \
                 took place; the kernel counts those of threads.",
        rows: &[Row::new("give way to another", Unit::Seconds, "each")],
        sweep: None,
        measure: context_switch::measure,
    },
    Comparison {
        name: "ping_pong",
        method: "Two of them pass a number back and forth: tasks by two Notify, threads by two \
                 std::sync::mpsc channels. Time per round trip.",
        rows: &[Row::new(
            "message there and back",
            Unit::Seconds,
            "round_trip",
        )],
        sweep: None,
        measure: ping_pong::measure,
    },
    Comparison {
        name: "tcp_echo",
        method: "A server process with one task, or one blocking thread, per connection; a client \
                 process that keeps one 64-byte request in flight on every connection. The client \
                 is the same for both and shares the CPUs with the server. Memory is what the \
                 server grew by, per connection.",
        rows: &[
            Row::new("echo server: time per request", Unit::Seconds, "request"),
            Row::new("echo server: slowest 1 % (p99)", Unit::Seconds, "p99"),
            Row::new("echo server: memory per client", Unit::Bytes, "memory"),
        ],
        sweep: None,
        measure: tcp_echo::measure,
    },
    Comparison {
        name: "blocker",
        method: "A CPU-bound job is cut into chunks of about 1 ms, one task or one thread per \
                 chunk. Meanwhile one of them sleeps with std::thread::sleep, which in a task \
                 holds up its whole worker, and a ticker wants to run every 1 ms. The last two \
                 rows are the same job with the sleep moved to spawn_blocking, beside the \
                 same threads: the worker is free again, but chunks still run to their end \
                 before the ticker may. On a busy machine many threads also get a larger share \
                 of the CPUs than a few workers.",
        rows: &[
            Row::new("CPU job + blocker: total time", Unit::Seconds, "total"),
            Row::new("CPU job + blocker: 1 ms tick late", Unit::Seconds, "gap"),
            Row {
                title: "… in spawn_blocking: total time",
                unit: Unit::Seconds,
                task_value: "cured_total",
                thread_value: "total",
            },
            Row {
                title: "… in spawn_blocking: tick late",
                unit: Unit::Seconds,
                task_value: "cured_gap",
                thread_value: "gap",
            },
        ],
        sweep: None,
        measure: blocker::measure,
    },
    Comparison {
        name: "mutex",
        method: "Eight increment one number behind a lock. selvedge::sync::Mutex in tasks (which \
                 lets the others run while it waits, and serves in order), std::sync::Mutex in \
                 threads; then std's lock in the tasks too, as is right where nothing is awaited \
                 under it, and parking_lot's lock in the threads.",
        rows: &[
            Row::new("lock, 8 want it", Unit::Seconds, "each"),
            Row::beside("… std's lock in the tasks", Unit::Seconds, "std", "each"),
            Row::beside("… beside parking_lot", Unit::Seconds, "each", "parking_lot"),
        ],
        sweep: None,
        measure: mutex::measure,
    },
    Comparison {
        name: "semaphore",
        method: "Ten jobs share three permits; whoever has one gives way once and puts it back. \
                 std has no semaphore, so the threads use a Mutex and a Condvar.",
        rows: &[Row::new("semaphore, 10 jobs on 3", Unit::Seconds, "each")],
        sweep: None,
        measure: semaphore::measure,
    },
    Comparison {
        name: "condvar",
        method: "Two take turns: each waits with a condition variable until it is its turn. Time \
                 per turn.",
        rows: &[Row::new(
            "condition variable: a turn",
            Unit::Seconds,
            "each",
        )],
        sweep: None,
        measure: condvar::measure,
    },
    Comparison {
        name: "event",
        method: "One wakes 64 who wait, when all of them wait: Notify::notify_waiters, beside \
                 Condvar::notify_all with a predicate. Time per waiter woken.",
        rows: &[Row::new("event: wake one of 64", Unit::Seconds, "each")],
        sweep: None,
        measure: event::measure,
    },
    Comparison {
        name: "queue",
        method: "Two producers, one consumer, room for 64 items: selvedge::sync::mpsc beside \
                 std::sync::mpsc::sync_channel and crossbeam_channel::bounded. Time per item.",
        rows: &[
            Row::new("queue: pass an item", Unit::Seconds, "each"),
            Row::beside("… beside crossbeam", Unit::Seconds, "each", "crossbeam"),
        ],
        sweep: None,
        measure: queue::measure,
    },
    Comparison {
        name: "rwlock",
        method: "Eight use one number behind a read-write lock; each 16th time they write.",
        rows: &[
            Row::new("read-write lock, 8 use it", Unit::Seconds, "each"),
            Row::beside("… beside parking_lot", Unit::Seconds, "each", "parking_lot"),
        ],
        sweep: None,
        measure: rwlock::measure,
    },
    Comparison {
        name: "pool",
        method: "Jobs of about 10 µs of computing, 100 under way at once: a task for each, beside \
                 selvedge::pool::ThreadPool with as many threads as the runtime has workers, and \
                 beside a thread for each. Time per job.",
        rows: &[
            Row::beside(
                "10 µs job: a pool of threads",
                Unit::Seconds,
                "each",
                "pooled",
            ),
            Row::beside(
                "10 µs job: a thread for each",
                Unit::Seconds,
                "each",
                "spawned",
            ),
        ],
        sweep: None,
        measure: pool::measure,
    },
    Comparison {
        name: "promise",
        method: "One makes a promise, gives it to another, who resolves it, and waits for the \
                 value: selvedge::sync::Promise, beside a std::sync::mpsc::sync_channel(1) used \
                 once. Two threads that wake each other are quick while the kernel keeps both on \
                 one CPU, and slow when it does not, which shows as a wide spread.",
        rows: &[Row::new("promise: ask and get", Unit::Seconds, "each")],
        sweep: None,
        measure: promise::measure,
    },
    Comparison {
        name: "contention",
        method: "64 of them add to shared numbers: all behind one lock, 64 numbers with a lock \
                 each, 64 atomic numbers. The curves repeat it with 1 to 64 of them. Tasks give \
                 way every 64 additions, threads when the kernel says so.",
        rows: &[
            Row::new("64 contend: one lock", Unit::Seconds, "lock"),
            Row::new("64 contend: 64 locks", Unit::Seconds, "stripes"),
            Row::new("64 contend: 64 atomics", Unit::Seconds, "atomics"),
        ],
        sweep: Some(&sweep::CONTENDERS),
        measure: contention::measure,
    },
    Comparison {
        name: "counters",
        method: "Eight count with the same counter, which is not async: LockedCounter, \
                 AtomicCounter and the striped Counter of selvedge::sync::counter.",
        rows: &[
            Row::new("counter behind a lock", Unit::Seconds, "locked"),
            Row::new("counter in one atomic", Unit::Seconds, "atomic"),
            Row::new("counter in stripes", Unit::Seconds, "striped"),
        ],
        sweep: None,
        measure: counters::measure,
    },
    Comparison {
        name: "busy_waiting",
        method: "Something happens every 1 ms, and one waits for it: told by Notify or by \
                 thread::unpark, or asking all the time and giving way in between. The numbers \
                 are CPU time per event.",
        rows: &[
            Row::new("1 ms wait, told: CPU time", Unit::Seconds, "told.cpu"),
            Row::new("1 ms wait, asking: CPU time", Unit::Seconds, "asking.cpu"),
        ],
        sweep: None,
        measure: busy_waiting::measure,
    },
    Comparison {
        name: "waits",
        method: "Ten times --threads of them, at most 10000, each wait 100 ms, all at once. \
                 Time until the last has ended; memory is what the process grew by at its peak, \
                 per wait.",
        rows: &[
            Row::new("many 100 ms waits: all over", Unit::Seconds, "all"),
            Row::new("many 100 ms waits: CPU time", Unit::Seconds, "all.cpu"),
            Row::new("many 100 ms waits: memory of one", Unit::Bytes, "memory"),
        ],
        sweep: None,
        measure: waits::measure,
    },
];
