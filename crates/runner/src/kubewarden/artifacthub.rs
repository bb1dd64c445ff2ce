//! `artifacthub-pkg.yml`: what Artifact Hub and Rancher show of a version.
//!
//! It follows from the metadata, the changelog and the form, in the shape that
//! `kwctl scaffold artifacthub` gives it (kubewarden-controller
//! `crates/policy-evaluator/src/policy_artifacthub.rs`).

use std::collections::BTreeMap;

use anyhow::{Context as _, bail, ensure};
use serde::Serialize;

use crate::kubewarden::metadata::Metadata;

/// A package of Artifact Hub.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Package<'m> {
    version: &'m str,
    name: &'m str,
    display_name: &'m str,
    created_at: String,
    description: &'m str,
    license: &'m str,
    #[serde(rename = "homeURL")]
    home_url: &'m str,
    containers_images: [Named<'m, String>; 1],
    keywords: Vec<&'m str>,
    links: [Link<'m>; 2],
    install: String,
    changes: Vec<Change>,
    maintainers: Vec<Maintainer<'m>>,
    provider: Provider,
    recommendations: [Recommendation; 1],
    annotations: BTreeMap<&'static str, String>,
}

#[derive(Debug, Serialize)]
struct Named<'m, T> {
    name: &'m str,
    image: T,
}

#[derive(Debug, Serialize)]
struct Link<'m> {
    name: &'m str,
    url: String,
}

#[derive(Debug, Serialize)]
struct Maintainer<'m> {
    name: &'m str,
    email: &'m str,
}

#[derive(Debug, Serialize)]
struct Provider {
    name: &'static str,
}

#[derive(Debug, Serialize)]
struct Recommendation {
    url: &'static str,
}

/// One thing that is new.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Change {
    kind: String,
    description: String,
}

/// Writes the package of the version that the metadata names, as YAML.
///
/// # Errors
/// An annotation is missing, or the changelog has no such version.
pub fn package(metadata: &Metadata, changelog: &str, questions: &str) -> anyhow::Result<String> {
    let policy = |name: &str| annotation(metadata, &format!("io.kubewarden.policy.{name}"));
    let artifact_hub = |name: &str| annotation(metadata, &format!("io.artifacthub.{name}"));
    let version = policy("version")?;
    let source = policy("source")?;
    let image = format!("{}:v{version}", policy("ociUrl")?);
    let (date, changes) = changes(changelog, version)?;
    let mut annotations = BTreeMap::from([
        ("kubewarden/mutation", metadata.mutating.to_string()),
        ("kubewarden/resources", artifact_hub("resources")?.to_owned()),
        ("kubewarden/rules", serde_norway::to_string(&metadata.rules)?),
        ("kubewarden/questions-ui", questions.to_owned()),
    ]);
    if !metadata.context_aware_resources.is_empty() {
        let resources = serde_norway::to_string(&metadata.context_aware_resources)?;
        annotations.insert("kubewarden/contextAwareResources", resources);
    }
    let package = Package {
        version,
        name: policy("title")?,
        display_name: artifact_hub("displayName")?,
        created_at: format!("{date}T00:00:00Z"),
        description: policy("description")?,
        license: policy("license")?,
        home_url: policy("url")?,
        keywords: artifact_hub("keywords")?.split(',').map(str::trim).collect(),
        links: [
            Link { name: "policy", url: format!("{source}/releases/download/v{version}/policy.wasm") },
            Link { name: "source", url: source.to_owned() },
        ],
        install: install(&image),
        containers_images: [Named { name: "policy", image }],
        changes,
        maintainers: maintainers(policy("author")?)?,
        provider: Provider { name: "kubewarden" },
        recommendations: [Recommendation {
            url: "https://artifacthub.io/packages/helm/kubewarden/kubewarden-controller",
        }],
        annotations,
    };
    Ok(serde_norway::to_string(&package)?)
}

fn annotation<'m>(metadata: &'m Metadata, name: &str) -> anyhow::Result<&'m str> {
    metadata.annotation(name).with_context(|| format!("the annotation `{name}` is missing"))
}

fn install(image: &str) -> String {
    format!(
        "Fetch the policy, and write a manifest to start from:\n\
         ```console\n\
         kwctl pull registry://{image}\n\
         kwctl scaffold manifest -t ClusterAdmissionPolicy registry://{image}\n\
         ```\n"
    )
}

/// `Name <address>, Name <address>`.
fn maintainers(authors: &str) -> anyhow::Result<Vec<Maintainer<'_>>> {
    let maintainer = |author: &'_ str| -> Option<(usize, usize)> {
        let open = author.find('<')?;
        let close = author.find('>')?;
        (open > 0 && close > open + 1).then_some((open, close))
    };
    authors
        .split(',')
        .map(|author| {
            let author = author.trim();
            let (open, close) = maintainer(author).with_context(|| format!("`{author}` has no address"))?;
            let name = author.get(..open).unwrap_or_default().trim();
            let email = author.get(open + 1..close).unwrap_or_default();
            Ok(Maintainer { name, email })
        })
        .collect()
}

/// The day of a version, and what it changes, from a changelog in the form of
/// <https://keepachangelog.com>.
fn changes(changelog: &str, version: &str) -> anyhow::Result<(String, Vec<Change>)> {
    const KINDS: [&str; 6] = ["added", "changed", "deprecated", "removed", "fixed", "security"];
    let mark = format!("## [{version}] - ");
    let mut lines = changelog.lines().skip_while(|line| !line.starts_with(&mark));
    let heading = lines.next().with_context(|| format!("the changelog has no version {version}"))?;
    let date = heading.get(mark.len()..).unwrap_or_default().trim();
    let mut changes: Vec<Change> = Vec::new();
    let mut kind = None;
    for line in lines.take_while(|line| !line.starts_with("## ")) {
        if let Some(heading) = line.strip_prefix("### ") {
            let heading = heading.trim().to_lowercase();
            ensure!(KINDS.contains(&heading.as_str()), "`{heading}` is no kind of change");
            kind = Some(heading);
        } else if let Some(text) = line.strip_prefix("- ") {
            let kind = kind.clone().context("a change before its kind")?;
            changes.push(Change { kind, description: text.trim().to_owned() });
        } else if let (Some(last), text) = (changes.last_mut(), line.trim())
            && line.starts_with("  ")
            && !text.is_empty()
        {
            last.description.push(' ');
            last.description.push_str(text);
        }
    }
    if changes.is_empty() {
        bail!("the changelog has no entry for version {version}");
    }
    Ok((date.to_owned(), changes))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    const CHANGELOG: &str = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- later\n\n## [1.1.0] - 2026-12-01\n\n\
        A word before.\n\n### Added\n\n- one thing\n  in two lines\n- another\n\n### Fixed\n\n- a hole\n\n## [1.0.0] - 2026-11-01\n\n### Added\n\n- all\n";

    #[test]
    fn a_version_has_its_day_and_its_changes() {
        let change = |kind: &str, description: &str| Change {
            kind: kind.to_owned(),
            description: description.to_owned(),
        };
        let (date, found) = changes(CHANGELOG, "1.1.0").unwrap();
        assert_eq!(date, "2026-12-01");
        assert_eq!(
            found,
            [
                change("added", "one thing in two lines"),
                change("added", "another"),
                change("fixed", "a hole")
            ]
        );
        assert_eq!(changes(CHANGELOG, "1.0.0").unwrap().1, [change("added", "all")]);
        for (version, from, to, told) in [
            ("2.0.0", "", "", "no version 2.0.0"),
            ("1", "", "", "no version 1"),
            ("1.0.0", "### Added\n\n- all", "", "has no entry"),
            ("1.0.0", "### Added\n\n- all", "### New\n\n- all", "`new` is no kind"),
            ("1.0.0", "### Added\n\n- all", "- all", "before its kind"),
        ] {
            let error = changes(&CHANGELOG.replace(from, to), version).unwrap_err().to_string();
            assert!(error.contains(told), "{version}: {error}");
        }
    }

    #[test]
    fn authors_have_addresses() {
        let found = maintainers("A B <a@b.example>, C <c@d.example>").unwrap();
        let found: Vec<_> = found.iter().map(|it| (it.name, it.email)).collect();
        assert_eq!(found, [("A B", "a@b.example"), ("C", "c@d.example")]);
        for authors in ["A B", "", "<a@b.example>", "A <>", "A >x<"] {
            assert!(maintainers(authors).is_err(), "{authors}");
        }
    }
}
