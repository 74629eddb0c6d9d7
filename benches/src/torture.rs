//! A client that is hard on servers: thousands of connections at once, each with manners of its own.
//!
//! It plays against the examples `tcp_proxy` and `http_server` and asks three things: that every byte that
//! arrives is the one that was sent, and none is missing where both sides ended in order; that the server's
//! memory and descriptors are after many waves of connections what they were after the first; and that no
//! connection is left behind while others are served.
//!
//! | Module | The one idea |
//! |---|---|
//! | [`options`] | the command line |
//! | [`limit`] | the limit of descriptors |
//! | [`server`] | the server's process: its address, memory and descriptors |
//! | [`stream`] | bytes whose every position is known to both ends |
//! | [`talk`] | one side of a conversation: what is sent, what has to come, and how it ends |
//! | [`origin`] | the server behind the proxy |
//! | [`proxy`] | conversations through the proxy |
//! | [`http`] | conversations with the HTTP server |
//! | [`wave`] | many conversations at once, and how far each has come |
//! | [`outcome`] | waves in a row, what they did to the server, and the table |

pub mod http;
pub mod limit;
pub mod options;
pub mod origin;
pub mod outcome;
pub mod proxy;
pub mod server;
pub mod stream;
pub mod talk;
pub mod wave;
