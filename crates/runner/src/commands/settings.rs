//! `image-trust settings`: what is wrong with settings, and which keys of each signer count.

use std::path::PathBuf;

use clap::Args;
use openshift_image_trust::{
    CertificateInfo, EndedKey, Note, Problem, Signer, SigningKey, check_certificates, one_by_one,
};
use serde::Serialize;
use serde_json::Value;
use time::UtcDateTime;

use crate::commands::{Output, Status};
use crate::console::{self, Colour, Console};
use crate::now;
use crate::settings::Settings as Source;

/// Check settings, and list which keys of each signer count and until when
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 the settings can be used; 2 they cannot")]
pub struct Settings {
    /// Settings, or the manifest of a policy or policy group that holds them, YAML or JSON; `-` is
    /// standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// The policy of a group whose settings are meant
    #[arg(long, value_name = "NAME")]
    member: Option<String>,

    /// The instant at which keys are judged, in RFC 3339
    #[arg(long, value_name = "TIME", value_parser = now::parse)]
    now: Option<UtcDateTime>,

    /// How to print the findings
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// What was found.
#[derive(Serialize)]
struct Report {
    valid: bool,
    problems: Vec<Wrong>,
    signers: Vec<SignerReport>,
}

/// Something that is wrong.
#[derive(PartialEq, Eq, Serialize)]
struct Wrong {
    /// The setting; empty where it is about the settings as a whole.
    path: String,
    message: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SignerReport {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    signed_from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signed_until: Option<String>,
    certificates: Vec<Certificate>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Certificate {
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
    user_ids: Vec<String>,
    /// Whether some key of it counts now.
    counts: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    keys: Vec<Key>,
    notes: Vec<String>,
    /// Why it can never count.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

#[derive(Serialize)]
struct Key {
    fingerprint: String,
    counts: bool,
}

impl Settings {
    /// Runs the command.
    ///
    /// # Errors
    /// The file holds no settings, or standard output is closed.
    pub fn execute(&self, console: &mut Console) -> anyhow::Result<Status> {
        let place = console::name(&self.file);
        let source = Source::load_member(&self.file, self.member.as_deref());
        let source = source.map_err(|error| anyhow::anyhow!("{place}: {error}"))?;
        let report = Report::of(source.json(), self.now.unwrap_or_else(UtcDateTime::now));
        match self.output {
            Output::Text => report.print(&place, console)?,
            Output::Json => console.json(&report)?,
        }
        Ok(if report.valid { Status::Success } else { Status::Undecided })
    }
}

impl Report {
    fn of(json: &str, now: UtcDateTime) -> Self {
        let problems = openshift_image_trust::Settings::problems(json, now);
        let problems: Vec<Wrong> = problems.iter().map(Wrong::of).collect();
        // One by one, so that what is wrong elsewhere hides none of them.
        let all: Value = serde_json::from_str(json).unwrap_or_default();
        let written = all.get("signers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let mut signers = Vec::new();
        for signer in written {
            let alone = serde_json::json!({"signers": [signer]}).to_string();
            let Ok(alone) = openshift_image_trust::Settings::parse(&alone) else { continue };
            signers
                .extend(alone.verification_signers(now).iter().map(|signer| SignerReport::of(signer, now)));
        }
        Self { valid: problems.is_empty(), problems, signers }
    }

    fn print(&self, place: &str, console: &mut Console) -> std::io::Result<()> {
        match self.problems.len() {
            0 => console.marked_line("", "VALID", Colour::Green, place)?,
            1 => console.marked_line("", "INVALID", Colour::Red, &format!("{place}: 1 problem"))?,
            count => {
                console.marked_line("", "INVALID", Colour::Red, &format!("{place}: {count} problems"))?
            }
        }
        for Wrong { path, message } in &self.problems {
            match path.is_empty() {
                true => console.line(&format!("  {message}"))?,
                false => console.line(&format!("  {path}: {message}"))?,
            }
        }
        self.signers.iter().try_for_each(|signer| signer.print(console))
    }
}

impl Wrong {
    fn of(problem: &Problem) -> Self {
        let path = match problem.path.segments() {
            [] => String::new(),
            _ => problem.path.to_string(),
        };
        Self { path, message: problem.message.clone() }
    }
}

impl SignerReport {
    fn of(signer: &Signer<'_>, now: UtcDateTime) -> Self {
        // A text that cannot be read is among the problems.
        let texts = one_by_one(signer.openpgp).unwrap_or_default();
        let certificate = |text: &String| Certificate::of(&Signer { openpgp: text, ..signer.clone() }, now);
        Self {
            name: signer.name.to_owned(),
            signed_from: signer.key_policy.signed_from.map(now::rfc3339),
            signed_until: signer.key_policy.signed_until.map(now::rfc3339),
            certificates: texts.iter().map(certificate).collect(),
        }
    }

    fn print(&self, console: &mut Console) -> std::io::Result<()> {
        let bounds = [("from", &self.signed_from), ("until", &self.signed_until)];
        let bounds: Vec<String> = bounds
            .iter()
            .filter_map(|(word, moment)| moment.as_ref().map(|moment| format!("{word} {moment}")))
            .collect();
        match bounds.is_empty() {
            true => console.line(&format!("signer `{}`", self.name))?,
            false => {
                console.line(&format!("signer `{}`, signatures made {}", self.name, bounds.join(" ")))?
            }
        }
        self.certificates.iter().try_for_each(|certificate| certificate.print(console))
    }
}

impl Certificate {
    fn of(signer: &Signer<'_>, now: UtcDateTime) -> Self {
        let (info, problem) = match check_certificates(signer, now) {
            Ok(checked) => (checked.usable.into_iter().next().unwrap_or_default(), None),
            Err(problems) => {
                let problem = problems.into_iter().next();
                let fingerprint = problem.as_ref().and_then(|problem| problem.fingerprint.clone());
                let info =
                    CertificateInfo { fingerprint: fingerprint.unwrap_or_default(), ..Default::default() };
                (info, problem.map(|problem| problem.to_string()))
            }
        };
        let key = |key: &SigningKey| Key {
            fingerprint: key.fingerprint().to_owned(),
            counts: !info.notes.iter().any(|note| rules_out(note, key.fingerprint(), &info.fingerprint)),
        };
        let keys: Vec<Key> = info.signing_keys.iter().map(key).collect();
        Self {
            counts: keys.iter().any(|key| key.counts),
            expires: info.expires.map(now::rfc3339),
            notes: info.notes.iter().map(ToString::to_string).collect(),
            keys,
            problem,
            user_ids: info.user_ids,
            fingerprint: Some(info.fingerprint).filter(|fingerprint| !fingerprint.is_empty()),
        }
    }

    fn print(&self, console: &mut Console) -> std::io::Result<()> {
        let (word, colour) = match self.counts {
            true => ("counts", Colour::Green),
            false => ("does not count", Colour::Red),
        };
        let mut what = self.fingerprint.clone().unwrap_or_else(|| "a certificate".to_owned());
        if let Some(expires) = &self.expires {
            what.push_str(&format!(", expires {expires}"));
        }
        console.marked_line("  ", word, colour, &what)?;
        let mut lines: Vec<String> = self.user_ids.iter().map(|it| format!("user id `{it}`")).collect();
        lines.extend(self.keys.iter().map(|key| match key.counts {
            true => format!("signs with key {}", key.fingerprint),
            false => format!("key {} does not count", key.fingerprint),
        }));
        lines.extend(self.notes.iter().chain(&self.problem).cloned());
        lines.iter().try_for_each(|line| console.line(&format!("    {line}")))
    }
}

/// Whether no signature by a key counts now, whenever it was made. What befell the primary key befell
/// all of its certificate.
fn rules_out(note: &Note, key: &str, primary: &str) -> bool {
    let is_about = |about: &String| about == key || about == primary;
    match note {
        Note::Expired { key, past, .. } | Note::Revoked { key, past, .. } => {
            is_about(key) && *past == EndedKey::Deny
        }
        Note::Compromised { key, .. } => is_about(key),
        Note::Stale | Note::NotYetValid { .. } => true,
    }
}
