//! Options of a socket that its packets carry: how routers should treat them.

use std::io;

use crate::net::{TcpSocket, UdpSocket};

macro_rules! traffic_options {
    ($socket:ty) => {
        impl $socket {
            /// The type of service of IPv4 packets (`IP_TOS`).
            ///
            /// # Errors
            ///
            /// That of the operating system.
            pub fn tos_v4(&self) -> io::Result<u32> {
                self.sock().tos_v4()
            }

            /// Sets what [`tos_v4`](Self::tos_v4) tells.
            ///
            /// # Errors
            ///
            /// That of the operating system.
            pub fn set_tos_v4(&self, tos: u32) -> io::Result<()> {
                self.sock().set_tos_v4(tos)
            }

            /// As [`tos_v4`](Self::tos_v4).
            ///
            /// # Errors
            ///
            /// As there.
            #[deprecated = "it is about IPv4 only: use `tos_v4`"]
            pub fn tos(&self) -> io::Result<u32> {
                self.tos_v4()
            }

            /// As [`set_tos_v4`](Self::set_tos_v4).
            ///
            /// # Errors
            ///
            /// As there.
            #[deprecated = "it is about IPv4 only: use `set_tos_v4`"]
            pub fn set_tos(&self, tos: u32) -> io::Result<()> {
                self.set_tos_v4(tos)
            }
        }
    };
}

traffic_options!(TcpSocket);
traffic_options!(UdpSocket);
