//! Annotations of GitHub Actions: commands that its runner reads from the output of a step.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use openshift_image_trust::Level;

use crate::commands::outputs::{Findings, Place, Remark};

/// A line for each remark.
pub fn lines(findings: &Findings) -> Vec<String> {
    let remarks = findings.results.iter().flat_map(|judged| judged.remarks().map(move |it| (judged, it)));
    let remarks = remarks.map(|(judged, remark)| {
        let command = if remark.level == Level::Warn { "warning" } else { "error" };
        let title = remark.rule.as_deref().unwrap_or("image-trust");
        command_line(command, &remark.place, title, &format!("{}: {}", judged.object, without_rule(remark)))
    });
    let undecided = findings.undecided.iter();
    let undecided = undecided.map(|it| command_line("error", &it.place, "could not be judged", &it.message));
    remarks.chain(undecided).collect()
}

/// The rule is the title already.
fn without_rule(remark: &Remark) -> String {
    let text = remark.to_string();
    let rule = remark.rule.as_ref().map(|rule| format!(" [{rule}]")).unwrap_or_default();
    text.strip_suffix(&rule).unwrap_or(&text).to_owned()
}

fn command_line(command: &str, place: &Place, title: &str, message: &str) -> String {
    let mut properties = Vec::new();
    if place.file != "-" {
        properties.push(format!("file={}", property(&place.file)));
    }
    if let Some(position) = place.position {
        properties.push(format!("line={},col={}", position.line, position.column));
    }
    properties.push(format!("title={}", property(title)));
    format!("::{command} {}::{}", properties.join(","), data(message))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::outputs::tests::findings;

    #[test]
    fn each_remark_is_an_annotation_that_cannot_start_another() {
        assert_eq!(
            lines(&findings()),
            [
                "::warning file=a b/s%25.yaml,line=15,col=7,title=tag-moved::ImageStream shop/odd: spec: odd,",
                "::error file=a b/s%25.yaml,line=25,col=7,title=source-not-allowed::ImageStream <&shop>/bad\u{1b}[31m: \
                 spec.tags[0].from.name (tag `v1`): 100%25 <bad>%0A::error::x",
                "::error file=a b/s%25.yaml,line=25,col=7,title=image-trust::ImageStream <&shop>/bad\u{1b}[31m: and 3 more",
                "::warning file=a b/s%25.yaml,line=25,col=7,title=unknown-field::ImageStream <&shop>/bad\u{1b}[31m: spec.x: odd",
                "::error title=could not be judged::is not YAML",
            ]
        );
        assert_eq!(property("a,b:c%"), "a%2Cb%3Ac%25");
    }
}
