//! Chains that got past, or could have.

use crate::pointing::{D, E, INTEGRATED, L};
use crate::step::{Door, From, Generation, INSIDE, NOWHERE, OUTSIDE, Step};

pub struct Seed {
    pub what: &'static str,
    /// The settings that it is played under.
    pub bounds: &'static str,
    /// The kind of way past that it is one of; nothing for an honest one.
    pub kind: &'static str,
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
        scheduled: false,
        generation: Generation::Kept,
    }
}

fn local(mut step: Step) -> Step {
    if let Step::Tag { policy, .. } | Step::Import { policy, .. } | Step::ImportAll { policy, .. } = &mut step
    {
        *policy = "Local".to_owned();
    }
    step
}

fn scheduled(mut step: Step) -> Step {
    if let Step::Tag { scheduled, .. } | Step::Import { scheduled, .. } = &mut step {
        *scheduled = true;
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
        scheduled: false,
    }
}

fn map((stream, tag): (&str, &str), repository: &str, digest: &str) -> Step {
    Step::Map {
        stream: stream.to_owned(),
        tag: tag.to_owned(),
        digest: digest.to_owned(),
        pull_spec: format!("{repository}@{digest}"),
        managed: false,
    }
}

/// By the stream's own pull spec.
fn own(mut step: Step) -> Step {
    if let Step::Map { pull_spec, .. } | Step::Status { pull_spec, .. } = &mut step {
        pull_spec.clear();
    }
    step
}

fn managed(mut step: Step) -> Step {
    if let Step::Map { managed, .. } = &mut step {
        *managed = true;
    }
    step
}

fn status((stream, tag): (&str, &str), repository: &str, digest: &str) -> Step {
    Step::Status {
        stream: stream.to_owned(),
        tag: tag.to_owned(),
        digest: digest.to_owned(),
        pull_spec: format!("{repository}@{digest}"),
    }
}

fn prune((stream, tag): (&str, &str)) -> Step {
    Step::Prune { stream: stream.to_owned(), tag: tag.to_owned() }
}

fn remove((stream, tag): (&str, &str)) -> Step {
    Step::Remove { stream: stream.to_owned(), tag: tag.to_owned() }
}

fn import_all(policy: fn(Step) -> Step, repository: &str) -> Step {
    let all = Step::ImportAll {
        stream: "web".to_owned(),
        repository: repository.to_owned(),
        policy: "Source".to_owned(),
    };
    policy(all)
}

fn pinned_inside() -> From {
    at(INSIDE, &format!("@{D}"))
}

fn at(repository: &str, rest: &str) -> From {
    From::Image(format!("{repository}{rest}"))
}

fn follow(name: &str) -> From {
    From::Tag(name.to_owned())
}

/// Some tag, so that the stream is there.
fn tag_free() -> Step {
    tag(Door::Stream, LATEST, at(INSIDE, ":1"))
}

const DOORS: [Door; 3] = [Door::Stream, Door::StreamTag, Door::ImageTag];
const V1: (&str, &str) = ("web", "v1");
const V2: (&str, &str) = ("web", "v2");
const LATEST: (&str, &str) = ("web", "latest");

pub fn all() -> Vec<Seed> {
    let mut seeds = Vec::new();
    let mut add = |bounds, kind, what, steps| seeds.push(Seed { what, bounds, kind, steps });
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
        add("held", "scheduled", "a tag", vec![scheduled(tag(door, V1, at(INSIDE, ":1")))]);
        let chain = vec![tag(Door::Stream, V1, at(INSIDE, ":1")), scheduled(tag(door, V1, at(INSIDE, ":1")))];
        add("held", "scheduled", "a tag from then on", chain);
        for from in [at(INSIDE, ":2"), follow("v2"), follow("base:latest")] {
            add("held-already", "followed", "what is followed", vec![tag(door, LATEST, from)]);
        }
        let moved = tag(door, LATEST, at(INSIDE, ":2"));
        add("held-already", "followed", "what is followed, and was removed", vec![remove(LATEST), moved]);
        add("held-already", "followed", "by schedule", vec![scheduled(tag(door, LATEST, at(INSIDE, ":1")))]);
        let followed = local(tag(door, V2, at(INSIDE, ":1")));
        add("local-inside", "followed", "a tag of another policy", vec![followed]);
        let waiting = tag(Door::Stream, ("base", "v1"), follow("latest"));
        let moved = local(tag(door, ("base", "latest"), at(INSIDE, ":1")));
        add("local-inside", "followed", "a tag that is not there yet", vec![waiting, moved]);
        let again = with(tag(door, ("base", "latest"), at(OUTSIDE, ":1")), Generation::Zero);
        add("inside", "refreshed", "an old tag", vec![again]);
        let again = with(tag(door, ("base", "latest"), at(OUTSIDE, ":1")), Generation::Absent);
        add("inside", "refreshed", "an old tag", vec![again]);
        add("inside", "old-followed", "another stream", vec![tag(door, V1, follow("base:latest"))]);
        add("inside", "old-followed", "its own", vec![tag(door, ("base", "v1"), follow("latest"))]);
        let by_image = From::StreamImage(format!("base@{E}"));
        add("inside", "old-followed", "by its image", vec![tag(door, V1, by_image)]);
        for rest in [":latest".to_owned(), format!("@{E}")] {
            let name = format!("{INTEGRATED}/shop/base{rest}");
            let chain = vec![tag(door, V1, From::Image(name.clone()))];
            add("inside", "old-followed", "through the registry", chain);
            let chain = vec![reference(tag(door, V1, From::Image(name.clone())))];
            add("inside", "old-followed", "through the registry, only written down", chain);
            add("inside", "old-followed", "an import through the registry", vec![import(V1, &name)]);
        }

        let tagged = || local(tag(door, V1, at(INSIDE, ":1")));
        add("local", "reference", "a pull spec", vec![reference(tagged())]);
        add("local", "nothing-imported", "the policy", vec![tagged(), tag(door, V1, From::Nothing)]);
        let waiting = tag(door, LATEST, From::Nothing);
        let imported = local(import(LATEST, &format!("{INSIDE}:1")));
        add("local", "import-keeps-policy", "a tag without a source", vec![waiting, imported]);
        for out in [Door::Stream, Door::ImageTag] {
            add("local", "spec-removed", "the events stay", vec![tagged(), untag(out, V1)]);
            let followed = local(tag(Door::Stream, ("base", "v1"), pinned_inside()));
            let written = reference(local(tag(door, V1, follow("base:v1"))));
            let chain = vec![followed, written, untag(out, V1)];
            add("local", "spec-removed", "an image of a stream that is only written down", chain);
        }
    }
    add(
        "local",
        "event-from-outside",
        "a mapping",
        vec![local(tag(Door::Stream, LATEST, at(INSIDE, ":1"))), map(V1, INSIDE, D)],
    );
    for brought in [
        own(map(V1, INSIDE, E)),
        managed(own(map(V1, INSIDE, E))),
        managed(map(V1, INSIDE, E)),
        map(V1, INSIDE, E),
        own(status(V1, INSIDE, E)),
        status(V1, INSIDE, E),
    ] {
        let chain = vec![tag_free(), brought.clone()];
        add("inside", "kept-from-outside", "by its name", chain);
        let chain = vec![tag_free(), brought, tag(Door::StreamTag, V2, follow("v1"))];
        add("inside", "kept-from-outside", "by its name, and followed", chain);
    }
    for door in [Door::Stream, Door::ImageTag] {
        let written = reference(tag(Door::Stream, V1, at(INSIDE, ":1")));
        let rewritten = reference(tag(Door::Stream, V1, at(INSIDE, ":2")));
        let chain = vec![written, untag(door, V1), rewritten];
        add("held", "left-out-and-back", "a reference", chain);
    }
    for policies in [["Source", "Local"], ["Local", "Source"]] {
        let both = policies.map(|policy| (format!("{INSIDE}:1"), policy.to_owned()));
        for tag in ["v1", "v2", "new"] {
            let chain =
                vec![Step::ImportBoth { stream: "web".to_owned(), tag: tag.to_owned(), both: both.clone() }];
            add("local-inside", "import-keeps-policy", "two at once", chain);
        }
    }
    for tag in [V1, V2, LATEST] {
        add("source", "import-keeps-policy", "a stored one", vec![import(tag, &format!("{INSIDE}:1"))]);
        let imported = local(import(tag, &format!("{INSIDE}:1")));
        add("local-inside", "import-keeps-policy", "a stored one", vec![imported]);
        add("held-already", "followed", "an import", vec![import(tag, &format!("{INSIDE}:2"))]);
        let again = scheduled(import(tag, &format!("{INSIDE}:1")));
        add("held", "scheduled", "an import", vec![tag_free(), again]);
        add("held-already", "followed", "a mapping", vec![map(tag, INSIDE, D)]);
        add("held-already", "followed", "a mapping", vec![map(tag, INSIDE, L)]);
    }
    seeds.extend(through_the_cluster());
    seeds
}

/// What a tag shows comes to be pulled through the cluster's own registry, where it would have to be signed.
fn through_the_cluster() -> Vec<Seed> {
    let mut seeds = Vec::new();
    let mut add =
        |what, steps| seeds.push(Seed { what, bounds: "signed", kind: "local-while-unsigned", steps });
    let signed = || at(INSIDE, &format!("@{D}"));
    let unsigned = || at(OUTSIDE, &format!("@{E}"));
    let nowhere = || at(NOWHERE, &format!("@{D}"));
    let by_import = |policy: fn(Step) -> Step, name: &str| policy(import(V1, name));
    let showing = [
        ("a tag", vec![tag(Door::Stream, V1, unsigned())]),
        ("an import", vec![import(V1, &format!("{OUTSIDE}@{E}"))]),
        ("a mapping", vec![tag(Door::Stream, LATEST, signed()), map(V1, OUTSIDE, E)]),
        ("a mapping of a new image", vec![tag(Door::Stream, LATEST, signed()), map(V1, OUTSIDE, L)]),
        ("a status", vec![tag(Door::Stream, LATEST, signed()), status(V1, OUTSIDE, E)]),
        (
            "another stream",
            vec![tag(Door::Stream, ("base", "v1"), unsigned()), tag(Door::Stream, V1, follow("base:v1"))],
        ),
        (
            "its own stream",
            vec![tag(Door::Stream, LATEST, unsigned()), tag(Door::Stream, V1, follow("latest"))],
        ),
    ];
    for (what, before) in showing {
        let chain = |last: Vec<Step>| before.iter().cloned().chain(last).collect::<Vec<_>>();
        for door in DOORS {
            for from in [signed(), nowhere(), From::Nothing, unsigned(), follow("base:v1"), follow("latest")]
            {
                add(what, chain(vec![local(tag(door, V1, from.clone()))]));
                add(what, chain(vec![tag(door, V1, from.clone()), local(tag(door, V1, from))]));
            }
            // Only what is followed changes, and is looked at once.
            let moved = tag(Door::Stream, ("base", "v1"), signed());
            let followed = local(tag(door, V1, follow("base:v1")));
            add(what, chain(vec![moved, followed]));
            let by_image = local(tag(door, V1, From::StreamImage(format!("web@{E}"))));
            add(what, chain(vec![by_image]));
            let same_name = local(tag(door, V1, From::Image("base:v1".to_owned())));
            add(what, chain(vec![same_name, local(tag(door, V1, follow("base:v1")))]));
        }
        for door in [Door::Stream, Door::ImageTag] {
            let gone = chain(vec![untag(door, V1), by_import(local, &format!("{NOWHERE}@{D}"))]);
            add(what, gone);
        }
        add(what, chain(vec![by_import(local, &format!("{NOWHERE}@{D}"))]));
        add(what, chain(vec![import_all(local, NOWHERE)]));
        add(what, chain(vec![local(tag(Door::Stream, V2, follow("v1"))), prune(V1)]));
    }
    for both in [[("Local", D), ("Source", E)], [("Source", E), ("Local", D)]] {
        let both = both.map(|(policy, digest)| (format!("{OUTSIDE}@{digest}"), policy.to_owned()));
        let chain = vec![Step::ImportBoth { stream: "web".to_owned(), tag: "v1".to_owned(), both }];
        add("an import of two", chain);
    }
    // A signed one is followed, and then goes back to what was there.
    let back = vec![
        tag(Door::Stream, V1, unsigned()),
        tag(Door::Stream, V1, signed()),
        local(tag(Door::Stream, V1, signed())),
        prune(V1),
    ];
    add("an older event", back);
    seeds
}

pub fn honest() -> Vec<Seed> {
    let mut seeds = Vec::new();
    let mut add = |bounds, what, steps| seeds.push(Seed { what, bounds, kind: "", steps });
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
        let followed = tag(Door::Stream, ("base", "v1"), pinned_inside());
        let from_outside = tag(Door::Stream, V1, at(OUTSIDE, &format!("@{E}")));
        let through = local(tag(door, V1, follow("base:v1")));
        let chain = vec![followed.clone(), from_outside.clone(), through.clone()];
        add("signed", "another source, which the server shows at once", chain);
        let chain = vec![followed, from_outside.clone(), remove(V1), through];
        add("signed", "what was shown is removed", chain);
        let chain = vec![from_outside, tag(door, V1, pinned_inside()), local(tag(door, V1, pinned_inside()))];
        add("signed", "the policy after the import", chain);
        if door != Door::Stream {
            let chain = vec![tag(door, V1, at(INSIDE, ":1"))];
            add("held", "a new tag, as an object of its own", chain);
        }
    }
    let free = tag(Door::Stream, LATEST, at(INSIDE, ":1"));
    add("held", "a new tag, imported", vec![free.clone(), import(V1, INSIDE)]);
    add("held", "a new tag, mapped", vec![free.clone(), map(V1, INSIDE, D)]);
    for brought in [own(map(V1, INSIDE, D)), managed(own(map(V1, INSIDE, D))), own(map(V1, INSIDE, L))] {
        add("inside", "what the cluster has from inside", vec![free.clone(), brought]);
    }
    let through = import(V1, &format!("{INTEGRATED}/shop/web:latest"));
    add("inside", "what a stream shows, through the registry", vec![free, through]);
    seeds
}
