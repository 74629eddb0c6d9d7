//! The order of the curves' measurements: count by count, both sides in turns, round by round.

use crate::child;
use crate::measure::sample::Sample;
use crate::measure::sweep::Sweep;
use crate::measure::{Load, Side, memory};
use crate::progress::Progress;
use crate::results::{Curve, Measured};

/// Measures every sweep of the comparisons, each point `rounds` times.
pub(crate) fn run(measured: &mut [Measured], rounds: usize, load: &Load, progress: &Progress) {
    for measured in measured {
        if let Some(sweep) = measured.comparison.sweep {
            progress.drawing(measured.comparison);
            one(measured, sweep, rounds, load, progress);
        }
    }
}

fn one(measured: &mut Measured, sweep: &Sweep, rounds: usize, load: &Load, progress: &Progress) {
    let mut curves = [Side::Tasks, Side::Threads].map(|side| Curve {
        side,
        points: (sweep.counts)(load, side)
            .into_iter()
            .map(|count| (count, Vec::new()))
            .collect(),
    });
    for _ in 0..rounds {
        for curve in &mut curves {
            let side = curve.side;
            // The points after one that the system refused would be refused too.
            let mut granted = 0;
            for (count, samples) in &mut curve.points {
                let load = (sweep.with_count)(load, *count);
                let refusal = match child::take(measured.comparison, side, &load) {
                    Ok(sample) if reached(&sample, *count) => {
                        samples.push(sample);
                        granted += 1;
                        continue;
                    }
                    Ok(sample) => sample.notes().join("; "),
                    Err(error) => error.to_string(),
                };
                let note = format!(
                    "{}: the curve of the {} ends before {count}: {refusal}",
                    measured.comparison.name,
                    side.name(),
                );
                if measured.note(&note) {
                    progress.say(&note);
                }
                break;
            }
            curve.points.truncate(granted);
        }
    }
    measured.curves = curves.into();
}

/// Were there really so many?
fn reached(sample: &Sample, count: usize) -> bool {
    sample
        .value(memory::COUNT)
        .is_none_or(|reached| reached >= count as f64)
}
