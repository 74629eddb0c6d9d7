//! Libraries of other worlds on sockets of selvedge, as their users would write it.

mod worlds {
    mod codecs;
    mod futures_io;
    mod http;
    mod pair;
    mod tls;
    mod websocket;
}
