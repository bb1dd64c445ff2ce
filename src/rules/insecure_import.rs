//! An import over plain HTTP or unverified TLS from outside the listed scopes.
//!
//! # Why
//!
//! Anyone on the network between the cluster and the registry can replace the image. The annotation
//! `openshift.io/image.insecureRepository` makes every import into a stream insecure, including tags that
//! are added later through other kinds.
//!
//! # Denied
//!
//! ```yaml
//! object:
//!   kind: ImageStreamImport
//!   spec:
//!     import: true
//!     images:
//!       - from: {kind: DockerImage, name: "registry.lab.example:5000/web:v1"}
//!         to: {name: v1}
//!         importPolicy: {insecure: true}
//! ```
//!
//! ```text
//! spec.images[0].importPolicy.insecure (tag `v1`): insecure import from `registry.lab.example:5000/web:v1` is not allowed; nothing is allowed, as `references.insecure` is empty [insecure-import]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings: {references: {insecure: ["registry.lab.example:5000"]}}
//! object:
//!   kind: ImageStreamImport
//!   spec:
//!     import: true
//!     images:
//!       - from: {kind: DockerImage, name: "registry.lab.example:5000/web:v1"}
//!         to: {name: v1}
//!         importPolicy: {insecure: true}
//! ```
//!
//! # Settings
//!
//! `references.insecure`: scopes from which images may be imported insecurely; empty by default. The
//! annotation, of which only the value `true` counts, cannot be limited to one registry. So it passes only
//! if the scopes include `""`, or hold all that the stream imports, `spec.dockerImageRepository` among it:
//! that has no import policy of its own. Tags added to an annotated stream later are checked by their
//! source. Whether the stream is annotated stands in requests for ImageStreams and ImageTags; for
//! ImageStreamTags and imports it is looked up, and only the import policy counts where it cannot be.
//!
//! The server reaches a repository one way for all that it imports at once. So what is imported insecurely
//! makes the other images of its repository insecure, in the same request and in the same stream.
//!
//! # See
//!
//! - [consts.go](https://github.com/openshift/api/blob/master/image/v1/consts.go), the annotation

use crate::changes::{EntryPoint, Insecure, Part, Reference, Source, StreamChange, StreamTrait};
use crate::evaluation::{Check, Context, Offence, Rule};
use crate::oci::reference::PullSpec;
use crate::quote::{allowed, quote};

/// The rule.
pub const RULE: Rule = Rule::new(
    "insecure-import",
    "an insecure import from outside `references.insecure`",
    &[Check::Reference(check), Check::Stream(check_stream)],
);

fn check(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    let insecure = &context.policy.references.insecure;
    if insecure.everywhere().is_some() {
        return Ok(());
    }
    let how = match reference.insecure() {
        Insecure::No if is_annotated(reference, context) => Insecure::Annotation,
        how => how,
    };
    check_beside(reference, how, context)?;
    if how == Insecure::No {
        return Ok(());
    }
    let source = match &reference.source {
        Source::Image { spec, .. } if insecure.get(spec).is_some() => return Ok(()),
        Source::Image { text, .. } | Source::StreamTag { text, .. } | Source::StreamImage { text, .. } => {
            *text
        }
        // Nothing is imported yet; what will be is judged when it is named.
        Source::None if how == Insecure::Annotation => return Ok(()),
        Source::None | Source::Unreadable(_) => {
            let message =
                "insecure import is not allowed: add `\"\"` to `references.insecure` to allow it everywhere";
            return Err(Offence::at(Part::Insecure, message));
        }
    };
    let (part, by) = match how {
        Insecure::Annotation => (Part::Source, " by the stream's annotation"),
        Insecure::No | Insecure::Policy => (Part::Insecure, ""),
    };
    let allowed = allowed(insecure.scopes(), "references.insecure");
    let message = format!("insecure import from {}{by} is not allowed; {allowed}", quote(source));
    Err(Offence::at(part, message))
}

/// Whether the stream has tags of the same repository that would be imported together with this one, and
/// insecurely as well, or insecurely by themselves. Of an ImageStream the request shows them.
fn check_beside(
    reference: &Reference<'_>,
    how: Insecure,
    context: &Context<'_>,
) -> Result<(), Offence<Part>> {
    let insecure = &context.policy.references.insecure;
    let (EntryPoint::Tag(tag), Some(spec)) = (&reference.entry, reference.spec()) else { return Ok(()) };
    // Only scopes that are less than the repository tell its images apart.
    let is_told_apart = insecure.within(&spec.clone().of_every_image()).next().is_some();
    if tag.followers.is_some() || tag.untracked || !is_told_apart {
        return Ok(());
    }
    let stored = context.stored(reference);
    let Ok(Some(stored)) = &*stored else { return Ok(()) };
    let others = stored.spec.iter().filter(|(name, _)| name.as_str() != tag.name);
    for (name, other) in others {
        let Some(text) = other.imports() else { continue };
        let Ok(source) = PullSpec::parse(text) else { continue };
        let source = context.policy.aliases.rename(source);
        let (kept, made) = match (how == Insecure::No, other.is_insecure) {
            (true, true) => (name.as_str(), (spec, reference.source.text())),
            (false, false) => (tag.name, (&source, text)),
            _ => continue,
        };
        if source.name() == spec.name() && insecure.get(made.0).is_none() {
            let message = format!(
                "tag {} makes the import from {} insecure too: the server reaches a repository one way; {}",
                quote(kept),
                quote(made.1),
                allowed(insecure.scopes(), "references.insecure")
            );
            return Err(Offence::at(Part::Insecure, message));
        }
    }
    Ok(())
}

/// Whether the stream that is imported into is stored with the annotation, where the request does not show
/// it. It is allowed on some streams only where some scope is.
fn is_annotated(reference: &Reference<'_>, context: &Context<'_>) -> bool {
    let is_hidden = match &reference.entry {
        EntryPoint::Tag(tag) => tag.followers.is_none() && !tag.untracked,
        EntryPoint::ImageImport { tag, .. } => tag.is_some(),
        EntryPoint::RepositoryImport(_) => true,
        _ => false,
    };
    let listed = |spec: &PullSpec| context.policy.references.insecure.get(spec).is_some();
    is_hidden
        && !context.policy.references.insecure.is_empty()
        && reference.spec().is_some_and(|spec| !listed(spec))
        && matches!(&*context.stored(reference), Ok(Some(stream)) if stream.is_insecure)
}

fn check_stream(change: &StreamChange<'_>, context: &Context<'_>) -> Result<(), String> {
    let insecure = &context.policy.references.insecure;
    let listed =
        |source: &Source<'_>| matches!(source, Source::Image { spec, .. } if insecure.get(spec).is_some());
    let sources = match &change.trait_ {
        StreamTrait::Insecure(sources) => sources,
        // One cause, told once.
        StreamTrait::InsecureRepository { new: Some(new), .. } if !listed(new) => return Ok(()),
        StreamTrait::InsecureRepository { others, .. } => others,
        StreamTrait::LocalLookup => return Ok(()),
    };
    if insecure.everywhere().is_some() || !sources.is_empty() && sources.iter().all(listed) {
        return Ok(());
    }
    let message = "makes every import into the stream insecure, which only `\"\"` in `references.insecure` allows; \
                   set `importPolicy.insecure` on single tags instead";
    match sources.iter().find(|source| !listed(source)) {
        None => Err(message.to_owned()),
        Some(source) => {
            let allowed = allowed(insecure.scopes(), "references.insecure");
            let source = quote(source.text());
            Err(format!("makes the import from {source} insecure, which is not allowed; {allowed}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::assert_rule;

    const ANNOTATION: &str = "metadata.annotations[openshift.io/image.insecureRepository]: makes every import into the stream insecure, which only `\"\"` in `references.insecure` allows; set `importPolicy.insecure` on single tags instead";
    const SETTINGS: &str = "{references: {insecure: ['lab.example:5000']}}";
    const TABLE: &[(&str, &str, &[&str])] = &[
        (
            "tag of a stream",
            "object: {kind: ImageStream, spec: {tags: [{name: a, from: {kind: DockerImage, name: 'lab.example:5000/x'}, importPolicy: {insecure: true}}, \
             {name: b, from: {kind: DockerImage, name: 'lab.example:5001/x'}, importPolicy: {insecure: true}}]}}",
            &[
                "spec.tags[1].importPolicy.insecure (tag `b`): insecure import from `lab.example:5001/x` is not allowed; allowed: `lab.example:5000` (`references.insecure`)",
            ],
        ),
        (
            "ImageStreamTag",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}, importPolicy: {insecure: true}}}",
            &[
                "tag.importPolicy.insecure: insecure import from `nginx` is not allowed; allowed: `lab.example:5000` (`references.insecure`)",
            ],
        ),
        (
            "ImageTag",
            "object: {kind: ImageTag, spec: {from: {kind: DockerImage, name: nginx}, importPolicy: {insecure: true}}}",
            &[
                "spec.importPolicy.insecure: insecure import from `nginx` is not allowed; allowed: `lab.example:5000` (`references.insecure`)",
            ],
        ),
        (
            "an import that stores nothing still contacts the registry",
            "object: {kind: ImageStreamImport, spec: {import: false, images: [{from: {kind: DockerImage, name: nginx}, importPolicy: {insecure: true}}]}}",
            &[
                "spec.images[0].importPolicy.insecure (source `nginx`): insecure import from `nginx` is not allowed; allowed: `lab.example:5000` (`references.insecure`)",
            ],
        ),
        (
            "repository import",
            "object: {kind: ImageStreamImport, spec: {repository: {from: {kind: DockerImage, name: nginx}, importPolicy: {insecure: true}}}}",
            &[
                "spec.repository.importPolicy.insecure: insecure import from `nginx` is not allowed; allowed: `lab.example:5000` (`references.insecure`)",
            ],
        ),
        (
            "only this is switched on",
            "old: {kind: ImageStream, spec: {tags: [{name: a, from: {kind: DockerImage, name: nginx}}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: a, from: {kind: DockerImage, name: nginx}, importPolicy: {insecure: true}}]}}",
            &[
                "spec.tags[0].importPolicy.insecure (tag `a`): insecure import from `nginx` is not allowed; allowed: `lab.example:5000` (`references.insecure`)",
            ],
        ),
        (
            "through the status of the stream",
            "subresource: status\nold: {kind: ImageStream}\n\
             object: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}}",
            &[ANNOTATION],
        ),
        (
            "a stream's tag by policy: the pull-through honours it",
            "object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamTag, name: 'base:1'}, importPolicy: {insecure: true}}}",
            &[
                "tag.importPolicy.insecure: insecure import from `base:1` is not allowed; allowed: `lab.example:5000` (`references.insecure`)",
            ],
        ),
        (
            "a tag that waits for a source",
            "object: {kind: ImageStreamTag, tag: {importPolicy: {insecure: true}}}",
            &[
                "tag.importPolicy.insecure: insecure import is not allowed: add `\"\"` to `references.insecure` to allow it everywhere",
            ],
        ),
        (
            "the annotation on a new stream",
            "object: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}}",
            &[ANNOTATION],
        ),
        (
            "what only looks like it",
            "object: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'True'}}}",
            &[],
        ),
        (
            "the annotation on a stream that has tags: it is the annotation that is new",
            "old: {kind: ImageStream, spec: {tags: [{name: a, from: {kind: DockerImage, name: nginx}}]}}\n\
             object: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}, \
             spec: {tags: [{name: a, from: {kind: DockerImage, name: nginx}}]}}",
            &[ANNOTATION],
        ),
        (
            "a tag added to a stream that has the annotation",
            "old: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}}\n\
             object: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}, \
             spec: {tags: [{name: a, from: {kind: DockerImage, name: nginx}}, {name: b, from: {kind: DockerImage, name: 'lab.example:5000/x'}}]}}",
            &[
                "spec.tags[0].from.name (tag `a`): insecure import from `nginx` by the stream's annotation is not allowed; allowed: `lab.example:5000` (`references.insecure`)",
            ],
        ),
        (
            "a repository given to a stream that has the annotation",
            "old: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}}\n\
             object: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}, spec: {dockerImageRepository: nginx}}",
            &[
                "spec.dockerImageRepository: insecure import from `nginx` by the stream's annotation is not allowed; allowed: `lab.example:5000` (`references.insecure`)",
            ],
        ),
        (
            "an ImageTag has its stream's annotations",
            "old: {kind: ImageTag, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}}\n\
             object: {kind: ImageTag, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}, spec: {from: {kind: DockerImage, name: nginx}}}",
            &[
                "spec.from.name: insecure import from `nginx` by the stream's annotation is not allowed; allowed: `lab.example:5000` (`references.insecure`)",
            ],
        ),
        (
            "a tag that waits for a source in a stream that has the annotation",
            "old: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}}\n\
             object: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}, spec: {tags: [{name: a}]}}",
            &[],
        ),
        (
            "an ImageStreamTag's annotations are the tag's alone",
            "object: {kind: ImageStreamTag, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}, \
             tag: {from: {kind: DockerImage, name: nginx}}}",
            &[],
        ),
        (
            "the annotation, kept",
            "old: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}, spec: {tags: [{name: a, from: {kind: DockerImage, name: nginx}}]}}\n\
             object: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}, spec: {tags: [{name: a, from: {kind: DockerImage, name: nginx}}]}}",
            &[],
        ),
        (
            "the annotation, removed",
            "old: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}}\n\
             object: {kind: ImageStream, metadata: {annotations: null}}",
            &[],
        ),
        (
            "the annotation, saying no",
            "object: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'false', other: 'true'}}, \
             spec: {tags: [{name: a, from: {kind: DockerImage, name: nginx}}]}}",
            &[],
        ),
        (
            "false, null and absent",
            "object: {kind: ImageStream, spec: {tags: [{name: a, from: {kind: DockerImage, name: nginx}, importPolicy: {insecure: false}}, \
             {name: b, from: {kind: DockerImage, name: nginx}, importPolicy: {insecure: null}}, {name: c, from: {kind: DockerImage, name: nginx}}]}}",
            &[],
        ),
        (
            "untouched",
            "old: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}, importPolicy: {insecure: true}}}\n\
             object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}, importPolicy: {insecure: true}}}",
            &[],
        ),
        (
            "switched off",
            "old: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}, importPolicy: {insecure: true}}}\n\
             object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}, importPolicy: {insecure: false}}}",
            &[],
        ),
    ];

    #[test]
    fn what_is_imported_beside_an_insecure_one_of_its_repository_is_insecure_too() {
        let entry = |source: &str, insecure: bool| {
            format!(
                "{{from: {{kind: DockerImage, name: '{source}'}}, to: {{name: a}}, importPolicy: {{insecure: {insecure}}}}}"
            )
        };
        let import = |entries: [String; 2]| {
            format!(
                "settings: {{references: {{insecure: ['quay.io/a:dev']}}}}\n\
                 object: {{kind: ImageStreamImport, spec: {{import: true, images: [{}]}}}}",
                entries.join(", ")
            )
        };
        let codes = |short: &str| {
            let lines = crate::testing::lines(&crate::testing::Short::parse(short).verdict());
            let paths = lines.iter().map(|line| crate::testing::code_and_path(line));
            paths.filter(|(code, _)| code == RULE.code).map(|(_, path)| path).collect::<Vec<_>>()
        };
        let refused = |index: usize| vec![format!("spec.images[{index}].importPolicy.insecure")];
        for (entries, expected) in [
            ([entry("quay.io/a:dev", true), entry("quay.io/a:prod", false)], refused(1)),
            ([entry("quay.io/a:prod", false), entry("quay.io/a:dev", true)], refused(0)),
            ([entry("quay.io/a:dev", true), entry("QUAY.io:443/a:prod", false)], refused(1)),
            ([entry("quay.io/a:dev", true), entry("quay.io/b:prod", false)], Vec::new()),
            ([entry("quay.io/a:dev", false), entry("quay.io/a:prod", false)], Vec::new()),
        ] {
            assert_eq!(codes(&import(entries.clone())), expected, "{entries:?}");
        }
    }

    #[test]
    fn an_insecure_import_is_refused_through_every_door() {
        for (name, short, expected) in TABLE {
            assert_rule(RULE.code, &[(name, &format!("settings: {SETTINGS}\n{short}"), expected)]);
        }
    }

    #[test]
    fn only_everything_admits_the_annotation() {
        let annotated = "object: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}, \
                         spec: {tags: [{name: a, from: {kind: DockerImage, name: nginx}, importPolicy: {insecure: true}}]}}";
        assert_rule(
            RULE.code,
            &[
                ("everywhere", &format!("settings: {{references: {{insecure: ['']}}}}\n{annotated}"), &[]),
                (
                    "the tag's registry alone",
                    &format!("settings: {{references: {{insecure: [docker.io]}}}}\n{annotated}"),
                    &[ANNOTATION],
                ),
                (
                    "by default",
                    annotated,
                    &[
                        ANNOTATION,
                        "spec.tags[0].importPolicy.insecure (tag `a`): insecure import from `nginx` is not allowed; nothing is allowed, as `references.insecure` is empty",
                    ],
                ),
            ],
        );
    }
}
