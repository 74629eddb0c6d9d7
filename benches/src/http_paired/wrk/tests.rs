//! Tests of how reports of `wrk` are read.

use super::{Report, microseconds, parse};

#[test]
fn a_report_is_read() {
    let text = "\
Running 1s test @ http://127.0.0.1:8080/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   611.99us  200.57us   4.61ms   81.05%
    Req/Sec   104.51k     3.64k  111.13k    70.00%
  Latency Distribution
     50%  590.00us
     75%  700.00us
     90%  840.00us
     99%    1.25ms
  104047 requests in 1.00s, 12.90MB read
Requests/sec: 103884.69
Transfer/sec:     12.88MB
";
    let expected = Report {
        requests: 104_047.0,
        requests_a_second: 103_884.69,
        p50_us: 590.0,
        p99_us: 1250.0,
    };
    assert_eq!(parse(text), Some(expected));
}

#[test]
fn units_are_known() {
    assert_eq!(microseconds("2.00s"), Some(2e6));
    assert_eq!(microseconds("1.00m"), Some(6e7));
    assert_eq!(microseconds("7"), None);
}
