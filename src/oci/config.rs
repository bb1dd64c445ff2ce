//! Image configurations, and what the server derives from them.
//!
//! The server reads them as `DockerImageConfig` (openshift-apiserver `pkg/image/apis/image/docker10`);
//! the image specification calls them `config.md`. What schema 1 writes into its history has the same
//! form.

use std::fmt;

use serde::Deserialize;

use crate::api::docker_image::{Created, DockerConfig, DockerImageMetadata, or_unset};
use crate::api::{self, Unreadable};
use crate::json::case::{self, SpellingError};
use crate::json::text::Text;

/// A configuration that could be read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub struct ImageConfig<'a> {
    /// An identifier, in schema 1.
    pub id: Text<'a>,
    parent: Text<'a>,
    comment: Text<'a>,
    created: Created,
    container: Text<'a>,
    #[serde(deserialize_with = "or_unset")]
    container_config: DockerConfig<'a>,
    docker_version: Text<'a>,
    author: Text<'a>,
    #[serde(deserialize_with = "or_unset")]
    config: DockerConfig<'a>,
    architecture: Text<'a>,
    os: Text<'a>,
}

/// What keeps a text from being an image configuration, as the end of a sentence.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ConfigError {
    /// It is not JSON, or a member is of another type.
    Unreadable(Unreadable),
    /// Readers in Go would see another configuration.
    Spelling(SpellingError),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => error.fmt(f),
            Self::Spelling(error) => error.fmt(f),
        }
    }
}

impl<'a> ImageConfig<'a> {
    /// Reads a configuration.
    ///
    /// # Errors
    /// What keeps the text from being one.
    pub fn parse(text: &'a str) -> Result<Self, ConfigError> {
        let config = api::parse(text).map_err(ConfigError::Unreadable)?;
        check_spelling(text).map_err(ConfigError::Spelling)?;
        Ok(config)
    }

    /// Returns what the server makes of it, apart from identifier and size.
    #[must_use]
    pub fn into_metadata(self) -> DockerImageMetadata<'a> {
        DockerImageMetadata {
            id: Text::default(),
            parent: self.parent,
            comment: self.comment,
            created: self.created,
            container: self.container,
            container_config: self.container_config,
            docker_version: self.docker_version,
            author: self.author,
            config: self.config,
            architecture: self.architecture,
            os: self.os,
            size: 0,
        }
    }
}

/// Refuses a member in another case: a runtime in Go would run the image in another way than is read here.
/// `size` is left out, which Docker itself writes as `Size`, and which nothing is derived from.
fn check_spelling(text: &str) -> Result<(), SpellingError> {
    let run = DockerConfig::default();
    let names: Vec<&str> = run
        .members()
        .iter()
        .map(|(name, _)| *name)
        .chain([
            "Labels",
            "id",
            "parent",
            "comment",
            "created",
            "container",
            "container_config",
            "docker_version",
            "author",
            "config",
            "architecture",
            "os",
        ])
        .collect();
    case::check(text, &names, &["config", "container_config"])
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::{ConfigError, ImageConfig};

    #[test]
    fn what_a_builder_writes_reads() {
        let config = r#"{"architecture":"amd64","os":"linux","created":"2026-01-02T03:04:05.678Z","Size":0,
            "author":"a","config":{"User":"1","Env":["A=1"],"Cmd":null,"Healthcheck":{"Test":["x"]},"OnBuild":null,
            "StopSignal":"9","Shell":["sh"],"ArgsEscaped":true},"container_config":{"Hostname":"h"},
            "history":[{"created":"2026-01-02T03:04:05Z","Comment":"x"}],"rootfs":{"type":"layers","diff_ids":[]},
            "os.version":"1","variant":"v8","moby.buildkit.buildinfo.v1":"x"}"#;
        let metadata = ImageConfig::parse(config).unwrap().into_metadata();
        assert_eq!(metadata.config.user.as_str(), "1");
        assert_eq!(metadata.container_config.hostname.as_str(), "h");
        assert_eq!((metadata.os.as_str(), metadata.architecture.as_str()), ("linux", "amd64"));
        assert_eq!(metadata.created.to_string(), "`2026-01-02T03:04:05Z`");
        for nothing in ["{}", r#"{"config":null,"created":null}"#, r#"{"name":"chart","version":"1"}"#] {
            assert!(ImageConfig::parse(nothing).unwrap().into_metadata().is_unset(), "{nothing}");
        }
    }

    #[test]
    fn what_go_would_read_otherwise_is_refused() {
        for text in [
            r#"{"Architecture":"arm64"}"#,
            r#"{"OS":"windows"}"#,
            r#"{"CONFIG":{}}"#,
            r#"{"config":{"ENV":[]}}"#,
            r#"{"config":{"entrypoint":["/evil"]}}"#,
            r#"{"container_config":{"cmd":["/evil"]}}"#,
            r#"{"config":{"Volumeſ":{}}}"#,
        ] {
            assert!(matches!(ImageConfig::parse(text), Err(ConfigError::Spelling(_))), "{text}");
        }
        for text in ["", "[]", "null", "nothing", r#"{"config":5}"#, r#"{"config":{},"config":{}}"#] {
            assert!(matches!(ImageConfig::parse(text), Err(ConfigError::Unreadable(_))), "{text}");
        }
        let label = r#"{"config":{"Labels":{"user":"x","ENV":"y"}},"history":[{"Author":"x"}]}"#;
        assert!(ImageConfig::parse(label).is_ok());
    }
}
