//! The reference of the settings, from the schema to which their declaration leads.

use std::fmt::Write as _;

use serde_json::Value;

/// The page.
pub(crate) fn page(schema: &Value) -> String {
    let mut reference = Reference {
        page:
            "# Settings\n\nGenerated from the declaration in `src/settings` by `make docs`. The JSON Schema \
               `schema/settings.json` has the same. Unknown keys are refused; `{}` is valid.\n\n\
               `[]` behind a key stands for each element of its list, `.*` for each member of a map. A key \
               with an empty default may be left out; it then has no effect.\n"
                .to_owned(),
        known: Vec::new(),
    };
    reference.object("", schema);
    reference.page
}

struct Reference {
    page: String,
    /// The choices that are explained, and where.
    known: Vec<(Value, String)>,
}

impl Reference {
    /// The table of an object's keys, and after it whatever lies below.
    fn object(&mut self, path: &str, schema: &Value) {
        if !path.is_empty() {
            write!(self.page, "\n## `{path}`\n").unwrap();
        }
        self.table(path, schema);
    }

    fn table(&mut self, path: &str, schema: &Value) {
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let members = schema["properties"].as_object().unwrap();
        let members: Vec<_> = members.iter().filter(|(_, schema)| schema.get("const").is_none()).collect();
        if members.is_empty() {
            self.page.push_str("\nNo further keys.\n");
            return;
        }
        self.page.push_str("\n| key | type | default | meaning |\n|---|---|---|---|\n");
        for (key, schema) in &members {
            let default = match schema.get("default") {
                Some(default) => format!("`{}`", shown(default)),
                None if required.contains(&key.as_str()) => "required".to_owned(),
                None => String::new(),
            };
            let meaning = schema["description"].as_str().unwrap().replace('|', "\\|");
            writeln!(self.page, "| `{key}` | {} | {default} | {meaning} |", type_of(schema)).unwrap();
        }
        for (key, schema) in members {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            self.below(&path, schema);
        }
    }

    fn below(&mut self, path: &str, schema: &Value) {
        if schema.get("properties").is_some() {
            self.object(path, schema);
        } else if schema.get("items").is_some() {
            self.below(&format!("{path}[]"), &schema["items"]);
        } else if schema["additionalProperties"].is_object() {
            self.below(&format!("{path}.*"), &schema["additionalProperties"]);
        } else if let Some(shapes) = schema["oneOf"].as_array() {
            self.choice(path, shapes);
        }
    }

    /// An object of one of several shapes. What is explained already is only named.
    fn choice(&mut self, path: &str, shapes: &[Value]) {
        let choice = Value::from(shapes.to_vec());
        write!(self.page, "\n## `{path}`\n\n").unwrap();
        if let Some((_, known)) = self.known.iter().find(|(it, _)| *it == choice) {
            writeln!(self.page, "As `{known}`.").unwrap();
            return;
        }
        self.known.push((choice, path.to_owned()));
        self.page.push_str("| `type` | meaning |\n|---|---|\n");
        for shape in shapes {
            let meaning = shape["description"].as_str().unwrap();
            writeln!(self.page, "| `{}` | {meaning} |", type_word(shape)).unwrap();
        }
        for shape in shapes {
            if shape["properties"].as_object().unwrap().len() > 1 {
                write!(self.page, "\n### `{path}` of type `{}`\n", type_word(shape)).unwrap();
                self.table(path, shape);
            }
        }
    }
}

fn type_word(shape: &Value) -> &str {
    shape["properties"]["type"]["const"].as_str().unwrap()
}

/// A default as settings would write it: of a choice without further keys, the word.
fn shown(default: &Value) -> String {
    match default {
        Value::String(word) => word.clone(),
        Value::Object(members) => {
            let members: Vec<String> =
                members.iter().map(|(key, value)| format!("{key}: {}", shown(value))).collect();
            format!("{{{}}}", members.join(", "))
        }
        other => other.to_string(),
    }
}

/// Words of which there are more are not spelled out.
const FEW: usize = 6;

fn type_of(schema: &Value) -> String {
    if let Some(words) = schema["enum"].as_array() {
        if words.len() > FEW {
            return "rule code".to_owned();
        }
        let words: Vec<String> = words.iter().map(|word| format!("`{}`", word.as_str().unwrap())).collect();
        return words.join(" or ");
    }
    if schema.get("oneOf").is_some() {
        return "object with `type`".to_owned();
    }
    match schema["type"].as_str().unwrap() {
        "array" => format!("list of {}", type_of(&schema["items"])),
        "object" if schema["additionalProperties"].is_object() => {
            format!("map to {}", type_of(&schema["additionalProperties"]))
        }
        "string" if schema["format"] == "date-time" => "time (RFC 3339)".to_owned(),
        "integer" => format!("integer, at least {}", schema["minimum"]),
        "boolean" => "`true` or `false`".to_owned(),
        other => other.to_owned(),
    }
}
