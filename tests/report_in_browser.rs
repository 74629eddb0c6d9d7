//! The report of `tasks_vs_threads`, opened in a real headless browser: are the plots there?
//!
//! Without a browser (`chromium`, `chromium-browser` or `google-chrome` in `PATH`) it says that it is skipped.

#![cfg(target_os = "linux")]

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

/// The browsers that are looked for.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
/// The points of each curve of `contention`: 1, 2, 4, … 64 contenders.
const POINTS: usize = 7;
/// Its plots, each with a curve for the tasks and one for the threads.
const PLOTS: usize = 3;

fn browser() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let all = env::split_paths(&path).flat_map(|folder| BROWSERS.map(|name| folder.join(name)));
    let mut found = all.filter(|candidate| candidate.is_file());
    found.next()
}

/// Runs the example through cargo: `cargo test` builds it as a test only, because it has tests of its own.
fn example(arguments: &[&str], page: &Path) -> Output {
    Command::new(env!("CARGO"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["run", "--quiet", "--example", "tasks_vs_threads", "--"])
        .args(arguments)
        .arg(page)
        .output()
        .expect("cargo, which runs this test, can be started")
}

/// Opens `page` in `browser`, with a profile of its own.
fn open(browser: &Path, folder: &Path, page: &Path, option: &str) -> Output {
    Command::new("timeout")
        .arg("60")
        .arg(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
        ])
        .arg("--window-size=1100,2400")
        .arg(format!(
            "--user-data-dir={}",
            folder.join("profile").display()
        ))
        .arg(option)
        .arg(format!("file://{}", page.display()))
        .output()
        .expect("timeout and the browser can be started")
}

#[test]
fn the_plots_are_there() {
    let Some(browser) = browser() else {
        // Not `println!`, whose output is hidden when a test passes.
        let skipped = format!("skipped: no browser found; looked for {BROWSERS:?} in PATH\n");
        let _ = io::stderr().write_all(skipped.as_bytes());
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let page = folder.path().join("report.html");
    let measured = example(
        &[
            "--quick",
            "--rounds",
            "1",
            "--only",
            "contention,condvar",
            "--html",
        ],
        &page,
    );
    assert!(measured.status.success(), "{measured:?}");

    let dumped = open(&browser, folder.path(), &page, "--dump-dom");
    let dom = String::from_utf8_lossy(&dumped.stdout);
    let count = |mark: &str| dom.matches(mark).count();
    assert!(dom.contains("<h1>Tasks beside threads</h1>"), "{dumped:?}");
    assert_eq!(
        count("<svg xmlns"),
        PLOTS + 2,
        "the plots, the ratios and the times: {dom}"
    );
    for side in ["task", "thread"] {
        assert_eq!(count(&format!("class=\"curve {side}\"")), PLOTS, "{dom}");
        assert_eq!(
            count(&format!("class=\"mark {side}\"")),
            PLOTS * POINTS,
            "{dom}"
        );
    }
    assert_eq!(count("NaN") + count("inf\""), 0, "{dom}");
    for foreign in ["http:", "https:", "src=", "@import"] {
        let own = dom.replace("http://www.w3.org/2000/svg", "");
        assert!(
            !own.contains(foreign),
            "the report is to be self-contained: {foreign}"
        );
    }

    let picture = folder.path().join("report.png");
    let shot = open(
        &browser,
        folder.path(),
        &page,
        &format!("--screenshot={}", picture.display()),
    );
    let bytes = fs::read(&picture).unwrap_or_else(|error| panic!("{error}: {shot:?}"));
    // A page of one colour is a few thousand bytes.
    assert!(
        bytes.starts_with(b"\x89PNG") && bytes.len() > 20_000,
        "{} bytes",
        bytes.len()
    );
}
