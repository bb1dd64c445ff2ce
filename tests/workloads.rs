//! What runs is judged as the tags are: each kind, each field that names an image, and what is new in it.

#![expect(clippy::panic, reason = "a test may fail")]

mod common;
#[path = "common/pointing.rs"]
mod pointing;

use common::{Short, code_and_path, lines};
use pointing::{D, E, INTEGRATED, UNAVAILABLE, UNVERIFIED, image, judged, settings, tags};
use serde_json::{Value, json};

const DENY: &str = "settings: {references: {deny: [docker.io]}}\n";

/// `<code> <path>` of all that is found.
fn found(short: &str) -> Vec<String> {
    let verdict = Short::parse(short).verdict();
    lines(&verdict)
        .iter()
        .map(|line| {
            let (code, path) = code_and_path(line);
            format!("{code} {path}")
        })
        .collect()
}

#[track_caller]
fn assert_found(table: &[(&str, &str, &[&str])]) {
    for (name, short, expected) in table {
        assert_eq!(found(short), *expected, "{name}");
    }
}

/// A pod spec with an image in every place that has one.
const PLACES: &str = "{containers: [{name: web, image: 'quay.io/acme/web:1'}, {name: side, image: evil/side}], \
                      initContainers: [{name: init, image: evil/init}], \
                      ephemeralContainers: [{name: debug, image: evil/debug}], \
                      volumes: [{name: data, emptyDir: {}}, {name: files, image: {reference: evil/files}}]}";
const OFFENCES: [&str; 4] = [
    "containers[1].image",
    "ephemeralContainers[0].image",
    "initContainers[0].image",
    "volumes[1].image.reference",
];

#[test]
fn every_place_of_every_kind_is_judged() {
    let spec = |at: &str| format!("spec: {{{at}}}");
    let template = format!("template: {{spec: {PLACES}}}");
    let mut kinds = vec![
        ("kind: Pod".to_owned(), format!("spec: {PLACES}"), "spec".to_owned()),
        ("kind: PodTemplate".to_owned(), template.clone(), "template.spec".to_owned()),
        (
            "kind: CronJob".to_owned(),
            spec(&format!("jobTemplate: {{spec: {{{template}}}}}")),
            "spec.jobTemplate.spec.template.spec".to_owned(),
        ),
    ];
    for kind in [
        "ReplicationController",
        "Deployment",
        "ReplicaSet",
        "StatefulSet",
        "DaemonSet",
        "Job",
        "DeploymentConfig",
    ] {
        kinds.push((format!("kind: {kind}"), spec(&template), "spec.template.spec".to_owned()));
    }
    for (kind, body, at) in kinds {
        let short = format!("{DENY}object: {{{kind}, {body}}}");
        let expected: Vec<String> =
            OFFENCES.iter().map(|it| format!("source-not-allowed {at}.{it}")).collect();
        assert_eq!(found(&short), expected, "{kind}");
        // What was there already is nobody's offence now.
        let unchanged = format!("{DENY}old: {{{kind}, {body}}}\nobject: {{{kind}, {body}}}");
        assert_eq!(found(&unchanged), [""; 0], "{kind}");
        // Nor is what an empty object had.
        let bare = format!("{DENY}old: {{{kind}}}\nobject: {{{kind}, {body}}}");
        assert_eq!(found(&bare), expected, "{kind}");
        for null in ["spec: null", "spec: {template: null}", "template: null", "spec: {jobTemplate: null}"] {
            assert_eq!(found(&format!("{DENY}object: {{{kind}, {null}}}")), [""; 0], "{kind}: {null}");
        }
    }
}

#[test]
fn a_container_is_named_in_the_answer() {
    let short = format!("{DENY}object: {{kind: Deployment, spec: {{template: {{spec: {PLACES}}}}}}}");
    let named = [
        "containers[1].image (container `side`): `",
        "ephemeralContainers[0].image (container `debug`): `",
        "initContainers[0].image (container `init`): `",
        "volumes[1].image.reference (volume `files`): `",
    ];
    for (line, expected) in lines(&Short::parse(&short).verdict()).iter().zip(named) {
        assert!(line.contains(expected), "{line}");
    }
}

#[test]
fn the_new_is_what_no_container_of_the_name_had() {
    let pod = |containers: &str| format!("{{kind: Pod, spec: {{containers: [{containers}]}}}}");
    let (old, a, b) = (
        "{name: a, image: evil/a}, {name: b, image: good}",
        "{name: a, image: evil/a}",
        "{name: b, image: evil/a}",
    );
    let deny = "settings: {references: {deny: [docker.io/evil]}}\n";
    let update = |new: &str| found(&format!("{deny}old: {}\nobject: {}", pod(old), pod(new)));
    let offence = |index: usize| vec![format!("source-not-allowed spec.containers[{index}].image")];
    assert_eq!(update(a), [""; 0], "one leaves");
    assert_eq!(update(&format!("{{name: b, image: good}}, {a}")), [""; 0], "another order");
    assert_eq!(update(b), offence(0), "another container gets an image that one has");
    assert_eq!(update(&format!("{a}, {b}")), offence(1), "both");
    assert_eq!(update("{name: a, image: 'evil/a:2'}"), offence(0), "another tag");
    assert_eq!(update("{name: a, image: 'docker.io/evil/a'}"), offence(0), "other words for the same");
    assert_eq!(update(&format!("{a}, {a}")), [""; 0], "twice the same is what was");
    assert_eq!(update("{name: a, image: good}, {name: a, image: evil/b}"), offence(1), "equal names");
    // A container of another list is another one.
    let moved = "{kind: Pod, spec: {initContainers: [{name: a, image: evil/a}]}}";
    assert_eq!(
        found(&format!("{deny}old: {}\nobject: {moved}", pod(old))),
        ["source-not-allowed spec.initContainers[0].image"]
    );
}

#[test]
fn a_part_by_which_no_image_comes_introduces_nothing() {
    let pod = format!("{{kind: Pod, spec: {PLACES}}}");
    let short = format!("{DENY}subresource: status\nold: {{kind: Pod}}\nobject: {pod}");
    assert_eq!(found(&short), [""; 0]);
    for sub_resource in ["ephemeralcontainers", "resize"] {
        let short = format!("{DENY}subresource: {sub_resource}\nold: {{kind: Pod}}\nobject: {pod}");
        assert_eq!(found(&short).len(), OFFENCES.len(), "{sub_resource}");
    }
    let status = |old: &str| {
        format!(
            "{DENY}subresource: status\nold: {old}\nobject: {{kind: Deployment, spec: {{template: {{spec: {PLACES}}}}}}}"
        )
    };
    assert_eq!(found(&status("{kind: Deployment}")).len(), OFFENCES.len());
    let scale = "{\"group\": \"autoscaling\", \"version\": \"v1\", \"kind\": \"Scale\"}";
    for resource in ["deployments", "replicasets", "statefulsets"] {
        let mut short =
            Short::parse("subresource: scale\nold: {kind: Deployment}\nobject: {kind: Deployment}");
        let request = short.payload.get_mut("request").unwrap_or_else(|| panic!("a request"));
        for (key, value) in [
            ("kind", scale.to_owned()),
            (
                "resource",
                format!("{{\"group\": \"apps\", \"version\": \"v1\", \"resource\": \"{resource}\"}}"),
            ),
            ("object", "{\"apiVersion\": \"autoscaling/v1\", \"kind\": \"Scale\"}".to_owned()),
        ] {
            if let (Some(it), Ok(value)) = (request.get_mut(key), serde_json::from_str(&value)) {
                *it = value;
            }
        }
        assert_eq!(lines(&short.verdict()), [""; 0], "{resource}");
        // A kind that only stands where the number belongs.
        if let Some(kind) = request_kind(&mut short) {
            *kind = json!({"group": "autoscaling", "version": "v1", "kind": "Pod"});
        }
        assert_eq!(
            lines(&short.verdict()),
            ["request.kind: contradicts `request.resource` [request-unreadable]"],
            "{resource}"
        );
    }
}

fn request_kind(short: &mut Short) -> Option<&mut Value> {
    short.payload.get_mut("request")?.get_mut("kind")
}

#[test]
fn what_is_of_the_wrong_type_is_refused() {
    for (kind, body, path) in [
        ("Pod", "spec: []", "spec"),
        ("Pod", "spec: {containers: {}}", "spec.containers"),
        ("Pod", "spec: {containers: [web]}", "spec.containers[0]"),
        ("Pod", "spec: {containers: [{image: 5}]}", "spec.containers[0].image"),
        ("Pod", "spec: {initContainers: [{image: [evil]}]}", "spec.initContainers[0].image[0]"),
        ("Pod", "spec: {ephemeralContainers: 1}", "spec.ephemeralContainers"),
        ("Pod", "spec: {volumes: [{image: evil}]}", "spec.volumes[0].image"),
        ("Pod", "spec: {volumes: [{image: {reference: {}}}]}", "spec.volumes[0].image.reference"),
        ("Pod", "metadata: {annotations: []}", "metadata.annotations"),
        (
            "Pod",
            "metadata: {annotations: {image.openshift.io/triggers: []}}",
            "metadata.annotations[image.openshift.io/triggers]",
        ),
        ("Deployment", "spec: {template: []}", "spec.template"),
        ("CronJob", "spec: {jobTemplate: [{}]}", "spec.jobTemplate"),
        ("DeploymentConfig", "spec: {triggers: {}}", "spec.triggers"),
        (
            "DeploymentConfig",
            "spec: {strategy: {customParams: {image: 1}}}",
            "spec.strategy.customParams.image",
        ),
        ("BuildConfig", "spec: {output: {to: web}}", "spec.output.to"),
        ("BuildConfig", "status: {imageChangeTriggers: {}}", "status.imageChangeTriggers"),
    ] {
        let short = format!("object: {{kind: {kind}, {body}}}");
        assert_eq!(found(&short), [format!("request-unreadable {path}")], "{kind}: {body}");
    }
}

#[test]
fn no_pull_spec_is_unparsable() {
    let unparsable =
        |image: &str| format!("object: {{kind: Pod, spec: {{containers: [{{name: a, image: {image}}}]}}}}");
    for image in [
        "''",
        "null",
        "' '",
        "' quay.io/acme/web:1'",
        "'quay.io/acme/web:1 '",
        "\"quay.io/acme/web:1\\n\"",
        "quay.io/Acme/Web",
        "'https://quay.io/acme/web'",
        "quay.io",
        "'quay.io/acme/web@sha256:12'",
        "'docker://quay.io/acme/web'",
        // IDs of images that a node has.
        "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1",
        "'0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1'",
    ] {
        assert_eq!(found(&unparsable(image)), ["reference-unparsable spec.containers[0].image"], "{image}");
    }
    let absent = "object: {kind: Pod, spec: {containers: [{name: a}]}}";
    assert_eq!(found(absent), ["reference-unparsable spec.containers[0].image"]);
}

const CONFIG: &str = "metadata: {annotations: {image.openshift.io/triggers: ";

#[test]
fn the_annotation_of_triggers_is_judged() {
    let settings = "settings: {references: {namespaces: [openshift]}}\n";
    let at = "metadata.annotations[image.openshift.io/triggers]";
    let annotated = |text: &str| format!("{settings}object: {{kind: Deployment, {CONFIG}'{text}'}}}}}}");
    let unparsable = vec![format!("reference-unparsable {at}")];
    for (text, expected) in [
        ("", vec![]),
        ("[]", vec![]),
        ("null", vec![]),
        (r#"[{"from":{"kind":"ImageStreamTag","name":"web:v1"},"fieldPath":"spec"}]"#, vec![]),
        (
            r#"[{"from":{"kind":"ImageStreamTag","name":"web:v1","namespace":"sandbox"}}]"#,
            vec![format!("source-namespace-not-allowed {at}")],
        ),
        ("no json", unparsable.clone()),
        ("[", unparsable.clone()),
        ("{}", unparsable.clone()),
        ("[5]", unparsable.clone()),
        ("[[]]", unparsable.clone()),
        (r"[{}]", unparsable.clone()),
        (r#"[{"from":{}}]"#, unparsable.clone()),
        (r#"[{"from":{"kind":"ImageStreamTag","name":"web"}}]"#, unparsable.clone()),
        (r#"[{"from":{"kind":"ImageStream","name":"web:v1"}}]"#, unparsable.clone()),
        (r#"[{"from":{"kind":"ImageStreamTag","name":5}}]"#, unparsable.clone()),
        // Go reads names in any case, and the last of two.
        (r#"[{"from":{"kind":"ImageStreamTag","name":"web:v1","NAMESPACE":"sandbox"}}]"#, unparsable.clone()),
        (r#"[{"From":{"kind":"ImageStreamTag","name":"web:v1","namespace":"sandbox"}}]"#, unparsable.clone()),
        (
            r#"[{"from":{"kind":"ImageStreamTag","name":"web:v1"},"from":{"kind":"ImageStreamTag","name":"web:v1","namespace":"sandbox"}}]"#,
            unparsable.clone(),
        ),
    ] {
        assert_eq!(found(&annotated(text)), expected, "{text}");
    }
    for kind in ["Pod", "PodTemplate", "StatefulSet", "CronJob", "DeploymentConfig", "Build", "BuildConfig"] {
        let short = format!("object: {{kind: {kind}, {CONFIG}'no json'}}}}}}");
        assert_eq!(found(&short), unparsable, "{kind}");
        let kept = format!("old: {{kind: {kind}, {CONFIG}'no json'}}}}}}\n{short}");
        assert_eq!(found(&kept), [""; 0], "{kind}");
    }
    let template = format!("object: {{kind: Deployment, spec: {{template: {{{CONFIG}'no json'}}}}}}}}}}");
    assert_eq!(found(&template), [format!("reference-unparsable spec.template.{at}")]);
    let job = format!("object: {{kind: CronJob, spec: {{jobTemplate: {{{CONFIG}'no json'}}}}}}}}}}");
    assert_eq!(found(&job), [format!("reference-unparsable spec.jobTemplate.{at}")]);
}

#[test]
fn a_template_may_leave_an_image_to_a_trigger() {
    let trigger = r#"'[{"from":{"kind":"ImageStreamTag","name":"web:v1"},"fieldPath":"spec"}]'"#;
    let blank = "spec: {template: {spec: {containers: [{name: web, image: ' '}, {name: b}]}}}";
    let both = [
        "reference-unparsable spec.template.spec.containers[0].image",
        "reference-unparsable spec.template.spec.containers[1].image",
    ];
    let image_change =
        "triggers: [{type: ImageChange, imageChangeParams: {from: {kind: ImageStreamTag, name: 'web:v1'}}}]";
    let config = blank.replace("spec: {template", &format!("spec: {{{image_change}, template"));
    let other = blank.replace("spec: {template", "spec: {triggers: [{type: ConfigChange}], template");
    assert_found(&[
        ("without one", &format!("object: {{kind: Deployment, {blank}}}"), &both),
        ("with one", &format!("object: {{kind: Deployment, {CONFIG}{trigger}}}}}, {blank}}}"), &[]),
        ("with an empty list", &format!("object: {{kind: Deployment, {CONFIG}'[]'}}}}, {blank}}}"), &both),
        ("DeploymentConfig without one", &format!("object: {{kind: DeploymentConfig, {blank}}}"), &both),
        ("DeploymentConfig with one", &format!("object: {{kind: DeploymentConfig, {config}}}"), &[]),
        ("DeploymentConfig with another", &format!("object: {{kind: DeploymentConfig, {other}}}"), &both),
        (
            "no pod",
            &format!(
                "object: {{kind: Pod, {CONFIG}{trigger}}}}}, spec: {{containers: [{{name: a, image: ' '}}]}}}}"
            ),
            &["reference-unparsable spec.containers[0].image"],
        ),
    ]);
}

#[test]
fn what_a_deployment_config_takes_is_judged() {
    let settings =
        "settings: {references: {deny: [docker.io], namespaces: [openshift], kinds: [DockerImage]}}\n";
    assert_found(&[
        (
            "trigger",
            &format!(
                "{settings}object: {{kind: DeploymentConfig, spec: {{triggers: [{{type: ConfigChange}}, {{type: ImageChange, \
                 imageChangeParams: {{containerNames: [web], from: {{kind: ImageStreamTag, namespace: sandbox, name: 'web:v1'}}}}}}]}}}}"
            ),
            &[
                "source-kind-not-allowed spec.triggers[1].imageChangeParams.from.kind",
                "source-namespace-not-allowed spec.triggers[1].imageChangeParams.from.namespace",
            ],
        ),
        (
            "trigger without a tag",
            "object: {kind: DeploymentConfig, spec: {triggers: [{imageChangeParams: {}}]}}",
            &["reference-unparsable spec.triggers[0].imageChangeParams.from"],
        ),
        (
            "a stream without a tag",
            "object: {kind: DeploymentConfig, spec: {triggers: [{imageChangeParams: {from: {kind: ImageStreamTag, name: web}}}]}}",
            &["reference-unparsable spec.triggers[0].imageChangeParams.from.name"],
        ),
        (
            "a deployer of one's own",
            &format!(
                "{settings}object: {{kind: DeploymentConfig, spec: {{strategy: {{customParams: {{image: evil/deployer}}}}}}}}"
            ),
            &["source-not-allowed spec.strategy.customParams.image"],
        ),
        (
            "the platform's deployer",
            &format!(
                "{settings}object: {{kind: DeploymentConfig, spec: {{strategy: {{customParams: {{command: [a]}}}}}}}}"
            ),
            &[],
        ),
    ]);
}

#[test]
fn what_a_build_is_made_from_is_judged() {
    let settings = "settings: {references: {deny: [docker.io], namespaces: [openshift]}}\n";
    let from = "{from: {kind: DockerImage, name: evil/base}}";
    for kind in ["Build", "BuildConfig"] {
        for strategy in ["sourceStrategy", "dockerStrategy", "customStrategy"] {
            let short =
                format!("{settings}object: {{kind: {kind}, spec: {{strategy: {{{strategy}: {from}}}}}}}");
            assert_eq!(
                found(&short),
                [format!("source-not-allowed spec.strategy.{strategy}.from.name")],
                "{kind}"
            );
        }
        assert_found(&[
            (
                "from another project",
                &format!(
                    "{settings}object: {{kind: {kind}, spec: {{strategy: {{sourceStrategy: {{from: {{kind: ImageStreamTag, \
                     namespace: sandbox, name: 'a:b'}}}}}}}}}}"
                ),
                &["source-namespace-not-allowed spec.strategy.sourceStrategy.from.namespace"],
            ),
            (
                "a pipeline, and a Dockerfile that says it",
                &format!(
                    "{settings}object: {{kind: {kind}, spec: {{strategy: {{dockerStrategy: {{}}, jenkinsPipelineStrategy: {{}}}}}}}}"
                ),
                &[],
            ),
            (
                "copied from",
                &format!("{settings}object: {{kind: {kind}, spec: {{source: {{images: [{{}}, {from}]}}}}}}"),
                &[
                    "reference-unparsable spec.source.images[0].from",
                    "source-not-allowed spec.source.images[1].from.name",
                ],
            ),
            (
                "of an unknown kind",
                &format!(
                    "object: {{kind: {kind}, spec: {{strategy: {{sourceStrategy: {{from: {{kind: ImageStream, name: web}}}}}}}}}}"
                ),
                &["reference-unparsable spec.strategy.sourceStrategy.from.kind"],
            ),
        ]);
    }
    assert_found(&[
        (
            "what a trigger says was seen last is what is built from",
            &format!(
                "{settings}object: {{kind: BuildConfig, spec: {{triggers: [{{type: ImageChange, imageChange: {{lastTriggeredImageID: evil/base}}}}]}}}}"
            ),
            &["source-not-allowed spec.triggers[0].imageChange.lastTriggeredImageID"],
        ),
        (
            "also in the status",
            &format!(
                "{settings}object: {{kind: BuildConfig, status: {{imageChangeTriggers: [{{lastTriggeredImageID: evil/base}}]}}}}"
            ),
            &["source-not-allowed status.imageChangeTriggers[0].lastTriggeredImageID"],
        ),
        (
            "trigger",
            &format!(
                "{settings}object: {{kind: BuildConfig, spec: {{triggers: [{{type: ImageChange, imageChange: {{from: {{kind: ImageStreamTag, namespace: sandbox, name: 'a:b'}}}}}}]}}}}"
            ),
            &["source-namespace-not-allowed spec.triggers[0].imageChange.from.namespace"],
        ),
    ]);
}

#[test]
fn a_build_does_not_push_to_a_held_tag() {
    let settings = "settings: {references: {immutableTags: '^v', deny: [docker.io], kinds: [DockerImage], pinned: ['']}}\n\
                    cluster: [{apiVersion: image.openshift.io/v1, kind: ImageStream, metadata: {name: web, namespace: shop}, \
                    status: {tags: [{tag: v1, items: [{image: 'sha256:a', dockerImageReference: a}]}]}}, \
                    {apiVersion: image.openshift.io/v1, kind: ImageStream, metadata: {name: web, namespace: other}, \
                    status: {tags: [{tag: v9, items: [{image: 'sha256:a', dockerImageReference: a}]}]}}]\n";
    let at = "spec.output.to.name";
    let held = vec![format!("tag-moved {at}")];
    let registry = "image-registry.openshift-image-registry.svc:5000";
    let capitals = "IMAGE-REGISTRY.openshift-image-registry.svc:5000";
    for (to, expected) in [
        ("{kind: ImageStreamTag, name: 'web:v1'}".to_owned(), held.clone()),
        ("{kind: ImageStreamTag, name: 'web:v2'}".to_owned(), vec![]),
        ("{kind: ImageStreamTag, name: 'web:latest'}".to_owned(), vec![]),
        ("{kind: ImageStreamTag, namespace: other, name: 'web:v1'}".to_owned(), vec![]),
        ("{kind: ImageStreamTag, namespace: other, name: 'web:v9'}".to_owned(), held.clone()),
        (format!("{{kind: DockerImage, name: '{registry}/shop/web:v1'}}"), held.clone()),
        (format!("{{kind: DockerImage, name: '{capitals}/shop/web:v1'}}"), held.clone()),
        (format!("{{kind: DockerImage, name: '{registry}/shop/web:v2'}}"), vec![]),
        ("{kind: DockerImage, name: 'quay.io/acme/web:v1'}".to_owned(), vec![]),
        // What cannot be read may be anything.
        (
            "{kind: DockerImage, name: 'quay.io'}".to_owned(),
            ["digest-missing", "reference-unparsable", "source-not-allowed"]
                .map(|code| format!("{code} {at}"))
                .to_vec(),
        ),
        ("{kind: ImageStreamTag, name: web}".to_owned(), vec![format!("reference-unparsable {at}")]),
        (
            "{kind: ImageStreamImage, name: web}".to_owned(),
            vec!["reference-unparsable spec.output.to.kind".to_owned()],
        ),
        ("{}".to_owned(), vec!["reference-unparsable spec.output.to".to_owned()]),
    ] {
        for kind in ["Build", "BuildConfig"] {
            let object = format!("{{kind: {kind}, spec: {{output: {{to: {to}}}}}}}");
            assert_eq!(found(&format!("{settings}object: {object}")), expected, "{kind}: {to}");
            let kept = format!("{settings}old: {object}\nobject: {object}");
            assert_eq!(found(&kept), [""; 0], "{kind}: {to}");
        }
    }
}

/// A stream of the project, whose tag `v1` shows this image, and what it showed before.
fn own_stream(image: &str, pull_spec: &str, before: &[(&str, &str)]) -> Value {
    let mut events = vec![(image, pull_spec)];
    events.extend(before);
    let mut stream = pointing::stream(&events);
    if let Some(metadata) = stream.get_mut("metadata") {
        *metadata = json!({"name": "web", "namespace": "shop"});
    }
    stream
}

/// An image in each place of a pod, and of what makes pods or images.
fn everywhere(text: &str) -> Vec<Value> {
    let containers = json!([{"name": "web", "image": text}]);
    let pod = json!({"containers": containers});
    let from = json!({"from": {"kind": "DockerImage", "name": text}});
    vec![
        json!({"kind": "Pod", "spec": pod}),
        json!({"kind": "Pod", "spec": {"initContainers": containers}}),
        json!({"kind": "Pod", "spec": {"ephemeralContainers": containers}}),
        json!({"kind": "Pod", "spec": {"volumes": [{"name": "files", "image": {"reference": text}}]}}),
        json!({"kind": "Deployment", "spec": {"template": {"spec": pod}}}),
        json!({"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": pod}}}}}),
        json!({"kind": "DeploymentConfig", "spec": {"strategy": {"customParams": {"image": text}}}}),
        json!({"kind": "Build", "spec": {"strategy": {"customStrategy": from}}}),
        json!({"kind": "BuildConfig", "spec": {"source": {"images": [from]}}}),
        json!({"kind": "BuildConfig", "spec": {"triggers": [{"imageChange": {"lastTriggeredImageID": text}}]}}),
    ]
}

/// A tag of the project's stream, in everything that follows one.
fn followed(name: &str) -> Vec<Value> {
    let from = json!({"kind": "ImageStreamTag", "name": name});
    let trigger = json!([{"from": from, "fieldPath": "spec"}]).to_string();
    vec![
        json!({"kind": "Deployment", "metadata": {"annotations": {"image.openshift.io/triggers": trigger}}}),
        json!({"kind": "DeploymentConfig", "spec": {"triggers": [{"imageChangeParams": {"from": from}}]}}),
        json!({"kind": "BuildConfig", "spec": {"strategy": {"sourceStrategy": {"from": from}}}}),
        json!({"kind": "BuildConfig", "spec": {"triggers": [{"imageChange": {"from": from}}]}}),
    ]
}

const ROUTE: &str = "default-route-openshift-image-registry.apps.example.com";

/// Settings that know the registry's route, by which it is one more way to write.
fn with_route(mut settings: Value) -> Value {
    if let Some(trust) = settings.get_mut("trust").and_then(Value::as_object_mut) {
        trust.insert("registryAliases".to_owned(), json!([[INTEGRATED, ROUTE]]));
    }
    settings
}

#[test]
fn an_image_that_is_denied_at_the_tag_is_denied_at_the_container_however_it_is_written() {
    let mut denying = settings();
    if let Some(settings) = denying.as_object_mut() {
        settings.insert(
            "references".to_owned(),
            json!({"deny": ["docker.io"], "allow": ["registry.test", INTEGRATED]}),
        );
    }
    let mut rejecting = settings();
    if let Some(scopes) = rejecting.pointer_mut("/trust/scopes").and_then(Value::as_object_mut) {
        scopes.insert("quay.io/evil".to_owned(), json!([{"type": "reject"}]));
    }
    for (settings, pull_spec, image_name, others) in [
        (
            &denying,
            format!("docker.io/evil/web@{E}"),
            E,
            vec![
                format!("DOCKER.io/evil/web@{E}"),
                "evil/web".to_owned(),
                "index.docker.io/evil/web:443".to_owned(),
            ],
        ),
        (&denying, format!("quay.io/evil/web@{E}"), E, vec![format!("quay.io:443/evil/web:1@{E}")]),
        (&rejecting, format!("quay.io/evil/web@{E}"), E, vec![format!("Quay.IO/evil/web:2@{E}")]),
        (
            &settings(),
            format!("registry.test/ns/app@{E}"),
            E,
            vec![format!("registry.test:443/ns/app:1@{E}")],
        ),
        // Signed, but as another repository.
        (&settings(), format!("registry.test/ns/other@{D}"), D, vec![]),
    ] {
        let settings = with_route(settings.clone());
        let cluster =
            json!([image(D, &["json-ok"]), image(E, &[]), own_stream(image_name, &pull_spec, &[]),]);
        let denied = |object: &Value, cluster: &Value| {
            let short = judged(&settings, object, cluster);
            let verdict = short.verdict();
            assert!(!verdict.accepted, "{pull_spec}: {object}: {:#?}", lines(&verdict));
        };
        for tag in tags(&json!({"kind": "DockerImage", "name": pull_spec}), &json!({})) {
            denied(&tag, &cluster);
        }
        let capitals = INTEGRATED.to_uppercase().replace("SVC:", "svc:");
        let mut ways = vec![pull_spec.clone()];
        ways.extend(others);
        for registry in
            [INTEGRATED, "image-registry.openshift-image-registry.svc.cluster.local:5000", ROUTE, &capitals]
        {
            ways.extend([
                format!("{registry}/shop/web:v1"),
                format!("{registry}/shop/web@{image_name}"),
                format!("{registry}/shop/web:v2@{image_name}"),
            ]);
        }
        for way in &ways {
            for object in everywhere(way) {
                denied(&object, &cluster);
            }
        }
        for object in followed("web:v1") {
            denied(&object, &cluster);
        }
        // Where the tag shows something good again, what it showed before is still there by digest.
        let moved = json!([
            image(D, &["json-ok"]),
            image(E, &[]),
            own_stream(D, &format!("registry.test/ns/app@{D}"), &[(image_name, &pull_spec)]),
        ]);
        for object in everywhere(&format!("{INTEGRATED}/shop/web@{image_name}")) {
            denied(&object, &moved);
        }
    }
}

#[test]
fn what_is_signed_passes_and_a_tag_that_may_move_is_said() {
    let cluster = json!([image(D, &["json-ok"]), own_stream(D, &format!("registry.test/ns/app@{D}"), &[])]);
    let codes = |object: &Value| {
        let verdict = judged(&settings(), object, &cluster).verdict();
        assert!(verdict.accepted, "{object}: {:#?}", lines(&verdict));
        lines(&verdict).iter().map(|line| code_and_path(line).0).collect::<Vec<_>>()
    };
    for by_digest in [format!("registry.test/ns/app@{D}"), format!("{INTEGRATED}/shop/web@{D}")] {
        for object in everywhere(&by_digest) {
            assert_eq!(codes(&object), [""; 0], "{object}");
        }
    }
    for by_tag in [format!("{INTEGRATED}/shop/web:v1"), "registry.test/ns/app:v1".to_owned()] {
        for object in everywhere(&by_tag) {
            assert_eq!(codes(&object), [UNVERIFIED], "{object}");
        }
    }
    // A trigger writes what it finds into the object, which is judged then.
    for object in followed("web:v1") {
        assert_eq!(codes(&object), [""; 0], "{object}");
    }
    let pod = json!({"kind": "Pod", "spec": {"containers": [{"name": "web", "image": format!("{INTEGRATED}/shop/web:v1")}]}});
    assert_eq!(
        lines(&judged(&settings(), &pod, &cluster).verdict()).concat().matches("the tag may move").count(),
        1
    );
}

/// A stream of the project by this name, whose tag `v1` has this source and shows this image.
fn importing(stream: &str, source: &Value, image: &str, pull_spec: &str) -> Value {
    json!({
        "kind": "ImageStream",
        "metadata": {"name": stream, "namespace": "shop"},
        "spec": {"tags": [{"name": "v1", "from": source}]},
        "status": {"tags": [{"tag": "v1", "items": [{"image": image, "dockerImageReference": pull_spec}]}]},
    })
}

#[test]
fn for_a_tag_elsewhere_the_digest_is_offered_that_a_stream_of_the_repositorys_name_has_imported() {
    let (tag, pulled) = ("registry.test/ns/app:2", format!("registry.test/ns/app@{D}"));
    let docker = |name: &str| json!({"kind": "DockerImage", "name": name});
    let pod = json!({"kind": "Pod", "spec": {"containers": [{"name": "web", "image": tag}]}});
    let mut denying = settings();
    if let Some(settings) = denying.as_object_mut() {
        settings.insert("rules".to_owned(), json!({UNVERIFIED: "deny"}));
    }
    let told = |cluster: &Value| {
        let verdict = judged(&denying, &pod, cluster).verdict();
        assert!(!verdict.accepted && judged(&settings(), &pod, cluster).verdict().accepted);
        lines(&verdict).concat()
    };
    let offered = format!("; use `{pulled}`, which `shop/app:v1` has imported [image-unverified]");
    for source in [tag, "Registry.test:443/ns/app:2"] {
        let line = told(&json!([importing("app", &docker(source), D, &pulled)]));
        assert!(line.ends_with(&offered), "{line}");
    }
    let plain = "; use `registry.test/ns/app@sha256:…` [image-unverified]";
    let elsewhere = format!("quay.io/evil/app@{E}");
    let stream_tag = json!({"kind": "ImageStreamTag", "name": tag});
    for cluster in [
        json!([]),
        json!(["forbidden"]),
        json!([importing("web", &docker(tag), D, &pulled)]),
        json!([importing("app", &docker("registry.test/ns/app:3"), D, &pulled)]),
        json!([importing("app", &docker("registry.test/ns/app"), D, &pulled)]),
        json!([importing("app", &docker("registry.test/other/app:2"), D, &pulled)]),
        json!([importing("app", &docker(&format!("{tag}@{E}")), D, &pulled)]),
        json!([importing("app", &stream_tag, D, &pulled)]),
        // What consumers pull is another image, or from elsewhere.
        json!([importing("app", &docker(tag), E, &pulled)]),
        json!([importing("app", &docker(tag), E, &elsewhere)]),
        json!([importing("app", &docker(tag), "", tag)]),
    ] {
        let line = told(&cluster);
        assert!(line.ends_with(plain), "{cluster}: {line}");
    }
}

#[test]
fn without_an_answer_nothing_that_must_be_signed_passes() {
    for cluster in [json!(["forbidden"]), json!(["out of reach"])] {
        for text in [
            format!("{INTEGRATED}/shop/web:v1"),
            format!("{INTEGRATED}/shop/web@{D}"),
            format!("registry.test/ns/app@{D}"),
        ] {
            for object in everywhere(&text) {
                let verdict = judged(&settings(), &object, &cluster).verdict();
                let found: Vec<String> = lines(&verdict).iter().map(|line| code_and_path(line).0).collect();
                assert!(
                    !verdict.accepted && found.iter().all(|code| code == UNAVAILABLE),
                    "{object}: {found:?}"
                );
            }
        }
    }
}

#[test]
fn an_image_is_looked_up_once_however_many_containers_run_it() {
    let containers: Vec<Value> = (0..50)
        .map(|index| json!({"name": format!("c{index}"), "image": format!("registry.test/ns/app@{D}")}))
        .collect();
    let pod = json!({"kind": "Pod", "spec": {"containers": containers, "initContainers": containers}});
    let short = judged(&settings(), &pod, &json!([image(D, &["json-ok"])]));
    assert_eq!(lines(&short.verdict()), [""; 0]);
    assert_eq!(short.cluster.asked.borrow().len(), 1);
}

/// One request has signatures of 100 stored images verified, and no more.
#[test]
fn an_image_is_verified_once_however_it_is_written_and_however_many_containers_run_it() {
    let ways = [
        format!("registry.test/ns/app@{D}"),
        format!("registry.test:443/ns/app:v1@{D}"),
        format!("{INTEGRATED}/shop/web@{D}"),
        format!("{INTEGRATED}/shop/web:v1"),
    ];
    let containers: Vec<Value> = (0..200)
        .map(|index| json!({"name": format!("c{index}"), "image": ways.iter().cycle().nth(index)}))
        .collect();
    let cluster =
        json!([image(D, &["json-ok", "json-ok"]), own_stream(D, &format!("registry.test/ns/app@{D}"), &[])]);
    let pod = json!({"kind": "Pod", "spec": {"containers": containers, "initContainers": containers}});
    let short = judged(&settings(), &pod, &cluster);
    let verdict = short.verdict();
    assert!(verdict.accepted, "{:#?}", lines(&verdict));
    let mut asked = short.cluster.asked.borrow().clone();
    asked.sort();
    assert_eq!(asked.len(), 2, "{asked:?}");
}

/// A controller reads what is refused here: names in any case, and the last of two.
#[test]
fn an_annotation_that_was_unreadable_before_is_not_known_by_that() {
    let deployment = |triggers: &str| {
        format!(
            "{{kind: Deployment, metadata: {{annotations: {{image.openshift.io/triggers: '{triggers}'}}}}}}"
        )
    };
    let update =
        |old: &str, new: &str| found(&format!("{DENY}old: {}\nobject: {}", deployment(old), deployment(new)));
    let at = "reference-unparsable metadata.annotations[image.openshift.io/triggers]";
    let trigger = |name: &str| {
        format!(
            r#"[{{"FROM":{{"kind":"ImageStreamTag","name":"{name}"}},"fieldPath":"spec.template.spec.containers[0].image"}}]"#
        )
    };
    for (old, new) in [
        (trigger("good:1"), trigger("evil:1")),
        (format!("{} ", trigger("good:1")), trigger("good:1")),
        ("[".to_owned(), "[ ".to_owned()),
    ] {
        assert_eq!(update(&old, &new), [at], "{old}: {new}");
        assert_eq!(update(&old, &old), [""; 0], "{old}");
    }
}
