//! Options that sockets have on Linux and Android.

use std::io;

use crate::net::{TcpSocket, UdpSocket};

macro_rules! linux_options {
    ($socket:ty) => {
        impl $socket {
            /// The traffic class of IPv6 packets (`IPV6_TCLASS`).
            ///
            /// # Errors
            ///
            /// That of the operating system.
            pub fn tclass_v6(&self) -> io::Result<u32> {
                self.sock().tclass_v6()
            }

            /// Sets what [`tclass_v6`](Self::tclass_v6) tells.
            ///
            /// # Errors
            ///
            /// That of the operating system.
            pub fn set_tclass_v6(&self, class: u32) -> io::Result<()> {
                self.sock().set_tclass_v6(class)
            }

            /// The network interface the socket is bound to (`SO_BINDTODEVICE`), if any.
            ///
            /// # Errors
            ///
            /// That of the operating system.
            pub fn device(&self) -> io::Result<Option<Vec<u8>>> {
                self.sock().device()
            }

            /// Lets packets pass only through one network interface, such as `b"eth0"`; `None` lifts that.
            ///
            /// # Errors
            ///
            /// That of the operating system, such as an interface that does not exist.
            pub fn bind_device(&self, interface: Option<&[u8]>) -> io::Result<()> {
                self.sock().bind_device(interface)
            }
        }
    };
}

linux_options!(TcpSocket);
linux_options!(UdpSocket);
