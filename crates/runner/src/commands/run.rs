//! `image-trust run`: has requests judged.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use openshift_image_trust::{FieldPath, Level};
use time::UtcDateTime;

use crate::answers::Recorder;
use crate::answers::{self, Capabilities};
use crate::commands::config::Config;
use crate::commands::inputs::{self, Filter, Input};
use crate::commands::outputs::{FailOn, Findings, Judged, Place, Remark, Report, Undecided, text};
use crate::commands::test::Test;
use crate::commands::{Status, pack_run};
use crate::console::{self, Console, complain};
use crate::document::{self, Format};
use crate::host::cache::Cache;
use crate::host::policy::Policy;
use crate::now;
use crate::place::Text;
use crate::request::{self, Advice, Contents, Request, RequestError, Strays};
use crate::response::Response;
use crate::settings::Settings;

/// Judge objects as if just created, AdmissionReviews, and admission requests
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 all allowed; 1 some denied, or with --pack not as expected; 2 something could not be \
    read or decided, or there was nothing to judge\n\n\
    Objects of other kinds are skipped and counted. The objects of a Template are judged with the \
    defaults of its parameters.\n\n\
    Where the command line names no settings, those beside a request count (`{request: …, settings: …}`), \
    then the file that IMAGE_TRUST_SETTINGS names, then `settings` of the nearest .image-trust.yaml in \
    this folder or above, which may also have `include`, `exclude` and `failOn`."
)]
pub struct Run {
    /// The policy module, instead of the one in this program, or of `policy.wasm` where it has none
    #[arg(long, value_name = "FILE", env = "IMAGE_TRUST_POLICY")]
    policy: Option<PathBuf>,

    /// The policy's settings, or the manifest of a policy that holds them
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,

    /// The policy's settings in JSON
    #[arg(long, value_name = "JSON", conflicts_with = "settings")]
    settings_json: Option<String>,

    /// Files to judge, as without the option
    #[arg(long = "request", value_name = "FILE", num_args = 1..)]
    named_requests: Vec<PathBuf>,

    /// Files to judge, JSON or YAML, and folders of such files; `-` is standard input
    #[arg(value_name = "FILE", required_unless_present_any = ["named_requests", "pack"])]
    requests: Vec<PathBuf>,

    /// Judge the requests of a pack under its settings, and compare with what its suite expects: a
    /// folder, or a name in `policies`
    #[arg(
        long,
        value_name = "PACK",
        conflicts_with_all = ["requests", "named_requests", "settings", "settings_json", "now", "cluster", "replay", "record"]
    )]
    pack: Option<PathBuf>,

    /// Which files of folders to read: globs, compared with the name, or with the path in the folder
    /// where they have a `/`
    #[arg(long, value_name = "GLOB")]
    include: Vec<String>,

    /// Which files and folders to leave out
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,

    /// The instant that the policy takes for now, in RFC 3339
    #[arg(long, value_name = "TIME", value_parser = now::parse)]
    now: Option<UtcDateTime>,

    /// A folder of objects, read at any depth, or one file, that answers for the cluster: `oc get images,is
    /// -A -o yaml` as it comes
    #[arg(long, value_name = "DIR", conflicts_with = "replay")]
    cluster: Option<PathBuf>,

    /// A recording that answers for the cluster and registries, as kwctl records it
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,

    /// Where to record what was asked and answered, as kwctl records it
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,

    /// From which level on to end with exit code 1 (default: deny)
    #[arg(long, value_enum, value_name = "LEVEL")]
    fail_on: Option<FailOn>,

    /// Print only what fails
    #[arg(short, long)]
    quiet: bool,

    /// Look for no .image-trust.yaml
    #[arg(long)]
    no_config: bool,

    /// How to print the answers
    #[arg(short, long, value_enum, default_value_t = Report::Text)]
    output: Report,
}

/// What judging takes.
struct Bench<'a> {
    policy: &'a Policy,
    /// Those of the command line.
    given: Option<Settings>,
    /// Those that hold where neither the command line nor the document has any.
    fallback: Settings,
    answers: Arc<dyn Capabilities>,
    now: Option<UtcDateTime>,
}

impl Run {
    /// Runs the command.
    pub fn execute(&self, cache: Option<&Cache>, console: &mut Console) -> anyhow::Result<Status> {
        if let Some(pack) = &self.pack {
            let pack = pack_run::directory(pack);
            return match self.output {
                Report::Text => {
                    pack_run::print(&pack, &Policy::open(self.policy.as_deref(), cache)?, self.quiet, console)
                }
                output => Test::of(pack, self.policy.clone(), output, self.quiet).execute(cache, console),
            };
        }
        let config = match self.no_config {
            true => Config::of_environment(),
            false => Config::find(&std::env::current_dir()?)?,
        };
        let fail_on = self.fail_on.or(config.fail_on).unwrap_or_default();
        let given = self.settings()?;
        let fallback = match &config.settings {
            Some(path) if given.is_none() => Some(load(path)?),
            _ => None,
        };
        let or =
            |given: &[String], config: Vec<String>| if given.is_empty() { config } else { given.to_vec() };
        let filter = Filter::new(&or(&self.include, config.include), &or(&self.exclude, config.exclude))?;
        let policy = Policy::open(self.policy.as_deref(), cache)?;
        for (settings, origin) in given.iter().chain(&fallback) {
            if !policy.accepts(settings, origin)? {
                return Ok(Status::Undecided);
            }
        }
        let recorder =
            Arc::new(Recorder::new(answers::open(self.cluster.as_deref(), self.replay.as_deref())?));
        let bench = Bench {
            policy: &policy,
            given: given.map(|(settings, _)| settings),
            fallback: fallback.map(|(settings, _)| settings).unwrap_or_default(),
            answers: Arc::clone(&recorder) as Arc<dyn Capabilities>,
            now: self.now,
        };
        let mut findings = Findings::default();
        for path in self.named_requests.iter().chain(&self.requests) {
            match inputs::expand(path, &filter) {
                Ok(inputs) => {
                    for input in inputs {
                        self.judge_file(&input, &bench, fail_on, &mut findings, console)?;
                    }
                }
                Err(error) => findings.give_up(Place::of(path), format!("{error:#}")),
            }
        }
        if let Some(path) = &self.record {
            recorder.write(path).map_err(|error| anyhow::anyhow!("{}: {error}", console::name(path)))?;
        }
        let status = findings.status(fail_on);
        if findings.results.is_empty() && findings.undecided.is_empty() {
            complain(match findings.not_judged.count() {
                0 => "nothing to judge: no object was found".to_owned(),
                _ => format!("nothing to judge: {}", findings.not_judged.not_judged()),
            });
        } else if self.output == Report::Text && !self.quiet {
            text::close(&findings, fail_on, console)?;
        }
        if self.quiet {
            findings.results.retain(|judged| judged.fails(fail_on));
        }
        findings.print(self.output, fail_on, console)?;
        Ok(status)
    }

    fn judge_file(
        &self,
        input: &Input,
        bench: &Bench<'_>,
        fail_on: FailOn,
        findings: &mut Findings,
        console: &mut Console,
    ) -> anyhow::Result<()> {
        let file = Place::of(&input.path);
        let read = document::text(&input.path).map_err(RequestError::from).and_then(|text| {
            let format = Format::of(&input.path, &text);
            let strays = if input.found { Strays::PassedOver } else { Strays::Refused };
            let contents = request::read(&document::parse(&text, format)?, strays)?;
            Ok((text, format, contents))
        });
        let (text, format, Contents { requests, others }) = match read {
            Ok(read) => read,
            Err(error) => {
                findings.give_up(file, error.to_string());
                return Ok(());
            }
        };
        if requests.is_empty() && others.count() == 0 && !input.found {
            findings.give_up(file, RequestError::Empty.to_string());
            return Ok(());
        }
        findings.not_judged.extend(others);
        if requests.is_empty() {
            return Ok(());
        }
        let places = Places { file, text: Text::new(&text, format) };
        for request in &requests {
            match bench.judge(request, &places) {
                Ok(judged) => {
                    if self.output == Report::Text && (!self.quiet || judged.fails(fail_on)) {
                        text::print(&judged, console)?;
                    }
                    findings.results.push(judged);
                }
                Err(problems) => {
                    for problem in problems {
                        findings.give_up(places.of_object(request), problem);
                    }
                }
            }
        }
        Ok(())
    }

    /// The settings of the command line, and what to call them.
    fn settings(&self) -> anyhow::Result<Option<(Settings, String)>> {
        match (&self.settings, &self.settings_json) {
            (Some(path), _) => load(path).map(Some),
            (None, Some(json)) => match Settings::parse(json) {
                Ok(settings) => Ok(Some((settings, "--settings-json".to_owned()))),
                Err(error) => Err(anyhow::anyhow!("--settings-json: {error}")),
            },
            (None, None) => Ok(None),
        }
    }
}

fn load(path: &Path) -> anyhow::Result<(Settings, String)> {
    match Settings::load(path) {
        Ok(settings) => Ok((settings, console::name(path))),
        Err(error) => Err(anyhow::anyhow!("{}: {error}", console::name(path))),
    }
}

impl Findings {
    /// Notes that something could not be read or decided, and says so at once.
    pub(super) fn give_up(&mut self, place: Place, message: String) {
        complain(format_args!("{place}: {message}"));
        self.undecided.push(Undecided { place, message });
    }
}

impl Bench<'_> {
    /// Has a request judged. The error is one line or several.
    fn judge(&self, request: &Request, places: &Places<'_>) -> Result<Judged, Vec<String>> {
        let own = request.settings().filter(|_| self.given.is_none());
        if let Some(own) = &own {
            let answer = self.policy.validate_settings(own).map_err(|error| vec![error.to_string()])?;
            if !answer.valid {
                return Err(answer.problems().iter().map(|problem| format!("settings: {problem}")).collect());
            }
        }
        let settings = self.given.as_ref().or(own.as_ref()).unwrap_or(&self.fallback);
        let answer = self.policy.validate(request.json(), settings, self.now, &self.answers);
        let response = answer.map_err(|error| vec![error.to_string()])?;
        Ok(places.judged(request, &response))
    }
}

/// Places in a file.
struct Places<'t> {
    file: Place,
    text: Text<'t>,
}

impl Places<'_> {
    fn judged(&self, request: &Request, response: &Response) -> Judged {
        let remark = |line: &str, level| {
            let remark = Remark::of_line(line, level, self.of_object(request));
            let place = remark.path.as_deref().map(|path| self.of_path(request, path));
            Remark { place: place.unwrap_or(self.of_object(request)), ..remark }
        };
        let advice = request.advice().iter().map(|Advice { path, oddity }| {
            remark(&format!("{path}: {oddity} [{}]", oddity.code()), Level::Warn)
        });
        let warnings = response.warnings().iter().map(|line| remark(line, Level::Warn));
        Judged {
            object: request.summary().to_string(),
            place: self.of_object(request),
            accepted: response.accepted(),
            count: response.violations(),
            violations: response.lines().into_iter().map(|line| remark(line, Level::Deny)).collect(),
            warnings: warnings.chain(advice).collect(),
            exempted: response.exempted(),
            request: serde_json::to_value(request.summary()).ok(),
            response: Some(response.json().to_owned()),
        }
    }

    fn of_object(&self, request: &Request) -> Place {
        let place = request.place();
        let base = place.request.as_ref().unwrap_or(&place.object);
        self.at(place.document, base, "object")
    }

    fn of_path(&self, request: &Request, path: &str) -> Place {
        let (base, below) = request.place().follow(path);
        self.at(request.place().document, base, below)
    }

    fn at(&self, document: usize, base: &FieldPath, path: &str) -> Place {
        let found = self.text.find(document, base, path);
        let position = found.map(|place| self.text.position(place.bytes.start));
        Place { position, ..self.file.clone() }
    }
}
