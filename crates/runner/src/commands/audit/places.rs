//! The lines of what was found, in the files that were read.
//!
//! They are looked up once all is judged: the text is read again for it, which a summary does not need.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use openshift_image_trust::FieldPath;

use super::cluster::Object;
use super::judging::Outcome;
use crate::commands::outputs::Place;
use crate::document::{self, Format};
use crate::place::Text;

/// Gives each object, and each finding, its line and column. Where a file has changed or gone meanwhile, they
/// keep its name alone.
pub fn locate(judged: &mut [(Object<'_>, Outcome)]) {
    let mut files: BTreeMap<Arc<Path>, Vec<&mut (Object<'_>, Outcome)>> = BTreeMap::new();
    for it in judged {
        files.entry(Arc::clone(&it.0.origin.file)).or_default().push(it);
    }
    for (file, objects) in files {
        let Ok(text) = document::text(&file) else { continue };
        let text = Text::new(&text, Format::of(&file, &text));
        for (object, outcome) in objects {
            let (document, base) = (object.origin.document, &object.origin.path);
            object.place = at(&text, &object.place, document, base, "object");
            for found in &mut outcome.found {
                let path = found.remark.path.as_deref().filter(|path| !path.starts_with("request."));
                found.remark.place = at(&text, &found.remark.place, document, base, path.unwrap_or("object"));
            }
        }
    }
}

fn at(text: &Text<'_>, place: &Place, document: usize, base: &FieldPath, path: &str) -> Place {
    let found = text.find(document, base, path);
    Place { position: found.map(|found| text.position(found.bytes.start)), ..place.clone() }
}
