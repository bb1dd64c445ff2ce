//! GnuPG's own verifier as the yardstick: one process a signature.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

/// A signature as other programs verify it.
pub(crate) struct Verifiable {
    /// The file of the signature.
    pub(crate) blob: PathBuf,
    /// The certificates, binary.
    pub(crate) keyring: Vec<u8>,
}

/// gpgv with a signature that it accepts.
pub(crate) struct Gpgv {
    blob: PathBuf,
    keyring: PathBuf,
}

impl Gpgv {
    /// Nothing where gpgv is not installed.
    pub(crate) fn new(signature: Verifiable) -> Result<Option<Self>> {
        let keyring = std::env::temp_dir().join(format!("image-trust-bench-{}.gpg", std::process::id()));
        fs::write(&keyring, &signature.keyring)?;
        let gpgv = Self { blob: signature.blob, keyring };
        match gpgv.time() {
            Ok(_) => Ok(Some(gpgv)),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// How long it takes, from start to end of the process.
    pub(crate) fn time(&self) -> Result<Duration> {
        let mut command = Command::new("gpgv");
        command.arg("--keyring").arg(&self.keyring).args(["--output", "-"]).arg(&self.blob);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let status = command.status()?;
        let time = start.elapsed();
        ensure!(status.success(), "gpgv refuses {}", self.blob.display());
        Ok(time)
    }
}

impl Drop for Gpgv {
    fn drop(&mut self) {
        // A file that stays behind in the temporary folder does no harm.
        _ = fs::remove_file(&self.keyring);
    }
}

fn is_missing(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::NotFound)
}
