//! A socket under the reactor: what is the same for all of them.
//!
//! A socket has a role, and a family of addresses. What a role can do stands in the file of the role, for
//! both families at once; what only one combination has stands in its own file.
//!
//! | | [`Ip`] | `Unix` |
//! |---|---|---|
//! | [`Stream`], `stream.rs` | `tcp_stream.rs` | `unix/stream.rs` |
//! | [`Listener`], `listener.rs` | `tcp_listener.rs` | `unix/listener.rs` |
//! | [`Datagram`], `datagram.rs` | `udp_socket.rs` | `unix/datagram.rs` |
//!
//! [`Stream`]: super::stream::Stream
//! [`Listener`]: super::listener::Listener
//! [`Datagram`]: super::datagram::Datagram

#[cfg_attr(unix, path = "socket/descriptor.rs")]
#[cfg_attr(windows, path = "socket/handle.rs")]
mod descriptor;
mod family;
#[macro_use]
mod inner;

use std::fmt;
use std::io;
use std::panic::Location;

use selvedge_sync::primitive::Arc;
use socket2::SockRef;

use super::attempts::Attempts;
use super::ready_wait::{DirectionWait, ReadyWait};
use crate::context;
use crate::io::{Interest, Ready};
use crate::reactor::{Reactor, Registration};

pub use self::family::{Family, Ip};
pub(super) use self::inner::{ByteInner, Inner};

/// A socket of the role `R` whose addresses are of the family `F`.
///
/// The combinations have names: [`TcpStream`](super::TcpStream), [`TcpListener`](super::TcpListener),
/// [`UdpSocket`](super::UdpSocket), and on Unix `UnixStream`, `UnixListener` and `UnixDatagram`.
pub struct Socket<R: Role, F: Family> {
    pub(super) io: Registration<R::Inner<F>>,
}

/// What a socket is for.
pub trait Role {
    /// The socket itself.
    #[doc(hidden)]
    type Inner<F: Family>: Inner;
    /// What the reactor watches it for.
    #[doc(hidden)]
    const WATCHED: Interest;
}

/// The roles of sockets that send and receive.
pub trait PeerRole: Role {}

impl<R: Role, F: Family> Socket<R, F> {
    /// Has the reactor of this thread watch a socket, which counts as ready for `assumed` at first.
    #[track_caller]
    pub(super) fn register(inner: R::Inner<F>, assumed: Ready) -> io::Result<Self> {
        Self::register_with(context::reactor(), inner, assumed)
    }

    fn register_with(
        reactor: Arc<Reactor>,
        inner: R::Inner<F>,
        assumed: Ready,
    ) -> io::Result<Self> {
        let io = Registration::new(reactor, inner, R::WATCHED, assumed)?;
        Ok(Self { io })
    }

    /// The socket, for what every socket can do.
    pub(super) fn sock(&self) -> SockRef<'_> {
        self.io.io().sock()
    }

    /// Takes over a socket of the standard library.
    ///
    /// # Errors
    ///
    /// The socket is in blocking mode (`InvalidInput`): call its `set_nonblocking(true)` first. Or the
    /// reactor cannot register it.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn from_std(std: <R::Inner<F> as Inner>::Std) -> io::Result<Self> {
        let reactor = context::reactor();
        let inner = R::Inner::<F>::from_std(std);
        require_nonblocking(&inner.sock())?;
        Self::register_with(reactor, inner, Ready::EMPTY)
    }

    /// Takes the socket out of the runtime. It stays in non-blocking mode.
    ///
    /// # Errors
    ///
    /// The reactor does not let go of it; the socket is closed then.
    pub fn into_std(self) -> io::Result<<R::Inner<F> as Inner>::Std> {
        self.io.into_inner().map(Inner::into_std)
    }

    /// The address of this end.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn local_addr(&self) -> io::Result<F::Addr> {
        self.sock().local_addr().and_then(F::addr)
    }

    /// Takes the error the socket holds, if any; the socket forgets it.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.sock().take_error()
    }
}

impl<R: PeerRole, F: Family> Socket<R, F> {
    /// The address of the other end.
    ///
    /// # Errors
    ///
    /// `NotConnected` if there is none.
    pub fn peer_addr(&self) -> io::Result<F::Addr> {
        self.sock().peer_addr().and_then(F::addr)
    }

    /// Waits until the socket is ready for some of `interest`.
    ///
    /// The readiness may be out of date by the time it is used: try the operation, and wait again
    /// if it says `WouldBlock`.
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[track_caller]
    pub fn ready(&self, interest: Interest) -> ReadyWait<'_> {
        ReadyWait::new(self.io.wait(interest, Location::caller()))
    }

    /// Waits until the socket is readable: [`ready`](Self::ready) with [`Interest::READABLE`].
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[track_caller]
    pub fn readable(&self) -> DirectionWait<'_> {
        DirectionWait::new(self.io.wait(Interest::READABLE, Location::caller()))
    }

    /// Waits until the socket is writable: [`ready`](Self::ready) with [`Interest::WRITABLE`].
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[track_caller]
    pub fn writable(&self) -> DirectionWait<'_> {
        DirectionWait::new(self.io.wait(Interest::WRITABLE, Location::caller()))
    }

    /// Runs `f`, an operation on this socket, if the socket is said to be ready for `interest`.
    ///
    /// `f` must say `WouldBlock` only if the socket itself did: that is what ends the readiness.
    /// It should not call other methods of this type, nor wait.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if the socket is not ready, or that of `f`.
    pub fn try_io<T>(
        &self,
        interest: Interest,
        f: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<T> {
        self.io.try_io(interest, |io| io.run(f))
    }

    /// Runs `f`, an operation on this socket, as often as it takes until it does not say
    /// `WouldBlock`, each time after waiting for `interest`.
    ///
    /// The rules for `f` are those of [`try_io`](Self::try_io).
    ///
    /// # Errors
    ///
    /// That of `f`, or the runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// `f` is not run again once the future is dropped; what it did before stays done.
    #[track_caller]
    pub fn async_io<T>(
        &self,
        interest: Interest,
        mut f: impl FnMut() -> io::Result<T>,
    ) -> Attempts<'_, impl FnMut() -> io::Result<T>> {
        let io = self.io.io();
        Attempts::new(&self.io, interest, Location::caller(), move || {
            io.run(&mut f)
        })
    }
}

impl<R: Role, F: Family> fmt::Debug for Socket<R, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.io.io().fmt(f)
    }
}

/// Fails if operations on `socket` block the thread. Not all systems tell.
///
/// A blocking socket would stop a worker, and with it tasks that have nothing to do with it, at the
/// first read that finds nothing. Setting the mode here instead would change the caller's other
/// handles to the socket behind their back: the mode belongs to the socket, not to the handle.
fn require_nonblocking(socket: &SockRef<'_>) -> io::Result<()> {
    match descriptor::is_blocking(socket)? {
        false => Ok(()),
        true => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the socket is in blocking mode: call `set_nonblocking(true)` before handing it over",
        )),
    }
}
