//! The command as a person and a script meet it, with a stand-in for the policy.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

const STREAM: &str =
    r#"{"apiVersion":"image.openshift.io/v1","kind":"ImageStream","metadata":{"name":"app"}}"#;
const LOUD: &str =
    r#"{"apiVersion":"image.openshift.io/v1","kind":"ImageStream","metadata":{"name":"loud!"}}"#;
const CRASHING: &str =
    r#"{"apiVersion":"image.openshift.io/v1","kind":"ImageStream","metadata":{"name":"100%"}}"#;
const SPINNING: &str =
    r#"{"apiVersion":"image.openshift.io/v1","kind":"ImageStream","metadata":{"name":"~"}}"#;

/// A directory of a test's own, with the stand-in as `policy.wasm`.
struct Desk {
    directory: PathBuf,
}

/// How a command ended.
struct Ended {
    code: i32,
    out: String,
    err: String,
}

impl Desk {
    fn new(name: &str) -> Self {
        let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).unwrap();
        let desk = Desk { directory };
        let judge = wat::parse_str(include_str!("guests/judge.wat")).unwrap();
        fs::write(desk.directory.join("policy.wasm"), judge).unwrap();
        desk
    }

    fn with(self, path: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.directory.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with(arguments, "", &[])
    }

    fn run_with(&self, arguments: &[&str], input: &str, environment: &[(&str, &str)]) -> Ended {
        let mut child = Command::new(env!("CARGO_BIN_EXE_image-trust"))
            .args(arguments)
            .current_dir(&self.directory)
            .env_remove("IMAGE_TRUST_POLICY")
            .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
            .env_remove("IMAGE_TRUST_SETTINGS")
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The command may end without having read.
        _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        Ended {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

#[test]
fn an_allowed_request_is_one_line() {
    let desk = Desk::new("allowed").with("app.json", STREAM);
    let ended = desk.run(&["run", "app.json"]);
    assert_eq!(ended.out, "ALLOWED ImageStream default/app  (app.json:1)\n");
    assert_eq!((ended.code, ended.err.as_str()), (0, ""));
}

#[test]
fn a_denied_request_says_why() {
    let desk = Desk::new("denied").with("loud.json", LOUD);
    let ended = desk.run(&["run", "--request", "loud.json"]);
    assert_eq!(
        ended.out,
        "DENIED ImageStream default/loud!: 1 violation  (loud.json:1)\n  \
         loud.json:1: spec.a: shouts \\u{1b}[31m [shouting]\n"
    );
    assert_eq!((ended.code, ended.err.as_str()), (1, ""));
}

#[test]
fn a_warning_does_not_deny() {
    let desk = Desk::new("warned").with("odd.json", STREAM.replace("app", "app?"));
    let ended = desk.run(&["run", "odd.json"]);
    assert_eq!(
        ended.out,
        "ALLOWED ImageStream default/app?  (odd.json:1)\n  warning: odd.json:1: spec: odd [odd]\n"
    );
    assert_eq!(ended.code, 0);
}

#[test]
fn several_requests_are_counted() {
    let desk = Desk::new("several")
        .with("app.json", STREAM)
        .with("loud.json", LOUD)
        .with("two.yaml", format!("{STREAM}\n---\n{STREAM}\n"));
    let ended = desk.run(&["run", "two.yaml", "--request", "app.json", "loud.json"]);
    let lines: Vec<_> = ended.out.lines().collect();
    assert_eq!(
        lines,
        [
            "ALLOWED ImageStream default/app  (app.json:1)",
            "DENIED ImageStream default/loud!: 1 violation  (loud.json:1)",
            "  loud.json:1: spec.a: shouts \\u{1b}[31m [shouting]",
            "ALLOWED ImageStream default/app  (two.yaml:1)",
            "ALLOWED ImageStream default/app  (two.yaml:3)",
            "3 allowed, 1 denied",
        ]
    );
    assert_eq!(ended.code, 1);
}

#[test]
fn what_oc_prints_is_read_from_standard_input() {
    let desk = Desk::new("stdin");
    let list = format!("apiVersion: v1\nkind: List\nitems:\n- {STREAM}\n- {LOUD}\n");
    let ended = desk.run_with(&["run", "-"], &list, &[]);
    assert_eq!(
        ended.out,
        "ALLOWED ImageStream default/app  (standard input:4)\n\
         DENIED ImageStream default/loud!: 1 violation  (standard input:5)\n  \
         standard input:5: spec.a: shouts \\u{1b}[31m [shouting]\n\
         1 allowed, 1 denied\n"
    );
    assert_eq!(ended.code, 1);
}

#[test]
fn json_holds_every_answer_as_given() {
    let review = format!(
        r#"{{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{{"operation":"UPDATE",
        "resource":{{"resource":"imagestreams"}},"subResource":"status","name":"a","namespace":"shop",
        "userInfo":{{"username":"dana"}},"object":{LOUD}}}}}"#
    );
    let desk = Desk::new("json").with("app.json", STREAM).with("review.json", review);
    let ended = desk.run(&["run", "app.json", "review.json", "-o", "json"]);
    let answers: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(
        answers,
        json!({
            "results": [
                {
                    "object": "ImageStream default/app",
                    "place": {"file": "app.json", "line": 1, "column": 1},
                    "accepted": true,
                    "count": 0,
                    "violations": [],
                    "warnings": [],
                    "exempted": [],
                    "request": {"operation": "CREATE", "resource": "imagestreams", "kind": "ImageStream", "namespace": "default", "name": "app", "user": null},
                    "response": {"accepted": true},
                },
                {
                    "object": "UPDATE imagestreams/status shop/a by dana",
                    "place": {"file": "review.json", "line": 1, "column": 72},
                    "accepted": false,
                    "count": 1,
                    "violations": [{
                        "path": "spec.a",
                        "entry": null,
                        "rule": "shouting",
                        "level": "deny",
                        "message": "shouts \u{1b}[31m",
                        "place": {"file": "review.json", "line": 3, "column": 40},
                        "documentation": null,
                    }],
                    "warnings": [],
                    "exempted": [],
                    "request": {"operation": "UPDATE", "resource": "imagestreams/status", "kind": null, "namespace": "shop", "name": "a", "user": "dana"},
                    "response": {"accepted": false, "message": "1 violation in it:\nspec.a: shouts \u{1b}[31m [shouting]", "code": 403},
                },
            ],
            "notJudged": {},
            "undecided": [],
        })
    );
    assert_eq!(ended.code, 1);
}

#[test]
fn objects_of_other_kinds_are_counted_and_never_denied() {
    let service = "{apiVersion: v1, kind: Service, metadata: {name: loud!}}";
    let route = "{apiVersion: route.openshift.io/v1, kind: Route}";
    let desk = Desk::new("others")
        .with("mixed.yaml", format!("{service}\n---\n{STREAM}\n---\n{service}\n---\n{route}\n"))
        .with("service.yaml", service)
        .with(
            "review.yaml",
            format!("kind: AdmissionReview\nrequest: {{operation: CREATE, object: {service}}}\n"),
        );
    let ended = desk.run(&["run", "mixed.yaml"]);
    assert_eq!(
        ended.out,
        "ALLOWED ImageStream default/app  (mixed.yaml:3)\n\
         3 objects of other kinds (2 Service, 1 Route) were not judged\n"
    );
    assert_eq!((ended.code, ended.err.as_str()), (0, ""));
    let ended = desk.run(&["run", "mixed.yaml", "-o", "json"]);
    let found: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(found["notJudged"], json!({"Service": 2, "Route": 1}));
    let ended = desk.run(&["run", "service.yaml"]);
    assert_eq!(
        ended.err,
        "image-trust: nothing to judge: 1 object of another kind (1 Service) was not judged\n"
    );
    assert_eq!((ended.code, ended.out.as_str()), (2, ""));
    // What the API server sent is judged, whatever it is.
    assert_eq!(desk.run(&["run", "review.yaml"]).code, 1);
}

#[test]
fn folders_are_read_recursively() {
    let desk = Desk::new("folders")
        .with("deploy/b/stream.yaml", STREAM)
        .with("deploy/a.json", STREAM)
        .with("deploy/b/notes.txt", LOUD)
        .with("deploy/.hidden/loud.yaml", LOUD)
        .with("deploy/charts/bad.yaml", "a: [")
        .with("deploy/values.yaml", "image: {tag: 1}\n---\n- list\n")
        .with("deploy/empty.yml", "")
        .with("deploy/c/loud.yml", LOUD);
    let judged = |arguments: &[&str]| {
        let ended = desk.run(&[&["run", "deploy", "-o", "json"], arguments].concat());
        let found: Value = serde_json::from_str(&ended.out).unwrap_or_default();
        let files = found["results"].as_array().into_iter().flatten();
        let files: Vec<_> = files.map(|it| it["place"]["file"].as_str().unwrap().to_owned()).collect();
        (ended.code, files, ended.err)
    };
    let (code, files, err) = judged(&[]);
    assert_eq!(files, ["deploy/a.json", "deploy/b/stream.yaml", "deploy/c/loud.yml"]);
    assert!(err.starts_with("image-trust: deploy/charts/bad.yaml: is not valid YAML: "), "{err}");
    assert_eq!((code, err.lines().count()), (2, 1));
    for (arguments, code, expected) in [
        (
            &["--exclude", "charts"][..],
            1,
            &["deploy/a.json", "deploy/b/stream.yaml", "deploy/c/loud.yml"][..],
        ),
        (&["--exclude", "charts/", "--exclude", "c/*.yml"], 0, &["deploy/a.json", "deploy/b/stream.yaml"]),
        (&["--exclude", "charts", "--exclude", "loud.*"], 0, &["deploy/a.json", "deploy/b/stream.yaml"]),
        (&["--include", "*.json"], 0, &["deploy/a.json"]),
        (&["--include", "b/*.yaml", "--include", "a.*"], 0, &["deploy/a.json", "deploy/b/stream.yaml"]),
        (&["--include", "*/stream.yaml"], 0, &["deploy/b/stream.yaml"]),
        // A star stays in its folder.
        (&["--include", "./*.yaml"], 2, &[]),
        (&["--exclude", "**"], 2, &[]),
    ] {
        let (found, files, err) = judged(arguments);
        assert_eq!(
            (found, files.as_slice()),
            (code, expected.map_owned().as_slice()),
            "{arguments:?}: {err}"
        );
    }
    // A named file is read whatever the globs say.
    assert_eq!(desk.run(&["run", "deploy/c/loud.yml", "--exclude", "*.yml"]).code, 1);
    let ended = desk.run(&["run", "deploy", "--include", "a[.json"]);
    assert_eq!((ended.code, ended.out.as_str()), (2, ""));
    assert!(ended.err.contains("a[.json"), "{}", ended.err);
    let ended = desk.run(&["run", "deploy/b", "--include", "*.txt"]);
    assert_eq!(ended.err, "image-trust: nothing to judge: no object was found\n");
    assert_eq!(ended.code, 2);
}

trait MapOwned {
    fn map_owned(&self) -> Vec<String>;
}

impl MapOwned for [&str] {
    fn map_owned(&self) -> Vec<String> {
        self.iter().map(|it| (*it).to_owned()).collect()
    }
}

#[test]
fn a_warning_fails_where_it_is_asked_to() {
    let desk = Desk::new("fail-on")
        .with("odd.json", STREAM.replace("app", "app?"))
        .with("misspelt.json", STREAM.replace("\"metadata\"", "\"metdata\""))
        .with("app.json", STREAM);
    for (file, code) in [("odd.json", 1), ("misspelt.json", 1), ("app.json", 0)] {
        assert_eq!(desk.run(&["run", file, "--fail-on", "warn"]).code, code, "{file}");
        assert_eq!(desk.run(&["run", file, "--fail-on", "deny"]).code, 0, "{file}");
        assert_eq!(desk.run(&["run", file]).code, 0, "{file}");
    }
    let ended = desk.run(&["run", "odd.json", "app.json", "--fail-on", "warn", "--quiet"]);
    assert_eq!(
        ended.out,
        "ALLOWED ImageStream default/app?  (odd.json:1)\n  warning: odd.json:1: spec: odd [odd]\n"
    );
    let ended = desk.run(&["run", "odd.json", "app.json", "--quiet"]);
    assert_eq!((ended.code, ended.out.as_str(), ended.err.as_str()), (0, "", ""));
    assert_eq!(desk.run(&["run", "app.json", "--fail-on", "never"]).code, 2);
}

#[test]
fn the_environment_and_a_file_above_say_what_the_command_line_does_not() {
    let with_settings = format!("request: {{operation: CREATE, object: {STREAM}}}\nsettings: {{a: 1}}\n");
    let desk = Desk::new("config")
        .with("good.yaml", "a: 1")
        .with("bad.yaml", "a: '!'")
        .with(".image-trust.yaml", "settings: bad.yaml\nexclude: [skipped, deep]\nfailOn: warn\n")
        .with("deploy/odd.json", STREAM.replace("app", "app?"))
        .with("deploy/skipped/bad.yaml", "[")
        .with("deploy/payload.yaml", with_settings)
        .with("deploy/deep/.image-trust.yaml", "settings: ../../good.yaml\ninclude: [a.json]\n")
        .with("deploy/deep/a.json", STREAM)
        .with("deploy/deep/loud.json", LOUD)
        .with("broken/.image-trust.yaml", "setings: a.yaml\n")
        .with("broken/a.json", STREAM)
        .with("list/.image-trust.yaml", "- a\n")
        .with("list/a.json", STREAM);
    let run = |folder: &str, arguments: &[&str], environment: &[(&str, &str)]| {
        let folder = Desk { directory: desk.directory.join(folder) };
        let policy = desk.directory.join("policy.wasm");
        let policy = ("IMAGE_TRUST_POLICY", policy.to_str().unwrap());
        folder.run_with(&[&["run"], arguments].concat(), "", &[environment, &[policy]].concat())
    };
    let good = desk.directory.join("good.yaml");
    let good = [("IMAGE_TRUST_SETTINGS", good.to_str().unwrap())];
    // The file's settings are refused.
    let ended = run("", &["deploy"], &[]);
    assert!(ended.err.ends_with("bad.yaml: b: worse\n"), "{}", ended.err);
    assert_eq!(ended.code, 2);
    // The environment comes before the file, and the command line before both; `exclude` and `failOn` hold.
    for (arguments, environment) in [
        (&["deploy"][..], &good[..]),
        (&["deploy", "--settings", "good.yaml"], &[]),
        (&["deploy", "--settings-json", "{}"], &[]),
    ] {
        let ended = run("", arguments, environment);
        assert_eq!((ended.code, ended.err.as_str()), (1, ""), "{arguments:?}");
    }
    assert_eq!(run("", &["deploy", "--fail-on", "deny"], &good).code, 0);
    // Without the file, the folders that it excludes are read.
    assert_eq!(run("", &["deploy", "--no-config"], &good).code, 2);
    assert_eq!(
        run("", &["deploy", "--no-config", "--exclude", "skipped", "--exclude", "deep"], &good).code,
        0
    );
    // The nearest file counts alone, with paths from its own folder.
    assert_eq!(run("deploy/deep", &["."], &[]).code, 0);
    assert_eq!(run("deploy/deep", &[".", "--no-config"], &[]).code, 1);
    // An empty variable names nothing.
    assert_eq!(run("deploy/deep", &["."], &[("IMAGE_TRUST_SETTINGS", "")]).code, 0);
    for (folder, problem) in [("broken", "unknown field `setings`"), ("list", "must be one object")] {
        let ended = run(folder, &["a.json"], &[]);
        assert!(ended.err.contains(".image-trust.yaml: ") && ended.err.contains(problem), "{}", ended.err);
        assert_eq!((ended.code, ended.out.as_str()), (2, ""));
        assert_eq!(run(folder, &["a.json", "--no-config"], &[]).code, 0);
    }
}

#[test]
fn settings_beside_a_request_come_before_those_of_the_environment() {
    let payload =
        |settings: &str| format!("request: {{operation: CREATE, object: {STREAM}}}\nsettings: {settings}\n");
    let desk = Desk::new("own").with("good.yaml", "a: 1").with("bad.yaml", payload("{a: '!'}"));
    let ended = desk.run_with(&["run", "bad.yaml"], "", &[("IMAGE_TRUST_SETTINGS", "good.yaml")]);
    assert_eq!(
        ended.err,
        "image-trust: bad.yaml:1: settings: a: wrong\nimage-trust: bad.yaml:1: settings: b: worse\n"
    );
    assert_eq!(ended.code, 2);
}

#[test]
fn annotations_name_file_line_and_column() {
    let desk = Desk::new("github").with("a,b.json", LOUD);
    let ended = desk.run(&["run", "a,b.json", "nowhere.json", "-o", "github"]);
    assert_eq!(
        ended.out,
        "::error file=a%2Cb.json,line=1,col=1,title=shouting::ImageStream default/loud!: spec.a: shouts \\u{1b}[31m\n\
         ::error file=nowhere.json,title=could not be judged::cannot be read: No such file or directory (os error 2)\n"
    );
    assert_eq!(ended.code, 2);
}

#[test]
fn a_pack_is_judged_as_its_suite_expects() {
    let suite = |verdict: &str| {
        format!(
            "cases:
  - {{name: quiet, request: requests/app.json, verdict: {verdict}}}
  - {{name: loud, request: requests/loud.yaml, verdict: denied, violations: [{{code: shouting, path: spec.a}}]}}\n"
        )
    };
    let desk = Desk::new("pack-run")
        .with("policies/loud/settings.yaml", "{}")
        .with("policies/loud/requests/app.json", STREAM)
        .with("policies/loud/requests/loud.yaml", LOUD)
        .with("policies/loud/suite.yaml", suite("allowed"));
    for pack in ["loud", "policies/loud"] {
        let ended = desk.run(&["run", "--pack", pack]);
        assert_eq!(
            ended.out,
            "2 requests of loud; denying the bad ones is its job\n\n\
             expected  got        request\n\
             allowed   allowed    quiet\n\
             denied    denied     loud [shouting]\n\n\
             1 allowed and 1 denied, each as expected: the policy works\n"
        );
        assert_eq!((ended.code, ended.err.as_str()), (0, ""));
    }
    let ended = desk.run(&["run", "--pack", "loud", "--quiet"]);
    assert_eq!((ended.code, ended.out.as_str()), (0, ""));
    let desk = desk.with("policies/loud/suite.yaml", suite("denied, violations: [{code: quiet, path: b}]"));
    let ended = desk.run(&["run", "--pack", "loud", "-q"]);
    assert_eq!(
        ended.out,
        "WRONG denied    allowed    quiet\n    expected denied, found allowed\n    violations (- expected, + found):\n      \
         - quiet  b\n1 of 2 did not get the expected answer\n"
    );
    assert_eq!(ended.code, 1);
    let ended = desk.run(&["run", "--pack", "loud", "-o", "github"]);
    assert_eq!(
        ended.out,
        "::error file=policies/loud/suite.yaml,line=2,col=12,title=case-failed::loud/quiet: \
         expected denied, found allowed%0Aviolations (- expected, + found):%0A  - quiet  b\n"
    );
    assert_eq!(ended.code, 1);
    let ended = desk.run(&["run", "--pack", "nowhere"]);
    assert_eq!((ended.code, ended.out.as_str()), (2, ""));
    assert_eq!(desk.run(&["run", "--pack", "loud", "app.json"]).code, 2);
}

#[test]
fn cases_are_chosen_by_a_pattern() {
    let desk = Desk::new("filter")
        .with("policies/a/settings.yaml", "{}")
        .with("policies/a/requests/app.json", STREAM)
        .with("policies/a/requests/loud.json", LOUD)
        .with(
            "policies/a/suite.yaml",
            "cases:\n  - {name: quiet, request: requests/app.json, verdict: allowed}\n  \
             - {name: 'wrong: loud', request: requests/loud.json, verdict: allowed}\n",
        );
    for (filter, code, out) in [
        ("^a/quiet$", 0, "a\n  pass quiet\n1 passed, 0 failed\n"),
        ("QUIET", 2, ""),
        ("(?i)QUI", 0, "a\n  pass quiet\n1 passed, 0 failed\n"),
        ("(", 2, ""),
    ] {
        let ended = desk.run(&["test", "--filter", filter]);
        assert_eq!((ended.code, ended.out.as_str()), (code, out), "{filter}: {}", ended.err);
    }
    let ended = desk.run(&["test", "--filter", "none"]);
    assert_eq!(ended.err, "image-trust: no case matches `none`\n");
    let ended = desk.run(&["test", "-o", "json", "-q"]);
    let found: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(
        found["packs"][0]["cases"][0]["place"],
        json!({"file": "policies/a/suite.yaml", "line": 3, "column": 12})
    );
    assert_eq!((&found["passed"], &found["failed"]), (&json!(1), &json!(1)));
    assert_eq!(found["packs"][0]["cases"].as_array().unwrap().len(), 1);
    let ended = desk.run(&["test", "-o", "junit"]);
    assert!(
        ended.out.contains(r#"<testcase name="a/wrong: loud" classname="policies/a/suite.yaml:3">"#),
        "{}",
        ended.out
    );
    assert_eq!(ended.code, 1);
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_judged() {
    let deep = [[b'['; 50_000], [b']'; 50_000]].concat();
    let cases: [(&str, &[u8], &str); 7] = [
        ("bad.yaml", b"a: [", "image-trust: bad.yaml: is not valid YAML: "),
        (
            "bad.json",
            b"{\"a\": 1, \"a\": 2}",
            "image-trust: bad.json: is not valid JSON: the key `a` is given twice at line 1 ",
        ),
        ("latin.json", b"{\"a\": \"\xe9\"}", "image-trust: latin.json: is not UTF-8 text\n"),
        ("empty.json", b"", "image-trust: empty.json: holds no object\n"),
        ("deep.json", &deep, "image-trust: deep.json: is not valid JSON: nested deeper than 128 levels"),
        ("deep.yaml", &deep, "image-trust: deep.yaml: is not valid YAML: nested deeper than 128 levels"),
        ("e\u{1b}[31m.json", b"", "image-trust: e\\u{1b}[31m.json: holds no object\n"),
    ];
    for (name, content, expected) in cases {
        let desk = Desk::new("unreadable").with(name, content).with("loud.json", LOUD);
        let ended = desk.run(&["run", name, "loud.json"]);
        assert!(ended.err.starts_with(expected), "{name}: {}", ended.err);
        assert_eq!(ended.err.lines().count(), 1, "{name}: {}", ended.err);
        assert!(ended.out.ends_with("0 allowed, 1 denied, 1 undecided\n"), "{name}: {}", ended.out);
        assert_eq!(ended.code, 2, "{name}");
    }
    let ended = Desk::new("unreadable").run(&["run", "nowhere.json"]);
    assert_eq!(
        ended.err,
        "image-trust: nowhere.json: cannot be read: No such file or directory (os error 2)\n"
    );
    assert_eq!((ended.code, ended.out.as_str()), (2, ""));
}

#[test]
fn a_crash_and_a_deadline_are_no_verdicts() {
    let desk = Desk::new("undecided")
        .with("crash.json", CRASHING)
        .with("spin.json", SPINNING)
        .with("app.json", STREAM);
    let ended = desk.run(&["run", "crash.json", "spin.json", "app.json"]);
    assert_eq!(
        ended.err,
        "image-trust: crash.json:1: the policy crashed: wasm trap: wasm `unreachable` instruction executed\n\
         image-trust: spin.json:1: the policy did not answer within 2 seconds\n"
    );
    assert!(ended.out.ends_with("1 allowed, 0 denied, 2 undecided\n"), "{}", ended.out);
    assert_eq!(ended.code, 2);
}

#[test]
fn settings_are_checked_first() {
    let desk = Desk::new("settings")
        .with("app.json", STREAM)
        .with("good.yaml", "a: 1")
        .with("bad.yaml", "a: '!'")
        .with("manifest.yaml", "apiVersion: policies.kubewarden.io/v1\nkind: AdmissionPolicy\nmetadata: {name: '!'}\nspec: {settings: {a: 1}}")
        .with("empty.yaml", "");
    let cases: [(&[&str], i32, &str); 8] = [
        (&["--settings", "good.yaml"], 0, ""),
        (&["--settings", "manifest.yaml"], 0, ""),
        (&["--settings-json", "{\"a\": 1}"], 0, ""),
        (
            &["--settings", "bad.yaml"],
            2,
            "image-trust: bad.yaml: a: wrong\nimage-trust: bad.yaml: b: worse\n",
        ),
        (
            &["--settings-json", "{\"a\": \"!\"}"],
            2,
            "image-trust: --settings-json: a: wrong\nimage-trust: --settings-json: b: worse\n",
        ),
        (
            &["--settings", "empty.yaml"],
            2,
            "image-trust: empty.yaml: holds no settings; write `{}` for none\n",
        ),
        (
            &["--settings-json", "{"],
            2,
            "image-trust: --settings-json: is not valid JSON: EOF while parsing an object at line 1 column 1\n",
        ),
        (
            &["--settings", "nowhere.yaml"],
            2,
            "image-trust: nowhere.yaml: cannot be read: No such file or directory (os error 2)\n",
        ),
    ];
    for (arguments, code, expected) in cases {
        let ended = desk.run(&[&["run", "app.json"], arguments].concat());
        assert_eq!(ended.err, expected, "{arguments:?}");
        assert_eq!(ended.code, code, "{arguments:?}");
        assert_eq!(ended.out.is_empty(), code == 2, "{arguments:?}");
    }
}

#[test]
fn the_policy_is_named_or_stands_here() {
    let desk = Desk::new("policy").with("app.json", STREAM).with("text.wasm", "(module)");
    let elsewhere = ("IMAGE_TRUST_POLICY", "nowhere.wasm");
    let ended = desk.run_with(&["run", "app.json"], "", &[elsewhere]);
    assert_eq!(
        ended.err,
        "image-trust: nowhere.wasm: no such file; build it with `make policy.wasm`, or name another with --policy\n"
    );
    assert_eq!(ended.code, 2);
    let ended = desk.run_with(&["run", "--policy", "policy.wasm", "app.json"], "", &[elsewhere]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    let ended = desk.run(&["run", "--policy", "text.wasm", "app.json"]);
    assert_eq!(
        ended.err,
        "image-trust: text.wasm: not a WebAssembly module that this runtime takes: it does not start with `\\0asm`\n"
    );
    assert_eq!(ended.code, 2);
}

#[test]
fn a_misuse_is_no_verdict() {
    let desk = Desk::new("misuse").with("app.json", STREAM);
    let cases: [&[&str]; 6] = [
        &[],
        &["run"],
        &["run", "app.json", "--now", "tomorrow"],
        &["run", "app.json", "--settings", "a", "--settings-json", "{}"],
        &["run", "app.json", "-o", "xml"],
        &["judge"],
    ];
    for arguments in cases {
        assert_eq!(desk.run(arguments).code, 2, "{arguments:?}");
    }
}

#[test]
fn what_is_piped_has_no_colour() {
    let desk = Desk::new("colour").with("loud.json", LOUD).with("odd.json", STREAM.replace("app", "app?"));
    for arguments in [&["run", "loud.json", "odd.json"][..], &["rules"], &["--help"]] {
        let ended = desk.run_with(arguments, "", &[("TERM", "xterm-256color")]);
        assert!(
            !ended.out.contains('\u{1b}') && !ended.err.contains('\u{1b}'),
            "{arguments:?}: {}",
            ended.out
        );
    }
}

#[test]
fn what_a_requester_writes_cannot_move_the_cursor() {
    let request = r#"{"operation":"CREATE\u001b[2J","kind":{},"name":"a\nALLOWED b","userInfo":{"username":"\u202eanad"}}"#;
    let desk = Desk::new("controls").with("request.json", request);
    let ended = desk.run(&["run", "request.json"]);
    assert_eq!(
        ended.out,
        "ALLOWED CREATE\\u{1b}[2J an unknown resource a\\nALLOWED b by \\u{202e}anad  (request.json:1)\n"
    );
}

#[test]
fn a_suite_passes_or_shows_the_difference() {
    let desk = Desk::new("suite")
        .with("policies/README.md", "not a pack")
        .with("policies/loud/settings.yaml", "{}")
        .with("policies/loud/requests/app.json", STREAM)
        .with("policies/loud/requests/loud.yaml", LOUD)
        .with(
            "policies/loud/suite.yaml",
            "cases:
  - {name: quiet, request: requests/app.json, verdict: allowed}
  - {name: loud, request: requests/loud.yaml, verdict: denied, violations: [{code: shouting, path: spec.a}]}\n",
        );
    let ended = desk.run(&["test"]);
    assert_eq!(ended.out, "loud\n  pass quiet\n  pass loud\n2 passed, 0 failed\n");
    assert_eq!((ended.code, ended.err.as_str()), (0, ""));

    let desk = desk.with(
        "policies/loud/suite.yaml",
        "cases:
  - {name: quiet, request: requests/app.json, verdict: denied, violations: [{code: quiet, path: b}]}
  - {name: loud, request: requests/loud.yaml, verdict: denied, violations: [{code: shouting, path: spec.b}, {code: shouting, path: spec.a}]}\n",
    );
    let ended = desk.run(&["test", "policies/loud"]);
    assert_eq!(
        ended.out,
        "loud
  FAIL quiet  (requests/app.json)
       expected denied, found allowed
       violations (- expected, + found):
         - quiet  b
  FAIL loud  (requests/loud.yaml)
       violations (- expected, + found):
         - shouting  spec.b
           shouting  spec.a
0 passed, 2 failed\n"
    );
    assert_eq!(ended.code, 1);
}

#[test]
fn results_of_suites_in_json() {
    let desk = Desk::new("results")
        .with("pack/settings.yaml", "{}")
        .with("pack/requests/app.json", STREAM)
        .with("pack/suite.yaml", "cases: [{name: quiet, request: requests/app.json, verdict: allowed}]");
    let ended = desk.run(&["test", "pack", "-o", "json"]);
    let results: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!((&results["passed"], &results["failed"]), (&json!(1), &json!(0)));
    let case = &results["packs"][0]["cases"][0];
    assert_eq!(
        (&case["name"], &case["passed"], &case["error"]),
        (&json!("quiet"), &json!(true), &Value::Null)
    );
    assert_eq!(case["found"], case["expected"]);
}

#[test]
fn a_suite_that_cannot_be_tested_is_no_pass() {
    let pack = |name: &str| {
        Desk::new(name)
            .with("pack/settings.yaml", "{}")
            .with("pack/requests/app.json", STREAM)
            .with("pack/suite.yaml", "cases: [{name: quiet, request: requests/app.json, verdict: allowed}]")
    };
    let cases: [(&str, &str, &str); 7] = [
        (
            "pack/settings.yaml",
            "a: '!'",
            "image-trust: pack/settings.yaml: a: wrong\nimage-trust: pack/settings.yaml: b: worse\n",
        ),
        ("pack/suite.yaml", "cases: []", "image-trust: pack/suite.yaml: has no cases\n"),
        (
            "pack/suite.yaml",
            "cases: [{name: a, request: requests/none.json, verdict: allowed}, {name: b, request: requests/app.json, verdict: allowed}]",
            "image-trust: pack/requests/none.json: cannot be read: No such file or directory (os error 2)\n",
        ),
        (
            "pack/requests/idle/more.json",
            STREAM,
            "image-trust: pack/suite.yaml: no case uses requests/idle/more.json\n",
        ),
        (
            "pack/requests/app.json",
            "{}",
            "image-trust: pack/requests/app.json: holds a document that is neither a request nor an object: `kind` is missing\n",
        ),
        (
            "pack/requests/app.json",
            &format!("{STREAM}{STREAM}"),
            "image-trust: pack/requests/app.json: holds 2 requests; a case sends one\n",
        ),
        (
            "pack/suite.yaml",
            "cases: [{name: a, request: requests/app.json}]",
            "image-trust: pack/suite.yaml: cases[0]: missing field `verdict` at line 1 column 9\n",
        ),
    ];
    for (path, text, expected) in cases {
        let ended = pack("untestable").with(path, text).run(&["test", "pack"]);
        assert_eq!(ended.err, expected);
        assert_eq!((ended.code, ended.out.as_str()), (2, "0 passed, 0 failed\n"), "{expected}");
    }
    let ended = pack("untestable").with("pack/requests/app.json", CRASHING).run(&["test", "pack"]);
    assert_eq!(
        ended.out,
        "pack\n  FAIL quiet  (requests/app.json)\n       \
         the policy crashed: wasm trap: wasm `unreachable` instruction executed\n0 passed, 1 failed\n"
    );
    assert_eq!(ended.code, 2);
    let ended = Desk::new("untestable").run(&["test"]);
    assert_eq!(ended.err, "image-trust: policies: cannot be read: No such file or directory (os error 2)\n");
    assert_eq!(ended.code, 2);
    let ended = Desk::new("untestable").run(&["test", "."]);
    assert_eq!(ended.err, "image-trust: .: neither a pack nor a directory of packs\n");
    assert_eq!(ended.code, 2);
}

#[test]
fn the_rules_are_listed_and_explained() {
    let desk = Desk::new("rules");
    let ended = desk.run(&["rules"]);
    assert_eq!(ended.code, 0);
    let (summaries, levels): (Vec<_>, Vec<_>) = ended
        .out
        .lines()
        .map(|line| {
            let mut words = line.split_whitespace();
            let (code, level) = (words.next().unwrap(), words.next().unwrap());
            assert!(line.starts_with(code), "{line}");
            (line.find(words.next().unwrap()), level.to_owned())
        })
        .unzip();
    assert!(levels.iter().all(|level| ["deny", "warn", "off"].contains(&level.as_str())), "{}", ended.out);
    assert!(summaries.len() > 1 && levels.len() == summaries.len());

    let ended = desk.run(&["rules", "source-not-alowed"]);
    assert!(
        ended.err.starts_with("image-trust: no rule `source-not-alowed`; did you mean `source-not-allowed`"),
        "{}",
        ended.err
    );
    assert_eq!((ended.code, ended.out.as_str()), (2, ""));
    let ended = desk.run(&["rules", "zzz"]);
    assert_eq!(ended.err, "image-trust: no rule `zzz`; `image-trust rules` lists them\n");
    assert_eq!(ended.code, 2);
}
