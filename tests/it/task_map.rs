//! The same work on many items: order, limits, panics and drops.

use std::future::{IntoFuture, pending};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Poll, Waker};

use futures_util::{Stream, StreamExt};
use selvedge::sync::{Barrier, oneshot};
use selvedge::task::{self, yield_now};

use crate::support::*;

both_flavors! {
    fn results_come_in_the_order_of_the_items(flavor) { flavor.build().block_on(async {
        let turns = |n: u32| async move {
            for _ in 0..(100 - n) % 7 { yield_now().await; }
            n
        };
        let expected: Vec<u32> = (0..100).collect();
        for limit in [1, 2, 7, 100, 1_000, usize::MAX] {
            assert_eq!(task::map(limit, 0..100, turns).await.unwrap(), expected);
            let streamed: Vec<u32> = task::map(limit, 0..100, turns).map(Result::unwrap).collect().await;
            assert_eq!(streamed, expected);
        }
        assert!(task::map(3, [], turns).await.unwrap().is_empty());
    }); }

    fn so_many_run_at_once_and_no_more(flavor) { flavor.build().block_on(async {
        let (barrier, running) = (Arc::new(Barrier::new(5)), Arc::new(AtomicUsize::new(0)));
        let work = || {
            let (barrier, running) = (Arc::clone(&barrier), Arc::clone(&running));
            move |()| {
                let (barrier, running) = (Arc::clone(&barrier), Arc::clone(&running));
                async move {
                    assert!(running.fetch_add(1, Ordering::SeqCst) < 5);
                    // Fewer than five at once would wait here for ever.
                    barrier.wait().await;
                    running.fetch_sub(1, Ordering::SeqCst);
                }
            }
        };
        assert_eq!(task::map(5, [(); 50], work()).await.unwrap().len(), 50);
        let mut map = task::map(5, [(); 50], work());
        let mut count = 0;
        while let Some(result) = map.next().await {
            result.unwrap();
            count += 1;
        }
        assert_eq!(count, 50);
    }); }

    fn a_slow_first_item_does_not_stop_the_others(flavor) { flavor.build().block_on(async {
        let (tell, told) = oneshot::channel();
        let (mut tell, mut told) = (Some(tell), Some(told));
        let order = task::map(2, 0..20, |n| {
            let told = told.take();
            let tell = if n == 19 { tell.take() } else { None };
            async move {
                if let Some(told) = told { told.await.unwrap(); }
                if let Some(tell) = tell { tell.send(()).unwrap(); }
                n
            }
        });
        assert!(order.await.unwrap().into_iter().eq(0..20));
    }); }

    fn a_stream_runs_no_further_ahead_than_its_limit(flavor) { flavor.build().block_on(async {
        let (tell, told) = oneshot::channel();
        let mut told = Some(told);
        let (mut begun, ended) = (0, Arc::new(AtomicUsize::new(0)));
        let mut map = Box::pin(task::map(3, 0.., |n| {
            begun += 1;
            let (told, ended) = (told.take(), Arc::clone(&ended));
            async move {
                if let Some(told) = told { told.await.unwrap(); }
                ended.fetch_add(1, Ordering::SeqCst);
                n
            }
        }));
        let waker = Waker::noop();
        assert!(poll_with(&mut map.next(), waker).is_pending());
        wait_until_async("the others", || ended.load(Ordering::SeqCst) == 2).await;
        assert!(poll_with(&mut map.next(), waker).is_pending());
        tell.send(()).unwrap();
        assert_eq!(map.next().await.unwrap().unwrap(), 0);
        for n in 1..100 { assert_eq!(map.next().await.unwrap().unwrap(), n); }
        drop(map);
        assert!((100..=103).contains(&begun), "{begun}");
    }); }

    fn in_a_stream_a_panic_takes_its_own_item_only(flavor) { flavor.build().block_on(async {
        let map = task::map(3, 0..10, async |n| { assert!(n != 4, "four"); n });
        let results: Vec<_> = map.collect().await;
        for (n, result) in results.into_iter().enumerate() {
            match result {
                Ok(output) => assert_eq!(output, n),
                Err(error) => assert!(n == 4 && error.to_string().contains("four")),
            }
        }
    }); }

    fn a_panic_ends_the_whole_and_nothing_is_left(flavor) { flavor.build().block_on(async {
        let drops = Drops::new();
        let all = task::map(4, 0.., |n| {
            let guard = drops.counted();
            async move {
                let _guard = guard;
                if n == 3 { panic!("three") }
                pending::<()>().await
            }
        });
        assert!(all.await.unwrap_err().to_string().contains("three"));
        assert_eq!(drops.count(), 4);
    }); }

    fn what_was_given_out_is_not_given_again(flavor) { flavor.build().block_on(async {
        let mut map = task::map(3, 0..10, async |n| n);
        for n in 0..4 { assert_eq!(map.next().await.unwrap().unwrap(), n); }
        assert_eq!(map.size_hint(), (6, Some(6)));
        assert_eq!(map.await.unwrap(), [4, 5, 6, 7, 8, 9]);
    }); }

    fn dropping_it_at_any_poll_aborts_the_rest(flavor) {
        let runtime = flavor.build();
        let mut polls = 0;
        loop {
            let drops = Drops::new();
            let mut made = 0;
            let is_over = runtime.block_on(async {
                let all = task::map(3, 0..10, |n| {
                    made += 1;
                    let guard = drops.counted();
                    async move {
                        let _guard = guard;
                        for _ in 0..n % 3 { yield_now().await; }
                    }
                });
                let mut all = Box::pin(IntoFuture::into_future(all));
                for _ in 0..polls {
                    if let Poll::Ready(outputs) = poll_with(&mut all, Waker::noop()) {
                        assert_eq!(outputs.unwrap().len(), 10);
                        return true;
                    }
                    yield_now().await;
                }
                false
            });
            runtime.block_on(wait_until_async("the drops", || drops.count() == made));
            if is_over { break; }
            polls += if flavor == Flavor::MultiThread { 1 + polls / 8 } else { 1 };
        }
        wait_until("the tasks are forgotten", || runtime.metrics().num_alive_tasks() == 0);
    }
}

watched! {
    fn a_limit_of_zero_is_refused() {
        let message = panic_of(|| drop(task::map(0, [()], async |()| ())));
        assert!(message.contains("limit of zero"));
    }

    fn a_panic_of_the_closure_is_the_callers() {
        let message = panic_of(|| current_thread().block_on(async {
            let refuse = |n: u32| { assert!(n < 2, "no more"); async move { n } };
            task::map(8, 0..9, refuse).await
        }));
        assert_eq!(message, "no more");
    }
}
