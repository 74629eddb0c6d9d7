//! Every step from every valid state, up to small counts.

use super::*;

const WANTED: [Wanted; 2] = [Wanted::Room, Wanted::Item];

fn valid() -> impl Iterator<Item = Ledger> {
    let counts = |max: usize| 0..=max;
    let phases = [Phase::Open, Phase::Draining, Phase::Ended];
    phases
        .into_iter()
        .flat_map(move |phase| {
            counts(3).flat_map(move |capacity| {
                counts(3).flat_map(move |items| {
                    counts(3).flat_map(move |claimed| {
                        counts(2).flat_map(move |reserved| {
                            counts(4).map(move |unfinished| Ledger {
                                capacity,
                                phase,
                                items,
                                claimed,
                                reserved,
                                unfinished,
                            })
                        })
                    })
                })
            })
        })
        .filter(Ledger::is_valid)
}

fn after(ledger: Ledger, step: impl FnOnce(&mut Ledger)) -> Ledger {
    let mut next = ledger;
    step(&mut next);
    assert!(next.is_valid(), "{ledger:?} became {next:?}");
    next
}

#[test]
fn every_step_from_a_valid_state_is_valid() {
    assert!(valid().count() > 500);
    for ledger in valid() {
        for wanted in WANTED {
            if ledger.free(wanted) > 0 && !ledger.is_over(wanted) {
                let claimed = after(ledger, |ledger| ledger.claim(wanted));
                assert_eq!(claimed.free(wanted), ledger.free(wanted) - 1);
                assert_eq!(after(claimed, |ledger| ledger.unclaim(wanted)), ledger);
            }
        }
        if ledger.phase == Phase::Open && ledger.free(Wanted::Room) > 0 {
            let put = after(ledger, Ledger::put);
            assert_eq!(put.free(Wanted::Item), ledger.free(Wanted::Item) + 1);
            assert_eq!(put.free(Wanted::Room), ledger.free(Wanted::Room) - 1);
        }
        if ledger.free(Wanted::Item) > 0 {
            let got = after(ledger, Ledger::get);
            assert_eq!(got.unfinished, ledger.unfinished, "until the job is done");
        }
        if ledger.unfinished > ledger.items {
            after(ledger, Ledger::done);
            if ledger.phase != Phase::Ended {
                after(ledger, Ledger::put_back);
            }
        }
        shuts_down(ledger);
    }
}

fn shuts_down(ledger: Ledger) {
    for at_once in [false, true] {
        let shut = after(ledger, |ledger| ledger.shut_down(at_once));
        assert!(shut.is_over(Wanted::Room));
        assert_eq!(shut.is_over(Wanted::Item), shut.items == 0);
        let jobs = ledger.unfinished - ledger.items;
        assert_eq!(shut.unfinished - shut.items, jobs, "jobs stay out");
        assert!(!at_once || shut.items == 0);
        let again = after(shut, |ledger| ledger.shut_down(false));
        assert_eq!(again, shut, "it does not open again");
        // A promise of an item that the end took back may still be given back.
        after(shut, |ledger| ledger.unclaim(Wanted::Item));
    }
}

#[test]
fn without_a_limit_there_is_always_room() {
    let mut ledger = Ledger::new(usize::MAX);
    ledger.claim(Wanted::Room);
    ledger.put();
    assert!(ledger.free(Wanted::Room) > usize::MAX / 2);
}
