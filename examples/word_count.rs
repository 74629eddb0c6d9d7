//! Many files at once, but not too many, and their words counted.
//!
//! *Shows*: walking a directory tree with `fs::read_dir`, a task for each file in a `JoinSet`, a
//! semaphore that limits how many are open, and a progress bar if it takes long. A plain pass without
//! a runtime checks the result.
//!
//! *Run with*: `cargo run --example word_count`, or with a directory: `cargo run --example word_count -- /usr/include`
//!
//! *Try this*: set `OPEN_MAX` to 1, or to a million with a low `ulimit -n`.

use std::collections::HashMap;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use selvedge::sync::Semaphore;
use selvedge::task::JoinSet;

/// Files that are open at the same time.
const OPEN_MAX: usize = 64;
/// Who waits for longer wants to know how far it is.
const PATIENCE: Duration = Duration::from_millis(500);

type Counts = HashMap<String, u64>;

#[selvedge::main]
async fn main() -> io::Result<()> {
    let root = env::args_os()
        .nth(1)
        .map_or_else(own_sources, PathBuf::from);
    let start = Instant::now();
    let files = files_below(root.clone()).await?;
    let counts = count_all(&files).await?;
    let took = start.elapsed();

    let words: u64 = counts.values().sum();
    println!(
        "{} files, {words} words, {} different ones, in {took:.0?}",
        files.len(),
        counts.len()
    );
    let mut most: Vec<_> = counts.iter().collect();
    most.sort_by_key(|(word, count)| (std::cmp::Reverse(**count), word.as_str()));
    for (word, count) in most.iter().take(10) {
        println!("{count:8} {word}");
    }

    let start = Instant::now();
    let mut plain = Counts::new();
    selvedge::task::block_in_place(|| plain_pass(&root, &mut plain))?;
    println!("one thread without a runtime: {:.0?}", start.elapsed());
    assert!(plain == counts, "both passes count the same");
    Ok(())
}

/// The sources of this repository.
fn own_sources() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}

/// What was built, and what is hidden, is no source.
fn is_source(name: &OsStr) -> bool {
    name != "target" && !name.as_encoded_bytes().starts_with(b".")
}

/// All files in a tree. Links are not followed.
async fn files_below(root: PathBuf) -> io::Result<Vec<PathBuf>> {
    let (mut files, mut dirs) = (Vec::new(), vec![root]);
    while let Some(dir) = dirs.pop() {
        let mut entries = selvedge::fs::read_dir(dir).await?;
        while let Some(entry) = entries.next_entry().await? {
            let file_type = entry.file_type().await?;
            if file_type.is_dir() && is_source(&entry.file_name()) {
                dirs.push(entry.path());
            } else if file_type.is_file() {
                files.push(entry.path());
            }
        }
    }
    Ok(files)
}

async fn count_all(files: &[PathBuf]) -> io::Result<Counts> {
    let open = Arc::new(Semaphore::new(OPEN_MAX));
    let mut tasks = JoinSet::new();
    for file in files {
        // Waits here, so that there are never more tasks than may have a file open.
        let permit = open
            .clone()
            .acquire_owned()
            .await
            .map_err(io::Error::other)?;
        let file = file.clone();
        tasks.spawn(async move {
            let bytes = selvedge::fs::read(file).await?;
            drop(permit);
            let mut counts = Counts::new();
            count(&bytes, &mut counts);
            io::Result::Ok(counts)
        });
    }

    let start = Instant::now();
    let mut bar = None;
    let mut counts = Counts::new();
    while let Some(counted) = tasks.join_next().await {
        for (word, n) in counted?? {
            *counts.entry(word).or_default() += n;
        }
        if start.elapsed() > PATIENCE {
            let bar = bar.get_or_insert_with(|| progress(files.len()));
            bar.set_position((files.len() - tasks.len()) as u64);
        }
    }
    bar.inspect(ProgressBar::finish_and_clear);
    Ok(counts)
}

fn progress(files: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} files, {eta} left");
    ProgressBar::new(files as u64).with_style(style.expect("a template"))
}

/// Words are of letters, digits and `_`; what is no text has few of them.
fn count(bytes: &[u8], counts: &mut Counts) {
    let text = String::from_utf8_lossy(bytes);
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    for word in words.filter(|word| !word.is_empty()) {
        *counts.entry(word.to_owned()).or_default() += 1;
    }
}

fn plain_pass(dir: &Path, counts: &mut Counts) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let file_type = entry.file_type()?;
        if file_type.is_dir() && is_source(&entry.file_name()) {
            plain_pass(&entry.path(), counts)?;
        } else if file_type.is_file() {
            count(&fs::read(entry.path())?, counts);
        }
    }
    Ok(())
}
