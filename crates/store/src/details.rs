//! What somebody who writes a query can be offered of details: paths that events in scope have, and their values. What
//! is sealed or masked has a path, and never a value.

use std::{cmp::Reverse, collections::BTreeMap};

use flightbox_domain::{
    filter::Expr,
    query::Path,
    scope::Scope,
    terms::{detail_term, scalars},
};
use flightbox_event::{Event, mask::MASK};
use sqlx::AssertSqlSafe;

use crate::{Known, Store, StoreError, partition::placeholders, shapes::paths_of};

/// Events that are looked at, the newest.
const RECENT: usize = 256;
/// Paths that are tried after theirs.
const TRIED: usize = 64;
/// The longest value that is worth offering, in bytes.
const LONGEST: usize = 200;

impl Store {
    /// Paths that start alike, in any case, and that events of the scope have: those of most events first. It looks at a
    /// bounded number of events and paths, so that some may be missing until more of them is typed.
    /// [`StoreError::TooSlow`] where that takes longer than anybody waits.
    pub async fn paths(&self, scope: &Scope, start: &str, most: usize) -> Result<Vec<Known>, StoreError> {
        let paths = async {
            let expr = scope.expr(self.keys());
            let starts = |path: &&str| path.get(..start.len()).is_some_and(|it| it.eq_ignore_ascii_case(start));
            let mut seen: BTreeMap<String, usize> = BTreeMap::new();
            for event in self.newest(&expr, RECENT).await? {
                let paths = paths_of(&event.record);
                paths.split(' ').filter(|path| !path.is_empty()).filter(starts).for_each(|path| {
                    *seen.entry(path.to_owned()).or_default() += 1;
                });
            }
            let mut paths = busiest_first(seen);
            if paths.len() < most {
                let others = self.remembered_paths(scope, start).await?;
                let new: Vec<_> = others.into_iter().filter(|path| !paths.contains(path)).collect();
                paths.extend(new);
            }
            self.counted(&expr, paths, most, |path| detail_term(self.keys(), path, None)).await
        };
        self.readers().patiently(paths).await
    }

    /// Values that start alike, of a path into the details, as the newest events of the scope have them: those of most
    /// events first. [`StoreError::TooSlow`] where that takes longer than anybody waits.
    pub async fn detail_values(
        &self,
        scope: &Scope,
        path: &Path,
        start: &str,
        most: usize,
    ) -> Result<Vec<Known>, StoreError> {
        let values = async {
            let (scope, path) = (scope.expr(self.keys()), path.as_str());
            let having = Expr::Term(detail_term(self.keys(), path, None)).and(scope.clone());
            let mut seen: BTreeMap<String, usize> = BTreeMap::new();
            for event in self.newest(&having, RECENT).await? {
                let event = &event.record.event;
                let Some(details) = event.details.as_ref().filter(|_| !is_sensitive(event, path)) else { continue };
                scalars(details, |at, value| {
                    let offered = value.starts_with(start) && value.len() <= LONGEST && !value.contains(MASK);
                    if at == path && offered {
                        *seen.entry(value.to_owned()).or_default() += 1;
                    }
                });
            }
            self.counted(&scope, busiest_first(seen), most, |value| detail_term(self.keys(), path, Some(value))).await
        };
        self.readers().patiently(values).await
    }

    /// How many events of a scope have each of these, by its term; those that none has are left out.
    async fn counted(
        &self,
        scope: &Expr,
        values: Vec<String>,
        most: usize,
        term: impl Fn(&str) -> String,
    ) -> Result<Vec<Known>, StoreError> {
        let mut known = Vec::with_capacity(most);
        for value in values {
            let events = self.count_expr(&Expr::Term(term(&value)).and(scope.clone())).await?;
            if events.value > 0 {
                known.push(Known { value, actor: None, events });
            }
            if known.len() == most {
                break;
            }
        }
        known.sort_by_key(|known| (Reverse(known.events.value), known.value.clone()));
        Ok(known)
    }

    async fn remembered_paths(&self, scope: &Scope, start: &str) -> Result<Vec<String>, StoreError> {
        let sources = self.sources_in(|name| scope.allows(name)).await?;
        let sources: Vec<_> = sources.names().collect();
        if sources.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT DISTINCT name FROM shape
             WHERE source IN {} AND kind = 'detail' AND lower(substr(name, 1, length(?))) = lower(?)
             ORDER BY name",
            placeholders(1, sources.len())
        );
        let query = sources.iter().fold(sqlx::query_scalar(AssertSqlSafe(sql)), |query, source| query.bind(*source));
        let paths: Vec<String> = query.bind(start).bind(start).fetch_all(self.readers()).await?;
        // Others cannot be asked for, and must not push out those that can.
        Ok(paths.into_iter().filter(|path| Path::is_one(path)).take(TRIED).collect())
    }
}

/// Whether the event calls what stands at a path of its details sensitive.
fn is_sensitive(event: &Event, path: &str) -> bool {
    event.sensitive.iter().filter_map(|named| named.strip_prefix("details")).any(|named| {
        let named = named.strip_prefix('.').unwrap_or(named);
        named.is_empty() || path.strip_prefix(named).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

fn busiest_first(seen: BTreeMap<String, usize>) -> Vec<String> {
    let mut seen: Vec<_> = seen.into_iter().collect();
    seen.sort_by_key(|(_, count)| Reverse(*count));
    seen.into_iter().map(|(value, _)| value).collect()
}
