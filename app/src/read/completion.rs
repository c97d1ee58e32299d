//! What could come next in a query that is being written: keys, and values that the person may know of.

use chrono_tz::Tz;
use flightbox_domain::{
    filter::{Filter, Prefix},
    query::{Key, KeySpec, Part, Query, Writing},
    scope::Scope,
};
use flightbox_event::Actor;
use flightbox_store::{Count, Known};

use super::search::grouped;
use crate::{
    context,
    error::AppError,
    parts::{
        completion::{Choice, Offer},
        text::revealed,
        time_picker::PRESETS,
    },
};

/// How many choices are offered at once.
const CHOICES: usize = 10;

/// What the part of the query around the caret, which stands between the two texts, could become.
pub async fn offer(before: &str, after: &str) -> Result<Offer, AppError> {
    let person = context::signed_in()?;
    let text = format!("{before}{after}");
    let Some(writing) = Writing::at(&text, before.chars().count()) else { return Ok(Offer::default()) };
    let choices = match &writing.part {
        Part::Key(typed) => Key::starting(typed).take(CHOICES).map(key).collect(),
        Part::Path(typed) => paths(typed, &person.scope(asks_for_access(&writing.rest)?)).await?,
        Part::Value(key, typed) => {
            let access = *key == Key::Source || asks_for_access(&writing.rest)?;
            values(key, typed, &person.scope(access)).await?
        }
    };
    let written: String = text.chars().skip(writing.span.start).take(writing.span.len()).collect();
    // What is there already is no choice.
    if matches!(choices.as_slice(), [only] if only.text == written) {
        return Ok(Offer::default());
    }
    let units = |place: usize| text.chars().take(place).map(char::len_utf16).sum();
    Ok(Offer {
        from: units(writing.span.start),
        to: units(writing.span.end),
        unasked: writing.part == Part::Key(String::new()),
        choices,
    })
}

/// Flightbox's own record is left out of completions as it is of views: unless the query asks for it.
fn asks_for_access(rest: &str) -> Result<bool, AppError> {
    let (store, now) = (context::store()?, context::now()?);
    Ok(Query::parse(rest).is_ok_and(|rest| Filter::new(&rest, store.keys(), now, Tz::UTC).asks_for_access()))
}

fn key(spec: &KeySpec) -> Choice {
    let text = format!("{}:", spec.name);
    Choice { label: text.clone(), text, about: spec.help.to_owned(), count: String::new() }
}

/// Paths into the details that events have.
async fn paths(typed: &str, scope: &Scope) -> Result<Vec<Choice>, AppError> {
    let known = context::store()?.paths(scope, typed, CHOICES).await.map_err(context::unanswered)?;
    Ok(known.into_iter().map(path).collect())
}

fn path(Known { value, events, .. }: Known) -> Choice {
    let text = format!("@{value}:");
    Choice { label: revealed(&text), text, about: String::new(), count: counted(events) }
}

async fn values(key: &Key, typed: &str, scope: &Scope) -> Result<Vec<Choice>, AppError> {
    let usual = key.usual_values();
    if !usual.is_empty() {
        let starts = |value: &str| value.get(..typed.len()).is_some_and(|start| start.eq_ignore_ascii_case(typed));
        return Ok(usual.iter().filter(|value| starts(value)).take(CHOICES).map(|value| word(value)).collect());
    }
    let store = context::store()?;
    let known = match (key, Prefix::of(key, typed)) {
        // What cannot be searched for is not offered either.
        (Key::Detail(path), _) if store.rules().hides(path.as_str()) => return Ok(Vec::new()),
        (Key::Detail(path), _) => store.detail_values(scope, path, typed, CHOICES).await,
        (_, Some(prefix)) => store.values(scope, &prefix, CHOICES).await,
        (_, None) => return Ok(Vec::new()),
    };
    let known = known.map_err(context::unanswered)?;
    Ok(known.into_iter().filter_map(|known| value(key, known)).collect())
}

fn word(word: &str) -> Choice {
    let about = PRESETS.iter().find(|preset| preset.from == word).map_or("", |preset| preset.label);
    Choice { text: word.to_owned(), label: word.to_owned(), about: about.to_owned(), count: String::new() }
}

fn value(key: &Key, Known { value, actor, events }: Known) -> Option<Choice> {
    let other = |actor: Actor| if actor.id == value { actor.name } else { Some(actor.id) };
    let about = actor.and_then(other).filter(|other| *other != value).unwrap_or_default();
    Some(Choice {
        text: key.written(&value)?,
        label: revealed(&value),
        about: revealed(&about),
        count: counted(events),
    })
}

/// `4,810`, and `10,000+` where there are more.
fn counted(count: Count) -> String {
    format!("{}{}", grouped(count.value), if count.exact { "" } else { "+" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_written_as_a_query_reads_it_and_shown_without_anything_hidden() {
        let actor = |id: &str, name: &str| Actor { id: id.to_owned(), name: Some(name.to_owned()), ..Actor::default() };
        let known =
            |value: &str, actor| Known { value: value.to_owned(), actor, events: Count { value: 1_200, exact: true } };
        let choice = value(&Key::Actor, known("Alice B", Some(actor("u_1", "Alice B")))).unwrap();
        assert_eq!(
            (choice.text.as_str(), choice.about.as_str(), choice.count.as_str()),
            ("\"Alice B\"", "u_1", "1,200")
        );
        let choice = value(&Key::Actor, known("u_1", Some(actor("u_1", "al\u{202E}ice")))).unwrap();
        assert_eq!((choice.label.as_str(), choice.about.as_str()), ("u_1", "al[RLO]ice"));
        assert_eq!(counted(Count { value: 10_000, exact: false }), "10,000+");
    }
}
