//! From a place in a text to what a browser marks.

use std::ops::Range;

use serde::Serialize;

/// A place in a text, in the units in which a browser counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Of the first character.
    pub start: usize,
    /// After the last one.
    pub end: usize,
    /// Whether it is what was asked for; else it is what should hold it.
    pub exact: bool,
}

impl Place {
    /// The same place of a text, as the browser counts it.
    pub fn of(text: &str, place: image_trust::place::Place) -> Option<Self> {
        count(text, place.bytes, place.exact)
    }
}

/// The place of what a line says, counted from 1.
pub fn of_line(text: &str, number: usize) -> Option<Place> {
    let line = text.split('\n').nth(number.checked_sub(1)?)?;
    let start = line.as_ptr().addr() - text.as_ptr().addr();
    let indent = line.len() - line.trim_start().len();
    count(text, start + indent..start + line.trim_end().len().max(indent), true)
}

fn count(text: &str, bytes: Range<usize>, exact: bool) -> Option<Place> {
    let start = text.get(..bytes.start)?.encode_utf16().count();
    let length = text.get(bytes)?.encode_utf16().count();
    Some(Place { start, end: start + length, exact })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_counted_as_browsers_count() {
        let text = "wëb \u{1f600}: x";
        let place = image_trust::place::Place { bytes: 5..9, exact: false };
        assert_eq!(Place::of(text, place), Some(Place { start: 4, end: 6, exact: false }));
        let inside_a_character = image_trust::place::Place { bytes: 2..9, exact: true };
        assert_eq!(Place::of(text, inside_a_character), None);
    }

    #[test]
    fn a_line_has_a_place() {
        let place = |start, end| Some(Place { start, end, exact: true });
        for (number, expected) in [(0, None), (1, place(0, 1)), (2, place(4, 6)), (3, place(7, 7)), (4, None)]
        {
            assert_eq!(of_line("ü\n  b:\n", number), expected, "{number}");
        }
    }
}
