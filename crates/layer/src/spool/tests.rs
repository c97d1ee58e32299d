use super::*;

fn open(folder: &Path) -> Spool {
    Spool::open(folder, 1 << 30).unwrap()
}

/// All that waits, oldest first; it is gone then.
fn drain(spool: &mut Spool) -> String {
    let mut all = Vec::new();
    while let Some((number, lines, events)) = spool.oldest().unwrap() {
        assert_eq!(lines.iter().filter(|byte| **byte == b'\n').count(), events);
        all.extend(lines);
        spool.remove(number).unwrap();
    }
    String::from_utf8(all).unwrap()
}

#[test]
fn what_was_added_comes_out_in_order_also_by_another_process() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path());
    spool.append(b"1\n2\n", 2).unwrap();
    let (first, lines, _) = spool.oldest().unwrap().unwrap();
    assert_eq!(lines, b"1\n2\n");
    spool.append(b"3\n", 1).unwrap();
    assert_eq!(spool.oldest().unwrap().unwrap(), (first, b"1\n2\n".to_vec(), 2), "what is being sent does not grow");
    assert_eq!(spool.bytes(), 6);
    drop(spool);

    let mut spool = open(folder.path());
    spool.append(b"4\n", 1).unwrap();
    assert_eq!(drain(&mut spool), "1\n2\n3\n4\n");
    assert!(spool.is_empty());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "only the lock is left");
}

#[test]
fn a_torn_last_line_is_cut_off_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path());
    spool.append(b"{\"a\":1}\n{\"b\":2}\n", 2).unwrap();
    drop(spool);
    let segment = folder.path().join("000000000000.ndjson");
    let whole = fs::read(&segment).unwrap();
    for torn in 0..=whole.len() {
        fs::write(&segment, &whole[..torn]).unwrap();
        let expected = &whole[..whole[..torn].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1)];
        assert_eq!(drain(&mut open(folder.path())).as_bytes(), expected, "torn at {torn}");
    }
}

#[test]
fn a_file_is_no_more_than_a_batch() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path());
    let line = [&[b'x'; 999][..], b"\n"].concat();
    for _ in 0..2_000 {
        spool.append(&line, 1).unwrap();
    }
    let mut files = 0;
    while let Some((number, lines, events)) = spool.oldest().unwrap() {
        assert!(lines.len() as u64 <= FULL + 1_000 && events <= MANY, "{} bytes, {events} events", lines.len());
        spool.remove(number).unwrap();
        files += 1;
    }
    assert_eq!(files, 2);
}

#[test]
fn it_keeps_no_more_than_it_may() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::open(folder.path(), 4).unwrap();
    spool.append(b"1\n2\n", 2).unwrap();
    assert!(matches!(spool.append(b"3\n", 1), Err(NotKept::Full(4))));
    assert_eq!(drain(&mut spool), "1\n2\n");
    spool.append(b"3\n", 1).unwrap();
}

#[test]
fn one_process_owns_it() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path());
    let refused = Spool::open(folder.path(), 1).err().unwrap();
    assert_eq!(refused.to_string(), "another process owns it");
    drop(first);
    open(folder.path());
}

#[cfg(unix)]
#[test]
fn nobody_else_reads_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("spool");
    let mut spool = open(&folder);
    spool.append(b"1\n", 1).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&folder.join("000000000000.ndjson"))), (0o700, 0o600));
}
