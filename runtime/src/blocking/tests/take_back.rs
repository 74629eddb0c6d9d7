//! Jobs that leave the queue without a thread: taken back, or cancelled by a second close.

use super::*;
use crate::blocking::OnClose;

#[test]
fn a_queued_job_is_taken_back_once_and_the_latest_first() {
    let pool = pool(1);
    let release = hold(&pool);
    let (ran, has_run) = channel();
    for number in 0..4 {
        let ran = ran.clone();
        let run = move || ran.send(number).expect("the test listens");
        let is_mandatory = number % 2 == 0;
        accept(
            &pool,
            Work {
                is_mandatory,
                ..work(run)
            },
        );
    }
    for expected in [2, 0] {
        let taken = pool.take(Job::is_mandatory).expect("it is queued");
        taken.run();
        assert_eq!(receive(&has_run), expected);
    }
    assert!(pool.take(Job::is_mandatory).is_none());
    assert_eq!(pool.metrics().queued, 2);
    drop(release);
    assert_eq!([receive(&has_run), receive(&has_run)], [1, 3]);
    assert!(pool.shutdown(None));
}

#[test]
fn closing_again_cancels_what_was_kept() {
    let pool = pool(1);
    let release = hold(&pool);
    let (cancelled, is_cancelled) = channel();
    accept(
        &pool,
        Work {
            run: Box::new(|| panic!("ran although it was cancelled")),
            cancelled: Some(cancelled),
            is_mandatory: false,
        },
    );
    assert_eq!(pool.close(|_| true), OnClose::First);
    assert_eq!(pool.metrics().queued, 1);
    assert_eq!(pool.close(|_| false), OnClose::Already);
    assert_eq!(receive(&is_cancelled), "cancelled");
    drop(release);
    pool.join();
    assert_eq!(pool.metrics().threads, 0);
}
