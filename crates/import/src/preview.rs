//! What a file would be read as, told by its start.

use crate::{
    mapping::Mapping,
    read::{ImportError, Item, Options, read},
    report::{Kind, Report},
    unpack::Portion,
};

/// Files of an archive that are looked at.
const MOST_FILES: usize = 50;

/// The first records of a file.
#[derive(Debug, Default)]
pub struct Preview {
    /// The file, or those of an archive that the records are from.
    pub files: Vec<Sample>,
    /// What is told of the records, and perhaps of some behind them.
    pub report: Report,
}

/// What there is to see of a file, or of one of an archive.
#[derive(Debug)]
pub struct Sample {
    /// The file in an archive; empty where there is none.
    pub member: String,
    /// What it is read as, or why it is not.
    pub format: Result<&'static Mapping, ImportError>,
    /// Its first records.
    pub records: Vec<Sampled>,
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sampled {
    /// Which record of the file, from 1.
    pub record: u64,
    /// The line on which it begins, from 1.
    pub line: u64,
    /// Its event in the native shape, or of what kind it is that it makes none, and what was expected.
    pub made: Result<String, (Kind, String)>,
}

/// Enough was read, or nothing can be.
enum Stop {
    Enough,
    File(ImportError),
}

impl From<ImportError> for Stop {
    fn from(error: ImportError) -> Self {
        Stop::File(error)
    }
}

/// The first records of a file, at most so many, or of the first 50 files of an archive, as [`crate::import`] would hand
/// them on. Of a start the last record is left out, for it may be cut.
///
/// # Errors
/// Where nothing of the file would be read.
pub fn preview(start: &[u8], portion: Portion, options: &Options, most: usize) -> Result<Preview, ImportError> {
    let mut seen = Preview::default();
    let (mut report, mut count) = (Report::default(), 0_usize);
    let done = read(start, portion, options, &mut report, &mut |item| {
        if matches!(item, Item::Begins { .. } | Item::Unread { .. }) && seen.files.len() == MOST_FILES {
            return Err(Stop::Enough);
        }
        let (place, made) = match item {
            Item::Begins { member, mapping } => {
                seen.begin(member, Ok(mapping));
                return Ok(());
            }
            Item::Unread { member, why } => {
                seen.begin(member, Err(why));
                return Ok(());
            }
            // Where a start ends. The record before it is the one that may be cut.
            Item::Refused { kind: Kind::Cut, .. } if portion == Portion::Start => return Ok(()),
            Item::Event { place, line } => (place, Ok(line.to_owned())),
            Item::Refused { place, kind, expected, .. } => (place, Err((kind, expected))),
        };
        if count == most {
            return Err(Stop::Enough);
        }
        count += 1;
        seen.add(Sampled { record: place.record, line: place.line, made });
        Ok(())
    });
    match (done, portion) {
        (Err(Stop::Enough), _) | (Ok(()), Portion::Whole) => {}
        (Err(Stop::File(error)), _) if seen.files.is_empty() => return Err(error),
        (Err(Stop::File(error)), Portion::Whole) => seen.begin("", Err(error)),
        (_, Portion::Start) => seen.cut(),
    }
    seen.report = report;
    Ok(seen)
}

impl Preview {
    fn begin(&mut self, member: &str, format: Result<&'static Mapping, ImportError>) {
        self.files.push(Sample { member: member.to_owned(), format, records: Vec::new() });
    }

    /// Leaves out the last record, which may have been cut.
    fn cut(&mut self) {
        if let Some(last) = self.files.last_mut() {
            last.records.pop();
        }
    }

    fn add(&mut self, record: Sampled) {
        if let Some(file) = self.files.last_mut() {
            file.records.push(record);
        }
    }
}
