//! Each stream gives what its receiver does.

use std::pin::Pin;
use std::task::Poll;

use futures_core::Stream;

use super::*;
use crate::counting_waker::idle_context;

fn next<S: Stream + Unpin>(stream: &mut S) -> Poll<Option<S::Item>> {
    Pin::new(stream).poll_next(&mut idle_context())
}

#[test]
fn bounded() {
    let (tx, rx) = crate::mpsc::channel(2);
    let mut stream = ReceiverStream::from(rx);
    assert_eq!(next(&mut stream), Poll::Pending);
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    assert_eq!(stream.size_hint(), (2, None));
    assert_eq!(next(&mut stream), Poll::Ready(Some(1)));
    stream.close();
    assert_eq!(next(&mut stream), Poll::Ready(Some(2)));
    assert_eq!(next(&mut stream), Poll::Ready(None));
    assert!(stream.into_inner().is_closed());
}

#[test]
fn unbounded() {
    let (tx, rx) = crate::mpsc::unbounded_channel();
    let mut stream = UnboundedReceiverStream::new(rx);
    tx.send(1).unwrap();
    drop(tx);
    assert_eq!(next(&mut stream), Poll::Ready(Some(1)));
    assert_eq!(next(&mut stream), Poll::Ready(None));
}

#[test]
fn of_many_receivers() {
    let (tx, rx) = crate::mpmc::channel(2);
    let mut streams = [rx.clone(), rx].map(MpmcReceiverStream::new);
    assert_eq!(next(&mut streams[0]), Poll::Pending);
    assert_eq!(next(&mut streams[1]), Poll::Pending);
    tx.try_send(1).unwrap();
    let [first, mut second] = streams;
    // Its promise goes to the next in the queue.
    let rx = first.into_inner();
    assert_eq!(next(&mut second), Poll::Ready(Some(1)));
    assert_eq!(next(&mut second), Poll::Pending);
    drop((tx, rx));
    assert_eq!(next(&mut second), Poll::Ready(None));
}

#[test]
fn of_a_broadcast() {
    let (tx, rx) = crate::broadcast::channel(2);
    let mut stream = BroadcastStream::from(rx);
    assert_eq!(next(&mut stream), Poll::Pending);
    for message in 1..=3 {
        tx.send(message).unwrap();
    }
    let lagged = BroadcastStreamRecvError::Lagged(1);
    assert!(lagged.to_string().contains("lagged by 1"));
    assert_eq!(next(&mut stream), Poll::Ready(Some(Err(lagged))));
    assert_eq!(next(&mut stream), Poll::Ready(Some(Ok(2))));
    drop(tx);
    assert_eq!(stream.as_ref().len(), 1);
    assert_eq!(next(&mut stream), Poll::Ready(Some(Ok(3))));
    assert_eq!(next(&mut stream), Poll::Ready(None));
    assert!(stream.into_inner().is_closed());
}

#[test]
fn of_a_watch() {
    let (tx, rx) = crate::watch::channel(1);
    let mut changes = WatchStream::from_changes(rx.clone());
    let mut all = WatchStream::from(rx);
    assert_eq!(next(&mut all), Poll::Ready(Some(1)));
    for stream in [&mut changes, &mut all] {
        assert_eq!(next(stream), Poll::Pending);
    }
    tx.send(2).unwrap();
    tx.send(3).unwrap();
    drop(tx);
    for stream in [&mut changes, &mut all] {
        assert_eq!(next(stream), Poll::Ready(Some(3)));
        assert_eq!(next(stream), Poll::Ready(None));
    }
    assert!(changes.into_inner().same_channel(all.as_ref()));
}
