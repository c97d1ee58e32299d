//! `ensure-wasm.sh` on machines that this one isn't: with stand-ins for the programs that it asks.
#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// A folder of stand-ins that come before the real programs.
struct Machine {
    folder: PathBuf,
}

impl Machine {
    /// Its compiler looks for the library in the machine's `lib`; it has no packages, and no root.
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        fs::create_dir_all(folder.join("lib")).unwrap();
        let machine = Self { folder };
        machine.program("rustc", &format!("echo {}", machine.folder.join("lib").display()));
        machine.program("rustup", "exit 1");
        machine.program("dpkg-query", "exit 1");
        machine.program("apt-get", "echo apt-get was called >&2; exit 1");
        machine.program("id", "echo 1000");
        machine
    }

    fn program(&self, name: &str, body: &str) {
        let path = self.folder.join(name);
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn library(&self) -> PathBuf {
        self.folder.join("lib/libstd-0.rlib")
    }

    fn run(&self) -> Output {
        Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/ensure-wasm.sh"))
            .args(["echo", "it", "ran"])
            .env("PATH", format!("{}:/usr/bin:/bin", self.folder.display()))
            .env("CARGO_TARGET_DIR", self.folder.join("target"))
            .env_remove("FLIGHTBOX_WASM")
            .output()
            .unwrap()
    }
}

fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn with_the_library_there_it_only_runs_the_command() {
    let machine = Machine::new("present");
    fs::write(machine.library(), "").unwrap();
    machine.program("rustup", "echo rustup was called >&2; exit 1");

    let output = machine.run();
    assert_eq!(output.stdout, b"it ran\n", "{}", error(&output));
    assert_eq!(error(&output), "");
}

#[test]
fn rustup_is_asked_first() {
    let machine = Machine::new("rustup");
    machine.program("rustup", &format!("touch {}", machine.library().display()));

    let output = machine.run();
    assert_eq!(output.stdout, b"it ran\n", "{}", error(&output));
}

#[test]
fn without_root_it_lists_what_is_missing_and_exits_2() {
    let output = Machine::new("absent").run();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(output.stdout, b"");
    for package in ["rustc-web", "cargo-web", "rust-web-src"] {
        assert!(error(&output).contains(&format!("missing  {package}: ")), "{}", error(&output));
    }
    assert!(!error(&output).contains("apt-get was called"));
}

#[test]
fn root_gets_them_installed() {
    let machine = Machine::new("root");
    machine.program("id", "echo 0");

    let output = machine.run();
    assert!(error(&output).contains("apt-get was called"), "{}", error(&output));
    assert_ne!(output.status.code(), Some(2));
}
