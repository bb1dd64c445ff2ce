//! A module, and what it costs before it has anything to do.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result};
use image_trust::answers::{Capabilities, Nobody};
use image_trust::host::module::{Guest, Host, HostError};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wasmparser::{Parser, Payload};

use crate::memory::Scales;
use crate::times::Times;

/// How often a module is compiled, at most.
pub(crate) const COMPILATIONS: usize = 3;
/// The unit of linear memory.
const PAGE: u64 = 65536;

/// A module, ready to be measured.
pub(crate) struct Module {
    /// What is known of it.
    pub(crate) profile: Profile,
    /// Linked, as a host has it before requests come.
    pub(crate) guest: Guest,
    /// The same module, for its memory.
    pub(crate) scales: Scales,
}

/// What a module costs before any request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Profile {
    /// What the tables call it.
    pub(crate) name: String,
    /// Which it is.
    pub(crate) sha256: String,
    /// The size of the file.
    pub(crate) bytes: usize,
    /// What of that is instructions, and what data that is copied into memory.
    #[serde(flatten)]
    pub(crate) sections: Sections,
    /// The median time of a compilation.
    pub(crate) compile_ms: f64,
    /// The median time to a fresh instance: memory, data, start functions.
    pub(crate) start_ms: f64,
}

/// What a module's sections hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sections {
    /// Bytes of instructions.
    pub(crate) code_bytes: usize,
    /// Bytes of data.
    pub(crate) data_bytes: usize,
    /// Bytes of memory with which an instance begins.
    pub(crate) memory_bytes: u64,
}

impl Module {
    /// Reads and compiles a module, so many times.
    pub(crate) fn open(name: &str, path: &Path, compilations: usize) -> Result<Self> {
        let context = || path.display().to_string();
        let wasm = fs::read(path).with_context(context)?;
        Self::of(name, &wasm, compilations).with_context(context)
    }

    fn of(name: &str, wasm: &[u8], compilations: usize) -> Result<Self> {
        let mut times = Times::default();
        let mut compile = || -> Result<Host, HostError> {
            let start = Instant::now();
            let host = Host::compile(wasm)?;
            times.push(start.elapsed());
            Ok(host)
        };
        let guest = compile()?.link(None)?;
        for _ in 1..compilations {
            compile()?;
        }
        // One that does not start need not be weighed.
        guest.start(&nobody())?;
        let profile = Profile {
            name: name.to_owned(),
            sha256: sha256(wasm),
            bytes: wasm.len(),
            sections: Sections::of(wasm)?,
            compile_ms: times.median_ms(),
            start_ms: 0.0,
        };
        Ok(Self { profile, guest, scales: Scales::new(wasm)? })
    }
}

/// Which module it is.
pub(crate) fn sha256(wasm: &[u8]) -> String {
    Sha256::digest(wasm).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Sections {
    fn of(wasm: &[u8]) -> Result<Self> {
        let mut sections = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::CodeSectionStart { range, .. } => sections.code_bytes = range.len(),
                Payload::DataSection(data) => sections.data_bytes = data.range().len(),
                Payload::MemorySection(memories) => {
                    for memory in memories {
                        sections.memory_bytes += memory?.initial * PAGE;
                    }
                }
                _ => {}
            }
        }
        Ok(sections)
    }
}

/// Has the modules take turns in making fresh instances, and notes the medians.
pub(crate) fn time_starts(modules: &mut [&mut Module], iterations: usize) -> Result<()> {
    let nobody = nobody();
    let mut times = vec![Times::default(); modules.len()];
    for _ in 0..iterations {
        for (module, times) in modules.iter().zip(&mut times) {
            let start = Instant::now();
            let instance = module.guest.start(&nobody)?;
            times.push(start.elapsed());
            drop(instance);
        }
    }
    for (module, times) in modules.iter_mut().zip(times) {
        module.profile.start_ms = times.median_ms();
    }
    Ok(())
}

fn nobody() -> Arc<dyn Capabilities> {
    Arc::new(Nobody)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    #[test]
    fn sections_are_told_apart() {
        let cases = [
            ("(module)", Sections::default()),
            (
                // A count, then a segment: flag, offset (three bytes), length, content.
                r#"(module (memory 3) (data (i32.const 0) "abcd"))"#,
                Sections { data_bytes: 10, memory_bytes: 3 * 65536, ..Sections::default() },
            ),
            // A count, then a body: length, no locals, end.
            ("(module (func))", Sections { code_bytes: 4, ..Sections::default() }),
        ];
        for (text, expected) in cases {
            assert_eq!(Sections::of(&wat::parse_str(text).unwrap()).unwrap(), expected, "{text}");
        }
    }
}
