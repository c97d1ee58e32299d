//! Which columns a table of events has.

use crate::state::Place;

/// A column that can be there or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in a URL, which is the query's key where there is one.
    pub name: &'static str,
    /// Its heading.
    pub label: &'static str,
    /// The class of its cells.
    pub class: &'static str,
    /// Whether it is one of those that are there unless somebody chose otherwise.
    pub usual: bool,
}

impl Column {
    /// Whether it leaves where the room is narrow.
    pub fn may_leave(&self) -> bool {
        matches!(self.name, "resource" | "ip" | "source") || !self.usual
    }
}

/// Every column but the time, which is always there, in the order in which they stand.
pub const COLUMNS: &[Column] = &[
    column("actor", "Actor", "c-actor", true),
    column("action", "Action", "c-action", true),
    column("resource", "Resource", "c-resource", true),
    column("outcome", "Outcome", "c-outcome", true),
    column("ip", "Address", "c-address", true),
    column("source", "Source", "c-source", true),
    column("reason", "Reason", "c-more", false),
    column("method", "Method", "c-more", false),
    column("status", "Status", "c-more", false),
    column("path", "Path", "c-more", false),
    column("session", "Session", "c-more", false),
    column("request", "Request", "c-more", false),
    column("agent", "User agent", "c-more", false),
    column("severity", "Severity", "c-more", false),
];

const fn column(name: &'static str, label: &'static str, class: &'static str, usual: bool) -> Column {
    Column { name, label, class, usual }
}

/// The columns that a view's state names; the usual ones of its place where it names none that there is.
pub fn chosen(place: Place, names: &str) -> Vec<&'static Column> {
    let named: Vec<_> = COLUMNS.iter().filter(|column| names.split(',').any(|name| name == column.name)).collect();
    if named.is_empty() { usual(place) } else { named }
}

/// What a state says to have these columns: nothing where they are the usual ones of its place.
pub fn named(place: Place, columns: &[&Column]) -> String {
    let names: Vec<_> = columns.iter().map(|column| column.name).collect();
    if columns == usual(place) { String::new() } else { names.join(",") }
}

fn usual(place: Place) -> Vec<&'static Column> {
    COLUMNS.iter().filter(|column| place.columns().contains(&column.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(columns: &[&Column]) -> Vec<&'static str> {
        columns.iter().map(|column| column.name).collect()
    }

    #[test]
    fn columns_stand_in_one_order_whatever_order_they_are_named_in() {
        assert_eq!(names(&chosen(Place::Events, "status,actor,nonsense")), ["actor", "status"]);
        assert_eq!(names(&chosen(Place::Events, "")), Place::Events.columns());
        assert_eq!(names(&chosen(Place::Access, "")), Place::Access.columns());
        assert_eq!(chosen(Place::Access, "nonsense"), chosen(Place::Access, ""));
    }

    #[test]
    fn the_usual_columns_need_no_word() {
        for place in [Place::Events, Place::Access] {
            assert_eq!(named(place, &chosen(place, "")), "");
            assert_eq!(named(place, &chosen(place, "status,actor")), "actor,status");
        }
    }
}
