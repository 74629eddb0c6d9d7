//! Addresses: what a socket can be bound or connected to, and looking up names.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::option;
use std::pin::Pin;
use std::vec;

use crate::task::spawn_blocking;

use self::sealed::{Addrs, Lookup};

/// What can be turned into socket addresses: addresses, and names to look up.
///
/// The asynchronous counterpart of [`std::net::ToSocketAddrs`], implemented for the same types. An
/// address, also one written as a string, is used as it is. A name is looked up by the operating
/// system, which blocks, so that happens on the runtime's blocking pool.
///
/// It cannot be implemented outside this crate.
pub trait ToSocketAddrs: sealed::Resolve {}

pub(super) mod sealed {
    use super::{Future, Pin, SocketAddr, io, option, vec};

    /// The working side of `ToSocketAddrs`.
    pub trait Resolve {
        #[doc(hidden)]
        fn resolve(&self) -> Lookup;
    }

    /// What became of an argument: its address, or a look-up under way.
    #[expect(missing_debug_implementations, reason = "nobody can name it")]
    pub enum Lookup {
        Known(Addrs),
        Pending(Pin<Box<dyn Future<Output = io::Result<Addrs>> + Send + Sync>>),
    }

    /// The addresses found.
    #[derive(Debug)]
    pub enum Addrs {
        One(option::IntoIter<SocketAddr>),
        Many(vec::IntoIter<SocketAddr>),
    }

    impl Iterator for Addrs {
        type Item = SocketAddr;

        fn next(&mut self) -> Option<SocketAddr> {
            match self {
                Self::One(addr) => addr.next(),
                Self::Many(addrs) => addrs.next(),
            }
        }

        fn size_hint(&self) -> (usize, Option<usize>) {
            match self {
                Self::One(addr) => addr.size_hint(),
                Self::Many(addrs) => addrs.size_hint(),
            }
        }
    }
}

/// Looks up a host name: its addresses, in the order to try them.
///
/// The host has to come with a port, as `"example.com:80"` or `("example.com", 80)`.
///
/// # Errors
///
/// The host does not exist, the name cannot be looked up, or the port is missing.
///
/// # Cancel safety
///
/// Dropping the future forgets the look-up; it goes on unheard on the blocking pool.
///
/// # Examples
///
/// ```no_run
/// # async fn example() -> std::io::Result<()> {
/// for addr in selvedge::net::lookup_host("localhost:3000").await? {
///     println!("socket address: {addr}");
/// }
/// # Ok(())
/// # }
/// ```
pub async fn lookup_host<T: ToSocketAddrs>(
    host: T,
) -> io::Result<impl Iterator<Item = SocketAddr> + use<T>> {
    resolve(host).await
}

/// The addresses of an argument. The argument itself does not live on in the future.
pub(super) fn resolve<A: ToSocketAddrs>(
    addr: A,
) -> impl Future<Output = io::Result<Addrs>> + Send + use<A> {
    let lookup = addr.resolve();
    async move {
        match lookup {
            Lookup::Known(addrs) => Ok(addrs),
            Lookup::Pending(lookup) => lookup.await,
        }
    }
}

/// Tries the addresses of an argument in order, until `attempt` succeeds with one.
///
/// # Errors
///
/// That of the last attempt, or `InvalidInput` if there are no addresses.
pub(super) async fn try_each<A, R, F>(
    addr: A,
    mut attempt: impl FnMut(SocketAddr) -> F,
) -> io::Result<R>
where
    A: ToSocketAddrs,
    F: Future<Output = io::Result<R>>,
{
    let mut last_error = None;
    for addr in resolve(addr).await? {
        match attempt(addr).await {
            Ok(result) => return Ok(result),
            Err(error) => last_error = Some(error),
        }
    }
    Err(last_error.unwrap_or_else(none))
}

/// The error of an argument that has no addresses.
pub(super) fn none() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidInput,
        "there is no address to use: name at least one",
    )
}

impl Lookup {
    fn one(addr: SocketAddr) -> Self {
        Self::Known(Addrs::One(Some(addr).into_iter()))
    }

    /// Asks the operating system, on the blocking pool.
    fn blocking<H>(host: H) -> Self
    where
        H: std::net::ToSocketAddrs<Iter = vec::IntoIter<SocketAddr>> + Send + 'static,
    {
        let lookup = spawn_blocking(move || host.to_socket_addrs());
        Self::Pending(Box::pin(async move {
            let found = lookup.await.map_err(io::Error::other)?;
            found.map(Addrs::Many)
        }))
    }
}

impl<T: ToSocketAddrs + ?Sized> ToSocketAddrs for &T {}

impl<T: sealed::Resolve + ?Sized> sealed::Resolve for &T {
    fn resolve(&self) -> Lookup {
        (**self).resolve()
    }
}

/// Types that are an address, by way of `From`.
macro_rules! resolve_as_address {
    ($($addr:ty),* $(,)?) => {$(
        impl ToSocketAddrs for $addr {}

        impl sealed::Resolve for $addr {
            fn resolve(&self) -> Lookup {
                Lookup::one(SocketAddr::from(*self))
            }
        }
    )*};
}

resolve_as_address!(
    SocketAddr,
    SocketAddrV4,
    SocketAddrV6,
    (IpAddr, u16),
    (Ipv4Addr, u16),
    (Ipv6Addr, u16),
);

impl ToSocketAddrs for &[SocketAddr] {}

impl sealed::Resolve for &[SocketAddr] {
    fn resolve(&self) -> Lookup {
        Lookup::Known(Addrs::Many(Vec::from(*self).into_iter()))
    }
}

impl ToSocketAddrs for str {}

impl sealed::Resolve for str {
    fn resolve(&self) -> Lookup {
        match self.parse() {
            Ok(addr) => Lookup::one(addr),
            Err(_) => Lookup::blocking(self.to_owned()),
        }
    }
}

impl ToSocketAddrs for String {}

impl sealed::Resolve for String {
    fn resolve(&self) -> Lookup {
        self.as_str().resolve()
    }
}

impl ToSocketAddrs for (&str, u16) {}

impl sealed::Resolve for (&str, u16) {
    fn resolve(&self) -> Lookup {
        let (host, port) = *self;
        match host.parse::<IpAddr>() {
            Ok(ip) => Lookup::one(SocketAddr::new(ip, port)),
            Err(_) => Lookup::blocking((host.to_owned(), port)),
        }
    }
}

impl ToSocketAddrs for (String, u16) {}

impl sealed::Resolve for (String, u16) {
    fn resolve(&self) -> Lookup {
        (self.0.as_str(), self.1).resolve()
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
