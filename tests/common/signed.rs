//! Images with signatures of `tests/signatures`, through each door, for rules about signatures.

use super::Short;

/// The image that the generated signatures are for.
pub const D: &str = "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1";
/// Settings that know one of the keys which made them.
pub const ACME: &str = "{signers: [{name: acme, openpgp: <generated/keys/ed.asc>}]}";

pub fn signature(content: &str, more: &str) -> String {
    format!("{{metadata: {{name: '{D}@one'}}, type: atomic, content: <generated/sigs/{content}.sig>{more}}}")
}

pub fn image(signatures: &str) -> String {
    format!(
        "{{metadata: {{name: '{D}'}}, dockerImageReference: 'registry.test/ns/app@{D}', signatures: [{signatures}]}}"
    )
}

pub fn object(signatures: &str) -> String {
    image(signatures).replacen('{', "{kind: Image, ", 1)
}

/// A request through each door, and where the signature stands in it.
pub fn doors(settings: &str, signature: &str) -> [(&'static str, String, &'static str); 5] {
    let settings = format!("settings: {settings}\n");
    let image = image(signature);
    let alone = signature.replacen('{', "{kind: ImageSignature, ", 1);
    [
        ("ImageSignature", format!("{settings}object: {alone}"), ""),
        ("Image create", format!("{settings}object: {}", object(signature)), "signatures[0]."),
        (
            "Image update",
            format!("{settings}old: {}\nobject: {}", object(""), object(signature)),
            "signatures[0].",
        ),
        (
            "mapping",
            format!("{settings}object: {{kind: ImageStreamMapping, tag: v1, image: {image}}}"),
            "image.signatures[0].",
        ),
        (
            "ImageStreamImage",
            format!("{settings}object: {{kind: ImageStreamImage, image: {image}}}"),
            "image.signatures[0].",
        ),
    ]
}

/// A line as the answer has it: with the signature's name behind a path into a list of them.
pub fn named(line: &str) -> String {
    match line.split_once(": ") {
        Some((path, rest)) if path.contains("signatures[") => {
            format!("{path} (signature `{}…@one`): {rest}", &D[..19])
        }
        _ => line.to_owned(),
    }
}

/// The importer gets a warning where others are refused.
pub fn assert_softened(code: &str, short: &str, expected: &str) {
    let importer = Short::parse(&format!(
        "user: system:serviceaccount:openshift-infra:image-import-controller\n{short}"
    ));
    let verdict = importer.verdict();
    assert!(verdict.accepted, "{verdict:?}");
    let expected = openshift_image_trust::shorten_digests(&format!("{expected} [{code}]"));
    assert_eq!(verdict.warnings, [expected]);
    for user in ["dana", "system:apiserver", "system:serviceaccount:openshift-infra:image-import-controller2"]
    {
        let verdict = Short::parse(&format!("user: {user}\n{short}")).verdict();
        assert!(!verdict.accepted && verdict.code == Some(403), "{user}: {verdict:?}");
    }
}

/// The importer is held to it.
pub fn assert_held(code: &str, short: &str) {
    let short = format!("user: system:serviceaccount:openshift-infra:image-import-controller\n{short}");
    let verdict = Short::parse(&short).verdict();
    assert!(!verdict.accepted && verdict.code == Some(403), "{verdict:?}");
    assert!(verdict.message.iter().any(|message| message.contains(code)), "{verdict:?}");
}

pub fn update(settings: &str, old: &str, new: &str) -> String {
    format!("settings: {settings}\nold: {}\nobject: {}", object(old), object(new))
}
