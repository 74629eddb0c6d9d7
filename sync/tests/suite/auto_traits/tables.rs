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

#[test]
fn types_have_the_traits_they_should() {
    table! {
        Mutex<P> => "" "" "";
        MutexGuard<'static, P> => "" "" "";
        MappedMutexGuard<'static, P> => "" "" "";
        OwnedMutexGuard<P> => "" "" "";
        OwnedMappedMutexGuard<P, P> => "" "" "";
        futures::Lock<'static, P> => "" "" "";
        futures::LockOwned<P> => "" "" "";
        ReentrantMutex<P> => "" "" "";
        ReentrantMutexGuard<'static, P> => "" "" "";
        futures::ReentrantLock<'static, P> => "" "" "";
        RwLock<P> => "" "" "";
        RwLockReadGuard<'static, P> => "" "" "";
        RwLockUpgradableReadGuard<'static, P> => "" "" "";
        RwLockWriteGuard<'static, P> => "" "" "";
        RwLockMappedWriteGuard<'static, P> => "" "" "";
        OwnedRwLockReadGuard<P> => "" "" "";
        OwnedRwLockUpgradableReadGuard<P> => "" "" "";
        OwnedRwLockWriteGuard<P> => "" "" "";
        OwnedRwLockMappedWriteGuard<P, P> => "" "" "";
        futures::RwLockRead<'static, P> => "" "" "";
        futures::RwLockUpgradableRead<'static, P> => "" "" "";
        futures::RwLockUpgrade<'static, P> => "" "" "";
        futures::RwLockWrite<'static, P> => "" "" "";
        futures::RwLockReadOwned<P> => "" "" "";
        futures::RwLockUpgradableReadOwned<P> => "" "" "";
        futures::RwLockUpgradeOwned<P> => "" "" "";
        futures::RwLockWriteOwned<P> => "" "" "";
        Condvar => "" "" "";
        futures::Wait<'static, MutexGuard<'static, P>> => "" "" "";
        Semaphore => "" "" "";
        SemaphorePermit<'static> => "" "" "";
        OwnedSemaphorePermit => "" "" "";
        SemaphoreAcquire<'static> => "" "" "";
        SemaphoreAcquireOwned => "" "" "";
        Notify => "" "" "";
        Notified<'static> => "" "" "";
        OwnedNotified => "" "" "";
        Event => "" "" "";
        OneShotEvent => "" "" "";
        futures::EventWait<'static> => "" "" "";
        Barrier => "" "" "";
        BarrierWaitResult => "" "" "";
        futures::BarrierWait<'static> => "" "" "";
        CancellationToken => "" "" "";
        DropGuard => "" "" "";
        DropGuardRef<'static> => "" "" "";
        futures::WaitForCancellationFuture<'static> => "" "" "";
        futures::WaitForCancellationFutureOwned => "" "" "";
        TaskTracker => "" "" "";
        TaskTrackerToken => "" "" "";
        futures::TaskTrackerWaitFuture<'static> => "" "" "";
        futures::TrackedFuture<P> => "" "" "";
        WaitGroup => "" "" "";
        futures::WaitGroupWait => "" "" "";
        OnceCell<P> => "" "" "";
        SetError<P> => "" "" "";
        SetOnce<P> => "" "" "";
        SetOnceError<P> => "" "" "";
        futures::SetOnceWait<'static, P> => "" "" "";
        Promise<P, P> => "" "" "";
        PromiseFuture<P, P> => "" "" "";
        PromiseError<P> => "" "" "";
        futures::PromiseWait<'static, P, P> => "" "" "";
        futures::PromiseCancelled<'static, P, P> => "" "" "";
        futures::PromiseTake<P, P> => "" "" "";
        futures::PromiseResult<P, P> => "" "" "";
        WorkQueue<P> => "" "" "";
        Job<P> => "" "" "";
        futures::TimeLimit<P> => "" "" "";
        Elapsed => "" "" "";
        oneshot::Sender<P> => "" "" "";
        oneshot::Receiver<P> => "" "" "";
        mpsc::Sender<P> => "" "" "";
        mpsc::WeakSender<P> => "" "" "";
        mpsc::Receiver<P> => "" "" "";
        mpsc::Permit<'static, P> => "" "" "";
        mpsc::OwnedPermit<P> => "" "" "";
        mpsc::PermitIterator<'static, P> => "" "" "";
        mpsc::UnboundedSender<P> => "" "" "";
        mpsc::WeakUnboundedSender<P> => "" "" "";
        mpsc::UnboundedReceiver<P> => "" "" "";
        mpsc::error::SendError<P> => "" "" "";
        mpmc::Sender<P> => "" "" "";
        mpmc::WeakSender<P> => "" "" "";
        mpmc::Receiver<P> => "" "" "";
        mpmc::WeakReceiver<P> => "" "" "";
        broadcast::Sender<P> => "" "" "";
        broadcast::WeakSender<P> => "" "" "";
        broadcast::Receiver<P> => "" "" "";
        broadcast::error::SendError<P> => "" "" "";
        watch::Sender<P> => "" "" "";
        watch::Receiver<P> => "" "" "";
        watch::Ref<'static, P> => "" "" "";
        watch::error::SendError<P> => "" "" "";
    }
}
