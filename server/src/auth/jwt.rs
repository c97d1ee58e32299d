//! The token in the session cookie: a JWT that names a session and says nothing else.
//!
//! One algorithm a key, and the same for all (RFC 8725, section 3.1), a type of its own so that no other token passes
//! for it (3.11), and no claim about the person: what they may do stands in the session's row and is read anew on each
//! request. So the token only keeps strangers from trying session ids, and no look-up happens for one that is not ours.

use chrono::{DateTime, TimeDelta, Utc};
use flightbox_domain::keys::Keys;
use flightbox_store::{SessionId, SessionKeyRow};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

/// How long a session may go unused.
pub const IDLE: TimeDelta = TimeDelta::minutes(30);
/// After this much use a token is replaced by a fresh one.
pub const REISSUE: TimeDelta = TimeDelta::minutes(5);
/// How long a token is good for: the idle limit, counted from the last moment at which it would not be replaced.
const LIFETIME: TimeDelta = TimeDelta::minutes(IDLE.num_minutes() + REISSUE.num_minutes());
/// How far a clock may have been set back between issuing a token and checking it.
const LEEWAY: TimeDelta = TimeDelta::seconds(60);
/// Ours are some 300 bytes; anything much longer is not looked at.
const LONGEST: usize = 1024;

const ISSUER: &str = "flightbox";
const AUDIENCE: &str = "flightbox session";
const TYPE: &str = "flightbox-session+jwt";

/// The keys by which tokens are known as ours: the one that signs, and those before it whose tokens have not expired.
#[derive(Clone)]
pub struct Ring(Vec<Key>);

#[derive(Clone)]
struct Key {
    /// What a token calls it.
    id: String,
    secret: [u8; 32],
    /// From when on it verifies nothing; none for the one that signs.
    until: Option<DateTime<Utc>>,
}

impl Ring {
    /// The keys of these rows, the newest first. What was revoked is none of them.
    pub fn new(keys: &Keys, rows: &[SessionKeyRow]) -> Self {
        // The last token of a key was signed just before its successor was there.
        let ends = rows.iter().map(|row| Some(row.created_at + LIFETIME));
        let each = rows.iter().zip([None].into_iter().chain(ends)).filter(|(row, _)| !row.revoked);
        let key = |(row, until): (&SessionKeyRow, _)| Key {
            id: format!("session-{}", row.number),
            secret: keys.session(row.number),
            until,
        };
        Self(each.map(key).collect())
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    sid: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// What a good token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The session it names, which may have ended.
    pub session: SessionId,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
}

/// Signs a token that names a session. `None` only if the signer fails, which HMAC does not.
pub fn issue(ring: &Ring, session: &SessionId, now: DateTime<Utc>) -> Option<String> {
    let key = ring.0.first().filter(|key| key.until.is_none())?;
    let seconds = now.timestamp();
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sid: session.as_str().to_owned(),
        iat: seconds,
        nbf: seconds,
        exp: (now + LIFETIME).timestamp(),
    };
    jsonwebtoken::encode(&header(&key.id), &claims, &EncodingKey::from_secret(&key.secret)).ok()
}

/// Reads a token, if we signed it, for this purpose, and its time has come and not passed. Whatever somebody sends, it
/// is `Some` or `None`: nothing panics, nothing is looked up, and nothing is fetched.
pub fn verify(ring: &Ring, token: &str, now: DateTime<Utc>) -> Option<Token> {
    if token.len() > LONGEST {
        return None;
    }
    // What a token calls its key only chooses among the few that are held; the whole header is compared below.
    let id = jsonwebtoken::decode_header(token).ok()?.kid?;
    let key = ring.0.iter().find(|key| key.id == id && key.until.is_none_or(|until| now < until))?;
    let decoded = jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_secret(&key.secret), &validation()).ok()?;
    let claims = decoded.claims;
    let ours = decoded.header == header(&key.id) && claims.iat == claims.nbf;
    let time = |seconds| DateTime::from_timestamp(seconds, 0);
    let (issued_at, expires_at) = (time(claims.iat)?, time(claims.exp)?);
    let timely = issued_at <= now + LEEWAY && now < expires_at && expires_at - issued_at <= LIFETIME;
    (ours && timely).then_some(())?;
    Some(Token { session: SessionId::parse(&claims.sid)?, issued_at })
}

/// Issuer and audience by the library; times by the clock that was passed in, which the library does not know.
fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["iss", "aud", "exp", "nbf"]);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation
}

/// The only header that a key has: compared whole, it leaves no room for `jku`, `jwk`, `x5u`, `crit` or another `kid`.
fn header(id: &str) -> Header {
    let mut header = Header::new(Algorithm::HS256);
    header.typ = Some(TYPE.to_owned());
    header.kid = Some(id.to_owned());
    header
}

#[cfg(test)]
mod tests;
