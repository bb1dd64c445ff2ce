//! The pages of the rules, as `docs/rules/` has them.

mod pages;

/// The page of a rule.
pub fn of(code: &str) -> Option<&'static str> {
    let (_, page) = pages::PAGES.iter().find(|(rule, _)| *rule == code)?;
    Some(page.trim_end())
}

#[cfg(test)]
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
        }
    }
}
