//! Options of a connected stream.

use std::io;
use std::time::Duration;

use socket2::SockRef;

use super::TcpStream;

impl TcpStream {
    /// True if small writes are sent at once (`TCP_NODELAY`).
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn nodelay(&self) -> io::Result<bool> {
        self.io.io().nodelay()
    }

    /// Whether small writes are sent at once, or gathered first (Nagle's algorithm, the default).
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.io.io().set_nodelay(nodelay)
    }

    /// How many routers a packet may pass (`IP_TTL`).
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn ttl(&self) -> io::Result<u32> {
        self.io.io().ttl()
    }

    /// Sets how many routers a packet may pass (`IP_TTL`).
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.io.io().set_ttl(ttl)
    }

    /// How long closing waits for unsent data (`SO_LINGER`); `None` if it does not.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn linger(&self) -> io::Result<Option<Duration>> {
        SockRef::from(self.io.io()).linger()
    }

    /// Sets how long closing waits for unsent data (`SO_LINGER`), in whole seconds.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    #[deprecated = "closing blocks the thread with it: use `set_zero_linger` or wait for the peer"]
    pub fn set_linger(&self, dur: Option<Duration>) -> io::Result<()> {
        SockRef::from(self.io.io()).set_linger(dur)
    }

    /// Makes closing drop unsent data and reset the connection.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn set_zero_linger(&self) -> io::Result<()> {
        SockRef::from(self.io.io()).set_linger(Some(Duration::ZERO))
    }

    /// True if received data is acknowledged at once (`TCP_QUICKACK`).
    ///
    /// # Errors
    ///
    /// That of the operating system.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn quickack(&self) -> io::Result<bool> {
        SockRef::from(self.io.io()).tcp_quickack()
    }

    /// Sets whether received data is acknowledged at once (`TCP_QUICKACK`). Not for ever: the
    /// kernel changes it as it sees fit.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn set_quickack(&self, quickack: bool) -> io::Result<()> {
        SockRef::from(self.io.io()).set_tcp_quickack(quickack)
    }
}
