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
