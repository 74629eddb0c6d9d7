//! The table.

use selvedge_sync::{
    Barrier, BarrierWaitResult, CancellationToken, Condvar, DropGuard, DropGuardRef, Elapsed,
    Event, Job, MappedMutexGuard, Mutex, MutexGuard, Notified, Notify, OnceCell, OneShotEvent,
    OwnedMappedMutexGuard, OwnedMutexGuard, OwnedNotified, OwnedRwLockMappedWriteGuard,
    OwnedRwLockReadGuard, OwnedRwLockUpgradableReadGuard, OwnedRwLockWriteGuard,
    OwnedSemaphorePermit, Promise, PromiseError, PromiseFuture, ReentrantMutex,
    ReentrantMutexGuard, RwLock, RwLockMappedWriteGuard, RwLockReadGuard,
    RwLockUpgradableReadGuard, RwLockWriteGuard, Semaphore, SemaphoreAcquire,
    SemaphoreAcquireOwned, SemaphorePermit, SetError, SetOnce, SetOnceError, TaskTracker,
    TaskTrackerToken, WaitGroup, WorkQueue, broadcast, futures, mpmc, mpsc, oneshot, watch,
};

use super::{Both, Moves, Stays, asks};

#[allow(clippy::too_many_lines, reason = "a table")]
#[test]
fn types_have_the_traits_they_should() {
    table! {
        Mutex<P> => "SYUW-" "SYUW-" "--UW-";
        MutexGuard<'static, P> => "SYU--" "S-U--" "--U--";
        MappedMutexGuard<'static, P> => "SYU-R" "S-U--" "--U-R";
        OwnedMutexGuard<P> => "SYU--" "S-U--" "--U--";
        OwnedMappedMutexGuard<P, P> => "SYU--" "S-U--" "--U--";
        futures::Lock<'static, P> => "SY---" "SY---" "-----";
        futures::LockOwned<P> => "SY---" "SY---" "-----";
        ReentrantMutex<P> => "SYUWR" "S-UW-" "--UWR";
        ReentrantMutexGuard<'static, P> => "SYUWR" "--U--" "--UWR";
        futures::ReentrantLock<'static, P> => "SY---" "-----" "-----";
        RwLock<P> => "SYUW-" "S-UW-" "--UW-";
        RwLockReadGuard<'static, P> => "SYUWR" "--U--" "--UWR";
        RwLockUpgradableReadGuard<'static, P> => "SYU--" "--U--" "--U--";
        RwLockWriteGuard<'static, P> => "SYU--" "--U--" "--U--";
        RwLockMappedWriteGuard<'static, P> => "SYU-R" "--U--" "--U-R";
        OwnedRwLockReadGuard<P> => "SYU--" "--U--" "--U--";
        OwnedRwLockUpgradableReadGuard<P> => "SYU--" "--U--" "--U--";
        OwnedRwLockWriteGuard<P> => "SYU--" "--U--" "--U--";
        OwnedRwLockMappedWriteGuard<P, P> => "SYU--" "--U--" "--U--";
        futures::RwLockRead<'static, P> => "SY---" "-----" "-----";
        futures::RwLockUpgradableRead<'static, P> => "SY---" "-----" "-----";
        futures::RwLockUpgrade<'static, P> => "SY---" "-----" "-----";
        futures::RwLockWrite<'static, P> => "SY---" "-----" "-----";
        futures::RwLockReadOwned<P> => "SY---" "-----" "-----";
        futures::RwLockUpgradableReadOwned<P> => "SY---" "-----" "-----";
        futures::RwLockUpgradeOwned<P> => "SY---" "-----" "-----";
        futures::RwLockWriteOwned<P> => "SY---" "-----" "-----";
        Condvar => "SYUWR" "SYUWR" "SYUWR";
        futures::Wait<'static, MutexGuard<'static, P>> => "SY---" "S----" "-----";
        Semaphore => "SYUWR" "SYUWR" "SYUWR";
        SemaphorePermit<'static> => "SYUWR" "SYUWR" "SYUWR";
        OwnedSemaphorePermit => "SYUWR" "SYUWR" "SYUWR";
        SemaphoreAcquire<'static> => "SY---" "SY---" "SY---";
        SemaphoreAcquireOwned => "SY---" "SY---" "SY---";
        Notify => "SYUWR" "SYUWR" "SYUWR";
        Notified<'static> => "SY---" "SY---" "SY---";
        OwnedNotified => "SY---" "SY---" "SY---";
        Event => "SYUWR" "SYUWR" "SYUWR";
        OneShotEvent => "SYUWR" "SYUWR" "SYUWR";
        futures::EventWait<'static> => "SY---" "SY---" "SY---";
        Barrier => "SYUWR" "SYUWR" "SYUWR";
        BarrierWaitResult => "SYUWR" "SYUWR" "SYUWR";
        futures::BarrierWait<'static> => "SY---" "SY---" "SY---";
        CancellationToken => "SYUWR" "SYUWR" "SYUWR";
        DropGuard => "SYUWR" "SYUWR" "SYUWR";
        DropGuardRef<'static> => "SYUWR" "SYUWR" "SYUWR";
        futures::WaitForCancellationFuture<'static> => "SY---" "SY---" "SY---";
        futures::WaitForCancellationFutureOwned => "SY---" "SY---" "SY---";
        TaskTracker => "SYUWR" "SYUWR" "SYUWR";
        TaskTrackerToken => "SYUWR" "SYUWR" "SYUWR";
        futures::TaskTrackerWaitFuture<'static> => "SY---" "SY---" "SY---";
        futures::TrackedFuture<P> => "SYUWR" "S-UW-" "--UWR";
        WaitGroup => "SYUWR" "SYUWR" "SYUWR";
        futures::WaitGroupWait => "SY---" "SY---" "SY---";
        OnceCell<P> => "SYUWR" "S-UW-" "--UWR";
        SetError<P> => "SYUWR" "S-UW-" "--UWR";
        SetOnce<P> => "SYUWR" "S-UW-" "--UWR";
        SetOnceError<P> => "SYUWR" "S-UW-" "--UWR";
        futures::SetOnceWait<'static, P> => "SY---" "-----" "-----";
        Promise<P, P> => "SYUWR" "--U--" "--UWR";
        PromiseFuture<P, P> => "SYUWR" "--U--" "--UWR";
        PromiseError<P> => "SYUWR" "S-UW-" "--UWR";
        futures::PromiseWait<'static, P, P> => "SY---" "-----" "-----";
        futures::PromiseCancelled<'static, P, P> => "SY---" "-----" "-----";
        futures::PromiseTake<P, P> => "SY---" "-----" "-----";
        futures::PromiseResult<P, P> => "SY---" "-----" "-----";
        WorkQueue<P> => "SYUWR" "SYUWR" "--UWR";
        Job<P> => "SYUWR" "S-UW-" "--UWR";
        futures::TimeLimit<P> => "SYU--" "S-U--" "--U--";
        Elapsed => "SYUWR" "SYUWR" "SYUWR";
        oneshot::Sender<P> => "SYU--" "SYU--" "--U--";
        oneshot::Receiver<P> => "SYU--" "SYU--" "--U--";
        mpsc::Sender<P> => "SYUWR" "SYUWR" "--UWR";
        mpsc::WeakSender<P> => "SYUWR" "SYUWR" "--UWR";
        mpsc::Receiver<P> => "SYUWR" "SYUWR" "--UWR";
        mpsc::Permit<'static, P> => "SYUWR" "SYUWR" "--UWR";
        mpsc::OwnedPermit<P> => "SYUWR" "SYUWR" "--UWR";
        mpsc::PermitIterator<'static, P> => "SYUWR" "SYUWR" "--UWR";
        mpsc::UnboundedSender<P> => "SYUWR" "SYUWR" "--UWR";
        mpsc::WeakUnboundedSender<P> => "SYUWR" "SYUWR" "--UWR";
        mpsc::UnboundedReceiver<P> => "SYUWR" "SYUWR" "--UWR";
        mpsc::error::SendError<P> => "SYUWR" "S-UW-" "--UWR";
        mpmc::Sender<P> => "SYUWR" "SYUWR" "--UWR";
        mpmc::WeakSender<P> => "SYUWR" "SYUWR" "--UWR";
        mpmc::Receiver<P> => "SYUWR" "SYUWR" "--UWR";
        mpmc::WeakReceiver<P> => "SYUWR" "SYUWR" "--UWR";
        broadcast::Sender<P> => "SYU--" "SYU--" "--U--";
        broadcast::WeakSender<P> => "SYU--" "SYU--" "--U--";
        broadcast::Receiver<P> => "SYU--" "SYU--" "--U--";
        broadcast::error::SendError<P> => "SYUWR" "S-UW-" "--UWR";
        watch::Sender<P> => "SYUWR" "--UWR" "--UWR";
        watch::Receiver<P> => "SYUWR" "--UWR" "--UWR";
        watch::Ref<'static, P> => "-YUWR" "--U--" "--UWR";
        watch::error::SendError<P> => "SYUWR" "S-UW-" "--UWR";
    }
}
