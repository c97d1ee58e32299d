//! What is known of the queue, in memory.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_nats::{
    ServerInfo,
    jetstream::stream::{Config, PersistenceMode, StorageType},
};
use chrono::{DateTime, Utc};
use flightbox_app::queue::{Risk, Standing};

use super::NatsConfig;
use crate::App;

/// The queue, where there is one.
pub struct Queue(Option<Mutex<Standing>>);

impl Queue {
    /// Nothing is known of it yet.
    pub fn of(config: &NatsConfig) -> Self {
        let standing = || Standing { stream: config.nats_stream.to_string(), ..Standing::default() };
        Self(config.is_set().then(|| Mutex::new(standing())))
    }

    /// What is known of it; nothing where there is none.
    pub fn standing(&self) -> Option<Standing> {
        self.lock().map(|standing| standing.clone())
    }

    fn lock(&self) -> Option<MutexGuard<'_, Standing>> {
        self.0.as_ref().map(|standing| standing.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes what is known of it.
    fn note(&self, change: impl FnOnce(&mut Standing)) {
        if let Some(mut standing) = self.lock() {
            change(&mut standing);
        }
    }

    /// Its messages are being taken. What of it loses messages is logged, once for as long as it stays so.
    pub(super) fn connected(&self, risks: Vec<Risk>) {
        self.note(|standing| {
            for risk in risks.iter().filter(|risk| !standing.risks.contains(risk)) {
                tracing::warn!(stream = standing.stream, "{risk}");
            }
            (standing.connected, standing.trouble, standing.risks) = (true, None, risks);
        });
    }

    /// They are not, and why: logged once, not with every try.
    pub(super) fn broken(&self, why: String) {
        self.note(|standing| {
            if standing.trouble.as_ref() != Some(&why) {
                tracing::warn!(stream = standing.stream, why, "no events are taken from NATS");
            }
            (standing.connected, standing.trouble) = (false, Some(why));
        });
    }

    /// They come, and cannot be stored at present: logged once, too.
    pub(super) fn held(&self, why: String) {
        self.note(|standing| {
            if standing.trouble.as_ref() != Some(&why) {
                tracing::warn!(stream = standing.stream, why, "messages from NATS wait to be stored");
            }
            standing.trouble = Some(why);
        });
    }

    pub(super) fn waiting(&self, messages: u64) {
        self.note(|standing| standing.waiting = messages);
    }

    pub(super) fn came(&self, again: bool, now: DateTime<Utc>) {
        self.note(|standing| {
            standing.redelivered += u64::from(again);
            standing.last = Some(now);
        });
    }

    pub(super) fn ended(&self, stored: bool) {
        self.note(|standing| {
            if stored {
                standing.taken += 1;
            } else {
                standing.refused += 1;
            }
            // Whatever kept them from being stored is over.
            if standing.connected {
                standing.trouble = None;
            }
        });
    }
}

/// What of a stream, and of the way to it, is not safe.
pub(super) fn risks(stream: &Config, synced: bool, private: bool) -> Vec<Risk> {
    let (file, late) = (stream.storage == StorageType::File, stream.persist_mode == Some(PersistenceMode::Async));
    let of = |risk, holds: bool| holds.then_some(risk);
    // A file that is synced says nothing where there is none.
    let all = [
        of(Risk::Memory, !file),
        of(Risk::Late, file && late),
        of(Risk::Unsynced, file && !late && !synced),
        of(Risk::Plain, !private),
    ];
    all.into_iter().flatten().collect()
}

/// Whether nobody on a network reads what comes from there.
pub(super) fn is_private(server: &ServerInfo, config: &NatsConfig) -> bool {
    let near = server.client_ip.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    near || server.tls_required || config.is_encrypted()
}

/// The same for pages.
pub fn watched(app: &App) -> flightbox_app::queue::Watched {
    let queue = app.queue.clone();
    flightbox_app::queue::Watched(Arc::new(move || queue.standing()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_crosses_a_network_in_clear_is_told_of() {
        let server = |client_ip: &str, tls_required| {
            let client_ip = client_ip.to_owned();
            ServerInfo { client_ip, tls_required, ..ServerInfo::default() }
        };
        let config = |url: &str| NatsConfig { nats_url: vec![url.parse().unwrap()], ..NatsConfig::default() };
        let (plain, tls) = (config("nats://queue"), config("tls://queue"));
        assert!(is_private(&server("127.0.0.1", false), &plain) && is_private(&server("::1", false), &plain));
        assert!(is_private(&server("192.0.2.7", true), &plain) && is_private(&server("192.0.2.7", false), &tls));
        assert!(!is_private(&server("192.0.2.7", false), &plain) && !is_private(&server("", false), &plain));
        assert_eq!(risks(&Config::default(), true, false), [Risk::Plain]);
    }
}
