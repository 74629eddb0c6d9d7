//! A pipeline of processes, as a shell makes it: `one | two | three`.
//!
//! *Shows*: `Command` and `Child`, output of one process as input of the next without a detour through
//! this program, feeding the first and reading the last at the same time, exit codes.
//!
//! *Run with*: `cargo run --example process_pipeline`, or with a pipeline of your own:
//! `cargo run --example process_pipeline -- tr a-z A-Z '|' rev < README.md`
//!
//! *Try this*: `cargo run --example process_pipeline -- cat '|' false '|' wc -l`. The first process ends
//! because nobody reads what it writes, as in a shell.

use std::io;
use std::process::{ExitCode, ExitStatus, Stdio};

use selvedge::io::{AsyncReadExt, AsyncWriteExt};
use selvedge::process::{Child, Command};

const USAGE: &str = "\
Runs a pipeline of processes and says how each of them ended.

Usage: process_pipeline [PROGRAM [ARGUMENT...] ['|' PROGRAM [ARGUMENT...]]...]

Without arguments it counts the numbers up to 1000 that have a 7 in them, and checks the result.

Exit code: 1 if a process cannot be started or fails, 2 for bad arguments.";

#[selvedge::main]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let result = match words.first().map(String::as_str) {
        None => count_sevens().await,
        Some("--help" | "-h") => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Some(_) => {
            let stages: Vec<Vec<String>> = words
                .split(|word| word == "|")
                .map(<[String]>::to_vec)
                .collect();
            if stages.iter().any(Vec::is_empty) {
                eprintln!("error: a stage without a program\n\n{USAGE}");
                return ExitCode::from(2);
            }
            run(&stages).await
        }
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs a pipeline between the input and output of this program. Returns whether all went well.
async fn run(stages: &[Vec<String>]) -> io::Result<bool> {
    let children = start(stages, Stdio::inherit(), Stdio::inherit())?;
    report(stages, children).await
}

/// A pipeline whose first process is fed, and whose last one is read, by this program.
async fn count_sevens() -> io::Result<bool> {
    let stages = [
        vec!["grep".into(), "7".into()],
        vec!["sort".into(), "-r".into()],
        vec!["wc".into(), "-l".into()],
    ];
    let mut children = start(&stages, Stdio::piped(), Stdio::piped())?;
    let mut input = children[0].stdin.take().expect("it is piped");
    let mut output = children[2].stdout.take().expect("it is piped");

    // At the same time: each may wait until the other has made room.
    let feed = selvedge::spawn(async move {
        for number in 1..=1000 {
            input.write_all(format!("{number}\n").as_bytes()).await?;
        }
        // Closes the pipe, which is how the first process learns that this was all.
        drop(input);
        io::Result::Ok(())
    });
    let mut text = String::new();
    output.read_to_string(&mut text).await?;
    feed.await??;

    let expected = (1..=1000).filter(|n: &u32| n.to_string().contains('7'));
    let expected = expected.count();
    println!("{} of the numbers up to 1000 have a 7", text.trim());
    let is_right = text.trim() == expected.to_string();
    Ok(report(&stages, children).await? && is_right)
}

/// Starts all processes of a pipeline, the output of each being the input of the next.
fn start(stages: &[Vec<String>], first: Stdio, last: Stdio) -> io::Result<Vec<Child>> {
    let mut children: Vec<Child> = Vec::new();
    let mut input = first;
    let mut last = Some(last);
    for (index, stage) in stages.iter().enumerate() {
        let is_last = index + 1 == stages.len();
        let output = match is_last {
            true => last.take().unwrap_or_else(Stdio::inherit),
            false => Stdio::piped(),
        };
        // If a later one cannot be started, those before it are killed.
        let mut child = Command::new(&stage[0])
            .args(&stage[1..])
            .stdin(input)
            .stdout(output)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", stage[0])))?;
        input = match child.stdout.take() {
            // The pipe leaves this program: the two processes have it for themselves.
            Some(pipe) if !is_last => pipe.try_into()?,
            pipe => {
                child.stdout = pipe;
                Stdio::null()
            }
        };
        children.push(child);
    }
    Ok(children)
}

/// Waits for all processes, and says how they ended. Returns whether all of them succeeded.
async fn report(stages: &[Vec<String>], children: Vec<Child>) -> io::Result<bool> {
    let mut all_succeeded = true;
    for (stage, mut child) in stages.iter().zip(children) {
        let status: ExitStatus = child.wait().await?;
        eprintln!("{}: {status}", stage.join(" "));
        all_succeeded &= status.success();
    }
    Ok(all_succeeded)
}
