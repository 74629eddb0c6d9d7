//! One run of the client: `wrk` is started, and its report is read.

use std::io::ErrorKind;
use std::process::Command;

/// What `wrk` reports.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Report {
    /// Answers in all.
    pub requests: f64,
    /// Answers a second.
    pub requests_a_second: f64,
    /// Half of all answers came faster, in microseconds.
    pub p50_us: f64,
    /// All but one in a hundred came faster, in microseconds.
    pub p99_us: f64,
}

/// Runs `wrk` with one thread.
///
/// # Errors
///
/// If it is not there, or reports errors.
pub fn run(url: &str, connections: u64, seconds: u64) -> Result<Report, String> {
    let output = Command::new("wrk")
        .args(["-t", "1", "--latency", "--timeout", "10"])
        .args(["-c", &connections.to_string()])
        .args(["-d", &seconds.to_string()])
        .arg(url)
        .output()
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                "there is no `wrk`: apt install wrk, or https://github.com/wg/wrk".to_owned()
            }
            _ => format!("cannot start wrk: {error}"),
        })?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() || text.contains("Socket errors") || text.contains("Non-2xx") {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(format!("wrk failed:\n{text}{errors}"));
    }
    parse(&text).ok_or_else(|| format!("wrk says something unknown:\n{text}"))
}

fn parse(text: &str) -> Option<Report> {
    let after = |label: &str| {
        text.lines()
            .find_map(|line| line.trim_start().strip_prefix(label))
            .map(str::trim)
    };
    let requests = text
        .lines()
        .find(|line| line.contains(" requests in "))?
        .split_whitespace()
        .next()?;
    Some(Report {
        requests: requests.parse().ok()?,
        requests_a_second: after("Requests/sec:")?.parse().ok()?,
        p50_us: microseconds(after("50%")?)?,
        p99_us: microseconds(after("99%")?)?,
    })
}

fn microseconds(text: &str) -> Option<f64> {
    let units = [("us", 1.0), ("ms", 1e3), ("s", 1e6), ("m", 6e7)];
    let (figure, factor) = units
        .iter()
        .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, factor)))?;
    Some(figure.parse::<f64>().ok()? * factor)
}

#[cfg(test)]
mod tests;
