//! What only the inside shows: the word, the notes, what a wait is charged.

use std::future::Future;
use std::num::NonZeroU64;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use super::*;
use crate::context::{self, Budget, WaitKind, WaitNote};
use crate::counting_waker::{CountingWaker, idle_context};
use crate::wake_batch::WAKE_BATCH_CAP;

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut idle_context())
}

fn state<T>(lock: &RwLock<T>) -> String {
    let shown = format!("{:?}", lock.raw);
    let start = "RawRwLock { state: ";
    shown[start.len()..shown.find(", policy").unwrap()].to_owned()
}

#[test]
fn the_word_tells_who_is_inside_and_who_waits() {
    let lock = RwLock::new(());
    assert_eq!(state(&lock), "free");
    let read = lock.try_read().unwrap();
    let upgradable = lock.try_upgradable_read().unwrap();
    assert_eq!(state(&lock), "2 readers, upgradable");
    let mut write = Box::pin(lock.write());
    assert!(poll(write.as_mut()).is_pending());
    assert_eq!(
        state(&lock),
        "2 readers, upgradable, waited for, readers barred"
    );
    let mut upgrade = Box::pin(upgradable.upgrade());
    assert!(poll(upgrade.as_mut()).is_pending());
    drop(read);
    assert_eq!(state(&lock), "writer, waited for, readers barred");
    drop(upgrade);
    assert_eq!(state(&lock), "writer");
    drop(write);
    assert_eq!(state(&lock), "free");
}

#[test]
fn readers_that_arrive_are_barred_as_the_policy_says() {
    for (policy, barred) in [
        (RwLockPolicy::Fair, true),
        (RwLockPolicy::PreferWriters, true),
        (RwLockPolicy::PreferReaders, false),
    ] {
        let lock = RwLock::with_max_readers((), 2).with_policy(policy);
        let read = lock.try_read().unwrap();
        let mut write = Box::pin(lock.write());
        assert!(poll(write.as_mut()).is_pending());
        assert_eq!(
            state(&lock).ends_with("readers barred"),
            barred,
            "{policy:?}"
        );
        let mut more: Vec<_> = (0..2).map(|_| Box::pin(lock.read())).collect();
        let entered = more.iter_mut().filter_map(|it| match poll(it.as_mut()) {
            Poll::Ready(guard) => Some(guard),
            Poll::Pending => None,
        });
        let entered: Vec<_> = entered.collect();
        assert_eq!(entered.len(), usize::from(!barred), "{policy:?}");
        assert!(
            state(&lock).ends_with("readers barred"),
            "a reader waits, {policy:?}"
        );
        drop(more);
        assert_eq!(
            state(&lock).ends_with("readers barred"),
            barred,
            "it is gone"
        );
        drop((read, write, entered));
        assert_eq!(state(&lock), "free");
    }
}

#[test]
fn more_readers_enter_than_a_batch_holds() {
    let lock = RwLock::new(());
    let (count, waker) = CountingWaker::pair();
    let writer = lock.try_write().unwrap();
    let waits = 2 * WAKE_BATCH_CAP + 1;
    let mut all: Vec<_> = (0..waits).map(|_| Box::pin(lock.read())).collect();
    for wait in &mut all {
        let mut cx = Context::from_waker(&waker);
        assert!(wait.as_mut().poll(&mut cx).is_pending());
    }
    drop(writer);
    assert_eq!(count.wakes(), waits);
    assert_eq!(state(&lock), format!("{waits} readers"));
    drop(all);
    assert_eq!(state(&lock), "free", "none was seen");
}

#[test]
fn r_089_who_is_refused_leaves_no_trace() {
    let lock = RwLock::with_max_readers((), 1);
    let writer = lock.try_write().unwrap();
    assert!(lock.try_read().is_err() && lock.try_upgradable_read().is_err());
    assert!(lock.try_write().is_err());
    assert_eq!(state(&lock), "writer");
    drop(writer);
    let reader = lock.try_read().unwrap();
    assert!(lock.try_read().is_err() && lock.try_write().is_err());
    assert_eq!(state(&lock), "1 reader");
    drop(reader);
    assert_eq!(state(&lock), "free");
}

#[test]
fn a_wait_is_noted_and_charged_when_it_ends() {
    let (lock, note) = (RwLock::new(()), WaitNote::new());
    let held = lock.try_read().unwrap();
    let line = line!() + 1;
    let mut wait = pin!(lock.write());
    context::enter(NonZeroU64::MIN, Some(&note), Budget::initial(), || {
        assert!(poll(wait.as_mut()).is_pending());
        assert_eq!(context::budget(), Budget::initial());
        drop(held);
        assert!(poll(wait.as_mut()).is_ready());
        assert_ne!(context::budget(), Budget::initial());
    });
    let (kind, place) = note.get().unwrap();
    assert_eq!((kind, place.line()), (WaitKind::Lock, line));
}

#[test]
fn the_writer_is_known_and_the_lock_has_a_name() {
    let line = line!() + 1;
    let lock = RwLock::new(7).named("seven");
    assert_eq!(
        (lock.name(), lock.created_at().line()),
        (Some("seven"), line)
    );
    assert_eq!(lock.holder(), None);
    let read = lock.try_upgradable_read().unwrap();
    assert_eq!(lock.holder(), None);
    let task = NonZeroU64::new(5).unwrap();
    let write = context::enter(task, None, Budget::initial(), || {
        read.try_upgrade().unwrap()
    });
    assert_eq!(lock.holder().and_then(Owner::task), Some(task));
    let shown = format!("{lock:?}");
    assert!(shown.contains("<locked>") && shown.contains("seven") && shown.contains("task 5"));
    let read = write.downgrade();
    assert_eq!(lock.holder(), None);
    assert!(format!("{lock:?}").contains("data: 7"));
    let mut wait = Box::pin(lock.write());
    let other = NonZeroU64::new(6).unwrap();
    context::enter(other, None, Budget::initial(), || {
        assert!(poll(wait.as_mut()).is_pending());
    });
    drop(read);
    let granted = lock.holder().and_then(Owner::task);
    assert_eq!(granted, Some(other), "it does not know it yet");
}

#[test]
fn a_future_shows_its_stage() {
    let lock = RwLock::new(());
    let held = lock.try_write().unwrap();
    let mut wait = Box::pin(lock.read());
    assert_eq!(format!("{wait:?}"), "RwLockRead(Created)");
    assert!(poll(wait.as_mut()).is_pending());
    assert_eq!(format!("{wait:?}"), "RwLockRead(Queued)");
    drop(held);
    assert!(poll(wait.as_mut()).is_ready());
    assert_eq!(format!("{wait:?}"), "RwLockRead(Done)");
}

#[test]
fn r_087_the_types_cross_threads_as_their_values_may() {
    use std::cell::Cell;
    use std::marker::PhantomData;

    struct Probe<T: ?Sized>(PhantomData<T>);
    trait Otherwise {
        const SEND: bool = false;
        const SYNC: bool = false;
    }
    impl<T: ?Sized> Otherwise for T {}
    impl<T: ?Sized + Send> Probe<T> {
        const SEND: bool = true;
    }
    struct SyncProbe<T: ?Sized>(PhantomData<T>);
    impl<T: ?Sized + Sync> SyncProbe<T> {
        const SYNC: bool = true;
    }
    macro_rules! crosses {
        ($($ty:ty: $send:expr, $sync:expr;)*) => {$(
            let crosses = (<Probe<$ty>>::SEND, <SyncProbe<$ty>>::SYNC);
            assert_eq!(crosses, ($send, $sync), stringify!($ty));
        )*};
    }
    type Both = u8;
    // `Send` and not `Sync`; `Sync` and not `Send`.
    type Sends = Cell<u8>;
    type Syncs = std::sync::MutexGuard<'static, u8>;
    crosses! {
        RwLock<Both>: true, true;
        RwLock<Sends>: true, false;
        RwLock<Syncs>: false, false;
        RwLockReadGuard<'static, Both>: true, true;
        RwLockReadGuard<'static, Sends>: false, false;
        RwLockReadGuard<'static, Syncs>: true, false;
        RwLockWriteGuard<'static, Both>: true, true;
        RwLockWriteGuard<'static, Sends>: false, false;
        RwLockWriteGuard<'static, Syncs>: false, false;
        RwLockMappedWriteGuard<'static, Both>: true, true;
        RwLockMappedWriteGuard<'static, Sends>: false, false;
        RwLockMappedWriteGuard<'static, Syncs>: false, false;
        RwLockUpgradableReadGuard<'static, Both>: true, true;
        RwLockUpgradableReadGuard<'static, Sends>: false, false;
        RwLockUpgradableReadGuard<'static, Syncs>: false, false;
        OwnedRwLockReadGuard<Both>: true, true;
        OwnedRwLockReadGuard<Sends>: false, false;
        OwnedRwLockReadGuard<Syncs>: false, false;
        OwnedRwLockReadGuard<Both, Sends>: false, false;
        OwnedRwLockReadGuard<Both, Syncs>: true, false;
        OwnedRwLockReadGuard<Sends, Both>: false, false;
        OwnedRwLockWriteGuard<Both>: true, true;
        OwnedRwLockWriteGuard<Sends>: false, false;
        OwnedRwLockWriteGuard<Syncs>: false, false;
        OwnedRwLockMappedWriteGuard<Both, Both>: true, true;
        OwnedRwLockMappedWriteGuard<Both, Sends>: false, false;
        OwnedRwLockMappedWriteGuard<Both, Syncs>: false, false;
        OwnedRwLockMappedWriteGuard<Sends, Both>: false, false;
        OwnedRwLockUpgradableReadGuard<Both>: true, true;
        OwnedRwLockUpgradableReadGuard<Sends>: false, false;
        RwLockRead<'static, Both>: true, true;
        RwLockRead<'static, Sends>: false, false;
        RwLockWriteOwned<Both>: true, true;
        RwLockWriteOwned<Syncs>: false, false;
    }
}

/// Guards to read are covariant, so that they may be used where a shorter life is asked for.
#[expect(dead_code, reason = "it compiles")]
fn variance<'short>(
    read: RwLockReadGuard<'static, &'static str>,
) -> RwLockReadGuard<'short, &'short str> {
    read
}
