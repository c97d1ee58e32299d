//! A real NATS server in a process of its own, with a folder of its own, that can be killed and comes back.

use std::{
    env,
    ffi::OsString,
    fs,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use async_nats::{
    ConnectOptions, HeaderMap,
    jetstream::{self, Context, consumer::PullConsumer, stream},
};
use flightbox::{config::Config, nats::NatsConfig};
use tempfile::TempDir;

/// Who everybody is there; the password is one that an URL has to spell otherwise.
const LOGIN: (&str, &str) = ("flightbox", "s/cret");
/// The stream.
pub const STREAM: &str = "flightbox";

/// An operator's configuration and, for a user of one of its accounts, credentials.
const OPERATOR: &str = include_str!("../nats/credentials/server.conf");
const CREDENTIALS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/nats/credentials/flightbox.creds");

pub struct Nats {
    child: Option<Child>,
    folder: TempDir,
    port: u16,
    /// How it tells who somebody is.
    asks_for: Proof,
}

/// What shows who somebody is.
#[derive(Clone, Copy, PartialEq)]
enum Proof {
    Password,
    Credentials,
}

/// Where `.ci/setup test` puts it, or wherever else somebody has it.
fn program() -> OsString {
    let here = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("nats").join("bin/nats-server");
    env::var_os("FLIGHTBOX_NATS_SERVER").unwrap_or(here.into())
}

impl Nats {
    /// One that answers, and syncs each message before it confirms it.
    pub async fn start() -> Self {
        let mut this = Self::away();
        this.restart().await;
        this
    }

    /// The same, for those who have credentials.
    pub async fn start_for_credentials() -> Self {
        let mut this = Self::guarded(Proof::Credentials);
        this.restart().await;
        this
    }

    /// One that is not there yet, but whose address is known.
    pub fn away() -> Self {
        Self::guarded(Proof::Password)
    }

    fn guarded(asks_for: Proof) -> Self {
        let folder = TempDir::new().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (user, password) = LOGIN;
        let guard = match asks_for {
            Proof::Password => format!("authorization {{ user: \"{user}\", password: \"{password}\" }}"),
            Proof::Credentials => OPERATOR.to_owned(),
        };
        let config = format!(
            "listen: \"127.0.0.1:{port}\"\n{guard}\njetstream {{ store_dir: \"{}\", sync_interval: always }}\n",
            folder.path().join("data").display()
        );
        fs::write(folder.path().join("nats.conf"), config).unwrap();
        Self { child: None, folder, port, asks_for }
    }

    /// Starts it again on what lies in its folder, and at the same port.
    pub async fn restart(&mut self) {
        let (config, log) = (self.folder.path().join("nats.conf"), self.folder.path().join("log"));
        let mut command = Command::new(program());
        command.arg("-c").arg(config).stdout(Stdio::null()).stderr(fs::File::create(&log).unwrap());
        let mut child = command.spawn().expect("nats-server is installed by .ci/setup test");
        while self.connect().await.is_err() {
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "nats-server ended: {}", fs::read_to_string(&log).unwrap());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.child = Some(child);
    }

    /// Ends it at once, wherever it is.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    pub fn url(&self) -> String {
        match self.asks_for {
            Proof::Password => format!("nats://{}:{}@127.0.0.1:{}", LOGIN.0, LOGIN.1.replace('/', "%2F"), self.port),
            Proof::Credentials => format!("nats://127.0.0.1:{}", self.port),
        }
    }

    /// A server's configuration that takes its events from here.
    pub fn config(&self) -> Config {
        let nats = NatsConfig {
            nats_url: vec![self.url().parse().unwrap()],
            nats_creds: (self.asks_for == Proof::Credentials).then(|| CREDENTIALS.into()),
            nats_synced: true,
            ..NatsConfig::default()
        };
        Config { public_url: String::new(), nats, ..Config::local() }
    }

    async fn connect(&self) -> Result<Context, async_nats::Error> {
        let options = match self.asks_for {
            Proof::Password => ConnectOptions::new().user_and_password(LOGIN.0.to_owned(), LOGIN.1.to_owned()),
            Proof::Credentials => ConnectOptions::with_credentials_file(CREDENTIALS).await?,
        };
        let client = options.connect(format!("127.0.0.1:{}", self.port)).await?;
        let patience = Duration::from_secs(2);
        let context = jetstream::ContextBuilder::new().timeout(patience).ack_timeout(patience).build(client);
        // It listens before its streams are there.
        context.query_account().await?;
        Ok(context)
    }

    /// A client.
    pub async fn client(&self) -> Context {
        self.connect().await.unwrap()
    }

    /// The stream as it should be.
    pub async fn stream(&self) -> Context {
        self.stream_as(stream::Config::default()).await
    }

    pub async fn stream_as(&self, config: stream::Config) -> Context {
        let client = self.client().await;
        let subjects = vec!["audit.>".to_owned()];
        client.create_stream(stream::Config { name: STREAM.to_owned(), subjects, ..config }).await.unwrap();
        client
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The headers of a message with that token, and more.
pub fn headers(token: &str, more: &[(&str, &str)]) -> HeaderMap {
    let bearer = format!("Bearer {token}");
    let mut headers = HeaderMap::new();
    for (name, value) in [("Authorization", bearer.as_str())].iter().chain(more) {
        headers.append(*name, *value);
    }
    headers
}

/// Publishes a message and waits until the stream confirms it; its number there.
pub async fn publish(client: &Context, headers: HeaderMap, body: impl Into<Vec<u8>>) -> u64 {
    let body: Vec<u8> = body.into();
    client.publish_with_headers("audit.events", headers, body.into()).await.unwrap().await.unwrap().sequence
}

/// How many messages wait to be delivered, and how many to be acknowledged. `None` where there is no consumer yet.
pub async fn waiting(client: &Context) -> Option<(u64, usize)> {
    let consumer: PullConsumer = client.get_consumer_from_stream(STREAM, STREAM).await.ok()?;
    let info = consumer.cached_info();
    Some((info.num_pending, info.num_ack_pending))
}

/// Whether all that was published is acknowledged.
pub async fn is_empty(client: &Context) -> bool {
    let Ok(stream) = client.get_stream(STREAM).await else { return false };
    let consumer: Result<PullConsumer, _> = stream.get_consumer(STREAM).await;
    // How much is pending is known to the consumer a moment after the stream has it.
    consumer.is_ok_and(|consumer| {
        consumer.cached_info().ack_floor.stream_sequence == stream.cached_info().state.last_sequence
    })
}
