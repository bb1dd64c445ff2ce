//! Recordings of host calls, in the format of
//! `kwctl run --record-host-capabilities-interactions`: a YAML list of exchanges.
//!
//! A request is a text in itself, which holds a tagged value such as `!KubernetesGetResource`. Answers
//! are given in the order in which they were recorded.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_norway::value::{Tag, TaggedValue};
use thiserror::Error;

use crate::answers::{Capabilities, HostCall};

/// Why a recording cannot be used.
#[derive(Debug, Error)]
pub enum RecordingError {
    /// The file system refused.
    #[error("{}: {}", crate::console::name(.0), .1)]
    File(PathBuf, std::io::Error),
    /// It is no list of exchanges.
    #[error("{}: {}", crate::console::name(.0), .1)]
    Format(PathBuf, serde_norway::Error),
    /// A request in it is no tagged value.
    #[error("{}: exchange {}: the request is not a tagged value such as `!KubernetesGetResource`", crate::console::name(.0), .1)]
    Request(PathBuf, usize),
}

/// A call and its answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
enum Exchange {
    /// The only kind there is.
    Exchange { request: String, response: Answer },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
enum Answer {
    Success { payload: String },
    Error { message: String },
}

/// A question as recordings name it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Question {
    tag: String,
    /// Without members that are null: recorders differ in whether they write them.
    members: Map<String, Value>,
}

impl Question {
    fn of(call: HostCall<'_>) -> Result<Self, String> {
        let mut members: Map<String, Value> =
            serde_json::from_slice(call.payload).map_err(|error| error.to_string())?;
        let tag = match (call.namespace, call.operation) {
            ("kubernetes", "get_resource") => "KubernetesGetResource".to_owned(),
            ("oci", "v2/verify") => match members.remove("type") {
                Some(Value::String(tag)) => tag,
                _ => return Err("a question for signatures has no `type`".to_owned()),
            },
            (namespace, operation) => {
                return Err(format!("a recording has no answer for {namespace}/{operation}"));
            }
        };
        Ok(Self::new(tag, members))
    }

    fn new(tag: String, mut members: Map<String, Value>) -> Self {
        members.retain(|_, value| !value.is_null());
        // A set, in whatever order it was written.
        if let Some(Value::Array(masks)) = members.get_mut("field_masks") {
            masks.sort_by_key(ToString::to_string);
        }
        Self { tag, members }
    }

    fn parse(text: &str) -> Option<Self> {
        let TaggedValue { tag, value } =
            serde_norway::from_str::<serde_norway::Value>(text).ok().and_then(|value| match value {
                serde_norway::Value::Tagged(tagged) => Some(*tagged),
                _ => None,
            })?;
        let members = serde_json::to_value(value).ok()?.as_object()?.clone();
        Some(Self::new(tag.to_string().trim_start_matches('!').to_owned(), members))
    }

    fn text(&self) -> String {
        let value = serde_norway::to_value(&self.members).unwrap_or_default();
        let tagged = TaggedValue { tag: Tag::new(&self.tag), value };
        serde_norway::to_string(&serde_norway::Value::Tagged(Box::new(tagged))).unwrap_or_default()
    }
}

/// Answers from a recording.
#[derive(Debug)]
pub struct Replay {
    exchanges: Mutex<VecDeque<(Question, Answer)>>,
}

impl Replay {
    /// Reads a recording.
    ///
    /// # Errors
    /// It is none.
    pub fn open(path: &Path) -> Result<Self, RecordingError> {
        let text =
            std::fs::read_to_string(path).map_err(|error| RecordingError::File(path.to_owned(), error))?;
        Self::parse(path, &text)
    }

    /// Reads a recording, as the file of this name holds it.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(path: &Path, text: &str) -> Result<Self, RecordingError> {
        let exchanges: Vec<Exchange> =
            serde_norway::from_str(text).map_err(|error| RecordingError::Format(path.to_owned(), error))?;
        let read =
            exchanges.into_iter().enumerate().map(|(number, Exchange::Exchange { request, response })| {
                let question = Question::parse(&request);
                let question = question.ok_or_else(|| RecordingError::Request(path.to_owned(), number))?;
                Ok((question, response))
            });
        Ok(Self { exchanges: Mutex::new(read.collect::<Result<_, RecordingError>>()?) })
    }

    /// How many answers were not asked for.
    pub fn left(&self) -> usize {
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl Capabilities for Replay {
    fn answer(&self, call: HostCall<'_>) -> Result<Vec<u8>, String> {
        let asked = Question::of(call)?;
        let mut exchanges = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner);
        match exchanges.front() {
            None => Err("the recording has no further answer".to_owned()),
            Some((question, _)) if *question != asked => {
                Err(format!("the recording answers another question next: {}", question.text().trim_end()))
            }
            Some(_) => match exchanges.pop_front() {
                Some((_, Answer::Success { payload })) => Ok(payload.into_bytes()),
                Some((_, Answer::Error { message })) => Err(message),
                None => Err("the recording has no further answer".to_owned()),
            },
        }
    }
}

/// Writes down what another answers.
#[derive(Debug)]
pub struct Recorder {
    inner: Box<dyn Capabilities>,
    exchanges: Mutex<Vec<Exchange>>,
}

impl Recorder {
    /// Records the answers of `inner`.
    pub fn new(inner: Box<dyn Capabilities>) -> Self {
        Self { inner, exchanges: Mutex::default() }
    }

    /// Writes the recording to a file.
    ///
    /// # Errors
    /// The file system refused.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        let exchanges = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner);
        let text = serde_norway::to_string(&*exchanges).map_err(std::io::Error::other)?;
        std::fs::write(path, text)
    }
}

impl Capabilities for Recorder {
    fn answer(&self, call: HostCall<'_>) -> Result<Vec<u8>, String> {
        let answer = self.inner.answer(call);
        let question = Question::of(call)?;
        let response = match &answer {
            Ok(payload) => Answer::Success { payload: String::from_utf8_lossy(payload).into_owned() },
            Err(message) => Answer::Error { message: message.clone() },
        };
        let mut exchanges = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner);
        exchanges.push(Exchange::Exchange { request: question.text(), response });
        answer
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    const RECORDED: &str = r#"
- type: Exchange
  request: |
    !KubernetesGetResource
    api_version: image.openshift.io/v1
    kind: Image
    name: sha256:1
    namespace: null
    disable_cache: true
    field_masks:
    - signatures.content
    - metadata.name
  response:
    type: Success
    payload: '{"metadata":{"name":"sha256:1"}}'
- type: Exchange
  request: |
    !SigstorePubKeyVerify
    image: quay.io/acme/app:v1
    pub_keys: [a]
    annotations: null
  response:
    type: Error
    message: no signatures found
"#;

    fn replay(text: &str) -> Result<Replay, RecordingError> {
        Replay::parse(Path::new("recording.yaml"), text)
    }

    const IMAGE: HostCall<'_> = HostCall {
        namespace: "kubernetes",
        operation: "get_resource",
        payload: br#"{"api_version":"image.openshift.io/v1","kind":"Image","name":"sha256:1","namespace":null,"disable_cache":true,"field_masks":["metadata.name","signatures.content"]}"#,
    };
    const VERIFY: HostCall<'_> = HostCall {
        namespace: "oci",
        operation: "v2/verify",
        payload: br#"{"type":"SigstorePubKeyVerify","image":"quay.io/acme/app:v1","pub_keys":["a"],"annotations":null}"#,
    };

    #[test]
    fn answers_come_in_the_order_in_which_they_were_recorded() {
        let replay = replay(RECORDED).unwrap();
        assert!(replay.answer(VERIFY).unwrap_err().contains("another question next: !KubernetesGetResource"));
        assert_eq!(replay.answer(IMAGE).unwrap(), br#"{"metadata":{"name":"sha256:1"}}"#);
        assert_eq!(replay.left(), 1);
        assert_eq!(replay.answer(VERIFY).unwrap_err(), "no signatures found");
        assert_eq!(replay.answer(VERIFY).unwrap_err(), "the recording has no further answer");
    }

    #[test]
    fn what_is_recorded_can_be_replayed() {
        let recorder = Recorder::new(Box::new(replay(RECORDED).unwrap()));
        let answers = [recorder.answer(IMAGE), recorder.answer(VERIFY)];
        let path = std::env::temp_dir().join(format!("image-trust-record-{}", std::process::id()));
        recorder.write(&path).unwrap();
        let again = Replay::open(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!([again.answer(IMAGE), again.answer(VERIFY)], answers);
    }

    #[test]
    fn what_is_no_recording_is_told() {
        for text in ["{}", "- type: Other", "- {type: Exchange, request: x}", "["] {
            assert!(matches!(replay(text), Err(RecordingError::Format(..))), "{text}");
        }
        let plain = "- {type: Exchange, request: 'kind: Image', response: {type: Error, message: x}}";
        assert!(matches!(replay(plain), Err(RecordingError::Request(_, 0))));
    }
}
