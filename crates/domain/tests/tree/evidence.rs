//! T9: evidence, and whoever alters it.

use flightbox_domain::{
    evidence::{
        Anchor, Check, Compared, Contents, Evidence, EvidenceError, Head, Kind, Since, Stamped, Wrong, cut_line,
        event_line,
    },
    random::Random,
    record::LeafHash,
    tree::{Checkpoint, NodeHash, Origin, PublicKey, SecretKey, Series},
};
use flightbox_event::Json;

use super::grown::Grown;

const TAKEN: [u64; 7] = [3, 4, 5, 20, 21, 256, 290];
const ENTRY: u64 = 295;
const SIZE: u64 = 301;

fn key(seed: u8) -> SecretKey {
    let random = Random::new(move |bytes: &mut [u8]| bytes.fill(seed));
    SecretKey::generate(Origin::parse("log.example/audit").unwrap(), &random)
}

/// A log, and what was taken of it.
struct Log {
    grown: Grown,
    records: Vec<String>,
}

fn entry(events: i64, contents: String) -> String {
    let details = Json::object([
        ("query", "actor:alice".into()),
        ("sources", "*".into()),
        ("format", "evidence".into()),
        ("rows", Json::object([("value", events.into()), ("exact", true.into())])),
        ("contents", contents.into()),
    ]);
    let event = Json::object([
        ("actor", Json::object([("id", "ivy".into())])),
        ("action", "events.export".into()),
        ("outcome", "success".into()),
        ("reason", "INC-2291".into()),
        ("details", details),
    ]);
    let record = Json::object([
        ("event", event),
        ("received_at", "2026-11-22T12:00:00.000Z".into()),
        ("source", "flightbox".into()),
    ]);
    record.canonical()
}

impl Log {
    fn new() -> Self {
        let mut log = Self { grown: Grown::default(), records: Vec::new() };
        for seq in 0..SIZE {
            let mut record = format!(r#"{{"event":{{"action":"user.update","seq":{seq},"proof":"AA=="}}}}"#);
            if seq == ENTRY {
                let mut contents = Contents::new(100, [&*log.anchor().stamped.note].into_iter());
                TAKEN.iter().for_each(|seq| contents.push(*seq, log.leaf(*seq)));
                record = entry(contents.events().cast_signed(), contents.finish());
            }
            log.grown.push(LeafHash::of(record.as_bytes()));
            log.records.push(record);
        }
        log
    }

    fn leaf(&self, seq: u64) -> LeafHash {
        LeafHash::of(self.records[seq as usize].as_bytes())
    }

    fn checkpoint(&self, size: u64) -> Checkpoint {
        let signed_at = "2026-11-22T12:00:10Z".parse().unwrap();
        Checkpoint { origin: key(1).public().origin().clone(), size, root: self.grown.root(size), signed_at }
    }

    fn stamped(&self, size: u64, key: &SecretKey) -> Stamped {
        Stamped { note: self.checkpoint(size).sign(&[key]).unwrap(), key: key.public() }
    }

    /// What was known before the entry.
    fn anchor(&self) -> Anchor {
        Anchor { stamped: self.stamped(50, &key(2)), proof: Vec::new() }
    }

    fn head(&self) -> Head {
        let anchor = Anchor { proof: self.grown.consistency(50, SIZE), ..self.anchor() };
        let since = Since { size: 100, root: self.grown.root(100), proof: self.grown.consistency(100, SIZE) };
        Head { checkpoint: self.stamped(SIZE, &key(1)), anchors: vec![anchor], since: Some(since) }
    }

    /// The file, with these events in it.
    fn file(&self, head: &Head, taken: &[u64]) -> Vec<u8> {
        let mut file = head.to_line().into_bytes();
        let mut series = Series::new(SIZE, self.grown.root(SIZE));
        for seq in taken.iter().chain([&ENTRY]) {
            let proof = series.proof(*seq, |tile| self.grown.read(tile)).unwrap();
            series.accept(self.leaf(*seq), *seq, &proof).unwrap();
            let kind = if *seq == ENTRY { Kind::Export } else { Kind::Event };
            event_line(kind, self.records[*seq as usize].as_bytes(), &proof, *seq, &mut file);
        }
        file
    }
}

fn check(file: &[u8], pinned: &[PublicKey]) -> Result<Evidence, EvidenceError> {
    let mut check = Check::new(pinned.to_vec());
    check.push(file)?;
    check.finish()
}

#[test]
fn t9_a_whole_file_says_who_took_what_and_why() {
    let log = Log::new();
    let file = log.file(&log.head(), &TAKEN);
    let evidence = check(&file, &[key(1).public()]).unwrap();
    let told = (evidence.who.as_str(), evidence.why.as_str(), evidence.query.as_str(), evidence.events, evidence.seq);
    assert_eq!(told, ("ivy", "INC-2291", "actor:alice", 7, ENTRY));
    assert!(evidence.checkpoint.pinned && !evidence.anchors[0].pinned);
    assert_eq!(evidence.checkpoint.checkpoint, log.checkpoint(SIZE));
    assert!(!check(&file, &[]).unwrap().checkpoint.pinned);
    // In pieces of any size.
    for piece in [1, 7, 1_000] {
        let mut check = Check::new(Vec::new());
        file.chunks(piece).for_each(|piece| check.push(piece).unwrap());
        assert_eq!(check.events(), 7);
        assert_eq!(check.finish().unwrap().who, "ivy");
    }
}

#[test]
fn t9_a_saved_checkpoint_is_compared_where_the_file_leads_to_it() {
    let log = Log::new();
    let evidence = check(&log.file(&log.head(), &TAKEN), &[]).unwrap();
    for (size, expected) in [
        (0, Compared::Same),
        (50, Compared::Same),
        (100, Compared::Same),
        (SIZE, Compared::Same),
        (99, Compared::Unknown),
    ] {
        assert_eq!(evidence.against(&log.checkpoint(size)), expected, "{size}");
        if size > 0 && expected == Compared::Same {
            let other = Checkpoint { root: NodeHash::empty(), ..log.checkpoint(size) };
            assert_eq!(evidence.against(&other), Compared::Other, "{size}");
        }
    }
    let stranger = Checkpoint { origin: Origin::parse("other").unwrap(), ..log.checkpoint(100) };
    assert_eq!(evidence.against(&stranger), Compared::Other);
}

/// The line of each byte, from 1.
fn line_of(file: &[u8], at: usize) -> u64 {
    1 + file[..at].iter().filter(|byte| **byte == b'\n').count() as u64
}

#[test]
fn t9_any_byte_that_is_changed_removed_or_added_fails_at_its_line() {
    let log = Log::new();
    let file = log.file(&log.head(), &TAKEN);
    let head = file.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    // The signature is checked once, and what follows it is checked from there.
    let mut behind = Check::new(Vec::new());
    behind.push(&file[..head]).unwrap();
    let refused = |at: usize, with: &[u8], instead_of: usize| {
        let altered = [&file[..at], with, &file[at + instead_of..]].concat();
        let error = if at < head {
            check(&altered, &[]).expect_err("the head")
        } else {
            let mut check = behind.clone();
            check.push(&altered[head..]).and_then(|()| check.finish().map(drop)).expect_err("an event")
        };
        let (line, told) = (line_of(&file, at), error.line);
        // What is put behind the last byte begins another line; so does what stands behind a line whose end is gone.
        assert!(told == line || file.get(at) == Some(&b'\n') && told == line + 1, "byte {at}, line {line}: {error}");
        assert!(error.offset <= at as u64 + 1, "byte {at}: {error}");
    };
    for (at, byte) in file.iter().enumerate() {
        refused(at, &[byte ^ (1 << (at % 7))], 1);
        if at % 4 == 0 {
            refused(at, &[byte ^ 0x20], 1);
            refused(at, &[], 1);
            refused(at, b"\n", 0);
            refused(at, b"A", 0);
            refused(at, b"0", 0);
            refused(at, b" ", 0);
        }
    }
    for more in ["\n", " ", "{}", "{}\n"] {
        assert_eq!(check(&[&file, more.as_bytes()].concat(), &[]).unwrap_err().wrong, Wrong::After, "{more:?}");
    }
    for end in head..file.len() {
        let mut check = behind.clone();
        check.push(&file[head..end]).unwrap();
        assert_eq!(check.finish().unwrap_err().wrong, Wrong::Ended, "cut off at {end}");
    }
}

#[test]
fn t9_no_event_can_be_left_out_or_added_though_it_is_one_of_the_log() {
    let log = Log::new();
    let head = log.head();
    let other = Wrong::Export("another number of events was taken");
    let wrong = |taken: &[u64]| check(&log.file(&head, taken), &[]).unwrap_err().wrong;
    assert_eq!(wrong(&TAKEN[1..]), other);
    assert_eq!(wrong(&TAKEN[..6]), other);
    assert_eq!(wrong(&[3, 4, 5, 20, 21, 256, 257, 290]), other);
    assert_eq!(wrong(&[]), other);
    assert_eq!(wrong(&[3, 4, 5, 20, 22, 256, 290]), Wrong::Export("other events were taken, or others beside them"));
    // The head is what the entry tells of, too.
    let bare = Head { anchors: Vec::new(), ..head.clone() };
    assert!(matches!(check(&log.file(&bare, &TAKEN), &[]).unwrap_err().wrong, Wrong::Export(_)));
    let bare = Head { since: None, ..head.clone() };
    assert!(matches!(check(&log.file(&bare, &TAKEN), &[]).unwrap_err().wrong, Wrong::Export(_)));
    // Nor can lines change places, or stand there twice.
    let file = log.file(&head, &TAKEN);
    let mut lines: Vec<_> = file.split_inclusive(|byte| *byte == b'\n').collect();
    lines.swap(2, 3);
    assert!(matches!(check(&lines.concat(), &[]).unwrap_err().wrong, Wrong::Proof(_)));
    lines.swap(2, 3);
    lines.insert(3, lines[2]);
    assert_eq!(check(&lines.concat(), &[]).unwrap_err().line, 4);
}

#[test]
fn t9_another_key_another_log_and_another_event_at_the_end_are_refused() {
    let log = Log::new();
    let (head, file) = (log.head(), log.file(&log.head(), &TAKEN));
    let stranger = check(&file, &[key(3).public()]).unwrap_err();
    assert_eq!((stranger.line, stranger.wrong), (1, Wrong::Stranger(key(1).public().to_string())));
    // Signed by another, who says so: only a pinned key tells.
    let forged = Head { checkpoint: log.stamped(SIZE, &key(3)), ..head.clone() };
    assert!(check(&log.file(&forged, &TAKEN), &[]).is_ok());
    assert!(check(&log.file(&forged, &TAKEN), &[key(1).public()]).is_err());
    // Two signatures: the second is a text that nobody vouches for.
    let note = log.checkpoint(SIZE).sign(&[&key(1), &key(3)]).unwrap();
    let twice = Head { checkpoint: Stamped { note, key: key(1).public() }, ..head.clone() };
    assert!(matches!(check(&log.file(&twice, &TAKEN), &[]).unwrap_err().wrong, Wrong::Checkpoint(_)));
    // A file that ends with an event of the log that is no export's.
    let mut file = head.to_line().into_bytes();
    let proof = Series::new(SIZE, log.grown.root(SIZE)).proof(7, |tile| log.grown.read(tile)).unwrap();
    event_line(Kind::Export, log.records[7].as_bytes(), &proof, 7, &mut file);
    let wrong = check(&file, &[]).unwrap_err();
    assert_eq!((wrong.event, wrong.wrong), (Some(7), Wrong::Export("it is not that of evidence being taken")));
}

#[test]
fn t9_a_file_that_was_cut_off_says_so() {
    let log = Log::new();
    let file = log.file(&log.head(), &TAKEN);
    let lines: Vec<_> = file.split_inclusive(|byte| *byte == b'\n').collect();
    let cut = [&lines[..4].concat(), cut_line("the server could not read on").as_bytes()].concat();
    let error = check(&cut, &[]).unwrap_err();
    assert_eq!((error.line, error.wrong), (5, Wrong::Cut("the server could not read on".to_owned())));
    assert_eq!(check(b"", &[]).unwrap_err().wrong, Wrong::Ended);
    assert!(matches!(check(b"seq,time\r\n1,2\r\n", &[]).unwrap_err().wrong, Wrong::Head(0)));
    let mut endless = Check::new(Vec::new());
    let piece = vec![b'x'; 1 << 20];
    let refused = (0..100).find_map(|_| endless.push(&piece).err());
    assert_eq!(refused.unwrap().wrong, Wrong::Long);
}
