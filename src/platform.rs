//! What the platform's own writers may do that others may not.
//!
//! They keep working on the requests that they really make, and get nothing more: identity,
//! resource and rules are all listed. Who acts for somebody else (the template controller,
//! builders, deployers) is not here, and integrity rules hold for everybody.

use crate::request::{AdmissionRequest, Operation};

/// A writer, and the rules that do not hold for its requests.
#[derive(Debug)]
pub struct PlatformWriter {
    /// User name.
    user: &'static str,
    /// What it really asks for.
    requests: &'static [(Operation, &'static str)],
    /// Where: the namespaces that belong to the platform, or all.
    platform_namespaces_only: bool,
    /// The rules that are lifted.
    rules: &'static [&'static str],
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

static WRITERS: &[PlatformWriter] = &[
    PlatformWriter {
        user: "system:serviceaccount:openshift-infra:image-import-controller",
        requests: &[(Operation::Create, "imagestreamimports")],
        platform_namespaces_only: false,
        rules: REFERENCE_RULES,
        reason: "the import controller replays what the stream's spec says",
    },
    PlatformWriter {
        user: "system:serviceaccount:openshift-image-registry:registry",
        requests: &[(Operation::Create, "imagestreammappings")],
        platform_namespaces_only: false,
        // Whether a push moves a tag is not in the request.
        rules: &["tag-moved"],
        reason: "the integrated registry records a push",
    },
    PlatformWriter {
        user: "system:serviceaccount:openshift-cluster-version:cluster-version-operator",
        requests: IMAGE_STREAMS,
        platform_namespaces_only: true,
        rules: REFERENCE_RULES,
        reason: "the release payload maintains its own streams",
    },
    // Older releases run it under the namespace's default account.
    PlatformWriter {
        user: "system:serviceaccount:openshift-cluster-version:default",
        requests: IMAGE_STREAMS,
        platform_namespaces_only: true,
        rules: REFERENCE_RULES,
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
        rules: REFERENCE_RULES,
        reason: "the samples operator maintains its own streams",
    },
];

/// The writer for whose request the rule does not hold.
#[must_use]
pub fn lifts(code: &str, request: &AdmissionRequest<'_>) -> Option<&'static PlatformWriter> {
    let namespace = request.namespace.as_str();
    let asked = (request.operation, request.resource.as_str());
    WRITERS.iter().find(|writer| {
        writer.user == request.user.username.as_str()
            && request.sub_resource.is_empty()
            && writer.requests.contains(&asked)
            && (!writer.platform_namespaces_only
                || namespace == "openshift"
                || namespace.starts_with("openshift-"))
            && writer.rules.contains(&code)
    })
}
