//! Rule pages, as their sources hold them.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "shared by several test crates")]

use std::collections::BTreeMap;
use std::path::Path;

/// The headings of a rule page, in order.
pub const HEADINGS: [&str; 5] = ["Why", "Denied", "Allowed", "Settings", "See"];

/// The page of each rule file, by file stem: the module's documentation.
pub fn pages() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let mut pages = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let source = std::fs::read_to_string(&path).unwrap();
        let page: Vec<&str> = source
            .lines()
            .map_while(|line| line.strip_prefix("//!"))
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
            .collect();
        pages.insert(path.file_stem().unwrap().to_str().unwrap().to_owned(), page.join("\n"));
    }
    pages
}

/// The text below a heading of a page.
pub fn section<'p>(page: &'p str, heading: &str) -> Option<&'p str> {
    let (_, rest) = page.split_once(&format!("\n# {heading}\n"))?;
    Some(rest.split("\n# ").next().unwrap_or(rest).trim())
}

/// The fenced blocks of a language in a text.
pub fn blocks(text: &str, language: &str) -> Vec<String> {
    text.split(&format!("```{language}\n"))
        .skip(1)
        .filter_map(|rest| rest.split_once("\n```"))
        .map(|(block, _)| block.to_owned())
        .collect()
}
