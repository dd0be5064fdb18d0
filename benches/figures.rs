//! Medians and the like, and how they are printed.

use std::time::Duration;

/// Measured values of one thing.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    values: Vec<f64>,
    /// How often the awaited did not come.
    missed: usize,
}

impl Figures {
    /// Adds a time, in milliseconds, or that none came.
    pub fn time(&mut self, time: Option<Duration>) {
        match time {
            Some(time) => self.values.push(time.as_secs_f64() * 1000.0),
            None => self.missed += 1,
        }
    }

    /// Adds a value in whatever unit the line says.
    pub fn value(&mut self, value: f64) {
        self.values.push(value);
    }

    /// The value that this share of all values does not exceed.
    fn share(&self, share: f64) -> f64 {
        let mut sorted = self.values.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = (share * sorted.len() as f64).ceil() as usize;
        sorted.get(rank.max(1) - 1).copied().unwrap_or(f64::NAN)
    }

    /// The middle value.
    pub fn median(&self) -> f64 {
        self.share(0.5)
    }

    /// Prints a line: who did what, in which unit.
    pub fn print(&self, what: &str, who: &str, unit: &str) {
        let missed =
            if self.missed == 0 { String::new() } else { format!("  missed {}", self.missed) };
        if self.values.is_empty() {
            println!("  {what:40} {who:22} nothing measured{missed}");
            return;
        }
        println!(
            "  {what:40} {who:22} median {:>9.1}  p99 {:>9.1}  max {:>9.1} {unit}  n {}{missed}",
            self.median(),
            self.share(0.99),
            self.share(1.0),
            self.values.len(),
        );
    }
}
