//! Timers: one iteration is one lap of the workload of the same name in `paired`.

use divan::Bencher;
use selvedge_benches::workload::course;

const CRATES: [&str; 2] = ["selvedge", "tokio"];

fn main() {
    divan::main();
}

#[divan::bench(args = CRATES)]
fn timeout_ready(bencher: Bencher, krate: &str) {
    let mut course = course("timeout_ready", krate);
    bencher.bench_local(|| course.lap());
}

#[divan::bench(args = CRATES)]
fn sleep_cancelled(bencher: Bencher, krate: &str) {
    let mut course = course("sleep_cancelled", krate);
    bencher.bench_local(|| course.lap());
}
