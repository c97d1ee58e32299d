//! Importing: a large file of real CloudTrail records, and `jq` reading and writing the same.

use std::{
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use flightbox_event::{Json, json};

use crate::{
    Failure,
    server::{program, watched},
};

/// The records that are multiplied: real ones, under a free licence.
const RECORDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../import/tests/data/cloudtrail-stratus");
/// What is imported at most.
pub const MOST: u64 = 1_000_000;

/// What importing a file took.
pub struct Imported {
    /// Bytes of a record.
    pub size: f64,
    /// Events a second, until all are committed.
    pub rate: f64,
    /// The largest memory, in MB.
    pub memory: u64,
    /// Records a second that `jq` reads and writes, where there is one.
    pub jq: Option<f64>,
}

/// Imports so many records into a folder of its own.
pub fn measure(folder: &Path, events: u64) -> Result<Imported, Failure> {
    let file = folder.join("records.ndjson");
    let size = write(&file, events)?;
    let mut import = Command::new(program()?);
    import.args(["import", "--source", "cloudtrail"]).arg(&file).env("FLIGHTBOX_DATA", folder.join("data"));
    let (took, memory) = watched(&mut import)?;
    let start = Instant::now();
    let jq = Command::new("jq").args(["-c", "."]).arg(&file).stdout(Stdio::null()).status();
    // It is a yardstick only where it is installed.
    let jq = jq.is_ok_and(|status| status.success()).then(|| events as f64 / start.elapsed().as_secs_f64());
    fs::remove_file(file)?;
    Ok(Imported { size: size as f64 / events as f64, rate: events as f64 / took, memory, jq })
}

/// Writes records with ids of their own, one a line; how many bytes.
fn write(file: &Path, events: u64) -> Result<u64, Failure> {
    let mut records = Vec::new();
    for entry in fs::read_dir(RECORDS)? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "json") {
            let Ok(Json::Array(items)) = json::parse(&fs::read(&path)?) else { return Err("no array".into()) };
            // One of the files lists the others.
            records.extend(items.into_iter().filter(|record| record.get("eventName").is_some()));
        }
    }
    let mut out = BufWriter::new(File::create(file)?);
    let mut number = 0..events;
    for record in records.iter().cycle() {
        let Some(number) = number.next() else { break };
        let Json::Object(members) = record else { return Err("no record".into()) };
        let fresh = |(key, value): &(String, Json)| match key.as_str() {
            "eventID" => (key.clone(), Json::from(format!("00000000-0000-4000-8000-{number:012x}"))),
            _ => (key.clone(), value.clone()),
        };
        writeln!(out, "{}", Json::Object(members.iter().map(fresh).collect()))?;
    }
    Ok(out.into_inner()?.metadata()?.len())
}
