//! Spawning and joining: one iteration is one lap of the workload of the same name in `paired`.

use divan::Bencher;
use selvedge_benches::workload::course;

const CRATES: [&str; 2] = ["selvedge", "tokio"];

fn main() {
    divan::main();
}

#[divan::bench(args = CRATES)]
fn batch(bencher: Bencher, krate: &str) {
    let mut course = course("spawn_join_batch", krate);
    bencher.bench_local(|| course.lap());
}

#[divan::bench(args = CRATES)]
fn one(bencher: Bencher, krate: &str) {
    let mut course = course("spawn_join_one", krate);
    bencher.bench_local(|| course.lap());
}

#[divan::bench(args = CRATES)]
fn detached(bencher: Bencher, krate: &str) {
    let mut course = course("spawn_detached", krate);
    bencher.bench_local(|| course.lap());
}

#[divan::bench(args = CRATES)]
fn current(bencher: Bencher, krate: &str) {
    let mut course = course("spawn_join_current", krate);
    bencher.bench_local(|| course.lap());
}

#[divan::bench(args = CRATES)]
fn chained(bencher: Bencher, krate: &str) {
    let mut course = course("chained_spawn", krate);
    bencher.bench_local(|| course.lap());
}
