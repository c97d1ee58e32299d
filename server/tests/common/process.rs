//! The real program as people run it: commands, and a server in a process of its own that can be killed.

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
};

/// What the environment says beside the data folder.
pub type Environment<'a> = &'a [(&'a str, &'a str)];

fn program(folder: &Path, environment: Environment<'_>, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flightbox"));
    command.args(words).env("FLIGHTBOX_DATA", folder).envs(environment.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs a command to its end.
pub fn run(folder: &Path, environment: Environment<'_>, words: &[&str], input: &str) -> Output {
    let mut child = program(folder, environment, words).spawn().unwrap();
    // A command that reads nothing may have closed its end already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// Runs a command that must succeed; what it printed.
pub fn ok(folder: &Path, environment: Environment<'_>, words: &[&str], input: &str) -> String {
    let output = run(folder, environment, words, input);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

/// Runs a command that must fail; what it said of that.
pub fn refused(folder: &Path, environment: Environment<'_>, words: &[&str]) -> String {
    let output = run(folder, environment, words, "");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{words:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// Starts a command and lets it run.
pub fn begin(folder: &Path, environment: Environment<'_>, words: &[&str]) -> Child {
    program(folder, environment, words).spawn().unwrap()
}

/// A server that is ready.
pub struct Process {
    child: Child,
    /// Where it is reached.
    pub url: String,
    logged: Arc<Mutex<String>>,
    listening: Option<JoinHandle<()>>,
}

impl Process {
    pub fn serve(folder: &Path, environment: Environment<'_>) -> Self {
        let mut child = program(folder, environment, &["serve", "--listen", "127.0.0.1:0"]).spawn().unwrap();
        let logged = Arc::new(Mutex::new(String::new()));
        let (mut stderr, into) = (child.stderr.take().unwrap(), logged.clone());
        let listening = thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = stderr.read(&mut bytes) {
                into.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..read]));
            }
        });
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = lines.find_map(|line| line.unwrap().strip_prefix("ready ").map(str::to_owned));
        let url = url.unwrap_or_else(|| panic!("it ended before it was ready: {}", logged.lock().unwrap()));
        Self { child, url, logged, listening: Some(listening) }
    }

    /// What it has logged so far.
    pub fn logged(&self) -> String {
        self.logged.lock().unwrap().clone()
    }

    /// Ends it at once, wherever it is; what it had logged.
    pub fn kill(mut self) -> String {
        self.end();
        self.logged()
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(listening) = self.listening.take() {
            let _ = listening.join();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}
