//! What somebody with the rights of an editor asks for, one request at a time.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::pointing::{D, E, INTEGRATED, L};

#[derive(Clone, Debug)]
pub enum Step {
    /// Writes a tag of a spec.
    Tag {
        door: Door,
        stream: String,
        tag: String,
        from: From,
        reference: bool,
        policy: String,
        scheduled: bool,
        generation: Generation,
    },
    /// Writes several tags of a stream at once.
    Tags { stream: String, tags: Vec<Written> },
    /// Removes a tag of a spec; what it shows stays.
    Untag { door: Door, stream: String, tag: String },
    /// Imports an image into a tag.
    Import { stream: String, tag: String, name: String, policy: String, scheduled: bool },
    /// Imports two images into the same tag.
    ImportBoth { stream: String, tag: String, both: [(String, String); 2] },
    /// Maps an image to a tag; without a pull spec by the stream's own.
    Map { stream: String, tag: String, digest: String, pull_spec: String, managed: bool },
    /// Imports a whole repository, of which each tag has some image.
    ImportAll { stream: String, repository: String, policy: String },
    /// Drops the newest event of a tag, through the status.
    Prune { stream: String, tag: String },
    /// `oc tag -d`, which no webhook sees: the tag leaves spec and status.
    Remove { stream: String, tag: String },
    /// Writes an event into the status; without a pull spec by the stream's own.
    Status { stream: String, tag: String, digest: String, pull_spec: String },
}

/// One of several tags.
#[derive(Clone, Debug)]
pub struct Written {
    pub tag: String,
    pub from: From,
    pub reference: bool,
    pub policy: String,
}

/// Through which kind a tag is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Door {
    Stream,
    StreamTag,
    ImageTag,
}

#[derive(Clone, Debug, PartialEq)]
pub enum From {
    Nothing,
    Image(String),
    Tag(String),
    StreamImage(String),
}

/// What a client writes as generation of a tag.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Generation {
    /// The stored one.
    Kept,
    Zero,
    Absent,
}

impl Generation {
    pub fn of(self, stored: Option<&Value>) -> Value {
        match self {
            Self::Kept => stored.map_or(Value::Null, |stored| stored["generation"].clone()),
            Self::Zero => json!(0),
            Self::Absent => Value::Null,
        }
    }
}

impl Step {
    /// The stream and the tag that it writes.
    pub fn target(&self) -> (&str, &str) {
        match self {
            Self::Tag { stream, tag, .. }
            | Self::Untag { stream, tag, .. }
            | Self::Import { stream, tag, .. }
            | Self::ImportBoth { stream, tag, .. }
            | Self::Map { stream, tag, .. }
            | Self::Prune { stream, tag }
            | Self::Remove { stream, tag }
            | Self::Status { stream, tag, .. } => (stream, tag),
            Self::ImportAll { stream, .. } | Self::Tags { stream, .. } => (stream, ""),
        }
    }
}

pub const INSIDE: &str = "registry.test/ns/app";
pub const OUTSIDE: &str = "evil.test/x";
/// Where no import ever succeeds.
pub const NOWHERE: &str = "nowhere.test/x";

/// Any step.
pub fn any() -> impl Strategy<Value = Step> {
    let stream = || select(vec!["web", "base"]).prop_map(str::to_owned);
    let tag = || select(vec!["v1", "v2", "latest"]).prop_map(str::to_owned);
    let door = || select(vec![Door::Stream, Door::StreamTag, Door::ImageTag]);
    let policy = || select(vec!["Local", "Source"]).prop_map(str::to_owned);
    let digest = || select(vec![D, D, E, L]).prop_map(str::to_owned);
    let repository = || select(vec![INSIDE, OUTSIDE]);
    let registry = || select(vec![INSIDE, OUTSIDE, OUTSIDE, NOWHERE]);
    let name = || {
        let rest = [":1".to_owned(), ":2".to_owned(), format!("@{D}"), format!(":1@{D}"), format!("@{E}")];
        let outside =
            (registry(), select(rest.to_vec())).prop_map(|(repository, rest)| format!("{repository}{rest}"));
        let tags = [":v1".to_owned(), ":latest".to_owned(), format!("@{D}"), format!("@{E}")];
        let through = (stream(), select(tags.to_vec()))
            .prop_map(|(stream, rest)| format!("{INTEGRATED}/shop/{stream}{rest}"));
        prop_oneof![5 => outside, 1 => through]
    };
    let from = || {
        prop_oneof![
            1 => Just(From::Nothing),
            1 => select(vec!["web:v1", "v1", "Web/Evil:1"]).prop_map(|name| From::Image(name.to_owned())),
            3 => name().prop_map(From::Image),
            3 => select(vec!["v1", "latest", "web:v1", "web:latest", "base:v1", "base:latest"])
                .prop_map(|name| From::Tag(name.to_owned())),
            1 => (stream(), digest()).prop_map(|(stream, digest)| From::StreamImage(format!("{stream}@{digest}"))),
        ]
    };
    let generation = select(vec![Generation::Kept, Generation::Kept, Generation::Zero, Generation::Absent]);
    let reference = || prop::bool::weighted(0.2);
    let scheduled = prop::bool::weighted(0.1);
    let written = (door(), stream(), tag(), from(), reference(), policy(), scheduled, generation).prop_map(
        |(door, stream, tag, from, reference, policy, scheduled, generation)| Step::Tag {
            door,
            stream,
            tag,
            from,
            reference,
            policy,
            scheduled,
            generation,
        },
    );
    let one = (tag(), from(), reference(), policy()).prop_map(|(tag, from, reference, policy)| Written {
        tag,
        from,
        reference,
        policy,
    });
    let several =
        (stream(), prop::collection::vec(one, 2..=3)).prop_map(|(stream, tags)| Step::Tags { stream, tags });
    let both = (stream(), tag(), (name(), policy()), (name(), policy()))
        .prop_map(|(stream, tag, one, other)| Step::ImportBoth { stream, tag, both: [one, other] });
    let event = || (stream(), tag(), digest(), repository());
    let managed = || prop::bool::weighted(0.3);
    prop_oneof![
        6 => written,
        2 => several,
        1 => both,
        1 => (select(vec![Door::Stream, Door::ImageTag]), stream(), tag())
            .prop_map(|(door, stream, tag)| Step::Untag { door, stream, tag }),
        2 => (stream(), tag(), name(), policy(), prop::bool::weighted(0.1)).prop_map(
            |(stream, tag, name, policy, scheduled)| Step::Import { stream, tag, name, policy, scheduled },
        ),
        1 => (event(), managed()).prop_map(|((stream, tag, digest, repository), managed)| Step::Map {
            pull_spec: format!("{repository}@{digest}"), stream, tag, digest, managed,
        }),
        1 => (stream(), tag(), digest(), managed()).prop_map(|(stream, tag, digest, managed)| Step::Map {
            pull_spec: String::new(), stream, tag, digest, managed,
        }),
        1 => (stream(), registry(), policy()).prop_map(|(stream, repository, policy)| Step::ImportAll {
            stream, repository: repository.to_owned(), policy,
        }),
        1 => (stream(), tag()).prop_map(|(stream, tag)| Step::Prune { stream, tag }),
        1 => (stream(), tag()).prop_map(|(stream, tag)| Step::Remove { stream, tag }),
        1 => event().prop_map(|(stream, tag, digest, repository)| Step::Status {
            pull_spec: format!("{repository}@{digest}"), stream, tag, digest,
        }),
        1 => (stream(), tag(), digest()).prop_map(|(stream, tag, digest)| Step::Status {
            pull_spec: String::new(), stream, tag, digest,
        }),
    ]
}
