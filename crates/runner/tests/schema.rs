//! `schema/settings.json`, by which editors complete and check settings, and the form for Rancher:
//! neither refuses what the policy takes, nor offers what it does not.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::sync::LazyLock;

use boon::{Compiler, SchemaIndex, Schemas};
use openshift_image_trust::{Settings, validate_settings};
use serde_json::{Value, json};
use time::UtcDateTime;

struct Schema {
    document: Value,
    schemas: Schemas,
    index: SchemaIndex,
}

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let text = fs::read_to_string(common::root().join("schema/settings.json")).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.enable_format_assertions();
    compiler.add_resource("mem:///settings.json", document.clone()).unwrap();
    let index = compiler.compile("mem:///settings.json", &mut schemas).unwrap();
    Schema { document, schemas, index }
});

/// Whether an editor would underline nothing.
fn fits(settings: &Value) -> Result<(), String> {
    SCHEMA.schemas.validate(settings, SCHEMA.index).map_err(|error| error.to_string())
}

fn is_taken(settings: &Value) -> bool {
    validate_settings(settings.to_string().as_bytes(), UtcDateTime::now()).valid
}

#[test]
fn the_settings_of_every_pack_fit() {
    for (_, pack) in common::packs() {
        let settings: Value =
            serde_json::from_str::<Option<Value>>(pack.settings.json()).unwrap().unwrap_or(json!({}));
        fits(&settings).unwrap_or_else(|error| panic!("{}: {error}", pack.name));
    }
}

/// The settings in the README, in the settings page and on the pages of the rules.
#[test]
fn what_is_shown_fits() {
    let mut shown = 0;
    let rules = openshift_image_trust::RULES.iter().map(|rule| format!("docs/rules/{}.md", rule.code));
    let pages = ["README.md", "docs/settings.md"].map(str::to_owned).into_iter().chain(rules);
    for file in pages {
        let text = fs::read_to_string(common::root().join(&file)).unwrap();
        for block in text.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap()) {
            let Ok(read) = serde_norway::from_str::<Value>(&block.replace(['…'], "x")) else {
                panic!("{file}: {block}")
            };
            let settings = if file.starts_with("docs/rules/") { &read["settings"] } else { &read };
            if settings.is_object() {
                fits(settings).unwrap_or_else(|error| panic!("{file}: {error}\n{block}"));
                shown += 1;
            }
        }
    }
    assert!(shown > 40, "{shown}");
}

/// What the policy refuses. An editor need not know the last few: they are about more than one place.
#[test]
fn what_the_policy_refuses_is_underlined_where_a_schema_can_tell() {
    let requirement = |requirement: Value| json!({"trust": {"default": [requirement]}});
    let signer = |signer: Value| json!({"signers": [signer]});
    let told = [
        json!([]),
        json!({"refrences": {}}),
        json!({"references": {"allowed": []}}),
        json!({"references": []}),
        json!({"references": {"allow": "quay.io"}}),
        json!({"references": {"allow": [5]}}),
        json!({"references": {"kinds": ["Docker"]}}),
        json!({"references": {"referencePolicy": "Local"}}),
        json!({"references": {"referencePolicy": {"": "local"}}}),
        json!({"references": {"importMode": ["Preserve"]}}),
        json!({"references": {"sourceTags": {"denied": []}}}),
        json!({"references": {"tagNames": ["x"]}}),
        json!({"images": {"mediaTypes": "x"}}),
        json!({"rules": {"no-such-rule": "deny"}}),
        json!({"rules": {"tag-moved": "denied"}}),
        json!({"rules": {"request-unreadable": "off"}}),
        json!({"exemptions": [{}]}),
        json!({"exemptions": [{"reason": "x", "user": "y"}]}),
        json!({"exemptions": [{"reason": "x", "rules": ["no-such-rule"]}]}),
        json!({"exemptions": {"reason": "x"}}),
        json!({"platformExemptions": "false"}),
        json!({"limits": {"signatureBytes": -1}}),
        json!({"limits": {"signatureBytes": 0}}),
        json!({"limits": {"signatureBytes": 1.5}}),
        json!({"limits": {"signatures": 1}}),
        json!({"trust": {}}),
        json!({"trust": {"default": []}}),
        json!({"trust": {"default": {"type": "reject"}}}),
        json!({"trust": {"default": [{"type": "reject"}], "defualt": []}}),
        json!({"trust": {"default": [{"type": "reject"}], "scopes": []}}),
        json!({"trust": {"default": [{"type": "reject"}], "registryAliases": ["x"]}}),
        requirement(json!({})),
        requirement(json!({"type": "insecureAcceptAnyThing"})),
        requirement(json!({"type": "reject", "signers": []})),
        requirement(json!({"type": "signedBy"})),
        requirement(json!({"type": "signedBy", "signers": ["a"], "threshold": 0})),
        requirement(
            json!({"type": "signedBy", "signers": ["a"], "signedIdentity": {"type": "exactReference"}}),
        ),
        requirement(json!({"type": "signedBy", "signers": ["a"], "signedIdentity": "matchExact"})),
        requirement(json!({"type": "sigstoreSigned", "keys": "some", "publicKeys": ["x"]})),
        requirement(json!({"type": "sigstoreSigned", "keyless": [{"issuer": "x"}]})),
        requirement(json!({"type": "sigstoreSigned", "annotations": {"a": 1}})),
        requirement(json!({"type": "signedBy", "signers": ["a"], "postQuantum": "yes"})),
        requirement(json!({"type": "anyOf"})),
        requirement(json!({"type": "anyOf", "requirements": [{"type": "signedBy", "signers": ["a"]}]})),
        requirement(json!({"type": "anyOf", "requirements": [{"type": "reject"}, {"type": "reject"}]})),
        json!({"answers": {"help": ""}}),
        json!({"answers": {"help": "x".repeat(201)}}),
        json!({"answers": {"hint": "x"}}),
        signer(json!({"name": "a", "openpgp": "x", "maxAgeDays": 0})),
        signer(json!({"name": "a"})),
        signer(json!({"openpgp": "a"})),
        signer(json!({"name": "a", "openpgp": "x", "expiredKey": "allow"})),
        signer(json!({"name": "a", "openpgp": "x", "sha1SelfSignatures": "yes"})),
    ];
    for settings in &told {
        assert!(!is_taken(settings), "{settings}");
        assert!(fits(settings).is_err(), "{settings}");
    }
    let beyond = [
        json!({"references": {"allow": ["busybox"]}}),
        json!({"references": {"tagNames": "("}}),
        requirement(json!({"type": "signedBy", "signers": ["nobody"]})),
        requirement(json!({"type": "sigstoreSigned"})),
        json!({"answers": {"help": "one\ntwo"}}),
        json!({"trust": {"default": [{"type": "reject"}], "scopes": {"quay.io/a:v1": [{"type": "sigstoreSigned", "githubActions": {"owner": "a"}}]}}}),
    ];
    for settings in &beyond {
        assert!(!is_taken(settings), "{settings}");
        assert!(fits(settings).is_ok(), "{settings}");
    }
}

/// Every key has a word for the person who hovers over it.
#[test]
fn every_setting_is_described() {
    fn check(at: &str, schema: &Value, count: &mut usize) {
        for (key, property) in schema["properties"].as_object().into_iter().flatten() {
            let at = format!("{at}.{key}");
            let described = property["description"].as_str().is_some_and(|text| text.len() > 8);
            assert!(described || property.get("const").is_some(), "{at}");
            *count += 1;
            check(&at, property, count);
        }
        let parts = [&schema["items"], &schema["additionalProperties"]].into_iter();
        let parts = parts.chain(schema["oneOf"].as_array().into_iter().flatten());
        for part in parts.filter(|part| part.is_object()) {
            check(at, part, count);
        }
    }
    let mut count = 0;
    check("settings", &SCHEMA.document, &mut count);
    assert!(count > 60, "{count}");
}

/// The schema of a setting, by its dotted path.
fn setting<'s>(schema: &'s Value, variable: &str) -> &'s Value {
    variable.split('.').fold(schema, |schema, key| {
        let found = &schema["properties"][key];
        assert!(found.is_object(), "no setting `{variable}`");
        found
    })
}

/// What a form asks for must be what is set: the same kind of value, no other words.
fn check_question(question: &Value, schema: &Value, levels: &str) {
    let variable = question["variable"].as_str().unwrap();
    let at = format!("{levels}{variable}");
    let found = setting(schema, variable);
    for key in ["label", "type"] {
        assert!(question[key].is_string(), "{at}: no {key}");
    }
    // A tooltip would not do: the form shows none beside a list.
    let text = &question["description"];
    assert!(
        text.is_string() || question["options"].is_array() || question["type"] == "boolean",
        "{at}: no description"
    );
    assert!(question.get("tooltip").is_none(), "{at}");
    let empty = if question["type"] == "map[" { Some(json!({})) } else { None };
    assert_eq!(question.get("default"), found.get("default").or(empty.as_ref()), "{at}");
    let words = |schema: &Value| -> BTreeSet<String> {
        let one_of = schema["oneOf"].as_array().into_iter().flatten().map(|it| &it["const"]);
        let listed = schema["enum"].as_array().into_iter().flatten();
        one_of.chain(listed).filter_map(Value::as_str).map(str::to_owned).collect()
    };
    match question["type"].as_str().unwrap() {
        "string" => assert_eq!(found["type"], "string", "{at}"),
        "boolean" => assert_eq!(found["type"], "boolean", "{at}"),
        "int" => assert_eq!(found["type"], "integer", "{at}"),
        "enum" => {
            let options: BTreeSet<String> = question["options"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it.as_str().unwrap().to_owned())
                .collect();
            assert_eq!(options, words(found), "{at}");
        }
        "array[" => {
            assert_eq!(found["type"], "array", "{at}");
            assert!(found["items"]["type"] == "string" || !words(&found["items"]).is_empty(), "{at}");
            let offered = words(&found["items"]);
            if offered.len() < 10 {
                let text = text.as_str().unwrap();
                assert!(offered.iter().all(|word| text.contains(word.as_str())), "{at}: {offered:?}");
            }
        }
        "map[" => assert_eq!(found["type"], "object", "{at}"),
        "sequence[" => {
            assert_eq!(found["type"], "array", "{at}");
            let questions = question["sequence_questions"].as_array().unwrap();
            questions.iter().for_each(|inner| check_question(inner, &found["items"], &format!("{at}[].")));
            let asked: BTreeSet<&str> = questions.iter().map(|it| it["variable"].as_str().unwrap()).collect();
            let known: BTreeSet<&str> =
                found["items"]["properties"].as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(asked, known, "{at}");
            let needed = found["items"]["required"].as_array().unwrap();
            for inner in questions {
                assert_eq!(inner["required"], needed.contains(&inner["variable"]), "{at}: {inner}");
            }
        }
        other => panic!("{at}: a question of type {other}"),
    }
}

/// The questions of the form, the text that it begins with left out.
fn form() -> Vec<Value> {
    let text = fs::read_to_string(common::root().join("questions-ui.yml")).unwrap();
    let mut form: Value = serde_norway::from_str(&text).unwrap();
    form["questions"].as_array_mut().unwrap().split_off(1)
}

#[test]
fn the_form_begins_with_a_text_that_sets_nothing() {
    let text = fs::read_to_string(common::root().join("questions-ui.yml")).unwrap();
    let form: Value = serde_norway::from_str(&text).unwrap();
    let mut first = form["questions"][0].clone();
    let text = first["description"].take();
    assert!(text.as_str().unwrap().len() > 100, "{text}");
    let expected = json!({
        "variable": "description", "label": "Description", "description": null, "group": "Settings",
        "type": "string", "required": false, "hide_input": true,
    });
    // Above all no default: an empty `description` would be a setting that the policy does not know.
    assert_eq!(first, expected);
    assert!(!is_taken(&json!({"description": null})));
}

#[test]
fn the_form_asks_for_settings_that_there_are() {
    let text = fs::read_to_string(common::root().join("questions-ui.yml")).unwrap();
    let questions = form();
    questions.iter().for_each(|question| check_question(question, &SCHEMA.document, ""));
    let asked: Vec<&str> = questions.iter().map(|it| it["variable"].as_str().unwrap()).collect();
    assert_eq!(asked.iter().collect::<BTreeSet<_>>().len(), asked.len());
    // What is not asked for is named at the top of the file.
    let asks_for = |name: &str| asked.iter().any(|it| *it == name || it.starts_with(&format!("{name}.")));
    for name in SCHEMA.document["properties"].as_object().unwrap().keys() {
        let told = text
            .lines()
            .take_while(|line| line.starts_with('#'))
            .any(|line| line.contains(&format!("`{name}")));
        assert!(asks_for(name) || told, "{name}");
    }
    for name in SCHEMA.document["properties"]["references"]["properties"].as_object().unwrap().keys() {
        assert!(asks_for(&format!("references.{name}")), "references.{name}");
    }
}

/// What the form writes on its own: the default of each question that it shows.
fn defaults(questions: &[Value]) -> Value {
    let mut written = json!({});
    for question in questions {
        if let Some(default) = question.get("default") {
            let path = question["variable"].as_str().unwrap().split('.');
            *path.fold(&mut written, |at, key| &mut at[key]) = default.clone();
        }
    }
    written
}

/// What the form writes on its own must not change what the policy does.
#[test]
fn the_form_as_it_opens_is_no_configuration() {
    let settings = defaults(&form());
    assert!(is_taken(&settings), "{settings}");
    for key in ["signers", "exemptions", "rules", "platformExemptions"] {
        assert!(settings.get(key).is_some(), "{settings}");
    }
    let read = |settings: &Value| format!("{:?}", Settings::parse(&settings.to_string()).unwrap());
    assert_eq!(read(&settings), read(&json!({})));
}

#[test]
fn an_entry_that_is_added_in_the_form_needs_no_more_than_its_required_answers() {
    let form = form();
    let (_, team) = common::packs().into_iter().find(|(_, pack)| pack.name == "team-signed").unwrap();
    let team: Value = serde_json::from_str(team.settings.json()).unwrap();
    let answers = [
        ("signers", json!({"name": "release", "openpgp": team["signers"][0]["openpgp"]})),
        // At least one matcher is required, whichever it is.
        ("exemptions", json!({"reason": "migration", "users": ["system:serviceaccount:migration:importer"]})),
    ];
    let lists: BTreeSet<&str> = form
        .iter()
        .filter(|question| question["type"] == "sequence[")
        .map(|question| question["variable"].as_str().unwrap())
        .collect();
    assert_eq!(lists, answers.iter().map(|(variable, _)| *variable).collect());
    for (variable, answers) in answers {
        let question = form.iter().find(|question| question["variable"] == variable).unwrap();
        let mut entry = defaults(question["sequence_questions"].as_array().unwrap());
        let mut settings = defaults(&form);
        settings[variable] = json!([entry]);
        assert!(!is_taken(&settings), "{settings}");
        entry.as_object_mut().unwrap().extend(answers.as_object().unwrap().clone());
        settings[variable] = json!([entry]);
        assert!(is_taken(&settings), "{settings}");
    }
}
