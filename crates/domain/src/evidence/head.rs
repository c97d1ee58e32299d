//! The first line.

use flightbox_event::{Json, json};

use super::line::{proof_of, proof_text};
use crate::tree::{Checkpoint, CheckpointError, NodeHash, PublicKey};

const NAME: &str = "flightbox-evidence";
const VERSION: i64 = 1;

/// A signed checkpoint, and the key that signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamped {
    /// The note.
    pub note: String,
    /// The key, which whoever checks has to have from elsewhere to believe it.
    pub key: PublicKey,
}

/// A checkpoint that was signed before, and stands elsewhere, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The checkpoint.
    pub stamped: Stamped,
    /// That the file's tree grew from it.
    pub proof: Vec<NodeHash>,
}

/// Proof that the file's tree grew from a checkpoint that somebody has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since {
    /// That checkpoint's size.
    pub size: u64,
    /// The root that the log had then.
    pub root: NodeHash,
    /// That the file's tree grew from it.
    pub proof: Vec<NodeHash>,
}

/// What all proofs of a file lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The checkpoint that covers all events of the file.
    pub checkpoint: Stamped,
    /// Others, the oldest first.
    pub anchors: Vec<Anchor>,
    /// The growth that was asked for.
    pub since: Option<Since>,
}

impl Stamped {
    /// What the note says, where the key signed it and nobody else did.
    pub fn open(&self) -> Result<Checkpoint, CheckpointError> {
        let checkpoint = Checkpoint::open(self.note.as_bytes(), &self.key)?;
        // Four lines, a blank one, a signature: another one would be text that nobody vouches for.
        if self.note.lines().count() == 6 { Ok(checkpoint) } else { Err(CheckpointError::Note) }
    }
}

impl Head {
    /// The line, with its end.
    pub fn to_line(&self) -> String {
        let anchors = self.anchors.iter().map(|Anchor { stamped: Stamped { note, key }, proof }| {
            let proof = ("proof", proof_text(proof).into());
            Json::object([("key", key.to_string().into()), ("note", note.as_str().into()), proof])
        });
        let Stamped { note, key } = &self.checkpoint;
        let since = self.since.as_ref().map_or(Json::Null, |Since { size, root, proof }| {
            let size = ("size", size.cast_signed().into());
            Json::object([("proof", proof_text(proof).into()), ("root", root.to_base64().into()), size])
        });
        let head = Json::object([
            ("anchors", Json::Array(anchors.collect())),
            ("checkpoint", Json::object([("key", key.to_string().into()), ("note", note.as_str().into())])),
            ("format", NAME.into()),
            ("since", since),
            ("version", VERSION.into()),
        ]);
        head.canonical() + "\n"
    }

    /// Reads the line, without its end. What is not written as [`Head::to_line`] writes it is refused, from which byte on.
    pub(super) fn read(line: &[u8]) -> Result<Self, usize> {
        let head = json::parse(line).ok().and_then(|json| Self::of(&json)).ok_or(0usize)?;
        let written = head.to_line();
        let same = written.bytes().zip(line).take_while(|(ours, theirs)| ours == *theirs).count();
        if same == line.len() && same + 1 == written.len() { Ok(head) } else { Err(same) }
    }

    fn of(json: &Json) -> Option<Self> {
        let since = match json.get("since")? {
            Json::Null => None,
            since => Some(Since {
                size: number(since.get("size")?).filter(|size| *size > 0)?,
                root: NodeHash::from_base64(since.get("root")?.as_str()?)?,
                proof: proof_of(since.get("proof")?.as_str()?)?,
            }),
        };
        let anchor =
            |json: &Json| Some(Anchor { stamped: stamped(json)?, proof: proof_of(json.get("proof")?.as_str()?)? });
        let anchors = json.get("anchors")?.as_array()?.iter().map(anchor).collect::<Option<_>>()?;
        Some(Self { checkpoint: stamped(json.get("checkpoint")?)?, anchors, since })
    }
}

fn stamped(json: &Json) -> Option<Stamped> {
    let key = PublicKey::parse(json.get("key")?.as_str()?).ok()?;
    Some(Stamped { note: json.get("note")?.as_str()?.to_owned(), key })
}

fn number(json: &Json) -> Option<u64> {
    match json {
        Json::Number(number) => number.as_str().parse().ok(),
        _ => None,
    }
}
