//! All three count the same, on one thread and on many.

use std::thread;

use super::*;

/// The same tests of each counter.
macro_rules! counters {
    ($($name:ident: $counter:ident),*) => {$(
        mod $name {
            use super::*;

            #[test]
            fn counts_up_and_down() {
                let counter = $counter::new();
                counter.add(7);
                counter.increment();
                counter.sub(10);
                counter.decrement();
                assert_eq!(counter.sum(), -3);
                assert_eq!(format!("{counter:?}"), concat!(stringify!($counter), "(-3)"));
                assert_eq!((counter.take(), counter.sum()), (-3, 0));
                counter.increment();
                counter.reset();
                assert_eq!($counter::default().sum(), counter.sum());
            }

            #[test]
            fn wraps() {
                let counter = $counter::new();
                counter.add(i64::MAX);
                counter.increment();
                assert_eq!(counter.sum(), i64::MIN);
                counter.sub(i64::MIN);
                assert_eq!(counter.sum(), 0);
            }

            #[test]
            fn no_addition_of_many_threads_is_lost_or_taken_twice() {
                const THREADS: i64 = 8;
                const ROUNDS: i64 = 1_000;
                let counter = $counter::new();
                let taken = thread::scope(|scope| {
                    for thread in 0..THREADS {
                        let counter = &counter;
                        scope.spawn(move || {
                            for _ in 0..ROUNDS {
                                counter.add(thread);
                                counter.sub(1);
                                counter.increment();
                            }
                        });
                    }
                    let taker = scope.spawn(|| (0..ROUNDS).map(|_| counter.take()).sum::<i64>());
                    taker.join().unwrap()
                });
                assert_eq!(taken + counter.sum(), ROUNDS * THREADS * (THREADS - 1) / 2);
            }

            #[test]
            fn a_count_that_only_grows_is_never_seen_to_shrink() {
                let counter = $counter::new();
                thread::scope(|scope| {
                    for _ in 0..2 {
                        scope.spawn(|| (0..1_000).for_each(|_| counter.increment()));
                    }
                    let mut last = 0;
                    while last < 2_000 {
                        let sum = counter.sum();
                        assert!(sum >= last && sum <= 2_000);
                        last = sum;
                        thread::yield_now();
                    }
                });
            }
        }
    )*};
}

counters!(striped: Counter, atomic: AtomicCounter, locked: LockedCounter);

#[test]
fn threads_use_different_stripes() {
    let counter = Counter::new();
    for thread in 0..2 * STRIPES {
        counter.add_as(thread, 1 << thread);
    }
    let parts = counter
        .stripes
        .iter()
        .map(|stripe| stripe.0.load(Ordering::Relaxed));
    let expected = (0..STRIPES).map(|stripe| (1 << stripe) + (1 << (stripe + STRIPES)));
    assert!(parts.eq(expected));
    assert!(align_of::<Stripe>() >= 128 && size_of::<AtomicCounter>() == 8);
}
