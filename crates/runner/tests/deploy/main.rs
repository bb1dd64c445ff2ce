//! What `deploy/` and `policies/*/policy.yaml` bring into a cluster: manifests that Kubewarden takes,
//! asked of every door, with no more rights than the policy uses.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

#[path = "../common/mod.rs"]
mod common;
mod manifests;
mod schema;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use image_trust::answers::{Natively, Nobody};
use image_trust::request;
use image_trust::response::{Finding, Response};
use image_trust::settings::Settings;
use image_trust::suite::{Outcome, Verdict};
use openshift_image_trust::{GROUP, SERVED};
use schema::Definitions;
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use time::UtcDateTime;

const PUSHED: &str = "deploy/pushed-manifests/policy.yaml";

fn at(path: &str) -> PathBuf {
    common::root().join(path)
}

fn metadata() -> Value {
    manifests::load(&at("metadata.yml")).remove(0)
}

/// The policy of every pack, with its file.
fn packs() -> Vec<(PathBuf, Value)> {
    let policy = |(directory, _): (PathBuf, _)| {
        let path = directory.join("policy.yaml");
        let mut found = manifests::load(&path);
        assert_eq!(found.len(), 1, "{}", path.display());
        (path, found.remove(0))
    };
    common::packs().into_iter().map(policy).collect()
}

/// The pack that judges what runs, and not the image API.
const RUNNING: &str = "policies/running-images/policy.yaml";

/// The packs that judge the image API.
fn image_packs() -> Vec<(PathBuf, Value)> {
    packs().into_iter().filter(|(path, _)| *path != at(RUNNING)).collect()
}

fn pushed() -> Value {
    manifests::load(&at(PUSHED)).remove(0)
}

/// The packs' policies, and the one for manifests.
fn policies() -> Vec<(PathBuf, Value)> {
    packs().into_iter().chain([(at(PUSHED), pushed())]).collect()
}

fn server() -> Value {
    manifests::load(&at("deploy/server/policy-server.yaml")).remove(0)
}

#[test]
fn kubewarden_takes_every_manifest() {
    let definitions = Definitions::load();
    let files = manifests::files(&at("deploy")).into_iter().chain(packs().into_iter().map(|(path, _)| path));
    let (mut checked, mut others) = (0, Vec::new());
    for path in files.filter(|path| !path.ends_with("settings.yaml")) {
        for manifest in manifests::load(&path) {
            match definitions.check(&manifest) {
                Some(Ok(())) => checked += 1,
                Some(Err(error)) => panic!("{}: {error}", path.display()),
                None => others.push(manifest["kind"].as_str().unwrap().to_owned()),
            }
        }
    }
    // Those, the server and the example.
    assert_eq!(checked, policies().len() + 2);
    // A kind that is misspelt would be checked by nobody.
    others.retain(|kind| kind != "Kustomization" && kind != "Component");
    let known = ["ClusterRole", "ClusterRoleBinding", "ServiceAccount", "PrometheusRule", "ConfigMap"];
    assert!(others.iter().all(|kind| known.contains(&kind.as_str())), "{others:?}");
}

#[test]
fn what_kubewarden_would_refuse_or_drop_is_noticed() {
    let definitions = Definitions::load();
    let policy = pushed();
    let server = server();
    let cases = [
        ("no such field", &policy, "/spec/timeout", json!(5), false),
        ("no such field in a rule", &policy, "/spec/rules/0/subresources", json!(["status"]), false),
        ("no such field at the top", &policy, "/settings", json!({}), false),
        ("a number in quotes", &policy, "/spec/timeoutSeconds", json!("5"), false),
        ("a longer timeout than there is", &policy, "/spec/timeoutSeconds", json!(31), false),
        ("no such mode", &policy, "/spec/mode", json!("audit"), false),
        ("rules that are no list", &policy, "/spec/rules", json!({}), false),
        (
            "a resource without a kind",
            &policy,
            "/spec/contextAwareResources",
            json!([{"apiVersion": "v1"}]),
            false,
        ),
        ("any settings", &policy, "/spec/settings", json!({"references": {"allow": ["quay.io"]}}), true),
        ("a condition", &policy, "/spec/matchConditions", json!([{"name": "a", "expression": "true"}]), true),
        ("no such field of a server", &server, "/spec/minReplicas", json!(2), false),
        ("replicas in words", &server, "/spec/replicas", json!("three"), false),
        ("memory that is no quantity", &server, "/spec/limits/memory", json!("much"), false),
        ("a share of the replicas", &server, "/spec/maxUnavailable", json!("34%"), true),
    ];
    for (name, manifest, path, value, taken) in cases {
        let mut manifest = manifest.clone();
        let (parent, key) = path.rsplit_once('/').unwrap();
        manifest.pointer_mut(parent).unwrap()[key] = value;
        assert_eq!(definitions.check(&manifest).unwrap().is_ok(), taken, "{name}");
    }
    let mut without_module = policy.clone();
    without_module["spec"].as_object_mut().unwrap().remove("module");
    assert!(definitions.check(&without_module).unwrap().is_err());
}

#[test]
fn every_pack_is_asked_at_every_door() {
    for (path, policy) in image_packs() {
        assert_eq!(policy["spec"]["rules"], metadata()["rules"], "{}", path.display());
        assert_eq!(policy["spec"]["mutating"], false, "{}", path.display());
        assert_eq!(policy["spec"]["backgroundAudit"], metadata()["backgroundAudit"], "{}", path.display());
        // With a selector for namespaces or labels, whoever sets the label would open the door.
        for selector in ["namespaceSelector", "objectSelector"] {
            assert_eq!(policy["spec"].get(selector), None, "{}: {selector}", path.display());
        }
    }
}

/// The packs are not asked about deletions. They would allow each of them.
#[test]
fn nothing_is_lost_by_not_asking_about_deletions() {
    let mut deletions = 0;
    let conditions = json!([{"name": "not-a-deletion", "expression": "request.operation != \"DELETE\""}]);
    for (path, policy) in image_packs() {
        assert_eq!(policy["spec"]["matchConditions"], conditions, "{}", path.display());
        let settings = Settings::load(&path).unwrap();
        for directory in ["tests/captured", "tests/requests"] {
            for file in std::fs::read_dir(at(directory)).unwrap() {
                let file = file.unwrap().path();
                if file.extension().is_some_and(|it| it == "json") {
                    let review: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
                    if review["request"]["operation"] == "DELETE" {
                        let outcome = judge(&review, &settings);
                        assert_eq!(outcome.verdict, Verdict::Allowed, "{}", file.display());
                        deletions += 1;
                    }
                }
            }
        }
    }
    assert!(deletions > 10 * image_packs().len(), "{deletions}");
}

/// Everything that names images to run is asked about, each where an image can get into it, in every
/// namespace but the platform's.
#[test]
fn the_pack_for_what_runs_is_asked_about_all_of_it_and_reports_first() {
    let policy = manifests::load(&at(RUNNING)).remove(0);
    let mut bound = BTreeSet::new();
    for rule in policy["spec"]["rules"].as_array().unwrap() {
        assert_eq!(rule["apiVersions"], json!(["v1"]));
        assert!(rule["operations"].as_array().unwrap().contains(&json!("UPDATE")), "{rule}");
        for resource in rule["resources"].as_array().unwrap() {
            let [group, resource] =
                [&rule["apiGroups"][0], resource].map(|it| it.as_str().unwrap().to_owned());
            assert!(resource.contains('/') || rule["operations"] == json!(["CREATE", "UPDATE"]), "{rule}");
            bound.insert((group, resource));
        }
    }
    let judged = SERVED
        .iter()
        .filter(|served| served.group != GROUP && ["", "ephemeralcontainers"].contains(&served.sub_resource));
    let judged: BTreeSet<_> = judged
        .map(|served| {
            let part = if served.sub_resource.is_empty() { "" } else { "/" };
            (served.group.to_owned(), format!("{}{part}{}", served.resource, served.sub_resource))
        })
        .collect();
    assert_eq!(bound, judged);
    for rule in metadata()["rules"].as_array().unwrap() {
        assert_eq!(rule["apiGroups"], json!([GROUP]));
    }
    let spec = &policy["spec"];
    assert_eq!((&spec["mode"], &spec["failurePolicy"]), (&json!("monitor"), &json!("Ignore")));
    assert_eq!((&spec["mutating"], spec.get("objectSelector")), (&json!(false), None));
    // No label that somebody in a project may set.
    assert_eq!(
        spec["namespaceSelector"],
        json!({"matchExpressions": [
            {
                "key": "kubernetes.io/metadata.name",
                "operator": "NotIn",
                "values": ["default", "kube-node-lease", "kube-public", "kube-system", "kubewarden", "openshift"],
            },
            {"key": "openshift.io/run-level", "operator": "NotIn", "values": ["0", "1"]},
        ]})
    );
    assert_eq!(spec["contextAwareResources"], metadata()["contextAwareResources"]);
}

#[test]
fn the_policies_are_of_one_version_and_on_the_server_that_is_shipped() {
    let annotations = metadata()["annotations"].clone();
    let module = format!(
        "registry://{}:v{}",
        annotations["io.kubewarden.policy.ociUrl"].as_str().unwrap(),
        annotations["io.kubewarden.policy.version"].as_str().unwrap()
    );
    for (path, policy) in policies() {
        assert_eq!(policy["spec"]["module"], module, "{}", path.display());
        assert_eq!(policy["spec"]["policyServer"], server()["metadata"]["name"], "{}", path.display());
    }
}

/// Webhooks of one stage have 13 seconds in OpenShift's API server, whatever they ask for; mutating
/// ones have them together, one after the other.
#[test]
fn nobody_waits_longer_than_the_api_server() {
    for (path, policy) in policies() {
        let seconds = |field: &str| policy["spec"][field].as_u64().unwrap();
        let longest = if policy["spec"]["mutating"] == true { 5 } else { 10 };
        assert!(seconds("timeoutSeconds") <= longest, "{}", path.display());
        // Kubewarden refuses more.
        assert!(seconds("timeoutEvalSeconds") <= seconds("timeoutSeconds"), "{}", path.display());
    }
}

#[test]
fn the_server_survives_a_drained_node() {
    let server = server();
    let name = &server["metadata"]["name"];
    assert!(
        server["spec"]["maxUnavailable"].as_u64().unwrap() < server["spec"]["replicas"].as_u64().unwrap()
    );
    let apart =
        &server["spec"]["affinity"]["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"];
    let selector = &apart[0]["podAffinityTerm"]["labelSelector"]["matchLabels"];
    assert_eq!(*selector, json!({"kubewarden/policy-server": name}));
}

#[test]
fn the_server_may_look_up_what_the_policy_looks_up_and_nothing_else() {
    let rbac = manifests::load(&at("deploy/server/rbac.yaml"));
    let [account, role, binding] = rbac.as_slice() else { panic!("{} manifests", rbac.len()) };
    let resources = metadata()["contextAwareResources"].clone();
    let resources = resources.as_array().unwrap();
    assert!(resources.iter().all(|it| it["apiVersion"] == "image.openshift.io/v1"));
    let plural = |it: &Value| format!("{}s", it["kind"].as_str().unwrap().to_lowercase());
    let resources: Vec<String> = resources.iter().map(plural).collect();
    assert_eq!(
        role["rules"],
        json!([{"apiGroups": ["image.openshift.io"], "resources": resources, "verbs": ["get"]}])
    );
    assert_eq!(binding["roleRef"]["name"], role["metadata"]["name"]);
    let subject = &binding["subjects"][0];
    assert_eq!(*subject, json!({"kind": "ServiceAccount", "name": "image-trust", "namespace": "kubewarden"}));
    assert_eq!(account["metadata"], json!({"name": "image-trust", "namespace": "kubewarden"}));
    assert_eq!(server()["spec"]["serviceAccountName"], account["metadata"]["name"]);
}

#[test]
fn every_pack_can_report_and_protect() {
    for (path, pack) in packs() {
        let name = path.parent().unwrap().file_name().unwrap().to_str().unwrap();
        let as_it_comes = if path == at(RUNNING) { ["monitor", "Ignore"] } else { ["protect", "Fail"] };
        assert_eq!([&pack["spec"]["mode"], &pack["spec"]["failurePolicy"]], as_it_comes, "{name}");
        for (folder, failure_policy) in [("protect", "Fail"), ("monitor", "Ignore")] {
            let mut expected = pack.clone();
            expected["spec"]["mode"] = json!(folder);
            expected["spec"]["failurePolicy"] = json!(failure_policy);
            let overlay = at("deploy").join(folder).join(name);
            assert!(Definitions::load().check(&expected).unwrap().is_ok(), "{name}");
            assert_eq!(manifests::build(&overlay), [expected], "{}", overlay.display());
        }
    }
    for mode in ["deploy/monitor", "deploy/protect"] {
        assert_eq!(std::fs::read_dir(at(mode)).unwrap().count(), packs().len(), "{mode}");
    }
}

/// Kubewarden refuses to turn a policy that protects into one that reports, and two kustomizations
/// that hold the same policy delete it for each other: so it is in none of the packs.
#[test]
fn what_judges_pushed_manifests_is_a_step_of_its_own() {
    assert_eq!(manifests::build(&at("deploy/pushed-manifests")), [pushed()]);
    for path in manifests::files(&at("deploy")) {
        let directory = path.parent().unwrap();
        if path.ends_with("kustomization.yaml")
            && !directory.starts_with(at("deploy/components"))
            && !directory.starts_with(at("deploy/pushed-manifests"))
        {
            assert!(!manifests::build(directory).contains(&pushed()), "{}", directory.display());
        }
    }
    assert_eq!(pushed()["spec"]["mode"], "protect");
}

/// The settings are written once; the manifest beside them is what the command makes of them.
#[test]
fn the_example_is_rendered_from_its_settings() {
    let render = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_image-trust"))
            .args(["manifest", "--settings"])
            .args(arguments)
            .current_dir(at("deploy/example"))
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let shipped = std::fs::read_to_string(at("deploy/example/policy.yaml")).unwrap();
    assert_eq!(render(&["settings.yaml", "--pack", "example"]), (Some(0), shipped, String::new()));
    let policy = manifests::build(&at("deploy/example")).remove(0);
    assert_eq!(policy["spec"]["mode"], "monitor");
    assert_eq!(policy["spec"]["failurePolicy"], "Ignore");
    assert_eq!(policy["spec"]["rules"], metadata()["rules"]);

    let (code, protect, _) = render(&["settings.yaml", "--pack", "example", "--mode", "protect"]);
    assert_eq!(code, Some(0));
    let protect: Value = serde_norway::from_str(&protect).unwrap();
    assert_eq!(protect["spec"]["mode"], "protect");
    assert_eq!(protect["spec"]["failurePolicy"], "Fail");
    assert!(Definitions::load().check(&protect).unwrap().is_ok());

    for arguments in [
        &["settings.yaml", "--pack", "No Name"][..],
        &["settings.yaml", "--mode", "audit"],
        &["kustomization.yaml"],
        &["missing.yaml"],
    ] {
        let (code, manifest, complaint) = render(arguments);
        assert_eq!((code, manifest), (Some(2), String::new()), "{arguments:?}");
        assert_ne!(complaint, "", "{arguments:?}");
    }
}

/// Own settings are bound as those of the pack are.
#[test]
fn a_policy_for_what_runs_is_rendered_from_settings() {
    for (mode, folder) in [("monitor", "deploy/monitor"), ("protect", "deploy/protect")] {
        let output = Command::new(env!("CARGO_BIN_EXE_image-trust"))
            .args(["manifest", "--running-images", "--settings", "policies/running-images/settings.yaml"])
            .args(["--pack", "mine", "--mode", mode])
            .current_dir(at("."))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let rendered: Value = serde_norway::from_slice(&output.stdout).unwrap();
        assert_eq!(rendered["metadata"]["name"], "image-trust-mine-running");
        assert_eq!(
            rendered["spec"],
            manifests::build(&at(folder).join("running-images"))[0]["spec"],
            "{mode}"
        );
        assert!(Definitions::load().check(&rendered).unwrap().is_ok(), "{mode}");
    }
}

/// Whether Helm and a kustomization bring the same into a cluster.
#[test]
fn the_chart_holds_what_the_folders_hold() {
    let chart = "charts/openshift-image-trust";
    let read = |name: &str| std::fs::read_to_string(at(chart).join(name)).unwrap();
    let yaml = |name: &str| serde_norway::from_str::<Value>(&read(name)).unwrap();
    assert_eq!(yaml("files/rules.yaml"), metadata()["rules"]);
    assert_eq!(
        yaml("files/prometheus-rule.yaml"),
        manifests::load(&at("deploy/monitoring/prometheus-rule.yaml"))[0]["spec"]
    );
    let dashboard = &manifests::load(&at("deploy/monitoring/dashboard.yaml"))[0]["data"]["image-trust.json"];
    assert_eq!(read("files/dashboard.json"), dashboard.as_str().unwrap());
    serde_json::from_str::<Value>(dashboard.as_str().unwrap()).unwrap();
    let version = metadata()["annotations"]["io.kubewarden.policy.version"].clone();
    assert_eq!(yaml("Chart.yaml")["version"], version);
    assert_eq!(yaml("Chart.yaml")["appVersion"], format!("v{}", version.as_str().unwrap()));
    assert_eq!(yaml("values.yaml")["policyServer"]["image"], server()["spec"]["image"]);

    let Some(helm) = helm() else { return };
    let lint = Command::new(&helm).args(["lint", "--strict"]).arg(at(chart)).output().unwrap();
    assert!(lint.status.success(), "{}", String::from_utf8_lossy(&lint.stdout));
    let template = |values: &[&str]| {
        let output = Command::new(&helm)
            .args(["template", "image-trust"])
            .arg(at(chart))
            .args(values)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("chart-{}.yaml", values.len()));
        std::fs::write(&file, output.stdout).unwrap();
        sorted(manifests::load(&file))
    };
    let settings = at("deploy/example/settings.yaml");
    let settings =
        format!("policy.settings={}", serde_json::to_string(&manifests::load(&settings)[0]).unwrap());
    let of_folders = |folders: &[&str]| {
        sorted(folders.iter().flat_map(|folder| manifests::build(&at("deploy").join(folder))).collect())
    };
    let example = ["--set-json", &settings, "--set", "policy.name=example"];
    assert_eq!(template(&example), of_folders(&["server", "example"]));
    let everything =
        "pushedManifests.enabled=true,monitoring.enabled=true,auditScanner.rbac=true,policy.name=example";
    let all = ["--set-json", &settings, "--set", everything, "--debug"];
    let folders = ["server", "example", "pushed-manifests", "monitoring", "audit-scanner"];
    assert_eq!(template(&all), of_folders(&folders));

    let definitions = Definitions::load();
    let odd = "policyServer.imagePullSecret=pull,policyServer.verificationConfig=config,policy.mode=protect";
    let more = r#"policyServer.sourceAuthorities={"registry.corp.example":["PEM"]}"#;
    let insecure = r#"policyServer.insecureSources=["registry.lab.example"]"#;
    for manifest in template(&["--set", odd, "--set-json", more, "--set-json", insecure]) {
        assert!(!matches!(definitions.check(&manifest), Some(Err(_))), "{manifest}");
    }
}

/// Helm, where this machine has it: `tools/oracles` installs it.
fn helm() -> Option<PathBuf> {
    let installed = at("target/helm/bin/helm");
    let helm = if installed.exists() { installed } else { PathBuf::from("helm") };
    if Command::new(&helm).arg("version").output().is_ok_and(|output| output.status.success()) {
        return Some(helm);
    }
    assert_ne!(std::env::var("IMAGE_TRUST_ORACLES").as_deref(), Ok("required"), "there is no helm");
    eprintln!("no helm: nothing compared");
    None
}

/// Where kubectl is installed, it says the same of every kustomization as this test's own reading.
#[test]
fn kubectl_builds_the_same() {
    if Command::new("kubectl").arg("kustomize").arg("--help").output().is_err() {
        eprintln!("no kubectl: nothing compared");
        return;
    }
    for path in manifests::files(&at("deploy")) {
        let directory = path.parent().unwrap();
        if path.ends_with("kustomization.yaml") && !directory.starts_with(at("deploy/components")) {
            assert_eq!(sorted(kubectl(directory)), sorted(manifests::build(directory)), "{}", path.display());
        }
    }
}

fn kubectl(directory: &Path) -> Vec<Value> {
    let output = Command::new("kubectl").arg("kustomize").arg(directory).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kustomized.yaml");
    std::fs::write(&file, output.stdout).unwrap();
    manifests::load(&file)
}

fn sorted(mut manifests: Vec<Value>) -> Vec<Value> {
    manifests.sort_by_key(|it| format!("{} {}", it["kind"], it["metadata"]["name"]));
    manifests
}

#[test]
fn only_created_images_are_judged_before_the_server_empties_them() {
    let policy = pushed();
    let rules = json!([{
        "apiGroups": ["image.openshift.io"],
        "apiVersions": ["v1"],
        "resources": ["images"],
        "operations": ["CREATE"],
    }]);
    assert_eq!(policy["spec"]["rules"], rules);
    assert_eq!(policy["spec"]["mutating"], true);
    assert_eq!(policy["spec"]["backgroundAudit"], false);
    assert_eq!(policy["spec"].get("contextAwareResources"), None);
}

/// A page that sends people to a folder or a webhook that is not there is of no use at night.
#[test]
fn the_page_names_what_is_there() {
    let page = std::fs::read_to_string(at("docs/openshift.md")).unwrap();
    let words = || page.split(|it: char| !(it.is_ascii_alphanumeric() || "-_./".contains(it)));
    let paths: Vec<&str> =
        words().filter(|it| it.starts_with("deploy/") || it.starts_with("policies/")).collect();
    assert!(paths.len() > 5);
    for path in paths {
        assert!(at(path.trim_end_matches('.')).exists(), "{path}");
    }
    let policies = policies();
    for name in words().filter_map(|it| it.strip_prefix("clusterwide-")) {
        assert!(policies.iter().any(|(_, policy)| policy["metadata"]["name"] == name), "{name}");
    }
}

#[test]
fn the_picture_names_rules_that_exist() {
    let picture = std::fs::read_to_string(at("docs/doors.svg")).unwrap();
    let codes: Vec<&str> = picture
        .lines()
        .filter(|line| line.contains("class=\"code\""))
        .flat_map(|line| line.split(['<', '>']).nth(2).unwrap().split_whitespace())
        .collect();
    assert!(codes.len() > 3);
    let rules = openshift_image_trust::RULES;
    assert!(codes.iter().all(|code| rules.iter().any(|rule| rule.code == *code)), "{codes:?}");
}

#[test]
fn every_colour_of_the_picture_has_one_for_the_dark() {
    let picture = std::fs::read_to_string(at("docs/doors.svg")).unwrap();
    let (style, content) = picture.split_once("</style>").unwrap();
    assert!(style.contains("@media (prefers-color-scheme: dark)"));
    for attribute in ["fill", "stroke"] {
        let mark = format!("{attribute}=\"#");
        for colour in content.split(&mark).skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(style.contains(&format!("[{mark}{colour}\"] {{ {attribute}: #")), "{mark}{colour}");
        }
    }
}

/// A push by digest whose manifest is not the one that its name says: the mutating stage shows it,
/// the validating stage of the same request does not.
#[test]
fn a_pushed_manifest_that_is_not_what_its_name_says_is_denied_where_it_can_be_seen() {
    let settings = Settings::load(&at(PUSHED)).unwrap();
    let mut before = review("tests/requests/22-image-create-registry-mutating-view.json");
    let after = review("tests/requests/23-image-create-registry-validating-view.json");
    assert_eq!(before["request"]["name"], after["request"]["name"]);
    assert_eq!(judge(&before, &settings).verdict, Verdict::Allowed);

    let manifest = &mut before["request"]["object"]["dockerImageManifest"];
    *manifest = json!(manifest.as_str().unwrap().replace("\"size\": 35366", "\"size\": 35367"));
    let outcome = judge(&before, &settings);
    assert_eq!(outcome.verdict, Verdict::Denied);
    let blamed = Finding { code: "manifest-mismatch".to_owned(), path: "dockerImageManifest".to_owned() };
    assert!(outcome.violations.contains(&blamed), "{:?}", outcome.violations);

    // This is all that a validating webhook gets of it, so no pack can tell.
    assert!(after["request"]["object"].get("dockerImageManifest").is_none());
    for (path, _) in packs() {
        let outcome = judge(&after, &Settings::load(&path).unwrap());
        assert!(!outcome.violations.contains(&blamed), "{}", path.display());
    }
}

fn review(path: &str) -> Value {
    serde_json::from_slice(&std::fs::read(at(path)).unwrap()).unwrap()
}

/// What the policy's own library says, without a cluster.
fn judge(review: &Value, settings: &Settings) -> Outcome {
    let request = to_raw_value(&review["request"]).unwrap();
    let payload = request::payload(&request, settings);
    let cluster = Natively(&Nobody);
    let answer = openshift_image_trust::evaluate(payload.as_bytes(), UtcDateTime::now(), &cluster).to_json();
    Outcome::of(&Response::parse(&answer).unwrap()).unwrap()
}
