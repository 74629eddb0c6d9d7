//! Models of `mpsc` channels.
