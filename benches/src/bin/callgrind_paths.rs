//! Runs one single-thread path N times, for `valgrind --tool=callgrind`.

use std::process::ExitCode;

use selvedge_benches::paths;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (mut path, mut krate, mut n) = (None, None, None);
    while let (Some(name), Some(value)) = (arguments.next(), arguments.next()) {
        match name.as_str() {
            "--path" => path = Some(value),
            "--crate" => krate = Some(value),
            "--n" => n = value.parse::<u64>().ok(),
            _ => return usage(),
        }
    }
    let (Some(path), Some(krate), Some(n)) = (path, krate, n) else {
        return usage();
    };
    let Some(run) = paths::find(&krate, &path) else {
        return usage();
    };
    run(n);
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("usage: callgrind_paths --path PATH --crate CRATE --n N");
    eprintln!("paths: {}", paths::names().join(", "));
    ExitCode::FAILURE
}
