//! `image-trust run`: has requests judged.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde::Serialize;
use serde_json::value::RawValue;
use time::UtcDateTime;

use crate::answers::Recorder;
use crate::answers::{self, Capabilities};
use crate::commands::{Output, Status};
use crate::console::{self, Colour, Console, complain};
use crate::kubewarden::policy::Policy;
use crate::now;
use crate::request::{self, Request, Summary};
use crate::response::Response;
use crate::settings::Settings;

/// Judge requests: AdmissionReviews, admission requests, or objects as if just created
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 all allowed; 1 some denied; 2 something could not be read or decided, or there was nothing to judge"
)]
pub struct Run {
    /// The policy module
    #[arg(long, value_name = "FILE", env = "IMAGE_TRUST_POLICY", default_value = "policy.wasm")]
    policy: PathBuf,

    /// The policy's settings, or the manifest of a policy that holds them; without any, those beside a
    /// request `{request: …, settings: …}`, else none
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,

    /// The policy's settings in JSON
    #[arg(long, value_name = "JSON", conflicts_with = "settings")]
    settings_json: Option<String>,

    /// Files of requests, JSON or YAML; `-` is standard input
    #[arg(long = "request", value_name = "FILE", num_args = 1..)]
    named_requests: Vec<PathBuf>,

    /// Files of requests, JSON or YAML; `-` is standard input
    #[arg(value_name = "FILE", required_unless_present = "named_requests")]
    requests: Vec<PathBuf>,

    /// The instant that the policy takes for now, in RFC 3339
    #[arg(long, value_name = "TIME", value_parser = now::parse)]
    now: Option<UtcDateTime>,

    /// A folder of objects that answers for the cluster: `oc get images,is -A -o yaml` as it comes
    #[arg(long, value_name = "DIR", conflicts_with = "replay")]
    cluster: Option<PathBuf>,

    /// A recording that answers for the cluster and registries, as kwctl records it
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,

    /// Where to record what was asked and answered, as kwctl records it
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,

    /// How to print the answers
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// A request and its answer.
struct Judged {
    file: PathBuf,
    /// The request's number in the file, where it is not the only one.
    document: Option<usize>,
    request: Request,
    response: Response,
}

impl Run {
    /// Runs the command.
    pub fn execute(&self, console: &mut Console) -> anyhow::Result<Status> {
        let given = self.settings()?;
        let policy = Policy::open(&self.policy)?;
        if let Some((settings, origin)) = &given
            && !policy.accepts(settings, origin)?
        {
            return Ok(Status::Undecided);
        }
        let given = given.map(|(settings, _)| settings);
        let answers = answers::open(self.cluster.as_deref(), self.replay.as_deref())?;
        let recorder = Arc::new(Recorder::new(answers));
        let answers = Arc::clone(&recorder) as Arc<dyn Capabilities>;
        let none = Settings::default();
        let mut judged = Vec::new();
        let mut undecided = 0;
        for file in self.named_requests.iter().chain(&self.requests) {
            let requests = match request::load(file) {
                Ok(requests) => requests,
                Err(error) => {
                    complain(format_args!("{}: {error}", console::name(file)));
                    undecided += 1;
                    continue;
                }
            };
            let several = requests.len() > 1;
            for (number, request) in (1..).zip(requests) {
                let document = several.then_some(number);
                let own = request.settings().filter(|_| given.is_none());
                if let Some(own) = &own
                    && !policy.accepts(own, &place(file, document))?
                {
                    undecided += 1;
                    continue;
                }
                let settings = given.as_ref().or(own.as_ref()).unwrap_or(&none);
                match policy.validate(request.json(), settings, self.now, &answers) {
                    Ok(response) => {
                        let answered = Judged { file: file.clone(), document, request, response };
                        if self.output == Output::Text {
                            answered.print(console)?;
                        }
                        judged.push(answered);
                    }
                    Err(error) => {
                        complain(format_args!("{}: {error}", place(file, document)));
                        undecided += 1;
                    }
                }
            }
        }
        if let Some(path) = &self.record {
            recorder.write(path).map_err(|error| anyhow::anyhow!("{}: {error}", console::name(path)))?;
        }
        match self.output {
            Output::Text if judged.len() + undecided > 1 => console.line(&tally(&judged, undecided))?,
            Output::Text => {}
            Output::Json => {
                console.json(&judged.iter().map(Judged::report).collect::<Vec<_>>())?;
            }
        }
        Ok(match judged.iter().all(|judged| judged.response.accepted()) {
            _ if undecided > 0 => Status::Undecided,
            true => Status::Allowed,
            false => Status::Denied,
        })
    }

    /// The settings that are given, and what to call them.
    fn settings(&self) -> anyhow::Result<Option<(Settings, String)>> {
        match (&self.settings, &self.settings_json) {
            (Some(path), _) => match Settings::load(path) {
                Ok(settings) => Ok(Some((settings, console::name(path)))),
                Err(error) => Err(anyhow::anyhow!("{}: {error}", console::name(path))),
            },
            (None, Some(json)) => match Settings::parse(json) {
                Ok(settings) => Ok(Some((settings, "--settings-json".to_owned()))),
                Err(error) => Err(anyhow::anyhow!("--settings-json: {error}")),
            },
            (None, None) => Ok(None),
        }
    }
}

impl Judged {
    fn print(&self, console: &mut Console) -> std::io::Result<()> {
        let (word, colour) = match self.response.accepted() {
            true => ("ALLOWED", Colour::Green),
            false => ("DENIED", Colour::Red),
        };
        let place = place(&self.file, self.document);
        let what = format!("{}  ({place})", self.request.summary());
        console.marked_line("", word, colour, &what)?;
        for line in self.response.lines() {
            console.line(&format!("  {line}"))?;
        }
        for warning in self.response.warnings() {
            console.marked_line("  ", "warning:", Colour::Yellow, warning)?;
        }
        Ok(())
    }

    fn report(&self) -> Report<'_> {
        Report {
            file: self.file.to_string_lossy().into_owned(),
            document: self.document.unwrap_or(1),
            request: self.request.summary(),
            response: self.response.json(),
        }
    }
}

/// The answer to one request, for a program.
#[derive(Serialize)]
struct Report<'a> {
    file: String,
    document: usize,
    request: &'a Summary,
    response: &'a RawValue,
}

fn place(file: &Path, document: Option<usize>) -> String {
    match document {
        Some(number) => format!("{}, document {number}", console::name(file)),
        None => console::name(file),
    }
}

fn tally(judged: &[Judged], undecided: usize) -> String {
    let allowed = judged.iter().filter(|judged| judged.response.accepted()).count();
    let denied = judged.len() - allowed;
    match undecided {
        0 => format!("{allowed} allowed, {denied} denied"),
        _ => format!("{allowed} allowed, {denied} denied, {undecided} undecided"),
    }
}
