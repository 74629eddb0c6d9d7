//! Reads what the kernel says about a process or a thread in `/proc`.

use std::fs;
use std::io;

/// Resident memory of a process, in bytes. `process` is a process id, or `self`.
pub(crate) fn resident_bytes(process: &str) -> io::Result<u64> {
    field(&format!("/proc/{process}/status"), "VmRSS").map(|kib| kib * 1024)
}

/// The largest resident memory that a process has had, in bytes.
pub(crate) fn peak_bytes(process: &str) -> io::Result<u64> {
    field(&format!("/proc/{process}/status"), "VmHWM").map(|kib| kib * 1024)
}

/// Memory is resident by pages; a growth below one page cannot be told from none.
const PAGE_BYTES: u64 = 4096;

/// By how much a process grew, in bytes, for each of `count` things that made it grow.
pub(crate) fn growth_per_one(before: u64, after: u64, count: usize) -> f64 {
    after.saturating_sub(before).max(PAGE_BYTES) as f64 / count as f64
}

/// How often the calling thread was taken off its CPU, willingly or not.
pub(crate) fn switches_of_this_thread() -> io::Result<u64> {
    let path = "/proc/thread-self/status";
    Ok(field(path, "voluntary_ctxt_switches")? + field(path, "nonvoluntary_ctxt_switches")?)
}

/// The number after `name:` in a file of the form of `/proc/*/status`.
fn field(path: &str, name: &str) -> io::Result<u64> {
    let unreadable = |why: String| io::Error::new(io::ErrorKind::Unsupported, why);
    let text = fs::read_to_string(path)
        .map_err(|error| unreadable(format!("{path}: {error}; this row needs Linux's /proc")))?;
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| *key == name)
        .and_then(|(_, value)| value.split_whitespace().next()?.parse().ok())
        .ok_or_else(|| unreadable(format!("{path} has no {name}")))
}
