//! Options of a UDP socket about groups of receivers.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::UdpSocket;

impl UdpSocket {
    /// Joins a group of IPv4, on the interface with this address (`0.0.0.0`: any).
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn join_multicast_v4(&self, multiaddr: Ipv4Addr, interface: Ipv4Addr) -> io::Result<()> {
        self.io.io().join_multicast_v4(&multiaddr, &interface)
    }

    /// Joins a group of IPv6, on the interface with this index (0: any).
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn join_multicast_v6(&self, multiaddr: &Ipv6Addr, interface: u32) -> io::Result<()> {
        self.io.io().join_multicast_v6(multiaddr, interface)
    }

    /// Leaves a group that was joined with [`join_multicast_v4`](Self::join_multicast_v4).
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn leave_multicast_v4(&self, multiaddr: Ipv4Addr, interface: Ipv4Addr) -> io::Result<()> {
        self.io.io().leave_multicast_v4(&multiaddr, &interface)
    }

    /// Leaves a group that was joined with [`join_multicast_v6`](Self::join_multicast_v6).
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn leave_multicast_v6(&self, multiaddr: &Ipv6Addr, interface: u32) -> io::Result<()> {
        self.io.io().leave_multicast_v6(multiaddr, interface)
    }

    /// True if what is sent to a group of IPv4 comes back to this machine (`IP_MULTICAST_LOOP`).
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn multicast_loop_v4(&self) -> io::Result<bool> {
        self.io.io().multicast_loop_v4()
    }

    /// Sets what [`multicast_loop_v4`](Self::multicast_loop_v4) tells.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn set_multicast_loop_v4(&self, on: bool) -> io::Result<()> {
        self.io.io().set_multicast_loop_v4(on)
    }

    /// True if what is sent to a group of IPv6 comes back to this machine (`IPV6_MULTICAST_LOOP`).
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn multicast_loop_v6(&self) -> io::Result<bool> {
        self.io.io().multicast_loop_v6()
    }

    /// Sets what [`multicast_loop_v6`](Self::multicast_loop_v6) tells.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn set_multicast_loop_v6(&self, on: bool) -> io::Result<()> {
        self.io.io().set_multicast_loop_v6(on)
    }

    /// How many routers a packet to a group of IPv4 may pass (`IP_MULTICAST_TTL`).
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn multicast_ttl_v4(&self) -> io::Result<u32> {
        self.io.io().multicast_ttl_v4()
    }

    /// Sets what [`multicast_ttl_v4`](Self::multicast_ttl_v4) tells.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn set_multicast_ttl_v4(&self, ttl: u32) -> io::Result<()> {
        self.io.io().set_multicast_ttl_v4(ttl)
    }
}
