//! Standard streams, in processes of their own whose streams are pipes.

use std::env;
use std::io::{BufRead, Read, Write};
use std::process::{Child, Command, Stdio};

use selvedge::io::{self, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};

use crate::support::{PATIENCE, current_thread, multi_thread, within};

const CHILD: &str = "SELVEDGE_IT_STDIO";

/// Runs `child` in a process of its own: this program, told to run only `test`. `parent` talks to it.
fn talk(test: &str, child: impl FnOnce(), parent: impl FnOnce(&mut Child) + Send + 'static) {
    if env::var_os(CHILD).is_some() {
        child();
        // The test harness would write to the pipe as well.
        std::process::exit(0);
    }
    let mut process = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(CHILD, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    within(PATIENCE, move || {
        parent(&mut process);
        assert!(process.wait().unwrap().success());
    });
}

/// What comes from the child, without what the test harness says before.
fn output(mut from: impl Read) -> String {
    let mut all = String::new();
    from.read_to_string(&mut all).unwrap();
    let (_, output) = all.split_once("begin\n").expect("the child begins");
    output.to_owned()
}

#[test]
fn a_conversation_line_by_line() {
    let child = || {
        current_thread().block_on(async {
            let mut stdout = io::stdout();
            stdout.write_all(b"begin\n").await.unwrap();
            let mut lines = BufReader::new(io::stdin()).lines();
            while let Some(line) = lines.next_line().await.unwrap() {
                stdout
                    .write_all(line.to_uppercase().as_bytes())
                    .await
                    .unwrap();
                stdout.write_all(b"? ").await.unwrap();
                stdout.flush().await.unwrap();
            }
        });
    };
    talk("stdio::a_conversation_line_by_line", child, |process| {
        let mut stdin = process.stdin.take().unwrap();
        let mut stdout = process.stdout.take().unwrap();
        let mut heard = Vec::new();
        for line in ["one", "two"] {
            writeln!(stdin, "{line}").unwrap();
            // The answer comes although its line has not ended.
            let wanted = format!("{}? ", line.to_uppercase());
            while !heard.ends_with(wanted.as_bytes()) {
                let mut byte = [0];
                stdout.read_exact(&mut byte).unwrap();
                heard.push(byte[0]);
            }
        }
        drop(stdin);
        assert_eq!(stdout.read(&mut [0]).unwrap(), 0);
    });
}

/// Nothing is flushed, nobody waits, and the reader is slow: all of it arrives.
#[test]
fn what_was_written_is_out_before_the_runtime_is_gone() {
    const LINES: usize = 20_000;
    let child = || {
        multi_thread().block_on(async {
            let mut stdout = io::stdout();
            stdout.write_all(b"begin\n").await.unwrap();
            let writer = selvedge::spawn(async move {
                for number in 0..LINES {
                    stdout
                        .write_all(format!("line {number}\n").as_bytes())
                        .await
                        .unwrap();
                }
            });
            writer.await.unwrap();
            let mut stderr = io::stderr();
            stderr.write_all(b"begin\nbye").await.unwrap();
        });
    };
    let test = "stdio::what_was_written_is_out_before_the_runtime_is_gone";
    talk(test, child, |process| {
        let lines: Vec<String> = output(process.stdout.take().unwrap())
            .lines()
            .map(str::to_owned)
            .collect();
        assert_eq!(lines.len(), LINES);
        assert!(
            (0..)
                .zip(&lines)
                .all(|(number, line)| *line == format!("line {number}"))
        );
        assert_eq!(output(process.stderr.take().unwrap()), "bye");
    });
}

/// Lines of many tasks, each with a handle of its own, are not mixed up.
#[test]
fn lines_of_several_handles_stay_whole() {
    let child = || {
        multi_thread().block_on(async {
            io::stdout().write_all(b"begin\n").await.unwrap();
            let tasks = (0..10).map(|task| {
                selvedge::spawn(async move {
                    let mut stdout = io::stdout();
                    let line = format!("{}\n", task.to_string().repeat(5000));
                    for _ in 0..20 {
                        stdout.write_all(line.as_bytes()).await.unwrap();
                    }
                })
            });
            for task in tasks.collect::<Vec<_>>() {
                task.await.unwrap();
            }
        });
    };
    talk(
        "stdio::lines_of_several_handles_stay_whole",
        child,
        |process| {
            let mut all = String::new();
            process
                .stdout
                .take()
                .unwrap()
                .read_to_string(&mut all)
                .unwrap();
            let long = all.lines().filter(|line| line.len() == 5000);
            let whole = long.filter(|line| {
                let first = line.as_bytes()[0];
                line.bytes().all(|byte| byte == first)
            });
            assert_eq!(whole.count(), 200);
        },
    );
}

#[test]
fn a_closed_output_is_an_error() {
    let child = || {
        current_thread().block_on(async {
            let mut stdout = io::stdout();
            stdout.write_all(b"begin\n").await.unwrap();
            stdout.flush().await.unwrap();
            io::stdin().read_u8().await.unwrap();
            let error = loop {
                if let Err(error) = stdout.write_all(b"hello\n").await {
                    break error;
                }
            };
            assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        });
    };
    talk("stdio::a_closed_output_is_an_error", child, |process| {
        // The test harness has said what it has to say before the child begins.
        let mut lines = std::io::BufReader::new(process.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().ends_with("begin")));
        drop(lines);
        process.stdin.take().unwrap().write_all(b"!").unwrap();
    });
}
