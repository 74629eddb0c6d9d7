//! On what and with what load it was measured, in one line.

use std::fs;
use std::thread;

use crate::options::Options;

/// The line that stands above every table.
pub(crate) fn describe(options: &Options) -> String {
    format!(
        "{}; workers: {}, tasks: {}, threads: {}, connections: {}, waits: {}",
        hardware(),
        options.workers,
        options.tasks,
        options.threads,
        options.connections,
        options.waits(),
    )
}

/// The part of it that no option changes.
pub(crate) fn hardware() -> String {
    let cpus = thread::available_parallelism().map_or(1, usize::from);
    let profile = if cfg!(debug_assertions) {
        "debug build"
    } else {
        "release build"
    };
    format!("{}, CPUs: {cpus}, {}, {profile}", processor(), system(),)
}

/// The processor's name, where the system tells it.
fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    name.map_or(std::env::consts::ARCH, |(_, name)| name.trim())
        .to_owned()
}

/// The operating system and, where it tells, its version.
fn system() -> String {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    // The part after the dash is a name that somebody gave to a build.
    let version = release.trim().split('-').next().unwrap_or_default();
    format!("{} {version}", std::env::consts::OS)
        .trim_end()
        .to_owned()
}
