//! Importing is total: whatever the bytes, each record is an event or an error, and nothing is passed over in silence.

use std::{fs, path::PathBuf};

use flightbox_event::json;
use flightbox_import::{Clock, FORMATS, ImportError, Item, Options, Report, import};

/// Mutations of each file, and of each with each format.
const MUTATIONS: u64 = 60;
const WITH_EACH_FORMAT: u64 = 2;

/// Numbers that follow from a seed (xorshift), so that a failure can be had again.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}

fn files() -> Vec<PathBuf> {
    fn add(folder: PathBuf, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => add(path, files),
                false => files.push(path),
            }
        }
    }
    let mut files = Vec::new();
    add(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data"), &mut files);
    files.retain(|path| !path.ends_with("LICENSE"));
    files.sort();
    files
}

/// The start of a file with some bits turned, a piece cut out, a piece doubled, a piece of another put in, or its end
/// gone.
fn mutated(bytes: &[u8], other: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = bytes[..bytes.len().min(12_000)].to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(bytes.len());
        let length = numbers.below(200).min(bytes.len() - at);
        match numbers.below(6) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << numbers.below(8),
            1 => drop(bytes.drain(at..at + length)),
            2 => bytes.truncate(at),
            3 => {
                let from = numbers.below(other.len());
                let piece = other[from..].iter().take(length).copied();
                bytes.splice(at..at, piece);
            }
            4 => {
                let piece = bytes[at..at + length].to_vec();
                bytes.splice(at..at, piece);
            }
            _ if !bytes.is_empty() => bytes[at] = [b'"', b'{', b'}', b'[', b']', b'\n', 0, 0xff][numbers.below(8)],
            _ => {}
        }
    }
    bytes
}

/// Imports bytes; panics where records are not accounted for.
fn account(bytes: &[u8], format: Option<&'static flightbox_import::Mapping>) {
    let clock = Clock { zone: "UTC".parse().unwrap(), as_of: "2026-01-01T00:00:00Z".parse().unwrap() };
    let mut report = Report::default();
    let (mut events, mut refused, mut last) = (0, 0, 0);
    let done = import(bytes, &Options { format, clock }, &mut report, &mut |item| {
        match item {
            Item::Event { place, line } => {
                events += 1;
                assert_eq!(place.record, last + 1, "records are numbered without a gap");
                last = place.record;
                assert!(!line.contains('\n'));
                // What the log itself refuses of it is an error of the record's, and no panic.
                match json::parse(line.as_bytes()) {
                    Ok(event) => drop(flightbox_event::parse_event(&event)),
                    Err(json::ParseError::Syntax { message, .. }) => panic!("{message}: {line}"),
                    Err(_) => {}
                }
            }
            Item::Refused { place, expected, .. } => {
                refused += 1;
                assert_eq!(place.record, last + 1);
                last = place.record;
                assert!(expected.starts_with("expected "), "{expected}");
            }
            Item::Begins { .. } | Item::Unread { .. } => {}
        }
        Ok::<_, ImportError>(())
    });
    assert_eq!((report.events, report.refusals()), (events, refused));
    if done.is_ok() && events + refused == 0 {
        let only_headings = report.unplaced.keys().all(|name| name == "headings" || name.starts_with("around"));
        let only_brackets = bytes.iter().all(|byte| byte.is_ascii_whitespace() || b"[],\xef\xbb\xbf".contains(byte));
        assert!(
            only_brackets || (only_headings && !report.unplaced.is_empty()) || is_packed(bytes),
            "passed over in silence"
        );
    }
}

fn is_packed(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
        || bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd])
        || bytes.get(257..262) == Some(b"ustar")
}

#[test]
fn whatever_the_bytes_each_record_is_an_event_or_an_error() {
    let files: Vec<_> = files().into_iter().map(|path| fs::read(path).unwrap()).collect();
    for (index, bytes) in files.iter().enumerate() {
        account(bytes, None);
        for round in 0..MUTATIONS {
            let mut numbers = Numbers(0x9e37_79b9 + index as u64 * 1_000 + round);
            let other = &files[numbers.below(files.len())];
            let bytes = mutated(bytes, other, &mut numbers);
            account(&bytes, None);
            if round < WITH_EACH_FORMAT {
                FORMATS.iter().for_each(|mapping| account(&bytes, Some(mapping)));
            }
        }
    }
}

#[test]
fn a_packed_file_that_is_cut_off_gives_what_it_has_and_says_so() {
    use std::io::Write as _;
    let line = "203.0.113.4 - - [26/Aug/2021:16:51:22 +0000] \"GET / HTTP/1.1\" 200 12\n";
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    (0..20_000).for_each(|number| write!(encoder, "{}", line.replace("203", &(number % 256).to_string())).unwrap());
    let whole = encoder.finish().unwrap();
    let clock = Clock { zone: "UTC".parse().unwrap(), as_of: "2026-01-01T00:00:00Z".parse().unwrap() };
    let mut report = Report::default();
    let half = &whole[..whole.len() / 2];
    let done = import(half, &Options { format: None, clock }, &mut report, &mut |_| Ok::<_, ImportError>(()));
    assert!(matches!(done, Err(ImportError::Io(_))), "{done:?}");
    assert!(report.events > 1_000, "{}", report.events);
}
