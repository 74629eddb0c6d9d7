//! What may cross threads, be unpinned, and be seen after a panic: for every public type.
//!
//! A line that changes here is a change users notice; the compiler checks them all.

use std::marker::PhantomPinned;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;

/// Not `Send`, not `Sync`.
type Neither = Rc<()>;
/// `Send`, not `Sync`.
type SendOnly = std::cell::Cell<()>;
/// A future that is everything but `Unpin`.
struct Pinned(PhantomPinned);

impl Future for Pinned {
    type Output = ();
    fn poll(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<()> {
        std::task::Poll::Ready(())
    }
}

/// Asks, at run time and for one type, whether it has a trait: an inherent constant of types that
/// have it hides the trait's constant.
macro_rules! has {
    ($type:ty, $bound:path) => {{
        #[allow(
            dead_code,
            reason = "only its constant is used, and only where the bound fails"
        )]
        trait Otherwise {
            const HAS: bool = false;
        }
        impl<T: ?Sized> Otherwise for T {}
        struct Ask<T: ?Sized>(std::marker::PhantomData<T>);
        #[allow(dead_code, reason = "used if the type has the trait")]
        impl<T: ?Sized + $bound> Ask<T> {
            const HAS: bool = true;
        }
        <Ask<$type>>::HAS
    }};
}

/// `Type: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe`, each with `+` or `-`.
macro_rules! table {
    ($($type:ty: $send:tt $sync:tt $unpin:tt $unwind:tt $ref_unwind:tt;)*) => {
        $(
            let found = [
                has!($type, Send),
                has!($type, Sync),
                has!($type, Unpin),
                has!($type, UnwindSafe),
                has!($type, RefUnwindSafe),
            ];
            let expected = [
                table!(@ $send),
                table!(@ $sync),
                table!(@ $unpin),
                table!(@ $unwind),
                table!(@ $ref_unwind),
            ];
            assert_eq!(
                found, expected,
                "[Send, Sync, Unpin, UnwindSafe, RefUnwindSafe] of {}", stringify!($type),
            );
        )*
    };
    (@ +) => { true };
    (@ -) => { false };
}

#[test]
fn of_runtimes() {
    use selvedge::runtime::*;
    table! {
        Runtime:         + + + + +;
        Handle:          + + + + +;
        Builder:         + + + - -;
        EnterGuard<'static>: - + + + +;
        RuntimeMetrics:  + + + + +;
        RuntimeFlavor:   + + + + +;
        TryCurrentError: + + + + +;
        LocalRuntime:    - - + + +;
        LocalOptions:    - - + + +;
    }
}

#[test]
fn of_tasks() {
    use selvedge::task::*;
    table! {
        JoinHandle<()>:       + + + + +;
        JoinHandle<SendOnly>: + + + + +;
        JoinHandle<Neither>:  - - + + +;
        AbortHandle:          + + + + +;
        JoinError:            + + + - -;
        Id:                   + + + + +;
        LocalSet:             - - + - -;
        LocalEnterGuard:      - - + - -;
        LocalKey<u32>:        + + + + +;
        Builder<'static>:     + + + + +;
        Scope<()>:            + + + + +;
        Scope<SendOnly>:      + + + + +;
        Scope<Neither>:       - - + + +;
        ScopeError<()>:       + + + - -;
    }
    // What decides is the output.
    assert!(has!(BoundedJoinSet<SendOnly>, Send) && !has!(BoundedJoinSet<Neither>, Send));
    assert!(has!(Map<std::ops::Range<u32>, fn(u32), SendOnly>, Send));
    assert!(!has!(Map<std::ops::Range<u32>, fn(u32), Neither>, Send));
    assert!(has!(Map<Pinned, Pinned, Pinned>, Unpin));
    assert!(has!(futures::ScopeFuture<(), (), SendOnly>, Send));
    assert!(!has!(futures::ScopeFuture<Neither, (), ()>, Send));
    assert!(!has!(futures::ScopeFuture<Pinned, (), ()>, Unpin));
    assert!(has!(JoinSet<SendOnly>, Send) && has!(JoinSet<SendOnly>, Sync));
    assert!(!has!(JoinSet<Neither>, Send) && !has!(JoinSet<Neither>, Sync));
    assert!(has!(JoinSet<Neither>, Unpin));
    assert!(has!(Unconstrained<()>, Send) && !has!(Unconstrained<Pinned>, Unpin));
    assert!(!has!(futures::TaskLocalFuture<u32, Pinned>, Unpin));
    assert!(!has!(futures::TaskLocalFuture<Neither, ()>, Send));
    assert!(has!(futures::TaskLocalFuture<SendOnly, ()>, Send));
}

#[test]
fn of_time() {
    use selvedge::time::*;
    table! {
        Instant:            + + + + +;
        Interval:           + + + - -;
        MissedTickBehavior: + + + + +;
        NextTick<'static>:  + + + - -;
        error::Elapsed:     + + + + +;
    }
    assert!(has!(Sleep, Send) && has!(Sleep, Sync) && !has!(Sleep, Unpin));
    assert!(has!(Timeout<SendOnly>, Send) && !has!(Timeout<SendOnly>, Sync));
    assert!(!has!(Timeout<Neither>, Send) && !has!(Timeout<()>, Unpin));
}

#[test]
fn of_sockets() {
    use selvedge::net::*;
    table! {
        TcpStream:   + + + + +;
        TcpListener: + + + + +;
        TcpSocket:   + + + + +;
    }
    assert!(
        has!(tcp::OwnedReadHalf, Send)
            && has!(tcp::OwnedReadHalf, Sync)
            && has!(tcp::OwnedReadHalf, Unpin)
    );
    assert!(
        has!(tcp::OwnedWriteHalf, Send)
            && has!(tcp::OwnedWriteHalf, Sync)
            && has!(tcp::OwnedWriteHalf, Unpin)
    );
    assert!(
        has!(tcp::ReadHalf<'static>, Send)
            && has!(tcp::ReadHalf<'static>, Sync)
            && has!(tcp::ReadHalf<'static>, Unpin)
    );
    assert!(
        has!(tcp::WriteHalf<'static>, Send)
            && has!(tcp::WriteHalf<'static>, Sync)
            && has!(tcp::WriteHalf<'static>, Unpin)
    );
    assert!(has!(tcp::ReuniteError, Send) && has!(tcp::ReuniteError, Sync));
    assert!(has!(tcp::ReadyWait<'static>, Send) && !has!(tcp::ReadyWait<'static>, Unpin));
    assert!(has!(tcp::Accept<'static>, Send) && !has!(tcp::Accept<'static>, Unpin));
}

#[test]
fn of_synchronization() {
    use selvedge::sync::*;
    table! {
        Notify:                    + + + + +;
        oneshot::Sender<()>:       + + + - -;
        oneshot::Sender<SendOnly>: + + + - -;
        oneshot::Receiver<SendOnly>: + + + - -;
    }
    assert!(!has!(oneshot::Sender<Neither>, Send) && !has!(oneshot::Receiver<Neither>, Send));
    assert!(!has!(oneshot::Sender<Neither>, Sync) && !has!(oneshot::Receiver<Neither>, Sync));
    assert!(
        has!(Notified<'static>, Send)
            && has!(Notified<'static>, Sync)
            && !has!(Notified<'static>, Unpin)
    );
    assert!(has!(OwnedNotified, Send) && !has!(OwnedNotified, Unpin));
}

/// The futures of functions and methods: what matters is that tasks can await them.
#[test]
fn of_futures() {
    fn is_send<T: Send>(_: fn() -> T) {}
    fn is_sync<T: Sync>(_: fn() -> T) {}
    fn any<T>() -> T {
        unreachable!("only its type is of interest")
    }
    is_send(|| selvedge::task::yield_now());
    is_sync(|| selvedge::task::yield_now());
    is_send(selvedge::task::consume_budget);
    is_send(|| selvedge::time::sleep(any()));
    is_send(|| selvedge::time::timeout(any(), std::future::ready(())));
    is_send(|| selvedge::time::advance(any()));
    is_send(|| selvedge::net::TcpStream::connect("localhost:80"));
    is_send(|| selvedge::net::TcpListener::bind("localhost:80"));
    is_send(|| selvedge::net::lookup_host("localhost:80"));
    is_send(|| any::<selvedge::net::TcpSocket>().connect(any()));
    is_send(|| any::<&'static selvedge::net::TcpListener>().accept());
    is_send(|| any::<&'static selvedge::net::TcpStream>().readable());
    is_send(|| any::<&'static selvedge::net::TcpStream>().writable());
    is_send(|| any::<&'static selvedge::net::TcpStream>().peek(any::<&'static mut [u8]>()));
    is_send(|| any::<&'static mut selvedge::task::JoinSet<SendOnly>>().join_next());
    is_send(|| any::<selvedge::task::JoinSet<SendOnly>>().join_all());
    is_send(|| any::<&'static mut selvedge::time::Interval>().tick());
    is_send(|| any::<&'static selvedge::sync::Notify>().notified());
}
