//! Settings, and what must hold under them whatever is allowed.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::pointing::{D, INTEGRATED};
use crate::server::{Event, Server};
use crate::step::{Door, From, Generation, INSIDE, OUTSIDE, Step};

pub struct Bounds {
    pub name: &'static str,
    pub settings: fn() -> Value,
    /// What is there before the settings come into force.
    pub start: fn() -> Server,
    /// What is wrong with a tag that shows an event, wherever that comes from, and is pulled by a pull spec.
    wrong: fn(&Event, &str) -> Option<String>,
    /// Whether what is shown first stays.
    holds: bool,
    /// Whether only the origin counts, however it is pulled.
    by_origin: bool,
}

pub const BOUNDS: &[Bounds] = &[
    Bounds {
        name: "held",
        settings: || json!({"references": {"immutableTags": "^v\\d"}}),
        start: Server::default,
        wrong: |_, _| None,
        holds: true,
        by_origin: false,
    },
    Bounds {
        name: "held-already",
        settings: || json!({"references": {"immutableTags": "^v\\d"}}),
        start: with_held_followers,
        wrong: |_, _| None,
        holds: true,
        by_origin: false,
    },
    Bounds {
        name: "inside",
        settings: || json!({"references": {"allow": ["registry.test", INTEGRATED], "deny": ["evil.test"]}}),
        start: with_a_tag_from_outside,
        wrong: |event, pulled| {
            let is_inside = |pulled: &str| pulled.starts_with(INTEGRATED) || pulled.starts_with(INSIDE);
            let is_wrong = !is_inside(pulled) || !is_inside(&event.origin);
            is_wrong.then(|| "lies outside".to_owned())
        },
        holds: false,
        by_origin: true,
    },
    Bounds {
        name: "local",
        settings: || json!({"references": {"referencePolicy": {"": "Local"}}}),
        start: Server::default,
        wrong: |_, pulled| (!pulled.starts_with(INTEGRATED)).then(|| "is pulled from outside".to_owned()),
        holds: false,
        by_origin: false,
    },
    Bounds {
        name: "local-inside",
        settings: || json!({"references": {"referencePolicy": {"registry.test/ns": "Local", "evil.test": "Source"}}}),
        start: with_policies,
        wrong: |_, pulled| pulled.starts_with(INSIDE).then(|| "is pulled from outside".to_owned()),
        holds: false,
        by_origin: false,
    },
    Bounds {
        name: "source",
        settings: || json!({"references": {"referencePolicy": {"": "Source"}}}),
        start: with_a_tag_from_outside,
        wrong: |event, pulled| {
            let is_through = pulled.starts_with(INTEGRATED) && !event.pull_spec.starts_with(INTEGRATED);
            is_through.then(|| "is pulled through the cluster".to_owned())
        },
        holds: false,
        by_origin: false,
    },
    Bounds {
        name: "signed",
        settings: || {
            let mut settings = crate::pointing::included(crate::pointing::settings());
            settings["rules"] = json!({"image-unverified": "deny"});
            settings["trust"]["scopes"][format!("{INTEGRATED}/shop")] = json!([{
                "type": "signedBy", "signers": ["acme"],
                "signedIdentity": {"type": "exactRepository", "dockerRepository": INSIDE},
            }]);
            settings
        },
        start: Server::default,
        wrong: |event, pulled| {
            let asked = pulled.starts_with(INTEGRATED) || pulled.starts_with(INSIDE);
            let signed = pulled.ends_with(D) && (event.image.is_empty() || event.image == D);
            (asked && !signed).then(|| "is not signed".to_owned())
        },
        holds: false,
        by_origin: false,
    },
];

/// A stream that was made before anybody forbade its source.
fn with_a_tag_from_outside() -> Server {
    played(&[imported("base", "latest", &format!("{OUTSIDE}:1"), "Source")])
}

/// Tags that followed others before anybody held them.
fn with_held_followers() -> Server {
    played(&[
        imported("web", "latest", &format!("{INSIDE}:1"), "Source"),
        following("v1", "latest"),
        following("v2", "web:v1"),
    ])
}

/// Tags of each policy, which imports leave as they are.
fn with_policies() -> Server {
    played(&[
        imported("web", "v1", &format!("{OUTSIDE}:1"), "Local"),
        imported("web", "v2", &format!("{OUTSIDE}:1"), "Source"),
        following("latest", "v2"),
    ])
}

fn imported(stream: &str, tag: &str, name: &str, policy: &str) -> Step {
    let (stream, tag) = (stream.to_owned(), tag.to_owned());
    Step::Import { stream, tag, name: name.to_owned(), policy: policy.to_owned(), scheduled: false }
}

fn following(tag: &str, followed: &str) -> Step {
    Step::Tag {
        door: Door::Stream,
        stream: "web".to_owned(),
        tag: tag.to_owned(),
        from: From::Tag(followed.to_owned()),
        reference: false,
        policy: "Source".to_owned(),
        scheduled: false,
        generation: Generation::Kept,
    }
}

/// A server after steps that nobody judged.
fn played(steps: &[Step]) -> Server {
    let next = |server: Server, step| server.ask(step).map(|asked| asked.next).unwrap_or(server);
    steps.iter().fold(Server::default(), next)
}

/// What tags showed so far.
pub struct Seen {
    first: BTreeMap<(String, String), Event>,
    /// What was there before the settings: by which pull spec, and from where.
    before: BTreeMap<(String, String), (String, String)>,
}

impl Seen {
    pub fn of(server: &Server) -> Self {
        let pulled = |((stream, tag), event): ((String, String), Event)| {
            let pulled = server.pulled(&stream, &tag)?;
            Some(((stream, tag), (pulled, event.origin)))
        };
        let before = tags(server).into_iter().filter_map(pulled).collect();
        let first = tags(server).into_iter().filter(|((_, tag), _)| tag.starts_with('v')).collect();
        Self { first, before }
    }

    /// Forgets a tag that somebody removed for good, which no webhook sees: what comes after is another tag.
    pub fn forget(&mut self, (stream, tag): (&str, &str)) {
        self.first.remove(&(stream.to_owned(), tag.to_owned()));
    }

    /// Whether everything that the server shows is as it must be.
    pub fn check(&mut self, bounds: &Bounds, server: &Server) -> Result<(), String> {
        for (key, event) in tags(server) {
            let (stream, tag) = &key;
            let pulled = server.pulled(stream, tag).unwrap_or_default();
            let is_old = self
                .before
                .get(&key)
                .is_some_and(|(by, origin)| *by == pulled || bounds.by_origin && *origin == event.origin);
            if let Some(wrong) = (bounds.wrong)(&event, &pulled).filter(|_| !is_old) {
                return Err(format!("`{stream}:{tag}` shows {event:?}, pulled as `{pulled}`: {wrong}"));
            }
            if bounds.holds && tag.starts_with('v') {
                let first = self.first.entry(key.clone()).or_insert_with(|| event.clone());
                let same_image = first.image == event.image;
                if !same_image || first.image.is_empty() && first.pull_spec != event.pull_spec {
                    return Err(format!("`{stream}:{tag}` showed {first:?}, and shows {event:?}"));
                }
            }
        }
        Ok(())
    }
}

/// Every tag that shows something, with its newest event.
fn tags(server: &Server) -> Vec<((String, String), Event)> {
    let of = |(name, stream): (&String, &crate::server::Stream)| {
        let newest = |(tag, events): (&String, &Vec<Event>)| {
            Some(((name.clone(), tag.clone()), events.first()?.clone()))
        };
        stream.events.iter().filter_map(newest).collect::<Vec<_>>()
    };
    server.streams.iter().flat_map(of).collect()
}
