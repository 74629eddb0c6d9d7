//! What listeners hear, in every order of joining, hearing and leaving.

use super::*;

/// As a listener does: hear, else wait with `waker`.
fn listen(audience: &mut Audience<u32>, place: &mut Place, waker: u32) -> bool {
    let heard = audience.hear(place);
    if !heard {
        *audience.waker(place) = Some(waker);
    }
    heard
}

fn deliver(audience: &mut Audience<u32>) -> Vec<u32> {
    let mut wakes = Vec::new();
    audience.deliver(&mut wakes);
    wakes
}

#[test]
fn who_waits_is_woken_and_hears() {
    let mut audience = Audience::new();
    let (mut first, mut second) = (audience.join(), audience.join());
    assert!(!listen(&mut audience, &mut first, 1));
    assert!(!listen(&mut audience, &mut second, 2));
    assert_eq!(deliver(&mut audience), [1, 2]);
    assert!(listen(&mut audience, &mut second, 2));
    assert!(listen(&mut audience, &mut first, 1));
    assert!(!listen(&mut audience, &mut first, 1), "it was heard");
}

#[test]
fn what_comes_while_nobody_waits_is_heard_once() {
    let mut audience = Audience::new();
    let mut place = audience.join();
    for _ in 0..3 {
        assert!(deliver(&mut audience).is_empty());
    }
    assert!(listen(&mut audience, &mut place, 1));
    assert!(!listen(&mut audience, &mut place, 1));
}

#[test]
fn who_joins_late_hears_only_what_comes_later() {
    let mut audience = Audience::new();
    deliver(&mut audience);
    let mut place = audience.join();
    assert!(!listen(&mut audience, &mut place, 1));
    assert_eq!(deliver(&mut audience), [1]);
    assert!(listen(&mut audience, &mut place, 1));
}

#[test]
fn who_has_left_is_not_woken_and_its_place_is_used_again() {
    let mut audience = Audience::new();
    let mut gone = audience.join();
    assert!(!listen(&mut audience, &mut gone, 1));
    assert_eq!(audience.leave(&gone), Some(1));
    assert!(deliver(&mut audience).is_empty());
    let mut place = audience.join();
    assert_eq!(place.key, gone.key);
    assert!(!listen(&mut audience, &mut place, 2));
    assert_eq!(deliver(&mut audience), [2]);
}

#[test]
fn stirring_wakes_and_delivers_nothing() {
    let mut audience = Audience::new();
    let mut place = audience.join();
    assert!(!listen(&mut audience, &mut place, 1));
    let mut wakes = Vec::new();
    audience.stir(&mut wakes);
    assert_eq!(wakes, [1]);
    assert!(!listen(&mut audience, &mut place, 1));
}
