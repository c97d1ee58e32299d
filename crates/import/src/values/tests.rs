use std::io::BufReader;

use super::*;

/// The pieces of some bytes, read through a buffer of so many.
fn pieces(bytes: &[u8], by_line: bool, buffer: usize) -> Vec<(Piece, String)> {
    let mut values = Values::new(BufReader::with_capacity(buffer, bytes), by_line);
    let (mut pieces, mut into) = (Vec::new(), Vec::new());
    while let Some(piece) = values.next(&mut into).unwrap() {
        pieces.push((piece, String::from_utf8_lossy(&into).into_owned()));
    }
    pieces
}

#[test]
fn values_are_found_however_they_stand() {
    let record = |line| Piece::Record { line };
    for (text, by_line, expected) in [
        (r#"{"a":1}{"b":2}"#, false, vec![(record(1), r#"{"a":1}"#), (record(1), r#"{"b":2}"#)]),
        ("{\n \"a\": \"}\\\"{\"\n}\n{}", false, vec![(record(1), "{\n \"a\": \"}\\\"{\"\n}"), (record(4), "{}")]),
        ("[{\"a\":[1]},\n{\"b\":2}]", false, vec![(record(1), r#"{"a":[1]}"#), (record(2), r#"{"b":2}"#)]),
        ("[1, \"x,]\", null]", false, vec![(record(1), "1"), (record(1), "\"x,]\""), (record(1), "null")]),
        (
            r#"{"kind":"List","Records":[{"a":1},{"b":[2]}],"next":"x"} {"c":3}"#,
            false,
            vec![
                (record(1), r#"{"a":1}"#),
                (record(1), r#"{"b":[2]}"#),
                (Piece::Around { line: 1 }, r#"{"kind":"List","Records":[],"next":"x"}"#),
                (record(1), r#"{"c":3}"#),
            ],
        ),
        // Such a member deeper down, or of other things than records, is of the record.
        (r#"{"a":{"items":[{"b":1}]}}"#, false, vec![(record(1), r#"{"a":{"items":[{"b":1}]}}"#)]),
        (r#"{"items":["b"]}"#, false, vec![(record(1), r#"{"items":["b"]}"#)]),
        (r#"{"a":"items","b":[{"c":1}]}"#, false, vec![(record(1), r#"{"a":"items","b":[{"c":1}]}"#)]),
        ("[{\"a\":1},", false, vec![(record(1), r#"{"a":1}"#), (Piece::Cut { line: 1 }, "")]),
        ("{\"a\":\"x\n{\"b\":2}\n", true, vec![(record(1), "{\"a\":\"x"), (record(2), r#"{"b":2}"#)]),
        (
            "[{\"a\":1}\n{\"b\":2}",
            true,
            vec![(record(1), r#"{"a":1}"#), (Piece::Cut { line: 1 }, ""), (record(2), r#"{"b":2}"#)],
        ),
        ("nonsense, all of it\n{}", true, vec![(record(1), "nonsense, all of it"), (record(2), "{}")]),
    ] {
        for buffer in [1, 2, 3, 7, 1_000] {
            let found = pieces(text.as_bytes(), by_line, buffer);
            let found: Vec<_> = found.iter().map(|(piece, text)| (*piece, text.as_str())).collect();
            assert_eq!(found, expected, "{text} through {buffer}");
        }
    }
}

#[test]
fn every_byte_but_what_separates_belongs_to_a_piece() {
    let alphabet = [b"{", b"}", b"[", b"]", b"\"", b"\\", b",", b":", b"a", b"1", b"\n", b" "];
    let words: [&[u8]; 4] = [b"\"Records\":[{", b"{\"a\":1}", b"\"items\" : [ {", b"]}"];
    let mut state = 1_u64;
    let mut number = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % bound as u64) as usize
    };
    let told = |bytes: &[u8]| {
        let mut told: Vec<_> = bytes.iter().copied().filter(|byte| !b"[], \n\t\r".contains(byte)).collect();
        told.sort_unstable();
        told
    };
    for round in 0..20_000 {
        let mut bytes = Vec::new();
        for _ in 0..number(30) {
            match number(4) {
                0 => bytes.extend_from_slice(words[number(words.len())]),
                _ => bytes.extend_from_slice(alphabet[number(alphabet.len())]),
            }
        }
        let found: String = pieces(&bytes, round % 2 == 0, 5).into_iter().map(|(_, text)| text).collect();
        assert_eq!(told(found.as_bytes()), told(&bytes), "{}", String::from_utf8_lossy(&bytes));
    }
}
