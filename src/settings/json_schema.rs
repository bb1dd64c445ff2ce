//! The JSON Schema of settings: a declaration is its own schema, so that the two cannot disagree.

/// The schema of an object, of its fields: key, documentation, schema, whether it must be there,
/// and its default as the declaration writes it.
pub fn object_schema(fields: Vec<(&str, &str, serde_json::Value, bool, &str)>) -> serde_json::Value {
    let mut properties = serde_json::Map::new();
    let mut required = Vec::new();
    for (key, documentation, mut schema, is_required, default) in fields {
        describe(&mut schema, documentation);
        if let (Some(default), Some(schema)) = (plain(default, &schema), schema.as_object_mut()) {
            schema.insert("default".to_owned(), default);
        }
        properties.insert(key.to_owned(), schema);
        if is_required {
            required.push(key);
        }
    }
    serde_json::json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// The schema of one shape of an object that is told apart by its `type`.
pub fn tagged_schema(word: &str, documentation: &str, mut shape: serde_json::Value) -> serde_json::Value {
    describe(&mut shape, documentation);
    if let Some(properties) = shape.pointer_mut("/properties").and_then(serde_json::Value::as_object_mut) {
        properties.insert("type".to_owned(), serde_json::json!({"const": word}));
    }
    if let Some(required) = shape.pointer_mut("/required").and_then(serde_json::Value::as_array_mut) {
        required.insert(0, "type".into());
    }
    shape
}

/// A default that settings could write: a number, a truth value, an empty list, or one of the words of
/// its schema. An absent setting and an object of defaults have no value of their own.
fn plain(default: &str, schema: &serde_json::Value) -> Option<serde_json::Value> {
    if default == "Vec::new()" {
        return Some(serde_json::json!([]));
    }
    let variant = default.split_once("::").map(|(_, variant)| variant.split('(').next().unwrap_or_default());
    let Some(variant) = variant else { return serde_json::from_str(&default.replace('_', "")).ok() };
    let is_meant =
        |word: &&serde_json::Value| word.as_str().is_some_and(|word| word.eq_ignore_ascii_case(variant));
    let word = || schema.get("enum")?.as_array()?.iter().find(is_meant).cloned();
    let shapes = || schema.get("oneOf")?.as_array().map(Vec::as_slice);
    let consts = shapes().unwrap_or_default().iter();
    let mut tags = consts.filter_map(|shape| shape.pointer("/properties/type/const"));
    word().or_else(|| tags.find(is_meant).map(|tag| serde_json::json!({"type": tag})))
}

fn describe(schema: &mut serde_json::Value, documentation: &str) {
    let lines: Vec<&str> = documentation.lines().map(str::trim).collect();
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".to_owned(), lines.join(" ").into());
    }
}
