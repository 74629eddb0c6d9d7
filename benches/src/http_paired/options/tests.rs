//! Tests of the command line of `http_paired`.

use super::{Command, Options, parse};

#[test]
fn each_option_is_heard() {
    let words = "--connections 2,3 --rounds 4 --seconds 5 --no-syscalls";
    let command = parse(words.split(' ').map(str::to_owned));
    let expected = Options {
        connections: vec![2, 3],
        rounds: 4,
        seconds: 5,
        syscalls: false,
    };
    assert_eq!(command, Ok(Command::Run(expected)));
}

#[test]
fn numbers_are_positive() {
    assert!(parse(["--connections".to_owned(), "1,0".to_owned()]).is_err());
}
