//! Compiled modules, kept in the user's cache folder. Compiling takes a second, reading what was
//! compiled a few milliseconds.

use std::env;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process;

use sha2::{Digest, Sha256};

use super::module::wasmtime::{self, Engine, Module};

/// How many modules are kept, the latest. One takes about 8 MB.
const KEPT: usize = 8;
/// Longer than any file of a compiled policy.
const LONGEST: u64 = 256 << 20;
/// How the names of the files end.
const ENDING: &str = ".cwasm";
/// Bytes of the checksum with which a file begins.
const CHECKSUM: usize = 32;

/// A folder of compiled modules.
///
/// A file is named after the digest of the module and the version of this program, and begins with
/// a checksum of its name and the rest. What is damaged, or was compiled by another runtime or for
/// another processor, is compiled anew and replaced.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// The user's: `image-trust` in `$XDG_CACHE_HOME`, or in `~/.cache`. None where there is neither.
    pub fn of_user() -> Option<Self> {
        // By the specification of base directories, a relative path counts as none.
        let absolute = |variable| env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = || absolute("HOME").map(|home| home.join(".cache"));
        let folder = absolute("XDG_CACHE_HOME").or_else(home)?.join("image-trust");
        Some(Self::at(folder))
    }

    /// The one in a folder, which need not exist.
    pub fn at(folder: PathBuf) -> Self {
        Cache { folder }
    }

    /// A module, as it was compiled before, or compiled now and kept.
    ///
    /// # Errors
    /// When it does not compile. Where it cannot be kept, it is compiled each time.
    pub fn module(&self, engine: &Engine, wasm: &[u8]) -> wasmtime::Result<Module> {
        let name = format!("{:x}-{}{ENDING}", Sha256::digest(wasm), env!("CARGO_PKG_VERSION"));
        if let Some(module) = self.kept(engine, &name) {
            return Ok(module);
        }
        let module = Module::new(engine, wasm)?;
        if let Ok(compiled) = module.serialize()
            && self.keep(&name, &compiled).is_ok()
        {
            // What stays too long is in nobody's way.
            _ = self.prune();
        }
        Ok(module)
    }

    fn kept(&self, engine: &Engine, name: &str) -> Option<Module> {
        let file = File::open(self.folder.join(name)).ok()?;
        let metadata = file.metadata().ok()?;
        if !is_private(&fs::metadata(&self.folder).ok()?)
            || !is_private(&metadata)
            || metadata.len() > LONGEST
        {
            return None;
        }
        let mut bytes = Vec::new();
        file.take(LONGEST).read_to_end(&mut bytes).ok()?;
        let (sum, compiled) = bytes.split_at_checked(CHECKSUM)?;
        if checksum(name, compiled).as_slice() != sum {
            return None;
        }
        // SAFETY: it is what `Module::serialize` gave, as the checksum says, in a file and a folder that only
        // the user writes, who could as well replace this program. The runtime itself refuses what
        // another version of it wrote, or what was compiled with other options.
        unsafe { Module::deserialize(engine, compiled) }.ok()
    }

    /// Writes a file beside its place and moves it there, so that nobody reads half of it.
    fn keep(&self, name: &str, compiled: &[u8]) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.folder)?;
        if !is_private(&fs::metadata(&self.folder)?) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let new = self.folder.join(format!("{}-{name}", process::id()));
        let written = OpenOptions::new().write(true).create_new(true).open(&new).and_then(|mut file| {
            file.write_all(&checksum(name, compiled))?;
            file.write_all(compiled)?;
            fs::rename(&new, self.folder.join(name))
        });
        if written.is_err() {
            _ = fs::remove_file(&new);
        }
        written
    }

    /// Removes all but the latest modules, and what a run that was cut off left.
    fn prune(&self) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().ends_with(ENDING) {
                files.push((entry.metadata()?.modified()?, entry.path()));
            }
        }
        files.sort_unstable_by(|a, b| b.cmp(a));
        files.iter().skip(KEPT).try_for_each(|(_, path)| fs::remove_file(path))
    }
}

fn checksum(name: &str, compiled: &[u8]) -> [u8; CHECKSUM] {
    Sha256::new().chain_update(name).chain_update(compiled).finalize().into()
}

/// Whether a file or folder is the user's, and nobody else may write to it.
#[cfg(unix)]
fn is_private(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.uid() == rustix::process::geteuid().as_raw() && metadata.mode() & 0o022 == 0
}

/// Elsewhere it is as private as the user's other folders.
#[cfg(not(unix))]
fn is_private(_: &Metadata) -> bool {
    true
}
