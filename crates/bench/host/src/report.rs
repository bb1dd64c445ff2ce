//! What a run found, for programs and in tables.

use std::fs;
use std::path::Path;
use std::thread;

use anyhow::{Context, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::aim::Aim;
use crate::measurement::Measurement;
use crate::module::Profile;
use crate::row::grouped;
use crate::series::Series;
use crate::table::Table;

/// What measuring found.
#[derive(Serialize, Deserialize)]
pub(crate) struct Report {
    /// Where it was measured.
    pub(crate) machine: Machine,
    /// The modules, the empty one last.
    pub(crate) modules: Vec<Profile>,
    /// The rows.
    pub(crate) rows: Vec<Measurement>,
    /// The targets that there are.
    pub(crate) aims: Vec<Aim>,
}

/// Where something was measured.
#[derive(Serialize, Deserialize)]
pub(crate) struct Machine {
    /// As the kernel calls it.
    pub(crate) processor: String,
    /// How many threads it runs at once.
    pub(crate) threads: usize,
}

impl Machine {
    /// The one that this runs on.
    pub(crate) fn this() -> Self {
        let described = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = described.lines().find(|line| line.starts_with("model name"));
        let processor = model.and_then(|line| line.split_once(": ")).map_or("unknown", |(_, name)| name);
        Self {
            processor: processor.to_owned(),
            threads: thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

/// Writes a report.
pub(crate) fn write(path: &Path, report: &impl Serialize) -> Result<()> {
    fs::write(path, serde_json::to_vec_pretty(report)?).with_context(|| path.display().to_string())
}

/// Reads one.
pub(crate) fn read<R: DeserializeOwned>(path: &Path) -> Result<R> {
    let context = || path.display().to_string();
    serde_json::from_slice(&fs::read(path).with_context(context)?).with_context(context)
}

impl Report {
    /// What modules cost before any request.
    pub(crate) fn modules(&self) -> Table {
        let heads = ["module", "size", "code", "data", "memory at start", "compilation", "fresh instance"];
        let mut table = Table::new(heads);
        for module in &self.modules {
            table.line([
                module.name.clone(),
                kilobytes(module.bytes as f64),
                kilobytes(module.sections.code_bytes as f64),
                kilobytes(module.sections.data_bytes as f64),
                kibibytes(module.sections.memory_bytes as f64),
                format!("{:.0} ms", module.compile_ms),
                milliseconds(module.start_ms),
            ]);
        }
        table
    }

    /// What requests cost. Columns that nothing is said in are left out.
    pub(crate) fn rows(&self) -> Table {
        let several = self.rows.windows(2).any(|pair| matches!(pair, [a, b] if a.module != b.module));
        let gpgv = self.rows.iter().any(|row| row.gpgv_ms.is_some());
        let asking = self.rows.iter().any(|row| row.host_calls > 0);
        let mut heads = vec!["request", "payload", "answer", "time", "empty policy", "ratio"];
        heads.extend(["memory", "empty policy"]);
        if gpgv {
            heads.extend(["gpgv", "ratio"]);
        }
        if asking {
            heads.push("host calls");
        }
        if several {
            heads.insert(1, "module");
        }
        let mut table = Table::new(heads);
        for row in &self.rows {
            let mut cells = vec![
                row.name.clone(),
                kilobytes(row.payload_bytes as f64),
                if row.accepted { "accepted" } else { "denied" }.to_owned(),
                milliseconds(row.ms),
                milliseconds(row.empty_ms),
                format!("{:.2}", row.ratio),
                kibibytes(row.memory_bytes as f64),
                kibibytes(row.empty_memory_bytes as f64),
            ];
            if gpgv {
                cells.push(row.gpgv_ms.map(milliseconds).unwrap_or_default());
                cells.push(row.gpgv_ms.map(|gpgv| format!("{:.2}", row.ms / gpgv)).unwrap_or_default());
            }
            if asking {
                cells.push(match row.host_calls {
                    0 => String::new(),
                    calls => format!("{calls}, {}", kilobytes(row.host_bytes as f64)),
                });
            }
            if several {
                cells.insert(1, row.module.clone());
            }
            table.line(cells);
        }
        table
    }

    /// What was aimed at.
    pub(crate) fn aims(&self) -> Table {
        let mut table = Table::new(["target", "at most", "measured", ""]);
        for aim in &self.aims {
            let met = if aim.met { "met" } else { "missed" };
            table.line([aim.what.clone(), aim.target.clone(), aim.measured.clone(), met.to_owned()]);
        }
        table
    }
}

impl Series<'_> {
    /// What growing costs: altogether, and for each that was added since the line above.
    pub(crate) fn table(&self) -> Table {
        let heads = ["time", "for each more", "empty policy", "ratio", "memory", "empty policy"];
        let mut table = Table::new([self.name].into_iter().chain(heads));
        let mut before: Option<(usize, f64)> = None;
        for (count, row) in &self.rows {
            let each = before.map(|(fewer, ms)| (row.ms - ms) * 1e3 / (count - fewer) as f64);
            table.line([
                grouped(*count),
                milliseconds(row.ms),
                each.map(|microseconds| format!("{microseconds:.1} µs")).unwrap_or_default(),
                milliseconds(row.empty_ms),
                format!("{:.2}", row.ratio),
                kibibytes(row.memory_bytes as f64),
                kibibytes(row.empty_memory_bytes as f64),
            ]);
            before = Some((*count, row.ms));
        }
        table
    }
}

/// A time in three digits.
pub(crate) fn milliseconds(ms: f64) -> String {
    match ms {
        ..0.1 => format!("{ms:.3} ms"),
        ..10.0 => format!("{ms:.2} ms"),
        ..100.0 => format!("{ms:.1} ms"),
        _ => format!("{ms:.0} ms"),
    }
}

/// A size of something that is sent or stored.
fn kilobytes(bytes: f64) -> String {
    match bytes {
        ..1e6 => format!("{:.1} kB", bytes / 1e3),
        _ => format!("{:.2} MB", bytes / 1e6),
    }
}

/// A size of memory, which comes in pages.
pub(crate) fn kibibytes(bytes: f64) -> String {
    const MIB: f64 = 1024.0 * 1024.0;
    match bytes {
        ..MIB => format!("{:.0} KiB", bytes / 1024.0),
        _ => format!("{:.1} MiB", bytes / MIB),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short() {
        for (ms, text) in [(0.0634, "0.063 ms"), (1.234, "1.23 ms"), (12.34, "12.3 ms"), (123.4, "123 ms")] {
            assert_eq!(milliseconds(ms), text);
        }
        for (bytes, text) in [(500.0, "0.5 kB"), (1_500_000.0, "1.50 MB")] {
            assert_eq!(kilobytes(bytes), text);
        }
        for (pages, text) in [(2.0, "128 KiB"), (17.0, "1.1 MiB")] {
            assert_eq!(kibibytes(pages * 65536.0), text);
        }
    }
}
