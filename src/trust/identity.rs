//! What a signature says the image is, against what it is: `signedIdentity` of
//! containers-policy.json(5), after containers/image `signature/policy_reference_match.go`.
//!
//! Hosts are compared as scopes compare them: in lower case, without `:443`, under one name.

use crate::oci::named::Named;
use crate::oci::reference::{RegistryAliases, normalize_host};
use crate::settings::trust::{RemapIdentity, SignedIdentity};

/// The references that a signature of an image may be made for, by one `signedIdentity`.
#[derive(Debug)]
pub struct ExpectedIdentity<'a> {
    expected: Expected,
    aliases: &'a RegistryAliases,
}

#[derive(Debug)]
enum Expected {
    /// None: something in the way cannot be parsed.
    Nothing,
    /// This very reference.
    Exactly(Named),
    /// Any of this repository.
    Repository(String),
    /// This very reference, or any of its repository where it is one by digest.
    RepoDigestOrExactly(Named),
}

impl<'a> ExpectedIdentity<'a> {
    /// Works out what is expected for an image; `None` is one whose reference cannot be parsed.
    #[must_use]
    pub fn new(identity: &SignedIdentity, image: Option<Named>, aliases: &'a RegistryAliases) -> Self {
        let image = image.map(|image| image.normalize(aliases));
        let parse = |text: &str| Some(Named::parse(text)?.normalize(aliases));
        let expected = match identity {
            SignedIdentity::MatchExact(_) => image.map(Expected::Exactly),
            SignedIdentity::MatchRepoDigestOrExact(_) => image.map(Expected::RepoDigestOrExactly),
            SignedIdentity::MatchRepository(_) => image.map(|image| Expected::Repository(image.name)),
            SignedIdentity::ExactReference(exact) => parse(&exact.docker_reference).map(Expected::Exactly),
            SignedIdentity::ExactRepository(exact) => {
                parse(&exact.docker_repository).map(|exact| Expected::Repository(exact.name))
            }
            SignedIdentity::RemapIdentity(remap) => image
                .and_then(|image| remapped(remap, image, aliases))
                .map(|image| Expected::RepoDigestOrExactly(image.normalize(aliases))),
        };
        Self { expected: expected.unwrap_or(Expected::Nothing), aliases }
    }

    /// Whether a signature that claims to be for `signed` is for the image.
    ///
    /// What cannot be parsed matches nothing, not even itself.
    #[must_use]
    pub fn matches(&self, signed: &str) -> bool {
        let Some(signed) = Named::parse(signed).map(|signed| signed.normalize(self.aliases)) else {
            return false;
        };
        match &self.expected {
            Expected::Nothing => false,
            Expected::Exactly(image) => image.is_exactly(&signed),
            Expected::Repository(name) => *name == signed.name,
            Expected::RepoDigestOrExactly(image) => repo_digest_or_exact(image, &signed),
        }
    }
}

/// Whether a signature that claims to be for `signed` is for the image at `image`.
#[must_use]
pub fn matches(identity: &SignedIdentity, image: &str, signed: &str, aliases: &RegistryAliases) -> bool {
    ExpectedIdentity::new(identity, Named::parse(image), aliases).matches(signed)
}

fn repo_digest_or_exact(image: &Named, signed: &Named) -> bool {
    if signed.is_name_only() {
        return false;
    }
    match (&image.tag, &image.digest) {
        (Some(_), _) => image.is_exactly(signed),
        (None, Some(_)) => image.name == signed.name,
        (None, None) => false,
    }
}

/// The image's reference with its prefix replaced; as it is where the prefix does not apply;
/// nothing where the result is no reference.
fn remapped(remap: &RemapIdentity, image: Named, aliases: &RegistryAliases) -> Option<Named> {
    let (host, path) =
        remap.prefix.find('/').map_or((remap.prefix.as_str(), ""), |at| remap.prefix.split_at(at));
    let host = normalize_host(host);
    let prefix = format!("{}{path}", aliases.canonical(&host));
    let applies =
        image.name.strip_prefix(&prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if !applies {
        return Some(image);
    }
    let text = image.to_string().replacen(&prefix, &remap.signed_prefix, 1);
    // A result that would have to be normalised first is an error of the settings.
    Named::parse(&text).filter(|named| named.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::trust::{ExactReference, ExactRepository, Plain};

    const D: &str = "@sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1";
    const OTHER: &str = "@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25";

    fn exact() -> SignedIdentity {
        SignedIdentity::MatchExact(Plain {})
    }

    fn repo_digest_or_exact() -> SignedIdentity {
        SignedIdentity::MatchRepoDigestOrExact(Plain {})
    }

    fn repository() -> SignedIdentity {
        SignedIdentity::MatchRepository(Plain {})
    }

    fn exact_reference(text: &str) -> SignedIdentity {
        SignedIdentity::ExactReference(ExactReference { docker_reference: text.to_owned() })
    }

    fn exact_repository(text: &str) -> SignedIdentity {
        SignedIdentity::ExactRepository(ExactRepository { docker_repository: text.to_owned() })
    }

    fn remap(prefix: &str, signed_prefix: &str) -> SignedIdentity {
        SignedIdentity::RemapIdentity(RemapIdentity {
            prefix: prefix.to_owned(),
            signed_prefix: signed_prefix.to_owned(),
        })
    }

    fn verdict(identity: &SignedIdentity, image: &str, signed: &str) -> bool {
        matches(identity, image, signed, &RegistryAliases::default())
    }

    /// Verdicts of matchExact, matchRepoDigestOrExact and matchRepository.
    #[track_caller]
    fn assert_matches(image: &str, signed: &str, expected: [bool; 3]) {
        let found =
            [exact(), repo_digest_or_exact(), repository()].map(|identity| verdict(&identity, image, signed));
        assert_eq!(found, expected, "image `{image}`, signed `{signed}`");
    }

    /// `$T` stands for a tag, `$U` for another, `$D` for a digest, `$E` for another.
    fn written(suffix: &str) -> String {
        suffix.replace("$T", ":v1").replace("$U", ":v2").replace("$D", D).replace("$E", OTHER)
    }

    /// containers/image `prmExactMatchTestTable` and `prmRepositoryMatchTestTable`.
    #[test]
    fn every_pair_of_tag_and_digest() {
        const SUFFIXES: [&str; 9] = ["", "$T", "$U", "$D", "$E", "$T$D", "$T$E", "$U$D", "$U$E"];
        for image in SUFFIXES {
            for signed in SUFFIXES {
                let same = image == signed && !image.is_empty();
                // By digest alone, and so by whatever name within the repository that names one image.
                let by_digest = image == "$D" || image == "$E";
                let is_name = signed.is_empty();
                for name in ["registry.test/ns/app", "busybox", "localhost:5000/a"] {
                    let image = format!("{name}{}", written(image));
                    let signed = format!("{name}{}", written(signed));
                    let exact_name = same || by_digest && !is_name;
                    assert_matches(&image, &signed, [same, exact_name, true]);
                }
                assert_matches(
                    &format!("registry.test/ns/app{}", written(image)),
                    &format!("registry.test/ns/app2{}", written(signed)),
                    [false; 3],
                );
                assert_matches(
                    &format!("registry.test/ns/app{}", written(image)),
                    &format!("registry.test.example/ns/app{}", written(signed)),
                    [false; 3],
                );
            }
        }
    }

    #[test]
    fn another_repository_or_host_never_matches() {
        for suffix in ["$T", "$D", "$T$D"] {
            let image = format!("registry.test/ns/app{}", written(suffix));
            for other in [
                "registry.test/ns/ap",
                "registry.test/ns/app/x",
                "registry.test/ns",
                "registry.test/app",
                "registry.test/other/app",
                "registry.test/ns/ns/app",
                "registry.test:5000/ns/app",
                "registry.test:444/ns/app",
                "registry.test:80/ns/app",
                "Registry.Tests/ns/app",
                "registry.tes/ns/app",
                "ns/app",
                "docker.io/ns/app",
                "localhost/ns/app",
                "docker.io/registry.test/ns/app",
            ] {
                let signed = format!("{other}{}", written(suffix));
                assert_matches(&image, &signed, [false; 3]);
                assert_matches(&signed, &image, [false; 3]);
            }
        }
    }

    /// containers/image `TestParseImageAndDockerReference` and `TestParseDockerReferences`.
    #[test]
    fn what_cannot_be_parsed_matches_nothing_not_even_itself() {
        let hex = "0123456789abcdef".repeat(4);
        let long = format!("registry.test/{}:v1", "a".repeat(256));
        let long_tag = format!("registry.test/a:{}", "t".repeat(129));
        let texts = [
            "",
            " ",
            "UPPERCASEISINVALID",
            "UPPERCASEISINVALID:v1",
            "registry.test/NS/app:v1",
            "registry.test/ns/App:v1",
            "registry.test/ns/app:v1 ",
            " registry.test/ns/app:v1",
            "registry.test/ns/app:v1\n",
            "registry.test/ns/app:v1\0",
            "registry.test/ns/app:",
            "registry.test/ns/app@",
            "registry.test/ns/app:v1@",
            "registry.test/ns/app::v1",
            "registry.test/ns/app:-v1",
            "registry.test/ns/app:.v1",
            "registry.test/ns/app:v1:v2",
            "registry.test/ns/app:v/1",
            "registry.test/ns//app:v1",
            "registry.test/ns/app/:v1",
            "registry.test//app:v1",
            "registry.test/:v1",
            "/ns/app:v1",
            "registry.test/ns/-app:v1",
            "registry.test/ns/app-:v1",
            "registry.test/ns/a..b:v1",
            "registry.test/ns/a___b:v1",
            "registry.test/ns/äpp:v1",
            "registry.test:port/ns/app:v1",
            "registry.test:/ns/app:v1",
            "docker://registry.test/ns/app:v1",
            "https://registry.test/ns/app:v1",
            "registry.test/ns/app@sha256:02053749",
            "registry.test/ns/app@sha256:0205374946B5E089DFD3017E2743DF600ADAD17678A5C975F7074DC4AB4393D1",
            "registry.test/ns/app@SHA256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1",
            "registry.test/ns/app@md5:0205374946b5e089dfd3017e2743df60",
            "registry.test/ns/app@sha512:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1",
            "registry.test/ns/app@sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1:v1",
            "registry.test/ns/app@sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1@sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1",
            &hex,
            &long,
            &long_tag,
        ];
        for text in texts {
            assert_matches(text, text, [false; 3]);
            for good in ["registry.test/ns/app:v1", &format!("registry.test/ns/app{D}")] {
                assert_matches(text, good, [false; 3]);
                assert_matches(good, text, [false; 3]);
            }
            for identity in [
                exact_reference(text),
                exact_repository(text),
                exact_reference("registry.test/ns/app:v1"),
                exact_repository("registry.test/ns/app"),
                remap("registry.test", "registry.test"),
            ] {
                assert!(!verdict(&identity, text, text), "{identity:?}: `{text}`");
            }
        }
    }

    #[test]
    fn a_name_of_64_hex_digits_is_an_image_id_only_on_its_own() {
        let hex = "0123456789abcdef".repeat(4);
        let name = |prefix: &str, suffix: &str| format!("{prefix}{hex}{suffix}");
        assert_matches(&name("", ""), &name("", ""), [false; 3]);
        assert_matches(&name("", ":v1"), &name("", ":v1"), [true; 3]);
        assert_matches(&name("", ":v1"), &name("docker.io/library/", ":v1"), [true; 3]);
        assert_matches(&name("registry.test/", D), &name("registry.test/", D), [true; 3]);
        // 63 digits, or one that is no digit, are a name.
        let shorter = hex.get(1..).unwrap_or_default();
        for other in [shorter.to_owned(), format!("{shorter}g")] {
            assert_matches(&other, &other, [false, false, true]);
        }
    }

    /// containers/image `prmExactMatchTestTable` and `TestVerifyDockerManifestSignature`.
    #[test]
    fn docker_hub_has_one_name() {
        const NAMES: [&str; 6] = [
            "busybox",
            "library/busybox",
            "docker.io/busybox",
            "docker.io/library/busybox",
            "index.docker.io/busybox",
            "index.docker.io/library/busybox",
        ];
        for image in NAMES {
            for signed in NAMES {
                for suffix in [":latest", D, &format!(":latest{D}")] {
                    assert_matches(&format!("{image}{suffix}"), &format!("{signed}{suffix}"), [true; 3]);
                }
                // No tag is made up.
                assert_matches(image, signed, [false, false, true]);
                assert_matches(&format!("{image}:latest"), signed, [false, false, true]);
                assert_matches(image, &format!("{signed}:latest"), [false, false, true]);
            }
        }
        assert_matches("testing/manifest:v1", "docker.io/testing/manifest:v1", [true; 3]);
        for (image, signed) in [
            ("busybox:1", "localhost/busybox:1"),
            ("busybox:1", "localhost/library/busybox:1"),
            ("busybox:1", "docker.io/notlibrary/busybox:1"),
            ("busybox:1", "library/library/busybox:1"),
            ("busybox:1", "registry-2.docker.io/library/busybox:1"),
            ("busybox:1", "registry-1.docker.io/notlibrary/busybox:1"),
            ("registry.test/busybox:1", "registry.test/library/busybox:1"),
            // The first component is a host only with a dot, a colon, or as `localhost`.
            ("localhost/busybox:1", "docker.io/localhost/busybox:1"),
            ("registry/busybox:1", "registry:5000/busybox:1"),
        ] {
            assert_matches(image, signed, [false; 3]);
            assert_matches(signed, image, [false; 3]);
        }
        assert_matches("registry/busybox:1", "docker.io/registry/busybox:1", [true; 3]);
    }

    #[test]
    fn the_digest_of_a_signature_is_not_this_rule_s_to_judge() {
        let image = format!("registry.test/ns/app{D}");
        assert_matches(&image, &format!("registry.test/ns/app{OTHER}"), [false, true, true]);
        assert_matches(&image, &format!("registry.test/ns/app:v1{OTHER}"), [false, true, true]);
    }

    /// containers/image `TestPRMExactReferenceMatchesDockerReference`.
    #[test]
    fn an_exact_reference_plays_the_image_s_part() {
        let d = format!("registry.test/ns/app{D}");
        let td = format!("registry.test/ns/app:v1{D}");
        for (reference, signed, expected) in [
            ("registry.test/ns/app:v1", "registry.test/ns/app:v1", true),
            ("registry.test/ns/app:v1", "registry.test/ns/app:v2", false),
            ("registry.test/ns/app:v1", "registry.test/ns/app", false),
            ("registry.test/ns/app:v1", &d, false),
            ("registry.test/ns/app:v1", &td, false),
            ("registry.test/ns/app:v1", "registry.test/ns/app2:v1", false),
            ("registry.test/ns/app:v1", "other.test/ns/app:v1", false),
            (&d, &d, true),
            (&d, &format!("registry.test/ns/app{OTHER}"), false),
            (&d, "registry.test/ns/app:v1", false),
            (&td, &td, true),
            (&td, &d, false),
            ("registry.test/ns/app", "registry.test/ns/app", false),
            ("busybox:latest", "docker.io/library/busybox:latest", true),
            ("this/does-not:match", "registry.test/ns/app:v1", false),
        ] {
            // Whatever the image is called, even where that cannot be read.
            for image in ["registry.test/ns/app:v1", "mirror.test/x:v9", "", "UPPER"] {
                let found = verdict(&exact_reference(reference), image, signed);
                assert_eq!(found, expected, "{reference}; image `{image}`, signed `{signed}`");
            }
        }
    }

    /// containers/image `TestPRMExactRepositoryMatchesDockerReference`.
    #[test]
    fn of_an_exact_repository_only_the_name_counts() {
        let suffixes =
            [String::new(), ":v1".to_owned(), ":v2".to_owned(), D.to_owned(), format!(":v1{OTHER}")];
        for written in &suffixes {
            for signed in &suffixes {
                for image in ["registry.test/ns/app:v1", "mirror.test/x:v9", "", "UPPER"] {
                    let identity = exact_repository(&format!("registry.test/ns/app{written}"));
                    assert!(verdict(&identity, image, &format!("registry.test/ns/app{signed}")));
                    for other in ["registry.test/ns/app2", "registry.test/ns", "other.test/ns/app", "ns/app"]
                    {
                        assert!(!verdict(&identity, image, &format!("{other}{signed}")));
                    }
                }
            }
        }
        assert!(verdict(&exact_repository("busybox"), "", "docker.io/library/busybox:1"));
        assert!(!verdict(&exact_repository("registry.test/NS/app"), "", "registry.test/NS/app:1"));
    }

    /// containers/image `TestPRMRemapIdentityRefMatchesPrefix`: where the prefix applies.
    #[test]
    fn a_prefix_ends_where_a_component_ends() {
        for (image, prefix, applies) in [
            ("example.com/ns/app:v1", "example.com", true),
            ("example.com/ns/app:v1", "example.com/ns", true),
            ("example.com/ns/app:v1", "example.com/ns/app", true),
            ("example.com/ns/app:v1", "example.com/ns/ap", false),
            ("example.com/ns/app:v1", "example.com/n", false),
            ("example.com/ns2/app:v1", "example.com/ns", false),
            ("example.com/ns/app2:v1", "example.com/ns/app", false),
            ("example.com:5000/ns/app:v1", "example.com", false),
            ("example.com:5000/ns/app:v1", "example.com:5000", true),
            ("example.com:50000/ns/app:v1", "example.com:5000", false),
            ("example.com/ns/app:v1", "example.com:5000", false),
            ("example.com.evil.test/ns/app:v1", "example.com", false),
            ("sub.example.com/ns/app:v1", "example.com", false),
            ("sub.example.com/ns/app:v1", "*.example.com", false),
            ("other.test/example.com/app:v1", "example.com", false),
            ("localhost/app:v1", "localhost", true),
            ("localhost/app:v1", "localhost/app", true),
            ("localhost:8080/app:v1", "localhost", false),
            ("busybox:v1", "docker.io", true),
            ("busybox:v1", "docker.io/library", true),
            ("busybox:v1", "docker.io/library/busybox", true),
            ("busybox:v1", "docker.io/busybox", false),
            ("busybox:v1", "docker.io/lib", false),
            // Short names never apply.
            ("busybox:v1", "busybox", false),
            ("busybox:v1", "library/busybox", false),
            ("ns/app:v1", "ns", false),
            // Nor do tags and digests.
            ("example.com/ns/app:v1", "example.com/ns/app:v1", false),
        ] {
            let identity = remap(prefix, "vendor.example/x");
            // Unless the prefix applies, the image keeps its own name.
            assert_eq!(verdict(&identity, image, image), !applies, "{image}; prefix {prefix}");
        }
    }

    /// containers/image `TestPRMRemapIdentityRemapReferencePrefix`.
    #[test]
    fn a_prefix_is_replaced() {
        let digest = |name: &str| format!("{name}{D}");
        for (prefix, signed_prefix, image, becomes) in [
            (
                "mirror.example",
                "vendor.example",
                "mirror.example/ns/image:tag",
                "vendor.example/ns/image:tag",
            ),
            (
                "mirror.example",
                "vendor.example:5000",
                "mirror.example/ns/image:tag",
                "vendor.example:5000/ns/image:tag",
            ),
            (
                "mirror.example:5000",
                "vendor.example",
                "mirror.example:5000/ns/image:tag",
                "vendor.example/ns/image:tag",
            ),
            (
                "mirror.example/ns",
                "vendor.example/other",
                "mirror.example/ns/image:tag",
                "vendor.example/other/image:tag",
            ),
            (
                "mirror.example/ns",
                "vendor.example",
                "mirror.example/ns/image:tag",
                "vendor.example/image:tag",
            ),
            (
                "mirror.example/ns/image",
                "vendor.example/a/b",
                "mirror.example/ns/image:tag",
                "vendor.example/a/b:tag",
            ),
            ("mirror.example", "localhost", "mirror.example/ns/image:tag", "localhost/ns/image:tag"),
            ("docker.io", "h.example/ns", "busybox:1", "h.example/ns/library/busybox:1"),
            ("docker.io", "h.example/ns", "ns2/app:1", "h.example/ns/ns2/app:1"),
            ("docker.io/library", "h.example/ns", "busybox:1", "h.example/ns/busybox:1"),
            ("mirror.example", "docker.io/library", "mirror.example/busybox:latest", "busybox:latest"),
            ("mirror.example", "docker.io", "mirror.example/ns/app:1", "ns/app:1"),
            // The first occurrence only.
            ("m.example", "v.example", "m.example/m.example/m.example:1", "v.example/m.example/m.example:1"),
            // Onto itself.
            ("m.example", "m.example", "m.example/app:1", "m.example/app:1"),
            ("m.example", "m.example/m.example", "m.example/app:1", "m.example/m.example/app:1"),
            // Where it does not apply.
            ("mirror.example", "vendor.example", "elsewhere.example/app:1", "elsewhere.example/app:1"),
        ] {
            let identity = remap(prefix, signed_prefix);
            assert!(verdict(&identity, image, becomes), "{image}: {prefix} -> {signed_prefix}");
            let other = becomes.replace(":tag", ":other").replace(":1", ":2").replace(":latest", ":oldest");
            assert!(!verdict(&identity, image, &other), "{image}: {prefix} -> {signed_prefix}, {other}");
            if prefix != signed_prefix && image != becomes {
                assert!(!verdict(&identity, image, image), "{image}: {prefix} -> {signed_prefix}");
            }
            // By digest, whatever is signed of the repository.
            let (name, _) = image.rsplit_once(':').unwrap_or_default();
            for signed in [
                becomes.to_owned(),
                other,
                digest(becomes),
                digest(becomes.rsplit_once(':').unwrap_or_default().0),
            ] {
                assert!(
                    verdict(&identity, &digest(name), &signed),
                    "{name} by digest: {prefix} -> {signed_prefix}, {signed}"
                );
            }
        }
    }

    /// containers/image `TestPRMRemapIdentityRemapReferencePrefix`, the errors.
    #[test]
    fn a_result_that_is_not_canonical_is_an_error_and_matches_nothing() {
        let tag = "mirror.example/ns/image:tag".to_owned();
        let digest = format!("mirror.example/ns/image{D}");
        for (prefix, signed_prefix) in [
            ("mirror.example/ns/image", "vendor.example:5000"),
            ("mirror.example/ns/image", "vendor.example"),
            ("mirror.example/ns/image", "notlocalhost"),
            ("mirror.example", "notlocalhost"),
            ("mirror.example", "index.docker.io"),
            ("mirror.example", "vendor.example/UPPER"),
            ("mirror.example", "vendor.example/x:1"),
            ("mirror.example", ""),
            ("mirror.example/ns", "docker.io"),
        ] {
            let identity = remap(prefix, signed_prefix);
            for image in [&tag, &digest] {
                for signed in [
                    image.clone(),
                    image.replacen(prefix, signed_prefix, 1),
                    format!("docker.io/library/{}", image.replacen(prefix, signed_prefix, 1)),
                    format!("docker.io/{}", image.replacen(prefix, signed_prefix, 1)),
                    "docker.io/library/image:tag".to_owned(),
                    "docker.io/notlocalhost/ns/image:tag".to_owned(),
                    "vendor.example/ns/image:tag".to_owned(),
                ] {
                    assert!(
                        !verdict(&identity, image, &signed),
                        "{image}: {prefix} -> {signed_prefix}, signed `{signed}`"
                    );
                }
            }
        }
        // Neither tag nor digest stays without.
        let identity = remap("mirror.example", "vendor.example");
        assert!(!verdict(&identity, "mirror.example/app", "vendor.example/app"));
        assert!(!verdict(&identity, "", "vendor.example/app:1"));
    }

    #[test]
    fn hosts_are_compared_as_scopes_compare_them() {
        let one = ["registry.test", "Registry.Test", "registry.test:443", "REGISTRY.test:0443"];
        let hub = [
            "docker.io/library",
            "Docker.IO/library",
            "index.docker.io/library",
            "registry-1.docker.io:443/library",
            // Docker Hub's own names imply the namespace.
            "registry-1.docker.io",
            "DOCKER.io",
        ];
        let own = [
            "image-registry.openshift-image-registry.svc:5000/ns",
            "Image-Registry.openshift-image-registry.svc:05000/ns",
            "image-registry.openshift-image-registry.svc.cluster.local:5000/ns",
        ];
        for names in [&one[..], &hub, &own] {
            for image in names {
                for signed in names {
                    for suffix in [":v1", D, &format!(":v1{D}")] {
                        assert_matches(
                            &format!("{image}/app{suffix}"),
                            &format!("{signed}/app{suffix}"),
                            [true; 3],
                        );
                    }
                    assert_matches(
                        &format!("{image}/app:v1"),
                        &format!("{signed}/app:v2"),
                        [false, false, true],
                    );
                    assert_matches(&format!("{image}/app:v1"), &format!("{signed}/apq:v1"), [false; 3]);
                    let (image, signed) = (format!("{image}/app:v1"), format!("{signed}/app:v1"));
                    assert!(verdict(&exact_reference(&image), "", &signed), "{image}, {signed}");
                    assert!(verdict(&exact_repository(&image), "", &signed), "{image}, {signed}");
                }
            }
        }
        for image in one {
            for prefix in one {
                let identity = remap(prefix, "Vendor.test:443");
                assert!(verdict(&identity, &format!("{image}/ns/app:1"), "vendor.test/ns/app:1"), "{prefix}");
                assert!(!verdict(&identity, &format!("{image}/ns/app:1"), "registry.test/ns/app:1"));
            }
        }
        // A path has no host, nor is a port another's.
        for (image, signed) in [
            ("registry.test/NS/app:1", "registry.test/ns/app:1"),
            ("registry.test:4430/ns/app:1", "registry.test/ns/app:1"),
            ("registry.test:44/ns/app:1", "registry.test:4/ns/app:1"),
            ("x.test/registry.test/app:1", "x.test/registry.test:443/app:1"),
        ] {
            assert_matches(image, signed, [false; 3]);
            assert_matches(signed, image, [false; 3]);
        }
    }

    #[test]
    fn names_of_one_registry_are_one_name() {
        let groups = [
            ["a.test", "b.test:5000", "image-registry.openshift-image-registry.svc:5000"]
                .map(str::to_owned)
                .to_vec(),
            ["c.test", "docker.io"].map(str::to_owned).to_vec(),
        ];
        let aliases = RegistryAliases::new(&groups);
        let internal = "image-registry.openshift-image-registry.svc:5000";
        for (image, signed, expected) in [
            ("a.test/ns/app:1", "b.test:5000/ns/app:1", true),
            ("b.test:5000/ns/app:1", "a.test/ns/app:1", true),
            (&format!("{internal}/ns/app:1"), "a.test/ns/app:1", true),
            ("a.test/ns/app:1", &format!("{internal}/ns/app:1"), true),
            ("a.test/ns/app:1", "a.test/ns/app:1", true),
            ("busybox:1", "c.test/library/busybox:1", true),
            ("c.test/library/busybox:1", "busybox:1", true),
            ("busybox:1", "c.test/busybox:1", false),
            ("a.test/ns/app:1", "b.test:5000/ns/app:2", false),
            ("a.test/ns/app:1", "b.test:5000/ns/app2:1", false),
            ("a.test/ns/app:1", "b.test/ns/app:1", false),
            ("a.test/ns/app:1", "c.test/ns/app:1", false),
            ("a.test/ns/app:1", "docker.io/ns/app:1", false),
            ("sub.a.test/ns/app:1", "b.test:5000/ns/app:1", false),
            // A registry's name that is part of a path is none.
            ("x.test/a.test/app:1", "x.test/b.test/app:1", false),
        ] {
            for identity in
                [exact(), repo_digest_or_exact(), exact_reference(image), remap("mirror.test", "vendor.test")]
            {
                let found = matches(&identity, image, signed, &aliases);
                assert_eq!(found, expected, "{identity:?}; image `{image}`, signed `{signed}`");
            }
        }
        // A remapped name has its aliases too, and so has the prefix.
        assert!(matches(&remap("m.test", "a.test"), "m.test/ns/app:1", "b.test:5000/ns/app:1", &aliases));
        assert!(matches(&remap("a.test", "v.test"), "a.test/ns/app:1", "v.test/ns/app:1", &aliases));
        for prefix in ["a.test", "a.test/ns", "b.test:5000", internal] {
            let remap = remap(prefix, if prefix.contains('/') { "v.test/ns" } else { "v.test" });
            for image in ["a.test/ns/app:1", "b.test:5000/ns/app:1", &format!("{internal}/ns/app:1")] {
                assert!(matches(&remap, image, "v.test/ns/app:1", &aliases), "{prefix}: {image}");
                assert!(!matches(&remap, image, "a.test/ns/app:1", &aliases), "{prefix}: {image}");
            }
        }
        assert!(matches(&exact_repository("a.test/ns/app"), "", "b.test:5000/ns/app:1", &aliases));
    }
}
