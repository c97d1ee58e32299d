//! Read tokens, as far as whoever asks may know of them.

use flightbox_domain::scope::Sources;
use flightbox_store::TokenListed;

use super::people::{Asker, role_names};
use crate::{
    context,
    error::AppError,
    pages::tokens::{TokenLine, TokenList},
    parts::stamp::Stamp,
};

/// One's own, or, for an admin, everybody's.
pub async fn list(tz: &str) -> Result<TokenList, AppError> {
    let asker = Asker::new(context::signed_in()?, tz)?;
    let name = asker.person.name.parse().map_err(context::failed)?;
    let own = asker.store.person_listed(&name).await.map_err(context::unanswered)?.ok_or(AppError::SignedOut)?;
    let of = (!asker.person.roles.may_manage_people()).then_some(own.person.id);
    let tokens = asker.store.tokens(of).await.map_err(context::unanswered)?;
    let line = |listed: TokenListed| TokenLine {
        name: listed.token.name.to_string(),
        roles: role_names(&listed.token.roles),
        seeing: asker.seeing(&listed.token.sources),
        maker: listed.maker.map(|maker| maker.to_string()).filter(|maker| *maker != asker.person.name),
        at_console: listed.expires_at.is_none(),
        ended: listed.expires_at.is_some_and(|at| at <= asker.now),
        expires: listed.expires_at.map(|at| asker.stamp(at)),
        used: listed.token.used_at.map(|at| asker.stamp(at)).map(|Stamp { ago, .. }| ago),
    };
    Ok(TokenList {
        tokens: tokens.into_iter().map(line).collect(),
        roles: role_names(&asker.person.roles),
        sources: asker.known_sources().await?,
        may_give_all: asker.person.sources == Sources::All,
    })
}
