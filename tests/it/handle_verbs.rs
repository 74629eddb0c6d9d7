//! What the handles of tasks, of blocking work and of jobs have in common beside awaiting.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use selvedge::pool::ThreadPool;
use selvedge::sync::Mutex;
use selvedge::task::{self, JoinError};

use crate::support::{
    Drops, Gate, PATIENCE, both_flavors, current_thread, multi_thread, panic_of, wait_until,
    watched,
};

both_flavors! {
    fn a_plain_thread_waits_for_a_task(flavor) {
        let runtime = flavor.build();
        let (send, receive) = selvedge::sync::oneshot::channel();
        let mut task = runtime.spawn(async { receive.await.unwrap() });
        assert!(task.result_timeout(Duration::from_millis(1)).is_err());
        thread::scope(|scope| {
            let waiter = scope.spawn(|| task.result().unwrap());
            send.send(42).unwrap();
            while !waiter.is_finished() {
                runtime.block_on(task::yield_now());
            }
            assert_eq!(waiter.join().unwrap(), 42);
        });
    }

    fn a_task_that_was_never_polled_is_cancelled(flavor) {
        let runtime = flavor.build();
        let drops = Drops::new();
        let value = drops.counted();
        runtime.block_on(async {
            // The worker of this task, or the only one, cannot get at it meanwhile.
            let (task, cancelled) = selvedge::spawn(async move {
                let task = selvedge::spawn(async move { drop(value) });
                let cancelled = task.cancel();
                (task, cancelled)
            }).await.unwrap();
            match task.await {
                Err(error) => assert!(error.is_cancelled() && cancelled),
                // Another worker was faster.
                Ok(()) => assert!(!cancelled),
            }
        });
        assert_eq!(drops.count(), 1);
    }

    fn a_task_that_was_polled_is_not_cancelled(flavor) {
        let runtime = flavor.build();
        let (send, receive) = selvedge::sync::oneshot::channel();
        runtime.block_on(async {
            let (begins, has_begun) = selvedge::sync::oneshot::channel();
            let task = selvedge::spawn(async {
                begins.send(()).unwrap();
                receive.await.unwrap()
            });
            has_begun.await.unwrap();
            assert!(!task.cancel() && !task.abort_handle().cancel());
            send.send(1).unwrap();
            assert_eq!(task.await.unwrap(), 1);
        });
    }

    fn blocking_work_has_the_verbs(flavor) {
        let runtime = flavor.builder().max_blocking_threads(1).build().unwrap();
        let gate = Gate::new();
        let _open = gate.open_on_drop();
        let (begins, has_begun) = mpsc::channel();
        let closed = gate.clone();
        let mut first = runtime.spawn_blocking(move || {
            begins.send(()).unwrap();
            closed.pass();
        });
        has_begun.recv().unwrap();
        let second = runtime.spawn_blocking(|| unreachable!("it was cancelled"));
        let third = runtime.spawn_blocking(|| 3);
        assert!(!first.cancel() && second.cancel());
        assert!(first.result_timeout(Duration::ZERO).is_err());
        let (send, receive) = mpsc::channel();
        third.on_done(move |result| send.send(result.unwrap()).unwrap());
        gate.open();
        first.result().unwrap();
        assert!(second.result().unwrap_err().is_cancelled());
        assert_eq!(receive.recv().unwrap(), 3);
    }

    /// One thread for blocking work, and work that waits for work.
    fn blocking_work_waits_for_its_like_on_a_single_thread(flavor) {
        let runtime = flavor.builder().max_blocking_threads(1).build().unwrap();
        let work = runtime.spawn_blocking(|| task::spawn_blocking(|| 1).result().unwrap() + 1);
        assert_eq!(work.result().unwrap(), 2);
    }

    fn a_callback_gets_the_output_of_a_task(flavor) {
        let runtime = flavor.build();
        let (send, receive) = mpsc::channel();
        runtime.block_on(async {
            let (go, gone) = selvedge::sync::oneshot::channel::<()>();
            let task = selvedge::spawn(async { gone.await.unwrap(); task::id() });
            let id = task.id();
            let callback = send.clone();
            task.on_done(move |result| {
                callback.send((result.unwrap(), task::id())).unwrap();
            });
            go.send(()).unwrap();
            wait_for(&receive, &(id, id)).await;
        });
    }

    fn a_callback_is_told_of_the_end_without_output(flavor) {
        let runtime = flavor.build();
        let (send, receive) = mpsc::channel();
        let told = |send: &mpsc::Sender<_>| {
            let send = send.clone();
            move |result: Result<(), JoinError>| send.send(result.unwrap_err().is_panic()).unwrap()
        };
        runtime.block_on(async {
            let task = selvedge::spawn(std::future::pending::<()>());
            let abort = task.abort_handle();
            task.on_done(told(&send));
            abort.abort();
            wait_for(&receive, &false).await;
            let task = selvedge::spawn(async { task::yield_now().await; panic!("no luck") });
            task.on_done(told(&send));
            wait_for(&receive, &true).await;
            // The runtime ends before the task.
            selvedge::spawn(std::future::pending::<()>()).on_done(told(&send));
        });
        drop(runtime);
        assert!(!receive.recv().unwrap());
    }

    fn a_callback_that_panics_harms_nobody(flavor) {
        let runtime = flavor.build();
        let drops = Drops::new();
        runtime.block_on(async {
            let value = drops.counted();
            let (go, gone) = selvedge::sync::oneshot::channel::<()>();
            let task = selvedge::spawn(async { gone.await.unwrap() });
            task.on_done(move |_| {
                let _value = value;
                panic!("in a callback");
            });
            go.send(()).unwrap();
            while drops.count() == 0 {
                task::yield_now().await;
            }
            assert_eq!(selvedge::spawn(async { 1 }).await.unwrap(), 1);
        });
    }
}

/// Lets other tasks run until the next message is there.
async fn wait_for<T: PartialEq + std::fmt::Debug>(receive: &mpsc::Receiver<T>, wanted: &T) {
    loop {
        match receive.try_recv() {
            Ok(received) => return assert_eq!(received, *wanted),
            Err(mpsc::TryRecvError::Empty) => task::yield_now().await,
            Err(mpsc::TryRecvError::Disconnected) => panic!("nobody sends"),
        }
    }
}

watched! {
    fn a_callback_is_called_here_if_the_task_is_over() {
        let pool = ThreadPool::new(1);
        let mut job = pool.submit(|| 1);
        wait_until("the job is over", || job.is_finished());
        let (send, receive) = mpsc::channel();
        job.on_done(move |result| send.send((result.unwrap(), thread::current().id())).unwrap());
        assert_eq!(receive.try_recv(), Ok((1, thread::current().id())));

        job = pool.submit(|| 2);
        wait_until("the job is over", || job.is_finished());
        assert_eq!(panic_of(|| job.on_done(|_| panic!("here"))), "here");
    }

    fn the_callback_of_a_job_is_called_on_its_thread_and_may_block_it() {
        let pool = ThreadPool::builder().threads(1).name("caller").build();
        let (gate, send) = (Gate::new(), mpsc::channel());
        let results = std::sync::Arc::new(Mutex::new(Vec::new()));
        for n in 0..3 {
            let (closed, results, done) = (gate.clone(), results.clone(), send.0.clone());
            pool.submit(move || closed.pass()).on_done(move |_| {
                results.blocking_lock().push(n);
                done.send(thread::current().name().unwrap().to_owned()).unwrap();
            });
        }
        gate.open();
        for _ in 0..3 {
            assert_eq!(send.1.recv().unwrap(), "caller-0");
        }
        assert_eq!(*results.blocking_lock(), [0, 1, 2]);
    }

    fn the_callback_of_a_cancelled_job_is_called_when_its_turn_comes() {
        let (pool, gate) = (ThreadPool::new(1), Gate::new());
        let closed = gate.clone();
        let (begins, has_begun) = mpsc::channel();
        pool.submit(move || { begins.send(()).unwrap(); closed.pass() });
        has_begun.recv().unwrap();
        let (send, receive) = mpsc::channel();
        let job = pool.submit(|| unreachable!("it was cancelled"));
        let cancel = job.abort_handle();
        job.on_done(move |result: Result<(), _>| {
            send.send(result.unwrap_err().is_cancelled()).unwrap();
        });
        assert!(cancel.cancel());
        gate.open();
        assert!(receive.recv().unwrap());
        assert!(cancel.is_finished() && cancel.cancel());
    }

    /// Callbacks race with ends; each is called once, and nothing leaks.
    fn callbacks_are_called_once_each() {
        let pool = ThreadPool::new(2);
        let (drops, send) = (Drops::new(), mpsc::channel());
        for n in 0..2_000 {
            let (value, send) = (drops.counted(), send.0.clone());
            pool.submit(move || value).on_done(move |_| send.send(n).unwrap());
        }
        drop(pool);
        drop(send.0);
        let mut called: Vec<_> = send.1.iter().collect();
        called.sort_unstable();
        assert_eq!(called, (0..2_000).collect::<Vec<_>>());
        assert_eq!(drops.count(), 2_000);
    }

    fn a_handle_that_was_polled_before_gets_its_callback_called() {
        let runtime = multi_thread();
        let (go, gone) = selvedge::sync::oneshot::channel::<()>();
        let mut task = runtime.spawn(async { gone.await.unwrap(); 1 });
        let limit = Duration::from_millis(1);
        assert!(runtime.block_on(async { selvedge::time::timeout(limit, &mut task).await.is_err() }));
        let (send, receive) = mpsc::channel();
        task.on_done(move |result| send.send(result.unwrap()).unwrap());
        go.send(()).unwrap();
        assert_eq!(receive.recv_timeout(PATIENCE), Ok(1));
    }

    fn a_handle_without_output_has_no_more_to_say() {
        let runtime = current_thread();
        let mut task = runtime.spawn(async { 1 });
        assert_eq!(runtime.block_on(&mut task).unwrap(), 1);
        assert!(task.is_finished() && !task.cancel());
        assert!(panic_of(|| task.result_timeout(PATIENCE)).contains("gave its output"));
        assert!(panic_of(|| task.on_done(|_| ())).contains("given its output"));
    }
}
