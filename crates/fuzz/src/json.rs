//! Changes to JSON that leave it JSON: bytes alone would hardly ever get past the reader.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::paths::pointers;

/// libFuzzer's own change to `size` bytes of a buffer: how many there are then.
pub type Bytes = fn(&mut [u8], usize, usize) -> usize;

/// A generator of numbers that need not be random, only many (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap_or_default() % end.max(1)
    }

    fn one<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len())]
    }
}

/// Changes an input whose first `choices` bytes choose, and whose rest is JSON: the values in it,
/// texts and what texts hold in base64 or in JSON again, more often than bytes.
pub fn mutate(
    choices: usize,
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    bytes: Bytes,
) -> usize {
    let mut numbers = Numbers(u64::from(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    numbers.below(1);
    if numbers.below(4) == 0 || size < choices {
        return bytes(data, size, max_size);
    }
    if choices > 0 && numbers.below(16) == 0 {
        data[numbers.below(choices)] = u8::try_from(numbers.below(256)).unwrap_or_default();
        return size;
    }
    let Ok(mut value) = serde_json::from_slice(&data[choices..size]) else {
        return bytes(data, size, max_size);
    };
    for _ in 0..=numbers.below(3) {
        change(&mut value, &mut numbers, bytes);
    }
    let text = value.to_string();
    match data.get_mut(choices..choices + text.len()) {
        Some(rest) if choices + text.len() <= max_size => {
            rest.copy_from_slice(text.as_bytes());
            choices + text.len()
        }
        _ => bytes(data, size, max_size),
    }
}

fn change(value: &mut Value, numbers: &mut Numbers, bytes: Bytes) {
    let pointers = pointers(value);
    if pointers.is_empty() {
        return;
    }
    let pointer = numbers.one::<String>(&pointers).clone();
    match numbers.below(12) {
        0 | 1 => remove(value, &pointer, numbers),
        2 => duplicate(value, &pointer),
        3 | 4 => {
            let other = value.pointer(numbers.one::<String>(&pointers)).cloned().unwrap_or_default();
            set(value, &pointer, other);
        }
        5 | 6 => set(value, &pointer, replacement(numbers)),
        // Under another name, or beside what has the same one: of the values that there are.
        7 => {
            let other = value.pointer(numbers.one::<String>(&pointers)).cloned().unwrap_or_default();
            let name =
                numbers.one::<String>(&pointers).rsplit('/').next().unwrap_or_default().replace("~1", "/");
            if let Some(Value::Object(members)) = value.pointer_mut(&pointer) {
                members.insert(name, other);
            }
        }
        _ => {
            let texts: Vec<&String> =
                pointers.iter().filter(|at| value.pointer(at).is_some_and(Value::is_string)).collect();
            if let Some(at) = (!texts.is_empty()).then(|| (*numbers.one(&texts)).clone())
                && let Some(Value::String(text)) = value.pointer_mut(&at)
            {
                *text = other_text(text, numbers, bytes);
            }
        }
    }
}

fn set(value: &mut Value, pointer: &str, new: Value) {
    if let Some(place) = value.pointer_mut(pointer) {
        *place = new;
    }
}

fn remove(value: &mut Value, pointer: &str, numbers: &mut Numbers) {
    let (parent, key) = pointer.rsplit_once('/').unwrap_or_default();
    match value.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            members.remove(&key.replace("~1", "/").replace("~0", "~"));
        }
        Some(Value::Array(list)) if !list.is_empty() => {
            list.remove(numbers.below(list.len()));
        }
        _ => {}
    }
}

fn duplicate(value: &mut Value, pointer: &str) {
    let copy = value.pointer(pointer).cloned().unwrap_or_default();
    let (parent, _) = pointer.rsplit_once('/').unwrap_or_default();
    if let Some(Value::Array(list)) = value.pointer_mut(parent) {
        list.push(copy);
    }
}

fn replacement(numbers: &mut Numbers) -> Value {
    let values = [
        Value::Null,
        json!(true),
        json!(false),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(u64::MAX),
        json!(""),
        json!("latest"),
        json!("*"),
        json!("docker.io/library/nginx:latest"),
        json!("evil.example/x@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25"),
        json!("a\u{0}\n\u{1b}[2J\u{202e}`"),
        json!([]),
        json!({}),
        json!([null]),
        json!([{}]),
    ];
    numbers.one(&values).clone()
}

/// A text changed in what it means, where it means something.
fn other_text(text: &str, numbers: &mut Numbers, bytes: Bytes) -> String {
    if text.starts_with(['{', '['])
        && numbers.below(4) > 0
        && let Ok(mut inside) = serde_json::from_str(text)
    {
        change(&mut inside, numbers, bytes);
        return inside.to_string();
    }
    if text.len() > 40
        && numbers.below(4) > 0
        && let Ok(inside) = STANDARD.decode(text)
    {
        return STANDARD.encode(other_bytes(inside, bytes));
    }
    String::from_utf8_lossy(&other_bytes(text.as_bytes().to_vec(), bytes)).into_owned()
}

fn other_bytes(mut inside: Vec<u8>, bytes: Bytes) -> Vec<u8> {
    let size = inside.len();
    let room = size + 64;
    inside.resize(room, 0);
    let size = bytes(&mut inside, size, room);
    inside.truncate(size);
    inside
}
