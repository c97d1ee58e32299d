//! A program's log in JSON, of no schema: a message, a level, a time.

use crate::mapping::{
    Field::*,
    Frame, Mapping,
    Rule::{At, Fixed, Word},
    Sign::{Any, Only},
};

/// Levels of logs as severities.
pub(super) const LEVELS: &[(&str, &str)] = &[
    ("trace", "info"),
    ("debug", "info"),
    ("info", "info"),
    ("default", "info"),
    ("notice", "notice"),
    ("warn", "warning"),
    ("warning", "warning"),
    ("error", "warning"),
    ("fatal", "critical"),
    ("critical", "critical"),
    ("alert", "critical"),
    ("emergency", "critical"),
    ("panic", "critical"),
];

/// The format.
pub static JSON_LOG: Mapping = Mapping {
    name: "json-log",
    title: "Logs in JSON",
    described: "",
    notes: "Records of nothing but message, level, time and the like, also as Docker keeps them (`log`). Nobody in them \
            did anything that they name: the action is `log`.",
    frame: Frame::Json,
    signs: &[
        Any(&["message", "log", "msg"]),
        Only(&[
            "message",
            "log",
            "msg",
            "severity",
            "level",
            "time",
            "timestamp",
            "ts",
            "stream",
            "logger",
            "attrs",
            "caller",
            "error",
        ]),
    ],
    inside: &[],
    rows: &[
        (Time, &[At("time"), At("timestamp"), At("ts")]),
        (Actor, &[At("logger"), Fixed("log")]),
        (ActorType, &[Fixed("service")]),
        (Action, &[Fixed("log")]),
        (Outcome, &[Fixed("unknown")]),
        (Severity, &[Word("severity", LEVELS), Word("level", LEVELS)]),
        (Reason, &[At("message"), At("msg"), At("log")]),
    ],
};
