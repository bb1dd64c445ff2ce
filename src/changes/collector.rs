//! What a request introduces, and how it is gathered.

use crate::api::image::Image;
use crate::changes::image::ChangedImage;
use crate::changes::reference::{Before, EntryPoint, Reference, Source};
use crate::changes::signature::{self, ChangedSignature, SignatureList};
use crate::json::path::FieldPath;
use crate::oci::reference::RegistryAliases;

/// What a request introduces.
#[derive(Debug, Default)]
pub struct Changes<'r> {
    /// Everything that points at an image: tags, imports, pull specs, events.
    pub references: Vec<Reference<'r>>,
    /// What is changed about a stream as a whole.
    pub streams: Vec<StreamChange<'r>>,
    /// Images.
    pub images: Vec<ChangedImage<'r>>,
    /// Signatures that are attached, or about which something new is said.
    pub signatures: Vec<ChangedSignature<'r>>,
    /// Lists of signatures that grow or shrink.
    pub signature_lists: Vec<SignatureList>,
}

/// A change of a stream as a whole.
#[derive(Debug)]
pub struct StreamChange<'r> {
    /// What becomes of it.
    pub trait_: StreamTrait<'r>,
    /// Where it says so.
    pub path: FieldPath,
}

/// What can become of a stream as a whole.
#[derive(Debug)]
pub enum StreamTrait<'r> {
    /// Every import into it is insecure, by annotation: the sources of all that it imports, where a whole
    /// repository is among them, for which there is no other way to say so.
    Insecure(Vec<Source<'r>>),
    /// A tag of it is imported insecurely, beside others of its repository.
    InsecureRepository {
        /// The source of that tag, where it is judged itself.
        new: Option<Source<'r>>,
        /// The sources of the others.
        others: Vec<Source<'r>>,
    },
    /// Short names in pods resolve to it.
    LocalLookup,
}

/// Gathers what an object introduces.
pub struct Collector<'i, 'r> {
    /// What is found.
    pub introduced: &'i mut Changes<'r>,
    /// The request's namespace.
    pub namespace: &'r str,
    /// Names of the integrated registry.
    pub aliases: &'i RegistryAliases,
}

impl<'r> Collector<'_, 'r> {
    /// An image with its signatures; `mapped` where a mapping brings it.
    pub fn image(&mut self, image: &'r Image<'_>, old: Option<&'r Image<'_>>, at: FieldPath, mapped: bool) {
        let (signatures, list) = signature::of_image(image, old, &at);
        self.introduced.signatures.extend(signatures);
        self.introduced.signature_lists.extend(list);
        self.introduced.images.push(ChangedImage { mapped, ..ChangedImage::new(image, old, at) });
    }

    /// An image that a stream shows already, as a scanner hands it over.
    pub fn shown(&mut self, image: &'r Image<'_>, at: FieldPath) {
        let source = Source::pull_spec(image.docker_image_reference.as_str(), self.aliases);
        let entry = EntryPoint::Shown { at };
        self.introduced.references.push(Reference::new(entry, None, source, Before::New));
    }
}
