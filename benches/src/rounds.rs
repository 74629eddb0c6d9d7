//! The paired run: rotate, measure, collect.
//!
//! All entrants of a row are set up side by side. In every round each runs once, and the one who
//! starts changes from round to round, so that a machine which slows down or speeds up meanwhile
//! does so for all of them. Ratios are made inside a round and only then summed up.
//!
//! Each entrant runs as many laps as fill the wanted time. A lap is the same work for all, so the
//! figures per operation compare although the number of laps differs.

use std::io::Write;
use std::time::Duration;

use crate::row::{Course, Entrant, Metric, Row};
use crate::stopwatch::Stopwatch;

/// How long and how often.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Rounds in which every entrant runs once.
    pub rounds: usize,
    /// Wanted length of one run.
    pub run: Duration,
}

/// What one run gave, per operation.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// The figure that counts in this row.
    pub figure: f64,
    /// CPU time in nanoseconds, where the harness keeps the clock.
    pub cpu: Option<f64>,
}

/// An entrant and its readings, one for each round.
#[derive(Debug)]
pub struct Scored {
    /// Who.
    pub entrant: Entrant,
    /// By round.
    pub readings: Vec<Reading>,
}

/// A row, measured.
#[derive(Debug)]
pub struct Outcome {
    /// The row.
    pub row: Row,
    /// Its entrants in the row's order.
    pub scored: Vec<Scored>,
}

/// Measures one row. Progress goes to stderr, so that a run which hangs says where.
pub fn measure(row: &Row, pace: Pace) -> Outcome {
    let mut courses: Vec<(Course, u64)> = Vec::new();
    let mut scored: Vec<Scored> = Vec::new();
    for entrant in &row.entrants {
        progress(&format!(" {}", entrant.name));
        let mut course = (entrant.set_up)();
        let laps = calibrate(&mut course, row.single_lap, pace.run);
        courses.push((course, laps));
        scored.push(Scored { entrant: *entrant, readings: Vec::new() });
    }
    progress(" |");
    for round in 0..pace.rounds {
        progress(&format!(" {}", round + 1));
        for turn in 0..courses.len() {
            let entrant = (round + turn) % courses.len();
            let (course, laps) = &mut courses[entrant];
            scored[entrant].readings.push(read(course, *laps, row.metric));
        }
    }
    progress("\n");
    Outcome { row: row.clone(), scored }
}

/// Warms the course up and finds the number of laps that fills `run`.
fn calibrate(course: &mut Course, single_lap: bool, run: Duration) -> u64 {
    let Course::Timed { run: laps_of, .. } = course else {
        return 1;
    };
    if single_lap {
        laps_of(1);
        return 1;
    }
    let mut laps: u64 = 1;
    loop {
        let stopwatch = Stopwatch::start();
        laps_of(laps);
        let share = stopwatch.stop().wall.as_secs_f64() / run.as_secs_f64();
        if share > 0.5 {
            return ((laps as f64 / share).round() as u64).max(1);
        }
        // At most tenfold: the first laps are cold and say little.
        laps = (laps as f64 * (0.75 / share).clamp(1.5, 10.0)).ceil() as u64;
    }
}

fn read(course: &mut Course, laps: u64, metric: Metric) -> Reading {
    match course {
        Course::Gauge(read) => Reading { figure: read(), cpu: None },
        Course::Timed { ops_per_lap, run } => {
            let stopwatch = Stopwatch::start();
            run(laps);
            let elapsed = stopwatch.stop();
            let per_op = |time: Duration| time.as_secs_f64() * 1e9 / (laps * *ops_per_lap) as f64;
            let figure = if metric == Metric::Cpu { elapsed.cpu } else { elapsed.wall };
            Reading { figure: per_op(figure), cpu: Some(per_op(elapsed.cpu)) }
        }
    }
}

/// Writes to stderr without waiting for the end of the line.
pub fn progress(text: &str) {
    eprint!("{text}");
    // Lost progress is not worth failing for.
    let _ = std::io::stderr().flush();
}
