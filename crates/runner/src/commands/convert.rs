//! `image-trust convert`: a containers-policy.json(5), or ClusterImagePolicies of OpenShift, into
//! settings that mean the same.
//!
//! What settings cannot say is named, and never reads as more trust than before: a requirement that
//! is lost becomes one that cannot be met.
//!
//! Container tools look an image up in the table of the transport by which they pull it. The policy
//! judges an image by its name alone, so the tables of `docker` and `atomic` become one. Where both
//! have something to say about a scope, both must hold.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use openshift_image_trust::FieldPath;
use openshift_image_trust::Problem;
use openshift_image_trust::Scope;
use openshift_image_trust::Settings;
use openshift_image_trust::validate_settings;
use openshift_image_trust::{CertificateProblem, Fault, KeyPolicy, check_certificates, is_host};
use openshift_image_trust::{escape, quote};
use serde::Serialize;
use time::UtcDateTime;

use crate::commands::containers_policy::{Asked, ContainersPolicy, Identity, Keys, Sigstore};
use crate::commands::{Status, containers_policy, image_policy};
use crate::console::{self, Console, complain};
use crate::document;

/// The largest key file that is read, in bytes: far beyond any real one.
const KEY_BYTES: u64 = 1 << 20;

/// The transports by which images of OpenShift are pulled.
const TRANSPORTS: [&str; 2] = ["docker", "atomic"];

/// Convert a policy of podman, skopeo and CRI-O (containers-policy.json), or ClusterImagePolicies, to
/// settings
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 converted; 2 unreadable, or something could not be expressed and is rejected instead"
)]
pub struct Convert {
    /// The policy, such as /etc/containers/policy.json, or ClusterImagePolicies and ImagePolicies in
    /// YAML or JSON; `-` is standard input
    #[arg(value_name = "POLICY")]
    policy: PathBuf,

    /// The folder that stands for `/` in paths of keys, where the policy was copied from a node
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,

    /// Convert `sigstoreSigned`, too. Kubewarden's host verifies who signed which digest, but does not
    /// compare the name in the signature
    #[arg(long)]
    sigstore: bool,
}

/// How a policy is converted.
#[derive(Clone, Copy, Debug)]
pub struct Conditions<'a> {
    /// Where relative paths of keys start from.
    pub directory: &'a Path,
    /// What stands for `/` in absolute ones.
    pub root: Option<&'a Path>,
    /// Whether `sigstoreSigned` is converted, though the host compares no names.
    pub sigstore: bool,
}

impl Convert {
    /// Runs the command.
    pub fn execute(&self, console: &mut Console) -> anyhow::Result<Status> {
        let name = console::name(&self.policy);
        let text = document::text(&self.policy).map_err(|error| anyhow::anyhow!("{name}: {error}"))?;
        let conditions = Conditions {
            directory: self.policy.parent().unwrap_or(Path::new("")),
            root: self.root.as_deref(),
            sigstore: self.sigstore,
        };
        let conversion = convert(&text, conditions, UtcDateTime::now())
            .map_err(|problem| anyhow::anyhow!("{name}: {}", told(&problem)))?;
        for problem in conversion.notes.iter().chain(&conversion.lost) {
            complain(format_args!("{name}: {}", told(problem)));
        }
        for line in conversion.settings.lines() {
            console.line(line)?;
        }
        Ok(if conversion.lost.is_empty() { Status::Success } else { Status::Undecided })
    }
}

/// Settings, and what they do not say.
#[derive(Debug)]
pub struct Conversion {
    /// The settings, in YAML.
    pub settings: String,
    /// What could not be expressed, with its place in the policy.
    pub lost: Vec<Problem>,
    /// What was expressed, but deserves a look.
    pub notes: Vec<Problem>,
}

/// Converts a policy.
///
/// # Errors
/// The policy is not one that container tools, or OpenShift, would take.
pub fn convert(text: &str, conditions: Conditions<'_>, now: UtcDateTime) -> Result<Conversion, Problem> {
    let mut converter =
        Converter { conditions, now, signers: Signers::default(), lost: vec![], notes: vec![] };
    let policy = match image_policy::parse(text)? {
        Some((policy, notes)) => {
            converter.notes.extend(notes);
            policy
        }
        None => containers_policy::parse(text)?,
    };
    let trust = converter.trust(&policy);
    let mut signers = converter.signers.list;
    signers.retain(|signer| trust.needs(&signer.name));
    let output = Output { signers, trust };
    let unusable = |message: String| Problem {
        path: FieldPath::root(),
        message: format!("gives settings that cannot be used: {message}"),
    };
    let settings = serde_norway::to_string(&output).map_err(|error| unusable(error.to_string()))?;
    let verdict = validate_settings(output.json().as_bytes(), now);
    match verdict.valid {
        true => Ok(Conversion { settings, lost: converter.lost, notes: converter.notes }),
        false => Err(unusable(verdict.message.unwrap_or_default())),
    }
}

fn told(problem: &Problem) -> String {
    match problem.path.segments() {
        [] => problem.message.clone(),
        _ => format!("{}: {}", problem.path, problem.message),
    }
}

/// The settings that are printed.
#[derive(Serialize)]
struct Output {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    signers: Vec<Signer>,
    trust: Trust,
}

#[derive(Clone, Serialize)]
struct Signer {
    name: String,
    openpgp: String,
    #[serde(rename = "sha1SelfSignatures", skip_serializing_if = "std::ops::Not::not")]
    sha1_self_signatures: bool,
}

#[derive(Serialize)]
struct Trust {
    default: Vec<Requirement>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    scopes: BTreeMap<String, Vec<Requirement>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Requirement {
    InsecureAcceptAnything,
    Reject,
    SignedBy {
        signers: Vec<String>,
        threshold: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        signed_identity: Option<Identity>,
    },
    SigstoreSigned {
        #[serde(skip_serializing_if = "Vec::is_empty")]
        public_keys: Vec<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        keys: Option<&'static str>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        keyless: Vec<Keyless>,
    },
}

/// Whoever has a certificate by Fulcio for this address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Keyless {
    issuer: String,
    subject: String,
}

impl Trust {
    fn needs(&self, name: &str) -> bool {
        self.scopes.values().chain([&self.default]).flatten().any(|requirement| match requirement {
            Requirement::SignedBy { signers, .. } => signers.iter().any(|signer| signer == name),
            Requirement::InsecureAcceptAnything
            | Requirement::Reject
            | Requirement::SigstoreSigned { .. } => false,
        })
    }
}

impl Output {
    fn json(&self) -> String {
        // Strings, numbers and lists of them always serialise; nothing is not settings.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Requirements by scope, as settings write it.
type Table = BTreeMap<String, Vec<Requirement>>;

struct Converter<'a> {
    conditions: Conditions<'a>,
    now: UtcDateTime,
    signers: Signers,
    lost: Vec<Problem>,
    notes: Vec<Problem>,
}

impl Converter<'_> {
    fn lose(&mut self, at: &FieldPath, message: String) {
        self.lost.push(Problem { path: at.clone(), message });
    }

    fn trust(&mut self, policy: &ContainersPolicy) -> Trust {
        let root = FieldPath::root();
        let default = self.requirements(&policy.default, &root.clone().key("default"));
        let mut tables = TRANSPORTS.map(|_| Table::new());
        for transport in &policy.transports {
            let known = TRANSPORTS.iter().zip(&mut tables).find(|(name, _)| **name == transport.name);
            let Some((_, table)) = known else {
                let message = "is a transport by which no image comes into a cluster: left out".to_owned();
                self.notes.push(Problem { path: transport.at.clone(), message });
                continue;
            };
            for (scope, at, asked) in &transport.scopes {
                let (lost, notes) = (self.lost.len(), self.notes.len());
                let requirements = self.requirements(asked, at);
                if !self.scope(scope, requirements, at, table) {
                    // What became of the scope says it all; what would have become of its
                    // requirements would contradict it.
                    self.lost.drain(lost..self.lost.len() - 1);
                    self.notes.truncate(notes);
                }
            }
        }
        Trust { default, scopes: self.merge(&tables) }
    }

    /// Enters what holds in a scope. Where the scope cannot be written, images that it may have
    /// held for container tools are not left to a wider scope that may trust more; that is told, and
    /// `false` returned.
    fn scope(
        &mut self,
        text: &str,
        requirements: Vec<Requirement>,
        at: &FieldPath,
        table: &mut Table,
    ) -> bool {
        let place = |table: &mut Table, scope: &str, requirements: Vec<Requirement>| {
            let mut both = table.remove(scope).unwrap_or_default();
            both.extend(requirements);
            table.insert(scope.to_owned(), all_of(both));
        };
        match Scope::parse(text) {
            Ok(scope) if scope.has_tag() && !asks_nothing(&requirements) => {
                let repository = quote(scope.repository());
                self.lose(
                    at,
                    format!(
                        "names a tag, but images are pulled by digest: all of {repository} without a scope of its own is rejected instead"
                    ),
                );
                place(table, scope.repository(), vec![Requirement::Reject]);
            }
            Ok(scope) if scope.as_str() == text => {
                if table.contains_key(text) {
                    place(table, text, requirements);
                } else {
                    table.insert(text.to_owned(), requirements);
                }
                return true;
            }
            Ok(scope) => {
                let scope = scope.as_str();
                self.lose(
                    at,
                    format!(
                        "reads as {} here, which means more: that scope is rejected instead",
                        quote(scope)
                    ),
                );
                place(table, scope, vec![Requirement::Reject]);
            }
            Err(error) if asks_nothing(&requirements) || never_matches(text) => {
                self.lose(at, format!("{error}: left out"));
            }
            Err(error) => {
                let wider = wider(text)
                    .into_iter()
                    .find(|wider| Scope::parse(wider).is_ok_and(|scope| scope.as_str() == wider))
                    .unwrap_or_default();
                let shown = quote(&wider);
                self.lose(
                    at,
                    format!("{error}: all of {shown} without a scope of its own is rejected instead"),
                );
                place(table, &wider, vec![Requirement::Reject]);
            }
        }
        false
    }

    /// One table of several: in each scope what every transport asks for there.
    fn merge(&mut self, tables: &[Table; 2]) -> Table {
        let mut merged = Table::new();
        let scopes: BTreeSet<&String> = tables.iter().flat_map(BTreeMap::keys).collect();
        for scope in scopes {
            let mut asked = Vec::new();
            for (transport, table) in TRANSPORTS.iter().zip(tables) {
                let looked_up = std::iter::once(scope.clone()).chain(wider(scope));
                let found = looked_up.into_iter().find_map(|wider| Some((table.get(&wider)?, wider)));
                if let Some((requirements, wider)) = found {
                    asked.push((*transport, wider, requirements));
                }
            }
            let requirements = match asked.as_slice() {
                [(one, here, first), (other, there, second)] if first != second => {
                    let both = all_of(first.iter().chain(second.iter()).cloned().collect());
                    let overruled = asked
                        .iter()
                        .find(|(_, found, written)| found == scope && all_of(written.to_vec()) != both);
                    if let Some((transport, ..)) = overruled {
                        self.lose(
                            &FieldPath::root().key("transports").member(transport).member(scope),
                            format!(
                                "`{one}` ({}) and `{other}` ({}) ask for different things: here both must hold",
                                quote(here),
                                quote(there)
                            ),
                        );
                    }
                    both
                }
                [(_, _, requirements), ..] => requirements.to_vec(),
                [] => continue,
            };
            merged.insert(scope.clone(), requirements);
        }
        merged
    }

    fn requirements(&mut self, asked: &[Asked], at: &FieldPath) -> Vec<Requirement> {
        let asked = asked.iter().enumerate();
        asked.map(|(index, asked)| self.requirement(asked, &at.clone().index(index))).collect()
    }

    fn requirement(&mut self, asked: &Asked, at: &FieldPath) -> Requirement {
        match asked {
            Asked::InsecureAcceptAnything => Requirement::InsecureAcceptAnything,
            Asked::Reject => Requirement::Reject,
            Asked::Foreign(what) => {
                self.lose(at, format!("{what}: rejected instead"));
                Requirement::Reject
            }
            Asked::SignedBy { keys, identity } => {
                self.signed_by(keys, identity.as_ref(), at).unwrap_or(Requirement::Reject)
            }
            Asked::Sigstore(_) if !self.conditions.sigstore => {
                let message = "asks for sigstore signatures under the image's name, which Kubewarden's host does \
                               not compare: rejected instead; `--sigstore` converts it anyway";
                self.lose(at, message.to_owned());
                Requirement::Reject
            }
            Asked::Sigstore(sigstore) => self.sigstore(sigstore, at).unwrap_or(Requirement::Reject),
        }
    }

    fn sigstore(&mut self, sigstore: &Sigstore, at: &FieldPath) -> Option<Requirement> {
        let requirement = match sigstore {
            Sigstore::Keys(keys) => {
                let mut public_keys = Vec::new();
                for (below, found) in self.read(keys) {
                    let pem = found.and_then(|(_, bytes)| {
                        let pem = String::from_utf8(bytes)
                            .ok()
                            .filter(|pem| pem.contains("-----BEGIN PUBLIC KEY-----"));
                        pem.ok_or_else(|| "is not a public key in PEM".to_owned())
                    });
                    match pem {
                        Ok(pem) => public_keys.push(pem.replace("\r\n", "\n")),
                        Err(error) => {
                            let at = at.clone().join(below);
                            self.lose(&at, format!("{error}: the requirement is rejected instead"));
                            return None;
                        }
                    }
                }
                // Container tools ask for one of several, the setting's default is all of them.
                let keys = (public_keys.len() > 1).then_some("any");
                Requirement::SigstoreSigned { public_keys, keys, keyless: Vec::new() }
            }
            Sigstore::Fulcio { issuer, email } => Requirement::SigstoreSigned {
                public_keys: Vec::new(),
                keys: None,
                keyless: vec![Keyless { issuer: issuer.clone(), subject: email.clone() }],
            },
        };
        let trust = Trust { default: vec![requirement.clone()], scopes: Table::new() };
        if let Err(problems) = Settings::parse(&(Output { signers: Vec::new(), trust }).json()) {
            for Problem { message, .. } in problems {
                self.lose(at, format!("{message}: the requirement is rejected instead"));
            }
            return None;
        }
        let roots = match sigstore {
            Sigstore::Keys(_) => "the transparency log's key",
            Sigstore::Fulcio { .. } => "the keys of Fulcio and of the transparency log",
        };
        let message = format!(
            "Kubewarden's host verifies who signed which digest; it does not compare the name in the \
             signature, and takes {roots} from its own trust root (`sigstoreTrustConfig` of the PolicyServer)"
        );
        self.notes.push(Problem { path: at.clone(), message });
        Some(requirement)
    }

    fn signed_by(&mut self, keys: &Keys, identity: Option<&Identity>, at: &FieldPath) -> Option<Requirement> {
        let mut readable = true;
        let mut signers: Vec<Signer> = Vec::new();
        for (below, found) in self.read(keys) {
            let at = at.clone().join(below);
            let (stem, bytes) = match found {
                Ok(found) => found,
                // Container tools reject all where one file is missing.
                Err(error) => {
                    self.lose(&at, format!("{error}: the requirement is rejected instead"));
                    readable = false;
                    continue;
                }
            };
            match self.signer(&stem, &bytes, &at) {
                Ok(signer) if signers.iter().any(|known| known.name == signer.name) => {}
                Ok(signer) => signers.push(signer),
                Err(problems) => {
                    for problem in problems {
                        self.lose(&at, format!("{problem}: none of its keys count"));
                    }
                }
            }
        }
        if readable && signers.is_empty() {
            self.lose(at, "is left without a key: rejected instead".to_owned());
        }
        if !readable || signers.is_empty() {
            return None;
        }
        let requirement = Requirement::SignedBy {
            signers: signers.iter().map(|signer| signer.name.clone()).collect(),
            threshold: 1,
            signed_identity: identity.cloned(),
        };
        let trust = Trust { default: vec![requirement.clone()], scopes: Table::new() };
        let alone = Output { signers: signers.clone(), trust };
        if let Err(problems) = Settings::parse(&alone.json()) {
            // Their paths are those of a policy that nobody wrote; their last steps are the same.
            for Problem { path, message } in problems {
                let below: FieldPath = path.segments().iter().skip(3).cloned().collect();
                self.lose(&at.clone().join(below), format!("{message}: the requirement is rejected instead"));
            }
            return None;
        }
        Some(requirement)
    }

    /// The key files of a requirement, with the place of each below it.
    fn read(&self, keys: &Keys) -> Vec<(FieldPath, KeyFile)> {
        match keys {
            Keys::Files(files) => files
                .iter()
                .map(|(below, file)| {
                    let stem = Path::new(file).file_stem().unwrap_or_default().to_string_lossy().into_owned();
                    let bytes =
                        read_key(&self.file(file)).map_err(|error| format!("{} {error}", quote(file)));
                    (below.clone(), bytes.map(|bytes| (stem, bytes)))
                })
                .collect(),
            Keys::Data(data) => data
                .iter()
                .map(|(below, data)| {
                    let bytes = STANDARD.decode(data).map_err(|error| format!("is not base64: {error}"));
                    (below.clone(), bytes.map(|bytes| (String::new(), bytes)))
                })
                .collect(),
        }
    }

    /// Where a key file is.
    fn file(&self, written: &str) -> PathBuf {
        match (self.conditions.root, Path::new(written).strip_prefix("/")) {
            (Some(root), Ok(below)) => root.join(below),
            _ => self.conditions.directory.join(written),
        }
    }

    /// The signer who has these keys, known already or new.
    fn signer(
        &mut self,
        stem: &str,
        bytes: &[u8],
        at: &FieldPath,
    ) -> Result<Signer, Vec<CertificateProblem>> {
        let openpgp = openpgp(bytes);
        let check = |sha1_self_signatures| {
            let key_policy = KeyPolicy { sha1_self_signatures, ..KeyPolicy::default() };
            let signer = openshift_image_trust::Signer { name: "", openpgp: &openpgp, key_policy };
            check_certificates(&signer, self.now)
        };
        let sha1_self_signatures = match check(false) {
            Ok(_) => false,
            Err(problems) => {
                if !problems.iter().any(|problem| problem.fault == Fault::Sha1SelfSignature) {
                    return Err(problems);
                }
                check(true)?;
                true
            }
        };
        let signer = self.signers.name(stem, openpgp, sha1_self_signatures);
        if sha1_self_signatures {
            let message = format!(
                "certifies its own keys with SHA-1, which GnuPG lets pass: signer {} has \
                 `sha1SelfSignatures`; better get a newer edition of the key",
                quote(&signer.name)
            );
            self.notes.push(Problem { path: at.clone(), message });
        }
        Ok(signer)
    }
}

/// A key file's stem and bytes, or why there are none.
type KeyFile = Result<(String, Vec<u8>), String>;

/// The signers so far, also of requirements that were lost.
#[derive(Default)]
struct Signers {
    list: Vec<Signer>,
}

impl Signers {
    /// The signer with this text, or a new one after the file.
    fn name(&mut self, stem: &str, openpgp: String, sha1_self_signatures: bool) -> Signer {
        if let Some(known) = self.list.iter().find(|known| known.openpgp == openpgp) {
            return known.clone();
        }
        let plain = plain(stem);
        let first = if plain.is_empty() { format!("key-{}", self.list.len() + 1) } else { plain };
        let taken = |name: &String| self.list.iter().any(|known| known.name == *name);
        let others = (2_usize..).map(|number| format!("{first}-{number}"));
        let name = std::iter::once(first.clone()).chain(others).find(|name| !taken(name)).unwrap_or_default();
        let signer = Signer { name, openpgp, sha1_self_signatures };
        self.list.push(signer.clone());
        signer
    }
}

/// A file's stem as the name of a signer.
fn plain(stem: &str) -> String {
    let letters = stem.chars().map(|c| c.to_ascii_lowercase());
    let words: String = letters.map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    words.split_whitespace().collect::<Vec<_>>().join("-")
}

fn read_key(path: &Path) -> Result<Vec<u8>, String> {
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(path)?.take(KEY_BYTES + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    match read() {
        Ok(bytes) if bytes.len() as u64 > KEY_BYTES => Err(format!("has more than {KEY_BYTES} bytes")),
        Ok(bytes) => Ok(bytes),
        Err(error) => Err(format!("cannot be read: {error}")),
    }
}

/// A key file as settings hold it: armor as it is, unless a terminal would obey it; else base64.
fn openpgp(bytes: &[u8]) -> String {
    match str::from_utf8(bytes) {
        Ok(text) if text.contains("-----BEGIN PGP ") => {
            let text = text.replace("\r\n", "\n");
            if text.split('\n').all(|line| escape(line) == line) { text } else { STANDARD.encode(text) }
        }
        _ => STANDARD.encode(bytes),
    }
}

fn asks_nothing(requirements: &[Requirement]) -> bool {
    requirements.iter().all(|requirement| *requirement == Requirement::InsecureAcceptAnything)
}

/// Requirements that must all hold, as short as they can be said.
fn all_of(requirements: Vec<Requirement>) -> Vec<Requirement> {
    if requirements.contains(&Requirement::Reject) {
        return vec![Requirement::Reject];
    }
    if asks_nothing(&requirements) {
        return vec![Requirement::InsecureAcceptAnything];
    }
    let mut all = Vec::new();
    for requirement in requirements {
        if requirement != Requirement::InsecureAcceptAnything && !all.contains(&requirement) {
            all.push(requirement);
        }
    }
    all
}

/// The scopes that are looked up after this one, in order (containers-policy.json(5)).
fn wider(scope: &str) -> Vec<String> {
    let mut wider = Vec::new();
    if scope.is_empty() {
        return wider;
    }
    let mut name = scope;
    // A tag or digest first, then component by component.
    if let Some((repository, image)) = name.rsplit_once('/')
        && let Some(end) = image.find([':', '@'])
        && let Some(name_only) = name.get(..repository.len() + 1 + end)
    {
        name = name_only;
        wider.push(name.to_owned());
    }
    while let Some((parent, _)) = name.rsplit_once('/') {
        name = parent;
        wider.push(name.to_owned());
    }
    let host = name.strip_prefix("*.").unwrap_or(name);
    let mut host = host.split(':').next().unwrap_or_default();
    while let Some((_, domain)) = host.split_once('.') {
        wider.push(format!("*.{domain}"));
        host = domain;
    }
    wider.push(Scope::EVERYWHERE.to_owned());
    wider
}

/// Whether container tools find no image in a scope that is refused here, for sure: they compare
/// scopes with complete, valid names.
fn never_matches(scope: &str) -> bool {
    let (host, path) = scope.split_once('/').map_or((scope, None), |(host, path)| (host, Some(path)));
    let is_host = is_host(host) || host.to_lowercase() != host;
    let is_component = |component: &str| {
        let part_of_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
        !component.is_empty() && component.chars().all(part_of_name)
    };
    let repository = path.map(|path| path.split([':', '@']).next().unwrap_or_default());
    let has_both =
        path.is_some_and(|path| path.split_once('@').is_some_and(|(tagged, _)| tagged.contains(':')));
    !is_host
        || scope.contains('*')
        || has_both
        || repository.is_some_and(|repository| !repository.split('/').all(is_component))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_names_its_signer() {
        for (stem, name) in [
            ("RPM-GPG-KEY-redhat-release", "rpm-gpg-key-redhat-release"),
            ("Team Key (2024)_é", "team-key-2024"),
            ("--", ""),
            ("", ""),
        ] {
            assert_eq!(plain(stem), name, "{stem}");
        }
    }

    #[test]
    fn wider_scopes_come_in_the_order_of_the_manual() {
        for (scope, expected) in [
            (
                "a.example.com:8443/ns/repo:t",
                &[
                    "a.example.com:8443/ns/repo",
                    "a.example.com:8443/ns",
                    "a.example.com:8443",
                    "*.example.com",
                    "*.com",
                    "",
                ] as &[&str],
            ),
            ("quay.io/a@sha256:00", &["quay.io/a", "quay.io", "*.io", ""]),
            ("*.b.example", &["*.example", ""]),
            ("localhost:5000", &[""]),
            ("", &[]),
        ] {
            assert_eq!(wider(scope), expected, "{scope}");
        }
    }

    #[test]
    fn only_what_no_tool_finds_is_left_out_in_silence() {
        for (scope, never) in [
            ("busybox", true),
            ("acme/app", true),
            ("quay.io/*", true),
            ("*.corp.example:5000", true),
            ("https://quay.io/x", true),
            ("quay.io/Acme", true),
            ("quay.io/", true),
            ("quay.io/x:1@sha256:00", true),
            ("quay.io/x@sha256:00", false),
            ("MIRROR/x", false),
            ("[::1]:5000/x", false),
        ] {
            assert_eq!(never_matches(scope), never, "{scope}");
        }
    }
}
