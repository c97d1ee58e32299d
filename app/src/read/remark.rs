//! What is remarkable about an event, in words.

use flightbox_domain::{
    flag::Flag,
    novelty::{Kind, host},
    query::{Key, Qualifier, Query},
};
use flightbox_store::Stored;

use crate::{
    parts::{remark::Remark, sentence::Piece},
    state::ViewState,
};

/// A remark for each flag of an event; their links keep window and zone of the view.
pub fn remarks(stored: &Stored, state: &ViewState) -> Vec<Remark> {
    let remark = |flag: Flag| {
        let others = Qualifier::equals(Key::Flag, flag.as_str()).ok()?;
        Some(Remark {
            skew: flag == Flag::ClockSkew,
            sentence: sentence(stored, flag),
            others: state.with_query(Query::Is(others).to_string()).events(),
        })
    };
    stored.flags.iter().filter_map(remark).collect()
}

/// All that is new about an event in one sentence: `alice had never done user.delete nor been seen in MX before.`
pub fn together(stored: &Stored) -> Vec<Piece> {
    let (event, origin) = (&stored.record.event, &stored.record.event.origin);
    let mut words = vec![Piece::Value(event.actor.name.as_deref().unwrap_or(&event.actor.id).to_owned())];
    let mut seen = "had not been seen ";
    if stored.flags.contains(Flag::FirstSeenAction) {
        words.extend([Piece::Plain("had never done".to_owned()), Piece::Value(event.action.clone())]);
        seen = "nor been seen ";
    }
    for (flag, how, what) in [
        (Flag::FirstSeenIp, "from", origin.ip.as_deref().map(host)),
        (Flag::FirstSeenCountry, "in", origin.country.clone()),
        (Flag::FirstSeenAgent, "with this user agent", None),
    ] {
        if stored.flags.contains(flag) {
            words.push(Piece::Plain(format!("{seen}{how}")));
            words.extend(what.map(Piece::Value));
            seen = "nor ";
        }
    }
    words.push(Piece::Plain("before.".to_owned()));
    words
}

/// `alice had not been seen from 10.0.0.1 before.`
fn sentence(stored: &Stored, flag: Flag) -> Vec<Piece> {
    let (event, origin) = (&stored.record.event, &stored.record.event.origin);
    let plain = |text: &str| Piece::Plain(text.to_owned());
    let value = |text: &str| Piece::Value(text.to_owned());
    let who = value(event.actor.name.as_deref().unwrap_or(&event.actor.id));
    let before = |verb: &str, what: &str| vec![who.clone(), plain(verb), value(what), plain("before.")];
    match flag {
        Flag::ClockSkew => vec![plain("Clock skew: the event claims a time that cannot be true.")],
        Flag::FirstSeenAction => before("had never done", &event.action),
        Flag::FirstSeenIp => before("had not been seen from", &origin.ip.as_deref().map(host).unwrap_or_default()),
        Flag::FirstSeenCountry => before("had not been seen in", origin.country.as_deref().unwrap_or_default()),
        Flag::FirstSeenAgent => vec![who.clone(), plain("had not been seen with this user agent before.")],
    }
}

/// `Another address of it is not flagged in billing-api: it has shown too many for one to say anything.`
pub fn unremarkable(source: &str, kind: Kind) -> Vec<Piece> {
    let (one, many) = match kind {
        Kind::Action => ("An action", "actions"),
        Kind::Address => ("An address", "addresses"),
        Kind::Country => ("A country", "countries"),
        Kind::Agent => ("A user agent", "user agents"),
    };
    vec![
        Piece::Plain(format!("{one} that is new is not flagged in")),
        Piece::Value(source.to_owned()),
        Piece::Plain(format!("any more: it has shown more than {} {many} there.", kind.most())),
    ]
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use flightbox_domain::{page::Position, record::Record};
    use flightbox_event::{json, parse_event};

    use super::*;
    use crate::parts::sentence::plain;

    fn stored(flags: &[Flag]) -> Stored {
        let event = r#"{"actor":{"id":"u1","name":"alice"},"action":"user.delete",
            "origin":{"ip":"2001:db8::7","country":"MX","user_agent":"curl"}}"#;
        let event = parse_event(&json::parse(event.as_bytes()).unwrap()).unwrap();
        let record = Record {
            received_at: DateTime::UNIX_EPOCH,
            source: "billing".to_owned(),
            rules: 1,
            event,
            seals: Vec::new(),
        };
        let flags = flags.iter().copied().collect();
        Stored { seq: 0, position: Position::FIRST, record, flags }
    }

    #[test]
    fn each_flag_is_a_sentence_and_a_way_to_others_like_it() {
        let remarks = remarks(&stored(Flag::ALL), &ViewState::default());
        let told: Vec<_> = remarks.iter().map(|remark| plain(&remark.sentence)).collect();
        assert_eq!(
            told,
            [
                "Clock skew: the event claims a time that cannot be true.",
                "alice had never done user.delete before.",
                "alice had not been seen from 2001:db8::/64 before.",
                "alice had not been seen in MX before.",
                "alice had not been seen with this user agent before.",
            ]
        );
        assert_eq!(remarks[2].others, "/events?q=flag:first-seen-ip");
    }

    #[test]
    fn all_that_is_new_is_one_sentence() {
        let say = |flags: &[Flag]| plain(&together(&stored(flags)));
        assert_eq!(
            say(Flag::ALL),
            "alice had never done user.delete nor been seen from 2001:db8::/64 nor in MX nor with this user agent before."
        );
        assert_eq!(
            say(&[Flag::FirstSeenIp, Flag::FirstSeenAgent]),
            "alice had not been seen from 2001:db8::/64 nor with this user agent before."
        );
        assert_eq!(say(&[Flag::FirstSeenAction]), "alice had never done user.delete before.");
    }
}
