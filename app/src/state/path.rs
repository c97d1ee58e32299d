//! Where pages are, and what their URLs are made of.

use form_urlencoded::parse;

/// The path of an actor's page. Whatever an id holds, a slash included, is one piece of the path.
pub fn actor_path(id: &str) -> String {
    below("/actors/", id)
}

/// The path of a resource's page, whose id is one piece of it, too: `/users/77` is at `/resources/%2Fusers%2F77`.
pub fn resource_path(id: &str) -> String {
    below("/resources/", id)
}

/// The path of a person's page, whose name is one piece of it.
pub fn person_path(name: &str) -> String {
    below("/people/", name)
}

fn below(parent: &str, id: &str) -> String {
    let mut path = parent.to_owned();
    escape_into(&mut path, id, b"@:,!$'()*~");
    path
}

/// The sign-in page that leads back to `here` afterwards.
pub fn sign_in_path(here: &str) -> String {
    let mut path = "/sign-in".to_owned();
    if !matches!(here, "" | "/") {
        path.push_str("?next=");
        escape_into(&mut path, here, b"/:");
    }
    path
}

/// The value of one parameter of a URL's query string.
pub fn parameter(search: &str, name: &str) -> Option<String> {
    let mut pairs = parse(search.trim_start_matches('?').as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// Percent-encodes what a URL reserves, apart from `keep`, so that links stay readable.
pub(super) fn escape_into(out: &mut String, text: &str, keep: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => out.push(byte.into()),
            byte if keep.contains(&byte) => out.push(byte.into()),
            byte => {
                out.push('%');
                out.push(DIGITS[usize::from(byte >> 4)].into());
                out.push(DIGITS[usize::from(byte & 15)].into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_with_slashes_is_one_piece_of_a_path() {
        assert_eq!(actor_path("role/ci %2F"), "/actors/role%2Fci%20%252F");
        assert_eq!(resource_path("/users/77?a=b"), "/resources/%2Fusers%2F77%3Fa%3Db");
    }
}
