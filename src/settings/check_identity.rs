//! Identities that no signature can have.

use crate::json::path::FieldPath;
use crate::oci::named::Named;
use crate::oci::reference::{self, PullSpec};
use crate::quote::quote;
use crate::settings::problem::Problems;
use crate::settings::trust::SignedIdentity;

/// Checks an identity.
pub fn check(identity: &SignedIdentity, at: &FieldPath, problems: &mut Problems) {
    for (key, text, reason) in never_matches(identity) {
        problems.complain(&at.clone().key(key), format!("{} {reason}", quote(text)));
    }
}

/// Returns what keeps an identity from ever matching: the key to blame, its value, and the reason as the
/// end of a sentence.
fn never_matches(identity: &SignedIdentity) -> Vec<(&'static str, &str, String)> {
    match identity {
        SignedIdentity::ExactReference(exact) => {
            let text = exact.docker_reference.as_str();
            let reason = match named(text) {
                Ok(named) if named.is_name_only() => Some("has neither tag nor digest".to_owned()),
                other => other.err(),
            };
            reason.into_iter().map(|reason| ("dockerReference", text, reason)).collect()
        }
        SignedIdentity::ExactRepository(exact) => {
            let text = exact.docker_repository.as_str();
            named(text).err().into_iter().map(|reason| ("dockerRepository", text, reason)).collect()
        }
        SignedIdentity::RemapIdentity(remap) => {
            let prefixes =
                [("prefix", remap.prefix.as_str()), ("signedPrefix", remap.signed_prefix.as_str())];
            prefixes
                .into_iter()
                .filter_map(|(key, text)| Some((key, text, prefix_fault(text)?.to_owned())))
                .collect()
        }
        SignedIdentity::MatchExact(_)
        | SignedIdentity::MatchRepoDigestOrExact(_)
        | SignedIdentity::MatchRepository(_) => Vec::new(),
    }
}

fn named(text: &str) -> Result<Named, String> {
    PullSpec::parse(text).map_err(|error| error.to_string())?;
    Named::parse(text).ok_or_else(|| {
        "is not a reference as signatures carry it: digest in lower case, no name of 64 hex digits".to_owned()
    })
}

/// A prefix is `host[:port]`, or a repository or namespace below it, as normalised names have it.
fn prefix_fault(text: &str) -> Option<&'static str> {
    let host = text.split('/').next().unwrap_or_default();
    // Two components, so that nothing is taken for an official image of Docker Hub.
    let below = format!("{text}/x/x");
    match Named::parse(&below) {
        Some(named) if reference::is_host(host) && named.is_name_only() => {
            (named.name != below).then_some("is never in a normalised name: write `docker.io`")
        }
        _ => Some("is not a registry host or a path below one, without tag and digest"),
    }
}

#[cfg(test)]
mod tests {
    use crate::settings::tests::assert_problems;

    #[test]
    fn an_identity_that_could_never_match_is_refused() {
        let identity = |identity: &str| {
            format!(
                r#"{{"signers":[{{"name":"a","openpgp":"x"}}],"trust":{{"default":[{{"type":"signedBy","signers":["a"],"signedIdentity":{identity}}}]}}}}"#
            )
        };
        let at = "trust.default[0].signedIdentity";
        let carried =
            "is not a reference as signatures carry it: digest in lower case, no name of 64 hex digits";
        let prefix = "is not a registry host or a path below one, without tag and digest";
        assert_problems(&[
            (&identity(r#"{"type":"matchExact"}"#), &[]),
            (&identity(r#"{"type":"exactReference","dockerReference":"quay.io/a:1"}"#), &[]),
            (
                &identity(r#"{"type":"exactReference","dockerReference":"quay.io/a"}"#),
                &[&format!("{at}.dockerReference: `quay.io/a` has neither tag nor digest")],
            ),
            (
                &identity(r#"{"type":"exactRepository","dockerRepository":"quay.io"}"#),
                &[&format!("{at}.dockerRepository: `quay.io` is read as a registry without a repository")],
            ),
            (
                &identity(
                    r#"{"type":"remapIdentity","prefix":"mirror.example","signedPrefix":"quay.io/acme"}"#,
                ),
                &[],
            ),
            (
                &identity(r#"{"type":"remapIdentity","prefix":"mirror","signedPrefix":"quay.io/a:1"}"#),
                &[
                    &format!("{at}.prefix: `mirror` {prefix}"),
                    &format!("{at}.signedPrefix: `quay.io/a:1` {prefix}"),
                ],
            ),
            (
                &identity(&format!(
                    r#"{{"type":"exactReference","dockerReference":"quay.io/a@sha256:{}"}}"#,
                    "A".repeat(64)
                )),
                &[&format!("{at}.dockerReference: `quay.io/a@sha256:{}` {carried}", "A".repeat(64))],
            ),
            (
                &identity(&format!(
                    r#"{{"type":"exactRepository","dockerRepository":"{}"}}"#,
                    "a".repeat(64)
                )),
                &[&format!("{at}.dockerRepository: `{}` {carried}", "a".repeat(64))],
            ),
            (
                &identity(
                    r#"{"type":"remapIdentity","prefix":"index.docker.io","signedPrefix":"docker.io/library"}"#,
                ),
                &[&format!(
                    "{at}.prefix: `index.docker.io` is never in a normalised name: write `docker.io`"
                )],
            ),
            (
                &identity(r#"{"type":"remapIdentity","prefix":"m.example/Ns","signedPrefix":"docker.io"}"#),
                &[&format!("{at}.prefix: `m.example/Ns` {prefix}")],
            ),
            (
                &identity(r#"{"type":"matchexact"}"#),
                &[&format!("{at}.type: unknown type `matchexact`: did you mean `matchExact`?")],
            ),
        ]);
    }
}
