//! What a requirement of sigstore signatures must say, so that the host can be asked.

use crate::json::path::FieldPath;
use crate::settings::problem::Problems;
use crate::settings::trust::SigstoreSigned;

/// Checks a requirement.
pub fn check(signed: &SigstoreSigned, at: &FieldPath, problems: &mut Problems) {
    let ways = [
        !signed.public_keys.is_empty(),
        !signed.keyless.is_empty(),
        !signed.keyless_prefix.is_empty(),
        signed.github_actions.is_some(),
        signed.certificate.is_some(),
    ];
    if ways.into_iter().filter(|way| *way).count() != 1 && problems.is_read(at) {
        let message =
            "has not exactly one of `publicKeys`, `keyless`, `keylessPrefix`, `githubActions`, `certificate`";
        problems.complain(at, message);
    }
    let mut need = |holds: bool, at: FieldPath, what: &str| {
        if !holds {
            problems.complain(&at, what);
        }
    };
    const NOTHING: &str = "is empty";
    for (index, key) in signed.public_keys.iter().enumerate() {
        let at = at.clone().key("publicKeys").index(index);
        need(key.contains("-----BEGIN PUBLIC KEY-----"), at, "is not a public key in PEM");
    }
    for (index, identity) in signed.keyless.iter().enumerate() {
        let at = at.clone().key("keyless").index(index);
        need(!identity.issuer.is_empty(), at.clone().key("issuer"), NOTHING);
        need(!identity.subject.is_empty(), at.key("subject"), NOTHING);
    }
    for (index, identity) in signed.keyless_prefix.iter().enumerate() {
        let at = at.clone().key("keylessPrefix").index(index);
        need(!identity.issuer.is_empty(), at.clone().key("issuer"), NOTHING);
        need(
            is_url(&identity.url_prefix),
            at.key("urlPrefix"),
            "is not a URL such as `https://github.com/acme/`",
        );
    }
    if let Some(actions) = &signed.github_actions {
        let at = at.clone().key("githubActions");
        // The host compares with one component of a path.
        let is_name = |name: &str| !name.is_empty() && !name.contains('/');
        need(
            is_name(&actions.owner),
            at.clone().key("owner"),
            "is not the name of a user or an organisation",
        );
        need(actions.repo.as_deref().is_none_or(is_name), at.key("repo"), "is not the name of a repository");
    }
    if let Some(certificate) = &signed.certificate {
        let at = at.clone().key("certificate");
        let is_pem = |text: &str| text.contains("-----BEGIN CERTIFICATE-----");
        need(is_pem(&certificate.certificate), at.clone().key("certificate"), "is not a certificate in PEM");
        for (index, link) in certificate.chain.iter().enumerate() {
            need(is_pem(link), at.clone().key("chain").index(index), "is not a certificate in PEM");
        }
    }
}

/// Whether the text is a URL. The host does not survive others.
fn is_url(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://") else { return false };
    let authority = rest.split('/').next().unwrap_or_default();
    let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
    let is_name = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
    !host.is_empty()
        && host.chars().all(is_name)
        && port.parse::<u16>().is_ok()
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use crate::settings::tests::assert_problems;

    #[test]
    fn sigstore_signatures_are_by_somebody() {
        let asked = |by: &str| format!(r#"{{"trust":{{"default":[{{"type":"sigstoreSigned"{by}}}]}}}}"#);
        let key = r#""-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----""#;
        let certificate = r#""-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----""#;
        let at = "trust.default[0]";
        let url = "is not a URL such as `https://github.com/acme/`";
        let by = format!(
            "{at}: has not exactly one of `publicKeys`, `keyless`, `keylessPrefix`, `githubActions`, `certificate`"
        );
        let prefix =
            |url: &str| asked(&format!(r#","keylessPrefix":[{{"issuer":"x","urlPrefix":"{url}"}}]"#));
        for good in ["https://github.com/acme/", "https://a", "https://a-b.test:8443/x?y#z"] {
            assert_problems(&[(&prefix(good), &[])]);
        }
        for bad in [
            "",
            "http://a/",
            "https:///x",
            "https://:1/",
            "https://a:65536/",
            "https://a_b/",
            "https://a@b/",
            "https://a/b c",
            r"https://a/\u0007",
            r"https://a/\u00a0",
        ] {
            assert_problems(&[(&prefix(bad), &[&format!("{at}.keylessPrefix[0].urlPrefix: {url}")])]);
        }
        assert_problems(&[
            (&asked(&format!(r#","publicKeys":[{key}]"#)), &[]),
            (&asked(&format!(r#","publicKeys":[{key}],"keys":"any","annotations":{{"env":"prod"}}"#)), &[]),
            (&asked(r#","keyless":[{"issuer":"https://issuer","subject":"a@b.example"}]"#), &[]),
            (&asked(r#","keylessPrefix":[{"issuer":"https://issuer","urlPrefix":"https://a/"}]"#), &[]),
            (&asked(r#","githubActions":{"owner":"acme"}"#), &[]),
            (&asked(r#","githubActions":{"owner":"acme","repo":"app"}"#), &[]),
            (
                &asked(&format!(
                    r#","certificate":{{"certificate":{certificate},"chain":[{certificate}],"requireRekorBundle":false}}"#
                )),
                &[],
            ),
            (&asked(""), &[&by]),
            (&asked(r#","publicKeys":[]"#), &[&by]),
            (&asked(&format!(r#","publicKeys":[{key}],"githubActions":{{"owner":"acme"}}"#)), &[&by]),
            (&asked(r#","publicKeys":["x"]"#), &[&format!("{at}.publicKeys[0]: is not a public key in PEM")]),
            (&asked(r#","keyless":[{"issuer":"x"}]"#), &[&format!("{at}.keyless[0]: `subject` is missing")]),
            (
                &asked(r#","keyless":[{"issuer":"","subject":""}]"#),
                &[
                    &format!("{at}.keyless[0].issuer: is empty"),
                    &format!("{at}.keyless[0].subject: is empty"),
                ],
            ),
            (
                &asked(
                    r#","keylessPrefix":[{"issuer":"x","urlPrefix":"github.com/acme"},{"issuer":"","urlPrefix":"https://a:b/"}]"#,
                ),
                &[
                    &format!("{at}.keylessPrefix[0].urlPrefix: {url}"),
                    &format!("{at}.keylessPrefix[1].issuer: is empty"),
                    &format!("{at}.keylessPrefix[1].urlPrefix: {url}"),
                ],
            ),
            (
                &asked(r#","githubActions":{"owner":"","repo":"acme/app"}"#),
                &[
                    &format!("{at}.githubActions.owner: is not the name of a user or an organisation"),
                    &format!("{at}.githubActions.repo: is not the name of a repository"),
                ],
            ),
            (
                &asked(r#","certificate":{"certificate":"x","chain":["y"]}"#),
                &[
                    &format!("{at}.certificate.certificate: is not a certificate in PEM"),
                    &format!("{at}.certificate.chain[0]: is not a certificate in PEM"),
                ],
            ),
        ]);
    }
}
