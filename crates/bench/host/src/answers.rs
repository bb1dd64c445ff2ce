//! What the host answers while the same request is judged again and again.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock};

use image_trust::answers::{Capabilities, HostCall};

/// Passes the first asking of a question on, and answers from memory after that: a recording
/// answers once, and the time that a host takes to find an answer is not the policy's.
#[derive(Debug)]
pub(crate) struct Answers {
    inner: Box<dyn Capabilities>,
    known: RwLock<HashMap<Question, Result<Vec<u8>, String>>>,
    calls: AtomicUsize,
    bytes: AtomicUsize,
}

/// Part of the host, what is asked of it, and the question.
type Question = (String, String, Vec<u8>);

impl Answers {
    /// Answers as another does.
    pub(crate) fn of(inner: Box<dyn Capabilities>) -> Self {
        Self { inner, known: RwLock::default(), calls: AtomicUsize::new(0), bytes: AtomicUsize::new(0) }
    }

    /// Calls so far, and bytes of their questions and answers.
    pub(crate) fn counted(&self) -> (usize, usize) {
        (self.calls.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }
}

impl Capabilities for Answers {
    fn answer(&self, call: HostCall<'_>) -> Result<Vec<u8>, String> {
        let question = (call.namespace.to_owned(), call.operation.to_owned(), call.payload.to_owned());
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&question).cloned();
        let answer = known.unwrap_or_else(|| {
            let answer = self.inner.answer(call);
            self.known.write().unwrap_or_else(PoisonError::into_inner).insert(question, answer.clone());
            answer
        });
        let answered = answer.as_ref().map_or_else(String::len, Vec::len);
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(call.payload.len() + answered, Ordering::Relaxed);
        answer
    }
}

/// Answers whatever is asked of a part of the host in the same way, and leaves the rest to another.
#[derive(Debug)]
pub(crate) struct Fixed {
    /// In JSON, by `namespace/operation`.
    pub(crate) answers: BTreeMap<String, String>,
    /// Who answers the rest.
    pub(crate) rest: Box<dyn Capabilities>,
}

impl Capabilities for Fixed {
    fn answer(&self, call: HostCall<'_>) -> Result<Vec<u8>, String> {
        match self.answers.get(&format!("{}/{}", call.namespace, call.operation)) {
            Some(answer) => Ok(answer.clone().into_bytes()),
            None => self.rest.answer(call),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says how often it was asked.
    #[derive(Debug, Default)]
    struct Counter(AtomicUsize);

    impl Capabilities for Counter {
        fn answer(&self, _call: HostCall<'_>) -> Result<Vec<u8>, String> {
            match self.0.fetch_add(1, Ordering::Relaxed) {
                0 => Ok(b"first".to_vec()),
                _ => Err("later".to_owned()),
            }
        }
    }

    #[test]
    fn a_question_has_one_answer() {
        let answers = Answers::of(Box::new(Counter::default()));
        let ask = |payload| answers.answer(HostCall { namespace: "n", operation: "o", payload });
        for _ in 0..2 {
            assert_eq!(ask(b"a"), Ok(b"first".to_vec()));
            assert_eq!(ask(b"b"), Err("later".to_owned()));
        }
        assert_eq!(answers.counted(), (4, 4 + 2 * 5 + 2 * 5));
    }

    #[test]
    fn a_fixed_answer_is_for_one_part_of_the_host() {
        let answers = BTreeMap::from([("oci/v1/manifest_digest".to_owned(), "{}".to_owned())]);
        let fixed = Fixed { answers, rest: Box::new(Counter::default()) };
        let ask = |operation| fixed.answer(HostCall { namespace: "oci", operation, payload: b"" });
        assert_eq!(ask("v1/manifest_digest"), Ok(b"{}".to_vec()));
        assert_eq!(ask("v2/verify"), Ok(b"first".to_vec()));
    }
}
