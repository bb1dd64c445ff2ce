//! What the platform's own writers may do that others may not.
//!
//! They keep working on the requests that they really make, and get nothing more: identity,
//! resource and rules are all listed. Each is a service account, known by its user name and the groups that
//! the API server puts it into. Who acts for somebody else (the template controller,
//! builders, deployers) is not here, and integrity rules hold for everybody who brings something.

use std::collections::HashSet;

use crate::admission::request::{AdmissionRequest, Operation, Subject};
use crate::api::Object;
use crate::api::image_stream::{ImageStream, TagEvent};

/// A writer, and the rules that do not hold for its requests.
#[derive(Debug)]
pub struct PlatformWriter {
    /// User name of the service account.
    user: &'static str,
    /// What it really asks for.
    requests: &'static [(Operation, &'static str)],
    /// Where: the namespaces that belong to the platform, or all.
    platform_namespaces_only: bool,
    /// Whether only for requests that write nothing into a stream's history.
    removals_only: bool,
    /// The rules that are lifted, in groups.
    rules: &'static [&'static [&'static str]],
    /// Why, for the audit log.
    pub reason: &'static str,
}

/// Rules about where tags point. A writer that replays a stream's spec, or ships one with the
/// platform, did not choose it.
const REFERENCE_RULES: &[&str] = &[
    "digest-missing",
    "import-mode-mismatch",
    "insecure-import",
    "local-lookup",
    "reference-policy-mismatch",
    "repository-import",
    "scheduled-import",
    "source-kind-not-allowed",
    "source-namespace-not-allowed",
    "source-not-allowed",
    "source-tag-not-allowed",
    "tag-moved",
    "tag-name-invalid",
    "untracked-reference",
];

const IMAGE_STREAMS: &[(Operation, &str)] =
    &[(Operation::Create, "imagestreams"), (Operation::Update, "imagestreams")];

/// The integrated registry.
const REGISTRY: &str = "system:serviceaccount:openshift-image-registry:registry";

static WRITERS: &[PlatformWriter] = &[
    PlatformWriter {
        user: "system:serviceaccount:openshift-infra:image-import-controller",
        requests: &[(Operation::Create, "imagestreamimports")],
        platform_namespaces_only: false,
        removals_only: false,
        rules: &[REFERENCE_RULES],
        reason: "the import controller replays what the stream's spec says",
    },
    PlatformWriter {
        user: REGISTRY,
        requests: &[(Operation::Create, "imagestreammappings")],
        platform_namespaces_only: false,
        removals_only: false,
        // Whether a push moves a tag is not in the request.
        rules: &[&["tag-moved"]],
        reason: "the integrated registry records a push",
    },
    PlatformWriter {
        user: "system:serviceaccount:openshift-image-registry:registry",
        requests: &[(Operation::Create, "images")],
        platform_namespaces_only: false,
        removals_only: false,
        // A push into a project whose images are denied to others.
        rules: &[&["source-not-allowed"]],
        reason: "the integrated registry records a push",
    },
    PlatformWriter {
        user: "system:serviceaccount:openshift-image-registry:pruner",
        requests: &[(Operation::Update, "imagestreams/status")],
        platform_namespaces_only: false,
        removals_only: true,
        // What comes to the front was shown before.
        rules: &[REFERENCE_RULES, &["reference-unparsable", "tag-event-inconsistent"]],
        reason: "the image pruner removes history",
    },
    PlatformWriter {
        user: "system:serviceaccount:openshift-cluster-version:cluster-version-operator",
        requests: IMAGE_STREAMS,
        platform_namespaces_only: true,
        removals_only: false,
        rules: &[REFERENCE_RULES],
        reason: "the release payload maintains its own streams",
    },
    // Older releases run it under the namespace's default account.
    PlatformWriter {
        user: "system:serviceaccount:openshift-cluster-version:default",
        requests: IMAGE_STREAMS,
        platform_namespaces_only: true,
        removals_only: false,
        rules: &[REFERENCE_RULES],
        reason: "the release payload maintains its own streams",
    },
    PlatformWriter {
        user: "system:serviceaccount:openshift-cluster-samples-operator:cluster-samples-operator",
        requests: &[
            (Operation::Create, "imagestreams"),
            (Operation::Update, "imagestreams"),
            (Operation::Create, "imagestreamimports"),
        ],
        platform_namespaces_only: true,
        removals_only: false,
        rules: &[REFERENCE_RULES],
        reason: "the samples operator maintains its own streams",
    },
];

impl PlatformWriter {
    /// Whether a rule does not hold for its requests.
    #[must_use]
    pub fn lifts(&self, code: &str) -> bool {
        self.rules.iter().any(|rules| rules.contains(&code))
    }
}

/// The writer whose request it is. To find out takes as long as the request is large.
#[must_use]
pub fn writer(request: &AdmissionRequest<'_>) -> Option<&'static PlatformWriter> {
    let namespace = request.namespace.as_str();
    let resource = request.full_resource();
    let asked = (request.operation, resource.as_str());
    WRITERS.iter().find(|writer| {
        request.user.is_service_account(writer.user)
            && writer.requests.contains(&asked)
            && (!writer.removals_only || writes_no_history(request))
            && (!writer.platform_namespaces_only
                || namespace == "openshift"
                || namespace.starts_with("openshift-"))
    })
}

/// Whether the integrated registry records a push: the signatures of what is pushed come later.
#[must_use]
pub fn is_push(request: &AdmissionRequest<'_>) -> bool {
    request.user.is_service_account(REGISTRY) && request.full_resource().as_str() == "imagestreammappings"
}

/// Whether a request leaves in a stream's history only what was there.
fn writes_no_history(request: &AdmissionRequest<'_>) -> bool {
    let Subject::Object { object: Object::ImageStream(stream), old: Some(Object::ImageStream(old)) } =
        &request.subject
    else {
        return false;
    };
    fn events<'s>(stream: &'s ImageStream<'_>) -> impl Iterator<Item = (&'s str, &'s TagEvent<'s>)> {
        let lists = stream.status.iter().flat_map(|status| status.tags.iter().flatten());
        lists.flat_map(|list| list.items.iter().flatten().map(|event| (list.tag.as_str(), event)))
    }
    let known: HashSet<_> = events(old).collect();
    events(stream).all(|event| known.contains(&event))
}

/// Whether the request is the integrated registry's own for an image that was pushed by digest. It stores
/// manifest and configuration itself, and the API server takes both out of the Image before validating
/// webhooks see it, so nothing is left to prove the rest by. This is no exemption: a mutating webhook sees
/// both, and nobody else's image passes without them.
#[must_use]
pub fn stores_manifests(request: &AdmissionRequest<'_>) -> bool {
    request.user.is_service_account(REGISTRY)
        && (request.operation, request.full_resource().as_str()) == (Operation::Create, "images")
}

/// What the platform's signature importer attaches is all that a vendor publishes, other
/// registries' identities and other keys included, in one update: refused as a whole, nothing
/// would ever be imported. What it attaches is judged again when something points at the image.
const SIGNATURE_IMPORTER: &str = "system:serviceaccount:openshift-infra:image-import-controller";

/// Rules about what is attached, whoever attaches it.
pub const SIGNATURE_RULES: [&str; 5] = [
    "signature-digest-mismatch",
    "signature-identity-mismatch",
    "signature-malformed",
    "signature-untrusted",
    "too-many-signatures",
];

/// Whether an offence of the request against a rule is only worth a warning.
#[must_use]
pub fn softens(code: &str, request: &AdmissionRequest<'_>) -> bool {
    request.user.is_service_account(SIGNATURE_IMPORTER)
        && (request.operation, request.full_resource().as_str()) == (Operation::Update, "images")
        && SIGNATURE_RULES.contains(&code)
}

#[cfg(test)]
mod tests {
    use super::REGISTRY;
    use crate::testing::{Short, code_and_path, lines};

    const SETTINGS: &str = "references: {allow: [quay.io], kinds: [ImageStreamImage], namespaces: [], pinned: [''], \
                            sourceTags: {deny: ['*']}, tagNames: '^never$', immutableTags: '.', referencePolicy: {'': Local}, \
                            importMode: [PreserveOriginal], scheduled: []}, \
                            rules: {local-lookup: deny, untracked-reference: deny, repository-import: deny}";

    const IMPORT: &str = "{kind: ImageStreamImport, spec: {import: true, images: [{from: {kind: DockerImage, name: nginx}, \
                          to: {name: v1}, importPolicy: {insecure: true, scheduled: true}}]}}";
    const STREAM: &str = "{kind: ImageStream, spec: {lookupPolicy: {local: true}, tags: [{name: v1, reference: true, \
                          from: {kind: DockerImage, name: nginx}, importPolicy: {insecure: true}}]}}";
    const MAPPING: &str = "{kind: ImageStreamMapping, tag: never, image: {metadata: {name: \
                           'sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25'}}}";

    const CONTROLLER: &str = "system:serviceaccount:openshift-infra:image-import-controller";
    const CVO: &str = "system:serviceaccount:openshift-cluster-version:cluster-version-operator";
    const CVO_BEFORE: &str = "system:serviceaccount:openshift-cluster-version:default";
    const SAMPLES: &str = "system:serviceaccount:openshift-cluster-samples-operator:cluster-samples-operator";

    fn short(user: &str, namespace: &str, rest: &str) -> Short {
        Short::parse(&format!("settings: {{{SETTINGS}}}\nuser: '{user}'\nnamespace: {namespace}\n{rest}"))
    }

    #[test]
    fn each_writer_passes_on_its_own_requests() {
        let create = |object: &str| format!("object: {object}");
        let update = |object: &str| format!("old: {{kind: ImageStream}}\nobject: {object}");
        for (user, namespace, request, reason) in [
            (CONTROLLER, "shop", create(IMPORT), "the import controller replays what the stream's spec says"),
            (REGISTRY, "shop", create(MAPPING), "the integrated registry records a push"),
            (CVO, "openshift", create(STREAM), "the release payload maintains its own streams"),
            (CVO, "openshift-console", update(STREAM), "the release payload maintains its own streams"),
            (CVO_BEFORE, "openshift", update(STREAM), "the release payload maintains its own streams"),
            (SAMPLES, "openshift", create(STREAM), "the samples operator maintains its own streams"),
            (SAMPLES, "openshift", update(STREAM), "the samples operator maintains its own streams"),
            (SAMPLES, "openshift", create(IMPORT), "the samples operator maintains its own streams"),
        ] {
            let verdict = short(user, namespace, &request).verdict();
            assert_eq!(lines(&verdict), Vec::<String>::new(), "{user}: {request}");
            assert!(verdict.accepted, "{user}: {request}");
            let exempted = verdict.audit_annotations.get("exempted").cloned().unwrap_or_default();
            assert!(
                exempted.contains(&format!("tag-moved: {reason}")) || !exempted.contains("tag-moved"),
                "{exempted}"
            );
            assert!(exempted.contains(reason), "{user}: {exempted}");
        }
    }

    #[test]
    fn no_writer_gets_anything_more() {
        let create = |object: &str| format!("object: {object}");
        for (why, user, namespace, request) in [
            ("another resource", CONTROLLER, "shop", create(STREAM)),
            ("another resource", CONTROLLER, "shop", create(MAPPING)),
            ("another resource", REGISTRY, "shop", create(IMPORT)),
            ("another resource", REGISTRY, "shop", create(STREAM)),
            ("another resource", CVO, "openshift", create(IMPORT)),
            ("another resource", CVO, "openshift", create(MAPPING)),
            ("another resource", SAMPLES, "openshift", create(MAPPING)),
            ("another namespace", CVO, "shop", create(STREAM)),
            ("another namespace", CVO_BEFORE, "openshifted", create(STREAM)),
            ("another namespace", SAMPLES, "not-openshift", create(STREAM)),
            ("another namespace", SAMPLES, "shop", create(IMPORT)),
            (
                "the status",
                CVO,
                "openshift",
                format!("subresource: status\nold: {{kind: ImageStream}}\nobject: {STREAM}"),
            ),
            (
                "another account there",
                "system:serviceaccount:openshift-infra:image-import-controller2",
                "shop",
                create(IMPORT),
            ),
            (
                "another account there",
                "system:serviceaccount:openshift-infra:default",
                "shop",
                create(IMPORT),
            ),
            (
                "the same account elsewhere",
                "system:serviceaccount:shop:image-import-controller",
                "shop",
                create(IMPORT),
            ),
            (
                "another case",
                "system:serviceaccount:openshift-infra:Image-Import-Controller",
                "shop",
                create(IMPORT),
            ),
            (
                "a name around it",
                "x:system:serviceaccount:openshift-infra:image-import-controller",
                "shop",
                create(IMPORT),
            ),
            (
                "white space",
                "system:serviceaccount:openshift-infra:image-import-controller ",
                "shop",
                create(IMPORT),
            ),
            (
                "acting for somebody else",
                "system:serviceaccount:openshift-infra:template-instance-controller",
                "openshift",
                create(STREAM),
            ),
            ("the loopback client", "system:apiserver", "shop", create(STREAM)),
            ("an administrator", "system:admin", "openshift", create(STREAM)),
        ] {
            let verdict = short(user, namespace, &request).verdict();
            assert!(!verdict.accepted, "{why}, {user}: {request}");
            assert_eq!(verdict.audit_annotations.get("exempted"), None, "{why}, {user}: {request}");
        }
    }

    #[test]
    fn the_name_alone_is_no_service_account() {
        const ALL: &str = "'system:serviceaccounts'";
        const OWN: &str = "'system:serviceaccounts:openshift-infra'";
        for (groups, is_one) in [
            (format!("{ALL}, {OWN}, 'system:authenticated'"), true),
            (format!("{OWN}, {ALL}"), true),
            (String::new(), false),
            ("'system:authenticated'".to_owned(), false),
            (ALL.to_owned(), false),
            (OWN.to_owned(), false),
            (format!("{ALL}, 'system:serviceaccounts:shop'"), false),
            (format!("{ALL}, 'system:serviceaccounts:'"), false),
            (format!("{ALL}, 'system:serviceaccounts:openshift-infra:image-import-controller'"), false),
            (format!("'system:masters', {OWN}"), false),
        ] {
            let request = format!("groups: [{groups}]\nobject: {IMPORT}");
            assert_eq!(short(CONTROLLER, "shop", &request).verdict().accepted, is_one, "{groups}");
        }
    }

    #[test]
    fn being_named_as_a_group_is_no_identity() {
        let request = format!(
            "groups: ['{CONTROLLER}', 'system:masters', 'system:serviceaccounts', 'system:serviceaccounts:openshift-infra']\nobject: {IMPORT}"
        );
        assert!(!short("dana", "shop", &request).verdict().accepted);
    }

    #[test]
    fn the_registry_may_move_tags_and_nothing_else() {
        let evil = "{kind: ImageStreamMapping, tag: latest, image: {metadata: {name: evil}, dockerImageReference: evil.example/web}}";
        let verdict = short(REGISTRY, "shop", &format!("object: {evil}")).verdict();
        let codes: Vec<String> = lines(&verdict).iter().map(|line| code_and_path(line).0).collect();
        assert_eq!(
            codes,
            [
                "pull-spec-mismatch",
                "reference-policy-mismatch",
                "source-kind-not-allowed",
                "source-not-allowed",
                "source-tag-not-allowed",
                "image-name-not-digest",
                "tag-name-invalid",
            ]
        );
    }

    #[test]
    fn integrity_holds_for_every_writer() {
        for user in [CONTROLLER, REGISTRY, CVO, SAMPLES, "system:apiserver", "system:admin"] {
            let verdict = short(
                user,
                "openshift",
                "object: {kind: Image, metadata: {name: evil}, dockerImageReference: nginx}",
            )
            .verdict();
            assert!(!verdict.accepted, "{user}");
        }
        let unreadable = "{kind: ImageStreamImport, spec: {import: true, images: [{from: {kind: DockerImage, name: quay.io}}]}}";
        let verdict = short(CONTROLLER, "shop", &format!("object: {unreadable}")).verdict();
        assert!(!verdict.accepted, "{verdict:?}");
    }

    #[test]
    fn without_platform_exemptions_nobody_is_special() {
        for (user, namespace, object) in [
            (CONTROLLER, "shop", IMPORT),
            (REGISTRY, "shop", MAPPING),
            (CVO, "openshift", STREAM),
            (SAMPLES, "openshift", STREAM),
        ] {
            let verdict = Short::parse(&format!(
                "settings: {{{SETTINGS}, platformExemptions: false}}\nuser: '{user}'\nnamespace: {namespace}\nobject: {object}"
            ))
            .verdict();
            assert!(!verdict.accepted, "{user}");
            assert!(!verdict.audit_annotations.contains_key("exempted"), "{user}");
        }
    }
}
