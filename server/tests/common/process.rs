//! The real program as people run it: commands, and a server in a process of its own that can be killed.

#![allow(dead_code, reason = "each test binary uses its share")]

use std::{
    env,
    ffi::{OsStr, OsString},
    fs,
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
};

/// What the environment says beside the data folder.
pub type Environment<'a> = &'a [(&'a str, &'a str)];

/// The program: the one that the tests were built with, or the one that is named.
pub fn path() -> OsString {
    env::var_os("FLIGHTBOX_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_flightbox").into())
}

/// A command of it.
pub fn program(folder: &Path, environment: Environment<'_>, words: &[&str]) -> Command {
    let mut command = Command::new(path());
    command.args(words).env("FLIGHTBOX_DATA", folder).envs(environment.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What serves a folder on any free port.
pub fn server(folder: &Path, environment: Environment<'_>) -> Command {
    program(folder, environment, &["serve", "--listen", "127.0.0.1:0"])
}

/// The same command, started by another.
pub fn behind(prefix: &[String], command: &Command) -> Command {
    let mut words = prefix.iter().map(OsStr::new).chain([command.get_program()]).chain(command.get_args());
    let mut behind = Command::new(words.next().unwrap());
    behind.args(words).envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    behind
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
        Self::start(server(folder, environment))
    }

    /// Starts what becomes a server; all that it writes is heard.
    pub fn start(command: Command) -> Self {
        Self::try_start(command).unwrap_or_else(|said| panic!("it ended before it was ready: {said}"))
    }

    /// The same, or what it said before it ended.
    pub fn try_start(mut command: Command) -> Result<Self, String> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let logged = Arc::new(Mutex::new(String::new()));
        let (mut stderr, into) = (child.stderr.take().unwrap(), logged.clone());
        let listening = thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = stderr.read(&mut bytes) {
                into.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..read]));
            }
        });
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = lines.find_map(|line| line.ok()?.strip_prefix("ready ").map(str::to_owned));
        let ready = url.is_some();
        let mut this = Self { child, url: url.unwrap_or_default(), logged, listening: Some(listening) };
        if ready {
            return Ok(this);
        }
        this.end();
        Err(this.logged())
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

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// A line of what Linux tells of its memory, such as `VmHWM`, in KiB (proc_pid_status(5)).
    pub fn memory(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Tells it to stop and waits until it has; how it ended, and what it had logged.
    pub fn terminate(mut self) -> (ExitStatus, String) {
        let told = Command::new("kill").arg(self.id().to_string()).status().unwrap();
        assert!(told.success());
        let status = self.child.wait().unwrap();
        self.end();
        (status, self.logged())
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
