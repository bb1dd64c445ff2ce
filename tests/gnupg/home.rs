//! GnuPG, and a home for it.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

const UNATTENDED: [&str; 5] = ["--no-tty", "--quiet", "--yes", "--pinentry-mode=loopback", "--passphrase="];

/// A folder that goes away.
pub struct Folder(PathBuf);

impl Folder {
    /// One with a short name: the sockets of GnuPG's agent are in it.
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = PathBuf::from(format!("/tmp/image-trust-{}-{number}", std::process::id()));
        fs::DirBuilder::new().mode(0o700).create(&path).expect("a new folder");
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, bytes).expect(name);
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A GnuPG home with its agent.
pub struct Home(Folder);

/// A key of a home.
#[derive(Clone)]
pub struct Key {
    /// The fingerprint of the primary key.
    pub fingerprint: String,
    /// The certificate as it was when the key was made, binary.
    pub certificate: Vec<u8>,
}

impl Home {
    pub fn new() -> Self {
        let folder = Folder::new();
        // Nothing here has to be secret for long.
        folder.write("gpg-agent.conf", "debug-quick-random\n");
        Self(folder)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs `gpg`, and gives what it wrote.
    pub fn gpg<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
        input: &[u8],
    ) -> Result<Vec<u8>, String> {
        let mut gpg = self.command();
        let output = run(gpg.arg("--batch").args(arguments), input);
        if output.status.success() { Ok(output.stdout) } else { Err(words(&output)) }
    }

    fn command(&self) -> Command {
        gpg(self.path())
    }

    /// Runs a command of `gpg` that is a conversation, and gives what it wrote.
    fn converse(&self, arguments: &[&str], answers: &[&str]) -> Vec<u8> {
        let answers: String = answers.iter().flat_map(|answer| [*answer, "\n"]).collect();
        let output = run(self.command().arg("--command-fd=0").args(arguments), answers.as_bytes());
        assert!(output.status.success(), "{arguments:?}: {}", words(&output));
        output.stdout
    }

    /// Makes a key that never expires, as of `day`.
    pub fn generate(&self, name: &str, algorithm: &str, usage: &str, day: &str) -> Result<Key, String> {
        self.generate_with(name, algorithm, usage, "never", &[&at(day)])
    }

    pub fn generate_with(
        &self,
        name: &str,
        algorithm: &str,
        usage: &str,
        expiry: &str,
        options: &[&str],
    ) -> Result<Key, String> {
        let command = ["--status-fd=1", "--quick-generate-key", name, algorithm, usage, expiry];
        let status = self.gpg(options.iter().chain(&command), &[])?;
        let status = String::from_utf8_lossy(&status);
        let created = status.lines().find(|line| line.contains("KEY_CREATED")).ok_or("no KEY_CREATED")?;
        let fingerprint = created.rsplit(' ').next().unwrap_or_default().to_owned();
        let certificate = self.export(&fingerprint);
        Ok(Key { fingerprint, certificate })
    }

    /// Adds a subkey, as of `day`.
    pub fn add_subkey(&self, key: &mut Key, algorithm: &str, usage: &str, expiry: &str, day: &str) {
        let command = ["--quick-add-key", &key.fingerprint, algorithm, usage, expiry];
        self.gpg([at(day).as_str()].iter().chain(&command), &[]).expect(algorithm);
        key.certificate = self.export(&key.fingerprint);
    }

    pub fn export(&self, fingerprint: &str) -> Vec<u8> {
        self.gpg(["--export", fingerprint], &[]).expect("an export")
    }

    /// What the certificate of a key becomes when its owner edits it, elsewhere: the key here stays
    /// as it is, and can sign.
    pub fn edition(&self, key: &Key, edit: impl FnOnce(&Self, &str)) -> Vec<u8> {
        let edited = self.try_edition(key, |home, key| {
            edit(home, key);
            Ok(())
        });
        edited.expect("an edition")
    }

    /// The same, where the edit may fail.
    pub fn try_edition(
        &self,
        key: &Key,
        edit: impl FnOnce(&Self, &str) -> Result<(), String>,
    ) -> Result<Vec<u8>, String> {
        let secret = self.gpg(["--export-secret-keys", &key.fingerprint], &[])?;
        let elsewhere = Self::new();
        elsewhere.gpg(["--import"], &secret)?;
        edit(&elsewhere, &key.fingerprint)?;
        Ok(elsewhere.export(&key.fingerprint))
    }

    /// Signs by the keys, as `command` (options and a command) says.
    pub fn sign(&self, keys: &[&Key], command: &str, payload: &[u8]) -> Result<Vec<u8>, String> {
        let users = keys.iter().flat_map(|key| ["--local-user", &key.fingerprint]);
        self.gpg(users.chain(command.split_whitespace()), payload)
    }

    pub fn revoke(&self, fingerprint: &str, reason: &str) {
        self.revoke_with(&[], fingerprint, reason);
    }

    pub fn revoke_with(&self, options: &[&str], fingerprint: &str, reason: &str) {
        let command = [options, &["--gen-revoke", fingerprint]].concat();
        let revocation = self.converse(&command, &["y", reason, "a description", "", "y"]);
        self.gpg(["--import"], &revocation).expect("a revocation");
    }

    pub fn edit(&self, fingerprint: &str, commands: &[&str]) {
        self.edit_with(&[], fingerprint, commands);
    }

    pub fn edit_with(&self, options: &[&str], fingerprint: &str, commands: &[&str]) {
        let commands = [commands, &["save"]].concat();
        self.converse(&[options, &["--edit-key", fingerprint]].concat(), &commands);
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        for arguments in [["--kill", "all"].as_slice(), &["--remove-socketdir"]] {
            let mut gpgconf = Command::new("gpgconf");
            gpgconf.arg("--homedir").arg(self.path()).args(arguments);
            let _ = gpgconf.output();
        }
    }
}

/// The option that makes `gpg` believe it is that day, as `20240101`.
pub fn at(day: &str) -> String {
    format!("--faked-system-time={day}T120000!")
}

/// A `gpg` that asks nobody.
fn gpg(home: &Path) -> Command {
    let mut gpg = Command::new("gpg");
    gpg.env("LC_ALL", "C").arg("--homedir").arg(home).args(UNATTENDED);
    gpg
}

/// The status lines of `gpg --verify` for a blob, given only these certificates.
pub fn status(certificates: &[u8], blob: &[u8]) -> Vec<String> {
    try_status(certificates, blob).expect("an import")
}

/// The same, where GnuPG may refuse the certificates.
pub fn try_status(certificates: &[u8], blob: &[u8]) -> Result<Vec<String>, String> {
    // Public keys need no agent.
    let home = Folder::new();
    let imported = run(gpg(home.path()).args(["--batch", "--import"]), certificates);
    if !imported.status.success() {
        return Err(words(&imported));
    }
    let output = run(gpg(home.path()).args(["--batch", "--status-fd=1", "--verify"]), blob);
    let lines = String::from_utf8_lossy(&output.stdout);
    Ok(lines.lines().filter_map(|line| Some(line.strip_prefix("[GNUPG:] ")?.to_owned())).collect())
}

/// Runs a command to its end.
pub fn run(command: &mut Command, input: &[u8]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    // One that does not read its input to the end may well be right.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    child.wait_with_output().expect("its output")
}

/// What a command said before it failed.
pub fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).trim().to_owned()
}
