//! Methods and statuses over the terms of [`crate::terms::http`].

use std::ops::RangeInclusive;

use super::{Bounds, Expr};
use crate::{
    keys::Keys,
    query::NumberRange,
    terms::{
        Field,
        http::{METHODS, NEITHER, NO_METHOD, NO_STATUS, OTHER_METHOD, SUCCESSES, class},
    },
};

/// So many statuses of one class are asked for, or left out, one by one; of more the record has to tell.
const FEW: usize = 16;

pub(super) fn has_method() -> Expr {
    Expr::any([NEITHER, NO_METHOD].map(Expr::term)).not()
}

pub(super) fn has_status() -> Expr {
    Expr::any([NEITHER, NO_STATUS].map(Expr::term)).not()
}

/// Events whose method this is, in ASCII capitals.
pub(super) fn method(keys: &Keys, wanted: &str) -> Bounds {
    let term = |method: &str| Expr::Term(Field::Method.term(keys, method).0);
    if wanted == "GET" {
        let others = METHODS.iter().map(|method| term(method)).chain([Expr::term(OTHER_METHOD)]);
        return Bounds::exactly(Expr::all([has_method(), Expr::any(others).not()]));
    }
    let (term, proves) = Field::Method.term(keys, wanted);
    Bounds::of(Expr::Term(term), proves)
}

/// Events whose status lies within the range.
pub(super) fn status(keys: &Keys, range: &NumberRange) -> Bounds {
    let ok = if range.contains(200.0) { ok(keys) } else { Expr::None };
    let classes = [100..=199, 201..=299, 300..=399, 400..=499, 500..=599];
    let classes = classes.into_iter().map(|members| in_class(keys, members, range));
    Bounds::fold([Bounds::exactly(ok)].into_iter().chain(classes), Expr::any)
}

fn in_class(keys: &Keys, members: RangeInclusive<u16>, range: &NumberRange) -> Bounds {
    let whole = whole(keys, *members.start());
    let (wanted, others): (Vec<u16>, Vec<u16>) = members.partition(|status| range.contains(f64::from(*status)));
    let any = |statuses: Vec<u16>| Expr::any(statuses.into_iter().map(|status| exactly(keys, status)));
    if wanted.len() <= FEW {
        Bounds::exactly(any(wanted))
    } else if others.len() <= FEW {
        Bounds::exactly(whole.and(any(others).not()))
    } else {
        Bounds::at_most(whole)
    }
}

/// Status 200: there is a status, and no term of any other.
fn ok(keys: &Keys) -> Expr {
    let others = Expr::any([100, 201, 300, 400, 500].map(|status| whole(keys, status)));
    Expr::all([has_status(), others.not()])
}

/// Every status of the class but 200.
fn whole(keys: &Keys, status: u16) -> Expr {
    let alone = SUCCESSES.iter().filter(|success| **success / 100 == status / 100);
    Expr::any([Expr::Term(class(status))].into_iter().chain(alone.map(|success| exactly(keys, *success))))
}

/// One status other than 200.
fn exactly(keys: &Keys, status: u16) -> Expr {
    Expr::Term(Field::Status.term(keys, &status.to_string()).0)
}
