//! Tests of the command line of `torture`.

use super::{Command, Options, parse};

fn options(arguments: &[&str]) -> Result<Options, String> {
    match parse(arguments.iter().map(|&text| text.to_owned()))? {
        Command::Run(options) => Ok(options),
        Command::Help => Err("help".to_owned()),
    }
}

#[test]
fn each_option_is_heard() {
    let all = options(&[
        "--connections",
        "7",
        "--waves",
        "5",
        "--seed",
        "3",
        "--only",
        "tcp_proxy",
    ]);
    let expected = Options {
        connections: 7,
        waves: 5,
        seed: 3,
        proxy: true,
        http: false,
    };
    assert_eq!(all, Ok(expected));
}

#[test]
fn a_server_that_does_not_exist_is_refused() {
    assert!(options(&["--only", "ftp"]).is_err());
}

#[test]
fn numbers_are_positive() {
    assert!(options(&["--connections", "0"]).is_err());
    assert!(options(&["--connections"]).is_err());
}
