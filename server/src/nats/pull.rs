//! Pulling: a connection as long as it lasts, as many messages at once as there is room for, and another try where
//! something breaks.

use std::{convert::Infallible, time::Duration};

use async_nats::{
    Event,
    jetstream::{
        self,
        consumer::{AckPolicy, PullConsumer, pull},
    },
};
use futures_util::StreamExt;
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

use super::{
    message::Desk,
    state::{is_private, risks},
};
use crate::App;

/// How long the queue waits for word of a message before it delivers it again.
pub(super) const ACK_WAIT: Duration = Duration::from_secs(15);
/// Messages that are worked on at once, where they are small enough.
const AT_ONCE: usize = 256;
/// Bytes that these may have as they are delivered.
const DELIVERED: usize = 128 << 20;
/// How long one request for messages stands.
const STANDS: Duration = Duration::from_secs(10);
/// How long after a connection that broke the next is tried: at first, and at most.
const RETRY: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(15));
/// How often the queue is asked how much waits in it.
const TICK: Duration = Duration::from_secs(1);

/// Why messages do not come, in words for whoever runs the server.
type Trouble = String;

/// What takes events from the queue. Dropped without [`Intake::stop`], it is as if its process had been killed.
pub struct Intake {
    close: watch::Sender<bool>,
    task: JoinSet<()>,
}

impl Intake {
    /// Starts, where there is a queue.
    pub fn start(app: &App) -> Option<Self> {
        if !app.config.nats.is_set() {
            return None;
        }
        // Already installed where TLS is served, too.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (close, closing) = watch::channel(false);
        let mut task = JoinSet::new();
        task.spawn(Puller::new(app.clone(), closing).run());
        Some(Self { close, task })
    }

    /// Asks for no more messages, finishes those that are being worked on, and tells the queue, for so long at most.
    pub async fn stop(mut self, patience: Duration) {
        self.close.send_replace(true);
        if tokio::time::timeout(patience, self.task.join_next()).await.is_err() {
            tracing::warn!("messages from NATS were left; it delivers them again");
        }
    }
}

struct Puller {
    app: App,
    desk: Desk,
    closing: watch::Receiver<bool>,
    /// Messages that are being worked on, whatever becomes of the connection that they came by.
    under_way: JoinSet<()>,
}

/// A stream that can be pulled from.
struct Source {
    consumer: PullConsumer,
    /// How many of its messages there is room for at once.
    room: usize,
    /// Told when the connection is lost.
    lost: mpsc::Receiver<()>,
}

impl Puller {
    fn new(app: App, closing: watch::Receiver<bool>) -> Self {
        Self { desk: Desk::new(app.clone(), closing.clone()), app, closing, under_way: JoinSet::new() }
    }

    async fn run(mut self) {
        let mut closing = self.closing.clone();
        let mut wait = RETRY.0;
        loop {
            let pull = async {
                let source = connect(&self.app).await?;
                wait = RETRY.0;
                let consumer = source.consumer.clone();
                tokio::select! {
                    trouble = pull_from(source, &self.desk, &mut self.under_way) => Err(trouble),
                    trouble = watch_lag(&self.app, consumer) => Err(trouble),
                }
            };
            tokio::select! {
                _ = closing.wait_for(|closing| *closing) => break,
                ended = pull => {
                    let Err::<Infallible, _>(trouble) = ended;
                    self.app.queue.broken(trouble);
                }
            }
            tokio::select! {
                _ = closing.wait_for(|closing| *closing) => break,
                () = tokio::time::sleep(wait) => wait = (wait * 2).min(RETRY.1),
            }
        }
        while self.under_way.join_next().await.is_some() {}
    }
}

/// Connects, finds the stream, and finds or makes the consumer.
async fn connect(app: &App) -> Result<Source, Trouble> {
    let config = &app.config.nats;
    let (tell, lost) = mpsc::channel(1);
    let options = config.options().await.map_err(|error| format!("the credentials cannot be read: {error}"))?;
    let options = options.event_callback(move |event| {
        let tell = tell.clone();
        async move {
            if matches!(event, Event::Disconnected | Event::Closed) {
                // One word is enough.
                let _ = tell.try_send(());
            }
        }
    });
    let client = options.connect(config.servers()).await.map_err(|error| error.to_string())?;
    let room = (DELIVERED / client.max_payload().max(1)).clamp(1, AT_ONCE);
    let private = is_private(&client.server_info(), config);
    let stream = jetstream::new(client).get_stream(config.nats_stream.as_str()).await;
    let stream = stream.map_err(|error| format!("the stream {} cannot be had: {error}", config.nats_stream))?;
    let wanted = pull::Config {
        durable_name: Some(config.nats_consumer.to_string()),
        description: Some("what Flightbox has stored".to_owned()),
        ack_policy: AckPolicy::Explicit,
        ack_wait: ACK_WAIT,
        ..pull::Config::default()
    };
    let consumer = stream.get_or_create_consumer(config.nats_consumer.as_str(), wanted).await;
    let consumer: PullConsumer =
        consumer.map_err(|error| format!("the consumer {} cannot be had: {error}", config.nats_consumer))?;
    let found = &consumer.cached_info().config;
    if found.ack_policy != AckPolicy::Explicit || found.max_deliver > 0 || found.ack_wait < ACK_WAIT {
        return Err(format!(
            "the consumer {} would lose messages: it has to have explicit acknowledgements, {} seconds or more for each, \
             and no limit of deliveries",
            config.nats_consumer,
            ACK_WAIT.as_secs()
        ));
    }
    let about = stream.cached_info();
    app.queue.connected(risks(&about.config, config.nats_synced, private));
    Ok(Source { consumer, room, lost })
}

/// Pulls until that is not possible any more; why it is not. No more is asked for than there is room for, so nothing is
/// delivered that nobody works on.
async fn pull_from(source: Source, desk: &Desk, under_way: &mut JoinSet<()>) -> Trouble {
    let Source { consumer, room, mut lost } = source;
    loop {
        while under_way.len() > room / 2 {
            under_way.join_next().await;
        }
        // Without heartbeats, on which the client's batch would fall asleep.
        let request = consumer.batch().max_messages(room - under_way.len()).expires(STANDS);
        let mut batch = match request.messages().await {
            Ok(batch) => batch,
            Err(error) => return error.to_string(),
        };
        loop {
            tokio::select! {
                Some(_) = under_way.join_next(), if !under_way.is_empty() => {}
                _ = lost.recv() => return "the connection is lost".to_owned(),
                message = batch.next() => match message {
                    Some(Ok(message)) => drop(under_way.spawn(desk.clone().settle(message))),
                    Some(Err(error)) => return error.to_string(),
                    None => break,
                },
            }
        }
    }
}

/// Asks how much waits, as long as there is an answer; why there is none.
async fn watch_lag(app: &App, consumer: PullConsumer) -> Trouble {
    loop {
        match consumer.get_info().await {
            Ok(info) => app.queue.waiting(info.num_pending + info.num_ack_pending as u64),
            Err(error) => return format!("nothing is known of the consumer: {error}"),
        }
        tokio::time::sleep(TICK).await;
    }
}
