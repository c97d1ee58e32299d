//! One file a format.

pub mod access;
pub mod apache_error;
pub mod auditd;
pub mod auth0;
pub mod cloudtrail;
pub mod ecs;
pub mod entra;
pub mod flightbox;
pub mod gcp;
pub mod github;
pub mod gitlab;
pub mod iis;
pub mod json_log;
pub mod keycloak;
pub mod kubernetes;
pub mod m365;
pub mod mysql;
pub mod nginx_error;
pub mod ocsf;
pub mod okta;
pub mod postgres;
pub mod sshd;
mod syscalls;
pub mod vault;
pub mod workspace;

use flightbox_event::Json;

use crate::mapping::Mapping;

/// Every format.
pub const FORMATS: &[&Mapping] = &[
    &flightbox::FLIGHTBOX,
    &cloudtrail::CLOUDTRAIL,
    &kubernetes::KUBERNETES,
    &github::GITHUB,
    &gitlab::GITLAB,
    &okta::OKTA,
    &auth0::AUTH0,
    &workspace::WORKSPACE,
    &gcp::GCP,
    &entra::ENTRA,
    &m365::M365,
    &keycloak::KEYCLOAK,
    &vault::VAULT,
    &ocsf::OCSF,
    &ecs::ECS,
    &json_log::JSON_LOG,
    &auditd::AUDITD,
    &postgres::CSV,
    &postgres::JSON,
    &postgres::STDERR,
    &sshd::SSHD,
    &access::ACCESS,
    &apache_error::APACHE_ERROR,
    &nginx_error::NGINX_ERROR,
    &iis::IIS,
    &mysql::MYSQL,
];

/// How surely a record is of a format, from 0 to 1.
pub(crate) fn likeness(mapping: &'static Mapping, record: &Json) -> f64 {
    if std::ptr::eq(mapping, &flightbox::FLIGHTBOX) { flightbox::likeness(record) } else { mapping.likeness(record) }
}

/// The format of that name.
pub fn named(name: &str) -> Option<&'static Mapping> {
    FORMATS.iter().copied().find(|mapping| mapping.name == name)
}
