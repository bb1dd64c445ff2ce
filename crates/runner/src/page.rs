//! The pages of the rules, as `docs/rules/` has them.

mod pages;

/// Where the documentation is published, as a book: beside the playground, by the release.
pub const BOOK: &str = "https://openshift-image-trust.github.io/openshift-image-trust/book";

/// The address of a rule's page in the book.
pub fn address(code: &str) -> Option<String> {
    of(code).map(|_| format!("{BOOK}/rules/{code}.html"))
}

/// The page of a rule.
pub fn of(code: &str) -> Option<&'static str> {
    let (_, page) = pages::PAGES.iter().find(|(rule, _)| *rule == code)?;
    Some(page.trim_end())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use openshift_image_trust::RULES;

    use super::*;

    #[test]
    fn every_rule_has_its_own_page() {
        for rule in RULES {
            let heading = of(rule.code).and_then(|page| page.lines().next());
            assert_eq!(heading, Some(format!("# {}", rule.code).as_str()));
        }
    }

    #[test]
    fn an_unknown_code_has_no_page() {
        for code in ["", "source", "README", "source-not-allowed "] {
            assert_eq!(of(code), None, "{code}");
            assert_eq!(address(code), None, "{code}");
        }
    }

    #[test]
    fn the_book_is_where_the_release_puts_it_and_has_a_chapter_for_every_rule() {
        let read = |file: &str| {
            let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
            std::fs::read_to_string(root.join(file)).unwrap()
        };
        let (owner, repository) = env!("CARGO_PKG_REPOSITORY")
            .strip_prefix("https://github.com/")
            .unwrap()
            .split_once('/')
            .unwrap();
        assert_eq!(BOOK, format!("https://{owner}.github.io/{repository}/book"));
        assert!(read(".github/workflows/release.yml").contains("mv target/book target/playground/book"));
        let chapters = read("docs/SUMMARY.md");
        for rule in RULES {
            assert!(chapters.contains(&format!("(rules/{}.md)", rule.code)), "{}", rule.code);
            assert_eq!(address(rule.code), Some(format!("{BOOK}/rules/{}.html", rule.code)));
        }
    }
}
