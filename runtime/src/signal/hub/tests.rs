//! Real signals, and reactors that turn when a test says so. Each test has a signal and a hub of its own.

use std::time::{Duration, Instant};

use rustix::process::{Signal, getpid, kill_process};

use super::*;
use crate::reactor::driven::{Driven, Flag, Hand};
use crate::reactor::is_rt_shutdown_err;

fn send(signal: Signal) {
    kill_process(getpid(), signal).unwrap();
}

fn number(signal: Signal) -> Number {
    Number::new(signal.as_raw()).unwrap()
}

/// A hub apart from that of the process, whose pipe nobody else reads.
fn hub() -> &'static Hub {
    Box::leak(Box::new(Hub::new().unwrap()))
}

fn listen(hub: &'static Hub, signal: Signal, reactor: &Reactor) -> Listener {
    Listener::at(hub, number(signal), reactor).unwrap()
}

/// Polls once; whether there was something to hear.
fn hears(listener: &mut Listener, waker: &Waker) -> bool {
    listener
        .poll_hear(&mut Context::from_waker(waker))
        .is_ready()
}

/// Turns until `flag` is set: a signal may reach its handler a little later.
fn turn_until(hand: &mut Hand, flag: &Flag) {
    let start = Instant::now();
    while !flag.take() {
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "a signal was lost"
        );
        hand.turn(Some(Duration::from_secs(30)));
    }
}

#[test]
fn whichever_reactor_turns_first_wakes_the_listeners_of_all() {
    let hub = hub();
    let (mut first, mut second) = (Hand::new(), Hand::new());
    let (flag_a, waker_a) = Flag::new();
    let (flag_b, waker_b) = Flag::new();
    let mut a = listen(hub, Signal::USR1, &first.reactor);
    let mut b = listen(hub, Signal::USR1, &second.reactor);
    // Each in its turn is the one that is not driven.
    for turning in [&mut first, &mut second] {
        assert!(!hears(&mut a, &waker_a));
        assert!(!hears(&mut b, &waker_b));
        send(Signal::USR1);
        turn_until(turning, &flag_a);
        assert!(flag_b.take());
        assert!(hears(&mut a, &waker_a));
        assert!(hears(&mut b, &waker_b));
    }
    // The events that the other reactor was not asked for wake nobody.
    first.turn_now();
    second.turn_now();
    assert!(!hears(&mut a, &waker_a));
    assert!(!flag_a.take());
}

#[test]
fn a_reactor_that_comes_late_delivers_what_nobody_read() {
    let (flag, waker) = Flag::new();
    let (hub, first) = (hub(), Hand::new());
    let mut listener = listen(hub, Signal::USR2, &first.reactor);
    assert!(!hears(&mut listener, &waker));
    send(Signal::USR2);
    first.reactor.shutdown();
    drop(first);
    assert!(flag.take(), "the end of its reactor makes it look again");
    assert!(!hears(&mut listener, &waker));
    let mut second = Hand::new();
    listener.rouse(&second.reactor).unwrap();
    turn_until(&mut second, &flag);
    assert!(hears(&mut listener, &waker));
}

#[test]
fn many_signals_before_a_turn_are_one() {
    let (hub, mut hand) = (hub(), Hand::new());
    let (flag, waker) = Flag::new();
    let mut listener = listen(hub, Signal::WINCH, &hand.reactor);
    for count in 1..300 {
        assert!(!hears(&mut listener, &waker));
        for _ in 0..count {
            hub.handle(number(Signal::WINCH));
        }
        assert_eq!(hand.turn_to_event(), 1);
        assert!(flag.take());
        assert!(hears(&mut listener, &waker));
        assert_eq!(hand.turn_now(), 0, "all bytes were taken");
    }
}

#[test]
fn a_full_pipe_loses_nothing() {
    let (hub, mut hand) = (hub(), Hand::new());
    let (flag, waker) = Flag::new();
    let mut listener = listen(hub, Signal::IO, &hand.reactor);
    assert!(!hears(&mut listener, &waker));
    let full = loop {
        if let Err(error) = (&hub.sender).write(&[0; 512]) {
            break error;
        }
    };
    assert_eq!(full.kind(), io::ErrorKind::WouldBlock);
    hub.handle(number(Signal::IO));
    hand.turn_to_event();
    assert!(flag.take());
    assert!(hears(&mut listener, &waker));
}

#[test]
fn what_cannot_be_listened_to_is_an_error() {
    let hand = Hand::new();
    let forbidden = [
        Signal::KILL,
        Signal::STOP,
        Signal::ILL,
        Signal::FPE,
        Signal::SEGV,
    ];
    for signal in forbidden
        .map(Signal::as_raw)
        .into_iter()
        .chain([-1, 0, 129])
    {
        let error = Listener::new(signal, &hand.reactor).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Other, "{error}");
    }
    let none_such = Listener::new(127, &hand.reactor).unwrap_err();
    assert_eq!(none_such.kind(), io::ErrorKind::InvalidInput, "{none_such}");
}

#[test]
fn a_reactor_that_has_shut_down_takes_no_listeners() {
    let hand = Hand::new();
    hand.reactor.shutdown();
    let error = Listener::new(Signal::URG.as_raw(), &hand.reactor).unwrap_err();
    assert!(is_rt_shutdown_err(&error));
}

/// a receiver that was dropped must not keep the others from hearing.
#[test]
fn r157_listeners_come_and_go_while_signals_arrive() {
    let (hub, driven) = (hub(), Driven::new());
    let mut kept = listen(hub, Signal::VTALARM, &driven.reactor);
    driven.block_on(async {
        for _ in 0..200 {
            let passing = listen(hub, Signal::VTALARM, &driven.reactor);
            send(Signal::VTALARM);
            drop(passing);
            std::future::poll_fn(|cx| kept.poll_hear(cx)).await;
        }
    });
}

#[test]
fn each_reactor_takes_one_end_of_the_pipe_however_many_listen() {
    let (hub, hand) = (hub(), Hand::new());
    let _first = listen(hub, Signal::PROF, &hand.reactor);
    let mut others = Vec::new();
    for _ in 0..10 {
        others.push(listen(hub, Signal::PROF, &hand.reactor));
        let made = hand.reactor.house(|| panic!("there is one already"));
        made.unwrap();
    }
}

/// a pipe that was watched for writing, too, woke its reactor for nothing.
#[test]
fn r157_the_pipe_is_watched_for_reading_only() {
    let hub = hub();
    let receiver = hub.receiver.try_clone().unwrap();
    let ear = Ear { hub, receiver };
    let mut poll = mio::Poll::new().unwrap();
    let mut events = mio::Events::with_capacity(4);
    ear.register(poll.registry(), mio::Token(7)).unwrap();
    poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
    assert!(events.is_empty(), "{events:?}");
    hub.handle(number(Signal::XCPU));
    poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
    let event = events.iter().next().unwrap();
    assert!(event.is_readable() && !event.is_writable(), "{event:?}");
}
