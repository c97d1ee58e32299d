//! What was refused: kept, sealed, until it is mended and replayed through the same door that it was refused at, or
//! discarded.

use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    net::IpAddr,
    ops::Range,
};

use axum::body::Bytes;
use flightbox_domain::name::SourceName;
use flightbox_event::json::{self, ParseError};
use flightbox_store::{About, Appended, Quarantined, Refusal, StoreError};

use crate::{
    App,
    fault::Fault,
    ingest::{self, Batch, Complaint, Form, IngestError, MOST_EVENTS, Reader, Refused},
};

/// Complaints that are kept with what they are about: of thousands, the first tell what is wrong, and all of them would
/// take more room than the batch. Each look finds the others anew.
const TOLD: usize = 1_000;

/// What is refused of a batch.
pub struct Rejected<'a> {
    /// How it is written.
    pub form: Form,
    /// Where it came from; from nowhere where it was imported.
    pub address: Option<IpAddr>,
    /// What is wrong, by the place of each record in the body.
    pub complaints: &'a [Complaint],
    /// The bytes.
    pub body: &'a [u8],
}

/// Something that was refused, record by record.
pub struct Kept {
    /// What a list tells of it.
    pub about: About,
    /// What was wrong when it was refused.
    pub complaints: Vec<Complaint>,
    /// Its records, as they came.
    pub records: Vec<Bytes>,
    /// Where it came from, and when.
    pub refusal: Refusal,
    /// Whether it could not be taken apart, so that it is one record.
    whole: bool,
}

/// The records of something that was refused, some of them written anew.
pub struct Mended {
    /// All of them.
    pub records: Vec<Bytes>,
    /// How many are not as they came.
    pub edited: usize,
}

/// What came of a replay.
pub struct Replayed {
    /// What is stored now.
    pub appended: Appended,
    /// How many records are left.
    pub left: usize,
}

impl Rejected<'_> {
    fn about(&self) -> About {
        About {
            lines: self.form == Form::Lines,
            address: self.address,
            bytes: self.body.len() as u64,
            records: records(self.form, self.body).map(|records| records.len() as u64),
            problems: self.complaints.len() as u64,
            first: self.complaints.first().map(|first| (first.path.clone(), first.message.clone())),
        }
    }

    /// A line of errors; the body stands behind it, as it came: what [`Kept::read`] takes apart again.
    fn errors(&self) -> Vec<u8> {
        let told = &self.complaints[..self.complaints.len().min(TOLD)];
        let mut errors = serde_json::to_vec(told).unwrap_or_default();
        errors.push(b'\n');
        errors
    }
}

/// Where the records of a body stand in it; `None` where it is no JSON, so that nobody can tell. More than a batch may have
/// are one.
pub fn records(form: Form, body: &[u8]) -> Option<Vec<Range<usize>>> {
    let not_blank = |range: &Range<usize>| !body[range.clone()].trim_ascii().is_empty();
    if form == Form::Lines {
        let mut end = 0;
        let lines = body.split(|byte| *byte == b'\n').map(|line| {
            let start = end;
            end += line.len() + 1;
            start..start + line.len()
        });
        return Some(lines.filter(not_blank).collect());
    }
    match json::parse(body) {
        Err(ParseError::Syntax { .. }) => None,
        _ => Some(json::elements(body, MOST_EVENTS).unwrap_or_else(|| std::iter::once(0..body.len()).collect())),
    }
}

/// A record in one line, each byte in its place; one that is empty is a record all the same.
pub(crate) fn one_line(record: &[u8]) -> Vec<u8> {
    if record.trim_ascii().is_empty() {
        return b"null".to_vec();
    }
    record.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }).collect()
}

/// The same complaint of a record that has several lines, if it is about its syntax: with the line.
fn in_lines(complaint: Complaint, records: &[Bytes]) -> Complaint {
    let record = records.get(complaint.index).filter(|record| record.contains(&b'\n'));
    match record.map(|record| json::parse(record)) {
        Some(Err(ParseError::Syntax { line, column, message })) => {
            Complaint { index: complaint.index, ..Complaint::syntax(line, column, &message) }
        }
        _ => complaint,
    }
}

impl Kept {
    fn read(Quarantined { refusal, clear }: Quarantined) -> Result<Self, StoreError> {
        let row = refusal.id.to_string();
        let corrupt = |why: &str| StoreError::Corrupt { table: "quarantine", row: row.clone(), why: why.to_owned() };
        let about = refusal.about.clone().ok_or_else(|| corrupt("does not open"))?;
        let form = if about.lines { Form::Lines } else { Form::Json };
        let clear = Bytes::from(clear.ok_or_else(|| corrupt("does not open"))?);
        let end = clear.iter().position(|byte| *byte == b'\n').ok_or_else(|| corrupt("holds no body"))?;
        let complaints = serde_json::from_slice(&clear[..end]).map_err(|_| corrupt("does not say what is wrong"))?;
        let body = clear.slice(end + 1..);
        let found = records(form, &body);
        let whole = found.is_none();
        let records = match found {
            Some(ranges) => ranges.into_iter().map(|range| body.slice(range)).collect(),
            None => vec![body],
        };
        Ok(Self { about, complaints, records, refusal, whole })
    }

    /// What tells these records from others that are left of the same batch later.
    pub fn version(&self) -> String {
        let mut hasher = DefaultHasher::new();
        self.records.hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }

    /// The text of a record, as a form shows it.
    pub fn text(&self, index: usize) -> Option<String> {
        self.records.get(index).map(|record| String::from_utf8_lossy(record).into_owned())
    }

    /// Its records, with some of them written anew, by their places. What a form sends back as it was is no edit.
    pub fn mend(&self, edits: &[(usize, String)]) -> Mended {
        let lines = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
        let mut mended = Mended { records: self.records.clone(), edited: 0 };
        for (index, text) in edits {
            let text = lines(text);
            if let Some(record) = mended.records.get_mut(*index)
                && text != lines(&String::from_utf8_lossy(record))
            {
                *record = text.into();
                mended.edited += 1;
            }
        }
        if self.whole
            && let Some(body) = mended.records.first().cloned()
            && let Some(ranges) = records(Form::Json, &body)
        {
            mended.records = ranges.into_iter().map(|range| body.slice(range)).collect();
        }
        mended
    }
}

impl App {
    /// Keeps what is refused, and why. What is of no source is kept under Flightbox's own.
    pub async fn quarantine(&self, source: &str, rejected: &Rejected<'_>) -> Result<(), StoreError> {
        let clear = [&rejected.errors()[..], rejected.body];
        self.store.quarantine(source, &rejected.about(), &clear, self.clock.now(), &self.random).await
    }

    /// Opens what was refused of a source; `None` if there is no such thing. Whoever calls this has checked that it may be
    /// seen, and records it before it is.
    pub async fn open_kept(&self, source: &SourceName, id: i64) -> Result<Option<Kept>, StoreError> {
        self.store.quarantined(source.as_str(), id, self.clock.now()).await?.map(Kept::read).transpose()
    }

    /// What is wrong with records now, by the rules and the log of this moment. Nothing is stored.
    pub async fn check(&self, source: &SourceName, records: &[Bytes]) -> Result<Vec<Complaint>, Fault> {
        let batch = match self.read_records(source, records).await? {
            Ok(batch) => batch,
            Err(complaint) => return Ok(vec![complaint]),
        };
        let mut complaints: Vec<_> = batch.complaints.into_iter().map(|it| in_lines(it, records)).collect();
        for (index, event, content) in &batch.events {
            let Some(id) = &event.id else { continue };
            if let Some(seq) = self.store.conflicting(source.as_str(), id, content).await? {
                complaints.push(Complaint::conflict(*index, id, seq));
            }
        }
        complaints.sort_by_key(|complaint| complaint.index);
        Ok(complaints)
    }

    /// Stores what is valid of the records of something that was refused, as if it came now; what is not is kept in its
    /// place. Whoever calls this holds [`App::mending`], so that nothing is stored twice for want of an id.
    ///
    /// # Errors
    /// [`IngestError::Invalid`] where nothing of it is valid: everything stays as it was.
    pub async fn replay(&self, source: &SourceName, kept: &Kept, records: &[Bytes]) -> Result<Replayed, IngestError> {
        let batch = match self.read_records(source, records).await.map_err(IngestError::broken)? {
            Ok(batch) => batch,
            Err(complaint) => return Err(IngestError::Invalid(vec![complaint])),
        };
        let ready = self.make_ready(source, batch.events).await?;
        let stored = self.append(ready, true).await?;
        let mut complaints = batch.complaints;
        complaints.extend(stored.conflicts);
        complaints.sort_by_key(|complaint| complaint.index);
        if stored.appended.receipts.is_empty() {
            return Err(IngestError::Invalid(complaints));
        }
        let left: BTreeSet<_> = complaints.iter().map(|complaint| complaint.index).collect();
        if left.is_empty() {
            self.store.discard(kept.refusal.id).await?;
        } else {
            let mut body = Vec::new();
            for record in left.iter().filter_map(|index| records.get(*index)) {
                body.extend(one_line(record));
                body.push(b'\n');
            }
            let complaints = ingest::renumbered(complaints, &left);
            let about = &kept.about;
            let rest = Rejected { form: Form::Lines, address: about.address, complaints: &complaints, body: &body };
            let clear = [&rest.errors()[..], &body];
            self.store.keep_rest(&kept.refusal, &rest.about(), &clear, &self.random).await?;
        }
        Ok(Replayed { appended: stored.appended, left: left.len() })
    }

    /// Reads records as producers' lines are read.
    async fn read_records(&self, source: &SourceName, records: &[Bytes]) -> Result<Result<Batch, Complaint>, Fault> {
        let lines: Vec<_> = records.iter().map(|record| one_line(record)).collect();
        let (store, own) = (self.store.clone(), source.clone());
        let read = move || {
            let reader = Reader { source: &own, keys: store.keys(), rules: &store.rules(), named: None };
            ingest::read(lines.join(&b'\n').into(), Form::Lines, true, reader)
        };
        let read = tokio::task::spawn_blocking(read).await.map_err(|error| Fault::Broken(error.to_string()))?;
        Ok(read.map_err(|refused| match refused {
            Refused::TooMany(events) => Complaint::too_many(events),
            Refused::Syntax { line, column, message } => Complaint::syntax(line, column, &message),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(form: Form, body: &str) -> Option<Vec<&str>> {
        Some(records(form, body.as_bytes())?.into_iter().map(|range| &body[range]).collect())
    }

    #[test]
    fn a_body_is_taken_apart_as_it_was_sent() {
        assert_eq!(texts(Form::Lines, "{}\n\n not json \r\n"), Some(vec!["{}", " not json \r"]));
        assert_eq!(texts(Form::Json, " [{\"a\": 1}, 2]"), Some(vec!["{\"a\": 1}", "2"]));
        assert_eq!(texts(Form::Json, "{\"a\": 1}"), Some(vec!["{\"a\": 1}"]));
        assert_eq!(texts(Form::Json, "[{\"a\": 1},"), None);
        assert_eq!(texts(Form::Json, "[{\"a\": 1, \"a\": 2}, 3]"), Some(vec!["{\"a\": 1, \"a\": 2}", "3"]));
    }
}
