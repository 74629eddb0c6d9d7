//! Yielding: one iteration is one lap of the workload of the same name in `paired`.

use divan::Bencher;
use selvedge_benches::workload::course;

const CRATES: [&str; 2] = ["selvedge", "tokio"];

fn main() {
    divan::main();
}

#[divan::bench(args = CRATES)]
fn multi(bencher: Bencher, krate: &str) {
    let mut course = course("yield_multi", krate);
    bencher.bench_local(|| course.lap());
}

#[divan::bench(args = CRATES)]
fn current(bencher: Bencher, krate: &str) {
    let mut course = course("yield_current", krate);
    bencher.bench_local(|| course.lap());
}
