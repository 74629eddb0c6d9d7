//! Options of a socket that its packets carry or that choose their way, for TCP and UDP.

#[cfg(any(target_os = "android", target_os = "linux"))]
mod linux;
#[cfg(not(any(
    target_os = "fuchsia",
    target_os = "haiku",
    target_os = "illumos",
    target_os = "redox",
    target_os = "solaris"
)))]
mod traffic;
