//! Requests whose answers are known: the cases of the packs.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use image_trust::answers::Capabilities;
use image_trust::host::module::{Guest, Host};
use image_trust::pack::{self, Pack};
use image_trust::request;
use image_trust::response::Response;
use image_trust::suite::{self, Outcome};
use time::UtcDateTime;

use crate::answers::Answers;

/// A request, and the answer that it must get.
pub(crate) struct Case {
    name: String,
    payload: Vec<u8>,
    /// The module, at the instant of this case.
    guest: Arc<Guest>,
    answers: Arc<dyn Capabilities>,
    answer: Vec<u8>,
}

/// Reads every case of every pack, and has each judged once: its answer must be the expected one,
/// and is the one that it must get from then on.
pub(crate) fn of_packs(directory: &Path, host: &Host) -> Result<Vec<Case>> {
    let today = UtcDateTime::now();
    let mut guests: BTreeMap<UtcDateTime, Arc<Guest>> = BTreeMap::new();
    let mut cases = Vec::new();
    for directory in pack::discover(directory)? {
        let pack = Pack::open(&directory)?;
        for (case, request) in &pack.cases {
            let now = case.now.unwrap_or(today);
            let guest = match guests.get(&now) {
                Some(guest) => Arc::clone(guest),
                None => Arc::clone(guests.entry(now).or_insert(Arc::new(host.link(Some(now))?))),
            };
            let mut judged = Case {
                name: format!("{}: {}", pack.name, case.name),
                payload: request::payload(request.json(), &pack.settings).into_bytes(),
                guest,
                answers: Arc::new(Answers::of(case.capabilities(&directory)?)),
                answer: Vec::new(),
            };
            judged.answer = judged.first_answer(case).with_context(|| judged.name.clone())?;
            cases.push(judged);
        }
    }
    Ok(cases)
}

impl Case {
    fn first_answer(&self, case: &suite::Case) -> Result<Vec<u8>> {
        let answer = self.guest.call_with("validate", &self.payload, &self.answers)?;
        let found = Outcome::of(&Response::parse(&answer)?)
            .map_err(|line| anyhow::anyhow!("a line without path and code: {line}"))?;
        ensure!(found == case.expected(), "expected {:?}, found {found:?}", case.expected());
        Ok(answer)
    }

    /// Has it judged again, and tells how long that took.
    pub(crate) fn judge(&self) -> Result<Duration> {
        let start = Instant::now();
        let answer = self.guest.call_with("validate", &self.payload, &self.answers);
        let time = start.elapsed();
        let answer = answer.with_context(|| self.name.clone())?;
        ensure!(
            answer == self.answer,
            "{}: it was {}, it is {}",
            self.name,
            String::from_utf8_lossy(&self.answer),
            String::from_utf8_lossy(&answer)
        );
        Ok(time)
    }
}
