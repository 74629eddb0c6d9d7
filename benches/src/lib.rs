//! Selvedge beside its peers, in one run.
