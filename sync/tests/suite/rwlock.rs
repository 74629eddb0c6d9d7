//! `RwLock`: who is inside with whom, who goes first, and what is left when a waiter goes.

mod fairness;
mod hostile;
mod reference;

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicIsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use selvedge_sync::futures::RwLockRead;
use selvedge_sync::{
    Elapsed, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock, RwLockMappedWriteGuard,
    RwLockPolicy, RwLockReadGuard, RwLockWriteGuard,
};

use crate::executors::{any_executor, spawn, watched, yield_now};
use crate::support::cancel::{cancels, ready, seat};
use crate::support::{Census, Seat, panic_of, panics, poll, poll_once, without_budget};

pub(crate) const POLICIES: [RwLockPolicy; 3] = [
    RwLockPolicy::Fair,
    RwLockPolicy::PreferReaders,
    RwLockPolicy::PreferWriters,
];

/// Nobody is inside or waits.
#[track_caller]
pub(crate) fn assert_free<T: std::fmt::Debug>(lock: &RwLock<T>) {
    assert!(lock.try_write().is_ok(), "not free: {lock:?}");
}

any_executor! {
    async fn readers_share_and_writers_are_alone() {
        for policy in POLICIES {
            let lock = Arc::new(RwLock::new(0_u32).with_policy(policy));
            // Readers inside, or -1 for a writer.
            let inside = Arc::new(AtomicIsize::new(0));
            let tasks: Vec<_> = (0..6).map(|number| {
                let (lock, inside) = (lock.clone(), inside.clone());
                spawn(async move {
                    for round in 0..40 {
                        if (number + round) % 3 == 0 {
                            let mut write = lock.write().await;
                            assert_eq!(inside.swap(-1, Ordering::SeqCst), 0);
                            *write += 1;
                            yield_now().await;
                            inside.store(0, Ordering::SeqCst);
                        } else {
                            let read = lock.read().await;
                            assert!(inside.fetch_add(1, Ordering::SeqCst) >= 0);
                            let before = *read;
                            yield_now().await;
                            assert_eq!(*read, before);
                            inside.fetch_sub(1, Ordering::SeqCst);
                        }
                    }
                })
            }).collect();
            for task in tasks {
                task.await;
            }
            assert_eq!(*lock.read().await, 80);
            assert_free(&lock);
        }
    }

    async fn what_was_read_is_true_until_the_upgrade() {
        let lock = Arc::new(RwLock::new(0_u32));
        let tasks: Vec<_> = (0..4).map(|number| {
            let lock = lock.clone();
            spawn(async move {
                for _ in 0..30 {
                    if number == 0 {
                        *lock.clone().write_owned().await += 1;
                        continue;
                    }
                    let read = lock.upgradable_read().await;
                    let before = *read;
                    yield_now().await;
                    let mut write = read.upgrade().await;
                    assert_eq!(*write, before);
                    *write += 1;
                    let again = write.downgrade_to_upgradable();
                    assert_eq!(*again, before + 1);
                }
            })
        }).collect();
        for task in tasks {
            task.await;
        }
        assert_eq!(*lock.read().await, 120);
        assert_free(&lock);
    }

    async fn a_panic_with_a_guard_releases_the_lock() {
        let lock = Arc::new(RwLock::new(1));
        let panicked = panics(|| {
            let mut write = lock.try_write().unwrap();
            *write = 2;
            panic!("planted");
        });
        assert!(panicked);
        assert_eq!(*lock.read().await, 2, "not poisoned");
        assert_free(&lock);
    }
}

watched! {
    fn r_077_who_is_dropped_while_it_waits_leaves_its_turn_to_the_next() {
        for policy in POLICIES {
            for victim in 0..3 {
                for cancel in cancels(3) {
                    let lock = RwLock::new(()).with_policy(policy);
                    let held = lock.try_write().unwrap();
                    let mut seats = seat(3, victim, cancel, || {
                        let wait = lock.write();
                        async { drop(wait.await) }
                    });
                    let mut held = Some(held);
                    if cancel.woken {
                        held = None;
                    }
                    drop(seats.remove(victim));
                    drop(held);
                    // Each gives the lock back when it is done, and so wakes the next.
                    assert_eq!(ready(&mut seats), [0, 1], "{policy:?} {victim} {cancel:?}");
                    drop(seats);
                    assert_free(&lock);
                }
            }
        }
    }

    fn r_078_a_pending_writer_that_is_dropped_lets_the_readers_behind_it_in() {
        for policy in [RwLockPolicy::Fair, RwLockPolicy::PreferWriters] {
            for readers in 1..4 {
                let lock = RwLock::new(()).with_policy(policy);
                let inside: Vec<_> = (0..readers).map(|_| lock.try_read().unwrap()).collect();
                let writer = Seat::waiting(lock.write());
                let mut behind: Vec<_> = (0..3).map(|_| Seat::waiting(lock.read())).collect();
                assert!(lock.try_read().is_err());
                drop(writer);
                let entered: Vec<_> = behind.iter_mut().map(Seat::woken).collect();
                assert!(lock.try_read().is_ok() && lock.try_write().is_err());
                drop((entered, inside));
                drop(behind);
                assert_free(&lock);
            }
        }
    }

    fn r_079_a_downgrade_releases_once() {
        let lock = Arc::new(RwLock::new(1));
        let write = lock.try_write().unwrap();
        let mut waits = Seat::waiting(lock.read());
        let read = write.downgrade();
        drop(waits.woken());
        assert!(lock.try_write().is_err(), "it reads still");
        let other = lock.try_read().unwrap();
        drop(read);
        assert!(lock.try_write().is_err(), "released once");
        drop(other);
        let read = lock.clone().try_write_owned().unwrap().downgrade();
        assert!(lock.try_write().is_err());
        drop(read);
        let write = lock.try_write().expect("released");
        assert!(lock.try_write().is_err() && lock.try_read().is_err());
        drop(write);
        assert_free(&lock);
    }

    fn r_082_a_task_without_budget_keeps_its_turn() {
        for upgrade in [false, true] {
            let lock = RwLock::new(());
            let held = lock.try_read().unwrap();
            let upgradable = lock.try_upgradable_read().unwrap();
            let (asks, lock_again) = (upgradable, &lock);
            let mut first = Seat::new(async move {
                if upgrade {
                    drop(asks.upgrade().await);
                } else {
                    drop(asks);
                    drop(lock_again.write().await);
                }
            });
            assert!(without_budget(|| first.poll()).is_pending());
            let mut second = Seat::waiting(lock.read());
            drop(held);
            assert_eq!((first.wakes(), second.wakes()), (1, 0), "not overtaken");
            assert!(without_budget(|| first.poll()).is_pending());
            assert_eq!(first.wakes(), 2, "it has the lock and comes again for it");
            assert!(second.poll().is_pending());
            drop(first);
            drop(second.woken());
            drop(second);
            assert_free(&lock);
        }
    }

    /// No way in or out leaves something behind, whatever its types are.
    fn r_085_every_way_in_leads_out() {
        let lock = Arc::new(RwLock::new((1, 2)));
        type Way = fn(&Arc<RwLock<(i32, i32)>>);
        let ways: [Way; 14] = [
            |lock| drop(poll_once(lock.read()).unwrap()),
            |lock| drop(poll_once(lock.write()).unwrap()),
            |lock| drop(poll_once(lock.upgradable_read()).unwrap()),
            |lock| drop(poll_once(lock.clone().read_owned()).unwrap()),
            |lock| drop(poll_once(lock.clone().write_owned()).unwrap()),
            |lock| drop(poll_once(lock.clone().upgradable_read_owned()).unwrap()),
            |lock| drop(poll_once(lock.read_timeout(Duration::MAX)).unwrap().unwrap()),
            |lock| drop(poll_once(lock.write_timeout(Duration::MAX)).unwrap().unwrap()),
            |lock| drop(poll_once(lock.upgradable_read_timeout(Duration::MAX)).unwrap()),
            |lock| drop((lock.blocking_read(), lock.blocking_upgradable_read())),
            |lock| drop(lock.blocking_upgradable_read().blocking_upgrade()),
            |lock| drop(lock.blocking_write().downgrade_to_upgradable().downgrade()),
            |lock| {
                let upgradable = lock.clone().try_upgradable_read_owned().unwrap();
                let write = poll_once(upgradable.upgrade()).unwrap();
                let upgradable = write.downgrade_to_upgradable();
                drop(upgradable.try_upgrade().unwrap().downgrade());
            },
            |lock| {
                drop(lock.read());
                drop(lock.clone().write_owned());
                drop(lock.try_upgradable_read().unwrap().upgrade());
                drop(lock.clone().try_upgradable_read_owned().unwrap().upgrade());
            },
        ];
        for (number, way) in ways.into_iter().enumerate() {
            way(&lock);
            assert!(lock.try_write().is_ok(), "way {number}: {lock:?}");
        }
        assert_eq!(Arc::strong_count(&lock), 1);
    }

    fn r_086_the_value_ends_once_where_the_last_guard_does() {
        let census = Census::new();
        let lock = Arc::new(RwLock::new(census.value(1)));
        let read = lock.clone().try_read_owned().unwrap();
        let other = lock.clone().try_read_owned().unwrap();
        assert!(Arc::ptr_eq(OwnedRwLockReadGuard::rwlock(&read), &lock));
        drop(lock);
        drop(other);
        assert_eq!(census.alive(), 1);
        thread::spawn(move || drop(read)).join().unwrap();
        assert_eq!(census.alive(), 0);
    }

    /// The time limit of one waiter does not take the wake-up of the next.
    fn r_090_a_waiter_whose_time_is_up_does_not_hide_the_others() {
        for policy in POLICIES {
            let lock = RwLock::new(()).with_policy(policy);
            let held = lock.try_read().unwrap();
            let gone: Result<(), Elapsed> = lock.blocking_write_timeout(Duration::ZERO).map(drop);
            assert!(gone.is_err());
            let mut writer = Seat::waiting(lock.write());
            let gone = lock.blocking_write_timeout(Duration::ZERO);
            assert!(gone.is_err());
            drop(held);
            drop(writer.woken());
            drop(writer);
            assert_free(&lock);
        }
    }

    fn r_091_upgraders_are_woken_by_whoever_leaves_last() {
        for policy in POLICIES {
            let lock = RwLock::new(0).with_policy(policy);
            // By a writer.
            let write = lock.try_write().unwrap();
            let mut upgradable = Seat::waiting(lock.upgradable_read());
            drop(write);
            let first = upgradable.woken();
            // By another who has the right.
            let mut next = Seat::waiting(lock.upgradable_read());
            drop(first);
            let mine = next.woken();
            // By a reader, before a writer that was there earlier.
            let read = lock.try_read().unwrap();
            let mut writer = Seat::waiting(lock.write());
            let mut upgrade = Seat::waiting(mine.upgrade());
            drop(read);
            assert_eq!((upgrade.wakes(), writer.wakes()), (1, 0), "{policy:?}");
            *upgrade.woken() += 1;
            assert_eq!(*writer.woken(), 1);
        }
    }

    fn one_reader_at_a_time_may_upgrade() {
        for policy in POLICIES {
            let lock = RwLock::new(()).with_policy(policy);
            let first = lock.try_upgradable_read().unwrap();
            assert!(lock.try_upgradable_read().is_err());
            let second = lock.try_read().unwrap();
            let first = first.try_upgrade().expect_err("another one reads");
            let mut third = Seat::waiting(lock.upgradable_read());
            let read = first.downgrade();
            drop(third.woken());
            drop((read, second, third));
            assert_free(&lock);
        }
    }

    fn an_upgrade_that_is_dropped_gives_up_its_reading_too() {
        let lock = RwLock::new(());
        let read = lock.try_read().unwrap();
        for polls in 0..2 {
            let mut upgrade = Seat::new(lock.try_upgradable_read().unwrap().upgrade());
            for _ in 0..polls {
                assert!(upgrade.poll().is_pending());
            }
            drop(upgrade);
            drop(lock.try_upgradable_read().expect("it is gone"));
        }
        // Granted, and not taken.
        let upgrade = Seat::waiting(lock.try_upgradable_read().unwrap().upgrade());
        drop(read);
        assert!(lock.try_read().is_err());
        drop(upgrade);
        assert_free(&lock);
    }

    fn as_many_readers_as_it_allows() {
        for policy in POLICIES {
            let lock = RwLock::with_max_readers((), 2).with_policy(policy);
            let one = lock.try_read().unwrap();
            let two = lock.try_upgradable_read().unwrap();
            let mut third = Seat::waiting(lock.read());
            assert!(lock.try_read().is_err());
            let mut fourth = Seat::waiting(lock.read());
            drop(one);
            let third = third.woken();
            assert!(lock.try_read().is_err() && fourth.poll().is_pending());
            drop(two);
            drop((third, fourth.woken(), fourth));
            assert_free(&lock);
        }
        let most = RwLock::with_max_readers((), u32::MAX >> 3);
        assert!(most.try_read().is_ok());
        assert!(panic_of(|| RwLock::with_max_readers((), 0)).contains("with 0 readers"));
        let too_many = panic_of(|| RwLock::with_max_readers((), (u32::MAX >> 3) + 1));
        assert!(too_many.contains("may not be created with more than"), "{too_many}");
    }

    fn guards_narrow_to_parts() {
        let lock = Arc::new(RwLock::new((1, [2, 3])));
        let second = RwLockWriteGuard::map(lock.try_write().unwrap(), |pair| &mut pair.1);
        let second = RwLockMappedWriteGuard::try_map(second, |_| None::<&mut u8>).unwrap_err();
        *RwLockMappedWriteGuard::map(second, |both| &mut both[1]) = 4;
        let write = RwLockWriteGuard::try_map(lock.try_write().unwrap(), |_| None::<&mut u8>);
        let write = RwLockWriteGuard::try_downgrade_map(write.unwrap_err(), |_| None::<&u8>);
        let read = RwLockWriteGuard::downgrade_map(write.unwrap_err(), |pair| &pair.1);
        assert_eq!((*read, read.len()), ([2, 4], 2));
        let read = RwLockReadGuard::try_map(read, |_| None::<&u8>).unwrap_err();
        assert_eq!(*RwLockReadGuard::map(read, |both| &both[0]), 2);
        assert_free(&lock);

        let write = lock.clone().try_write_owned().unwrap();
        assert!(Arc::ptr_eq(OwnedRwLockWriteGuard::rwlock(&write), &lock));
        let mut part = OwnedRwLockWriteGuard::map(write, |pair| &mut pair.0);
        *part += 9;
        drop(part);
        let write = lock.clone().try_write_owned().unwrap();
        let read = OwnedRwLockWriteGuard::downgrade_map(write, |pair| &pair.0);
        assert_eq!(*read, 10);
        let read = OwnedRwLockReadGuard::try_map(read, |_| None::<&u8>).unwrap_err();
        assert_eq!(read.to_string(), "10");
        drop(OwnedRwLockReadGuard::map(read, |first| first));
        drop(RwLockWriteGuard::into_mapped(lock.try_write().unwrap()));
        drop(OwnedRwLockWriteGuard::into_mapped(lock.clone().try_write_owned().unwrap()));
        assert_free(&lock);
    }

    /// A closure that panics in the middle of a mapping loses neither the lock nor more.
    fn mapping_may_panic() {
        let lock = Arc::new(RwLock::new(1));
        let ways: [fn(&Arc<RwLock<i32>>); 5] = [
            |lock| drop(RwLockReadGuard::map(lock.try_read().unwrap(), |_| -> &u8 { panic!() })),
            |lock| {
                drop(RwLockWriteGuard::map(lock.try_write().unwrap(), |_| -> &mut u8 { panic!() }));
            },
            |lock| {
                let write = lock.try_write().unwrap();
                drop(RwLockWriteGuard::downgrade_map(write, |_| -> &u8 { panic!() }));
            },
            |lock| {
                let write = lock.clone().try_write_owned().unwrap();
                drop(OwnedRwLockWriteGuard::try_map(write, |_| -> Option<&mut u8> { panic!() }));
            },
            |lock| {
                let write = lock.clone().try_write_owned().unwrap();
                drop(OwnedRwLockWriteGuard::try_downgrade_map(write, |_| -> Option<&u8> {
                    panic!()
                }));
            },
        ];
        for way in ways {
            assert!(panics(|| way(&lock)));
            assert!(lock.try_write().is_ok());
            assert_eq!(Arc::strong_count(&lock), 1);
        }
    }

    fn values_need_not_be_sized() {
        let lock: Arc<RwLock<[i32]>> = Arc::new(RwLock::new([1, 2]));
        lock.try_write().unwrap()[1] = 3;
        let last = OwnedRwLockReadGuard::map(lock.clone().try_read_owned().unwrap(), |all| &all[1]);
        assert_eq!(*last, 3);
        let (mut plain, dropped) = (RwLock::from(1), AtomicBool::new(false));
        *plain.get_mut() += 1;
        assert_eq!(plain.into_inner(), 2);
        assert!(!*RwLock::new(dropped).get_mut().get_mut());
    }

    /// What happens to a future that is forgotten when its turn has come: it keeps the lock.
    fn a_forgotten_future_keeps_what_it_was_granted() {
        // Kept and never polled again, which is the same, and no leak.
        static FORGOTTEN: Mutex<Option<Pin<Box<RwLockRead<'static, ()>>>>> = Mutex::new(None);
        static LOCK: RwLock<()> = RwLock::const_new(());
        let held = LOCK.try_write().unwrap();
        let mut forgotten = Box::pin(LOCK.read());
        assert!(poll(forgotten.as_mut(), Waker::noop()).is_pending());
        *FORGOTTEN.lock().unwrap() = Some(forgotten);
        let mut second = Seat::waiting(LOCK.read());
        drop(held);
        drop(second.woken());
        assert!(LOCK.try_read().is_ok(), "others read");
        assert!(LOCK.try_write().is_err(), "it reads for ever");
    }

    fn plain_threads_block() {
        let lock = Arc::new(RwLock::new(0));
        let write = lock.blocking_write();
        let readers = [(); 2].map(|()| {
            let lock = lock.clone();
            thread::spawn(move || *lock.blocking_read())
        });
        let mut write = write;
        *write = 5;
        drop(write);
        for reader in readers {
            assert_eq!(reader.join().unwrap(), 5);
        }
        let refused = panic_of(|| {
            selvedge_sync::context::enter_main(|| drop(lock.blocking_write()));
        });
        assert!(refused.contains("await `write`"), "{refused}");
    }

    fn polling_again_after_the_end_panics() {
        let lock = RwLock::new(());
        let mut wait = Seat::new(lock.read());
        drop(wait.ready());
        assert!(panic_of(|| matches!(wait.poll(), Poll::Ready(_))).contains("after it had returned"));
        drop(wait);
        assert_free(&lock);
    }
}
