//! How far it is, where somebody watches.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// The least time between two repaints.
const PAUSE: Duration = Duration::from_millis(100);
/// How many characters the bar has.
const WIDTH: usize = 30;

/// A bar on standard error.
pub struct Progress {
    of: usize,
    done: AtomicUsize,
    painted: Option<Mutex<Option<Instant>>>,
}

impl Progress {
    /// A bar for so many steps; none where standard error is no terminal.
    pub fn new(of: usize) -> Self {
        let painted = std::io::stderr().is_terminal().then(|| Mutex::new(None));
        Progress { of, done: AtomicUsize::new(0), painted }
    }

    /// One step more.
    pub fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        // Somebody else is painting at the moment.
        let Some(Ok(mut last)) = self.painted.as_ref().map(Mutex::try_lock) else { return };
        let now = Instant::now();
        if is_due(*last, now) {
            *last = Some(now);
            paint(done, self.of);
        }
    }

    /// The last repaint.
    pub fn end(&self) {
        if self.painted.is_some() && self.of > 0 {
            paint(self.of, self.of);
            _ = writeln!(std::io::stderr());
        }
    }
}

fn is_due(last: Option<Instant>, now: Instant) -> bool {
    last.is_none_or(|last| now.duration_since(last) >= PAUSE)
}

fn paint(done: usize, of: usize) {
    let filled = (done * WIDTH).checked_div(of).unwrap_or(WIDTH);
    // A terminal that goes away is no reason to stop.
    _ = write!(std::io::stderr(), "\r[{}{}] {done}/{of}", "#".repeat(filled), " ".repeat(WIDTH - filled));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_repaints_a_second_are_enough() {
        let start = Instant::now();
        let mut last = None;
        let painted = (0..2000_u64).filter(|step| {
            let now = start + Duration::from_millis(*step);
            let due = is_due(last, now);
            if due {
                last = Some(now);
            }
            due
        });
        assert_eq!(painted.count(), 20);
    }
}
