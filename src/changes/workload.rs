//! Kinds that run images, or make them.
//!
//! What counts is each container with its image, and each `from`: one that the stored object has in the
//! same place was judged when it got there. The name of a container is part of it, the position in the
//! list is not.

use std::collections::HashSet;

use crate::api::build::{BuildConfigStatus, BuildSpec};
use crate::api::deployment_config::DeploymentConfigSpec;
use crate::api::image_stream::ObjectReference;
use crate::api::pod::{Container, PodSpec, PodTemplateSpec};
use crate::api::triggers::{TRIGGERS_ANNOTATION, Triggers, WorkloadMeta};
use crate::api::workload::{Body, TemplatedSpec, Workload};
use crate::changes::collector::Collector;
use crate::changes::reference::{Before, EntryPoint, Reference, Source, SourceError, stream_tag};
use crate::changes::used_image::{Form, PushedTag, UsedImage};
use crate::json::path::FieldPath;
use crate::oci::reference::{self, ImageReference, PullSpec, ReferenceError, RegistryAliases};

impl<'r> Collector<'_, 'r> {
    /// What a workload uses that the stored one does not.
    pub fn workload(&mut self, workload: &'r Workload<'_>, old: Option<&'r Workload<'_>>) {
        let known: HashSet<Key<'_>> =
            old.map(Uses::of).unwrap_or_default().all.into_iter().map(|used| used.key).collect();
        for Used { key, what, at } in Uses::of(workload).all {
            if known.contains(&key) {
                continue;
            }
            let reference = match what {
                What::Output(to) => self.pushed(to, at),
                What::Image(text) => Some(used(Source::container_image(text, self.aliases), Form::Text, at)),
                What::From(from, form) => Some(used(self.used_object(from), form, at)),
                What::Unreadable(reason) => {
                    let source = Source::Unreadable(SourceError::Triggers(reason));
                    Some(used(source, Form::Text, at))
                }
            };
            self.introduced.references.extend(reference);
        }
    }

    /// What an object with kind, namespace and name says.
    fn used_object(&self, from: Option<&'r ObjectReference<'_>>) -> Source<'r> {
        match Source::of(from, self.namespace, "", self.aliases) {
            // There is no stream of its own that could be meant.
            Source::StreamTag { stream: "", text, .. } => Source::Unreadable(SourceError::StreamTag(text)),
            Source::StreamImage { stream: "", text, .. } => {
                Source::Unreadable(SourceError::StreamImage(text))
            }
            source => source,
        }
    }

    /// The tag that a build pushes to; nothing where it pushes to another registry.
    fn pushed(&self, to: &'r ObjectReference<'_>, at: FieldPath) -> Option<Reference<'r>> {
        let text = to.name.as_str();
        let target = match to.kind.as_str() {
            "DockerImage" => self.pushed_pull_spec(text).transpose()?,
            "ImageStreamTag" => match stream_tag(text) {
                Some((Some(stream), tag)) => {
                    let own = to.namespace.is_empty();
                    Ok([if own { self.namespace } else { to.namespace.as_str() }, stream, tag])
                }
                _ => Err(SourceError::StreamTag(text)),
            },
            "" if text.is_empty() => Err(SourceError::Missing),
            kind => Err(SourceError::Kind(kind)),
        };
        let [namespace, stream, tag] = match target {
            Ok(target) => target,
            Err(error) => return Some(used(Source::Unreadable(error), Form::Object, at)),
        };
        let entry = EntryPoint::Push(PushedTag { namespace, tag, at: at.key("name") });
        // Whether the tag is there already, only the cluster knows. Consumers of it are no concern here:
        // the image is judged when it is there.
        let reference = Reference::new(entry, Some(stream), Source::None, Before::Unknown);
        Some(Reference { local: Some(false), ..reference })
    }

    /// Namespace, stream and tag of a pull spec in the cluster's own registry.
    fn pushed_pull_spec(&self, text: &'r str) -> Result<Option<[&'r str; 3]>, SourceError<'r>> {
        let spec = PullSpec::parse(text).map_err(|error| SourceError::PullSpec(text, error))?;
        if !reference::is_integrated(self.aliases.rename(spec).registry()) {
            return Ok(None);
        }
        let written = ImageReference::parse(text).map_err(|error| SourceError::PullSpec(text, error))?;
        let tag = if written.tag.is_empty() { "latest" } else { written.tag };
        Ok(Some([written.namespace, written.name, tag]))
    }
}

fn used<'r>(source: Source<'r>, form: Form, at: FieldPath) -> Reference<'r> {
    Reference::new(EntryPoint::Use(UsedImage { form, at }), None, source, Before::New)
}

impl<'r> Source<'r> {
    /// What a container runtime takes for a pull spec. What it would take for the ID of an image that the
    /// node has, whatever registry that came from, is none.
    fn container_image(text: &'r str, aliases: &RegistryAliases) -> Self {
        let id = text.strip_prefix("sha256:").unwrap_or(text);
        if id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Self::Unreadable(SourceError::PullSpec(text, ReferenceError::Malformed));
        }
        Self::pull_spec(text, aliases)
    }
}

/// What is compared with the stored object: in what it is used, by what name, and the image.
type Key<'r> = (&'static str, &'r str, [&'r str; 3]);

/// A use of an image.
struct Used<'r> {
    key: Key<'r>,
    what: What<'r>,
    at: FieldPath,
}

/// What is used.
enum What<'r> {
    From(Option<&'r ObjectReference<'r>>, Form),
    Image(&'r str),
    Output(&'r ObjectReference<'r>),
    /// An annotation, and what is wrong with it.
    Unreadable(&'r str),
}

/// Every use of an image in an object.
#[derive(Default)]
struct Uses<'r> {
    all: Vec<Used<'r>>,
    /// Whether something puts images into containers later.
    has_triggers: bool,
}

impl<'r> Uses<'r> {
    fn of(workload: &'r Workload<'_>) -> Self {
        let mut uses = Self::default();
        uses.annotation(workload.metadata.as_ref(), FieldPath::root().key("metadata"));
        let spec_at = FieldPath::root().key("spec");
        match &workload.body {
            Body::Build(spec, status) => uses.build(spec.as_ref(), status.as_ref()),
            Body::CronJob(spec) => {
                let job = spec.as_ref().and_then(|spec| spec.job_template.as_ref());
                let at = spec_at.key("jobTemplate");
                uses.annotation(job.and_then(|job| job.metadata.as_ref()), at.clone().key("metadata"));
                uses.templated(job.and_then(|job| job.spec.as_ref()), at.key("spec"));
            }
            Body::DeploymentConfig(spec) => uses.deployment_config(spec.as_ref()),
            Body::Pod(spec) => uses.pod(spec.as_ref(), &spec_at, false),
            Body::PodTemplate(template) => {
                uses.template(template.as_ref(), FieldPath::root().key("template"))
            }
            Body::Templated(spec) => uses.templated(spec.as_ref(), spec_at),
        }
        uses
    }

    fn add(&mut self, key: Key<'r>, what: What<'r>, at: FieldPath) {
        self.all.push(Used { key, what, at });
    }

    fn image(&mut self, slot: &'static str, name: &'r str, image: &'r str, at: FieldPath) {
        self.add((slot, name, ["", "", image]), What::Image(image), at);
    }

    fn from(
        &mut self,
        slot: &'static str,
        name: &'r str,
        from: Option<&'r ObjectReference<'_>>,
        at: FieldPath,
    ) {
        self.add((slot, name, parts(from)), What::From(from, Form::Object), at);
    }

    /// What the annotation of triggers says, in the metadata at `at`.
    fn annotation(&mut self, metadata: Option<&'r WorkloadMeta<'_>>, at: FieldPath) {
        let at = || at.clone().key("annotations").member(TRIGGERS_ANNOTATION);
        match metadata.map(|metadata| &metadata.triggers) {
            None | Some(Triggers::None) => {}
            Some(Triggers::Unreadable { text, reason }) => {
                self.add(("annotation", "", ["", "", text]), What::Unreadable(reason), at());
            }
            Some(Triggers::Listed(triggers)) => {
                self.has_triggers |= !triggers.is_empty();
                for trigger in triggers {
                    let from = trigger.from.as_ref();
                    let key = ("annotation", trigger.field_path.as_str(), parts(from));
                    self.add(key, What::From(from, Form::Text), at());
                }
            }
        }
    }

    fn templated(&mut self, spec: Option<&'r TemplatedSpec<'_>>, at: FieldPath) {
        self.template(spec.and_then(|spec| spec.template.as_ref()), at.key("template"));
    }

    fn template(&mut self, template: Option<&'r PodTemplateSpec<'_>>, at: FieldPath) {
        let Some(template) = template else { return };
        self.annotation(template.metadata.as_ref(), at.clone().key("metadata"));
        self.pod(template.spec.as_ref(), &at.key("spec"), self.has_triggers);
    }

    /// The containers and volumes of pods; `awaits` where a trigger puts images into containers later.
    fn pod(&mut self, spec: Option<&'r PodSpec<'_>>, at: &FieldPath, awaits: bool) {
        let Some(spec) = spec else { return };
        let lists: [(&'static str, &'r Option<Vec<Container<'_>>>); 3] = [
            ("containers", &spec.containers),
            ("ephemeralContainers", &spec.ephemeral_containers),
            ("initContainers", &spec.init_containers),
        ];
        for (list, containers) in lists {
            for (index, container) in containers.iter().flatten().enumerate() {
                let image = container.image.as_str();
                // No pod can be made of a blank.
                if awaits && image.trim().is_empty() {
                    continue;
                }
                let at = at.clone().key(list).index(index).key("image");
                self.image(list, container.name.as_str(), image, at);
            }
        }
        for (index, volume) in spec.volumes.iter().flatten().enumerate() {
            if let Some(image) = &volume.image {
                let at = at.clone().key("volumes").index(index).key("image.reference");
                self.image("volumes", volume.name.as_str(), image.reference.as_str(), at);
            }
        }
    }

    fn deployment_config(&mut self, spec: Option<&'r DeploymentConfigSpec<'_>>) {
        let Some(spec) = spec else { return };
        let at = FieldPath::root().key("spec");
        for (index, trigger) in spec.triggers.iter().flatten().enumerate() {
            let Some(params) = &trigger.image_change_params else { continue };
            self.has_triggers = true;
            let at = at.clone().key("triggers").index(index).key("imageChangeParams.from");
            self.from("triggers", "", params.from.as_ref(), at);
        }
        let deployer = spec.strategy.as_ref().and_then(|strategy| strategy.custom_params.as_ref());
        if let Some(deployer) = deployer.filter(|deployer| !deployer.image.is_empty()) {
            let at = at.clone().key("strategy.customParams.image");
            self.image("strategy", "", deployer.image.as_str(), at);
        }
        self.template(spec.template.as_ref(), at.key("template"));
    }

    fn build(&mut self, spec: Option<&'r BuildSpec<'_>>, status: Option<&'r BuildConfigStatus<'_>>) {
        let at = FieldPath::root().key("spec");
        if let Some(strategy) = spec.and_then(|spec| spec.strategy.as_ref()) {
            for (kind, from) in [
                ("sourceStrategy", &strategy.source_strategy),
                ("dockerStrategy", &strategy.docker_strategy),
                ("customStrategy", &strategy.custom_strategy),
            ] {
                if let Some(from) = from.as_ref().and_then(|strategy| strategy.from.as_ref()) {
                    self.from(kind, "", Some(from), at.clone().key("strategy").key(kind).key("from"));
                }
            }
        }
        let images = spec.and_then(|spec| spec.source.as_ref()?.images.as_deref()).unwrap_or_default();
        for (index, image) in images.iter().enumerate() {
            let at = at.clone().key("source.images").index(index).key("from");
            self.from("source", "", image.from.as_ref(), at);
        }
        if let Some(to) = spec.and_then(|spec| spec.output.as_ref()?.to.as_ref()) {
            self.add(("output", "", parts(Some(to))), What::Output(to), at.clone().key("output.to"));
        }
        let triggers = spec.and_then(|spec| spec.triggers.as_deref()).unwrap_or_default();
        for (index, trigger) in triggers.iter().enumerate() {
            let Some(change) = &trigger.image_change else { continue };
            let at = at.clone().key("triggers").index(index).key("imageChange");
            if change.from.is_some() {
                self.from("triggers", "", change.from.as_ref(), at.clone().key("from"));
            }
            self.last_triggered(change.last_triggered_image_id.as_str(), at);
        }
        let seen = status.and_then(|status| status.image_change_triggers.as_deref()).unwrap_or_default();
        for (index, change) in seen.iter().enumerate() {
            let at = FieldPath::root().key("status.imageChangeTriggers").index(index);
            self.last_triggered(change.last_triggered_image_id.as_str(), at);
        }
    }

    /// What the next build is made from.
    fn last_triggered(&mut self, image: &'r str, at: FieldPath) {
        if !image.is_empty() {
            self.image("lastTriggeredImageID", "", image, at.key("lastTriggeredImageID"));
        }
    }
}

/// What counts of a `from`.
fn parts<'r>(from: Option<&'r ObjectReference<'_>>) -> [&'r str; 3] {
    from.map_or([""; 3], |from| [from.kind.as_str(), from.namespace.as_str(), from.name.as_str()])
}
