//! Whether a value that was refused may be shown to whoever sent it: not where rules, or the event itself, would have
//! hidden it. What was refused never became an event, so nothing is known of it for certain, and a doubt counts as a yes.

use flightbox_event::{Json, mask::bare};

use super::{Detector, Rules, What};

impl Rules {
    /// Whether what stands at a path of a submission may hold something that is to be masked or sealed.
    pub fn guard(&self, source: &str, submission: &Json, path: &str) -> bool {
        let mut names = Vec::new();
        let mut looks = Vec::new();
        for rule in self.iter().filter(|rule| rule.is_for(source)) {
            match &rule.what {
                What::Keys(keys) => names.extend(keys.iter().map(|name| name.bare.clone())),
                What::Path(path) => names.push(last(path)),
                What::Value(detector) => looks.push(*detector),
            }
        }
        if let Some(sensitive) = submission.get("sensitive") {
            each_text(sensitive, &mut |text| names.push(last(text)));
        }
        let on_the_way = suffixes(path).any(|rest| {
            let first = rest.split(['.', '[']).next().unwrap_or_default();
            names.contains(&bare(first)) || names.contains(&bare(rest))
        });
        on_the_way || resolve(submission, path).into_iter().any(|value| holds(value, &names, &looks))
    }
}

/// The name at the end of a path.
fn last(path: &str) -> String {
    bare(path.rsplit('.').next().unwrap_or_default())
}

/// The path from each of its parts on.
fn suffixes(path: &str) -> impl Iterator<Item = &str> {
    let starts = path.match_indices('.').map(|(at, _)| at + 1);
    std::iter::once(0).chain(starts).map(|at| &path[at..])
}

/// Every text in a value, names included.
fn each_text<'a>(value: &'a Json, tell: &mut impl FnMut(&'a str)) {
    match value {
        Json::String(text) => tell(text),
        Json::Array(items) => items.iter().for_each(|item| each_text(item, tell)),
        Json::Object(members) => members.iter().for_each(|(key, value)| {
            tell(key);
            each_text(value, tell);
        }),
        _ => {}
    }
}

/// What a path may mean. Names have dots in them, too, so it can be several things.
fn resolve<'a>(value: &'a Json, path: &str) -> Vec<&'a Json> {
    if path.is_empty() {
        return vec![value];
    }
    match value {
        Json::Object(members) => {
            let inside = |(key, member): &'a (String, Json)| {
                let rest = path.strip_prefix(key.as_str())?;
                (rest.is_empty() || rest.starts_with(['.', '['])).then(|| resolve(member, rest.trim_start_matches('.')))
            };
            members.iter().filter_map(inside).flatten().collect()
        }
        Json::Array(items) => {
            let parts = path.strip_prefix('[').and_then(|rest| rest.split_once(']'));
            let item = parts.and_then(|(index, rest)| Some((items.get(index.parse::<usize>().ok()?)?, rest)));
            item.map_or_else(Vec::new, |(item, rest)| resolve(item, rest.trim_start_matches('.')))
        }
        _ => Vec::new(),
    }
}

fn holds(value: &Json, names: &[String], looks: &[Detector]) -> bool {
    match value {
        Json::String(text) => looks.iter().any(|detector| detector.finds(text)),
        Json::Number(number) => looks.iter().any(|detector| detector.finds(number.as_str())),
        Json::Array(items) => items.iter().any(|item| holds(item, names, looks)),
        Json::Object(members) => {
            members.iter().any(|(key, value)| names.contains(&bare(key)) || holds(value, names, looks))
        }
        Json::Null | Json::Bool(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use flightbox_event::json;

    use super::*;

    #[test]
    fn what_may_be_sealed_is_guarded_wherever_it_was_put() {
        let rules =
            Rules::parse("seal key email\nmask path details.user.home\nseal value card\nseal key plate in web", 1)
                .unwrap();
        let submission = json::parse(
            br#"{"actor":{"id":"","email":"a"},"e-mail":"b","home":1,"note":"4111 1111 1111 1111","zz":[{"c":"x"}],
                "plate":"p","secretish":"x","shown":"y","a.b":"z","sensitive":["details.c","a.b",{"secretish":1}]}"#,
        )
        .unwrap();
        for path in
            ["", "actor", "actor.email", "e-mail", "home", "note", "zz", "zz[0].c", "secretish", "a.b", "sensitive"]
        {
            assert!(rules.guard("app", &submission, path), "{path}");
        }
        for path in ["actor.id", "shown", "plate", "nowhere"] {
            assert!(!rules.guard("app", &submission, path), "{path}");
        }
        assert!(rules.guard("web", &submission, "plate"));
    }
}
