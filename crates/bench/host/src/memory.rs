//! How much linear memory a call takes. It only grows, so its size at the end is its peak.
//!
//! The runtime that Kubewarden uses shows nobody the memory of an instance, but takes it from
//! whoever wants to provide it. So a module is weighed in a compilation of its own, which is never
//! timed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use anyhow::Result;
use image_trust::answers::Capabilities;
use image_trust::host::module::wasmtime::{self, LinearMemory, MemoryCreator, MemoryType};
use image_trust::host::module::{Guest, Host};

/// A module whose memory is watched.
pub(crate) struct Scales {
    guest: Guest,
    size: Arc<AtomicUsize>,
}

impl Scales {
    /// Compiles a module.
    pub(crate) fn new(wasm: &[u8]) -> Result<Self> {
        let size = Arc::new(AtomicUsize::new(0));
        let host = Host::compile_with_memory(wasm, Arc::new(Provider(Arc::clone(&size))))?;
        Ok(Self { guest: host.link(None)?, size })
    }

    /// The bytes of linear memory with which a fresh instance ends up.
    pub(crate) fn weigh(&self, payload: &[u8], capabilities: &Arc<dyn Capabilities>) -> Result<usize> {
        self.size.store(0, Ordering::Relaxed);
        self.guest.call_with("validate", payload, capabilities)?;
        Ok(self.size.load(Ordering::Relaxed))
    }
}

/// Provides memory, and notes the size of the last that was made or grown.
struct Provider(Arc<AtomicUsize>);

struct Memory {
    /// Cells, since the module writes through a pointer to them.
    bytes: Vec<AtomicU8>,
    size: Arc<AtomicUsize>,
}

impl Memory {
    fn resize(&mut self, size: usize) {
        self.bytes.resize_with(size, AtomicU8::default);
        self.size.store(size, Ordering::Relaxed);
    }
}

// SAFETY: what it makes is zeroed, is touched by nobody else, and stays while the box does. The
// engine's settings ask for no reservation and no guard.
unsafe impl MemoryCreator for Provider {
    fn new_memory(
        &self,
        _ty: MemoryType,
        minimum: usize,
        _maximum: Option<usize>,
        reserved: Option<usize>,
        guard: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        if reserved.is_some_and(|bytes| bytes > minimum) || guard > 0 {
            return Err("this memory is neither reserved nor guarded".to_owned());
        }
        let mut memory = Memory { bytes: Vec::new(), size: Arc::clone(&self.0) };
        memory.resize(minimum);
        Ok(Box::new(memory))
    }
}

// SAFETY: the pointer is to as many bytes as are told, and moves only when the memory grows beyond
// its capacity.
unsafe impl LinearMemory for Memory {
    fn byte_size(&self) -> usize {
        self.bytes.len()
    }

    fn byte_capacity(&self) -> usize {
        self.bytes.capacity()
    }

    fn grow_to(&mut self, size: usize) -> wasmtime::Result<()> {
        self.resize(size);
        Ok(())
    }

    fn as_ptr(&self) -> *mut u8 {
        self.bytes.as_ptr().cast_mut().cast()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;
    use image_trust::answers::Nobody;

    const PAGE: usize = 65536;

    #[test]
    fn a_call_is_weighed_by_what_its_instance_has_at_the_end() {
        let cases =
            [("", 2), ("(drop (memory.grow (i32.const 3)))", 5), ("(drop (memory.grow (i32.const 90)))", 92)];
        let capabilities = Arc::new(Nobody) as Arc<dyn Capabilities>;
        for (work, pages) in cases {
            let module = format!(
                r#"(module
                    (import "wapc" "__guest_response" (func $response (param i32 i32)))
                    (memory (export "memory") 2)
                    (data (i32.const 8) "x")
                    (func (export "__guest_call") (param i32 i32) (result i32)
                        {work}
                        (call $response (i32.const 8) (i32.const 1))
                        (i32.store8 (i32.sub (i32.mul (memory.size) (i32.const {PAGE})) (i32.const 1)) (i32.const 1))
                        (i32.const 1)))"#
            );
            let scales = Scales::new(&wat::parse_str(module).unwrap()).unwrap();
            for _ in 0..2 {
                assert_eq!(scales.weigh(b"", &capabilities).unwrap(), pages * PAGE, "{work}");
            }
        }
    }
}
