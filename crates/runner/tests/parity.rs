//! The module and the library give the same answers, to the byte.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod common;

use std::sync::Arc;

use common::MODULE;
use image_trust::answers::Natively;
use image_trust::request;
use time::UtcDateTime;

#[test]
fn requests_are_judged_alike() {
    let today = UtcDateTime::now();
    for (directory, pack) in common::packs() {
        for (case, request) in &pack.cases {
            let payload = request::payload(request.json(), &pack.settings);
            let now = case.now.unwrap_or(today);
            let guest = MODULE.link(Some(now)).unwrap();
            // A recording answers once.
            let [one, other] = [(); 2].map(|()| case.capabilities(&directory).unwrap());
            let found = guest.call_with("validate", payload.as_bytes(), &Arc::from(one)).unwrap();
            let cluster = Natively(other.as_ref());
            assert_eq!(
                text(found),
                text(openshift_image_trust::evaluate(payload.as_bytes(), now, &cluster).to_json()),
                "{}: {}",
                pack.name,
                case.name
            );
        }
    }
}

#[test]
fn settings_are_checked_alike() {
    let guest = MODULE.link(None).unwrap();
    let packs = common::packs();
    let broken = ["", "[]", "{", r#"{"referenses": {}}"#, r#"{"rules": {"no-such-rule": "deny"}}"#];
    let settings = packs.iter().map(|(_, pack)| pack.settings.json()).chain(broken);
    for settings in settings {
        assert_eq!(
            text(guest.call("validate_settings", settings.as_bytes()).unwrap()),
            text(openshift_image_trust::validate_settings(settings.as_bytes(), UtcDateTime::now()).to_json()),
            "{settings}"
        );
    }
}

#[test]
fn what_cannot_be_read_is_refused_alike() {
    let now = UtcDateTime::now();
    let guest = MODULE.link(Some(now)).unwrap();
    let payloads =
        ["", "null", "[]", "{}", "{\"request\":{}}", "{\"request\":{},\"settings\":[]}", "{\"request\":"];
    for payload in payloads {
        assert_eq!(
            text(guest.call("validate", payload.as_bytes()).unwrap()),
            text(
                openshift_image_trust::evaluate(payload.as_bytes(), now, &openshift_image_trust::NoCluster)
                    .to_json()
            ),
            "{payload}"
        );
    }
}

#[test]
fn the_module_speaks_kubewardens_protocol() {
    let guest = MODULE.link(None).unwrap();
    assert_eq!(text(guest.call("protocol_version", b"").unwrap()), "\"v1\"");
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}
