//! The shop's pages. All that is put into them are names and words of its own, so nothing needs escaping.

use crate::people::{Role, User};

const STYLE: &str = "
  :root { color-scheme: light dark; --line: light-dark(#dcdcd6, #3a3d44); }
  html { background: light-dark(#f7f7f4, #16181d); color: light-dark(#1c1f24, #e8eaee); }
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem; }
  h1 { font-size: 1.3rem; }
  form { display: inline-flex; gap: .6rem; flex-wrap: wrap; align-items: end; margin: 0; }
  label { display: grid; gap: .2rem; font-size: .85rem; }
  input, select, button { font: inherit; height: 2.2rem; box-sizing: border-box; padding: 0 .7rem; color: inherit;
    border: 1px solid var(--line); border-radius: .4rem; background: light-dark(#fff, #22252b); }
  button { cursor: pointer; }
  table { border-collapse: collapse; width: 100%; margin: 1.5rem 0; }
  th { font-size: .85rem; font-weight: 500; }
  th, td { text-align: left; padding: .5rem .5rem .5rem 0; border-bottom: 1px solid var(--line); }
  p[role=alert] { color: light-dark(#a11, #f99); }
";

fn around(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style><main><h1>{title}</h1>{body}</main></html>"
    )
}

/// The form to log in, with what was wrong the time before.
pub fn log_in(wrong: Option<&str>) -> String {
    let wrong = wrong.map_or_else(String::new, |wrong| format!("<p role=\"alert\">{wrong}</p>"));
    let form = "<form method=\"post\" action=\"/login\">\
         <label>Name <input name=\"name\" autocomplete=\"username\" required></label>\
         <label>Password <input name=\"password\" type=\"password\" autocomplete=\"current-password\" required></label>\
         <button>Log in</button></form>";
    around("Shop: log in", &format!("{wrong}{form}"))
}

/// All users, each with what can be done to them.
pub fn users(me: &User, all: &[User]) -> String {
    let rows: String = all.iter().map(row).collect();
    let body = format!(
        "<p>You are {}, {}.</p><table><thead><tr><th>User</th><th>Role</th><th>Remove</th></tr></thead>\
         <tbody>{rows}</tbody></table><p><form method=\"post\" action=\"/logout\"><button>Log out</button></form></p>",
        me.name,
        me.role.as_str()
    );
    around("Shop: users", &body)
}

fn row(User { id, name, role }: &User) -> String {
    let options: String = [Role::Viewer, Role::Editor, Role::Admin]
        .map(|one| format!("<option{}>{}</option>", if one == *role { " selected" } else { "" }, one.as_str()))
        .concat();
    format!(
        "<tr><td>{name}</td><td><form method=\"post\" action=\"/users/{id}/role\">\
         <select name=\"role\" aria-label=\"Role of {name}\">{options}</select>\
         <button aria-label=\"Change the role of {name}\">Change</button></form></td>\
         <td><form method=\"post\" action=\"/users/{id}/remove\">\
         <button aria-label=\"Remove {name}\">Remove</button></form></td></tr>"
    )
}

/// What somebody sees who may not do that.
pub fn refused() -> String {
    around(
        "Shop: not allowed",
        "<p>Only admins may do that. It was recorded that you tried.</p><p><a href=\"/\">Back</a></p>",
    )
}
