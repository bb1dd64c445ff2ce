//! A source, or the pull spec of an image that a mapping or an event brings, outside the allowed
//! scopes or inside a denied one.
//!
//! # Why
//!
//! Whoever may write a tag decides what every user of the tag runs. Scopes are compared part by part,
//! after normalisation: `registry.io` does not contain `registry.io.evil.example`, and `nginx` is
//! `docker.io/library/nginx`.
//!
//! A mapping pairs a digest with any pull spec, an event written into a stream's status points consumers
//! at one, and an Image carries one. All are checked like a source; in the integrated registry only
//! `deny` applies to them, and not within a project's own repositories. The server keeps an Image that the
//! cluster has, and its registry serves that one by any stream which shows it. So the pull spec of the stored
//! Image is looked up and checked too; where it cannot be looked up, a mapping or an event of the integrated
//! registry is refused, unless the mapping has the image's manifest. The registry's own pushes pass.
//!
//! What a tag follows in a stream, or imports through the integrated registry, is judged by the pull spec that
//! the stream shows. The request of an ImageStream has it; for other kinds it is looked up.
//!
//! # Denied
//!
//! ```yaml
//! settings: {references: {allow: [registry.redhat.io, quay.io/acme]}}
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: DockerImage, name: nginx}}
//! ```
//!
//! ```text
//! spec.tags[0].from.name (tag `v1`): `nginx` is from `docker.io`, which is not allowed; allowed: `quay.io/acme`, `registry.redhat.io` (`references.allow`) [source-not-allowed]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings: {references: {allow: [registry.redhat.io, quay.io/acme]}}
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: DockerImage, name: "quay.io/acme/web:v1"}}
//! ```
//!
//! # Settings
//!
//! `references.allow`: scopes that sources may come from; without it all may. `references.deny`: scopes
//! that they may not come from; it takes precedence. A tag beside a digest is ignored by `allow`, but not
//! by `deny`. A denied scope without a port is denied at every port, and `docker.io/nginx` both as the official image and
//! as the repository of a user of that name.
//!
//! # See
//!
//! - [containers-policy.json(5)](https://github.com/containers/image/blob/main/docs/containers-policy.json.5.md), scopes

use crate::changes::{ChangedImage, EntryPoint, Part, Reference, Source};
use crate::cluster::cache::LookupError;
use crate::evaluation::{Check, Context, Offence, Rule};
use crate::json::path::FieldPath;
use crate::oci::reference::{self, PullSpec};
use crate::oci::scope::Scope;
use crate::quote::{self, quote};

/// The rule.
pub const RULE: Rule = Rule::new(
    "source-not-allowed",
    "a source outside `references.allow`, or inside `references.deny`",
    &[Check::Reference(check), Check::Image(check_image)],
);

fn check(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    let scopes = &context.policy.references;
    if scopes.allow.is_none() && scopes.deny.is_empty() {
        return Ok(());
    }
    judge(reference, context).map_err(|message| Offence::at(Part::Source, message))?;
    judge_kept(reference, context).map_err(|message| Offence::at(Part::Source, message).beside_source())
}

fn judge(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), String> {
    let written = reference.source.text();
    if let Some(text) = reference.stored_unread() {
        return unreadable(text, context);
    }
    if let Some(spec) = reference.spec() {
        let is_integrated = reference::is_integrated(spec.registry());
        let is_own = is_integrated && spec.namespace() == Some(context.namespace);
        let judged = match (reference.is_import(), is_integrated) {
            (false, true) if is_own || reference.is_shown() => Ok(()),
            (false, true) => denied(spec, context),
            _ => denied(spec, context).and_then(|()| allowed(spec, Occurrence::Written(written), context)),
        };
        if judged.is_err() || reference.stream_behind().is_none() {
            return judged;
        }
    }
    // A stream of another project is one of the integrated registry's repositories.
    if let Some(spec) = repository_of(&reference.source, context) {
        denied(&spec, context)?;
    }
    // A tag that follows a stream shows what that shows, and so does one that imports it through the
    // cluster's own registry.
    for event in context.shown(reference) {
        let Ok(spec) = PullSpec::parse(&event.pull_spec) else {
            return unreadable(&event.pull_spec, context);
        };
        let spec = context.policy.aliases.rename(spec);
        let is_integrated = reference::is_integrated(spec.registry());
        if is_integrated && spec.namespace() == Some(context.namespace) {
            continue;
        }
        denied(&spec, context)?;
        if !is_integrated {
            allowed(&spec, Occurrence::ShownBy(written), context)?;
        }
    }
    // Or will, once that is imported.
    if let Some(text) = context.follows_at_last(reference) {
        let Ok(spec) = PullSpec::parse(&text) else { return unreadable(&text, context) };
        let spec = context.policy.aliases.rename(spec);
        denied(&spec, context).and_then(|()| allowed(&spec, Occurrence::ImportedBy(written), context))?;
    }
    Ok(())
}

/// Refuses a pull spec that cannot be read and is stored all the same, whatever other rules make of it.
fn unreadable(text: &str, context: &Context<'_>) -> Result<(), String> {
    let found = format!("{} cannot be read as a pull spec", quote(text));
    Err(match &context.policy.references.allow {
        Some(allow) => format!("{found}; {}", quote::allowed(allow.scopes(), "references.allow")),
        None => format!("{found}, so `references.deny` cannot be checked"),
    })
}

/// What is named is pulled from the stream's own repository as well, if the cluster has it from elsewhere.
fn judge_kept(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), String> {
    let kept = context.kept_from(reference).map_err(|error| origin_unknown(reference, &error))?;
    let Some(spec) = kept else { return Ok(()) };
    let is_integrated = reference::is_integrated(spec.registry());
    if is_integrated && spec.namespace() == Some(context.namespace) {
        return Ok(());
    }
    let text = spec.to_string();
    denied(&spec, context)
        .and_then(
            |()| if is_integrated { Ok(()) } else { allowed(&spec, Occurrence::Written(&text), context) },
        )
        .map_err(|found| format!("the cluster has this image already, from elsewhere: {found}"))
}

/// What is said where it is not known whether the cluster has an image from elsewhere.
pub(super) fn origin_unknown(reference: &Reference<'_>, error: &LookupError) -> String {
    let or = match reference.entry {
        EntryPoint::Mapping(_) => ", or add its manifest (`image.dockerImageManifest`)",
        _ => "",
    };
    format!("this request does not show where the image comes from: {error}; import it{or}")
}

/// The repository of the integrated registry behind a stream of another project.
fn repository_of(source: &Source<'_>, context: &Context<'_>) -> Option<PullSpec> {
    let (namespace, stream, rest) = match source {
        Source::StreamTag { namespace, stream, tag, .. } => (*namespace, *stream, format!(":{tag}")),
        Source::StreamImage { namespace, stream, .. } => (*namespace, *stream, String::new()),
        _ => return None,
    };
    let text = |rest: &str| format!("{}/{namespace}/{stream}{rest}", reference::INTEGRATED_HOST);
    // A tag that no registry serves names its repository all the same.
    let spec = PullSpec::parse(&text(&rest)).or_else(|_| PullSpec::parse(&text(""))).ok();
    spec.filter(|_| namespace != context.namespace).map(|spec| context.policy.aliases.rename(spec))
}

/// An image by itself: nothing shows it yet, but what does will be pulled as its pull spec says.
fn check_image(image: &ChangedImage<'_>, context: &Context<'_>) -> Result<(), Offence<FieldPath>> {
    let text = image.image.docker_image_reference.as_str();
    // Whether a mapping's and a stream's images are allowed is judged where a tag shows them.
    let is_embedded = !image.path(FieldPath::root()).segments().is_empty();
    if is_embedded || !image.introduces(|image| &image.docker_image_reference) {
        return Ok(());
    }
    let scopes = &context.policy.references;
    let judged = match PullSpec::parse(text).map(|spec| context.policy.aliases.rename(spec)) {
        Err(_) if text.is_empty() || scopes.allow.is_none() && scopes.deny.is_empty() => Ok(()),
        Err(_) => unreadable(text, context),
        Ok(spec) if reference::is_integrated(spec.registry()) => denied(&spec, context),
        Ok(spec) => denied(&spec, context).and_then(|()| allowed(&spec, Occurrence::Written(text), context)),
    };
    judged.map_err(|message| Offence::at(FieldPath::root().key("dockerImageReference"), message))
}

fn denied(spec: &PullSpec, context: &Context<'_>) -> Result<(), String> {
    let deny = &context.policy.references.deny;
    let at_any_port = || deny.at_any_port(spec, &context.policy.aliases).map(|(scope, ())| scope);
    let Some(scope) = deny.containing(spec).or_else(at_any_port) else { return Ok(()) };
    Err(format!("{} is denied: `references.deny` lists {}", quote(&spec.to_string()), scope.quoted()))
}

/// How a pull spec comes into a request.
#[derive(Clone, Copy)]
enum Occurrence<'t> {
    /// It is written there.
    Written(&'t str),
    /// A tag that is written there shows it once it is imported.
    ImportedBy(&'t str),
    /// A stream that is written there shows it.
    ShownBy(&'t str),
}

fn allowed(spec: &PullSpec, occurrence: Occurrence<'_>, context: &Context<'_>) -> Result<(), String> {
    let allow = context.policy.references.allow.as_ref();
    let Some(allow) = allow.filter(|allow| allow.get(spec).is_none()) else { return Ok(()) };
    let is_near = |scope: &&Scope| scope.as_str().split('/').next() == Some(spec.registry());
    let (near, others): (Vec<&Scope>, Vec<&Scope>) = allow.scopes().partition(is_near);
    // Where part of the registry is allowed, to blame the registry would mislead.
    let found = match (near.is_empty(), occurrence) {
        (true, Occurrence::Written(text)) => {
            format!("{} is from {}, which is not allowed", quote(text), quote(spec.registry()))
        }
        (true, Occurrence::ShownBy(text) | Occurrence::ImportedBy(text)) => format!(
            "{} {} {}, which is from {}, and that is not allowed",
            quote(text),
            if matches!(occurrence, Occurrence::ShownBy(_)) { "shows" } else { "imports" },
            quote(&spec.to_string()),
            quote(spec.registry())
        ),
        (false, _) => format!("{} is not allowed", quote(spec.name())),
    };
    let allowed = quote::allowed(near.iter().chain(&others), "references.allow");
    Err(format!("{found}; {allowed}"))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::oci::digest::digest_like;
    use crate::testing::{Short, assert_rule, lines};

    const SETTINGS: &str = "{references: {allow: [registry.redhat.io, quay.io/acme, '*.corp.example', 'reg.example:5000'], deny: [quay.io/acme/old]}}";
    const TABLE: &[(&str, &str, &[&str])] = &[
        (
            "ImageStreamTag",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: 'docker.io/evil/web:v1'}}}",
            &[
                "tag.from.name: `docker.io/evil/web:v1` is from `docker.io`, which is not allowed; allowed: `quay.io/acme`, `reg.example:5000` and 2 more (`references.allow`)",
            ],
        ),
        (
            "ImageTag",
            "object: {kind: ImageTag, spec: {name: v1, from: {kind: DockerImage, name: evil/web}}}",
            &[
                "spec.from.name: `evil/web` is from `docker.io`, which is not allowed; allowed: `quay.io/acme`, `reg.example:5000` and 2 more (`references.allow`)",
            ],
        ),
        (
            "image import, one of several",
            "object: {kind: ImageStreamImport, spec: {import: true, images: [{from: {kind: DockerImage, name: quay.io/acme/web}, \
             to: {name: a}}, {from: {kind: DockerImage, name: quay.io/other/web}, to: {name: b}}]}}",
            &[
                "spec.images[1].from.name (tag `b`): `quay.io/other/web` is not allowed; allowed: `quay.io/acme`, `reg.example:5000` and 2 more (`references.allow`)",
            ],
        ),
        (
            "an import that stores nothing",
            "object: {kind: ImageStreamImport, spec: {import: false, images: [{from: {kind: DockerImage, name: nginx}}]}}",
            &[
                "spec.images[0].from.name: `nginx` is from `docker.io`, which is not allowed; allowed: `quay.io/acme`, `reg.example:5000` and 2 more (`references.allow`)",
            ],
        ),
        (
            "repository import",
            "object: {kind: ImageStreamImport, spec: {repository: {from: {kind: DockerImage, name: nginx}}}}",
            &[
                "spec.repository.from.name: `nginx` is from `docker.io`, which is not allowed; allowed: `quay.io/acme`, `reg.example:5000` and 2 more (`references.allow`)",
            ],
        ),
        (
            "repository of a stream",
            "object: {kind: ImageStream, spec: {dockerImageRepository: evil.example/web}}",
            &[
                "spec.dockerImageRepository: `evil.example/web` is from `evil.example`, which is not allowed; allowed: `quay.io/acme`, `reg.example:5000` and 2 more (`references.allow`)",
            ],
        ),
        (
            "repository of a stream, changed",
            "old: {kind: ImageStream, spec: {dockerImageRepository: quay.io/acme/web}}\n\
             object: {kind: ImageStream, spec: {dockerImageRepository: evil.example/web}}",
            &[
                "spec.dockerImageRepository: `evil.example/web` is from `evil.example`, which is not allowed; allowed: `quay.io/acme`, `reg.example:5000` and 2 more (`references.allow`)",
            ],
        ),
        (
            "mapping",
            "object: {kind: ImageStreamMapping, tag: v1, image: {metadata: {name: \
             'sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25'}, dockerImageReference: \
             'evil.example/web@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25'}}",
            &[
                "image.dockerImageReference: `evil.example/web@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25` is from `evil.example`, which is not allowed; allowed: `quay.io/acme`, `reg.example:5000` and 2 more (`references.allow`)",
            ],
        ),
        (
            "event",
            "subresource: status\nold: {kind: ImageStream, status: {tags: []}}\n\
             object: {kind: ImageStream, status: {tags: [{tag: v1, items: [{dockerImageReference: evil.example/web}]}]}}",
            &[
                "status.tags[0].items[0].dockerImageReference (tag `v1`): `evil.example/web` is from `evil.example`, which is not allowed; allowed: `quay.io/acme`, `reg.example:5000` and 2 more (`references.allow`)",
            ],
        ),
        (
            "reference: true needs no import to point elsewhere",
            "object: {kind: ImageStream, spec: {tags: [{name: v1, reference: true, from: {kind: DockerImage, name: nginx}}]}}",
            &[
                "spec.tags[0].from.name (tag `v1`): `nginx` is from `docker.io`, which is not allowed; allowed: `quay.io/acme`, `reg.example:5000` and 2 more (`references.allow`)",
            ],
        ),
        (
            "what is denied wins over what is allowed",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: 'QUAY.io:443/acme/old:v1'}}}",
            &["tag.from.name: `quay.io/acme/old:v1` is denied: `references.deny` lists `quay.io/acme/old`"],
        ),
        (
            "a tag that was there is pointed elsewhere",
            "old: {kind: ImageStreamTag, tag: {name: v1, from: {kind: DockerImage, name: quay.io/acme/web}}}\n\
             object: {kind: ImageStreamTag, tag: {name: v1, from: {kind: DockerImage, name: evil.example/web}}}",
            &[
                "tag.from.name: `evil.example/web` is from `evil.example`, which is not allowed; allowed: `quay.io/acme`, `reg.example:5000` and 2 more (`references.allow`)",
            ],
        ),
        (
            "the kind is flipped to make a pull spec of a stream's tag",
            "old: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: ImageStreamTag, name: 'base:1'}}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: 'base:1'}}]}}",
            &[
                "spec.tags[0].from.name (tag `v1`): `base:1` is from `docker.io`, which is not allowed; allowed: `quay.io/acme`, `reg.example:5000` and 2 more (`references.allow`)",
            ],
        ),
        (
            "renamed, so that it looks like another tag's old entry",
            "old: {kind: ImageStream, spec: {tags: [{name: old, from: {kind: DockerImage, name: evil.example/web}}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: new, from: {kind: DockerImage, name: evil.example/web}}]}}",
            &[
                "spec.tags[0].from.name (tag `new`): `evil.example/web` is from `evil.example`, which is not allowed; allowed: `quay.io/acme`, `reg.example:5000` and 2 more (`references.allow`)",
            ],
        ),
        (
            "an old object on a creation counts for nothing",
            "operation: CREATE\n\
             old: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: evil.example/web}}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: evil.example/web}}]}}",
            &[
                "spec.tags[0].from.name (tag `v1`): `evil.example/web` is from `evil.example`, which is not allowed; allowed: `quay.io/acme`, `reg.example:5000` and 2 more (`references.allow`)",
            ],
        ),
        (
            "untouched",
            "old: {kind: ImageStream, spec: {dockerImageRepository: nginx, tags: [{name: v1, from: {kind: DockerImage, name: nginx}}]}}\n\
             object: {kind: ImageStream, spec: {dockerImageRepository: nginx, tags: [{name: v1, from: {kind: DockerImage, name: nginx}}]}}",
            &[],
        ),
        (
            "removed",
            "old: {kind: ImageStream, spec: {dockerImageRepository: nginx, tags: [{name: v1, from: {kind: DockerImage, name: nginx}}]}}\n\
             object: {kind: ImageStream, spec: {dockerImageRepository: '', tags: []}}",
            &[],
        ),
        (
            "ImageTag without its spec any more",
            "old: {kind: ImageTag, spec: {name: v1, from: {kind: DockerImage, name: nginx}}}\nobject: {kind: ImageTag, spec: null}",
            &[],
        ),
        (
            "history pruned",
            "subresource: status\n\
             old: {kind: ImageStream, status: {tags: [{tag: v1, items: [{dockerImageReference: nginx, generation: 2}, \
             {dockerImageReference: evil.example/web, generation: 1}]}]}}\n\
             object: {kind: ImageStream, status: {tags: [{tag: v1, items: [{dockerImageReference: nginx, generation: 2}]}]}}",
            &[],
        ),
        (
            "events of a new stream are the server's, from the spec",
            "object: {kind: ImageStream, status: {tags: [{tag: v1, items: [{dockerImageReference: evil.example/web}]}]}}",
            &[],
        ),
        (
            "an older event brought back to the front",
            "subresource: status\n\
             old: {kind: ImageStream, status: {tags: [{tag: v1, items: [{dockerImageReference: quay.io/acme/web, generation: 2}, \
             {dockerImageReference: evil.example/web, generation: 1}]}]}}\n\
             object: {kind: ImageStream, status: {tags: [{tag: v1, items: [{dockerImageReference: evil.example/web, generation: 1}]}]}}",
            &[
                "status.tags[0].items[0].dockerImageReference (tag `v1`): `evil.example/web` is from `evil.example`, which is not allowed; allowed: `quay.io/acme`, `reg.example:5000` and 2 more (`references.allow`)",
            ],
        ),
        (
            "status that an ordinary update carries along",
            "old: {kind: ImageStream}\n\
             object: {kind: ImageStream, status: {tags: [{tag: v1, items: [{dockerImageReference: nginx}]}]}}",
            &[],
        ),
        (
            "a mapping in the integrated registry",
            "object: {kind: ImageStreamMapping, tag: v1, image: {dockerImageReference: \
             'image-registry.openshift-image-registry.svc:5000/shop/web@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25'}}",
            &[],
        ),
        (
            "a mapping that leaves the pull spec to the server",
            "object: {kind: ImageStreamMapping, tag: v1, image: {}}",
            &[],
        ),
        (
            "a tag that asks for the integrated registry is a source like others",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: 'image-registry.openshift-image-registry.svc:5000/shop/web'}}}",
            &[
                "tag.from.name: `image-registry.openshift-image-registry.svc:5000/shop/web` is from `image-registry.openshift-image-registry.svc:5000`, which is not allowed; allowed: `quay.io/acme`, `reg.example:5000` and 2 more (`references.allow`)",
            ],
        ),
        (
            "streams are no registry",
            "object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamTag, name: 'evil:1'}}}",
            &[],
        ),
        (
            "the image itself",
            "object: {kind: Image, dockerImageReference: evil.example/web}",
            &[
                "dockerImageReference: `evil.example/web` is from `evil.example`, which is not allowed; allowed: `quay.io/acme`, `reg.example:5000` and 2 more (`references.allow`)",
            ],
        ),
        (
            "an image that is said to lie elsewhere from now on",
            "old: {kind: Image, dockerImageReference: quay.io/acme/web}\nobject: {kind: Image, dockerImageReference: 'quay.io/acme/old@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25'}",
            &[
                "dockerImageReference: `quay.io/acme/old@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25` is denied: `references.deny` lists `quay.io/acme/old`",
            ],
        ),
        (
            "an image that is only signed, wherever it lies",
            "old: {kind: Image, dockerImageReference: evil.example/web}\n\
             object: {kind: Image, dockerImageReference: evil.example/web, signatures: [{metadata: {name: x}, type: atomic, content: eA==}]}",
            &[],
        ),
        (
            "an image of an allowed source",
            "object: {kind: Image, dockerImageReference: quay.io/acme/web}",
            &[],
        ),
        (
            "an image that was pushed",
            "object: {kind: Image, dockerImageReference: 'image-registry.openshift-image-registry.svc:5000/shop/web@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25'}",
            &[],
        ),
        (
            "an image that a stream shows, once",
            "object: {kind: ImageStreamImage, image: {dockerImageReference: evil.example/web}}",
            &[
                "image.dockerImageReference: `evil.example/web` is from `evil.example`, which is not allowed; allowed: `quay.io/acme`, `reg.example:5000` and 2 more (`references.allow`)",
            ],
        ),
    ];

    #[test]
    fn a_source_outside_the_allowed_scopes_is_refused_through_every_door() {
        for (name, short, expected) in TABLE {
            assert_rule(RULE.code, &[(name, &format!("settings: {SETTINGS}\n{short}"), expected)]);
        }
    }

    #[test]
    fn a_project_that_is_denied_is_no_way_in_for_others() {
        const PROJECT: &str = "image-registry.openshift-image-registry.svc:5000/sandbox";
        let line = |path: &str| {
            let entry = if path.contains('[') { " (tag `v1`)" } else { "" };
            format!("{path}{entry}: `{PROJECT}/web:v1` is denied: `references.deny` lists `{PROJECT}`")
        };
        let event =
            format!("status: {{tags: [{{tag: v1, items: [{{dockerImageReference: '{PROJECT}/web:v1'}}]}}]}}");
        let mapping = format!(
            "object: {{kind: ImageStreamMapping, tag: v1, image: {{dockerImageReference: '{PROJECT}/web:v1'}}}}"
        );
        let status = format!(
            "subresource: status\nold: {{kind: ImageStream}}\nobject: {{kind: ImageStream, {event}}}"
        );
        let tag = format!(
            "object: {{kind: ImageStreamTag, tag: {{from: {{kind: DockerImage, name: '{PROJECT}/web:v1'}}}}}}"
        );
        for (short, path) in [
            (&mapping, "image.dockerImageReference"),
            (&status, "status.tags[0].items[0].dockerImageReference"),
            (&tag, "tag.from.name"),
        ] {
            let short = format!("settings: {{references: {{deny: ['{PROJECT}']}}}}\n{short}");
            assert_rule(RULE.code, &[(path, &short, &[&line(path)])]);
            let own = if short.contains("from:") { vec![line(path)] } else { Vec::new() };
            let own: Vec<&str> = own.iter().map(String::as_str).collect();
            assert_rule(RULE.code, &[("a push there", &format!("namespace: sandbox\n{short}"), &own)]);
        }
    }

    const D: &str = "sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25";

    /// The server keeps an Image that it has, whatever a mapping or an event says of it.
    #[test]
    fn an_image_that_the_cluster_has_is_judged_by_its_own_pull_spec_too() {
        const OWN: &str = "image-registry.openshift-image-registry.svc:5000/shop/web";
        let mapping = |pull_spec: &str| {
            format!(
                "object: {{kind: ImageStreamMapping, tag: v1, image: {{metadata: {{name: '{D}'}}{pull_spec}}}}}"
            )
        };
        let event = format!(
            "subresource: status\nold: {{kind: ImageStream}}\n\
             object: {{kind: ImageStream, status: {{tags: [{{tag: v1, items: [{{image: '{D}', dockerImageReference: '{OWN}@{D}'}}]}}]}}}}"
        );
        let own = mapping(&format!(", dockerImageReference: '{OWN}@{D}'"));
        let kept = |short: &str, from: &str| {
            format!(
                "{short}\ncluster: [{{kind: Image, metadata: {{name: '{D}'}}, dockerImageReference: '{from}'}}]"
            )
        };
        let outside = mapping(&format!(", dockerImageReference: 'quay.io/acme/web@{D}'"));
        let managed = mapping(&format!(", dockerImageReference: 'quay.io/acme/web@{D}'"))
            .replace("metadata: {name", "metadata: {annotations: {openshift.io/image.managed: 'true'}, name");
        let at = "image.dockerImageReference";
        let at_event = "status.tags[0].items[0].dockerImageReference (tag `v1`)";
        let evil = format!("evil.example/x@{D}");
        let elsewhere = |at: &str| {
            format!(
                "{at}: the cluster has this image already, from elsewhere: `{evil}` is from `evil.example`, which is not \
                 allowed; allowed: `quay.io/acme`, `reg.example:5000` and 2 more (`references.allow`)"
            )
        };
        let unknown = |at: &str, or: &str| {
            format!(
                "{at}: this request does not show where the image comes from: Image `{D}` cannot be looked up: there is \
                 no cluster; import it{or}"
            )
        };
        let or = ", or add its manifest (`image.dockerImageManifest`)";
        let old = format!(
            "{at}: the cluster has this image already, from elsewhere: `quay.io/acme/old@{D}` is denied: \
             `references.deny` lists `quay.io/acme/old`"
        );
        let unreadable = format!(
            "{at}: this request does not show where the image comes from: the answer for Image `{D}` cannot be read: \
             its pull spec cannot be parsed; import it{or}"
        );
        for (short, expected) in [
            (kept(&own, &evil), Some(elsewhere(at))),
            (kept(&mapping(""), &evil), Some(elsewhere(at))),
            (kept(&outside, &evil), Some(elsewhere(at))),
            (kept(&event, &evil), Some(elsewhere(at_event))),
            (kept(&own, &format!("quay.io/acme/old@{D}")), Some(old)),
            (kept(&own, "quay.io"), Some(unreadable)),
            (own.clone(), Some(unknown(at, or))),
            (mapping(""), Some(unknown(at, or))),
            (managed, Some(unknown(at, or))),
            (event.clone(), Some(unknown(at_event, ""))),
            (kept(&own, &format!("{OWN}@{D}")), None),
            (kept(&own, &format!("quay.io/acme/web@{D}")), None),
            (kept(&event, &format!("quay.io/acme/web@{D}")), None),
            (format!("{own}\ncluster: []"), None),
            (outside, None),
            (format!("user: 'system:serviceaccount:openshift-image-registry:registry'\n{own}"), None),
        ] {
            let expected: Vec<&str> = expected.as_deref().into_iter().collect();
            assert_rule(RULE.code, &[(&short, &format!("settings: {SETTINGS}\n{short}"), &expected)]);
        }
    }

    #[test]
    fn a_mapping_that_has_the_manifest_tells_what_it_brings() {
        let manifest = r#"{"schemaVersion":2,"config":{"digest":"sha256:00"},"layers":[]}"#;
        let digest = digest_like(D, manifest.as_bytes());
        for (name, expected) in [(digest.as_str(), 0), (D, 1)] {
            let object = serde_json::json!({
                "settings": {"references": {"deny": ["evil.example"]}},
                "object": {"kind": "ImageStreamMapping", "tag": "v1",
                           "image": {"metadata": {"name": name}, "dockerImageManifest": manifest}},
            });
            let verdict = Short::parse(&object.to_string()).verdict();
            let found = lines(&verdict).iter().filter(|line| line.ends_with("[source-not-allowed]")).count();
            assert_eq!(found, expected, "{name}: {verdict:?}");
        }
    }

    #[test]
    fn what_is_imported_through_the_cluster_s_own_registry_is_judged_by_what_its_stream_shows() {
        const BASE: &str = "image-registry.openshift-image-registry.svc:5000/shop/base";
        let other = format!("sha256:{}", "ab".repeat(32));
        let base = format!(
            "{{kind: ImageStream, metadata: {{name: base, namespace: shop}}, status: {{tags: [\
             {{tag: v1, items: [{{image: '{D}', dockerImageReference: 'evil.example/x@{D}'}}]}}, \
             {{tag: v2, items: [{{image: '{other}', dockerImageReference: 'quay.io/acme/x@{other}'}}]}}]}}}}"
        );
        for (source, is_refused) in [
            (format!("{BASE}:v1"), true),
            (format!("{BASE}@{D}"), true),
            (format!("{BASE}:v2"), false),
            (format!("{BASE}:v3"), false),
            (format!("{BASE}2:v1"), false),
        ] {
            let line = format!(
                "tag.from.name: `{source}` shows `evil.example/x@{D}`, which is from `evil.example`, and that is not \
                 allowed; allowed: `image-registry.openshift-image-registry.svc:5000`, `quay.io/acme` (`references.allow`)"
            );
            let short = format!(
                "settings: {{references: {{allow: [quay.io/acme, 'image-registry.openshift-image-registry.svc:5000']}}}}\n\
                 object: {{kind: ImageStreamTag, tag: {{from: {{kind: DockerImage, name: '{source}'}}}}}}\ncluster: [{base}]"
            );
            let expected = if is_refused { vec![line.as_str()] } else { Vec::new() };
            assert_rule(RULE.code, &[(&source, &short, &expected)]);
        }
    }

    #[test]
    fn a_tag_that_follows_a_stream_is_judged_by_what_that_shows() {
        let line = |path: &str, source: &str| {
            let entry = if path.contains('[') { " (tag `v2`)" } else { "" };
            format!(
                "{path}{entry}: `{source}` shows `evil.example/x`, which is from `evil.example`, and that is not allowed; \
                 allowed: `quay.io/acme`, `reg.example:5000` and 2 more (`references.allow`)"
            )
        };
        let stream = |name: &str| {
            format!(
                "{{kind: ImageStream, metadata: {{name: {name}, namespace: shop}}, status: {{tags: [{{tag: v1, items: [{{image: 'sha256:ab', dockerImageReference: 'evil.example/x'}}]}}]}}}}"
            )
        };
        let shown = "status: {tags: [{tag: v2, items: [{image: x, generation: 2, dockerImageReference: 'evil.example/x'}]}]}";
        for (short, path) in [
            (
                format!(
                    "object: {{kind: ImageStreamTag, tag: {{from: {{kind: ImageStreamTag, name: 'base:v1'}}}}}}\ncluster: [{}]",
                    stream("base")
                ),
                "tag.from.name",
            ),
            (
                format!(
                    "object: {{kind: ImageTag, spec: {{from: {{kind: ImageStreamTag, name: v1}}}}}}\ncluster: [{}]",
                    stream("web")
                ),
                "spec.from.name",
            ),
            (
                format!(
                    "object: {{kind: ImageStreamTag, tag: {{from: {{kind: ImageStreamImage, name: 'base@ab'}}}}}}\ncluster: [{}]",
                    stream("base")
                ),
                "tag.from.name",
            ),
            (
                format!(
                    "old: {{kind: ImageStream, {shown}}}\nobject: {{kind: ImageStream, spec: {{tags: [{{name: v2, generation: 2, from: {{kind: ImageStreamTag, name: 'base:v1'}}}}]}}, {shown}}}"
                ),
                "spec.tags[0].from.name",
            ),
        ] {
            let source = ["base@ab", "base:v1", "web:v1", "v1"].into_iter().find(|name| {
                short.contains(&format!("name: '{name}'")) || short.contains(&format!("name: {name}}}}}"))
            });
            let line = line(path, source.unwrap_or_default());
            assert_rule(RULE.code, &[(path, &format!("settings: {SETTINGS}\n{short}"), &[&line])]);
        }
    }

    #[test]
    fn what_is_denied_is_denied_at_every_port_and_in_both_readings() {
        for (scope, source, by) in [
            ("docker.io/nginx", "nginx", "docker.io/library/nginx"),
            ("docker.io/nginx", "docker.io/nginx:1", "docker.io/library/nginx"),
            ("docker.io/nginx", "index.docker.io/library/nginx", "docker.io/library/nginx"),
            ("docker.io/nginx", "docker.io/nginx/unit", "docker.io/nginx"),
            ("registry-1.docker.io/nginx", "library/nginx", "docker.io/library/nginx"),
            ("evil.example", "evil.example:5000/x", "evil.example"),
            ("evil.example", "EVIL.example:0443/x", "evil.example"),
            ("evil.example:443", "evil.example:80/a/b/c", "evil.example"),
            ("evil.example/x", "evil.example:5000/x", "evil.example/x"),
            ("evil.example/x:1", "evil.example:5000/x:1", "evil.example/x:1"),
            ("docker.io/acme", "registry-1.docker.io:80/acme/x", "docker.io/acme"),
            ("docker.io", "Index.docker.io:080/acme/x", "docker.io"),
        ] {
            let spec = crate::oci::reference::PullSpec::parse(source).map(|spec| spec.to_string());
            let expected = format!(
                "tag.from.name: `{}` is denied: `references.deny` lists `{by}`",
                spec.unwrap_or_default()
            );
            let short = format!(
                "settings: {{references: {{deny: ['{scope}']}}}}\n\
                 object: {{kind: ImageStreamTag, tag: {{from: {{kind: DockerImage, name: '{source}'}}}}}}"
            );
            assert_rule(RULE.code, &[(source, &short, &[&expected])]);
        }
        for (scope, source) in [
            ("docker.io/nginx", "docker.io/nginxinc/unit"),
            ("docker.io/library", "docker.io/acme/library"),
            ("evil.example:5000", "evil.example/x"),
            ("evil.example:5000", "evil.example:5001/x"),
            ("evil.example/x", "evil.example:5000/xy"),
            ("docker.io/acme", "registry-1.docker.io.example:80/acme/x"),
        ] {
            let short = format!(
                "settings: {{references: {{deny: ['{scope}']}}}}\n\
                 object: {{kind: ImageStreamTag, tag: {{from: {{kind: DockerImage, name: '{source}'}}}}}}"
            );
            assert_rule(RULE.code, &[(source, &short, &[])]);
        }
    }

    /// Each of these is allowed, or each is denied, however it is written.
    #[test]
    fn no_spelling_of_a_name_gets_around_a_scope() {
        const D: &str = "sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25";
        let by_digest = format!("quay.io/acme/web@{D}");
        let by_both = format!("quay.io/acme/web:v1@{D}");
        for allowed in [
            "quay.io/acme/web",
            "QUAY.IO/acme/web:v1",
            "quay.io:443/acme/web",
            "quay.io/acme/deep/er/web:v1",
            &by_digest,
            &by_both,
            "registry.redhat.io/ubi9",
            "a.corp.example/x",
            "a.b.corp.example:8443/x",
            "reg.example:5000/x",
        ] {
            let short = format!(
                "settings: {SETTINGS}\nobject: {{kind: ImageStreamTag, tag: {{from: {{kind: DockerImage, name: '{allowed}'}}}}}}"
            );
            assert_rule(RULE.code, &[(allowed, &short, &[])]);
        }
        for (refused, why) in [
            ("quay.io/acme-evil/web", "`quay.io/acme-evil/web`"),
            ("quay.io/acmeweb", "`quay.io/acmeweb`"),
            (
                "quay.io.evil.example/acme/web",
                "`quay.io.evil.example/acme/web` is from `quay.io.evil.example`, which",
            ),
            (
                "evil.example/quay.io/acme/web",
                "`evil.example/quay.io/acme/web` is from `evil.example`, which",
            ),
            ("quay.io:5000/acme/web", "`quay.io:5000/acme/web` is from `quay.io:5000`, which"),
            ("xquay.io/acme/web", "`xquay.io/acme/web` is from `xquay.io`, which"),
            (
                "registry.redhat.io.evil.example/ubi9",
                "`registry.redhat.io.evil.example/ubi9` is from `registry.redhat.io.evil.example`, which",
            ),
            ("corp.example/x", "`corp.example/x` is from `corp.example`, which"),
            ("evilcorp.example/x", "`evilcorp.example/x` is from `evilcorp.example`, which"),
            ("reg.example/x", "`reg.example/x` is from `reg.example`, which"),
            ("reg.example:50000/x", "`reg.example:50000/x` is from `reg.example:50000`, which"),
            ("acme/web", "`acme/web` is from `docker.io`, which"),
            ("nginx", "`nginx` is from `docker.io`, which"),
            ("index.docker.io/acme/web", "`index.docker.io/acme/web` is from `docker.io`, which"),
            ("localhost/acme/web", "`localhost/acme/web` is from `localhost`, which"),
        ] {
            let short = format!(
                "settings: {SETTINGS}\nobject: {{kind: ImageStreamTag, tag: {{from: {{kind: DockerImage, name: '{refused}'}}}}}}"
            );
            let allowed = "`quay.io/acme`, `reg.example:5000` and 2 more (`references.allow`)";
            let expected = format!("tag.from.name: {why} is not allowed; allowed: {allowed}");
            assert_rule(RULE.code, &[(refused, &short, &[&expected])]);
        }
        for denied in [
            "nginx",
            "library/nginx",
            "nginx:latest",
            "docker.io/nginx",
            "docker.io/library/nginx",
            "DOCKER.IO/nginx",
            "docker.io:443/nginx",
            "index.docker.io/nginx",
            "registry-1.docker.io/library/nginx",
            "Registry-1.Docker.io:443/library/nginx",
        ] {
            let short = format!(
                "settings: {{references: {{deny: [docker.io/library/nginx]}}}}\n\
                 object: {{kind: ImageStreamTag, tag: {{from: {{kind: DockerImage, name: '{denied}'}}}}}}"
            );
            let tag = if denied.ends_with(":latest") { ":latest" } else { "" };
            let expected = format!(
                "tag.from.name: `docker.io/library/nginx{tag}` is denied: `references.deny` lists `docker.io/library/nginx`"
            );
            assert_rule(RULE.code, &[(denied, &short, &[&expected])]);
        }
    }

    #[test]
    fn a_port_with_leading_zeros_is_the_same_port() {
        let short = "settings: {references: {deny: [quay.io]}}\n\
                     object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: 'quay.io:0443/acme/web:v1'}}}";
        assert_rule(
            RULE.code,
            &[(
                "0443",
                short,
                &["tag.from.name: `quay.io/acme/web:v1` is denied: `references.deny` lists `quay.io`"],
            )],
        );
    }

    #[test]
    fn a_tag_beside_a_digest_widens_no_permission_but_meets_a_refusal() {
        const BOTH: &str = "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: \
                            'quay.io/x:v1@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25'}}}";
        let allowed = format!("settings: {{references: {{allow: ['quay.io/x:v1']}}}}\n{BOTH}");
        let denied = format!("settings: {{references: {{deny: ['quay.io/x:v1']}}}}\n{BOTH}");
        assert_rule(
            RULE.code,
            &[
                (
                    "allowed",
                    &allowed,
                    &[
                        "tag.from.name: `quay.io/x` is not allowed; allowed: `quay.io/x:v1` (`references.allow`)",
                    ],
                ),
                (
                    "denied",
                    &denied,
                    &[
                        "tag.from.name: `quay.io/x:v1@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25` is denied: `references.deny` lists `quay.io/x:v1`",
                    ],
                ),
            ],
        );
    }

    #[test]
    fn without_a_list_every_source_will_do_and_an_empty_one_refuses_all() {
        let object = "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}}}";
        assert_rule(
            RULE.code,
            &[
                ("absent", object, &[]),
                (
                    "something else denied",
                    &format!("settings: {{references: {{deny: [quay.io]}}}}\n{object}"),
                    &[],
                ),
                ("everything", &format!("settings: {{references: {{allow: ['']}}}}\n{object}"), &[]),
                (
                    "nothing",
                    &format!("settings: {{references: {{allow: []}}}}\n{object}"),
                    &[
                        "tag.from.name: `nginx` is from `docker.io`, which is not allowed; nothing is allowed, as `references.allow` is empty",
                    ],
                ),
                (
                    "everything denied",
                    &format!("settings: {{references: {{deny: ['']}}}}\n{object}"),
                    &["tag.from.name: `docker.io/library/nginx` is denied: `references.deny` lists `\"\"`"],
                ),
            ],
        );
    }
}
