//! Chains that got past, or could have.

use crate::pointing::{D, E};
use crate::step::{Door, From, Generation, INSIDE, OUTSIDE, Step};

pub struct Seed {
    pub what: &'static str,
    /// The settings that it is played under.
    pub bounds: &'static str,
    /// The kind of way past that it is one of; nothing for an honest one.
    pub hole: &'static str,
    pub steps: Vec<Step>,
}

/// A tag, with `Source`.
fn tag(door: Door, (stream, tag): (&str, &str), from: From) -> Step {
    Step::Tag {
        door,
        stream: stream.to_owned(),
        tag: tag.to_owned(),
        from,
        reference: false,
        policy: "Source".to_owned(),
        generation: Generation::Kept,
    }
}

fn local(mut step: Step) -> Step {
    if let Step::Tag { policy, .. } | Step::Import { policy, .. } = &mut step {
        *policy = "Local".to_owned();
    }
    step
}

fn reference(mut step: Step) -> Step {
    if let Step::Tag { reference, .. } = &mut step {
        *reference = true;
    }
    step
}

fn with(mut step: Step, wanted: Generation) -> Step {
    if let Step::Tag { generation, .. } = &mut step {
        *generation = wanted;
    }
    step
}

fn untag(door: Door, (stream, tag): (&str, &str)) -> Step {
    Step::Untag { door, stream: stream.to_owned(), tag: tag.to_owned() }
}

fn import((stream, tag): (&str, &str), name: &str) -> Step {
    Step::Import {
        stream: stream.to_owned(),
        tag: tag.to_owned(),
        name: name.to_owned(),
        policy: "Source".to_owned(),
    }
}

fn map((stream, tag): (&str, &str), repository: &str, digest: &str) -> Step {
    Step::Map {
        stream: stream.to_owned(),
        tag: tag.to_owned(),
        digest: digest.to_owned(),
        pull_spec: format!("{repository}@{digest}"),
    }
}

fn at(repository: &str, rest: &str) -> From {
    From::Image(format!("{repository}{rest}"))
}

fn follow(name: &str) -> From {
    From::Tag(name.to_owned())
}

const DOORS: [Door; 3] = [Door::Stream, Door::StreamTag, Door::ImageTag];
const V1: (&str, &str) = ("web", "v1");
const LATEST: (&str, &str) = ("web", "latest");

pub fn all() -> Vec<Seed> {
    let mut seeds = Vec::new();
    let mut add = |bounds, hole, what, steps| seeds.push(Seed { what, bounds, hole, steps });
    for door in DOORS {
        for generation in [Generation::Zero, Generation::Absent] {
            let again = with(tag(door, V1, at(INSIDE, ":1")), generation);
            let chain = vec![tag(Door::Stream, V1, at(INSIDE, ":1")), again];
            add("held", "imported-again", "an equal tag", chain);
        }
        for name in ["latest", "web:latest"] {
            let followed = tag(Door::Stream, LATEST, at(INSIDE, ":1"));
            let held = tag(door, V1, follow(name));
            let moved = import(LATEST, &format!("{INSIDE}:2"));
            add("held", "follows-its-own", "an import", vec![followed.clone(), held.clone(), moved]);
            let moved = map(LATEST, INSIDE, D);
            add("held", "follows-its-own", "a mapping", vec![followed.clone(), held.clone(), moved]);
            let moved = tag(door, LATEST, at(INSIDE, ":2"));
            add("held", "follows-its-own", "a tag", vec![followed, held, moved]);
        }
        let unsigned = tag(door, V1, at(OUTSIDE, ":1"));
        let later = local(tag(door, V1, at(INSIDE, &format!("@{D}"))));
        add("signed", "local-while-unsigned", "until it is imported", vec![unsigned, later]);

        let again = with(tag(door, ("base", "latest"), at(OUTSIDE, ":1")), Generation::Zero);
        add("inside", "refreshed", "an old tag", vec![again]);
        let again = with(tag(door, ("base", "latest"), at(OUTSIDE, ":1")), Generation::Absent);
        add("inside", "refreshed", "an old tag", vec![again]);
        add("inside", "old-followed", "another stream", vec![tag(door, V1, follow("base:latest"))]);
        add("inside", "old-followed", "its own", vec![tag(door, ("base", "v1"), follow("latest"))]);
        let by_image = From::StreamImage(format!("base@{E}"));
        add("inside", "old-followed", "by its image", vec![tag(door, V1, by_image)]);

        let tagged = || local(tag(door, V1, at(INSIDE, ":1")));
        add("local", "reference", "a pull spec", vec![reference(tagged())]);
        add("local", "nothing-imported", "the policy", vec![tagged(), tag(door, V1, From::Nothing)]);
        let waiting = tag(door, LATEST, From::Nothing);
        let imported = local(import(LATEST, &format!("{INSIDE}:1")));
        add("local", "import-keeps-policy", "a tag without a source", vec![waiting, imported]);
        for out in [Door::Stream, Door::ImageTag] {
            add("local", "spec-removed", "the events stay", vec![tagged(), untag(out, V1)]);
        }
    }
    add(
        "local",
        "event-from-outside",
        "a mapping",
        vec![local(tag(Door::Stream, LATEST, at(INSIDE, ":1"))), map(V1, INSIDE, D)],
    );
    for door in [Door::Stream, Door::ImageTag] {
        let written = reference(tag(Door::Stream, V1, at(INSIDE, ":1")));
        let rewritten = reference(tag(Door::Stream, V1, at(INSIDE, ":2")));
        let chain = vec![written, untag(door, V1), rewritten];
        add("held", "left-out-and-back", "a reference", chain);
    }
    seeds
}

pub fn honest() -> Vec<Seed> {
    let mut seeds = Vec::new();
    let mut add = |bounds, what, steps| seeds.push(Seed { what, bounds, hole: "", steps });
    for door in DOORS {
        let first = tag(Door::Stream, V1, at(INSIDE, ":1"));
        let tagged = tag(door, V1, at(INSIDE, ":1"));
        add("held", "a tag, written again", vec![first.clone(), tagged.clone(), tagged.clone()]);
        let chain = vec![first.clone(), local(tagged.clone()), tagged.clone()];
        add("held", "the policy changes", chain);
        let free = tag(door, LATEST, at(INSIDE, ":1"));
        let moved = tag(door, LATEST, at(INSIDE, ":2"));
        let again = with(free.clone(), Generation::Zero);
        add("held", "a free tag moves", vec![free, moved, again, import(LATEST, INSIDE)]);
        add("held", "a free tag follows a held one", vec![first.clone(), tag(door, LATEST, follow("v1"))]);
        let chain = vec![first.clone(), untag(Door::Stream, V1), first];
        add("inside", "a tag is left out and comes back", chain);
        let chain = vec![tagged.clone(), tag(door, LATEST, follow("v1")), map(V1, INSIDE, D)];
        add("inside", "what is allowed", chain);
        let chain = vec![local(tagged.clone()), local(tag(door, LATEST, follow("v1"))), local(tagged)];
        add("local", "through the cluster", chain);
        let pinned = tag(door, V1, at(INSIDE, &format!("@{D}")));
        let chain = vec![pinned.clone(), local(pinned.clone()), tag(door, LATEST, follow("v1")), pinned];
        add("signed", "what is signed", chain);
        if door != Door::Stream {
            let chain = vec![tag(door, V1, at(INSIDE, ":1"))];
            add("held", "a new tag, as an object of its own", chain);
        }
    }
    let free = tag(Door::Stream, LATEST, at(INSIDE, ":1"));
    add("held", "a new tag, imported", vec![free.clone(), import(V1, INSIDE)]);
    add("held", "a new tag, mapped", vec![free, map(V1, INSIDE, D)]);
    seeds
}
