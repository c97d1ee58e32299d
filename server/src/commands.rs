//! The command line. Exit status 0 is done, 1 failed with a message on stderr, 2 wrong usage or, of what verifies, not
//! checked.

mod backup;
mod demo;
mod generate;
mod import;
mod order;
mod serve;
mod verify;

use std::{path::PathBuf, process::ExitCode};

use chrono::{DateTime, Utc};
use clap::{Args, Parser, Subcommand};
use flightbox_domain::role::Role;
use flightbox_import::Zone;

use crate::{
    anchors::{AnchorConfig, AnchorFile},
    aside,
    config::Config,
    log,
    master::KeySource,
};

/// Why a command failed, for people.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Flightbox, the flight recorder of a permission system.
#[derive(Parser)]
#[command(name = "flightbox", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the log and its dashboard
    Serve {
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        config: Config,
    },
    /// Serve a demonstration: sample events and three people, printed with their passwords
    Demo {
        /// The data folder; without one it is thrown away at the end
        #[arg(long, env = "FLIGHTBOX_DATA")]
        data: Option<PathBuf>,
        #[command(flatten)]
        config: Config,
    },
    /// Manage who may sign in
    #[command(subcommand)]
    Person(Person),
    /// Manage the keys that sign session tokens
    #[command(subcommand)]
    SessionKey(SessionKey),
    /// Manage the master key, which wraps all others
    #[command(subcommand)]
    Keys(MasterKey),
    /// Manage the key that signs checkpoints
    #[command(subcommand)]
    LogKey(LogKey),
    /// Manage who may send events
    #[command(subcommand)]
    Source(Source),
    /// Manage programs that may read
    #[command(subcommand)]
    Token(Token),
    /// Store events from files; a file imported twice adds nothing
    Import {
        #[command(flatten)]
        data: Data,
        /// The source that the events get
        #[arg(long)]
        source: String,
        /// How they are written; without it each file tells by its first records. flightbox formats describes all
        #[arg(long, default_value = "auto", value_parser = import::format_names(), hide_possible_values = true)]
        format: String,
        /// The zone of times that name none, such as Europe/Berlin or +02:00
        #[arg(long, default_value = "UTC")]
        zone: Zone,
        /// The files, plain or packed with gzip, zstd or tar; - is standard input
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Print what of which format becomes what of an event, as Markdown
    Formats,
    /// Print sample events, one a line, for load
    Generate {
        /// How many
        #[arg(long)]
        events: u64,
        /// What they follow from: the same seed gives the same events
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// When the last one happened
        #[arg(long, default_value = "2026-11-01T00:00:00Z")]
        until: DateTime<Utc>,
    },
    /// Remove what is no longer kept by the rules of /settings/retention; a server does it by itself every night
    Retention {
        #[command(flatten)]
        data: Data,
        /// Only tell what would go
        #[arg(long)]
        dry_run: bool,
    },
    /// Look through the whole log for what was altered or is missing, and hold it against its signed checkpoints
    Verify {
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        against: verify::Against,
    },
    /// Copy the log into a file, also while a server records; it is consistent, and nothing is overwritten
    Backup {
        #[command(flatten)]
        data: Data,
        /// Where to
        file: PathBuf,
        /// Copy the keys, too, into a file of their own, which is kept apart from the log and replaces those before it
        #[arg(long, value_name = "FILE")]
        keys: Option<PathBuf>,
    },
    /// Put a backup in place, in a data folder that has the master key and no log, and verify it
    Restore {
        #[command(flatten)]
        data: Data,
        /// The copy of the log
        file: PathBuf,
        /// The copy of its keys, unless they are in the folder
        #[arg(long, value_name = "FILE")]
        keys: Option<PathBuf>,
    },
    /// Tell how the log is, and fail if it is not well
    Doctor {
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Args)]
struct Data {
    /// The data folder
    #[arg(long, env = "FLIGHTBOX_DATA", default_value = "./data")]
    data: PathBuf,
    #[command(flatten)]
    key: KeySource,
    #[command(flatten)]
    anchors: AnchorFile,
}

impl Data {
    /// For a command that works on the folder and serves nobody.
    fn config(&self) -> Config {
        self.in_folder(Config::local())
    }

    /// A set-up, with what belongs to the folder.
    fn in_folder(&self, config: Config) -> Config {
        let anchors = AnchorConfig { file: self.anchors.clone(), ..config.anchors };
        Config { key: self.key.clone(), anchors, ..config }
    }
}

#[derive(Subcommand)]
enum Person {
    /// Add a person, with a password from standard input
    Add {
        #[command(flatten)]
        data: Data,
        /// The name to sign in with
        name: String,
        /// A role; repeat it for several
        #[arg(long = "role", required = true)]
        roles: Vec<Role>,
        /// Read the password from standard input, up to the end of its first line
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Print a one-time link by which a person chooses another password; it works once, within 24 hours
    Reset {
        #[command(flatten)]
        data: Data,
        /// The name that they sign in with
        name: String,
        /// The URL that people reach the server by, where no server runs that knows it
        #[arg(long, env = "FLIGHTBOX_PUBLIC_URL", default_value = "http://localhost:8080")]
        public_url: String,
    },
}

#[derive(Subcommand)]
enum SessionKey {
    /// Have another key sign from now on; those before it verify until their last token expires
    Rotate {
        #[command(flatten)]
        data: Data,
        /// Those before it verify nothing from now on: everybody has to sign in again
        #[arg(long)]
        revoke: bool,
    },
}

#[derive(Subcommand)]
enum MasterKey {
    /// Wrap all keys with another master key, while the server goes on
    Rotate {
        #[command(flatten)]
        data: Data,
        /// The command that prints it, where the present one comes from a command, too
        #[arg(long)]
        command: Option<String>,
    },
}

#[derive(Subcommand)]
enum LogKey {
    /// Print the log's origin and its public keys, which whoever verifies its checkpoints keeps elsewhere
    Show {
        #[command(flatten)]
        data: Data,
    },
    /// Have another key sign from now on; what those before it signed can be verified still
    Rotate {
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Subcommand)]
enum Source {
    /// Add a source and print its ingest token, this once
    Add {
        #[command(flatten)]
        data: Data,
        /// Its name: a-z 0-9 . _ -
        name: String,
    },
}

#[derive(Subcommand)]
enum Token {
    /// Add a read token and print it, this once
    Add {
        #[command(flatten)]
        data: Data,
        /// Its name
        name: String,
        /// A role; repeat it for several
        #[arg(long = "role", required = true)]
        roles: Vec<Role>,
    },
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    log::start();
    let done = aside::intake().map_err(Failure::from).and_then(|runtime| runtime.block_on(run(cli.command)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("flightbox: {error}");
            ExitCode::from(verify::status(&error))
        }
    }
}

async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve { data, config } => serve::serve(&data.data, data.in_folder(config)).await,
        Command::Demo { data, config } => demo::demo(data, config).await,
        Command::Person(Person::Add { data, name, roles, password_stdin: _ }) => {
            order::add_person(&data, name, &roles).await
        }
        Command::Person(Person::Reset { data, name, public_url }) => order::reset_person(&data, name, public_url).await,
        Command::SessionKey(SessionKey::Rotate { data, revoke }) => order::rotate_session_key(&data, revoke).await,
        Command::Keys(MasterKey::Rotate { data, command }) => order::rotate_master_key(&data, command).await,
        Command::LogKey(LogKey::Show { data }) => order::show_log_keys(&data).await,
        Command::LogKey(LogKey::Rotate { data }) => order::rotate_log_key(&data).await,
        Command::Source(Source::Add { data, name }) => order::add_source(&data, name).await,
        Command::Token(Token::Add { data, name, roles }) => order::add_token(&data, name, &roles).await,
        Command::Import { data, source, format, zone, files } => {
            import::import(&data, source, &format, zone, files).await
        }
        Command::Formats => {
            print!("{}", flightbox_import::markdown());
            Ok(())
        }
        Command::Generate { events, seed, until } => generate::generate(events, seed, until),
        Command::Retention { data, dry_run } => order::retention(&data, dry_run).await,
        Command::Verify { data, against } => verify::verify(&data, &against).await,
        Command::Backup { data, file, keys } => backup::make(&data, &file, keys.as_deref()).await,
        Command::Restore { data, file, keys } => backup::restore(&data, file, keys).await,
        Command::Doctor { data } => order::doctor(&data).await,
    }
}
