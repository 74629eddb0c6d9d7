//! The queue, with a reactor that turns when a test says so.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::*;
use crate::reactor::driven::Hand;

fn cat() -> Process {
    Command::new("cat").stdin(Stdio::piped()).spawn().unwrap()
}

fn turn_until_empty(hand: &mut Hand, orphans: &Orphans) {
    let start = Instant::now();
    while !orphans.is_empty() {
        assert!(start.elapsed() < Duration::from_secs(30), "an orphan stays");
        // Short: other tests' children end as well, and their reactors may be told first.
        hand.turn(Some(Duration::from_millis(10)));
    }
}

#[test]
fn an_orphan_is_asked_when_it_ends_and_no_sooner() {
    let orphans = Arc::new(Orphans::new());
    let mut hand = Hand::new();
    let (mut first, mut second) = (cat(), cat());
    let (first_stdin, second_stdin) = (first.stdin.take(), second.stdin.take());
    orphans.adopt(first, &hand.reactor);
    orphans.adopt(second, &hand.reactor);
    hand.turn_now();
    assert_eq!(orphans.queue.lock().len(), 2);
    drop(first_stdin);
    let start = Instant::now();
    while orphans.queue.lock().len() > 1 {
        assert!(start.elapsed() < Duration::from_secs(30), "an orphan stays");
        hand.turn(Some(Duration::from_millis(10)));
    }
    drop(second_stdin);
    turn_until_empty(&mut hand, &orphans);
}

#[test]
fn one_that_has_ended_already_needs_no_signal() {
    let orphans = Arc::new(Orphans::new());
    let hand = Hand::new();
    let mut process = cat();
    drop(process.stdin.take());
    // Asked once: it says the same again.
    process.wait().unwrap();
    orphans.adopt(process, &hand.reactor);
    assert!(orphans.is_empty());
}

#[test]
fn orphans_outlive_reactors() {
    let orphans = Arc::new(Orphans::new());
    let mut process = cat();
    let stdin = process.stdin.take();
    let first = Hand::new();
    orphans.adopt(process, &first.reactor);
    first.reactor.shutdown();
    // Its successor looks after the orphan as well; one that has gone cannot.
    orphans.attend(&first.reactor);
    let mut second = Hand::new();
    orphans.attend(&second.reactor);
    drop(stdin);
    turn_until_empty(&mut second, &orphans);
}
