//! `image-trust audit`, with the module itself.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

const TEAM: &str = "policies/team-signed/settings.yaml";
const BOTH: &str = "policies/team-signed/cluster";
const ONE: &str = "policies/team-signed/cluster-with-one-signature";
const DIGEST: &str = "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1";

fn image_trust(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_image-trust"));
    command.args(arguments).current_dir(common::root()).env("IMAGE_TRUST_POLICY", common::module_path());
    command.env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"));
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A cluster of its own for each test, with settings beside it.
struct Desk(PathBuf);

impl Desk {
    fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("audit").join(name);
        _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("cluster")).unwrap();
        Desk(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new(""))).unwrap();
        fs::write(path, text).unwrap();
    }

    fn settings(&self, text: &str) -> &Self {
        self.write("settings.yaml", text);
        self
    }

    fn list(&self, file: &str, items: &[Value]) -> &Self {
        self.write(
            &format!("cluster/{file}"),
            &json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string(),
        );
        self
    }

    fn audit(&self, more: &[&str]) -> Output {
        let (cluster, settings) = (self.path("cluster"), self.path("settings.yaml"));
        image_trust(&[&["audit", "--cluster", &cluster, "--settings", &settings], more].concat())
    }

    fn report(&self, more: &[&str]) -> Value {
        serde_json::from_slice(&self.audit(&[more, &["-o", "json"]].concat()).stdout).unwrap()
    }
}

fn stream(namespace: &str, name: &str, sources: &[&str]) -> Value {
    let tags = sources.iter().enumerate().map(|(index, source)| {
        json!({"name": format!("v{index}"), "from": {"kind": "DockerImage", "name": source}})
    });
    json!({
        "apiVersion": "image.openshift.io/v1", "kind": "ImageStream",
        "metadata": {"namespace": namespace, "name": name}, "spec": {"tags": tags.collect::<Vec<_>>()},
    })
}

fn pod(name: &str, phase: &str, image: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "shop", "name": name},
        "spec": {"containers": [{"name": "main", "image": image}]}, "status": {"phase": phase},
    })
}

#[test]
fn what_would_be_denied_is_counted() {
    let audit = |folder: &str, more: &[&str]| {
        image_trust(&[&["audit", "--cluster", folder, "--settings", TEAM], more].concat())
    };
    let clean = audit(BOTH, &[]);
    let told = text(&clean.stdout);
    assert_eq!(clean.status.code(), Some(0), "{told}");
    assert!(told.starts_with("2 objects read from 2 files\n"), "{told}");
    assert!(told.ends_with("\n0 of 2 objects would be denied\n"), "{told}");
    assert!(!told.contains("\n\n\n"), "{told}");
    let found = audit(ONE, &[]);
    assert_eq!(found.status.code(), Some(1));
    assert!(text(&found.stdout).lines().any(|line| line.starts_with("deny  image-untrusted ")));
    let report: Value = serde_json::from_slice(&audit(ONE, &["-o", "json"]).stdout).unwrap();
    assert_eq!((&report["objects"], &report["denied"]), (&json!(2), &json!(1)));
    let image = report["results"].as_array().unwrap().iter().find(|it| it["accepted"] == json!(false));
    let violation = &image.unwrap()["violations"][0];
    assert_eq!(
        (&violation["rule"], &violation["path"]),
        (&json!("image-untrusted"), &json!("dockerImageReference"))
    );
    assert!(text(&found.stderr).is_empty());
}

#[test]
fn what_is_found_is_told_with_its_line() {
    let desk = Desk::new("lines");
    desk.settings("references: {deny: [docker.io]}");
    desk.write(
        "cluster/shop/all.yaml",
        "apiVersion: v1\nkind: List\nitems:\n\
         - apiVersion: image.openshift.io/v1\n  kind: ImageStream\n  metadata: {name: web, namespace: shop}\n\
         \x20 spec:\n    tags:\n    - name: v1\n      from: {kind: DockerImage, name: quay.io/acme/web}\n\
         \x20   - name: v2\n      from:\n        kind: DockerImage\n        name: nginx\n\
         ---\napiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\n\
         spec:\n  containers:\n  - name: web\n    image: nginx\n",
    );
    let all = desk.path("cluster/shop/all.yaml");
    let report = desk.report(&[]);
    let places: Vec<Value> = report["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| json!([result["object"], result["place"], result["violations"][0]["place"]]))
        .collect();
    let at = |line: usize, column: usize| json!({"file": all, "line": line, "column": column});
    assert_eq!(
        places,
        [
            json!(["ImageStream shop/web", at(4, 3), at(14, 15)]),
            json!(["Pod shop/web", at(16, 1), at(22, 12)])
        ]
    );
    let github = text(&desk.audit(&["-o", "github"]).stdout);
    assert!(github.contains("line=14,col=15") && github.contains("line=22,col=12"), "{github}");
    let sarif: Value = serde_json::from_slice(&desk.audit(&["-o", "sarif"]).stdout).unwrap();
    let regions: Vec<&Value> = sarif["runs"][0]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| &result["locations"][0]["physicalLocation"]["region"])
        .collect();
    let region = |line: usize, column: usize| json!({"startLine": line, "startColumn": column});
    assert_eq!(regions, [&region(14, 15), &region(22, 12)]);
    let details = text(&desk.audit(&["--details"]).stdout);
    assert!(details.contains("all.yaml:4)") && details.contains("all.yaml:16)"), "{details}");
}

#[test]
fn what_runs_in_the_platforms_namespaces_is_judged_where_it_is_named() {
    let desk = Desk::new("platform");
    let elsewhere = |namespace: &str| {
        let mut pod = pod("web", "Running", "nginx");
        pod["metadata"]["namespace"] = json!(namespace);
        pod
    };
    desk.settings("references: {deny: [docker.io]}");
    desk.list("pods.json", &["openshift-dns", "kube-system"].map(elsewhere));
    let nothing = desk.audit(&[]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(text(&nothing.stderr).contains("2 pods and workloads in the platform's namespaces"));
    desk.list("pods.json", &["openshift-dns", "shop", "default"].map(elsewhere));
    let report = desk.report(&[]);
    assert_eq!(
        (&report["objects"], &report["denied"], &report["leftOut"]),
        (&json!(1), &json!(1), &json!(2))
    );
    let told = text(&desk.audit(&[]).stdout);
    let line = "\nnot judged: 2 pods and workloads in the platform's namespaces, which the pack running-images leaves out\n";
    assert!(told.contains(line), "{told}");
    let named = desk.report(&["--namespace", "openshift-.*|default"]);
    assert_eq!((&named["objects"], &named["denied"], &named["leftOut"]), (&json!(2), &json!(2), &json!(0)));
}

#[test]
fn nothing_to_judge_is_no_pass() {
    let desk = Desk::new("nothing");
    desk.settings("{}");
    let told = |more: &[&str]| {
        let output = desk.audit(more);
        assert_eq!(output.status.code(), Some(2), "{}", text(&output.stdout));
        assert!(output.stdout.is_empty());
        text(&output.stderr)
    };
    assert_eq!(told(&[]), "image-trust: nothing to judge: 0 objects read from 0 files\n");
    let tag = json!({"apiVersion": "image.openshift.io/v1", "kind": "ImageStreamTag", "metadata": {"name": "web:v1", "namespace": "shop"}});
    let other =
        json!({"apiVersion": "config.openshift.io/v1", "kind": "Image", "metadata": {"name": "cluster"}});
    desk.list("others.json", &[tag, other]);
    assert_eq!(
        told(&["-o", "json"]),
        "image-trust: nothing to judge: 2 objects read from 1 file; 2 objects of other kinds (1 Image, 1 ImageStreamTag) were not judged\n"
    );
    desk.list("one.json", &[stream("shop", "web", &["quay.io/acme/web:v1"])]);
    assert_eq!(desk.audit(&[]).status.code(), Some(0));
    assert!(told(&["--namespace", "sho"]).contains("where the namespace matches"));
    assert!(told(&["--rule", "no-such-rule"]).contains("--rule: no rule's code matches"));
    // What cannot be read is told, and the rest is judged nevertheless.
    desk.write("cluster/deeper/broken.yaml", "a: [");
    let broken = desk.audit(&[]);
    assert_eq!(broken.status.code(), Some(2));
    assert!(text(&broken.stderr).contains("deeper/broken.yaml: "), "{}", text(&broken.stderr));
    assert!(text(&broken.stdout).contains("0 of 1 object would be denied"));
    assert_eq!(desk.report(&[])["undecided"].as_array().unwrap().len(), 1);
}

#[test]
fn totals_are_by_rule_namespace_and_source() {
    let desk = Desk::new("totals");
    desk.settings("references: {allow: [quay.io]}\nanswers: {help: see the wiki}");
    let image = |digit: char| {
        let digest = format!("sha256:{}", digit.to_string().repeat(64));
        json!({"apiVersion": "image.openshift.io/v1", "kind": "Image", "metadata": {"name": digest},
            "dockerImageReference": format!("docker.io/library/nginx@{digest}")})
    };
    desk.list(
        "a.json",
        &[
            stream("team-10", "web", &["nginx:1", "docker.io/nginx:2", "docker.io/library/nginx"]),
            stream("team-2", "web", &["nginx", "ghcr.io/acme/web"]),
            stream("team-3", "good", &["quay.io/acme/web"]),
        ],
    );
    desk.list("below/b.json", &[image('1'), image('2'), image('3')]);
    let report = desk.report(&["--rule", "source-not-allowed"]);
    assert_eq!((&report["files"], &report["read"], &report["denied"]), (&json!(2), &json!(6), &json!(5)));
    assert_eq!(
        report["byRule"],
        json!([{"level": "deny", "rule": "source-not-allowed", "findings": 2, "objects": 5}])
    );
    let namespaces: Vec<_> =
        report["byNamespace"].as_array().unwrap().iter().map(|row| &row["namespace"]).collect();
    assert_eq!(namespaces, ["", "team-2", "team-3", "team-10"]);
    assert_eq!(
        report["refusedSources"],
        json!([
            {"source": "docker.io/library/nginx", "streams": 2, "images": 3, "pods": 0, "workloads": 0},
            {"source": "ghcr.io/acme/web", "streams": 1, "images": 0, "pods": 0, "workloads": 0},
        ])
    );
    assert_eq!(report["signed"], json!([{"registry": "docker.io", "signed": 0, "images": 3}]));
    // One finding for the three tags, and one for the three Images.
    let find = |report: &Value, object: &str| {
        let results = report["results"].as_array().unwrap();
        results.iter().find(|it| it["object"] == object).map(|it| it["violations"].as_array().unwrap().len())
    };
    assert_eq!(find(&report, "ImageStream team-10/web"), Some(1));
    assert_eq!(find(&report, "ImageStream team-2/web"), Some(2));
    assert_eq!(find(&report, "3 Images of docker.io/library/nginx"), Some(1));
    let detailed = desk.report(&["--details", "--rule", "source-.*"]);
    assert_eq!(detailed["results"].as_array().unwrap().len(), 6);
    let named = text(&desk.audit(&["--details"]).stdout);
    assert!(named.contains("DENIED ImageStream team-10/web: 1 violation"), "{named}");
    assert!(named.contains(&format!("DENIED Image sha256:{}", "3".repeat(64))), "{named}");
    assert!(!named.contains("see the wiki") && !named.contains("no rule"), "{named}");
}

#[test]
fn filters_leave_out_what_they_do_not_match() {
    let desk = Desk::new("filters");
    desk.settings("references: {allow: [quay.io]}\nrules: {local-lookup: deny}");
    let mut local = stream("shop", "local", &["quay.io/acme/web"]);
    local["spec"]["lookupPolicy"] = json!({"local": true});
    desk.list("a.json", &[local, stream("shop-2", "web", &["nginx"])]);
    for (more, objects, denied) in [
        (&[][..], 2, 2),
        (&["--namespace", "shop"], 1, 1),
        (&["--namespace", "shop.*"], 2, 2),
        (&["--rule", "local-lookup"], 2, 1),
        (&["--rule", "tag-.*"], 2, 0),
        (&["--namespace", "shop", "--rule", "source-not-allowed"], 1, 0),
    ] {
        let report = desk.report(more);
        assert_eq!((&report["objects"], &report["denied"]), (&json!(objects), &json!(denied)), "{more:?}");
        assert_eq!(desk.audit(more).status.code(), Some(i32::from(denied > 0)), "{more:?}");
    }
    for bad in [["--rule", "("], ["--namespace", "a)(b"]] {
        assert_eq!(desk.audit(&bad).status.code(), Some(2), "{bad:?}");
    }
}

#[test]
fn what_the_platform_maintains_is_counted_apart() {
    let desk = Desk::new("platform-streams");
    let settings = "references: {allow: [quay.io]}";
    desk.settings(settings).list(
        "a.json",
        &[
            stream("openshift", "nginx", &["nginx"]),
            stream("openshift-nowhere", "nginx", &["nginx"]),
            stream("openshiftish", "nginx", &["nginx"]),
        ],
    );
    let report = desk.report(&[]);
    assert_eq!((&report["denied"], &report["spared"]), (&json!(1), &json!(2)));
    assert_eq!(
        report["exempted"],
        json!([{"rule": "source-not-allowed", "by": "the platform", "objects": 2}])
    );
    assert!(
        text(&desk.audit(&[]).stdout).contains("2 objects would be denied to everybody but the platform")
    );
    desk.settings(&format!("{settings}\nplatformExemptions: false"));
    let report = desk.report(&[]);
    assert_eq!(
        (&report["denied"], &report["spared"], &report["exempted"]),
        (&json!(3), &json!(0), &json!([]))
    );
    desk.settings(&format!("{settings}\nexemptions: [{{reason: for now, namespaces: [openshiftish]}}]"));
    let report = desk.report(&[]);
    assert_eq!((&report["denied"], &report["spared"]), (&json!(0), &json!(2)));
    assert_eq!(
        report["exempted"][1],
        json!({"rule": "source-not-allowed", "by": "the settings", "objects": 1})
    );
}

#[test]
fn each_output_has_the_findings() {
    let desk = Desk::new("outputs");
    desk.settings("references: {allow: [quay.io]}").list("a.json", &[stream("shop", "web", &["nginx"])]);
    let told = |output: &str| {
        let output = desk.audit(&["-o", output]);
        assert_eq!(output.status.code(), Some(1));
        text(&output.stdout)
    };
    let sarif: Value = serde_json::from_str(&told("sarif")).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "source-not-allowed");
    let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
    assert!(uri.ends_with("cluster/a.json"), "{uri}");
    let junit = told("junit");
    let junit = roxmltree::Document::parse(&junit).unwrap();
    let failure = junit.descendants().find(|node| node.has_tag_name("failure")).unwrap();
    assert_eq!(failure.attribute("type"), Some("source-not-allowed"));
    let github = told("github");
    assert!(github.starts_with("::error file=") && github.contains("ImageStream shop/web: "), "{github}");
    assert_eq!(github.lines().count(), 1);
}

#[test]
fn two_settings_are_compared() {
    let desk = Desk::new("against");
    desk.settings("references: {allow: [quay.io]}");
    desk.write("before.yaml", "references: {allow: [docker.io]}");
    desk.list(
        "a.json",
        &[
            stream("shop", "web", &["nginx"]),
            stream("shop", "app", &["quay.io/acme/app"]),
            stream("shop", "odd", &["ghcr.io/acme/odd"]),
        ],
    );
    let before = desk.path("before.yaml");
    let report = desk.report(&["--against", &before]);
    let denied = |results: &Value| -> Vec<String> {
        let results = results.as_array().unwrap().iter().filter(|it| it["accepted"] == json!(false));
        results.map(|it| it["object"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(denied(&report["results"]), ["ImageStream shop/web"]);
    assert_eq!(denied(&report["noLongerDenied"]), ["ImageStream shop/app"]);
    let told = desk.audit(&["--against", &before]);
    assert_eq!(told.status.code(), Some(1));
    let told = text(&told.stdout);
    let (becomes, no_longer) = told.split_once("Violations that would be gone:").unwrap();
    assert!(
        becomes.contains("shop/web") && !becomes.contains("shop/app") && !told.contains("shop/odd"),
        "{told}"
    );
    assert!(no_longer.contains("ImageStream shop/app"), "{told}");
    assert!(no_longer.ends_with("\n1 of 3 objects would become denied\n"), "{told}");
    // Nothing more is denied by the same settings.
    let same = desk.audit(&["--against", &desk.path("settings.yaml")]);
    assert_eq!(same.status.code(), Some(0));
    desk.write("bad.yaml", "references: {alow: []}");
    assert_eq!(desk.audit(&["--against", &desk.path("bad.yaml")]).status.code(), Some(2));
}

#[test]
fn long_streams_are_warned_of() {
    let desk = Desk::new("long");
    let mut long = stream("shop", "long", &["quay.io/acme/web"]);
    long["metadata"]["annotations"] = json!({"a": "x".repeat(700_000)});
    let mut short = stream("shop", "short", &["quay.io/acme/web"]);
    short["metadata"]["annotations"] = json!({"a": "x".repeat(690_000)});
    desk.settings("{}").list("a.json", &[long, short]);
    let output = desk.audit(&[]);
    assert_eq!(output.status.code(), Some(0));
    let told = text(&output.stdout);
    assert!(
        told.contains("ImageStream shop/long is 700 kB long; the policy server refuses reviews over 2 MB"),
        "{told}"
    );
    assert!(!told.contains("shop/short"), "{told}");
}

#[test]
fn what_runs_is_told_by_source() {
    let desk = Desk::new("runs");
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"namespace": "shop", "name": "web"},
        "spec": {"template": {"spec": {"containers": [{"name": "main", "image": format!("nginx@{DIGEST}")}]}}},
    });
    desk.settings("references: {allow: [quay.io]}").list(
        "a.json",
        &[
            stream("shop", "web", &["nginx"]),
            pod("a", "Running", "nginx:1"),
            pod("b", "Running", "docker.io/library/nginx:2"),
            pod("c", "Pending", "quay.io/acme/web"),
            pod("d", "Succeeded", "nginx:1"),
            pod("e", "Failed", "nginx:1"),
            deployment,
        ],
    );
    let report = desk.report(&[]);
    assert_eq!(
        report["refusedSources"],
        json!([{"source": "docker.io/library/nginx", "streams": 1, "images": 0, "pods": 2, "workloads": 1}])
    );
    assert_eq!(
        (&report["objects"], &report["denied"], &report["endedPods"]),
        (&json!(5), &json!(4), &json!(2))
    );
    assert!(text(&desk.audit(&[]).stdout).contains("\nnot judged: 2 pods that have ended\n"));
}

#[test]
fn each_registry_has_its_share_of_signed_images() {
    let report = image_trust(&["audit", "--cluster", BOTH, "--settings", TEAM, "-o", "json"]);
    let report: Value = serde_json::from_slice(&report.stdout).unwrap();
    assert_eq!(report["signed"], json!([{"registry": "registry.test", "signed": 1, "images": 1}]));
}

#[test]
fn many_objects_keep_their_order_and_their_answers() {
    let desk = Desk::new("many");
    let streams: Vec<Value> = (0..300)
        .map(|index| {
            let source = if index % 3 == 0 { "nginx" } else { "quay.io/acme/web" };
            stream("shop", &format!("s{index:03}"), &[source])
        })
        .collect();
    desk.settings("references: {allow: [quay.io]}").list("a.json", &streams);
    let report = desk.report(&["--now", "2026-06-01T00:00:00Z"]);
    let results = report["results"].as_array().unwrap();
    assert_eq!(results.len(), 300);
    for (index, result) in results.iter().enumerate() {
        assert_eq!(result["object"], format!("ImageStream shop/s{index:03}"));
        assert_eq!(result["accepted"], json!(index % 3 != 0), "{index}");
    }
}
