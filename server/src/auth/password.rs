//! Passwords: what may be one, and Argon2id over it.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::{self, phc},
};
use flightbox_domain::random::Random;
use flightbox_store::PasswordHash;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The fewest characters a password has.
const SHORTEST: usize = 10;
/// The most bytes, so that nobody sends us megabytes to hash.
const LONGEST: usize = 1024;
/// How many guesses somebody needs who tries the likely ones first, as a power of ten: what is less is within reach of
/// who has a list, a dictionary and a name, however slowly they are let try.
const HARD_ENOUGH: f64 = 6.0;
/// What nobody has to be told to try here.
const PRODUCT: &str = "flightbox";
/// OWASP's Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// How many are hashed at once: 38 MiB, and no more of the processors than that.
const AT_ONCE: usize = 2;
/// How many may wait for it; each waits some tens of milliseconds for every two before it.
const WAITING: usize = 128;
/// What an unknown person's password is checked against: no password's hash, but the same work.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlz$CWb7/x2T+PNYqBFEf/Lm+B3ZMcAtdr8v8llMP5XRMsI";

/// A password that may be set. Never shown.
#[derive(Clone)]
pub struct NewPassword(String);

/// Why a password may not be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPassword {
    /// Too short.
    #[error("a password has at least {SHORTEST} characters")]
    Short,
    /// Too long.
    #[error("a password has at most {LONGEST} bytes")]
    Long,
    /// Common, or made of what everybody knows.
    #[error(
        "that password is among the first that a guesser tries: common words, names or rows of keys; make it longer or less likely"
    )]
    Likely,
}

impl NewPassword {
    /// Judges a password for a person of that name, on the server of that URL. Any Unicode will do and every byte counts;
    /// there are no rules of composition, but what is common, or made of the names, is refused. Nobody outside is asked.
    pub fn parse(text: &str, name: &str, public_url: &str) -> Result<Self, BadPassword> {
        match text {
            _ if text.len() > LONGEST => Err(BadPassword::Long),
            _ if text.chars().count() < SHORTEST => Err(BadPassword::Short),
            _ if is_likely(text, name, public_url) => Err(BadPassword::Likely),
            _ => Ok(Self(text.to_owned())),
        }
    }
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("NewPassword(…)")
    }
}

/// Whether it is within reach of who tries what is common, and what they know of person and place.
fn is_likely(text: &str, name: &str, public_url: &str) -> bool {
    let (text, name) = (text.to_lowercase(), name.to_lowercase());
    let host = public_url.split("://").last().unwrap_or_default().split(['/', ':']).next().unwrap_or_default();
    let pieces =
        name.split(|c: char| !c.is_alphanumeric()).chain(name.split_whitespace()).chain(host.split(['.', '-']));
    let joined: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
    let words = pieces.chain([PRODUCT, &name, &joined, host]).filter(|word| word.chars().count() > 2);
    let words: Vec<&str> = words.collect();
    zxcvbn::zxcvbn(&text, &words).guesses_log10() < HARD_ENOUGH
}

/// Hashing did not come to a result.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// Too many are waiting already; try again shortly.
    #[error("too many passwords are being checked")]
    Busy,
    /// A stored hash is none, or the hasher failed.
    #[error("a password could not be hashed: {0}")]
    Failed(String),
}

impl From<password_hash::Error> for HashError {
    fn from(error: password_hash::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Hashes passwords on threads of their own, few at a time, so that a storm of sign-ins costs neither memory nor the
/// time of other requests.
#[derive(Clone)]
pub struct Hasher {
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
    done: Arc<AtomicU64>,
}

impl Default for Hasher {
    fn default() -> Self {
        let admitted = Arc::new(Semaphore::new(AT_ONCE + WAITING));
        Self { running: Arc::new(Semaphore::new(AT_ONCE)), admitted, done: Arc::default() }
    }
}

impl Hasher {
    /// The hash to store for a new password.
    pub async fn hash(&self, password: NewPassword, random: &Random) -> Result<PasswordHash, HashError> {
        let salt = random.bytes::<16>();
        self.work(move |argon2| {
            let hash: phc::PasswordHash = argon2.hash_password_with_salt(password.0.as_bytes(), &salt)?;
            Ok(PasswordHash::new(hash.to_string()))
        })
        .await
    }

    /// Whether a password is the one that was hashed. With no hash to check against the same work is done for nothing,
    /// so that the time taken does not tell who has an account.
    pub async fn verify(&self, password: String, against: Option<PasswordHash>) -> Result<bool, HashError> {
        self.work(move |argon2| {
            // No password is longer; an empty one does the same work and matches nothing.
            let password = if password.len() > LONGEST { "" } else { password.as_str() };
            let hash = phc::PasswordHash::new(against.as_ref().map_or(NOBODY, PasswordHash::as_str))
                .map_err(|error| HashError::Failed(error.to_string()))?;
            match argon2.verify_password(password.as_bytes(), &hash) {
                Ok(()) => Ok(against.is_some()),
                Err(password_hash::Error::PasswordInvalid) => Ok(false),
                Err(error) => Err(error.into()),
            }
        })
        .await
    }

    /// How many passwords were hashed so far: the same for each attempt to sign in, whoever it names.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce(Argon2<'static>) -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let failed = |error: &dyn std::fmt::Display| HashError::Failed(error.to_string());
        let admitted = self.admitted.clone().try_acquire_owned().map_err(|_| HashError::Busy)?;
        let running = self.running.clone().acquire_owned().await.map_err(|error| failed(&error))?;
        let permits: [OwnedSemaphorePermit; 2] = [admitted, running];
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| failed(&error))?;
        self.done.fetch_add(1, Ordering::Relaxed);
        let hashing = tokio::task::spawn_blocking(move || {
            // Whoever asked may have gone; the memory is in use until the job is done, and so are its permits.
            let _permits = permits;
            job(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
        });
        hashing.await.map_err(|error| failed(&error))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random() -> Random {
        Random::new(|bytes| bytes.fill(5))
    }

    #[tokio::test]
    async fn a_password_matches_its_hash_and_no_other() {
        let hasher = Hasher::default();
        let long: String = ('a'..='z').chain('A'..='Z').chain('!'..='~').cycle().step_by(7).take(128).collect();
        for text in ["correct horse", "пароль из слов", &long, &format!("{}🐎", &long[..72])] {
            let hash = hasher.hash(NewPassword::parse(text, "alice", "").unwrap(), &random()).await.unwrap();
            assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash:?}");
            assert!(hasher.verify(text.to_owned(), Some(hash.clone())).await.unwrap());
            // Every character counts, the last one too, and trimming is nobody's business.
            assert!(!hasher.verify(format!("{text}."), Some(hash.clone())).await.unwrap());
            assert!(!hasher.verify(format!("{text} "), Some(hash.clone())).await.unwrap());
            assert!(!hasher.verify(text.chars().skip(1).collect(), Some(hash)).await.unwrap());
        }
    }

    #[tokio::test]
    async fn nobody_has_no_password() {
        let hasher = Hasher::default();
        for text in ["", "nobody has this", &"x".repeat(LONGEST + 1)] {
            assert!(!hasher.verify(text.to_owned(), None).await.unwrap(), "{text:?}");
        }
        let nonsense = Some(PasswordHash::new("not a hash"));
        assert!(matches!(hasher.verify("x".to_owned(), nonsense).await, Err(HashError::Failed(_))));
    }

    #[tokio::test]
    async fn a_storm_is_turned_away_instead_of_piling_up() {
        let hasher = Hasher::default();
        let _all = hasher.admitted.clone().acquire_many_owned((AT_ONCE + WAITING) as u32).await.unwrap();
        assert!(matches!(hasher.verify("x".to_owned(), None).await, Err(HashError::Busy)));
    }

    fn judge(text: &str) -> Result<(), BadPassword> {
        NewPassword::parse(text, "Zoë O’Brien", "https://audit.example.org:8443").map(|_| ())
    }

    #[test]
    fn short_and_endless_passwords_are_refused() {
        let words = "a sentence of many words ".repeat(100);
        assert_eq!(judge("xq7#mvu2w"), Err(BadPassword::Short));
        assert_eq!(judge("éñüßøåçþð"), Err(BadPassword::Short));
        assert_eq!(judge("xq7#mvu2wk"), Ok(()));
        assert_eq!(judge("ひみつのあいことばだよ"), Ok(()));
        assert_eq!(judge("correct horse battery staple"), Ok(()));
        assert_eq!(judge(&words[..LONGEST + 1]), Err(BadPassword::Long));
        assert_eq!(BadPassword::Short.to_string(), "a password has at least 10 characters");
    }

    #[test]
    fn a13_what_everybody_tries_first_is_refused() {
        for text in [
            "1234567890",
            "qwertyuiop",
            "password123",
            "P@ssw0rd123",
            "iloveyou123",
            "aaaaaaaaaaaaaaaa",
            "abcdefghijkl",
            "Flightbox1",
            "flightbox2026",
            "flightboxflightbox",
            "zoë o’brien",
            "O’Brien2026",
            "audit.example.org",
            "auditexample",
        ] {
            assert_eq!(judge(text), Err(BadPassword::Likely), "{text}");
        }
    }
}
