//! The whole of `evaluate`: an input is one byte that chooses settings, and a request; or the whole
//! payload, with settings of its own and the objects of a cluster.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openshift_image_trust::RULES;
use openshift_image_trust::RegistryAliases;
use openshift_image_trust::Verdict;
use openshift_image_trust::evaluate;
use openshift_image_trust::read_request;
use openshift_image_trust::{Changes, EntryPoint, Source};
use openshift_image_trust::{KeyPolicy, Keyring, Limits, Signer};
use serde_json::{Value, json};

use crate::common::fixture::Fixture;
use crate::common::{NOW, code_and_path, lines};
use crate::one_more;
use crate::paths::resolves;
use crate::{root, seeds};

/// The input is the whole payload.
pub(crate) const OWN: usize = 0;
/// `{}`.
pub(crate) const NOTHING_WRITTEN: usize = 1;
/// Settings under which nearly every rule has something to say.
pub(crate) const STRICT: usize = 2;
/// Settings under which nothing may point anywhere.
pub(crate) const NOTHING_ALLOWED: usize = 3;
/// Settings under which everything must be signed by one key.
pub(crate) const SIGNED: usize = 4;
/// The first pack's.
pub(crate) const PACKS: usize = 5;

/// The settings of choices 1 to 4.
pub(crate) fn fixed() -> [Value; 4] {
    [
        json!({}),
        json!({
            "references": {
                "kinds": ["DockerImage"], "allow": ["registry.redhat.io", "quay.io/shop"], "deny": ["docker.io"], "namespaces": [],
                "pinned": [""], "sourceTags": {"deny": ["latest"], "allow": "^v"}, "tagNames": "^v", "immutableTags": ".",
                "referencePolicy": {"": "Local"}, "importMode": ["PreserveOriginal"], "scheduled": [],
            },
            "images": {"mediaTypes": []},
            "rules": {"local-lookup": "deny", "repository-import": "deny", "untracked-reference": "deny"},
            "platformExemptions": false,
            "limits": {"violationsReported": 1_000_000},
        }),
        json!({
            "references": {"kinds": [], "allow": [], "namespaces": []},
            "platformExemptions": false,
            "limits": {"violationsReported": 1_000_000},
        }),
        json!({
            "signers": [{"name": "acme", "openpgp": *ACME}],
            "trust": {"default": [{"type": "signedBy", "signers": ["acme"], "signedIdentity": {"type": "matchRepository"}}]},
            "platformExemptions": false,
        }),
    ]
}

/// The certificate of [`SIGNED`].
static ACME: LazyLock<String> =
    LazyLock::new(|| std::fs::read_to_string(root().join("tests/signatures/generated/keys/ed.asc")).unwrap());

/// Settings as text, with the cluster that answers.
static CHOICES: LazyLock<Vec<(String, Vec<Value>)>> = LazyLock::new(|| {
    let packs = seeds::packs().into_iter().map(|folder| {
        let name = folder.strip_prefix(root()).unwrap().join("cluster");
        let files =
            if root().join(&name).is_dir() { seeds::files(name.to_str().unwrap()) } else { Vec::new() };
        let lists =
            files.iter().map(|path| serde_json::from_slice::<Value>(&std::fs::read(path).unwrap()).unwrap());
        let objects = lists.flat_map(|list| list["items"].as_array().cloned().unwrap_or_default());
        (seeds::pack(&folder), objects.collect())
    });
    let fixed = fixed().into_iter().map(|settings| (settings, Vec::new()));
    fixed.chain(packs).map(|(settings, objects)| (settings.to_string(), objects)).collect()
});

/// A payload is answered, always in the same words, about places that are there; and nothing that
/// the settings refuse gets past them.
pub fn check(input: &[u8]) {
    let Some((&choice, rest)) = input.split_first() else { return };
    let choice = usize::from(choice) % (CHOICES.len() + 1);
    let payload = match choice.checked_sub(1) {
        None => rest.to_vec(),
        Some(index) => {
            [br#"{"request":"#, rest, br#","settings":"#, CHOICES[index].0.as_bytes(), b"}"].concat()
        }
    };
    let value: Option<Value> = serde_json::from_slice(&payload).ok();
    let objects = match choice.checked_sub(1) {
        None => value.as_ref().and_then(|value| value.get("cluster")).cloned(),
        Some(index) => Some(Value::from(CHOICES[index].1.clone())).filter(|objects| *objects != json!([])),
    };
    let cluster = Fixture::new(objects);
    let judge = |payload: &[u8]| evaluate(payload, NOW, &cluster);
    let verdict = judge(&payload);
    assert_eq!(verdict.to_json(), judge(&payload).to_json());
    let mut said = verdict.clone();
    without_help(&mut said, value.as_ref());
    is_well_formed(&said);
    let Some(value) = value else { return };
    is_about_what_is_there(&said, &value);
    if verdict.code != Some(400) {
        assert_eq!(judge(value.to_string().as_bytes()), verdict);
    }
    match choice {
        STRICT => one_more_offence_is_denied(&verdict, value, &judge),
        NOTHING_ALLOWED => nothing_points_anywhere(&verdict, &payload, value, &judge),
        SIGNED => what_is_shown_is_signed(&verdict, &payload),
        _ => {}
    }
}

/// Takes the last line away that `answers.help` adds to a denial.
fn without_help(verdict: &mut Verdict, payload: Option<&Value>) {
    let help = payload.and_then(|payload| payload.pointer("/settings/answers/help")?.as_str());
    let (Some(help), Some(message)) = (help, &mut verdict.message) else { return };
    if let Some(rest) = message.strip_suffix(help).and_then(|rest| rest.strip_suffix('\n')) {
        *message = rest.to_owned();
    }
}

fn is_well_formed(verdict: &Verdict) {
    assert_eq!(verdict.accepted, verdict.message.is_none());
    assert_eq!(verdict.accepted, verdict.code.is_none());
    assert!(matches!(verdict.code, None | Some(400 | 403)));
    let json: Value = serde_json::from_slice(&verdict.to_json()).expect("JSON");
    assert_eq!(json["accepted"], verdict.accepted);
    if let Some(message) = &verdict.message {
        let (first, rest) = message.split_once('\n').expect("a violation");
        let count: usize = first.split(' ').next().unwrap().parse().expect("how many");
        let told = rest.lines().filter(|line| !line.starts_with("and ")).count();
        assert!(count > 0 && told <= count, "{message}");
        message.split('\n').for_each(crate::assert_harmless);
    }
    for warning in &verdict.warnings {
        assert!(warning.chars().count() <= 256, "{warning}");
        crate::assert_harmless(warning);
    }
    for annotation in verdict.audit_annotations.values() {
        crate::assert_harmless(annotation);
    }
}

/// Each line has the code of a rule, and a path that leads somewhere, or whose parent does.
fn is_about_what_is_there(verdict: &Verdict, payload: &Value) {
    for line in lines(verdict).iter().filter(|line| !line.starts_with("and ")) {
        if line.contains('…') || line.contains('\\') {
            continue;
        }
        let (code, path) = code_and_path(line);
        assert!(RULES.iter().any(|rule| rule.code == code), "{line}");
        assert!(resolves(payload, &path), "{line}");
    }
}

/// One image more that may not be there is denied, whatever else the object has, and hides nothing.
fn one_more_offence_is_denied(verdict: &Verdict, mut payload: Value, judge: &dyn Fn(&[u8]) -> Verdict) {
    if verdict.code == Some(400) {
        return;
    }
    let places = |verdict: &Verdict| -> BTreeSet<(String, String)> {
        lines(verdict).iter().map(|line| code_and_path(line)).collect()
    };
    for request in one_more::requests(&payload["request"]) {
        payload["request"] = request;
        let more = judge(payload.to_string().as_bytes());
        assert!(!more.accepted, "{payload}");
        assert!(more.message.iter().any(|message| message.contains(one_more::IMAGE)), "{more:?}");
        assert!(places(verdict).is_subset(&places(&more)), "{verdict:?}\n{more:?}");
    }
}

/// Whatever points at an image is denied, and what is denied anyway is denied still.
fn nothing_points_anywhere(
    verdict: &Verdict,
    payload: &[u8],
    mut value: Value,
    judge: &dyn Fn(&[u8]) -> Verdict,
) {
    if let Ok(request) = read_request(payload).request {
        let introduced = Changes::of(&request, &RegistryAliases::default());
        let is_image = |source: &Source<'_>| matches!(source, Source::Image { spec, .. } if !openshift_image_trust::is_integrated(spec.registry()));
        let points = introduced.references.iter().any(|it| match it.entry {
            EntryPoint::Shown { .. } | EntryPoint::Untagged { .. } => false,
            EntryPoint::Event(_) | EntryPoint::Mapping(_) => is_image(&it.source),
            _ => !matches!(it.source, Source::None),
        });
        assert!(!points || !verdict.accepted, "{introduced:?}");
    }
    value["settings"] = json!({"platformExemptions": false, "limits": {"violationsReported": 1_000_000}});
    let loose = judge(value.to_string().as_bytes());
    // What stands twice, which is unreadable, a value has only once.
    if loose.code == Some(403) && verdict.code != Some(400) {
        let denied = |verdict: &Verdict| -> BTreeSet<String> {
            verdict.message.iter().flat_map(|it| it.lines().skip(1)).map(str::to_owned).collect()
        };
        assert!(denied(&loose).is_subset(&denied(verdict)), "{loose:?}");
    }
}

/// An image that is shown passes only with a signature for its digest.
fn what_is_shown_is_signed(verdict: &Verdict, payload: &[u8]) {
    if !verdict.accepted {
        return;
    }
    let Ok(request) = read_request(payload).request else { return };
    let introduced = Changes::of(&request, &RegistryAliases::default());
    let signers = [Signer { name: "acme", openpgp: &ACME, key_policy: KeyPolicy::default() }];
    let keyring = Keyring::new(&signers, Limits::default(), NOW);
    for reference in introduced.references.iter().filter(|it| matches!(it.entry, EntryPoint::Shown { .. })) {
        let Source::Image { spec, .. } = &reference.source else { continue };
        let signed = introduced.signatures.iter().any(|it| {
            let blob = STANDARD.decode(it.signature.content.as_str()).unwrap_or_default();
            keyring
                .verify(&blob)
                .is_ok_and(|it| spec.digest().is_some_and(|digest| *digest == *it.payload().digest))
        });
        assert!(signed, "{reference:?}");
    }
}
