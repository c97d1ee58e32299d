//! How many streams there may be at once: each is a connection that stays.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use tokio::sync::watch;

use crate::api::Problem;

/// Streams of one person. Browsers open six connections to a server that speaks HTTP/1.1, and have to be left some.
const EACH: usize = 4;
/// Streams of all together.
const ALL: usize = 256;
/// When to try again.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("15");

/// The places of a server.
pub struct Places {
    taken: Arc<Taken>,
    closing: watch::Sender<bool>,
}

#[derive(Default)]
struct Taken(Mutex<HashMap<String, usize>>);

/// A place, free again when it is dropped.
pub struct Place {
    taken: Arc<Taken>,
    person: String,
}

/// There is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// The person has as many as they may.
    Person,
    /// The server has.
    Server,
}

impl Default for Places {
    fn default() -> Self {
        Self { taken: Arc::default(), closing: watch::Sender::new(false) }
    }
}

impl Places {
    /// Takes a place for a person.
    pub fn take(&self, person: &str) -> Result<Place, Full> {
        let mut taken = self.taken.lock();
        if taken.get(person).is_some_and(|own| *own >= EACH) {
            return Err(Full::Person);
        }
        if taken.values().sum::<usize>() >= ALL {
            return Err(Full::Server);
        }
        *taken.entry(person.to_owned()).or_default() += 1;
        Ok(Place { taken: self.taken.clone(), person: person.to_owned() })
    }

    /// Ends every stream: the server waits for all connections before it stops.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Whether the server stops.
    pub fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }
}

impl Taken {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock();
        match taken.get_mut(&self.person) {
            Some(own) if *own > 1 => *own -= 1,
            _ => _ = taken.remove(&self.person),
        }
    }
}

impl From<Full> for Response {
    fn from(full: Full) -> Self {
        let (status, message) = match full {
            Full::Person => (StatusCode::TOO_MANY_REQUESTS, "You have as many live views open as you may."),
            Full::Server => (StatusCode::SERVICE_UNAVAILABLE, "As many live views are open as there may be."),
        };
        let mut response = Problem::new(status, "too_many_live_views", message).into_response();
        response.headers_mut().insert(header::RETRY_AFTER, RETRY_SECONDS);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_once_it_is_left() {
        let places = Places::default();
        let mut taken: Vec<_> = (0..EACH).map(|_| places.take("ann").unwrap()).collect();
        assert_eq!(places.take("ann").err(), Some(Full::Person));
        assert!(places.take("bob").is_ok());
        taken.pop();
        assert!(places.take("ann").is_ok());
        drop(taken);
        assert!(places.taken.lock().is_empty());
    }

    #[test]
    fn many_people_fill_the_server() {
        let places = Places::default();
        let taken: Vec<_> = (0..ALL).map(|n| places.take(&(n / EACH).to_string()).unwrap()).collect();
        assert_eq!(places.take("ann").err(), Some(Full::Server));
        drop(taken);
        assert!(places.take("ann").is_ok());
    }
}
