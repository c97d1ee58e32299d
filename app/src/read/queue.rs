//! What is known of the queue, in words.

use chrono::{DateTime, Utc};

use super::zone;
use crate::{
    context::{self, Person},
    parts::{number::grouped, queue::QueueShown},
    queue::Standing,
};

/// How it stands, where there is one, for whoever may see the record of access: to others it says more of the machines
/// than they need.
pub fn shown(person: &Person, now: DateTime<Utc>) -> Option<QueueShown> {
    if !person.roles.may_see_access() {
        return None;
    }
    let Standing { stream, connected, trouble, risks, waiting, last, .. } = context::queue()?;
    let well = connected && trouble.is_none();
    let sentence = match (trouble, connected) {
        (Some(why), _) => format!("No events of the stream {stream} are stored at present: {why}."),
        (None, true) => format!("Events of the stream {stream} are taken."),
        (None, false) => format!("The stream {stream} has not been reached yet."),
    };
    let messages =
        if waiting == 1 { "1 message waits".to_owned() } else { format!("{} messages wait", grouped(waiting)) };
    let came = last
        .map_or("none has come since the start".to_owned(), |last| format!("the last came {}", zone::ago(now - last)));
    let risks = risks.iter().map(ToString::to_string).collect();
    Some(QueueShown { sentence, well, waiting: format!("{messages}; {came}."), risks })
}
