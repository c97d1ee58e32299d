//! Opening a log to look at it: read only, and without its lock.

use std::path::Path;

use flightbox_domain::keys::Keys;
use sqlx::{ConnectOptions as _, SqliteConnection, migrate::Migrator, sqlite::SqliteConnectOptions};

use super::Audit;
use crate::{
    Masters, OpenError, Store,
    open::{BUSY, FILE, MIGRATIONS},
    vault::Vault,
};

impl Audit {
    /// Opens the log of a folder, whether or not a server has it. A log of another version is refused, as is one whose
    /// keys these master keys do not open: no record's hash could be computed.
    pub async fn open(folder: &Path, masters: &Masters) -> Result<Self, OpenError> {
        let keys = Vault::keys_of(folder, masters).await?;
        Self::with(folder, keys).await
    }

    /// The same of a log that is open here already.
    pub async fn beside(store: &Store, folder: &Path) -> Result<Self, OpenError> {
        Self::with(folder, store.keys().clone()).await
    }

    async fn with(folder: &Path, keys: Keys) -> Result<Self, OpenError> {
        let options = SqliteConnectOptions::new()
            .filename(folder.join(FILE))
            .read_only(true)
            .busy_timeout(BUSY)
            .disable_statement_logging();
        let mut connection = options.connect().await?;
        is_known(&mut connection, &MIGRATIONS).await?;
        let stored: Vec<u8> =
            sqlx::query_scalar("SELECT value FROM fact WHERE name = 'key_check'").fetch_one(&mut connection).await?;
        if stored != keys.check().to_vec() {
            return Err(OpenError::OtherKeys);
        }
        Ok(Self { connection, keys })
    }
}

/// Whether it is laid out as this version does it.
pub(crate) async fn is_known(connection: &mut SqliteConnection, migrations: &Migrator) -> Result<(), OpenError> {
    let made: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT version, checksum FROM _sqlx_migrations ORDER BY version").fetch_all(connection).await?;
    let known: Vec<_> = migrations.iter().map(|migration| (migration.version, migration.checksum.to_vec())).collect();
    let newer = made.iter().find(|(version, _)| known.iter().all(|(known, _)| known != version));
    match newer {
        Some((version, _)) => Err(OpenError::Newer(*version)),
        None if made != known => Err(OpenError::Older),
        None => Ok(()),
    }
}
