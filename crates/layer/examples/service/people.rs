//! The sample users, in memory. Their passwords are drawn at each start; a real service has hashes of them.

use std::{
    collections::HashMap,
    fmt::Write as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    extract::{FromRef, FromRequestParts, OptionalFromRequestParts},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use serde::Deserialize;

/// What a user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Viewer,
    Editor,
    Admin,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Admin => "admin",
        }
    }
}

/// Somebody who can log in.
#[derive(Clone, Debug)]
pub struct User {
    pub id: u32,
    pub name: String,
    pub role: Role,
}

/// All of them, and who is logged in.
#[derive(Clone)]
pub struct People(Arc<Mutex<Inner>>);

struct Inner {
    users: Vec<User>,
    passwords: HashMap<String, String>,
    sessions: HashMap<String, String>,
}

/// Why nobody was let in.
#[derive(Debug, thiserror::Error)]
pub enum NotLetIn {
    #[error("nobody has that name")]
    Unknown,
    #[error("the password is wrong")]
    Password,
}

impl People {
    pub fn sample() -> Result<Self, getrandom::Error> {
        let users = [(1042, "alice", Role::Admin), (1043, "bob", Role::Editor), (1044, "carol", Role::Viewer)];
        let users = users.map(|(id, name, role)| User { id, name: name.to_owned(), role }).to_vec();
        let mut passwords = HashMap::new();
        for user in &users {
            passwords.insert(user.name.clone(), random()?);
        }
        Ok(Self(Arc::new(Mutex::new(Inner { users, passwords, sessions: HashMap::new() }))))
    }

    pub fn passwords(&self) -> Vec<(String, String)> {
        let inner = self.inner();
        inner.users.iter().map(|user| (user.name.clone(), inner.passwords[&user.name].clone())).collect()
    }

    pub fn all(&self) -> Vec<User> {
        self.inner().users.clone()
    }

    /// The user, and the secret of a session.
    pub fn log_in(&self, name: &str, password: &str) -> Result<(User, String), NotLetIn> {
        let mut inner = self.inner();
        let user = inner.users.iter().find(|user| user.name == name).cloned().ok_or(NotLetIn::Unknown)?;
        let right = inner.passwords.get(name).is_some_and(|right| right == password);
        let session = right.then(random).and_then(Result::ok).ok_or(NotLetIn::Password)?;
        inner.sessions.insert(session.clone(), name.to_owned());
        Ok((user, session))
    }

    pub fn log_out(&self, user: &User) {
        self.inner().sessions.retain(|_, name| *name != user.name);
    }

    pub fn name(&self, id: u32) -> Option<String> {
        self.inner().users.iter().find(|user| user.id == id).map(|user| user.name.clone())
    }

    /// The role before.
    pub fn change_role(&self, id: u32, role: Role) -> Option<Role> {
        let mut inner = self.inner();
        let user = inner.users.iter_mut().find(|user| user.id == id)?;
        Some(std::mem::replace(&mut user.role, role))
    }

    pub fn remove(&self, id: u32) {
        self.inner().users.retain(|user| user.id != id);
    }

    pub fn by_cookie(&self, headers: &HeaderMap) -> Option<User> {
        let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
        let session = cookies.split("; ").find_map(|cookie| cookie.strip_prefix("shop="))?;
        let inner = self.inner();
        let name = inner.sessions.get(session)?;
        inner.users.iter().find(|user| user.name == *name).cloned()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn random() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

/// Whoever is logged in.
pub struct SignedIn(pub User);

impl<S: Sync> FromRequestParts<S> for SignedIn
where
    People: FromRef<S>,
{
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, StatusCode> {
        People::from_ref(state).by_cookie(&parts.headers).map(Self).ok_or(StatusCode::UNAUTHORIZED)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for SignedIn
where
    People: FromRef<S>,
{
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, StatusCode> {
        Ok(People::from_ref(state).by_cookie(&parts.headers).map(Self))
    }
}
