//! A source in a stream of another namespace that the settings do not allow.
//!
//! # Why
//!
//! A tag that follows another project is only as trustworthy as everyone who may write there. A pull spec
//! in the integrated registry names a project too and is treated the same.
//!
//! # Denied
//!
//! ```yaml
//! settings: {references: {namespaces: [openshift, "shared-*"]}}
//! object:
//!   kind: ImageStreamTag
//!   metadata: {name: "web:v1", namespace: shop}
//!   tag: {name: v1, from: {kind: ImageStreamTag, namespace: sandbox, name: "web:v1"}}
//! ```
//!
//! ```text
//! tag.from.namespace: namespace `sandbox` is not allowed; allowed: `openshift`, `shared-*` (`references.namespaces`) [source-namespace-not-allowed]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings: {references: {namespaces: [openshift, "shared-*"]}}
//! object:
//!   kind: ImageStreamTag
//!   metadata: {name: "web:v1", namespace: shop}
//!   tag: {name: v1, from: {kind: ImageStreamTag, namespace: shared-base, name: "web:v1"}}
//! ```
//!
//! # Settings
//!
//! `references.namespaces`: globs; without it every namespace is allowed. The stream's own always
//! is. `trust.registryAliases` can name the integrated registry's route.
//!
//! What a stream of the project shows counts too, where it is looked up, and so does the pull spec of an Image
//! that the cluster has already when a mapping or an event names it.
//!
//! # See
//!
//! - [strategy.go](https://github.com/openshift/openshift-apiserver/blob/main/pkg/image/apiserver/registry/imagestream/strategy.go): the server asks only whether the writer may pull from there

use crate::changes::{Part, Reference};
use crate::evaluation::{Check, Context, Offence, Rule};
use crate::oci::reference::{self, PullSpec};
use crate::quote::{allowed, quote};
use crate::rules::source_not_allowed::origin_unknown;
use crate::settings::NAMESPACE_MAX;
use crate::settings::pattern::Glob;

/// The rule.
pub const RULE: Rule = Rule::new(
    "source-namespace-not-allowed",
    "a source in a foreign namespace that `references.namespaces` does not list",
    &[Check::Reference(check)],
);

fn check(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    let Some(namespaces) = &context.policy.references.namespaces else { return Ok(()) };
    if let Some(namespace) = reference.source.stream_namespace() {
        judge(namespace, namespaces, context).map_err(|message| Offence::at(Part::Namespace, message))?;
    }
    // What a stream shows may be pulled from another project's.
    let shown = if reference.source.is_stream() { context.shown(reference) } else { Vec::new() };
    for event in &shown {
        let Ok(spec) = PullSpec::parse(&event.pull_spec) else { continue };
        let spec = context.policy.aliases.rename(spec);
        let foreign = spec.namespace().filter(|_| reference::is_integrated(spec.registry()));
        // The server rewrites what is of the stream's own project, which is judged above.
        let Some(namespace) = foreign.filter(|it| Some(*it) != reference.source.stream_namespace()) else {
            continue;
        };
        judge(namespace, namespaces, context).map_err(|found| {
            let by = quote(reference.source.text());
            Offence::at(Part::Namespace, format!("{by} shows {}: {found}", quote(&spec.to_string())))
        })?;
    }
    let beside = |message| Err(Offence::at(Part::Namespace, message).beside_source());
    let kept = match context.kept_from(reference) {
        Ok(kept) => kept.filter(|spec| reference::is_integrated(spec.registry())),
        Err(error) => return beside(origin_unknown(reference, &error)),
    };
    let Some(namespace) = kept.as_ref().and_then(PullSpec::namespace) else { return Ok(()) };
    judge(namespace, namespaces, context)
        .or_else(|found| beside(format!("the cluster has this image already, from elsewhere: {found}")))
}

fn judge(namespace: &str, namespaces: &[Glob], context: &Context<'_>) -> Result<(), String> {
    if namespace.len() > NAMESPACE_MAX {
        return Err(format!(
            "namespace {} has {} bytes, more than any namespace; at most {NAMESPACE_MAX}",
            quote(namespace),
            namespace.len()
        ));
    }
    if namespace == context.namespace || namespaces.iter().any(|glob| glob.matches(namespace)) {
        return Ok(());
    }
    let allowed = allowed(namespaces.iter().map(ToString::to_string), "references.namespaces");
    Err(format!("namespace {} is not allowed; {allowed}", quote(namespace)))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::assert_rule;

    const SETTINGS: &str = "{references: {namespaces: [openshift, 'shared-*']}}";
    const TABLE: &[(&str, &str, &[&str])] = &[
        (
            "tag of a stream",
            "object: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: ImageStreamTag, namespace: sandbox, name: 'web:1'}}]}}",
            &[
                "spec.tags[0].from.namespace (tag `v1`): namespace `sandbox` is not allowed; allowed: `openshift`, `shared-*` (`references.namespaces`)",
            ],
        ),
        (
            "ImageTag, image of a stream",
            "object: {kind: ImageTag, spec: {name: v1, from: {kind: ImageStreamImage, namespace: sandbox, name: web@3c87c5}}}",
            &[
                "spec.from.namespace: namespace `sandbox` is not allowed; allowed: `openshift`, `shared-*` (`references.namespaces`)",
            ],
        ),
        (
            "a pull spec in the integrated registry names a project",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: 'image-registry.openshift-image-registry.svc:5000/sandbox/web:1'}}}",
            &[
                "tag.from.name: namespace `sandbox` is not allowed; allowed: `openshift`, `shared-*` (`references.namespaces`)",
            ],
        ),
        (
            "so does the registry's other name, in upper case",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: 'Image-Registry.OpenShift-Image-Registry.svc.cluster.local:5000/sandbox/web:1'}}}",
            &[
                "tag.from.name: namespace `sandbox` is not allowed; allowed: `openshift`, `shared-*` (`references.namespaces`)",
            ],
        ),
        (
            "image import",
            "object: {kind: ImageStreamImport, spec: {images: [{from: {kind: DockerImage, name: 'image-registry.openshift-image-registry.svc:5000/sandbox/web:1'}, to: {name: v1}}]}}",
            &[
                "spec.images[0].from.name (tag `v1`): namespace `sandbox` is not allowed; allowed: `openshift`, `shared-*` (`references.namespaces`)",
            ],
        ),
        (
            "repository import",
            "object: {kind: ImageStreamImport, spec: {repository: {from: {kind: DockerImage, name: 'image-registry.openshift-image-registry.svc:5000/sandbox/web'}}}}",
            &[
                "spec.repository.from.name: namespace `sandbox` is not allowed; allowed: `openshift`, `shared-*` (`references.namespaces`)",
            ],
        ),
        (
            "repository of a stream",
            "object: {kind: ImageStream, spec: {dockerImageRepository: 'image-registry.openshift-image-registry.svc:5000/sandbox/web'}}",
            &[
                "spec.dockerImageRepository: namespace `sandbox` is not allowed; allowed: `openshift`, `shared-*` (`references.namespaces`)",
            ],
        ),
        (
            "mapping",
            "object: {kind: ImageStreamMapping, tag: v1, image: {dockerImageReference: 'image-registry.openshift-image-registry.svc:5000/sandbox/web'}}",
            &[
                "image.dockerImageReference: namespace `sandbox` is not allowed; allowed: `openshift`, `shared-*` (`references.namespaces`)",
            ],
        ),
        (
            "event",
            "subresource: status\nold: {kind: ImageStream}\n\
             object: {kind: ImageStream, status: {tags: [{tag: v1, items: [{dockerImageReference: 'image-registry.openshift-image-registry.svc:5000/sandbox/web'}]}]}}",
            &[
                "status.tags[0].items[0].dockerImageReference (tag `v1`): namespace `sandbox` is not allowed; allowed: `openshift`, `shared-*` (`references.namespaces`)",
            ],
        ),
        (
            "only the namespace changes",
            "old: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamTag, namespace: openshift, name: 'web:1'}}}\n\
             object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamTag, namespace: sandbox, name: 'web:1'}}}",
            &[
                "tag.from.namespace: namespace `sandbox` is not allowed; allowed: `openshift`, `shared-*` (`references.namespaces`)",
            ],
        ),
        (
            "a name that begins alike",
            "object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamTag, namespace: openshift-evil, name: 'web:1'}}}",
            &[
                "tag.from.namespace: namespace `openshift-evil` is not allowed; allowed: `openshift`, `shared-*` (`references.namespaces`)",
            ],
        ),
        (
            "listed",
            "object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamTag, namespace: openshift, name: 'web:1'}}}",
            &[],
        ),
        (
            "listed by a glob",
            "object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamTag, namespace: shared-x, name: 'web:1'}}}",
            &[],
        ),
        (
            "its own, unwritten",
            "object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamTag, name: 'web:1'}}}",
            &[],
        ),
        (
            "its own, empty and null",
            "object: {kind: ImageStream, spec: {tags: [{name: a, from: {kind: ImageStreamTag, namespace: '', name: 'web:1'}}, \
             {name: b, from: {kind: ImageStreamTag, namespace: null, name: 'web:1'}}]}}",
            &[],
        ),
        (
            "its own, written",
            "object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamTag, namespace: shop, name: 'web:1'}}}",
            &[],
        ),
        (
            "its own in the integrated registry",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: 'image-registry.openshift-image-registry.svc:5000/shop/web:1'}}}",
            &[],
        ),
        (
            "another registry's paths are no projects",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: quay.io/sandbox/web}}}",
            &[],
        ),
        (
            "untouched",
            "old: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamTag, namespace: sandbox, name: 'web:1'}}}\n\
             object: {kind: ImageStreamTag, tag: {name: lie, from: {kind: ImageStreamTag, namespace: sandbox, name: 'web:1'}}}",
            &[],
        ),
        (
            "removed",
            "old: {kind: ImageTag, spec: {from: {kind: ImageStreamTag, namespace: sandbox, name: 'web:1'}}}\n\
             object: {kind: ImageTag, spec: null}",
            &[],
        ),
        ("a push", "object: {kind: ImageStreamTag, tag: {name: v1}}", &[]),
    ];

    #[test]
    fn a_foreign_namespace_is_refused_through_every_door() {
        for (name, short, expected) in TABLE {
            assert_rule(RULE.code, &[(name, &format!("settings: {SETTINGS}\n{short}"), expected)]);
        }
    }

    #[test]
    fn what_is_in_another_project_s_repository_counts_however_it_is_reached() {
        const D: &str = "sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25";
        const SANDBOX: &str = "image-registry.openshift-image-registry.svc:5000/sandbox/web";
        let refused =
            "namespace `sandbox` is not allowed; allowed: `openshift`, `shared-*` (`references.namespaces`)";
        let mapping =
            format!("object: {{kind: ImageStreamMapping, tag: v1, image: {{metadata: {{name: '{D}'}}}}}}");
        let image = |from: &str| {
            format!("{{kind: Image, metadata: {{name: '{D}'}}, dockerImageReference: '{from}@{D}'}}")
        };
        let stream = format!(
            "{{kind: ImageStream, metadata: {{name: base, namespace: shop}}, status: {{tags: [\
             {{tag: '1', items: [{{image: '{D}', dockerImageReference: '{SANDBOX}@{D}'}}]}}]}}}}"
        );
        let tag = "object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamTag, name: 'base:1'}}}";
        let unknown = format!(
            "image.dockerImageReference: this request does not show where the image comes from: Image `{D}` cannot be \
             looked up: there is no cluster; import it, or add its manifest (`image.dockerImageManifest`)"
        );
        for (short, expected) in [
            (
                format!("{mapping}\ncluster: [{}]", image(SANDBOX)),
                Some(format!(
                    "image.dockerImageReference: the cluster has this image already, from elsewhere: {refused}"
                )),
            ),
            (mapping.clone(), Some(unknown)),
            (
                format!("{tag}\ncluster: [{stream}]"),
                Some(format!("tag.from.namespace: `base:1` shows `{SANDBOX}@{D}`: {refused}")),
            ),
            (format!("{mapping}\ncluster: [{}]", image("quay.io/sandbox/web")), None),
            (format!("{mapping}\ncluster: []"), None),
            (tag.to_owned(), None),
        ] {
            let expected: Vec<&str> = expected.as_deref().into_iter().collect();
            assert_rule(RULE.code, &[(&short, &format!("settings: {SETTINGS}\n{short}"), &expected)]);
        }
    }

    #[test]
    fn the_namespace_is_the_request_s_not_the_requester_s_word() {
        // A metadata.namespace that contradicts the request is refused as a whole.
        assert_rule(
            RULE.code,
            &[
                (
                    "another project's own",
                    "settings: {references: {namespaces: []}}\nnamespace: other\n\
                     object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamTag, namespace: shop, name: 'web:1'}}}",
                    &[
                        "tag.from.namespace: namespace `shop` is not allowed; nothing is allowed, as `references.namespaces` is empty",
                    ],
                ),
                (
                    "without the setting",
                    "object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamTag, namespace: sandbox, name: 'web:1'}}}",
                    &[],
                ),
            ],
        );
    }
}
