//! An async runtime where nothing hangs silently and everything can be seen.
