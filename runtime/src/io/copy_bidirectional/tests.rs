//! Two directions that end, wait and keep busy independently of each other.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::task::Context;

use crate::io::conformance::{Hiccup, Wakes, drive, in_one_poll, sample};
use crate::io::{
    AsyncReadExt, AsyncWriteExt, copy_bidirectional, copy_bidirectional_with_sizes, duplex, join,
    repeat, sink,
};

#[test]
fn both_directions_arrive_and_both_ends_are_shut_down() {
    let mut a = Hiccup::interrupting(sample());
    let mut b = Hiccup::interrupting("short");
    let copied = drive(copy_bidirectional_with_sizes(&mut a, &mut b, 3, 1)).unwrap();
    assert_eq!(copied, (500, 5));
    assert_eq!((a.written, b.written), (b"short".to_vec(), sample()));
    assert!(a.shut_down && b.shut_down);
}

#[test]
fn one_end_may_be_over_long_before_the_other() {
    let (mut client, mut a) = duplex(64);
    let (mut server, mut b) = duplex(64);
    let mut copy = pin!(copy_bidirectional(&mut a, &mut b));
    let (wakes, waker) = Wakes::new();
    let mut cx = Context::from_waker(&waker);

    drive(client.write_all(b"question")).unwrap();
    drive(client.shutdown()).unwrap();
    assert!(copy.as_mut().poll(&mut cx).is_pending());
    let mut question = String::new();
    drive(server.read_to_string(&mut question)).unwrap();
    assert_eq!(question, "question");

    let before = wakes.count();
    drive(server.write_all(b"answer")).unwrap();
    assert!(
        wakes.count() > before,
        "the other direction still waits for this"
    );
    drop(server);
    assert_eq!(drive(copy).unwrap(), (8, 6));
    let mut answer = String::new();
    drive(client.read_to_string(&mut answer)).unwrap();
    assert_eq!(answer, "answer");
}

/// a direction that always has something to do uses up the budget of each poll it is the
/// first in; the other one gets its turn all the same.
#[test]
fn a_busy_direction_does_not_starve_the_other() {
    type Copy<'a> = dyn Future<Output = io::Result<(u64, u64)>> + Unpin + 'a;
    fn poll_twice(copy: &mut Copy<'_>) {
        let (_wakes, waker) = Wakes::new();
        for _ in 0..2 {
            let mut cx = Context::from_waker(&waker);
            assert!(in_one_poll(|| Pin::new(&mut *copy).poll(&mut cx)).is_pending());
        }
    }

    for busy_is_first in [true, false] {
        let (mut asker, question) = duplex(64);
        let (answer, mut heard) = duplex(64);
        drive(asker.write_all(b"hello")).unwrap();
        // Zeros without end go one way; one word goes the other way.
        let mut busy = join(repeat(0), answer);
        let mut quiet = join(question, sink());
        if busy_is_first {
            poll_twice(&mut copy_bidirectional(&mut busy, &mut quiet));
        } else {
            poll_twice(&mut copy_bidirectional(&mut quiet, &mut busy));
        }
        drive(heard.read_exact(&mut [0; 5])).unwrap();
    }
}
