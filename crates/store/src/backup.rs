//! Copies of a log and of its keys, made beside whoever has them open.
//!
//! `VACUUM INTO` copies what one transaction sees, so a copy is the log as of one moment, without what was deleted from
//! it. The writer goes on meanwhile; its write-ahead log is folded back no further than that moment until the copy is
//! made. Keys are committed before what is sealed under them: whoever copies both copies the keys last.

use std::path::Path;

use sqlx::{
    ConnectOptions as _, Connection as _, SqliteConnection,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};

use crate::{
    OpenError, Store, StoreError,
    audit::is_known,
    open::{BUSY, FILE, MIGRATIONS},
    vault,
};

/// Small files that are kept with the keys, by name.
pub type Beside = Vec<(String, Vec<u8>)>;

impl Store {
    /// Copies the log of a folder into a file that is there and empty. The copy is not synced.
    pub async fn copy_log(folder: &Path, to: &Path) -> Result<(), StoreError> {
        copy(&folder.join(FILE), to).await
    }

    /// Copies the keys of a folder's log into a file that is there and empty, as they are wrapped, with small files beside
    /// them. The copy is not synced.
    pub async fn copy_keys(folder: &Path, beside: &Beside, to: &Path) -> Result<(), StoreError> {
        copy(&folder.join(vault::FILE), to).await?;
        let mut connection = writing(to).connect().await?;
        sqlx::query("CREATE TABLE beside (name TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT")
            .execute(&mut connection)
            .await?;
        for (name, content) in beside {
            sqlx::query("INSERT INTO beside (name, content) VALUES (?, ?)")
                .bind(name)
                .bind(content)
                .execute(&mut connection)
                .await?;
        }
        Ok(connection.close().await?)
    }

    /// Whether a file is a copy of a log that this version reads.
    pub async fn check_copied_log(file: &Path) -> Result<(), OpenError> {
        opened(reading(file), &MIGRATIONS).await?.close().await?;
        Ok(())
    }

    /// Makes a copy of keys what they were copied from, and hands out the files that were kept beside them.
    pub async fn unpack_keys(file: &Path) -> Result<Beside, OpenError> {
        let mut connection = opened(writing(file), &vault::MIGRATIONS).await?;
        let beside = sqlx::query_as("SELECT name, content FROM beside").fetch_all(&mut connection).await?;
        sqlx::query("DROP TABLE beside").execute(&mut connection).await?;
        connection.close().await?;
        Ok(beside)
    }
}

async fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    let mut connection = reading(from).connect().await?;
    let to = to.to_str().ok_or_else(|| sqlx::Error::Configuration("a path that is not UTF-8".into()))?;
    sqlx::query("VACUUM INTO ?").bind(to).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

async fn opened(options: SqliteConnectOptions, migrations: &Migrator) -> Result<SqliteConnection, OpenError> {
    let mut connection = options.connect().await?;
    is_known(&mut connection, migrations).await?;
    Ok(connection)
}

fn reading(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(file).read_only(true).busy_timeout(BUSY).disable_statement_logging()
}

/// One file, which holds all of it: nobody else has it open.
fn writing(file: &Path) -> SqliteConnectOptions {
    let options = SqliteConnectOptions::new().filename(file).journal_mode(SqliteJournalMode::Delete);
    options.pragma("secure_delete", "ON").disable_statement_logging()
}
