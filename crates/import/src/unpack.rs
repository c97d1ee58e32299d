//! What a file holds once it is unpacked: itself, or the files of an archive. Told by its first bytes, never by its name.

use std::{
    cell::Cell,
    io::{self, BufRead, BufReader, Cursor, Read},
};

/// Bytes that are looked at before anything is decided.
pub const HEAD: usize = 64 << 10;
/// So deep may packings stand in one another: an archive, packed, of packed files.
const NESTED: usize = 4;
/// The window of zstd is at most 2 to the power of this, in bytes: as of a batch.
const WINDOW: u32 = 24;
/// What an archive says of one file before it comes is at most so long, in bytes.
const HEADERS: u64 = 1 << 20;

/// A file, unpacked, and the start of it.
pub struct File<'a> {
    /// Its path in an archive; empty for the file itself.
    pub member: String,
    /// All of it.
    pub input: Box<dyn BufRead + 'a>,
    /// Its first bytes, which `input` still has.
    pub head: Vec<u8>,
}

/// How much of a file there is to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Portion {
    /// All of it.
    Whole,
    /// Its start, which ends anywhere: that is no error then, in whatever it is packed.
    Start,
}

/// Hands on each file in an input.
pub fn each<E: From<io::Error>>(
    input: impl Read,
    portion: Portion,
    on: &mut dyn FnMut(File<'_>) -> Result<(), E>,
) -> Result<(), E> {
    unpack(Box::new(input), String::new(), (NESTED, portion), on)
}

/// What is unpacked of a start ends where its packing breaks off.
struct Ends<R>(R, Portion);

impl<R: Read> Read for Ends<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer) {
            Err(error) if self.1 == Portion::Start && error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
            read => read,
        }
    }
}

/// What may be read of an archive before it has to be at the next of its files: the crate holds names of any length.
struct Rationed<'a, R>(R, &'a Cell<u64>);

impl<R: Read> Read for Rationed<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.1.get();
        if left == 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a name in it is longer than a name can be"));
        }
        let room = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let count = self.0.read(&mut buffer[..room])?;
        self.1.set(left - count as u64);
        Ok(count)
    }
}

fn unpack<'a, E: From<io::Error>>(
    mut input: Box<dyn Read + 'a>,
    member: String,
    (nested, portion): (usize, Portion),
    on: &mut dyn FnMut(File<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let inner = (nested.saturating_sub(1), portion);
    let mut head = Vec::new();
    input.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    let input = Cursor::new(head.clone()).chain(input);
    let is_tar = head.get(257..262) == Some(b"ustar");
    match head.as_slice() {
        [0x1f, 0x8b, ..] if nested > 0 => {
            let input = flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(HEAD, input));
            unpack(Box::new(Ends(input, portion)), member, inner, on)
        }
        [0x28, 0xb5, 0x2f, 0xfd, ..] if nested > 0 => {
            let mut input = zstd::Decoder::new(input)?;
            input.window_log_max(WINDOW)?;
            unpack(Box::new(Ends(input, portion)), member, inner, on)
        }
        _ if is_tar && nested > 0 => {
            let ration = Cell::new(HEADERS);
            let mut archive = tar::Archive::new(Rationed(input, &ration));
            for entry in archive.entries()? {
                let entry = match entry {
                    Err(_) if portion == Portion::Start => break,
                    entry => entry?,
                };
                // What is left of this one is passed over on the way to the next.
                let kind = entry.header().entry_type();
                let size = if kind.is_gnu_sparse() { entry.header().entry_size()? } else { entry.size() };
                ration.set(size.saturating_add(HEADERS));
                if kind.is_file() {
                    let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
                    let path = if member.is_empty() { path } else { format!("{member}/{path}") };
                    unpack(Box::new(Ends(entry, portion)), path, inner, on)?;
                }
            }
            Ok(())
        }
        _ => on(File { member, input: Box::new(BufReader::with_capacity(HEAD, input)), head }),
    }
}
