//! Options that sockets have on Linux and Android.

use std::io;

use super::TcpSocket;

impl TcpSocket {
    /// The traffic class of IPv6 packets (`IPV6_TCLASS`).
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn tclass_v6(&self) -> io::Result<u32> {
        self.socket.tclass_v6()
    }

    /// Sets what [`tclass_v6`](Self::tclass_v6) tells.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn set_tclass_v6(&self, class: u32) -> io::Result<()> {
        self.socket.set_tclass_v6(class)
    }

    /// The network interface the socket is bound to (`SO_BINDTODEVICE`), if any.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn device(&self) -> io::Result<Option<Vec<u8>>> {
        self.socket.device()
    }

    /// Lets packets pass only through one network interface, such as `b"eth0"`; `None` lifts that.
    ///
    /// # Errors
    ///
    /// That of the operating system, such as an interface that does not exist.
    pub fn bind_device(&self, interface: Option<&[u8]>) -> io::Result<()> {
        self.socket.bind_device(interface)
    }
}
