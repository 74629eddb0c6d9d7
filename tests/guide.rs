//! The examples of the guide: each ends by itself, in time, without an error, and prints its key line.
//!
//! The list is the directory, so that none is forgotten. The binaries are those that `cargo test` has built
//! beside this test; with `--test guide` it builds no examples: `cargo build --examples` first.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

/// After this long an example hangs: they take a few seconds at most.
const PATIENCE: Duration = Duration::from_secs(60);

const KEY: &str = "//! *Key line*: ";

/// Name and source of each example, in order.
fn examples() -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/guide");
    let entries = fs::read_dir(folder).expect("the folder of the guide");
    let mut found: Vec<_> = entries
        .map(|entry| entry.expect("an entry of the guide").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            let stem = path.file_stem().expect("the name of a file");
            (format!("guide_{}", stem.to_string_lossy()), path)
        })
        .collect();
    found.sort();
    found
}

/// Where cargo puts the example: this test is in `<profile>/deps`, examples are in `<profile>/examples`.
fn binary(name: &str, source: &Path) -> Result<PathBuf, String> {
    let test = env::current_exe().expect("the path of this test");
    let profile = test.ancestors().nth(2).expect("the folder of the profile");
    let path = profile
        .join("examples")
        .join(name)
        .with_extension(env::consts::EXE_EXTENSION);
    let changed = |path: &Path| fs::metadata(path).and_then(|file| file.modified());
    match (changed(&path), changed(source)) {
        (Ok(built), Ok(written)) if built >= written => Ok(path),
        (Ok(_), _) => Err("older than its source: run `cargo build --examples`".to_owned()),
        (Err(_), _) => Err(
            "not built: run `cargo build --examples`; it needs an `[[example]]` in Cargo.toml"
                .to_owned(),
        ),
    }
}

/// What must be in a line of the output.
fn key_line(source: &str) -> Result<&str, String> {
    let mut header = source.lines().take_while(|line| line.starts_with("//!"));
    match header
        .find_map(|line| line.strip_prefix(KEY))
        .map(str::trim)
    {
        Some(key) if !key.is_empty() => Ok(key),
        _ => Err(format!("no line `{KEY}...` in its header")),
    }
}

/// All that comes through a pipe, read while the process runs: it would wait for room in it.
fn collect(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    let mut pipe = pipe.expect("the pipe was asked for");
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes)
            .expect("the output of an example");
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Waits until the process ends; it is killed at the end of `limit`.
fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    while start.elapsed() < limit {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(Duration::from_millis(5));
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}

/// What is wrong with how an example ended and what it printed.
fn verdict(success: Option<bool>, output: &str, key: &str) -> Result<(), String> {
    match success {
        None => Err("hangs".to_owned()),
        Some(false) => Err("fails".to_owned()),
        Some(true) if output.lines().any(|line| line.contains(key)) => Ok(()),
        Some(true) => Err(format!("no line with `{key}`")),
    }
}

fn check(name: &str, source: &Path, limit: Duration) -> Result<(), String> {
    let text = fs::read_to_string(source).map_err(|error| error.to_string())?;
    let key = key_line(&text)?;
    let mut child = Command::new(binary(name, source)?)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let (output, errors) = (collect(child.stdout.take()), collect(child.stderr.take()));
    let status = wait(&mut child, limit).map_err(|error| error.to_string())?;
    let output = output.join().expect("the reader of the output");
    let errors = errors.join().expect("the reader of the errors");
    verdict(status.map(|status| status.success()), &output, key)
        .map_err(|what| format!("{what}\n--- output\n{output}--- errors\n{errors}"))
}

#[test]
fn every_example_runs_and_prints_its_key_line() {
    let examples = examples();
    assert!(!examples.is_empty(), "the guide is empty");
    let next = Mutex::new(examples.into_iter());
    let failures = Mutex::new(Vec::new());
    // Two at a time: most of them wait more than they compute.
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some((name, source)) = next.lock().unwrap().next() else {
                        return;
                    };
                    if let Err(what) = check(&name, &source, PATIENCE) {
                        failures.lock().unwrap().push(format!("{name}: {what}"));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn what_is_wrong_is_found() {
    assert_eq!(verdict(Some(true), "one\nthe key, here\n", "key"), Ok(()));
    assert!(verdict(Some(true), "one\nsplit ke\ny\n", "key").is_err());
    assert!(verdict(Some(false), "the key\n", "key").is_err());
    assert!(verdict(None, "the key\n", "key").is_err());
    assert_eq!(
        key_line("//! A.\n//! *Key line*: all of it\n"),
        Ok("all of it")
    );
    assert!(key_line("//! A.\n\n//! *Key line*: too late\n").is_err());
    assert!(key_line("//! *Key line*: \n").is_err());
    assert!(binary("guide_of_nothing", Path::new(file!())).is_err());
}

#[test]
fn an_example_that_hangs_is_ended() {
    let (name, source) = examples().swap_remove(0);
    let error = check(&name, &source, Duration::ZERO).unwrap_err();
    assert!(error.starts_with("hangs"), "{error}");
}
