//! The paired run: rotate, measure, collect.
//!
//! All entrants of a row are set up side by side. In every round each runs once, in an order that
//! changes from round to round (see [`order`]), so that a machine which slows down or speeds up
//! meanwhile does so for all of them. Ratios are made inside a round and only then summed up.
//!
//! Runtimes are built anew after every three rounds. Two instances of one runtime may differ for as
//! long as they live, by where their memory lies, by which CPU a worker took first, by who came to
//! sleep in the poller: with one instance a row, tokio beat itself by a fifth.
//!
//! Each entrant runs as many laps as fill the wanted time. A lap is the same work for all, so the
//! figures per operation compare although the number of laps differs.

use std::io::Write;
use std::thread;
use std::time::Duration;

use crate::order;
use crate::row::{Course, Entrant, Metric, Row};
use crate::stopwatch::Stopwatch;

const ROUNDS_PER_BUILD: usize = 3;
/// Before each run: workers go to sleep, and the kernel buries the threads of the run before.
const PAUSE: Duration = Duration::from_millis(2);

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

/// An entrant on its way through the rounds.
struct Lane {
    scored: Scored,
    /// Known once the first runtime has been warmed up.
    laps: Option<u64>,
    course: Option<Course>,
}

/// Measures one row. Progress goes to stderr, so that a run which hangs says where.
pub fn measure(row: &Row, pace: Pace) -> Outcome {
    let mut lanes: Vec<Lane> = row.entrants.iter().map(Lane::new).collect();
    for round in 0..pace.rounds {
        if round % ROUNDS_PER_BUILD == 0 {
            // The old ones go first: they must not share the machine with the new ones.
            lanes.iter_mut().for_each(|lane| lane.course = None);
            for who in order::of_round(round / ROUNDS_PER_BUILD, lanes.len()) {
                lanes[who].set_up(row.single_lap, pace.run);
            }
        }
        progress(&format!(" {}", round + 1));
        for who in order::of_round(round, lanes.len()) {
            thread::sleep(PAUSE);
            lanes[who].run(row.metric);
        }
    }
    progress("\n");
    let scored = lanes.into_iter().map(|lane| lane.scored).collect();
    Outcome {
        row: row.clone(),
        scored,
    }
}

impl Lane {
    fn new(entrant: &Entrant) -> Lane {
        let scored = Scored {
            entrant: *entrant,
            readings: Vec::new(),
        };
        Lane {
            scored,
            laps: None,
            course: None,
        }
    }

    /// Builds the runtime and warms it up; finds the number of laps the first time.
    fn set_up(&mut self, single_lap: bool, run: Duration) {
        progress(&format!(" {}", self.scored.entrant.name));
        let mut course = (self.scored.entrant.set_up)();
        match (&mut course, self.laps) {
            (Course::Timed { run, .. }, Some(laps)) => run(laps),
            (course, _) => self.laps = Some(calibrate(course, single_lap, run)),
        }
        self.course = Some(course);
    }

    fn run(&mut self, metric: Metric) {
        if let (Some(course), Some(laps)) = (&mut self.course, self.laps) {
            self.scored.readings.push(read(course, laps, metric));
        }
    }
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
        Course::Gauge(read) => Reading {
            figure: read(),
            cpu: None,
        },
        Course::Timed { ops_per_lap, run } => {
            let stopwatch = Stopwatch::start();
            run(laps);
            let elapsed = stopwatch.stop();
            let per_op = |time: Duration| time.as_secs_f64() * 1e9 / (laps * *ops_per_lap) as f64;
            let figure = if metric == Metric::Cpu {
                elapsed.cpu
            } else {
                elapsed.wall
            };
            Reading {
                figure: per_op(figure),
                cpu: Some(per_op(elapsed.cpu)),
            }
        }
    }
}

/// Writes to stderr without waiting for the end of the line.
pub fn progress(text: &str) {
    eprint!("{text}");
    // Lost progress is not worth failing for.
    let _ = std::io::stderr().flush();
}
