//! The start of a file tells what the file would be read as.

use std::io::Write as _;

use chrono::{TimeZone, Utc};
use flightbox_import::{Clock, ImportError, Options, Portion, Preview, Report, Zone, import, preview};

fn options() -> Options {
    let as_of = Utc.with_ymd_and_hms(2026, 11, 22, 12, 0, 0).unwrap();
    Options { format: None, clock: Clock { zone: Zone::Offset("+00:00".parse().unwrap()), as_of } }
}

fn look(bytes: &[u8], portion: Portion) -> Preview {
    preview(bytes, portion, &options(), 10).unwrap()
}

/// What the files are read as, and how many of their first records make an event, and how many none.
fn told(seen: &Preview) -> Vec<(String, String, usize, usize)> {
    let file = |file: &flightbox_import::Sample| {
        let format = file.format.as_ref().map_or_else(ToString::to_string, |mapping| mapping.name.to_owned());
        let events = file.records.iter().filter(|record| record.made.is_ok()).count();
        (file.member.clone(), format, events, file.records.len() - events)
    };
    seen.files.iter().map(file).collect()
}

fn one(format: &str, events: usize, refused: usize) -> Vec<(String, String, usize, usize)> {
    vec![(String::new(), format.to_owned(), events, refused)]
}

/// A record of CloudTrail's, each of another length.
fn record(id: usize) -> String {
    let noise: String = (0..id * 7 % 300).map(|at| char::from(b'a' + ((at * at + id) % 23) as u8)).collect();
    format!(
        r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","userName":"ann"}},"eventSource":"s3.amazonaws.com","awsRegion":"eu-1","eventID":"t-{id}","eventTime":"2026-07-10T11:42:18Z","eventName":"GetObject","noise":"{noise}"}}"#
    )
}

fn lines(count: usize) -> String {
    (0..count).map(|id| record(id) + "\n").collect()
}

fn delivery(count: usize) -> String {
    format!(r#"{{"Records":[{}]}}"#, (0..count).map(record).collect::<Vec<_>>().join(","))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

#[test]
fn a_whole_file_shows_all_it_has_up_to_so_many_records() {
    assert_eq!(told(&look(lines(3).as_bytes(), Portion::Whole)), one("cloudtrail", 3, 0));
    assert_eq!(told(&look(lines(10).as_bytes(), Portion::Whole)), one("cloudtrail", 10, 0));
    assert_eq!(told(&look(delivery(40).as_bytes(), Portion::Whole)), one("cloudtrail", 10, 0));
    let broken = lines(2) + "{\"eventVersion\": \"1.08\", \"eventName\n";
    assert_eq!(told(&look(broken.as_bytes(), Portion::Whole)), one("cloudtrail", 2, 1));
}

#[test]
fn wherever_a_start_ends_no_record_is_wrong_and_none_is_cut() {
    let tar = {
        let mut archive = tar::Builder::new(Vec::new());
        for (name, text) in [("a/one.json", delivery(4)), ("b/two.json.gz", delivery(30))] {
            let bytes = if name.ends_with("gz") { gzip(text.as_bytes()) } else { text.into_bytes() };
            let mut header = tar::Header::new_ustar();
            header.set_size(bytes.len() as u64);
            archive.append_data(&mut header, name, &*bytes).unwrap();
        }
        archive.into_inner().unwrap()
    };
    // It unpacks by blocks of 128 KiB.
    let zstd = zstd::encode_all(lines(2_000).as_bytes(), 3).unwrap();
    let packed = [lines(30).into_bytes(), delivery(30).into_bytes(), gzip(delivery(30).as_bytes()), zstd, tar];
    for (what, bytes) in packed.iter().enumerate() {
        let mut most = 0;
        for end in (0..bytes.len()).step_by(bytes.len() / 150) {
            let Ok(seen) = preview(&bytes[..end], Portion::Start, &options(), 10) else { continue };
            let (mut events, mut refused) = (0, 0);
            for (_, _, good, bad) in told(&seen) {
                (events, refused) = (events + good, refused + bad);
            }
            assert_eq!(refused, 0, "of {what} up to {end}: {:?}", seen.files);
            most = most.max(events);
        }
        assert_eq!(most, 10, "of {what}");
    }
}

#[test]
fn a_whole_file_that_breaks_off_says_so() {
    let packed = gzip(lines(200).as_bytes());
    let half = &packed[..packed.len() / 2];
    assert!(preview(half, Portion::Whole, &options(), 500).is_err_and(|error| matches!(error, ImportError::Io(_))));
    assert_eq!(told(&look(half, Portion::Start)), one("cloudtrail", 10, 0));
}

#[test]
fn what_is_of_no_format_for_certain_is_not_shown() {
    let refused = preview(b"{\"a\":1}\n{\"a\":2}\n", Portion::Start, &options(), 10);
    assert!(matches!(refused, Err(ImportError::Unsure(_))), "{refused:?}");
}

fn archive(files: usize, name: impl Fn(usize) -> String, text: &str) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for at in 0..files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        archive.append_data(&mut header, name(at), text.as_bytes()).unwrap();
    }
    archive.into_inner().unwrap()
}

#[test]
fn of_an_archive_no_more_files_are_looked_at_or_named_than_can_be_read() {
    let tar = archive(300, |at| format!("{at}.txt"), "roses are red\n");
    assert_eq!(look(&tar, Portion::Whole).files.len(), 50);
    let mut report = Report::default();
    import(&*tar, &options(), &mut report, &mut |_| Ok::<_, ImportError>(())).unwrap();
    assert_eq!((report.unread.len(), report.more_unread), (100, 200));
}

#[test]
fn an_archive_whose_names_are_too_long_is_not_held() {
    let read = |tar: &[u8]| import(tar, &options(), &mut Report::default(), &mut |_| Ok::<_, ImportError>(()));
    let long = |length: usize| archive(2, |_| "n".repeat(length), &lines(3));
    // What stands before a file counts, however long the one before it is.
    assert!(read(&archive(3, |at| at.to_string(), &lines(20_000))).is_ok());
    assert!(read(&long(1_000)).is_ok());
    assert!(read(&long(2 << 20)).is_err_and(|error| error.to_string().contains("longer than a name can be")));
}

#[test]
fn a_window_that_takes_much_memory_is_refused() {
    let mut packed = zstd::Encoder::new(Vec::new(), 3).unwrap();
    packed.window_log(26).unwrap();
    packed.write_all(lines(20_000).as_bytes()).unwrap();
    let read = import(&*packed.finish().unwrap(), &options(), &mut Report::default(), &mut |_| Ok(()));
    assert!(read.is_err_and(|error: ImportError| matches!(error, ImportError::Io(_))));
}
