//! The sources stand in rooms, each above those that it imports, and no file imports itself in a circle.
//!
//! Read are `use` declarations and paths in code that begin with `crate`, `self`, `super` or a child
//! module; what only tests need does not count.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may fail"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use regex_lite::Regex;

/// The rooms from top to bottom: each may import only what stands below it.
const ROOMS: &[&str] = &[
    "guest",
    "lib",
    "rules",
    "evaluation",
    "policy",
    "trust",
    "settings",
    "cluster",
    "signature",
    "changes",
    "admission",
    "oci",
    "api",
    "json",
    "quote",
];

/// Rooms in which a parent and its children still import each other. None may join them, and one that
/// is untied must be struck out.
const TIED: &[&str] = &[];

/// Files by module path, such as `changes::stream`, and what each imports.
struct Sources {
    imports: BTreeMap<String, BTreeSet<String>>,
}

impl Sources {
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut code = BTreeMap::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.file_name().is_some_and(|name| name != "tests.rs") {
                    code.insert(module(&root, &path), without_tests(&fs::read_to_string(&path).unwrap()));
                }
            }
        }
        let modules: BTreeSet<String> = code.keys().cloned().collect();
        let imports = code.iter().map(|(module, code)| (module.clone(), imports(module, code, &modules)));
        Self { imports: imports.collect() }
    }

    /// Finds a circle that begins and ends at a module.
    fn circle(&self, start: &str) -> Option<Vec<String>> {
        let mut seen = BTreeSet::new();
        let mut paths = vec![vec![start.to_owned()]];
        while let Some(path) = paths.pop() {
            for next in &self.imports[path.last().unwrap()] {
                let path: Vec<String> = path.iter().chain([next]).cloned().collect();
                if next == start {
                    return Some(path);
                }
                if seen.insert(next) {
                    paths.push(path);
                }
            }
        }
        None
    }
}

/// The module of a file; `lib` for the root.
fn module(root: &Path, path: &Path) -> String {
    let path: PathBuf = path.strip_prefix(root).unwrap().with_extension("");
    path.iter().map(|part| part.to_str().unwrap()).collect::<Vec<_>>().join("::")
}

fn room(module: &str) -> &str {
    module.split("::").next().unwrap()
}

/// The code without comments and test modules.
fn without_tests(source: &str) -> String {
    let mut code = String::new();
    let mut lines = source.lines();
    while let Some(line) = lines.next() {
        if line == "#[cfg(test)]" {
            let item = lines.find(|line| !line.starts_with("#[")).unwrap_or_default();
            if item.ends_with('{') {
                lines.find(|line| *line == "}");
            }
        } else if !line.trim_start().starts_with("//") {
            code.push_str(line);
            code.push('\n');
        }
    }
    code
}

fn imports(module: &str, code: &str, modules: &BTreeSet<String>) -> BTreeSet<String> {
    // A visibility is no import.
    let visibility = Regex::new(r"pub\(in [a-z_:]+\)").unwrap();
    let code = &*visibility.replace_all(code, "pub");
    let use_item = Regex::new(r"(?m)^\s*(?:pub(?:\([a-z]+\))? )?use ([^;]+);").unwrap();
    let path = Regex::new(r"[A-Za-z_]\w*(?:::[A-Za-z_]\w*)+").unwrap();
    let mut paths = Vec::new();
    for found in use_item.captures_iter(code) {
        flatten("", &found[1].split_whitespace().collect::<Vec<_>>().join(" "), &mut paths);
    }
    let rest = use_item.replace_all(code, "");
    paths.extend(path.find_iter(&rest).map(|found| found.as_str().to_owned()));
    let resolved = paths.iter().filter_map(|path| resolve(module, path, modules));
    resolved.filter(|imported| imported != module).collect()
}

/// The paths of a `use` tree.
fn flatten(prefix: &str, tree: &str, paths: &mut Vec<String>) {
    let Some((head, inner)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap().trim();
        if !path.is_empty() {
            paths.push(format!("{prefix}{path}"));
        }
        return;
    };
    let inner = inner.strip_suffix('}').unwrap_or_else(|| panic!("{tree}"));
    let (mut depth, mut from) = (0, 0);
    for (at, c) in inner.char_indices().chain([(inner.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                flatten(&format!("{prefix}{}", head.trim()), inner[from..at].trim(), paths);
                from = at + 1;
            }
            _ => {}
        }
    }
}

/// The file of this crate that a path in a module leads to, if it leads to one.
fn resolve(module: &str, path: &str, modules: &BTreeSet<String>) -> Option<String> {
    let own: Vec<&str> = if module == "lib" { Vec::new() } else { module.split("::").collect() };
    let segments: Vec<&str> = path.split("::").collect();
    let mut absolute = own.clone();
    match segments[0] {
        "crate" => absolute.clear(),
        "self" => {}
        "super" => {
            let up = segments.iter().take_while(|segment| **segment == "super").count();
            absolute.truncate(own.len().checked_sub(up)?);
        }
        child => {
            absolute.push(child);
            if !modules.contains(&absolute.join("::")) {
                return None;
            }
            absolute.pop();
            absolute.push(child);
        }
    }
    let keywords = ["crate", "self", "super"];
    let named = keywords.contains(&segments[0]);
    absolute.extend(segments.iter().skip(usize::from(!named)).filter(|it| !keywords.contains(it)));
    while !absolute.is_empty() {
        let module = absolute.join("::");
        if modules.contains(&module) {
            return Some(module);
        }
        absolute.pop();
    }
    Some("lib".to_owned())
}

#[test]
fn each_room_imports_only_what_stands_below_it() {
    let sources = Sources::read();
    let place = |module: &str| {
        let room = room(module);
        ROOMS.iter().position(|it| *it == room).unwrap_or_else(|| panic!("{room} is not in `ROOMS`"))
    };
    let mut climbs = Vec::new();
    for (module, imports) in &sources.imports {
        for imported in imports {
            if place(imported) < place(module) {
                climbs.push(format!("{module} imports {imported}, which stands above it"));
            }
        }
    }
    assert!(climbs.is_empty(), "{}", climbs.join("\n"));
    let rooms: BTreeSet<&str> = sources.imports.keys().map(|module| room(module)).collect();
    assert_eq!(rooms, ROOMS.iter().copied().collect(), "`ROOMS` lists the rooms of src");
}

#[test]
fn no_file_imports_itself_in_a_circle() {
    let sources = Sources::read();
    let circles: Vec<Vec<String>> =
        sources.imports.keys().filter_map(|module| sources.circle(module)).collect();
    let told: Vec<String> = circles.iter().map(|circle| circle.join(" -> ")).collect();
    let tied: BTreeSet<&str> = circles.iter().flatten().map(|module| room(module)).collect();
    assert_eq!(tied, TIED.iter().copied().collect(), "rooms with circles:\n{}", told.join("\n"));
}

#[test]
fn a_circle_is_found_and_named() {
    let modules: BTreeSet<String> =
        ["lib", "a", "a::b", "a::c", "d"].into_iter().map(str::to_owned).collect();
    let of = |module: &str, code: &str| (module.to_owned(), imports(module, &without_tests(code), &modules));
    let sources = Sources {
        imports: BTreeMap::from([
            of("lib", "use a::X;\n"),
            of(
                "a",
                "mod b;\nmod c;\npub use self::c::X;\n#[cfg(test)]\nmod tests {\n    use crate::a::b;\n}\n",
            ),
            of("a::b", "use super::c::{self, Y as Z};\n// super::X\n"),
            of("a::c", "use crate::{d, a::{b::W}};\n"),
            of("d", "fn f() -> std::fmt::Error { crate::a::g() }\n"),
        ]),
    };
    assert_eq!(sources.circle("lib"), None);
    assert_eq!(sources.circle("a").unwrap(), ["a", "a::c", "d", "a"]);
    assert_eq!(sources.circle("a::b").unwrap(), ["a::b", "a::c", "a::b"]);
}
