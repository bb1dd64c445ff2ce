//! The name of the list entry that a path leads into: ``tag `hub` `` for `spec.tags[2].from.name`.

use crate::admission::request::Subject;
use crate::api::Object;
use crate::api::image::Image;
use crate::api::pod::Container;
use crate::json::path::{FieldPath, Segment};
use crate::quote::{quote, shorten_digests};

/// Names the entry behind a path of the object; `None` where there is none, where it has no name, or
/// where the path leads to the name itself, which the message then shows.
#[must_use]
pub(super) fn of<'o>(path: &FieldPath, subject: &'o Subject<'_>) -> Option<String> {
    let Subject::Object { object, .. } = subject else { return None };
    let mut keys = Vec::new();
    let mut segments = path.segments().iter();
    let index = loop {
        match segments.next()? {
            Segment::Key(key) => keys.push(key.as_ref()),
            Segment::Index(index) => break *index,
        }
    };
    let rest: Vec<&str> = segments
        .map(|segment| match segment {
            Segment::Key(key) => key.as_ref(),
            Segment::Index(_) => "",
        })
        .collect();
    let (what, name) = match (object, keys.as_slice(), rest.as_slice()) {
        (_, _, ["name"] | ["tag"] | ["to", "name"] | ["metadata", "name"]) => return None,
        (Object::ImageStream(stream), ["spec", "tags"], _) => {
            ("tag", stream.spec.as_ref()?.tags.as_ref()?.get(index)?.name.as_str())
        }
        (Object::ImageStream(stream), ["status", "tags"], _) => {
            ("tag", stream.status.as_ref()?.tags.as_ref()?.get(index)?.tag.as_str())
        }
        (Object::ImageStreamImport(import), ["spec", "images"], _) => {
            let image = import.spec.as_ref()?.images.as_ref()?.get(index)?;
            match (&image.to, &image.from) {
                (Some(to), _) if !to.name.is_empty() => ("tag", to.name.as_str()),
                // The message shows the source itself.
                (_, Some(_)) if matches!(rest.as_slice(), ["from", "name"]) => return None,
                (_, Some(from)) => ("source", from.name.as_str()),
                (_, None) => return None,
            }
        }
        (Object::Image(image), ["signatures"], _) => ("signature", signature(image, index)?),
        (Object::ImageStreamImage(object), ["image", "signatures"], _) => {
            ("signature", signature(object.image.as_ref()?, index)?)
        }
        (Object::ImageStreamMapping(object), ["image", "signatures"], _) => {
            ("signature", signature(object.image.as_ref()?, index)?)
        }
        (Object::Workload(workload), [.., list], _) => {
            let spec = workload.pod_spec()?;
            let container =
                |list: &'o Option<Vec<Container<'_>>>| Some(list.as_ref()?.get(index)?.name.as_str());
            match *list {
                "containers" => ("container", container(&spec.containers)?),
                "initContainers" => ("container", container(&spec.init_containers)?),
                "ephemeralContainers" => ("container", container(&spec.ephemeral_containers)?),
                "volumes" => ("volume", spec.volumes.as_ref()?.get(index)?.name.as_str()),
                _ => return None,
            }
        }
        _ => return None,
    };
    (!name.is_empty()).then(|| format!("{what} {}", quote(&shorten_digests(name))))
}

fn signature<'i>(image: &'i Image<'_>, index: usize) -> Option<&'i str> {
    Some(image.signatures.as_ref()?.get(index)?.name())
}
