//! The fields of `image.openshift.io/v1` (openshift/api `image/v1/types.go`), so that a misspelt one is
//! noticed: the API server drops it without a word.

/// Types with their fields; `field=Type` leads on to another type, through a list or not. What is below a
/// field without a type is not looked at.
const TYPES: &[(&str, &str)] = &[
    (
        "Image",
        "apiVersion kind metadata=ObjectMeta dockerImageReference dockerImageMetadata dockerImageMetadataVersion \
         dockerImageManifest dockerImageLayers=ImageLayer signatures=ImageSignature dockerImageSignatures \
         dockerImageManifestMediaType dockerImageConfig dockerImageManifests=ImageManifest",
    ),
    ("ImageLayer", "name size mediaType"),
    ("ImageManifest", "digest mediaType manifestSize architecture os variant"),
    (
        "ImageSignature",
        "apiVersion kind metadata=ObjectMeta type content conditions=SignatureCondition imageIdentity signedClaims \
         created issuedBy=SignatureIssuer issuedTo=SignatureSubject",
    ),
    ("SignatureCondition", "type status lastProbeTime lastTransitionTime reason message"),
    ("SignatureIssuer", "organization commonName"),
    ("SignatureSubject", "organization commonName publicKeyID"),
    ("ImageStream", "apiVersion kind metadata=ObjectMeta spec=ImageStreamSpec status=ImageStreamStatus"),
    ("ImageStreamSpec", "lookupPolicy=ImageLookupPolicy dockerImageRepository tags=TagReference"),
    ("ImageLookupPolicy", "local"),
    (
        "TagReference",
        "name annotations from=ObjectReference reference generation importPolicy=TagImportPolicy \
         referencePolicy=TagReferencePolicy",
    ),
    ("TagImportPolicy", "insecure scheduled importMode"),
    ("TagReferencePolicy", "type"),
    ("ObjectReference", "kind namespace name uid apiVersion resourceVersion fieldPath"),
    ("ImageStreamStatus", "dockerImageRepository publicDockerImageRepository tags=NamedTagEventList"),
    ("NamedTagEventList", "tag items=TagEvent conditions=TagEventCondition"),
    ("TagEvent", "created dockerImageReference image generation"),
    ("TagEventCondition", "type status lastTransitionTime reason message generation"),
    ("ImageStreamImage", "apiVersion kind metadata=ObjectMeta image=Image"),
    (
        "ImageStreamImport",
        "apiVersion kind metadata=ObjectMeta spec=ImageStreamImportSpec status=ImageStreamImportStatus",
    ),
    ("ImageStreamImportSpec", "import repository=RepositoryImportSpec images=ImageImportSpec"),
    (
        "RepositoryImportSpec",
        "from=ObjectReference importPolicy=TagImportPolicy referencePolicy=TagReferencePolicy includeManifest",
    ),
    (
        "ImageImportSpec",
        "from=ObjectReference to=LocalObjectReference importPolicy=TagImportPolicy \
         referencePolicy=TagReferencePolicy includeManifest",
    ),
    ("LocalObjectReference", "name"),
    (
        "ImageStreamImportStatus",
        "import=ImageStream repository=RepositoryImportStatus images=ImageImportStatus",
    ),
    ("RepositoryImportStatus", "status images=ImageImportStatus additionalTags"),
    ("ImageImportStatus", "status image=Image tag manifests=Image"),
    ("ImageStreamLayers", "apiVersion kind metadata=ObjectMeta blobs images"),
    ("ImageStreamMapping", "apiVersion kind metadata=ObjectMeta image=Image tag"),
    (
        "ImageStreamTag",
        "apiVersion kind metadata=ObjectMeta tag=TagReference generation lookupPolicy=ImageLookupPolicy \
         conditions=TagEventCondition image=Image",
    ),
    (
        "ImageTag",
        "apiVersion kind metadata=ObjectMeta spec=TagReference status=NamedTagEventList image=Image",
    ),
    (
        "ObjectMeta",
        "name generateName namespace selfLink uid resourceVersion generation creationTimestamp deletionTimestamp \
         deletionGracePeriodSeconds labels annotations ownerReferences finalizers clusterName managedFields",
    ),
    ("SecretList", "apiVersion kind metadata items"),
];

/// A field of a type: its name, and the type that it leads to.
pub(super) type Field = (&'static str, Option<&'static str>);

/// The fields of a type; none where it has no table.
pub(super) fn of(name: &str) -> Option<impl Iterator<Item = Field>> {
    let (_, fields) = TYPES.iter().find(|(known, _)| *known == name)?;
    Some(fields.split_whitespace().map(|field| match field.split_once('=') {
        Some((field, leads_to)) => (field, Some(leads_to)),
        None => (field, None),
    }))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use openshift_image_trust::{GROUP, SERVED};

    use super::*;

    #[test]
    fn every_kind_and_every_type_has_its_fields() {
        // What runs is of other APIs, whose fields are no concern here.
        for served in SERVED.iter().filter(|served| served.group == GROUP) {
            assert!(of(served.name).is_some(), "{}", served.name);
        }
        for (name, _) in TYPES {
            for (field, leads_to) in of(name).unwrap() {
                assert!(leads_to.is_none_or(|leads_to| of(leads_to).is_some()), "{name}.{field}");
            }
        }
    }
}
