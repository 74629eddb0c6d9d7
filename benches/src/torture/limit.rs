//! The limit of descriptors, raised to what the connections take.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Descriptors of client and server that are no connections.
const OTHERS: u64 = 100;

/// Raises the limit of this process and of those it starts, so that there may be `connections`, each of which
/// takes two descriptors: here its two ends, in the proxy its two sides.
///
/// # Errors
///
/// If the system does not allow as many.
pub fn raise(connections: usize) -> Result<(), String> {
    let needed = 2 * connections as u64 + OTHERS;
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= needed) {
        return Ok(());
    }
    if limit.maximum.is_some_and(|maximum| maximum < needed) {
        return Err(format!(
            "{connections} connections take {needed} descriptors and the limit is {:?}: fewer --connections",
            limit.maximum
        ));
    }
    limit.current = Some(needed);
    setrlimit(Resource::Nofile, limit).map_err(|error| format!("the limit of descriptors: {error}"))
}
