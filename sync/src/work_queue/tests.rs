//! Orders, waits, jobs, and the end of the queue.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::sync::Mutex;
use std::task::{Context, Poll};
use std::thread;

use super::*;
use crate::context::{self, Budget};
use crate::counting_waker::{CountingWaker, idle_context};

fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut idle_context())
}

/// A future that has to wait, and how often it was woken.
fn waiting<'a, F: Future + 'a>(future: F) -> (Pin<Box<F>>, Arc<CountingWaker>) {
    let (count, waker) = CountingWaker::pair();
    let mut future = Box::pin(future);
    assert!(
        future
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    (future, count)
}

fn ready<F: Future>(future: F) -> F::Output {
    match poll(pin!(future)) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it should be ready"),
    }
}

/// Gets all that is there.
fn drained<T>(queue: &WorkQueue<T>) -> Vec<T> {
    std::iter::from_fn(|| queue.try_get().ok().map(Job::into_inner)).collect()
}

#[test]
fn items_come_out_in_the_chosen_order() {
    let items = [(2, 'a'), (1, 'b'), (3, 'c'), (1, 'd')];
    let letters = |queue: WorkQueue<(i64, char)>| {
        for item in items {
            queue.try_put(item).unwrap();
        }
        drained(&queue)
            .into_iter()
            .map(|(_, letter)| letter)
            .collect::<String>()
    };
    assert_eq!(letters(WorkQueue::new(4)), "abcd");
    assert_eq!(letters(WorkQueue::lifo(4)), "dcba");
    assert_eq!(
        letters(WorkQueue::priority(4, |item: &(i64, char)| item.0)),
        "bdac"
    );
    assert_eq!(letters(WorkQueue::unbounded()), "abcd");
    assert_eq!(letters(WorkQueue::unbounded_lifo()), "dcba");
    assert_eq!(
        letters(WorkQueue::unbounded_priority(|item: &(i64, char)| -item.0)),
        "cabd"
    );
}

#[test]
fn the_numbers_tell_what_is_there() {
    let queue = WorkQueue::new(2);
    assert_eq!(
        (queue.capacity(), queue.is_empty(), queue.is_full()),
        (Some(2), true, false)
    );
    ready(queue.put(1)).unwrap();
    queue.try_put(2).unwrap();
    assert_eq!(
        (queue.len(), queue.unfinished(), queue.is_full()),
        (2, 2, true)
    );
    assert_eq!(queue.try_put(3), Err(TryPutError::Full(3)));
    let job = ready(queue.get()).unwrap();
    assert_eq!((*job, queue.len(), queue.unfinished()), (1, 1, 2));
    assert_eq!(
        format!("{queue:?}"),
        "WorkQueue { items: 1, unfinished: 2, capacity: Some(2), phase: Open }"
    );
    drop(job);
    assert_eq!(queue.unfinished(), 1);
    assert_eq!(WorkQueue::<u8>::unbounded().capacity(), None);
    assert!(catch_unwind(|| WorkQueue::<u8>::new(0)).is_err());
}

#[test]
fn those_who_wait_for_room_are_served_in_order() {
    let queue = WorkQueue::new(1);
    queue.try_put(0).unwrap();
    let (mut first, first_woken) = waiting(queue.put(1));
    let (mut second, second_woken) = waiting(queue.put(2));
    assert_eq!(drained(&queue), [0]);
    assert_eq!((first_woken.wakes(), second_woken.wakes()), (1, 0));
    assert_eq!(
        queue.try_put(9),
        Err(TryPutError::Full(9)),
        "nobody overtakes"
    );
    assert!(poll(second.as_mut()).is_pending());
    assert_eq!(poll(first.as_mut()), Poll::Ready(Ok(())));
    assert_eq!(drained(&queue), [1]);
    assert_eq!(poll(second.as_mut()), Poll::Ready(Ok(())));
}

#[test]
fn those_who_wait_for_items_are_served_in_order() {
    let queue = WorkQueue::new(2);
    let (mut first, first_woken) = waiting(queue.get());
    let (mut second, second_woken) = waiting(queue.get());
    queue.try_put(1).unwrap();
    assert_eq!((first_woken.wakes(), second_woken.wakes()), (1, 0));
    assert_eq!(
        queue.try_get().unwrap_err(),
        TryGetError::Empty,
        "nobody overtakes"
    );
    assert!(poll(second.as_mut()).is_pending());
    let Poll::Ready(Ok(job)) = poll(first.as_mut()) else {
        panic!("it was granted");
    };
    assert_eq!(*job, 1);
    queue.try_put(2).unwrap();
    assert!(matches!(poll(second.as_mut()), Poll::Ready(Ok(job)) if *job == 2));
}

#[test]
fn r_077_what_the_cancelled_were_granted_goes_to_the_next() {
    let queue = WorkQueue::new(1);
    let (leaves, _) = waiting(queue.get());
    let (mut heir, woken) = waiting(queue.get());
    queue.try_put(1).unwrap();
    drop(leaves);
    assert_eq!(woken.wakes(), 1);
    assert!(matches!(poll(heir.as_mut()), Poll::Ready(Ok(job)) if *job == 1));
    let (leaves, _) = waiting(queue.get());
    queue.try_put(2).unwrap();
    drop(leaves);

    let (leaves, _) = waiting(queue.put(3));
    let (mut heir, woken) = waiting(queue.put(4));
    assert_eq!(drained(&queue), [2], "it stayed in the queue");
    drop(leaves);
    assert_eq!(woken.wakes(), 1);
    assert_eq!(poll(heir.as_mut()), Poll::Ready(Ok(())));
    assert_eq!(drained(&queue), [4], "what was cancelled was not put");
}

#[test]
fn r_082_a_wait_without_budget_keeps_its_turn() {
    let mut spent = Budget::initial();
    context::with_budget(Budget::initial(), || {
        while let Poll::Ready(unit) = context::poll_proceed(&mut idle_context()) {
            unit.made_progress();
        }
        spent = context::budget();
    });
    let queue = WorkQueue::new(1);
    let mut puts = pin!(queue.put(1));
    context::with_budget(spent, || assert!(poll(puts.as_mut()).is_pending()));
    assert_eq!(queue.try_put(9), Err(TryPutError::Full(9)));
    assert_eq!(poll(puts), Poll::Ready(Ok(())));
    let mut gets = pin!(queue.get());
    context::with_budget(spent, || assert!(poll(gets.as_mut()).is_pending()));
    assert_eq!(queue.try_get().unwrap_err(), TryGetError::Empty);
    context::with_budget(Budget::initial(), || {
        assert!(poll(gets.as_mut()).is_ready());
        assert_ne!(context::budget(), Budget::initial(), "it is charged");
    });
    let pending = queue.get();
    context::with_budget(Budget::initial(), || {
        assert!(poll(pin!(pending)).is_pending());
        assert_eq!(context::budget(), Budget::initial(), "only when it is done");
    });
}

#[test]
fn reserved_room_is_used_or_given_back() {
    let queue = WorkQueue::new(1);
    let permit = ready(queue.reserve()).unwrap();
    assert!(queue.is_full());
    let (mut next, woken) = waiting(queue.put(2));
    drop(permit);
    assert_eq!(woken.wakes(), 1);
    assert_eq!(poll(next.as_mut()), Poll::Ready(Ok(())));
    let _item = queue.try_get().unwrap();
    ready(queue.reserve()).unwrap().put(3).unwrap();
    assert_eq!(drained(&queue), [3]);
    let late = ready(queue.reserve()).unwrap();
    queue.shutdown(false);
    assert_eq!(late.put(4), Err(PutError(4)));
    assert_eq!(ready(queue.reserve()).map(drop), Err(QueueShutDown(())));
}

#[test]
fn join_waits_for_items_and_jobs() {
    let queue = WorkQueue::new(3);
    ready(queue.join());
    for number in 0..3 {
        queue.try_put(number).unwrap();
    }
    let (mut join, woken) = waiting(queue.join());
    let panics = queue.try_get().unwrap();
    let worker = catch_unwind(AssertUnwindSafe(|| {
        let _job = panics;
        resume_unwind(Box::new("worker"));
    }));
    assert!(worker.is_err());
    assert_eq!(queue.unfinished(), 2, "its job counts as done");
    assert_eq!(queue.try_get().unwrap().into_inner(), 1);
    let (last, duty) = queue.try_get().unwrap().into_parts();
    assert_eq!((last, queue.len(), woken.wakes()), (2, 0, 0));
    drop(duty);
    assert_eq!(woken.wakes(), 1);
    queue.try_put(9).unwrap();
    assert!(poll(join.as_mut()).is_ready(), "it was done for a moment");
    assert!(poll(join.as_mut()).is_ready(), "it stays so");
}

#[test]
fn a_job_can_go_back_whether_there_is_room_or_not() {
    let queue = WorkQueue::new(1);
    queue.try_put('a').unwrap();
    let job = queue.try_get().unwrap();
    queue.try_put('b').unwrap();
    job.retry().unwrap();
    assert_eq!((queue.len(), queue.unfinished()), (2, 2));
    let (mut puts, woken) = waiting(queue.put('c'));
    drop(queue.try_get().unwrap());
    assert_eq!(woken.wakes(), 0, "still full");
    queue.shutdown(false);
    assert_eq!(poll(puts.as_mut()), Poll::Ready(Err(PutError('c'))));
    queue.try_get().unwrap().retry().expect("while it drains");
    let job = queue.try_get().unwrap();
    queue.shutdown(true);
    assert_eq!(job.retry(), Err(PutError('a')));
    assert_eq!(queue.unfinished(), 0);
}

#[test]
fn a_shutdown_lets_the_rest_be_drained() {
    let queue = WorkQueue::new(2);
    let (mut gets, _) = waiting(queue.get());
    queue.try_put(1).unwrap();
    queue.try_put(2).unwrap();
    let (mut puts, put_woken) = waiting(queue.put(3));
    queue.shutdown(false);
    assert!(queue.is_shut_down());
    assert_eq!(put_woken.wakes(), 1);
    assert_eq!(poll(puts.as_mut()), Poll::Ready(Err(PutError(3))));
    assert_eq!(ready(queue.put(4)), Err(PutError(4)));
    assert_eq!(queue.try_put(5), Err(TryPutError::ShutDown(5)));
    assert_eq!(drained(&queue), [1]);
    // The other one is granted to who waits; one more may still hope for it.
    let (mut hopes, hope_woken) = waiting(queue.get());
    assert!(matches!(poll(gets.as_mut()), Poll::Ready(Ok(job)) if *job == 2));
    assert_eq!(hope_woken.wakes(), 1);
    assert_eq!(
        poll(hopes.as_mut()).map(Result::err),
        Poll::Ready(Some(QueueShutDown(())))
    );
    assert_eq!(queue.try_get().unwrap_err(), TryGetError::ShutDown);
    assert!(ready(queue.get()).is_err());
    ready(queue.join());
}

#[test]
fn a_shutdown_at_once_discards_the_rest() {
    let item = Arc::new(());
    let queue = WorkQueue::new(3);
    let (mut granted, _) = waiting(queue.get());
    for _ in 0..3 {
        queue.try_put(item.clone()).unwrap();
    }
    let job = queue.try_get().unwrap();
    let (mut join, join_woken) = waiting(queue.join());
    queue.shutdown(true);
    assert_eq!(Arc::strong_count(&item), 2, "the job's is left");
    assert!(matches!(poll(granted.as_mut()), Poll::Ready(Err(_))));
    assert_eq!(
        (queue.len(), queue.unfinished(), join_woken.wakes()),
        (0, 1, 0)
    );
    drop(job);
    assert_eq!(join_woken.wakes(), 1);
    assert!(poll(join.as_mut()).is_ready());
    queue.shutdown(false);
    assert!(ready(queue.get()).is_err());
}

#[test]
fn a_cancelled_wait_at_an_ended_queue_gives_nothing_back() {
    let queue = WorkQueue::new(1);
    let (granted, _) = waiting(queue.get());
    queue.try_put(1).unwrap();
    queue.shutdown(true);
    drop(granted);
    assert_eq!((queue.len(), queue.unfinished()), (0, 0));

    let queue = WorkQueue::new(1);
    let permit = ready(queue.reserve()).unwrap();
    let (told, woken) = waiting(queue.put(1));
    queue.shutdown(false);
    assert_eq!(woken.wakes(), 1);
    drop(told);
    assert!(
        queue.is_full(),
        "the room of the permit is not theirs to give"
    );
    drop(permit);
}

/// The items of a queue whose foreign code calls the queue again.
struct Reenters(Arc<Mutex<Option<WorkQueue<Reenters>>>>);

impl Drop for Reenters {
    fn drop(&mut self) {
        if let Some(queue) = &*self.0.lock().unwrap() {
            assert!(queue.len() <= 2);
        }
    }
}

#[test]
fn foreign_code_runs_without_the_lock() {
    let own = Arc::new(Mutex::new(None));
    let queue = WorkQueue::priority(2, |item: &Reenters| {
        let queue = item.0.lock().unwrap();
        queue
            .as_ref()
            .map_or(0, |queue: &WorkQueue<Reenters>| queue.len() as i64)
    });
    *own.lock().unwrap() = Some(queue.clone());
    let item = || Reenters(own.clone());
    queue.try_put(item()).unwrap();
    queue.try_put(item()).unwrap();
    drop(queue.try_put(item()).unwrap_err());
    drop(queue.try_get().unwrap());
    queue.shutdown(true);
    *own.lock().unwrap() = None;
}

#[test]
fn r_034_a_panic_while_ranking_loses_no_room_and_no_job() {
    let queue = WorkQueue::priority(1, |item: &i64| match item {
        13 => resume_unwind(Box::new("rank")),
        _ => *item,
    });
    let panics = |f: &mut dyn FnMut()| assert!(catch_unwind(AssertUnwindSafe(f)).is_err());
    panics(&mut || queue.try_put(13).unwrap());
    panics(&mut || ready(queue.reserve()).unwrap().put(13).unwrap());
    queue.try_put(1).unwrap();
    let mut job = Some(queue.try_get().unwrap());
    panics(&mut || {
        let mut job = job.take().unwrap();
        *job = 13;
        job.retry().unwrap();
    });
    assert_eq!(
        (queue.len(), queue.unfinished(), queue.is_full()),
        (0, 0, false)
    );
}

#[test]
fn plain_threads_take_part() {
    let queue = WorkQueue::<u32>::new(1);
    let worker = {
        let queue = queue.clone();
        thread::spawn(move || {
            let mut sum = 0;
            while let Ok(job) = queue.blocking_get() {
                sum += job.into_inner();
            }
            sum
        })
    };
    for number in 1..=10 {
        queue.blocking_put(number).unwrap();
    }
    queue.blocking_join();
    queue.shutdown(false);
    assert_eq!(worker.join().unwrap(), 55);
}

#[test]
fn time_limits_give_the_item_back() {
    let none = Duration::ZERO;
    let queue = WorkQueue::new(1);
    assert_eq!(queue.blocking_get_timeout(none).map(drop), Err(Elapsed(())));
    assert_eq!(queue.blocking_put_timeout(1, none), Ok(()));
    assert_eq!(
        queue.blocking_put_timeout(2, none),
        Err(PutTimeoutError::Timeout(2))
    );
    assert_eq!(queue.blocking_join_timeout(none), Err(Elapsed(())));
    assert_eq!(drained(&queue), [1]);
    assert_eq!(queue.blocking_join_timeout(none), Ok(()));
    queue.shutdown(false);
    let refused = queue.blocking_put_timeout(3, none).unwrap_err();
    assert_eq!(refused.to_string(), "work queue shut down");
    assert_eq!(refused.into_inner(), 3);
}
