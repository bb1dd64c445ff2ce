//! `image-trust inspect`: what a signature consists of, and whose keys accept it.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use openshift_image_trust::SIGNATURE_TYPES;
use openshift_image_trust::{
    self, KeyPolicy, Keyring, Limits, Reason, Signer, VerifiedSignature, check_certificates,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use time::UtcDateTime;

use crate::commands::{Output, Status};
use crate::console::{self, Colour, Console, complain};
use crate::document::{self, Format};
use crate::keys;
use crate::now;

/// Take a signature apart, and see which keys accept it
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 well formed and accepted by a keyring, where any is given; 1 not; 2 unreadable"
)]
pub struct Inspect {
    /// A signature as it is or in base64, or an object that holds signatures, JSON or YAML; `-` is
    /// standard input
    #[arg(value_name = "BLOB")]
    blob: PathBuf,

    /// Certificates to verify the signature with: armored, binary, or in base64
    #[arg(long = "keyring", value_name = "FILE")]
    keyrings: Vec<PathBuf>,

    /// The instant at which the keys must be valid, in RFC 3339
    #[arg(long, value_name = "TIME", value_parser = now::parse)]
    now: Option<UtcDateTime>,

    /// How to print the findings
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// A key file, as a signer of its name.
struct KeyFile {
    name: String,
    openpgp: String,
}

/// A signature and where it was found.
struct Blob {
    /// The ImageSignature's name, where it has one.
    name: Option<String>,
    /// The ImageSignature's type, where it has one.
    type_: Option<String>,
    bytes: Vec<u8>,
}

impl Inspect {
    /// Runs the command.
    pub fn execute(&self, console: &mut Console) -> anyhow::Result<Status> {
        let now = self.now.unwrap_or_else(UtcDateTime::now);
        let place = console::name(&self.blob);
        let bytes = document::bytes(&self.blob).map_err(|error| anyhow::anyhow!("{place}: {error}"))?;
        let found = blobs(&self.blob, bytes).map_err(|problem| anyhow::anyhow!("{place}: {problem}"))?;
        let mut complete = true;
        let mut key_files = Vec::new();
        for path in &self.keyrings {
            match KeyFile::read(path) {
                Ok(key_file) => key_files.push(key_file),
                Err(error) => {
                    complain(format_args!("{}: {error}", console::name(path)));
                    complete = false;
                }
            }
        }
        let mut findings = Vec::new();
        for blob in found {
            match blob {
                Ok(blob) => findings.push(Finding::of(&blob, &key_files, now)),
                Err(problem) => {
                    complain(format_args!("{place}: {problem}"));
                    complete = false;
                }
            }
        }
        match self.output {
            Output::Text => findings.iter().try_for_each(|finding| finding.print(&place, console))?,
            // Here too a terminal may be at the other end: a page of lines, made safe one by one.
            Output::Json => {
                serde_json::to_string_pretty(&findings)?
                    .lines()
                    .try_for_each(|line| console.line(&ascii(line)))?;
            }
        }
        let satisfied = |finding: &Finding| match self.keyrings.is_empty() {
            true => finding.well_formed,
            false => finding.keyrings.iter().any(|verdict| verdict.accepted.is_some()),
        };
        Ok(match findings.iter().any(satisfied) {
            _ if !complete => Status::Undecided,
            true => Status::Success,
            false => Status::Failure,
        })
    }
}

impl KeyFile {
    fn read(path: &Path) -> std::io::Result<Self> {
        let openpgp = keys::load(path)?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Ok(Self { name, openpgp })
    }

    /// Somebody who has these certificates of it.
    fn signer<'a>(&'a self, openpgp: &'a str) -> Signer<'a> {
        Signer { name: &self.name, openpgp, key_policy: KeyPolicy::default() }
    }
}

/// The signatures of a file, or what keeps one from being read.
type Found = Vec<Result<Blob, String>>;

/// Finds the signatures: every OpenPGP packet begins with a byte that no text begins with.
fn blobs(path: &Path, bytes: Vec<u8>) -> Result<Found, String> {
    let raw = |bytes| Ok(vec![Ok(Blob { name: None, type_: None, bytes })]);
    let Ok(text) = str::from_utf8(&bytes) else { return raw(bytes) };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let joined: String = text.split_ascii_whitespace().collect();
    if let Ok(decoded) = STANDARD.decode(&joined)
        && !decoded.is_empty()
    {
        return raw(decoded);
    }
    match document::parse(text, Format::of(path, text)) {
        Ok(documents) if documents.iter().any(|document| document.get().starts_with('{')) => {
            let mut found = Vec::new();
            documents.iter().try_for_each(|document| collect(document, &mut found))?;
            if found.is_empty() { Err("holds no signature".to_owned()) } else { Ok(found) }
        }
        Err(error) if looks_like_an_object(text) => Err(error.to_string()),
        // A text that is no object either is a signature that is no OpenPGP: the verdict says so.
        _ => raw(bytes),
    }
}

fn looks_like_an_object(text: &str) -> bool {
    text.trim_start().starts_with('{')
        || text.lines().any(|line| line.starts_with("apiVersion:") || line.starts_with("kind:"))
}

/// Whatever holds signatures, directly or below.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Holder<'a> {
    #[serde(borrow)]
    kind: Option<&'a RawValue>,
    metadata: Option<&'a RawValue>,
    #[serde(rename = "type")]
    type_: Option<&'a RawValue>,
    content: Option<&'a RawValue>,
    signatures: Option<Vec<&'a RawValue>>,
    image: Option<&'a RawValue>,
    items: Option<Vec<&'a RawValue>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    name: Option<String>,
}

/// Adds the signatures of an ImageSignature; of an Image, on its own or in what embeds one; of a list.
fn collect(document: &RawValue, found: &mut Found) -> Result<(), String> {
    let holder: Holder<'_> = serde_json::from_str(document.get()).map_err(|error| error.to_string())?;
    if let Some(items) = holder.items {
        return items.into_iter().try_for_each(|item| collect(item, found));
    }
    if let Some(image) = holder.image {
        return collect(image, found);
    }
    if let Some(signatures) = holder.signatures {
        return signatures.into_iter().try_for_each(|signature| {
            let holder = serde_json::from_str(signature.get()).map_err(|error| error.to_string())?;
            found.push(signature_of(&holder));
            Ok(())
        });
    }
    match string(holder.kind).as_deref() {
        Some("ImageSignature") => found.push(signature_of(&holder)),
        _ if holder.content.is_some() => found.push(signature_of(&holder)),
        _ => {}
    }
    Ok(())
}

fn signature_of(holder: &Holder<'_>) -> Result<Blob, String> {
    let metadata: Option<Metadata> =
        holder.metadata.and_then(|metadata| serde_json::from_str(metadata.get()).ok());
    let name = metadata.and_then(|metadata| metadata.name).filter(|name| !name.is_empty());
    let content = string(holder.content).filter(|content| !content.is_empty());
    let which = || name.as_ref().map_or("a signature".to_owned(), |name| format!("signature `{name}`"));
    let content = content.ok_or_else(|| format!("{} has no `content`", which()))?;
    let bytes =
        STANDARD.decode(content).map_err(|error| format!("{}: `content` is not base64: {error}", which()))?;
    Ok(Blob { name, type_: Some(string(holder.type_).unwrap_or_default()), bytes })
}

fn string(value: Option<&RawValue>) -> Option<String> {
    serde_json::from_str(value?.get()).ok()
}

/// What was found out about a signature.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Its structure, line by line.
    structure: Vec<String>,
    /// Whether some key could make it count.
    well_formed: bool,
    keyrings: Vec<Verdict>,
}

/// What a keyring makes of a signature.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Verdict {
    keyring: String,
    certificates: Vec<Certificate>,
    /// What keeps it from being read.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<Accepted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// A certificate of a keyring, and what it makes of the signature by itself.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Certificate {
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
    user_ids: Vec<String>,
    signing_keys: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    notes: Vec<String>,
    /// Why it can vouch for nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    /// Whether the signature counts by it.
    accepts: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// The proof, in words.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Accepted {
    fingerprint: String,
    key: String,
    created: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    digest: String,
    reference: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    creator: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<i64>,
}

impl Finding {
    fn of(blob: &Blob, key_files: &[KeyFile], now: UtcDateTime) -> Self {
        let limits = Limits::default();
        let structure: Vec<String> =
            openshift_image_trust::inspect(&blob.bytes, &limits).lines().map(str::to_owned).collect();
        let foreign = blob.type_.as_ref().filter(|type_| !SIGNATURE_TYPES.contains(&type_.as_str()));
        let foreign = foreign.map(|type_| {
            format!("type `{type_}` is not that of a simple signature: `AtomicImageV1` or `atomic`")
        });
        // Somebody's text is always indented or quoted: only the verdict on the whole starts so.
        let refused = structure.iter().any(|line| line.starts_with("refused:"));
        let nobodys = Keyring::new(&[], limits, now).verify(&blob.bytes);
        let malformed = refused || nobodys.is_err_and(|rejection| rejection.reason.is_malformed());
        let verdict = |key_file: &KeyFile| Verdict::of(&blob.bytes, key_file, foreign.as_deref(), now);
        Self {
            name: blob.name.clone(),
            structure,
            well_formed: !malformed && foreign.is_none(),
            keyrings: key_files.iter().map(verdict).collect(),
        }
    }

    fn print(&self, place: &str, console: &mut Console) -> std::io::Result<()> {
        match &self.name {
            Some(name) => console.line(&format!("{name}  ({place})"))?,
            None => console.line(place)?,
        }
        self.structure.iter().try_for_each(|line| console.line(&format!("  {line}")))?;
        self.keyrings.iter().try_for_each(|verdict| verdict.print(console))
    }
}

impl Verdict {
    fn of(blob: &[u8], key_file: &KeyFile, foreign: Option<&str>, now: UtcDateTime) -> Self {
        let signers = [key_file.signer(&key_file.openpgp)];
        let verdict = Keyring::new(&signers, Limits::default(), now).verify(blob);
        let (accepted, reason) = match (verdict, foreign) {
            (Ok(_), Some(foreign)) => (None, Some(foreign.to_owned())),
            (Ok(verified), None) => (Some(Accepted::of(&verified)), None),
            (Err(rejection), _) => (None, Some(rejection.reason.to_string())),
        };
        let (texts, problem) = match openshift_image_trust::one_by_one(&key_file.openpgp) {
            Ok(texts) => (texts, None),
            Err(unreadable) => (Vec::new(), Some(unreadable.to_string())),
        };
        let certificate = |text: &String| Certificate::of(blob, &key_file.signer(text), now);
        Self {
            keyring: key_file.name.clone(),
            certificates: texts.iter().map(certificate).collect(),
            problem,
            accepted,
            reason,
        }
    }

    fn print(&self, console: &mut Console) -> std::io::Result<()> {
        if let Some(accepted) = &self.accepted {
            console.marked_line(
                "  ",
                "ACCEPTED",
                Colour::Green,
                &format!("by keyring `{}`", self.keyring),
            )?;
            accepted.lines().iter().try_for_each(|line| console.line(&format!("    {line}")))?;
        }
        if let Some(reason) = &self.reason {
            let text = format!("by keyring `{}`: {reason}", self.keyring);
            console.marked_line("  ", "REFUSED", Colour::Red, &text)?;
        }
        if let Some(problem) = &self.problem {
            console.marked_line("    ", "unusable:", Colour::Yellow, problem)?;
        }
        self.certificates.iter().try_for_each(|certificate| certificate.print(console))
    }
}

impl Certificate {
    fn of(blob: &[u8], signer: &Signer<'_>, now: UtcDateTime) -> Self {
        let (info, problem) = match check_certificates(signer, now) {
            Ok(checked) => (checked.usable.into_iter().next(), None),
            Err(problems) => (None, problems.first().map(ToString::to_string)),
        };
        let verdict = Keyring::new(std::slice::from_ref(signer), Limits::default(), now).verify(blob);
        let reason = verdict.as_ref().err().map(|rejection| match rejection.reason {
            Reason::UnknownKey { .. } => "the signature names no key of it".to_owned(),
            _ => rejection.reason.to_string(),
        });
        let info = info.unwrap_or_default();
        Self {
            fingerprint: Some(info.fingerprint).filter(|fingerprint| !fingerprint.is_empty()),
            user_ids: info.user_ids,
            signing_keys: info.signing_keys.iter().map(|key| key.fingerprint().to_owned()).collect(),
            expires: info.expires.map(now::rfc3339),
            notes: info.notes.iter().map(ToString::to_string).collect(),
            problem,
            accepts: verdict.is_ok(),
            reason,
        }
    }

    fn print(&self, console: &mut Console) -> std::io::Result<()> {
        if let Some(problem) = &self.problem {
            console.marked_line("    ", "unusable:", Colour::Yellow, problem)?;
        }
        if let Some(fingerprint) = &self.fingerprint {
            console.line(&format!("    certificate {fingerprint}"))?;
        }
        let mut lines: Vec<String> = self.user_ids.iter().map(|it| format!("user id `{it}`")).collect();
        lines.extend(self.signing_keys.iter().map(|key| format!("signs with key {key}")));
        lines.extend(self.expires.iter().map(|expires| format!("expires {expires}")));
        lines.extend(self.notes.iter().cloned());
        lines.extend(match &self.reason {
            Some(reason) => Some(format!("refuses it: {reason}")),
            None => self.accepts.then(|| "accepts it".to_owned()),
        });
        lines.iter().try_for_each(|line| console.line(&format!("      {line}")))
    }
}

impl Accepted {
    fn of(verified: &VerifiedSignature) -> Self {
        let payload = verified.payload();
        Self {
            fingerprint: verified.fingerprint().to_owned(),
            key: verified.key().to_owned(),
            created: now::rfc3339(verified.created()),
            expires: verified.expires().map(now::rfc3339),
            digest: payload.digest.clone(),
            reference: payload.docker_reference.clone(),
            creator: payload.creator.clone(),
            timestamp: payload.timestamp,
        }
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("fingerprint {}", self.fingerprint)];
        if self.key != self.fingerprint {
            lines.push(format!("by its key {}", self.key));
        }
        lines.push(format!("created {}", self.created));
        lines.push(format!("digest {}", self.digest));
        lines.push(format!("reference `{}`", self.reference));
        lines
    }
}

/// JSON in ASCII alone. What is not can only stand in its strings.
fn ascii(json: &str) -> String {
    let mut ascii = String::with_capacity(json.len());
    let mut units = [0; 2];
    for c in json.chars() {
        match c {
            ' '..='~' => ascii.push(c),
            _ => c.encode_utf16(&mut units).iter().for_each(|unit| ascii.push_str(&format!("\\u{unit:04x}"))),
        }
    }
    ascii
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    fn contents(text: &str) -> Result<Vec<Result<Vec<u8>, String>>, String> {
        let found = blobs(Path::new("-"), text.as_bytes().to_vec())?;
        Ok(found.into_iter().map(|blob| blob.map(|blob| blob.bytes)).collect())
    }

    #[test]
    fn a_signature_is_found_in_every_wrapping() {
        let blob = || Ok(vec![Ok(vec![0x90, 0x0d, 0x03])]);
        for text in [
            "kA0D",
            " kA\n0D\n",
            "kind: ImageSignature\ncontent: kA0D",
            r#"{"kind":"ImageSignature","content":"kA0D"}"#,
            r#"{"kind":"Image","signatures":[{"content":"kA0D"}]}"#,
            r#"{"kind":"ImageStreamImage","image":{"signatures":[{"content":"kA0D"}]}}"#,
            r#"{"kind":"List","items":[{"kind":"Image"},{"kind":"Image","signatures":[{"content":"kA0D"}]}]}"#,
        ] {
            assert_eq!(contents(text), blob(), "{text}");
        }
    }

    #[test]
    fn what_is_no_signature_is_told() {
        for (text, problem) in [
            (r#"{"kind":"Image"}"#, "holds no signature"),
            (r#"{"kind":"Image","signatures":null}"#, "holds no signature"),
            (r#"{"kind":"Image","signatures":["x"]}"#, "invalid type"),
            (r#"{"kind":"#, "is not valid JSON"),
            ("kind: [", "is not valid YAML"),
        ] {
            let told = contents(text).unwrap_err();
            assert!(told.contains(problem), "{text}: {told}");
        }
        let told = contents("kind: ImageSignature\ncontent: '*'\nmetadata: {name: a@b}").unwrap();
        let told = told.into_iter().find_map(Result::err).unwrap();
        assert!(told.starts_with("signature `a@b`: `content` is not base64"), "{told}");
    }

    #[test]
    fn other_text_is_a_signature_to_be_refused() {
        for text in ["", "hello, world", "-----BEGIN PGP SIGNED MESSAGE-----"] {
            assert_eq!(contents(text), Ok(vec![Ok(text.as_bytes().to_vec())]), "{text}");
        }
    }

    #[test]
    fn json_is_ascii() {
        assert_eq!(ascii("\"a\u{9b}\u{202e}\u{1f600}\""), r#""a\u009b\u202e\ud83d\ude00""#);
    }
}
