//! Stands in for `usage.rs` where CPU time and context switches are not asked for.

#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    pub(crate) cpu: f64,
    pub(crate) switches: f64,
}

/// Nothing is known here.
pub(crate) fn now() -> Option<Usage> {
    None
}
