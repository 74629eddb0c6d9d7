//! TCP echo: one iteration is one lap of the workload of the same name in `paired`.

use divan::Bencher;
use selvedge_benches::workload::course;

const CRATES: [&str; 2] = ["selvedge", "tokio"];

fn main() {
    divan::main();
}

#[divan::bench(args = CRATES)]
fn one_connection(bencher: Bencher, krate: &str) {
    let mut course = course("tcp_echo_1_one_cpu", krate);
    bencher.bench_local(|| course.lap());
}

#[divan::bench(args = CRATES)]
fn many_connections(bencher: Bencher, krate: &str) {
    let mut course = course("tcp_echo_64", krate);
    bencher.bench_local(|| course.lap());
}
