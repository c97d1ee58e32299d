//! The thread that sends: it gathers what was recorded, posts it, and keeps it on disk while the server is away.
//!
//! One batch is under way at a time, and what comes behind it stays behind it, in memory or in the spool. So events
//! arrive in the order in which they were recorded, each at least once; its id makes it exactly once.

mod batch;

use std::{future, time::Duration};

use tokio::time::{Instant, sleep_until};

use crate::{
    delivery::{Later, Server, Taken},
    queue::{Gate, Outlet, Parcel},
    spool::Spool,
};

use batch::{Batch, Flight, Load};

/// The first pause after a failure, which doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Sends until it is told to stop.
pub(crate) struct Sender {
    outlet: Outlet,
    server: Server,
    spool: Option<Spool>,
    linger: Duration,
    /// Gathered, neither sent nor kept.
    held: Batch,
    /// When what is held is to be sent, though it is not full.
    ripe: Option<Instant>,
    /// What is being posted.
    flight: Option<Flight>,
    /// Not to be sent before.
    pause: Option<Instant>,
    failures: u32,
}

enum Happened {
    Landed(Result<Taken, Later>),
    Came(Option<Parcel>),
    Due,
    Again,
    Stop,
}

impl Sender {
    pub(crate) fn new(outlet: Outlet, server: Server, spool: Option<Spool>, linger: Duration) -> Self {
        Self {
            outlet,
            server,
            spool,
            linger,
            held: Batch::default(),
            ripe: None,
            flight: None,
            pause: None,
            failures: 0,
        }
    }

    pub(crate) async fn run(mut self) {
        loop {
            self.arrange();
            match self.happens().await {
                Happened::Landed(answer) => self.land(answer),
                Happened::Due => self.gather(),
                Happened::Again => self.pause = None,
                Happened::Came(Some(parcel)) => self.take(parcel),
                Happened::Came(None) => return self.finish().await,
                Happened::Stop => return self.stop(),
            }
        }
    }

    /// Waits for what happens next.
    async fn happens(&mut self) -> Happened {
        let now = Instant::now();
        let takes = self.ripe.is_none() && !self.held.is_full() && self.may_gather();
        let ripe = self.ripe.filter(|_| self.may_gather());
        let pause = self.pause.filter(|_| self.flight.is_none());
        let landed = async {
            match &mut self.flight {
                Some(flight) => flight.answer.as_mut().await,
                None => future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.outlet.asked.stop.notified() => Happened::Stop,
            answer = landed => Happened::Landed(answer),
            () = sleep_until(pause.unwrap_or(now)), if pause.is_some() => Happened::Due,
            () = self.outlet.asked.again.notified(), if pause.is_some() => Happened::Again,
            // While a batch fills, nobody is woken for each event.
            () = sleep_until(ripe.unwrap_or(now)), if ripe.is_some() => Happened::Due,
            () = self.outlet.asked.hurry.notified(), if ripe.is_some() => {
                self.ripe = Some(now);
                Happened::Due
            }
            parcel = self.outlet.inbox.recv(), if takes => Happened::Came(parcel),
        }
    }

    /// Behind a batch from memory all waits in the queue: if that one fails, it is kept first.
    fn may_gather(&self) -> bool {
        !matches!(&self.flight, Some(Flight { load: Load::Memory(_), .. }))
    }

    /// The first parcel of a batch; the others are waited for a little, unless somebody waits for this one.
    fn take(&mut self, parcel: Parcel) {
        let waited_for = parcel.settled.is_some();
        self.held.add(parcel);
        self.ripe = Some(Instant::now() + if waited_for { Duration::ZERO } else { self.linger });
    }

    /// Takes what has come meanwhile.
    fn gather(&mut self) {
        let due = |at: Option<Instant>| at.is_some_and(|at| at <= Instant::now());
        if due(self.pause) {
            self.pause = None;
        }
        if !due(self.ripe) {
            return;
        }
        while !self.held.is_full() {
            let Ok(parcel) = self.outlet.inbox.try_recv() else { break };
            self.held.add(parcel);
        }
        self.ripe = None;
    }

    /// Keeps on disk what cannot be sent now, and sends what can.
    fn arrange(&mut self) {
        if self.held.events == 0 && self.may_gather() {
            // All that was recorded before is settled, which is what whoever flushes waits for.
            std::mem::take(&mut self.held).settle();
        }
        let away = self.pause.is_some() || self.spool.as_ref().is_some_and(|spool| !spool.is_empty());
        if away && self.ripe.is_none() && self.may_gather() && !self.held.is_empty() {
            let held = std::mem::take(&mut self.held);
            self.held = self.keep(held);
        }
        if self.flight.is_some() || self.pause.is_some() {
            return;
        }
        match self.spool.as_mut().map_or(Ok(None), Spool::oldest) {
            Ok(Some((number, lines, events))) => self.launch(Load::Spool(number), lines, events),
            Ok(None) if self.ripe.is_none() && !self.held.is_empty() => {
                let batch = std::mem::take(&mut self.held);
                let (lines, events) = (batch.lines(), batch.events);
                self.launch(Load::Memory(batch), lines, events);
            }
            // An empty batch tells whether anybody is there.
            Ok(None) if *self.outlet.gate.borrow() != Gate::Open => {
                self.launch(Load::Memory(Batch::default()), Vec::new(), 0);
            }
            Ok(None) => {}
            Err(error) => {
                tracing::error!(%error, "the audit spool cannot be read; it is tried again");
                self.pause = Some(Instant::now() + LONGEST_PAUSE);
            }
        }
    }

    fn launch(&mut self, load: Load, lines: Vec<u8>, events: usize) {
        let server = self.server.clone();
        let answer = Box::pin(async move { server.deliver(lines).await });
        self.flight = Some(Flight { answer, load, events });
    }

    fn land(&mut self, answer: Result<Taken, Later>) {
        let Some(Flight { load, events, .. }) = self.flight.take() else { return };
        match answer {
            Ok(taken) => self.landed(load, events, taken),
            Err(later) => self.failed(load, later),
        }
    }

    fn landed(&mut self, load: Load, events: usize, Taken { quarantined, unwanted }: Taken) {
        if self.failures > 0 {
            tracing::info!("the audit server takes events again");
        }
        (self.failures, self.pause) = (0, None);
        let refused = unwanted.iter().filter(|byte| **byte == b'\n').count();
        if quarantined > 0 {
            tracing::warn!(quarantined, "the audit server found events invalid, and keeps them in quarantine");
        }
        let kept = refused == 0 || self.set_aside(&unwanted, refused);
        let tally = &self.outlet.tally;
        tally.sent.add(events.saturating_sub(quarantined + refused));
        tally.quarantined.add(quarantined);
        tally.unwanted.add(refused);
        self.open(Gate::Open);
        match load {
            Load::Memory(batch) if kept => batch.settle(),
            // Some of it is nowhere: nobody of it is told that it is on record.
            Load::Memory(mut batch) => batch.refuse(),
            Load::Spool(number) => self.remove(number),
        }
    }

    /// Keeps what the server will never take; whether that is on disk.
    fn set_aside(&self, unwanted: &[u8], refused: usize) -> bool {
        let Some(spool) = &self.spool else { return false };
        let kept = spool.set_aside(unwanted);
        if let Err(error) = &kept {
            tracing::error!(%error, refused, "events that the audit server refuses could not be set aside, and are lost");
        }
        kept.is_ok()
    }

    fn remove(&mut self, number: u64) {
        let Some(spool) = &mut self.spool else { return };
        if let Err(error) = spool.remove(number) {
            tracing::warn!(%error, "a file of the audit spool was sent and cannot be removed");
        }
        self.outlet.tally.backlog.set(spool.bytes());
    }

    fn failed(&mut self, load: Load, Later { why, after }: Later) {
        if self.failures == 0 {
            tracing::warn!(%why, "the audit server does not take events; they are kept and sent again");
        }
        let pause = after.unwrap_or_else(|| (FIRST_PAUSE * 2_u32.saturating_pow(self.failures)).min(LONGEST_PAUSE));
        self.failures = (self.failures + 1).min(16);
        self.pause = Some(Instant::now() + pause);
        self.outlet.tally.retried.add(1);
        match load {
            Load::Memory(batch) if batch.is_empty() => self.open(Gate::Closed),
            // Nothing was gathered behind it.
            Load::Memory(batch) => self.held = self.keep(batch),
            Load::Spool(_) => {}
        }
    }

    /// Puts a batch on disk. What cannot be kept comes back, and whoever waits for it is told so.
    fn keep(&mut self, batch: Batch) -> Batch {
        let Some(spool) = &mut self.spool else { return self.refuse(batch) };
        if let Err(error) = spool.append(&batch.lines(), batch.events) {
            if *self.outlet.gate.borrow() != Gate::Closed {
                tracing::error!(%error, "the audit spool takes no events");
            }
            return self.refuse(batch);
        }
        self.outlet.tally.backlog.set(spool.bytes());
        self.outlet.tally.spooled.add(batch.events);
        self.open(Gate::Open);
        batch.settle();
        Batch::default()
    }

    fn refuse(&self, mut batch: Batch) -> Batch {
        // First the gate: whoever is told may come again at once.
        self.open(Gate::Closed);
        batch.refuse();
        batch
    }

    fn open(&self, gate: Gate) {
        self.outlet.gate.send_if_modified(|now| std::mem::replace(now, gate) != gate);
    }

    /// Whoever ends the service has waited as long as they would: what can still be kept is. What is on its way may arrive
    /// all the same, and is known again by its ids.
    fn stop(mut self) {
        let mut left = Vec::new();
        if let Some(Flight { load: Load::Memory(batch), .. }) = self.flight.take() {
            left.push(batch);
        }
        left.push(std::mem::take(&mut self.held));
        while let Ok(parcel) = self.outlet.inbox.try_recv() {
            if left.last().is_none_or(Batch::is_full) {
                left.push(Batch::default());
            }
            if let Some(batch) = left.last_mut() {
                batch.add(parcel);
            }
        }
        let lost = left.into_iter().filter(|batch| !batch.is_empty()).map(|batch| self.keep(batch).events).sum();
        self.lose(lost);
    }

    fn lose(&self, events: usize) {
        if events > 0 {
            self.outlet.tally.dropped.add(events);
            tracing::error!(events, "the audit server is away, and events are lost");
        }
    }

    /// Nobody is left who could record: one last try for what is in memory.
    async fn finish(mut self) {
        if let Some(flight) = &mut self.flight {
            let answer = (&mut flight.answer).await;
            self.land(answer);
        }
        let held = std::mem::take(&mut self.held);
        let left = if self.spool.is_some() { self.keep(held) } else { held };
        if left.events > 0 && self.server.deliver(left.lines()).await.is_err() {
            self.lose(left.events);
        }
    }
}
