//! Commands that are one order, for a live server or for the folder itself.

use std::io;

use flightbox_domain::role::Role;
use flightbox_store::Store;

use super::{Data, Failure};
use crate::{
    config::Config,
    control::{Caller, Order, Pipeline, Reply},
    folder::Folder,
    serve, system_clock, system_random,
};

/// Whoever owns a data folder: the server that runs, or this process.
pub enum Owner {
    /// A live server, at its socket.
    Server(Caller),
    /// This process, under the lock.
    Process(Box<Pipeline>, Folder),
}

impl Owner {
    /// Reaches the folder's server; where there is none, takes the folder.
    pub async fn of(data: &Data) -> Result<Self, Failure> {
        Self::with(data, data.config()).await
    }

    /// The same; where there is no server, set up like that.
    async fn with(data: &Data, config: Config) -> Result<Self, Failure> {
        if let Some(caller) = Caller::reach(&data.data).await {
            return Ok(Self::Server(caller));
        }
        let folder = Folder::take(&data.data)?;
        let app = serve::open(&folder, config, system_clock(), system_random()).await?;
        Ok(Self::Process(Box::new(Pipeline::new(app)), folder))
    }

    /// Has an order carried out.
    pub async fn call(&mut self, order: Order) -> Result<Reply, Failure> {
        let reply = match self {
            Self::Server(caller) => caller.call(&order).await?,
            Self::Process(pipeline, _) => order.carry_out(pipeline.app()).await,
        };
        match reply {
            Reply::Failed(why) => Err(why.into()),
            reply => Ok(reply),
        }
    }

    /// Has an order carried out without waiting for it. Replies come in the order of the orders, once a few are under way.
    pub async fn push(&mut self, order: Order) -> Result<Option<Reply>, Failure> {
        let reply = match self {
            Self::Server(caller) => caller.push(&order).await?,
            Self::Process(pipeline, _) => pipeline.push(order).await,
        };
        not_failed(reply)
    }

    /// Waits for the next reply, if one is to come.
    pub async fn done(&mut self) -> Result<Option<Reply>, Failure> {
        let reply = match self {
            Self::Server(caller) => caller.done().await?,
            Self::Process(pipeline, _) => pipeline.done().await,
        };
        not_failed(reply)
    }

    /// Gives the folder back.
    pub async fn close(self) {
        if let Self::Process(mut pipeline, folder) = self {
            while pipeline.done().await.is_some() {}
            pipeline.app().store.close().await;
            drop(folder);
        }
    }
}

fn not_failed(reply: Option<Reply>) -> Result<Option<Reply>, Failure> {
    match reply {
        Some(Reply::Failed(why)) => Err(why.into()),
        reply => Ok(reply),
    }
}

/// `flightbox person add`
pub async fn add_person(data: &Data, name: String, roles: &[Role]) -> Result<(), Failure> {
    let mut password = String::new();
    io::stdin().read_line(&mut password)?;
    let password = password.trim_end_matches(['\n', '\r']).to_owned();
    once(data, Order::AddPerson { name, password, roles: words(roles) }).await
}

/// `flightbox person reset`
pub async fn reset_person(data: &Data, name: String, public_url: String) -> Result<(), Failure> {
    let owner = Owner::with(data, Config { public_url, ..data.config() }).await?;
    finish(owner, Order::ResetPerson { name }).await
}

/// `flightbox session-key rotate`
pub async fn rotate_session_key(data: &Data, revoke: bool) -> Result<(), Failure> {
    once(data, Order::RotateSessionKey { revoke }).await
}

/// `flightbox keys rotate`
pub async fn rotate_master_key(data: &Data, command: Option<String>) -> Result<(), Failure> {
    once(data, Order::RotateMasterKey { command }).await
}

/// `flightbox log-key show`
pub async fn show_log_keys(data: &Data) -> Result<(), Failure> {
    is_data_folder(data)?;
    once(data, Order::LogKeys).await
}

/// `flightbox log-key rotate`
pub async fn rotate_log_key(data: &Data) -> Result<(), Failure> {
    is_data_folder(data)?;
    once(data, Order::RotateLogKey).await
}

/// `flightbox source add`
pub async fn add_source(data: &Data, name: String) -> Result<(), Failure> {
    once(data, Order::AddSource { name }).await
}

/// `flightbox token add`
pub async fn add_token(data: &Data, name: String, roles: &[Role]) -> Result<(), Failure> {
    once(data, Order::AddToken { name, roles: words(roles) }).await
}

/// `flightbox retention`
pub async fn retention(data: &Data, dry_run: bool) -> Result<(), Failure> {
    is_data_folder(data)?;
    once(data, Order::Retention { dry_run }).await
}

/// `flightbox doctor`
pub async fn doctor(data: &Data) -> Result<(), Failure> {
    is_data_folder(data)?;
    once(data, Order::Examine).await
}

/// What only looks makes no folder.
pub(super) fn is_data_folder(data: &Data) -> Result<(), Failure> {
    match Store::exists(&data.data) {
        true => Ok(()),
        false => Err(format!("{} is no data folder: it has no log", data.data.display()).into()),
    }
}

pub(super) async fn once(data: &Data, order: Order) -> Result<(), Failure> {
    finish(Owner::of(data).await?, order).await
}

async fn finish(mut owner: Owner, order: Order) -> Result<(), Failure> {
    let reply = owner.call(order).await;
    owner.close().await;
    if let Reply::Done(text) = reply?
        && !text.is_empty()
    {
        println!("{text}");
    }
    Ok(())
}

fn words(roles: &[Role]) -> Vec<String> {
    roles.iter().map(Role::to_string).collect()
}
