//! What can be recorded.

use flightbox_event::{Outcome, Severity};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A person signed in, or tried to.
    SignIn,
    /// A person signed out.
    SignOut,
    /// A person confirmed that it is they, or tried to.
    StepUp,
    /// A person added a second factor.
    FactorAdd,
    /// A person removed a second factor.
    FactorRemove,
    /// A person got other recovery codes.
    FactorCodes,
    /// A person took events away as a file.
    Export,
    /// A person asked for a second person's approval of an export of sealed values.
    ExportAsk,
    /// A person approved such an export.
    ExportApprove,
    /// A person declined one.
    ExportDecline,
    /// Somebody looked at events; under which action, [`flightbox_app::look`] says.
    Look(&'static str),
    /// Somebody asked for what is not theirs.
    Refuse,
    /// A person keeps a view.
    ViewSave,
    /// A person called a view something else, or shared it, or no longer.
    ViewChange,
    /// A person keeps a view no longer.
    ViewDelete,
    /// A person was added.
    PersonAdd,
    /// A person got another password, or tried to.
    PersonPassword,
    /// A person got other roles, or another scope.
    PersonChange,
    /// A person may not sign in any more.
    PersonDisable,
    /// A person may sign in again.
    PersonEnable,
    /// A link was made by which a person chooses another password.
    PersonReset,
    /// A person's second factors were removed, as they had lost them.
    PersonFactors,
    /// Sessions of a person were ended, by themselves or by an admin.
    SessionEnd,
    /// Another key signs session tokens.
    SessionKey,
    /// Another master key wraps all others.
    MasterKey,
    /// Another key signs checkpoints.
    LogKey,
    /// No checkpoint is signed any more: the log is not the one that the last was of.
    CheckpointRefuse,
    /// A copy of the log, and perhaps of its keys, was made.
    Backup,
    /// The log was put back from such a copy.
    Restore,
    /// Something in the log is not what was recorded.
    IntegrityDamage,
    /// All of the log is what was recorded, where something had not been.
    IntegrityWhole,
    /// A person had all of the log looked through at once.
    IntegrityVerify,
    /// Other rules mask and seal what comes.
    Rules,
    /// Somebody was shown sealed values, or asked for them.
    Reveal,
    /// The keys of somebody's sealed values were destroyed.
    Erase,
    /// A source was added.
    SourceAdd,
    /// A source may append no more.
    SourceDisable,
    /// A source may append again.
    SourceEnable,
    /// A source got another ingest token.
    SourceRotate,
    /// An ingest token was revoked.
    SourceRevoke,
    /// A person began to import files into a source.
    SourceImportBegin,
    /// What came of that.
    SourceImport,
    /// A source has sent nothing for longer than its habit explains.
    SourceSilent,
    /// A source that was silent has sent again.
    SourceHeard,
    /// A person was shown what was refused, as it came.
    QuarantineView,
    /// A person had what was refused stored after all, mended or not.
    QuarantineReplay,
    /// What came of that.
    QuarantineStore,
    /// A person deleted what was refused.
    QuarantineDiscard,
    /// A read token was added.
    TokenAdd,
    /// A read token was revoked.
    TokenRevoke,
    /// What is no longer kept is removed, or could not be.
    RetentionRun,
    /// Events of a source, or of all, are kept longer or shorter.
    RetentionChange,
    /// A legal hold was set.
    HoldCreate,
    /// A legal hold was lifted.
    HoldLift,
}

impl Action {
    /// The event's action.
    pub fn as_str(self) -> &'static str {
        match self {
            Action::SignIn => "session.sign-in",
            Action::SignOut => "session.sign-out",
            Action::StepUp => "session.step-up",
            Action::FactorAdd => "factor.add",
            Action::FactorRemove => "factor.remove",
            Action::FactorCodes => "factor.codes",
            Action::Export => flightbox_domain::evidence::ACTION,
            Action::ExportAsk => "export.ask",
            Action::ExportApprove => "export.approve",
            Action::ExportDecline => "export.decline",
            Action::Look(action) => action,
            Action::Refuse => "access.refuse",
            Action::ViewSave => "view.save",
            Action::ViewChange => "view.change",
            Action::ViewDelete => "view.delete",
            Action::PersonAdd => "person.add",
            Action::PersonPassword => "person.password",
            Action::PersonChange => "person.change",
            Action::PersonDisable => "person.disable",
            Action::PersonEnable => "person.enable",
            Action::PersonReset => "person.reset",
            Action::PersonFactors => "person.factors",
            Action::SessionEnd => "session.end",
            Action::SessionKey => "session-key.rotate",
            Action::MasterKey => "master-key.rotate",
            Action::LogKey => "log-key.rotate",
            Action::CheckpointRefuse => "checkpoint.refuse",
            Action::Backup => "backup.make",
            Action::Restore => "backup.restore",
            Action::IntegrityDamage => "integrity.damage",
            Action::IntegrityWhole => "integrity.whole",
            Action::IntegrityVerify => "integrity.verify",
            Action::Rules => "rules.change",
            Action::Reveal => "event.reveal",
            Action::Erase => "actor.erase",
            Action::SourceAdd => "source.add",
            Action::SourceDisable => "source.disable",
            Action::SourceEnable => "source.enable",
            Action::SourceRotate => "source.rotate",
            Action::SourceRevoke => "source.revoke",
            Action::SourceImportBegin => "source.import-begin",
            Action::SourceImport => "source.import",
            Action::SourceSilent => "source.silent",
            Action::SourceHeard => "source.heard",
            Action::QuarantineView => "quarantine.view",
            Action::QuarantineReplay => "quarantine.replay",
            Action::QuarantineStore => "quarantine.store",
            Action::QuarantineDiscard => "quarantine.discard",
            Action::TokenAdd => "token.add",
            Action::TokenRevoke => "token.revoke",
            Action::RetentionRun => "retention.run",
            Action::RetentionChange => "retention.change",
            Action::HoldCreate => "hold.create",
            Action::HoldLift => "hold.lift",
        }
    }

    pub(super) fn severity(self, outcome: Outcome) -> Severity {
        use Action::{
            CheckpointRefuse, IntegrityDamage, Look, SignIn, SignOut, SourceSilent, StepUp, ViewChange, ViewDelete,
            ViewSave,
        };
        match (self, outcome) {
            (Look(_) | SignIn | SignOut | StepUp | ViewSave | ViewChange | ViewDelete, Outcome::Success) => {
                Severity::Info
            }
            (CheckpointRefuse | IntegrityDamage, _) => Severity::Critical,
            (SourceSilent, _) => Severity::Warning,
            _ => Severity::Notice,
        }
    }
}
