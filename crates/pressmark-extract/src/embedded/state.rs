//! The data that a page carries for its scripts, as JSON values: `script type=application/json`
//! (Next.js's `__NEXT_DATA__` among them), the flat lists of Nuxt, the rows that Next.js streams, and
//! `window.NAME = {…}`.

use std::collections::HashMap;

use pressmark_html::{Attr, NodeId, Tag, Tree};
use serde_json::{Map, Value};

use crate::trace;

/// Scripts of another size, in bytes, are no state with an article.
const SIZES: std::ops::RangeInclusive<usize> = 300..=4 << 20;
/// How many values a flat list may become: those that refer to each other could become endless.
const MAX_VALUES: usize = 200_000;
/// How deeply such values may be nested.
const MAX_DEPTH: usize = 100;

/// What a script begins with that assigns a value to a name.
const OWNERS: [&str; 6] = ["window", "self", "globalThis", "var ", "let ", "const "];

/// The data of one script, or of one stream of them.
pub(super) struct State {
    pub(super) values: Vec<Value>,
    /// Long texts, which strings of the values refer to as `$` and this name.
    pub(super) texts: HashMap<String, String>,
    /// Where it stands, such as `script#__NEXT_DATA__`.
    pub(super) source: String,
}

impl State {
    /// What a string means.
    pub(super) fn text<'s>(&'s self, text: &'s str) -> &'s str {
        let told = text.strip_prefix('$').and_then(|name| self.texts.get(name));
        told.map_or(text, String::as_str)
    }
}

/// All the data of a page, in its order, that may be of use by its text: no other is read.
pub(super) fn of(tree: &Tree<'_>, is_of_use: &dyn Fn(&str) -> bool) -> Vec<State> {
    let mut states = Vec::new();
    let mut stream = String::new();
    for id in tree.subtree(NodeId::ROOT) {
        if tree.tag(id) != Tag::Script {
            continue;
        }
        let script = tree.raw_text(id).trim();
        let kind = tree.attr(id, Attr::Type).unwrap_or_default().trim();
        if kind.eq_ignore_ascii_case("application/json") {
            let used = SIZES.contains(&script.len()) && is_of_use(script);
            let value = used.then(|| json(tree, id, script));
            states.extend(value.flatten().map(|value| State {
                values: vec![value],
                texts: HashMap::new(),
                source: trace::element(tree, id),
            }));
        } else if kind.is_empty() || kind.to_ascii_lowercase().contains("javascript") {
            if script.contains("__next_f.push(") {
                add_to_stream(script, &mut stream);
            } else if SIZES.contains(&script.len())
                && OWNERS.iter().any(|owner| script.starts_with(owner))
                && is_of_use(script)
                && let Some((name, value)) = assigned(script)
            {
                states.push(State {
                    values: vec![value],
                    texts: HashMap::new(),
                    source: name,
                });
            }
        }
    }
    if !stream.is_empty() && is_of_use(&stream) {
        states.push(rows(&stream));
    }
    states
}

fn json(tree: &Tree<'_>, id: NodeId, script: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(script).ok()?;
    let flat = tree.attr(id, Attr::Id) == Some("__NUXT_DATA__")
        || tree.attr_named(id, "data-nuxt-data").is_some();
    match &value {
        Value::Array(list) if flat => Some(
            Flat {
                list,
                left: MAX_VALUES,
            }
            .value(0, 0),
        ),
        _ => Some(value),
    }
}

/// A list of values in which objects and lists have places in the list for members.
/// Source: <https://github.com/sveltejs/devalue>, `stringify`.
struct Flat<'v> {
    list: &'v [Value],
    left: usize,
}

impl Flat<'_> {
    fn value(&mut self, at: usize, depth: usize) -> Value {
        let list = self.list;
        if self.left == 0 || depth > MAX_DEPTH {
            return Value::Null;
        }
        self.left -= 1;
        match list.get(at) {
            Some(Value::Array(members)) => {
                // `["Reactive", 5]`, `["Date", "…"]`: a type and its value.
                if let [Value::String(_), inner, ..] = members.as_slice() {
                    return match place(inner) {
                        Some(inner) => self.value(inner, depth + 1),
                        None => inner.clone(),
                    };
                }
                let members = members.iter().filter_map(place);
                Value::Array(members.map(|at| self.value(at, depth + 1)).collect())
            }
            Some(Value::Object(members)) => {
                let mut object = Map::new();
                for (name, member) in members {
                    if let Some(at) = place(member) {
                        object.insert(name.clone(), self.value(at, depth + 1));
                    }
                }
                Value::Object(object)
            }
            other => other.cloned().unwrap_or_default(),
        }
    }
}

fn place(value: &Value) -> Option<usize> {
    value.as_u64().and_then(|at| usize::try_from(at).ok())
}

/// The value of `window.NAME = {…}`, where it is JSON or a string of it, and the name.
fn assigned(script: &str) -> Option<(String, Value)> {
    let (name, value) = script.split_once('=')?;
    if name.len() > 100 {
        return None;
    }
    let value = value.trim_start();
    let value = match value.strip_prefix("JSON.parse(") {
        Some(string) => match first(string)? {
            Value::String(json) if SIZES.contains(&json.len()) => {
                serde_json::from_str(&json).ok()?
            }
            _ => return None,
        },
        None if value.starts_with(['{', '[']) => first(value)?,
        None => return None,
    };
    Some((name.trim().to_owned(), value))
}

/// The JSON value that a text begins with.
fn first(text: &str) -> Option<Value> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter();
    values.next().and_then(Result::ok)
}

/// Appends the pieces of `self.__next_f.push([1,"…"])`.
fn add_to_stream(script: &str, stream: &mut String) {
    for call in script.split("__next_f.push(").skip(1) {
        if let Some(Value::Array(call)) = first(call)
            && let [kind, Value::String(piece)] = call.as_slice()
            && kind.as_u64() == Some(1)
            && stream.len() + piece.len() <= *SIZES.end()
        {
            stream.push_str(piece);
        }
    }
}

/// The rows of a stream of React's server components: `NAME:JSON` to the end of the line, or
/// `NAME:Tn,TEXT` with the length of the text in hexadecimal bytes.
fn rows(stream: &str) -> State {
    let mut state = State {
        values: Vec::new(),
        texts: HashMap::new(),
        source: "self.__next_f".to_owned(),
    };
    let mut rest = stream;
    while let Some((name, row)) = rest.split_once(':') {
        if let Some((text, after)) = row.strip_prefix('T').and_then(long_text) {
            state.texts.insert(name.to_owned(), text.to_owned());
            rest = after;
            continue;
        }
        let (line, after) = row.split_once('\n').unwrap_or((row, ""));
        if line.starts_with(['[', '{']) {
            state
                .values
                .extend(serde_json::from_str::<Value>(line).ok());
        }
        rest = after;
    }
    state
}

/// The text of `n,TEXT`, and what follows it.
fn long_text(row: &str) -> Option<(&str, &str)> {
    let digits = row
        .bytes()
        .take_while(u8::is_ascii_hexdigit)
        .take(8)
        .count();
    let length = usize::from_str_radix(row.get(..digits)?, 16).ok()?;
    row.get(digits..)?
        .strip_prefix(',')?
        .split_at_checked(length)
}
