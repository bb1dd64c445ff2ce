//! Declares settings: a struct is its own reader and its own JSON Schema, so that the two cannot disagree.

/// Declares a struct of settings: for each field its key and, unless it must be written, what
/// it is when it is not.
macro_rules! settings {
    ($(
        $(#[doc = $doc:literal])*
        pub struct $name:ident {
            $(
                $(#[doc = $field_doc:literal])*
                $key:literal => $field:ident: $type:ty $(= $default:expr)?,
            )*
        }
    )*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            $( $(#[doc = $field_doc])* pub $field: $type, )*
        }

        impl $crate::settings::reader::Setting for $name {
            fn read(
                node: &$crate::settings::node::Node,
                at: &$crate::json::path::FieldPath,
                problems: &mut $crate::settings::problem::Problems,
            ) -> Self {
                use $crate::settings::reader;
                let Some(_members) = reader::members(node, &[$($key),*], at, problems) else {
                    return reader::expected("an object", node, at, problems);
                };
                $( let $field = match _members.get($key) {
                    Some(node) => reader::Setting::read(node, &at.clone().key($key), problems),
                    None => settings!(@absent problems, at, $key $(, $default)?),
                }; )*
                Self { $( $field, )* }
            }

            fn stand_in() -> Self {
                Self { $( $field: settings!(@stand_in $($default)?), )* }
            }

            #[cfg(not(target_family = "wasm"))]
            fn schema(_rules: $crate::settings::problem::KnownRules) -> serde_json::Value {
                $crate::settings::json_schema::object_schema(vec![$((
                    $key,
                    concat!($($field_doc, "\n"),*),
                    <$type as $crate::settings::reader::Setting>::schema(_rules),
                    settings!(@required $($default)?),
                    settings!(@written $($default)?),
                )),*])
            }
        }
    )*};
    (@absent $problems:ident, $at:ident, $key:literal, $default:expr) => { $default };
    (@absent $problems:ident, $at:ident, $key:literal) => {
        $crate::settings::reader::missing($key, $at, $problems)
    };
    (@stand_in $default:expr) => { $default };
    (@stand_in) => { $crate::settings::reader::Setting::stand_in() };
    (@written $default:expr) => { stringify!($default) };
    (@written) => { "" };
    (@required $default:expr) => { false };
    (@required) => { true };
}

/// Declares a setting that is one of some words.
macro_rules! words {
    ($(
        $(#[doc = $doc:literal])*
        pub enum $name:ident {
            $(#[doc = $first_doc:literal])* $first_word:literal => $first:ident,
            $( $(#[doc = $variant_doc:literal])* $word:literal => $variant:ident, )*
        }
    )*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
        pub enum $name {
            $(#[doc = $first_doc])* $first,
            $( $(#[doc = $variant_doc])* $variant, )*
        }

        impl $name {
            /// Every word.
            pub const WORDS: &[&str] = &[$first_word $(, $word)*];

            /// The word.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { Self::$first => $first_word, $( Self::$variant => $word, )* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::settings::reader::Setting for $name {
            fn read(
                node: &$crate::settings::node::Node,
                at: &$crate::json::path::FieldPath,
                problems: &mut $crate::settings::problem::Problems,
            ) -> Self {
                match node {
                    $crate::settings::node::Node::Text(text) if text == $first_word => Self::$first,
                    $( $crate::settings::node::Node::Text(text) if text == $word => Self::$variant, )*
                    _ => {
                        let words = $crate::settings::reader::list(Self::WORDS);
                        $crate::settings::reader::expected(&format!("one of {words}"), node, at, problems)
                    }
                }
            }

            fn stand_in() -> Self {
                Self::$first
            }

            #[cfg(not(target_family = "wasm"))]
            fn schema(_: $crate::settings::problem::KnownRules) -> serde_json::Value {
                serde_json::json!({"enum": Self::WORDS})
            }
        }
    )*};
}

/// Declares a setting that is an object of one of some shapes, told apart by its `type`.
macro_rules! tagged {
    ($(
        $(#[doc = $doc:literal])*
        pub enum $name:ident {
            $(#[doc = $first_doc:literal])* $first_word:literal => $first:ident($first_type:ty),
            $( $(#[doc = $variant_doc:literal])* $word:literal => $variant:ident($type:ty), )*
        }
    )*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Debug)]
        pub enum $name {
            $(#[doc = $first_doc])* $first($first_type),
            $( $(#[doc = $variant_doc])* $variant($type), )*
        }

        impl $crate::settings::reader::Setting for $name {
            fn read(
                node: &$crate::settings::node::Node,
                at: &$crate::json::path::FieldPath,
                problems: &mut $crate::settings::problem::Problems,
            ) -> Self {
                use $crate::settings::reader;
                let words = &[$first_word $(, $word)*];
                match reader::tag(node, words, at, problems) {
                    $( Some(($word, rest)) => Self::$variant(reader::Setting::read(&rest, at, problems)), )*
                    Some((_, rest)) => Self::$first(reader::Setting::read(&rest, at, problems)),
                    None => {
                        problems.mark_unread(at.clone());
                        Self::stand_in()
                    }
                }
            }

            fn stand_in() -> Self {
                Self::$first($crate::settings::reader::Setting::stand_in())
            }

            #[cfg(not(target_family = "wasm"))]
            fn schema(rules: $crate::settings::problem::KnownRules) -> serde_json::Value {
                use $crate::settings::json_schema::tagged_schema;
                use $crate::settings::reader::Setting;
                let shapes = vec![
                    tagged_schema(
                        $first_word,
                        concat!($($first_doc, "\n"),*),
                        <$first_type as Setting>::schema(rules),
                    ),
                    $( tagged_schema(
                        $word,
                        concat!($($variant_doc, "\n"),*),
                        <$type as Setting>::schema(rules),
                    ), )*
                ];
                serde_json::json!({"oneOf": shapes})
            }
        }
    )*};
}

pub(crate) use {settings, tagged, words};
