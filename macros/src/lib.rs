//! The entry-point attributes of selvedge.
