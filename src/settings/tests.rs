//! What settings are refused, each with its path.

use super::*;

pub(super) fn problems(settings: &str) -> Vec<String> {
    match Settings::parse(settings) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

pub(super) fn assert_problems(table: &[(&str, &[&str])]) {
    for (settings, expected) in table {
        assert_eq!(problems(settings), *expected, "{settings}");
    }
}

#[test]
fn nothing_written_is_valid_and_every_key_has_a_default() {
    for settings in
        ["{}", "null", " {} ", r#"{"references":{},"images":{},"rules":{},"limits":{},"exemptions":[]}"#]
    {
        assert_problems(&[(settings, &[])]);
    }
    let settings = Settings::default();
    assert!(settings.platform_exemptions && settings.references.allow.is_none());
    assert_eq!(settings.limits.violations_reported, 20);
}

/// What somebody wrote to forbid something, and would forbid nothing; or to exempt nobody.
#[test]
fn what_means_less_than_it_says_is_refused() {
    for (settings, expected) in [
        (
            r#"{"exemptions":[{"reason":"r","users":[],"namespaces":["shop"]}]}"#,
            "exemptions[0].users: is empty: leave it out where it does not matter",
        ),
        (
            r#"{"exemptions":[{"reason":"r","groups":["g"],"scopes":[]}]}"#,
            "exemptions[0].scopes: is empty: leave it out where it does not matter",
        ),
        (
            r#"{"exemptions":[{"reason":"r","scopes":["quay.io"],"rules":["digest-missing","layers-mismatch"]}]}"#,
            "exemptions[0].rules[1]: `scopes` never lift `layers-mismatch`, which is not about a source",
        ),
        (
            r#"{"exemptions":[{"reason":"r","scopes":["quay.io"],"rules":["reference-unparsable"]}]}"#,
            "exemptions[0].rules[0]: `scopes` never lift `reference-unparsable`, which is not about a source",
        ),
        (
            r#"{"exemptions":[{"reason":"r","namespaces":["Shop"]}]}"#,
            "exemptions[0].namespaces[0]: `Shop` can match no namespace",
        ),
        (
            r#"{"exemptions":[{"reason":"r","users":["^dana"]}]}"#,
            "exemptions[0].users[0]: `^dana` is a glob, in which `^` and `$` stand for themselves",
        ),
        (
            r#"{"references":{"sourceTags":{"deny":["^latest$"]}}}"#,
            "references.sourceTags.deny[0]: `^latest$` is a glob, in which `^` and `$` stand for themselves",
        ),
        (
            r#"{"references":{"sourceTags":{"deny":["latest","dev|test"]}}}"#,
            "references.sourceTags.deny[1]: `dev|test` can match no tag",
        ),
        (
            r#"{"references":{"namespaces":["shared_*"]}}"#,
            "references.namespaces[0]: `shared_*` can match no namespace",
        ),
        (
            r#"{"references":{"deny":["*.docker.io"]}}"#,
            "references.deny[0]: scope `*.docker.io` holds nothing: write `docker.io`, which stands for each of the Hub's names",
        ),
        (
            r#"{"references":{"pinned":["quay.io/a@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25"]}}"#,
            "references.pinned[0]: scope `quay.io/a@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25` has a digest already",
        ),
    ] {
        assert_problems(&[(settings, &[expected])]);
    }
    for key in ["tagNames", "immutableTags", "sourceTags.allow"] {
        for (pattern, matches) in [
            ("v*", true),
            ("", true),
            (".*", true),
            ("^v?", true),
            ("latest|", true),
            ("^v", false),
            (".", false),
        ] {
            let value = match key.split_once('.') {
                Some((key, inner)) => serde_json::json!({key: {inner: pattern}}),
                None => serde_json::json!({key: pattern}),
            };
            let settings = serde_json::json!({"references": value}).to_string();
            let problems: Vec<String> = match Settings::parse(&settings) {
                Ok(settings) => settings.check_thoroughly(UtcDateTime::UNIX_EPOCH),
                Err(problems) => problems,
            }
            .iter()
            .map(ToString::to_string)
            .collect();
            let shown = if pattern.is_empty() { "\"\"" } else { pattern };
            let expected = format!(
                "references.{key}: `{shown}` matches the empty name, and so may match every one: write `.` for any name"
            );
            assert_eq!(problems, if matches { vec![expected] } else { Vec::new() }, "{pattern}");
        }
    }
}

#[test]
fn every_key_that_needs_no_signer_is_read() {
    let settings = Settings::parse(
        r#"{
            "references": {
                "kinds": ["DockerImage", "ImageStreamTag", "ImageStreamImage"],
                "allow": ["registry.redhat.io", "quay.io/acme", "*.corp.example"],
                "deny": ["docker.io"],
                "namespaces": ["openshift", "shared-*"],
                "pinned": ["quay.io", ""],
                "sourceTags": {"deny": ["latest", "*-rc*"], "allow": "^v\\d+"},
                "tagNames": "^[a-z0-9.-]+$",
                "immutableTags": "^v\\d",
                "referencePolicy": {"registry.redhat.io": "Local", "": "Source"},
                "importMode": ["PreserveOriginal"],
                "insecure": ["registry.lab.example:5000"],
                "scheduled": ["registry.redhat.io"]
            },
            "images": {"mediaTypes": ["application/vnd.oci.image.manifest.v1+json"]},
            "rules": {"scheduled-import": "deny", "digest-missing": "warn", "local-lookup": "off"},
            "exemptions": [{
                "reason": "cluster operators maintain their own streams",
                "until": "2027-03-31",
                "users": ["system:serviceaccount:openshift-cluster-version:*"],
                "groups": ["developers"],
                "namespaces": ["openshift", "openshift-*"],
                "scopes": ["quay.io"],
                "rules": ["digest-missing"]
            }],
            "platformExemptions": true,
            "limits": {"signatureBytes": 65536, "payloadBytes": 65536, "signaturesPerImage": 32, "violationsReported": 20}
        }"#,
    );
    let problems = settings.as_ref().map(|settings| settings.check_thoroughly(crate::testing::NOW));
    assert_eq!(problems.ok(), Some(Vec::new()));
}

#[test]
fn an_unknown_key_is_refused_at_every_level_with_the_nearest_name() {
    assert_problems(&[
        (r#"{"refrences":{}}"#, &["settings: unknown key `refrences`: did you mean `references`?"]),
        (r#"{"References":{}}"#, &["settings: unknown key `References`: did you mean `references`?"]),
        (
            r#"{"nonsense":1}"#,
            &[
                "settings: unknown key `nonsense`: known: `signers`, `trust`, `references`, `images`, `rules`, `exemptions`, \
               `platformExemptions`, `limits`, `answers`",
            ],
        ),
        (r#"{"references":{"alow":[]}}"#, &["references: unknown key `alow`: did you mean `allow`?"]),
        (
            r#"{"references":{"sourceTags":{"denny":[]}}}"#,
            &["references.sourceTags: unknown key `denny`: did you mean `deny`?"],
        ),
        (
            r#"{"images":{"mediatypes":[]}}"#,
            &["images: unknown key `mediatypes`: did you mean `mediaTypes`?"],
        ),
        (
            r#"{"exemptions":[{"reason":"x","users":["a"],"namespace":[]}]}"#,
            &["exemptions[0]: unknown key `namespace`: did you mean `namespaces`?"],
        ),
        (
            r#"{"limits":{"violationReported":1}}"#,
            &["limits: unknown key `violationReported`: did you mean `violationsReported`?"],
        ),
        (
            r#"{"rules":{"digest-mising":"warn"}}"#,
            &["rules.digest-mising: `digest-mising` is not a rule: did you mean `digest-missing`?"],
        ),
        (r#"{"rules":{"everything":"off"}}"#, &["rules.everything: `everything` is not a rule"]),
        (
            r#"{"rules":{"request-unreadable":"off"}}"#,
            &["rules.request-unreadable: `request-unreadable` cannot be changed"],
        ),
        (
            r#"{"exemptions":[{"reason":"x","users":["a"],"rules":["tag-move","request-unreadable"]}]}"#,
            &[
                "exemptions[0].rules[0]: `tag-move` is not a rule: did you mean `tag-moved`?",
                "exemptions[0].rules[1]: `request-unreadable` cannot be changed",
            ],
        ),
        (
            r#"{"a\u001b[2Jb":1}"#,
            &["settings: unknown key `a\\u{1b}[2Jb`: known: `signers`, `trust`, `references`, `images`, \
                                   `rules`, `exemptions`, `platformExemptions`, `limits`, `answers`"],
        ),
    ]);
}

#[test]
fn a_key_that_is_written_twice_is_refused_at_every_level() {
    assert_problems(&[
        (r#"{"rules":{},"rules":{}}"#, &["rules: duplicate key"]),
        (r#"{"references":{"allow":[],"allow":["quay.io"]}}"#, &["references.allow: duplicate key"]),
        (r#"{"limits":{"payloadBytes":1,"payloadBytes":1}}"#, &["limits.payloadBytes: duplicate key"]),
        (r#"{"rules":{"tag-moved":"warn","tag-moved":"warn"}}"#, &["rules.tag-moved: duplicate key"]),
        (
            r#"{"references":{"referencePolicy":{"docker.io":"Local","Index.Docker.io":"Source"}}}"#,
            &["references.referencePolicy[Index.Docker.io]: duplicate key"],
        ),
        (
            r#"{"exemptions":[{"reason":"x","reason":"y","users":["a"]}]}"#,
            &["exemptions[0].reason: duplicate key"],
        ),
    ]);
}

#[test]
fn another_type_is_refused_and_null_is_no_way_to_leave_something_out() {
    assert_problems(&[
        ("[]", &["settings: expected an object, found a list"]),
        ("5", &["settings: expected an object, found the number 5"]),
        (r#""x""#, &["settings: expected an object, found the string `x`"]),
        (r#"{"references":null}"#, &["references: expected an object, found null"]),
        (r#"{"references":[]}"#, &["references: expected an object, found a list"]),
        (r#"{"references":{"allow":null}}"#, &["references.allow: expected a list, found null"]),
        (
            r#"{"references":{"allow":"quay.io"}}"#,
            &["references.allow: expected a list, found the string `quay.io`"],
        ),
        (
            r#"{"references":{"allow":[5,{}]}}"#,
            &[
                "references.allow[0]: expected a string, found the number 5",
                "references.allow[1]: expected a string, found an object",
            ],
        ),
        (r#"{"references":{"allow":[null]}}"#, &["references.allow[0]: expected a string, found null"]),
        (r#"{"references":{"tagNames":["a"]}}"#, &["references.tagNames: expected a string, found a list"]),
        (
            r#"{"references":{"sourceTags":{"allow":["a"]}}}"#,
            &["references.sourceTags.allow: expected a string, found a list"],
        ),
        (
            r#"{"references":{"kinds":["dockerImage"]}}"#,
            &[
                "references.kinds[0]: expected one of `DockerImage`, `ImageStreamTag`, `ImageStreamImage`, found the string `dockerImage`",
            ],
        ),
        (
            r#"{"references":{"importMode":"Legacy"}}"#,
            &["references.importMode: expected a list, found the string `Legacy`"],
        ),
        (
            r#"{"references":{"referencePolicy":{"quay.io":"local"}}}"#,
            &[
                "references.referencePolicy[quay.io]: expected one of `Local`, `Source`, found the string `local`",
            ],
        ),
        (
            r#"{"references":{"referencePolicy":"Local"}}"#,
            &["references.referencePolicy: expected an object, found the string `Local`"],
        ),
        (
            r#"{"rules":{"tag-moved":false}}"#,
            &["rules.tag-moved: expected one of `deny`, `warn`, `off`, found `false`"],
        ),
        (
            r#"{"rules":{"tag-moved":"Deny"}}"#,
            &["rules.tag-moved: expected one of `deny`, `warn`, `off`, found the string `Deny`"],
        ),
        (r#"{"rules":["tag-moved"]}"#, &["rules: expected an object, found a list"]),
        (
            r#"{"platformExemptions":"true"}"#,
            &["platformExemptions: expected `true` or `false`, found the string `true`"],
        ),
        (r#"{"platformExemptions":null}"#, &["platformExemptions: expected `true` or `false`, found null"]),
        (r#"{"exemptions":{}}"#, &["exemptions: expected a list, found an object"]),
        (r#"{"exemptions":["x"]}"#, &["exemptions[0]: expected an object, found the string `x`"]),
        (
            r#"{"limits":{"violationsReported":0}}"#,
            &["limits.violationsReported: expected a whole number from 1, found the number 0"],
        ),
        (
            r#"{"limits":{"violationsReported":-1}}"#,
            &["limits.violationsReported: expected a whole number from 1, found the number -1"],
        ),
        (
            r#"{"limits":{"violationsReported":1.5}}"#,
            &["limits.violationsReported: expected a whole number from 1, found the number 1.5"],
        ),
        (
            r#"{"limits":{"violationsReported":"20"}}"#,
            &["limits.violationsReported: expected a whole number from 1, found the string `20`"],
        ),
        (
            r#"{"limits":{"violationsReported":1e400}}"#,
            &["settings: are not JSON: `number out of range at line 1 column 37`"],
        ),
    ]);
}

#[test]
fn what_could_never_match_is_refused() {
    assert_problems(&[
        (
            r#"{"references":{"allow":["busybox"]}}"#,
            &[
                "references.allow[0]: scope `busybox` has no registry host: write `docker.io/library/busybox` for Docker Hub",
            ],
        ),
        (
            r#"{"references":{"deny":["quay.io/*"]}}"#,
            &["references.deny[0]: scope `quay.io/*` has a `*` elsewhere than in a leading `*.`"],
        ),
        (
            r#"{"references":{"insecure":["*.corp.example:5000"]}}"#,
            &[
                "references.insecure[0]: scope `*.corp.example:5000` is not of the form `*.host`, without port and path",
            ],
        ),
        (
            r#"{"references":{"referencePolicy":{"https://quay.io":"Local"}}}"#,
            &[
                "references.referencePolicy[https://quay.io]: `https://quay.io` is not of the form `registry/repository:tag` or \
               `registry/repository@digest`",
            ],
        ),
        (r#"{"references":{"namespaces":[""]}}"#, &["references.namespaces[0]: is empty"]),
        (r#"{"references":{"sourceTags":{"deny":[""]}}}"#, &["references.sourceTags.deny[0]: is empty"]),
        (r#"{"exemptions":[{"reason":"x","users":[""]}]}"#, &["exemptions[0].users[0]: is empty"]),
        (
            r#"{"references":{"allow":["quay.io","Docker.io"],"deny":["index.docker.io"]}}"#,
            &["references.deny[0]: scope `docker.io` is in `references.allow` too"],
        ),
    ]);
}

#[test]
fn an_exemption_says_why_for_whom_and_until_a_day_that_exists() {
    let no_matcher = "exemptions[0]: names no `users`, `groups`, `namespaces` or `scopes`: to lift a rule for everybody, \
                      set it to `off` in `rules`";
    assert_problems(&[
        (r#"{"exemptions":[{"users":["a"]}]}"#, &["exemptions[0]: `reason` is missing"]),
        (r#"{"exemptions":[{"reason":"","users":["a"]}]}"#, &["exemptions[0].reason: is empty"]),
        (r#"{"exemptions":[{"reason":" \t","users":["a"]}]}"#, &["exemptions[0].reason: is empty"]),
        (r#"{"exemptions":[{"reason":"x"}]}"#, &[no_matcher]),
        (r#"{"exemptions":[{"reason":"x","rules":["tag-moved"],"users":[]}]}"#, &[no_matcher]),
        (
            r#"{"exemptions":[{"reason":"x","users":["a"],"until":"2027-02-30"}]}"#,
            &[
                "exemptions[0].until: `2027-02-30` is neither a date (`2027-03-31`) nor a time (`2027-03-31T12:00:00Z`)",
            ],
        ),
        (
            r#"{"exemptions":[{"reason":"x","users":["a"],"until":"31.03.2027"}]}"#,
            &[
                "exemptions[0].until: `31.03.2027` is neither a date (`2027-03-31`) nor a time (`2027-03-31T12:00:00Z`)",
            ],
        ),
        (
            r#"{"exemptions":[{"reason":"x","users":["a"],"until":"2027-03-31T12:00:00"}]}"#,
            &[
                "exemptions[0].until: `2027-03-31T12:00:00` is neither a date (`2027-03-31`) nor a time (`2027-03-31T12:00:00Z`)",
            ],
        ),
        (
            r#"{"exemptions":[{"reason":"x","users":["a"],"until":""}]}"#,
            &[
                "exemptions[0].until: an empty text is neither a date (`2027-03-31`) nor a time (`2027-03-31T12:00:00Z`)",
            ],
        ),
        (
            r#"{"exemptions":[{"reason":"x","users":["a"],"until":20270331}]}"#,
            &["exemptions[0].until: expected a date such as `2027-03-31`, found the number 20270331"],
        ),
        (r#"{"exemptions":[{"reason":"x","users":["a"],"until":"2027-03-31T12:00:00+02:00"}]}"#, &[]),
    ]);
}

#[test]
fn all_problems_are_told_together() {
    assert_problems(&[(
        r#"{"rules":{"tag-moved":"no"},"x":1,"references":{"kinds":["y"],"allow":["busybox"]},"limits":{"payloadBytes":0},
            "exemptions":[{"until":"soon"}]}"#,
        &[
            "settings: unknown key `x`: known: `signers`, `trust`, `references`, `images`, `rules`, `exemptions`, \
             `platformExemptions`, `limits`, `answers`",
            "references.kinds[0]: expected one of `DockerImage`, `ImageStreamTag`, `ImageStreamImage`, found the string `y`",
            "references.allow[0]: scope `busybox` has no registry host: write `docker.io/library/busybox` for Docker Hub",
            "rules.tag-moved: expected one of `deny`, `warn`, `off`, found the string `no`",
            "exemptions[0]: `reason` is missing",
            "exemptions[0].until: `soon` is neither a date (`2027-03-31`) nor a time (`2027-03-31T12:00:00Z`)",
            "limits.payloadBytes: expected a whole number from 1, found the number 0",
            "exemptions[0]: names no `users`, `groups`, `namespaces` or `scopes`: to lift a rule for everybody, set it to `off` in `rules`",
        ],
    )]);
}

/// What cannot be read hides nothing that is wrong elsewhere, whichever check finds that; and what only
/// follows from it is not told.
#[test]
fn a_value_that_cannot_be_read_hides_no_other_problem() {
    let told = |settings: &str| -> Vec<String> {
        let problems = Settings::problems(settings, crate::testing::NOW);
        problems.iter().map(ToString::to_string).collect()
    };
    let signed = r#"{"type":"signedBy","signers":["acne"]}"#;
    let not_known = |at: &str| format!("{at}: `acne` is not a signer: did you mean `acme`?");
    for (settings, expected) in [
        (
            r#"{"references":{"kinds":5,"tagNames":"(","allow":["quay.io",7],"deny":["","quay.io"]}}"#.to_owned(),
            vec![
                "references.kinds: expected a list, found the number 5".to_owned(),
                "references.allow[1]: expected a string, found the number 7".to_owned(),
                "references.deny[1]: scope `quay.io` is in `references.allow` too".to_owned(),
                "references.tagNames: `(` is not a usable regular expression: found open group without closing ')'".to_owned(),
            ],
        ),
        (
            format!(r#"{{"limits":[],"signers":[{{"name":"acme","openpgp":"x","expiredKey":1}}],"trust":{{"default":[{signed}]}}}}"#),
            vec![
                "signers[0].expiredKey: expected one of `deny`, `allowSignedBefore`, found the number 1".to_owned(),
                "limits: expected an object, found a list".to_owned(),
                not_known("trust.default[0].signers[0]"),
                "signers[0].openpgp: is neither an ASCII-armored public key nor base64".to_owned(),
            ],
        ),
        // A default that is missing, and a scope that is none.
        (
            format!(r#"{{"signers":[{{"name":"acme"}}],"trust":{{"scopes":{{"busybox":[{signed}]}}}}}}"#),
            vec![
                "signers[0]: `openpgp` is missing".to_owned(),
                "trust: `default` is missing".to_owned(),
                "trust.scopes.busybox: `busybox` has no registry host: write `docker.io/library/busybox` for Docker Hub".to_owned(),
                not_known("trust.scopes.busybox[0].signers[0]"),
            ],
        ),
        // Which names there are is not known.
        (
            format!(r#"{{"signers":[{{"openpgp":5}}],"trust":{{"default":[{signed}]}}}}"#),
            vec![
                "signers[0]: `name` is missing".to_owned(),
                "signers[0].openpgp: expected a string, found the number 5".to_owned(),
            ],
        ),
        (format!(r#"{{"signers":5,"trust":{{"default":[{signed}]}}}}"#), vec!["signers: expected a list, found the number 5".to_owned()]),
        (
            r#"{"exemptions":[{"users":5},{"reason":"r","users":[],"until":"x"}],"references":{"deny":5}}"#.to_owned(),
            vec![
                "references.deny: expected a list, found the number 5".to_owned(),
                "exemptions[0]: `reason` is missing".to_owned(),
                "exemptions[0].users: expected a list, found the number 5".to_owned(),
                "exemptions[1].until: `x` is neither a date (`2027-03-31`) nor a time (`2027-03-31T12:00:00Z`)".to_owned(),
                "exemptions[1]: names no `users`, `groups`, `namespaces` or `scopes`: to lift a rule for everybody, set it to `off` in `rules`".to_owned(),
            ],
        ),
        // Aliases that cannot be read make no wildcard ambiguous.
        (
            r#"{"references":{"deny":["*.svc"]},"trust":{"default":[{"type":"reject"}],"registryAliases":[["a.example",5]]}}"#.to_owned(),
            vec!["trust.registryAliases[0][1]: expected a string, found the number 5".to_owned()],
        ),
        (
            r#"{"trust":{"default":[{"type":"rejct"},{"type":"sigstoreSigned","keyless":5}]}}"#.to_owned(),
            vec![
                "trust.default[0].type: unknown type `rejct`: did you mean `reject`?".to_owned(),
                "trust.default[1].keyless: expected a list, found the number 5".to_owned(),
            ],
        ),
    ] {
        assert_eq!(told(&settings), expected, "{settings}");
    }
}

#[test]
fn a_pattern_is_compiled_when_the_policy_is_loaded_not_for_each_request() {
    let settings = Settings::parse(
        r#"{"references":{"tagNames":"(","immutableTags":"a{1000}{1000}","sourceTags":{"allow":"[z-a]"}}}"#,
    );
    let problems =
        settings.map(|settings| settings.check_thoroughly(crate::testing::NOW)).unwrap_or_default();
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "references.tagNames: `(` is not a usable regular expression: found open group without closing ')'",
            "references.immutableTags: `a{1000}{1000}` is not a usable regular expression: compiled regex exceeded size limit",
            "references.sourceTags.allow: `[z-a]` is not a usable regular expression: invalid range in character class",
        ]
    );
}

#[test]
fn trust_that_says_nothing_is_refused() {
    for settings in [
        r#"{"trust":{"scopes":{"quay.io":[{"type":"reject"}]}}}"#,
        r#"{"trust":{"default":[{"type":"signedBy","signers":["nobody"]}]}}"#,
        r#"{"trust":null}"#,
        r#"{"trust":{}}"#,
        r#"{"trust":{"default":[]}}"#,
        r#"{"signers":[{"name":"a"}]}"#,
        r#"{"signers":null}"#,
    ] {
        assert!(!problems(settings).is_empty(), "{settings}");
    }
}
