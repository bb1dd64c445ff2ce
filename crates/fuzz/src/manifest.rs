//! `Manifest::parse` and `digest_like`, against a reader of JSON that knows nothing of manifests.

use openshift_image_trust::{Content, Manifest, digest_like};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256, Sha384, Sha512};

/// The members that a manifest is read from.
const MEMBERS: [&str; 7] =
    ["schemaVersion", "mediaType", "config", "layers", "manifests", "fsLayers", "signatures"];

/// A manifest is what its members say, its digest is of the bytes that it is signed by, and no
/// reader sees another image in it.
pub fn check(input: &[u8]) {
    for (algorithm, hash) in [
        ("sha256", Sha256::digest(input).to_vec()),
        ("sha384", Sha384::digest(input).to_vec()),
        ("sha512", Sha512::digest(input).to_vec()),
    ] {
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest_like(&format!("{algorithm}:"), input), format!("{algorithm}:{hex}"));
    }
    let Ok(text) = str::from_utf8(input) else { return };
    match Manifest::parse(text) {
        Ok((manifest, signed)) => {
            let again = Manifest::parse(text).expect("as before");
            assert_eq!((format!("{manifest:?}"), &signed), (format!("{:?}", again.0), &again.1));
            let Ok(Value::Object(members)) = serde_json::from_str(text) else { return };
            is_what_it_says(&manifest, &signed, text, &members);
        }
        Err(reason) => {
            let reason = reason.to_string();
            assert!(!reason.is_empty());
            crate::assert_harmless(&reason);
        }
    }
}

fn is_what_it_says(manifest: &Manifest<'_>, signed: &[u8], text: &str, members: &Map<String, Value>) {
    let media_type = manifest.media_type.as_str();
    assert_eq!(media_type, text_of(members, "mediaType"));
    assert!(media_type.is_empty() || manifest.may_be(media_type));
    let digests = |list: &str, member: &str| -> Vec<String> {
        let list = members.get(list).and_then(Value::as_array).into_iter().flatten();
        list.map(|one| one.as_object().map_or("", |one| text_of(one, member)).to_owned()).collect()
    };
    let of = |list: &[openshift_image_trust::Descriptor<'_>]| -> Vec<String> {
        list.iter().map(|one| one.digest.as_str().to_owned()).collect()
    };
    match &manifest.content {
        Content::List(children) => {
            assert!(members["manifests"].is_array());
            assert_eq!(of(children), digests("manifests", "digest"));
        }
        Content::Image { config, layers } => {
            let said = members["config"].as_object().map_or("", |config| text_of(config, "digest"));
            assert_eq!(config.digest.as_str(), said);
            assert_eq!(of(layers), digests("layers", "digest"));
        }
        Content::Schema1 { layers, .. } => {
            let mut said = digests("fsLayers", "blobSum");
            said.reverse();
            assert_eq!(*layers, said);
        }
    }
    let is_list = matches!(manifest.content, Content::List(_));
    assert!(is_list || !members.get("manifests").is_some_and(Value::is_array), "two manifests in one");
    let is_schema_1 = matches!(manifest.content, Content::Schema1 { .. });
    if !is_schema_1 || members.get("signatures").is_none_or(Value::is_null) {
        assert_eq!(signed, text.as_bytes());
    } else {
        let mut signed: Map<String, Value> = serde_json::from_slice(signed).expect("JSON");
        let mut members = members.clone();
        signed.remove("signatures");
        members.remove("signatures");
        assert_eq!(signed, members);
    }
    is_read_in_one_way(members, &MEMBERS);
    let of = |members: &Map<String, Value>, name: &str| -> Vec<Map<String, Value>> {
        match members.get(name) {
            Some(Value::Object(one)) => vec![one.clone()],
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_object).cloned().collect(),
            _ => Vec::new(),
        }
    };
    for part in ["config", "layers", "manifests", "fsLayers"].iter().flat_map(|list| of(members, list)) {
        is_read_in_one_way(&part, &["mediaType", "digest", "size", "platform", "blobSum"]);
        for platform in of(&part, "platform") {
            is_read_in_one_way(&platform, &["architecture", "os", "variant"]);
        }
    }
}

/// Readers in Go find a member under any spelling that folds to its name, and the last one counts.
fn is_read_in_one_way(members: &Map<String, Value>, names: &[&str]) {
    for name in members.keys() {
        assert!(!names.iter().any(|known| folds_to(name, known) && name != known), "{name:?}");
    }
}

/// Whether Go's `encoding/json` takes one name for the other: letters in either case, and the two
/// that fold to ASCII, `ſ` and the Kelvin sign.
fn folds_to(name: &str, known: &str) -> bool {
    name.replace('\u{17f}', "s").replace('\u{212a}', "k").eq_ignore_ascii_case(known)
}

fn text_of<'m>(members: &'m Map<String, Value>, name: &str) -> &'m str {
    members.get(name).and_then(Value::as_str).unwrap_or_default()
}
