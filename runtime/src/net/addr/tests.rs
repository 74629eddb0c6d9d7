//! Which arguments are addresses already, and what a look-up gives.

use super::sealed::Resolve;
use super::*;
use crate::reactor::driven::Hand;
use crate::runtime::Builder;

fn known(addr: impl ToSocketAddrs) -> Vec<SocketAddr> {
    match addr.resolve() {
        Lookup::Known(addrs) => addrs.collect(),
        Lookup::Pending(_) => panic!("an address needs no look-up"),
    }
}

#[test]
fn addresses_need_no_look_up() {
    let v4 = SocketAddr::from(([127, 0, 0, 1], 80));
    let v6 = SocketAddr::from((Ipv6Addr::LOCALHOST, 80));
    assert_eq!(known(v4), [v4]);
    assert_eq!(known((Ipv4Addr::LOCALHOST, 80)), [v4]);
    assert_eq!(known((v6.ip(), 80)), [v6]);
    assert_eq!(known("127.0.0.1:80"), [v4]);
    assert_eq!(known("[::1]:80"), [v6]);
    assert_eq!(known(String::from("127.0.0.1:80")), [v4]);
    assert_eq!(known(("127.0.0.1", 80)), [v4]);
    assert_eq!(known((String::from("::1"), 80)), [v6]);
    assert_eq!(known(&[v4, v6][..]), [v4, v6]);
    let by_reference: &&str = &"127.0.0.1:80";
    assert_eq!(known(by_reference), [v4]);
}

#[test]
fn names_are_looked_up() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let _inside = runtime.enter();
    for lookup in ["localhost:80".resolve(), ("localhost", 80).resolve()] {
        assert!(matches!(lookup, Lookup::Pending(_)));
    }
    let found: Vec<_> = runtime
        .block_on(lookup_host("localhost:80"))
        .unwrap()
        .collect();
    assert!(!found.is_empty());
    assert!(
        found
            .iter()
            .all(|addr| addr.ip().is_loopback() && addr.port() == 80)
    );
}

#[test]
fn a_missing_port_is_an_error() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let result = runtime.block_on(async { lookup_host("localhost").await.map(drop) });
    assert_eq!(result.unwrap_err().kind(), io::ErrorKind::InvalidInput);
}

#[test]
fn the_last_error_counts_and_the_first_success_ends_it() {
    let mut hand = Hand::new();
    let addrs: Vec<_> = (1..=3)
        .map(|port| SocketAddr::from(([127, 0, 0, 1], port)))
        .collect();
    let fail = |addr: SocketAddr| async move { Err::<(), _>(io::Error::other(addr.to_string())) };
    let error = hand.block_on(try_each(&addrs[..], fail)).unwrap_err();
    assert_eq!(error.to_string(), "127.0.0.1:3");
    let second = |addr: SocketAddr| async move {
        match addr.port() {
            2 => Ok(addr),
            3 => unreachable!("the second worked"),
            _ => Err(io::ErrorKind::Other.into()),
        }
    };
    assert_eq!(
        hand.block_on(try_each(&addrs[..], second)).unwrap(),
        addrs[1]
    );
    let error = hand.block_on(try_each(&addrs[..0], fail)).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
}
