//! The file of anchors: one signed note behind the other, a blank line behind each. Nothing in it is ever rewritten, so it
//! can lie on a disk, or bear an attribute, that only lets it grow.

use std::{
    fs::{self, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use crate::file::sync_folder;

/// What stands in a file of anchors; nothing of it is believed yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// The signed notes, the oldest first.
    pub notes: Vec<String>,
    /// How many pieces between them are none: what was being written when the power failed.
    pub torn: usize,
}

impl Notes {
    /// Reads a file; there is nothing in one that is not there.
    pub fn read(path: &Path) -> io::Result<Self> {
        match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            read => Ok(Self::parse(&String::from_utf8_lossy(&read?))),
        }
    }

    /// A note is two paragraphs: its text, and the signatures, whose lines begin with a dash and a space. No name of a log
    /// has a space in it.
    fn parse(text: &str) -> Self {
        let (mut found, mut said) = (Self::default(), None);
        for paragraph in
            text.split("\n\n").map(|paragraph| paragraph.trim_matches('\n')).filter(|text| !text.is_empty())
        {
            match (paragraph.starts_with("— "), said.take()) {
                (true, Some(said)) => found.notes.push(format!("{said}\n\n{paragraph}\n")),
                (true, None) => found.torn += 1,
                (false, before) => {
                    found.torn += usize::from(before.is_some());
                    said = Some(paragraph);
                }
            }
        }
        found.torn += usize::from(said.is_some());
        found
    }
}

/// Adds a note, which is on disk when this returns. What was torn before stays what it is.
pub fn append(path: &Path, note: &str) -> io::Result<()> {
    let is_new = !path.exists();
    let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o644).open(path)?;
    let mut end = [0; 2];
    let ends = match file.metadata()?.len() {
        0 => true,
        1 => false,
        _ => {
            file.seek(SeekFrom::End(-2))?;
            file.read_exact(&mut end)?;
            end == *b"\n\n"
        }
    };
    let before = if ends { "" } else { "\n\n" };
    file.write_all(format!("{before}{note}\n").as_bytes())?;
    file.sync_all()?;
    if is_new { sync_folder(path) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(n: usize) -> String {
        format!("log\n{n}\nroot\nsigned then\n\n— log c2ln\n")
    }

    #[test]
    fn notes_come_back_in_order_and_what_was_cut_off_anywhere_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("anchors");
        assert_eq!(Notes::read(&path).unwrap(), Notes::default());
        append(&path, &note(1)).unwrap();
        append(&path, &note(2)).unwrap();
        assert_eq!(Notes::read(&path).unwrap(), Notes { notes: vec![note(1), note(2)], torn: 0 });
        let whole = fs::read(&path).unwrap();
        let second = whole.len() / 2;
        for cut in second + 1..whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            append(&path, &note(3)).unwrap();
            let Notes { notes, torn } = Notes::read(&path).unwrap();
            assert_eq!((notes.first(), notes.last()), (Some(&note(1)), Some(&note(3))), "cut at {cut}");
            // What is left of it may look like a note, and is then not signed, or like two pieces.
            assert!((3..=4).contains(&(notes.len() + torn)), "cut at {cut}: {notes:?}");
        }
    }
}
