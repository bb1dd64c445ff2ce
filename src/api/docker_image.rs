//! `dockerImageMetadata`: what an Image repeats of its configuration (openshift/api
//! `image/docker10/types_docker.go`).
//!
//! The server leaves unset members out, so a member that is absent, `null`, empty, zero or `false` is
//! unset here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny};
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

use crate::json::text::Text;
use crate::quote::{SHOWN, quote};

/// What the server derived from the configuration, or what the caller claims it did. Its keys are
/// capitalised.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default, rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
pub struct DockerImageMetadata<'a> {
    /// The configuration's digest, or the image's own.
    pub id: Text<'a>,
    /// The image that this one was built on.
    pub parent: Text<'a>,
    /// Comment.
    pub comment: Text<'a>,
    /// When the image was built.
    pub created: Created,
    /// The container that the image was committed from.
    pub container: Text<'a>,
    /// What that container was started with.
    #[serde(deserialize_with = "or_unset")]
    pub container_config: DockerConfig<'a>,
    /// Version of the builder.
    pub docker_version: Text<'a>,
    /// Author.
    pub author: Text<'a>,
    /// What containers are started with.
    #[serde(deserialize_with = "or_unset")]
    pub config: DockerConfig<'a>,
    /// Processor architecture.
    pub architecture: Text<'a>,
    /// Operating system, which the server drops.
    pub os: Text<'a>,
    /// Bytes of the configuration and of all layers.
    #[serde(deserialize_with = "or_unset")]
    pub size: i64,
}

/// What containers of an image are started with. Its keys are the same in the configuration.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default, rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
pub struct DockerConfig<'a> {
    pub hostname: Text<'a>,
    pub domainname: Text<'a>,
    pub user: Text<'a>,
    #[serde(deserialize_with = "or_unset")]
    pub memory: i64,
    #[serde(deserialize_with = "or_unset")]
    pub memory_swap: i64,
    #[serde(deserialize_with = "or_unset")]
    pub cpu_shares: i64,
    pub cpuset: Text<'a>,
    #[serde(deserialize_with = "or_unset")]
    pub attach_stdin: bool,
    #[serde(deserialize_with = "or_unset")]
    pub attach_stdout: bool,
    #[serde(deserialize_with = "or_unset")]
    pub attach_stderr: bool,
    #[serde(deserialize_with = "or_unset")]
    pub port_specs: Vec<Text<'a>>,
    #[serde(deserialize_with = "names")]
    pub exposed_ports: BTreeSet<Text<'a>>,
    #[serde(deserialize_with = "or_unset")]
    pub tty: bool,
    #[serde(deserialize_with = "or_unset")]
    pub open_stdin: bool,
    #[serde(deserialize_with = "or_unset")]
    pub stdin_once: bool,
    #[serde(deserialize_with = "or_unset")]
    pub env: Vec<Text<'a>>,
    #[serde(deserialize_with = "or_unset")]
    pub cmd: Vec<Text<'a>>,
    #[serde(deserialize_with = "or_unset")]
    pub dns: Vec<Text<'a>>,
    pub image: Text<'a>,
    #[serde(deserialize_with = "names")]
    pub volumes: BTreeSet<Text<'a>>,
    pub volumes_from: Text<'a>,
    pub working_dir: Text<'a>,
    #[serde(deserialize_with = "or_unset")]
    pub entrypoint: Vec<Text<'a>>,
    #[serde(deserialize_with = "or_unset")]
    pub network_disabled: bool,
    #[serde(deserialize_with = "or_unset")]
    pub security_opts: Vec<Text<'a>>,
    #[serde(deserialize_with = "or_unset")]
    pub on_build: Vec<Text<'a>>,
    #[serde(deserialize_with = "or_unset")]
    pub labels: BTreeMap<Text<'a>, Text<'a>>,
}

impl<'a> DockerImageMetadata<'a> {
    /// The members of its own, by their keys; what containers are started with stands beside them.
    #[must_use]
    pub fn members(&self) -> [(&'static str, Member<'_>); 9] {
        [
            ("Parent", Member::Text(self.parent.as_str())),
            ("Comment", Member::Text(self.comment.as_str())),
            ("Created", Member::Time(self.created)),
            ("Container", Member::Text(self.container.as_str())),
            ("DockerVersion", Member::Text(self.docker_version.as_str())),
            ("Author", Member::Text(self.author.as_str())),
            ("Architecture", Member::Text(self.architecture.as_str())),
            ("Os", Member::Text(self.os.as_str())),
            ("Size", Member::Number(self.size)),
        ]
    }

    /// Whether nothing is set, as in what the server has not filled in yet.
    #[must_use]
    pub fn is_unset(&self) -> bool {
        *self == DockerImageMetadata::default()
    }
}

impl DockerConfig<'_> {
    /// The members, by their keys; labels, which are compared one by one, stand beside them.
    #[must_use]
    pub fn members(&self) -> [(&'static str, Member<'_>); 26] {
        [
            ("User", Member::Text(self.user.as_str())),
            ("Entrypoint", Member::List(&self.entrypoint)),
            ("Cmd", Member::List(&self.cmd)),
            ("Env", Member::List(&self.env)),
            ("WorkingDir", Member::Text(self.working_dir.as_str())),
            ("ExposedPorts", Member::Names(&self.exposed_ports)),
            ("Volumes", Member::Names(&self.volumes)),
            ("VolumesFrom", Member::Text(self.volumes_from.as_str())),
            ("Hostname", Member::Text(self.hostname.as_str())),
            ("Domainname", Member::Text(self.domainname.as_str())),
            ("Memory", Member::Number(self.memory)),
            ("MemorySwap", Member::Number(self.memory_swap)),
            ("CpuShares", Member::Number(self.cpu_shares)),
            ("Cpuset", Member::Text(self.cpuset.as_str())),
            ("AttachStdin", Member::Flag(self.attach_stdin)),
            ("AttachStdout", Member::Flag(self.attach_stdout)),
            ("AttachStderr", Member::Flag(self.attach_stderr)),
            ("PortSpecs", Member::List(&self.port_specs)),
            ("Tty", Member::Flag(self.tty)),
            ("OpenStdin", Member::Flag(self.open_stdin)),
            ("StdinOnce", Member::Flag(self.stdin_once)),
            ("Dns", Member::List(&self.dns)),
            ("Image", Member::Text(self.image.as_str())),
            ("NetworkDisabled", Member::Flag(self.network_disabled)),
            ("SecurityOpts", Member::List(&self.security_opts)),
            ("OnBuild", Member::List(&self.on_build)),
        ]
    }

    /// Whether nothing is set.
    #[must_use]
    pub fn is_unset(&self) -> bool {
        *self == DockerConfig::default()
    }
}

/// The value of a member, to be compared and shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Member<'m> {
    /// A string.
    Text(&'m str),
    /// Strings in order.
    List(&'m [Text<'m>]),
    /// The keys of an object whose values say nothing.
    Names(&'m BTreeSet<Text<'m>>),
    /// A whole number.
    Number(i64),
    /// `true`, or unset.
    Flag(bool),
    /// A time.
    Time(Created),
}

impl Member<'_> {
    /// Whether it is unset.
    #[must_use]
    pub fn is_unset(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::List(list) => list.is_empty(),
            Self::Names(names) => names.is_empty(),
            Self::Number(number) => *number == 0,
            Self::Flag(flag) => !flag,
            Self::Time(time) => *time == Created::default(),
        }
    }
}

impl fmt::Display for Member<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn list<'t>(texts: impl Iterator<Item = &'t Text<'t>>) -> String {
            let texts: Vec<&str> = texts.map(Text::as_str).take(SHOWN).collect();
            format!("{texts:?}")
        }
        match self {
            Self::Text(text) => quote(text).fmt(f),
            Self::List(texts) => quote(&list(texts.iter())).fmt(f),
            Self::Names(names) => quote(&list(names.iter())).fmt(f),
            Self::Number(number) => write!(f, "`{number}`"),
            Self::Flag(flag) => write!(f, "`{flag}`"),
            Self::Time(time) => time.fmt(f),
        }
    }
}

/// When an image was built, to the second, as the server keeps it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Created(Option<UtcDateTime>);

impl<'de> Deserialize<'de> for Created {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let text = Text::deserialize(reader)?;
        if text.is_empty() {
            return Ok(Self(None));
        }
        let time = UtcDateTime::parse(text.as_str(), &Rfc3339)
            .map_err(|_| D::Error::custom("expected a time such as `2026-01-02T03:04:05Z`"))?;
        let to_the_second =
            UtcDateTime::from_unix_timestamp(time.unix_timestamp()).map_err(D::Error::custom)?;
        // The zero time of Go, which it writes for one that is unset.
        Ok(Self((to_the_second != time::macros::utc_datetime!(0001-01-01 00:00)).then_some(to_the_second)))
    }
}

impl fmt::Display for Created {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_default();
        quote(&text).fmt(f)
    }
}

/// A value that may be `null`, which is unset.
pub fn or_unset<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(reader: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(reader)?.unwrap_or_default())
}

/// The keys of an object.
fn names<'de: 'a, 'a, D: Deserializer<'de>>(reader: D) -> Result<BTreeSet<Text<'a>>, D::Error> {
    let members: Option<BTreeMap<Text<'a>, IgnoredAny>> = Option::deserialize(reader)?;
    Ok(members.unwrap_or_default().into_keys().collect())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::{Created, DockerConfig, DockerImageMetadata};
    use crate::json::strict;

    fn metadata(json: &str) -> DockerImageMetadata<'_> {
        strict::from_str(json).unwrap()
    }

    #[test]
    fn absent_null_empty_zero_and_false_are_unset() {
        for json in [
            "{}",
            r#"{"kind":"DockerImage","apiVersion":"image.openshift.io/1.0","Id":"","Created":null,"ContainerConfig":{}}"#,
            r#"{"Created":"0001-01-01T00:00:00Z","Config":null,"ContainerConfig":null,"Size":0,"Os":null}"#,
            r#"{"Config":{"Env":[],"Cmd":null,"Tty":false,"Memory":0,"Labels":{},"Volumes":null,"ExposedPorts":{},"User":""}}"#,
            r#"{"id":"x","size":5,"Config":{"env":["A=1"]}}"#,
        ] {
            assert!(metadata(json).is_unset(), "{json}");
        }
        for json in [
            r#"{"Id":"x"}"#,
            r#"{"Size":-1}"#,
            r#"{"Config":{"Tty":true}}"#,
            r#"{"Config":{"Volumes":{"":null}}}"#,
            r#"{"Config":{"Env":[""]}}"#,
            r#"{"ContainerConfig":{"Labels":{"a":null}}}"#,
            r#"{"Created":"1970-01-01T00:00:00Z"}"#,
        ] {
            assert!(!metadata(json).is_unset(), "{json}");
        }
    }

    #[test]
    fn a_member_of_another_type_does_not_read() {
        for json in [
            "[]",
            r#"{"Size":1.0}"#,
            r#"{"Size":"1"}"#,
            r#"{"Config":[]}"#,
            r#"{"Config":{"Env":"A=1"}}"#,
            r#"{"Config":{"Env":{"A":"1"}}}"#,
            r#"{"Config":{"Labels":{"a":5}}}"#,
            r#"{"Config":{"Labels":[]}}"#,
            r#"{"Config":{"Tty":"true"}}"#,
            r#"{"Config":{"User":0}}"#,
            r#"{"Config":{"ExposedPorts":["80"]}}"#,
            r#"{"Created":"yesterday"}"#,
            r#"{"Created":0}"#,
            r#"{"Id":"a","Id":"b"}"#,
        ] {
            assert!(strict::from_str::<DockerImageMetadata<'_>>(json).is_err(), "{json}");
        }
    }

    /// A member that is not listed would not be compared.
    #[test]
    fn every_member_is_listed() {
        let config = r#"{"Hostname":"a","Domainname":"a","User":"a","Memory":1,"MemorySwap":1,"CpuShares":1,
            "Cpuset":"a","AttachStdin":true,"AttachStdout":true,"AttachStderr":true,"PortSpecs":["a"],
            "ExposedPorts":{"a":{}},"Tty":true,"OpenStdin":true,"StdinOnce":true,"Env":["a"],"Cmd":["a"],
            "Dns":["a"],"Image":"a","Volumes":{"a":{}},"VolumesFrom":"a","WorkingDir":"a","Entrypoint":["a"],
            "NetworkDisabled":true,"SecurityOpts":["a"],"OnBuild":["a"]}"#;
        let read: DockerConfig<'_> = strict::from_str(config).unwrap();
        let all: serde_json::Map<String, serde_json::Value> = serde_json::from_str(config).unwrap();
        for (name, member) in read.members() {
            assert!(all.contains_key(name) && !member.is_unset(), "{name}");
        }
        assert_eq!(read.members().len(), all.len());
        let own = r#"{"Parent":"a","Comment":"a","Created":"2026-01-02T03:04:05Z","Container":"a",
            "DockerVersion":"a","Author":"a","Architecture":"a","Os":"a","Size":1}"#;
        let all: serde_json::Map<String, serde_json::Value> = serde_json::from_str(own).unwrap();
        for (name, member) in metadata(own).members() {
            assert!(all.contains_key(name) && !member.is_unset(), "{name}");
        }
    }

    #[test]
    fn times_are_compared_as_the_server_keeps_them() {
        let at = |text: &str| -> Created { serde_json::from_str(&format!("{text:?}")).unwrap() };
        let second = at("2026-01-02T03:04:05Z");
        assert_eq!(second.to_string(), "`2026-01-02T03:04:05Z`");
        for same in ["2026-01-02T03:04:05.999999999Z", "2026-01-02T05:04:05+02:00", "2026-01-02T03:04:05.5Z"]
        {
            assert_eq!(at(same), second, "{same}");
        }
        for other in ["2026-01-02T03:04:06Z", "2026-01-02T03:04:05+01:00", ""] {
            assert_ne!(at(other), second, "{other}");
        }
    }
}
