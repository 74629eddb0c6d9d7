//! Setting once, and waiting for it.

use std::pin::pin;
use std::sync::Arc;
use std::thread;

use super::*;
use crate::counting_waker::{CountingWaker, idle_context};
use crate::wake_batch::WAKE_BATCH_CAP;

fn poll<'a, T>(wait: Pin<&mut SetOnceWait<'a, T>>) -> Poll<&'a T> {
    wait.poll(&mut idle_context())
}

#[test]
fn the_first_value_stays() {
    let once = SetOnce::new();
    assert_eq!((once.get(), once.initialized()), (None, false));
    once.set(1).unwrap();
    assert_eq!(once.set(2), Err(SetOnceError(2)));
    assert_eq!(once.get(), Some(&1));
    assert_eq!(poll(pin!(once.wait())), Poll::Ready(&1));
    assert_eq!(once.clone(), once);
    assert_eq!(format!("{once:?}"), "SetOnce { value: Some(1) }");
    assert_eq!(once.into_inner(), Some(1));
    assert_eq!(SetOnce::from(3), SetOnce::new_with(Some(3)));
    assert_eq!(SetOnce::<u8>::default().into_inner(), None);
}

#[test]
fn all_who_wait_are_woken_once() {
    let once = SetOnce::new();
    let (count, waker) = CountingWaker::pair();
    let mut waits: Vec<_> = (0..2 * WAKE_BATCH_CAP + 1)
        .map(|_| Box::pin(once.wait()))
        .collect();
    for wait in &mut waits {
        let mut cx = Context::from_waker(&waker);
        assert!(wait.as_mut().poll(&mut cx).is_pending());
    }
    drop(waits.remove(1));
    once.set("value").unwrap();
    assert_eq!(count.wakes(), waits.len());
    for wait in &mut waits {
        assert_eq!(poll(wait.as_mut()), Poll::Ready(&"value"));
        assert_eq!(poll(wait.as_mut()), Poll::Ready(&"value"), "it stays so");
    }
}

#[test]
fn the_value_is_dropped_once() {
    let value = Arc::new(());
    let once = SetOnce::new();
    once.set(value.clone()).unwrap();
    drop(once.set(value.clone()).unwrap_err());
    assert_eq!(Arc::strong_count(&value), 2);
    let copy = once.clone();
    drop((once, copy.into_inner()));
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
fn plain_threads_wait() {
    let once = Arc::new(SetOnce::new());
    let limit = Duration::ZERO;
    assert_eq!(once.blocking_wait_timeout(limit), Err(Elapsed(())));
    let thread = {
        let once = once.clone();
        thread::spawn(move || *once.blocking_wait())
    };
    once.set(5).unwrap();
    assert_eq!(thread.join().unwrap(), 5);
    assert_eq!(once.blocking_wait_timeout(limit), Ok(&5));
}
