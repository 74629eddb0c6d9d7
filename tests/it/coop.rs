//! The budget of a task.

use std::task::Poll;

use selvedge::task::coop::{
    self, consume_budget, cooperative, has_budget_remaining, unconstrained,
};

use crate::support::{both_flavors, current_thread, watched};

/// Polls until `Pending`: how many units this poll had left.
async fn units_left() -> usize {
    let mut units = 0;
    std::future::poll_fn(|cx| {
        while let Poll::Ready(unit) = coop::poll_proceed(cx) {
            unit.made_progress();
            units += 1;
            assert!(units < 100_000, "there is no end to the budget");
        }
        Poll::Ready(())
    })
    .await;
    units
}

both_flavors! {
    fn the_budget_is_fresh_in_each_poll(flavor) {
        flavor.build().block_on(async {
            selvedge::spawn(async {
                let first = units_left().await;
                assert!(first > 1 && !has_budget_remaining());
                selvedge::task::yield_now().await;
                assert!(has_budget_remaining());
                assert_eq!(units_left().await, first);
            }).await.unwrap();
        });
    }

    fn the_main_future_has_one_too(flavor) {
        flavor.build().block_on(async {
            assert!(units_left().await > 1);
        });
    }

    fn consuming_yields_when_it_is_used_up(flavor) {
        flavor.build().block_on(async {
            selvedge::spawn(async {
                for _ in 0..10_000 {
                    consume_budget().await;
                }
            }).await.unwrap();
        });
    }

    fn unconstrained_lifts_it(flavor) {
        flavor.build().block_on(async {
            selvedge::spawn(async {
                units_left().await;
                assert!(!has_budget_remaining());
                unconstrained(async {
                    assert!(has_budget_remaining());
                    for _ in 0..1_000 {
                        consume_budget().await;
                    }
                }).await;
                assert!(!has_budget_remaining(), "outside it is as it was");
            }).await.unwrap();
        });
    }

    fn cooperative_waits_for_a_turn(flavor) {
        flavor.build().block_on(async {
            selvedge::spawn(async {
                units_left().await;
                let mut polls = 0;
                let ready = cooperative(std::future::ready(42));
                let mut ready = std::pin::pin!(ready);
                let output = std::future::poll_fn(|cx| {
                    polls += 1;
                    ready.as_mut().poll(cx)
                }).await;
                assert_eq!((output, polls), (42, 2));
            }).await.unwrap();
        });
    }
}

watched! {
    fn outside_a_task_there_is_no_limit() {
        assert!(has_budget_remaining());
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        for _ in 0..10_000 {
            assert!(coop::poll_proceed(&mut cx).is_ready());
        }
    }

    fn a_unit_not_used_is_given_back() {
        current_thread().block_on(async {
            selvedge::spawn(async {
                std::future::poll_fn(|cx| {
                    for _ in 0..10_000 {
                        // Dropped without progress.
                        assert!(coop::poll_proceed(cx).is_ready());
                    }
                    Poll::Ready(())
                }).await;
            }).await.unwrap();
        });
    }
}
