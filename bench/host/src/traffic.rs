//! What crosses the boundary between a policy and its host.

use std::sync::atomic::{AtomicUsize, Ordering};

use image_trust::capabilities::{Capabilities, HostCall};

/// Counts the calls that another answers.
#[derive(Debug)]
pub(crate) struct Traffic {
    inner: Box<dyn Capabilities>,
    calls: AtomicUsize,
    bytes: AtomicUsize,
}

impl Traffic {
    pub(crate) fn of(inner: Box<dyn Capabilities>) -> Self {
        Self { inner, calls: AtomicUsize::new(0), bytes: AtomicUsize::new(0) }
    }

    /// Calls, and bytes of questions and answers.
    pub(crate) fn counted(&self) -> (usize, usize) {
        (self.calls.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }
}

impl Capabilities for Traffic {
    fn answer(&self, call: HostCall<'_>) -> Result<Vec<u8>, String> {
        let answer = self.inner.answer(call);
        let answered = answer.as_ref().map_or_else(String::len, Vec::len);
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(call.payload.len() + answered, Ordering::Relaxed);
        answer
    }
}
