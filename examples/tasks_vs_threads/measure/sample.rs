//! What one measurement found: named numbers and remarks, and the text form that crosses a pipe.

use std::fmt::Write as _;

#[cfg(test)]
mod tests;

/// The result of measuring one side once.
#[derive(Debug, Default)]
pub(crate) struct Sample {
    values: Vec<(String, f64)>,
    notes: Vec<String>,
}

impl Sample {
    /// A sample of one number.
    pub(crate) fn of(name: &str, value: f64) -> Sample {
        Sample::default().with(name, value)
    }

    /// The same sample with one more number, in seconds or bytes.
    pub(crate) fn with(mut self, name: &str, value: f64) -> Sample {
        self.values.push((name.to_owned(), value));
        self
    }

    /// All of both samples.
    pub(crate) fn and(mut self, other: Sample) -> Sample {
        self.values.extend(other.values);
        self.notes.extend(other.notes);
        self
    }

    /// Adds a remark that the reader of the table must see, such as a load that was cut.
    pub(crate) fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    pub(crate) fn value(&self, name: &str) -> Option<f64> {
        self.values
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| *value)
    }

    pub(crate) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// One line per number and per remark, closed by a line that proves nothing is missing.
    pub(crate) fn encode(&self) -> String {
        let mut text = String::new();
        for (name, value) in &self.values {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "value {name} {value:e}");
        }
        for note in &self.notes {
            let _ = writeln!(text, "note {}", note.replace('\n', " "));
        }
        text.push_str("end\n");
        text
    }

    /// The sample in `text`, or `None` if the writer died before its end or wrote nonsense.
    pub(crate) fn decode(text: &str) -> Option<Sample> {
        let mut sample = Sample::default();
        for line in text.lines() {
            match line.split_once(' ') {
                Some(("value", rest)) => {
                    let (name, value) = rest.split_once(' ')?;
                    sample = sample.with(name, value.parse().ok()?);
                }
                Some(("note", rest)) => sample.note(rest),
                None if line == "end" => return Some(sample),
                _ => return None,
            }
        }
        None
    }
}
