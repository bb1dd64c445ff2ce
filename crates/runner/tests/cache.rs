//! Compiled modules that are kept: what is read back is what was written, or nothing.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use image_trust::host::cache::Cache;
use image_trust::host::module::Host;
use sha2::{Digest, Sha256};

/// A folder of a test's own, which is not there yet.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache").join(name);
    _ = fs::remove_dir_all(&folder);
    folder
}

/// A policy that answers everything with one byte.
fn policy(answer: char) -> Vec<u8> {
    wat::parse_str(format!(
        r#"(module
            (import "wapc" "__guest_response" (func $response (param i32 i32)))
            (memory (export "memory") 1)
            (data (i32.const 0) "{answer}")
            (func (export "__guest_call") (param i32 i32) (result i32)
                (call $response (i32.const 0) (i32.const 1)) (i32.const 1)))"#
    ))
    .unwrap()
}

fn answer(folder: &Path, wasm: &[u8]) -> String {
    let host = Host::open(wasm, Some(&Cache::at(folder.to_owned()))).unwrap();
    String::from_utf8(host.link(None).unwrap().call("validate", b"").unwrap()).unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// The only file of a folder.
fn file(folder: &Path) -> PathBuf {
    let files = files(folder);
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
}

#[test]
fn a_module_is_kept_under_its_digest_and_our_version() {
    let folder = folder("digest");
    assert_eq!(answer(&folder, &policy('a')), "a");
    let expected = format!("{:x}-{}.cwasm", Sha256::digest(policy('a')), env!("CARGO_PKG_VERSION"));
    assert_eq!(file(&folder), folder.join(expected));
    let written = fs::metadata(file(&folder)).unwrap().modified().unwrap();
    assert_eq!(answer(&folder, &policy('a')), "a");
    assert_eq!(fs::metadata(file(&folder)).unwrap().modified().unwrap(), written);
    assert_eq!(answer(&folder, &policy('b')), "b");
    assert_eq!(files(&folder).len(), 2);
}

#[test]
fn what_is_kept_is_what_runs() {
    let (ours, theirs) = (folder("ours"), folder("theirs"));
    assert_eq!(answer(&ours, &policy('a')), "a");
    assert_eq!(answer(&theirs, &policy('b')), "b");
    let (ours_at, theirs) = (file(&ours), fs::read(file(&theirs)).unwrap());
    // Another's file in its place is seen by its checksum, which covers the name.
    fs::write(&ours_at, &theirs).unwrap();
    assert_eq!(answer(&ours, &policy('a')), "a");
    // With the checksum that it would have there, it shows that the file is used at all.
    let name = ours_at.file_name().unwrap().to_str().unwrap();
    let sum = Sha256::new().chain_update(name).chain_update(&theirs[32..]).finalize();
    fs::write(&ours_at, [&sum, &theirs[32..]].concat()).unwrap();
    assert_eq!(answer(&ours, &policy('a')), "b");
}

#[test]
fn what_is_damaged_is_compiled_anew_and_replaced() {
    let folder = folder("damaged");
    assert_eq!(answer(&folder, &policy('a')), "a");
    let path = file(&folder);
    let whole = fs::read(&path).unwrap();
    let mut damages = vec![Vec::new(), b"nonsense".to_vec(), [&whole[..], b"more"].concat()];
    damages.extend([1, 31, 32, 33, whole.len() / 2, whole.len() - 1].map(|length| whole[..length].to_vec()));
    damages.extend((0..whole.len()).step_by(whole.len() / 50).map(|at| {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        flipped
    }));
    for damage in damages {
        fs::write(&path, &damage).unwrap();
        assert_eq!(answer(&folder, &policy('a')), "a");
        assert_eq!(fs::read(&path).unwrap().len(), whole.len());
        assert_eq!(file(&folder), path);
        assert_eq!(answer(&folder, &policy('a')), "a");
    }
}

#[test]
fn what_another_runtime_wrote_is_compiled_anew() {
    let folder = folder("runtime");
    assert_eq!(answer(&folder, &policy('a')), "a");
    let path = file(&folder);
    let name = path.file_name().unwrap().to_str().unwrap();
    for compiled in [&b""[..], b"\x7fELF", b"compiled by something else"] {
        let sum = Sha256::new().chain_update(name).chain_update(compiled).finalize();
        fs::write(&path, [&sum, compiled].concat()).unwrap();
        assert_eq!(answer(&folder, &policy('a')), "a");
    }
}

#[test]
fn where_nothing_can_be_kept_modules_run_all_the_same() {
    let folder = folder("blocked");
    fs::create_dir_all(folder.parent().unwrap()).unwrap();
    fs::write(&folder, "a file where a folder should be").unwrap();
    assert_eq!(answer(&folder, &policy('a')), "a");
    assert_eq!(answer(&folder.join("below"), &policy('a')), "a");
    assert_eq!(fs::read(&folder).unwrap(), b"a file where a folder should be");
    fs::remove_file(&folder).unwrap();
    // A folder in the way of the file.
    assert_eq!(answer(&folder, &policy('a')), "a");
    let path = file(&folder);
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(answer(&folder, &policy('a')), "a");
    assert_eq!(file(&folder), path);
}

#[cfg(unix)]
#[test]
fn a_folder_that_others_write_is_not_used() {
    use std::os::unix::fs::PermissionsExt;

    let folder = folder("shared");
    let allow = |mode| fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
    assert_eq!(answer(&folder, &policy('a')), "a");
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    let path = file(&folder);
    let name = path.file_name().unwrap().to_str().unwrap();
    let other = self::folder("other");
    assert_eq!(answer(&other, &policy('b')), "b");
    let theirs = fs::read(file(&other)).unwrap();
    let sum = Sha256::new().chain_update(name).chain_update(&theirs[32..]).finalize();
    let planted = [&sum, &theirs[32..]].concat();
    fs::write(&path, &planted).unwrap();
    for mode in [0o777, 0o770, 0o702, 0o1777] {
        allow(mode);
        assert_eq!(answer(&folder, &policy('a')), "a", "{mode:o}");
        assert_eq!(fs::read(&path).unwrap(), planted, "{mode:o}");
        assert_eq!(answer(&folder, &policy('c')), "c", "{mode:o}");
        assert_eq!(files(&folder).len(), 1, "{mode:o}");
    }
    allow(0o755);
    assert_eq!(answer(&folder, &policy('a')), "b");
    // Only root can give it away.
    for given in [&folder, &path] {
        if std::os::unix::fs::chown(given, Some(65532), None).is_ok() {
            assert_eq!(answer(&folder, &policy('a')), "a", "{}", given.display());
            std::os::unix::fs::chown(given, Some(0), None).unwrap();
        }
    }
}

#[test]
fn the_latest_modules_are_kept_and_nothing_else_is_touched() {
    let folder = folder("latest");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("notes.txt"), "").unwrap();
    for name in 'a'..='l' {
        assert_eq!(answer(&folder, &policy(name)), name.to_string());
    }
    assert_eq!(files(&folder).len(), 9);
    assert!(folder.join("notes.txt").exists());
    for (name, kept) in [('a', false), ('d', false), ('e', true), ('l', true)] {
        let file = format!("{:x}-{}.cwasm", Sha256::digest(policy(name)), env!("CARGO_PKG_VERSION"));
        assert_eq!(folder.join(file).exists(), kept, "{name}");
    }
}

#[test]
fn what_does_not_compile_leaves_nothing() {
    let folder = folder("nothing");
    for wasm in [&b"(module)"[..], b"\0asm\x01\0\0\0nonsense", b""] {
        assert!(Host::open(wasm, Some(&Cache::at(folder.clone()))).is_err());
    }
    assert!(!folder.exists());
}

#[test]
fn the_command_keeps_modules_in_the_users_folder_unless_told_not_to() {
    let desk = folder("desk");
    fs::create_dir_all(&desk).unwrap();
    let judge = wat::parse_str(include_str!("guests/judge.wat")).unwrap();
    fs::write(desk.join("policy.wasm"), judge).unwrap();
    let stream = r#"{"apiVersion":"image.openshift.io/v1","kind":"ImageStream","metadata":{"name":"app"}}"#;
    fs::write(desk.join("stream.json"), stream).unwrap();
    let home = desk.join("home");
    let xdg = desk.join("xdg");
    let run = |arguments: &[&str], cache: &str, off: &str| {
        let ended = Command::new(env!("CARGO_BIN_EXE_image-trust"))
            .args(arguments)
            .arg("stream.json")
            .current_dir(&desk)
            .env_remove("IMAGE_TRUST_POLICY")
            .env("HOME", &home)
            .env("XDG_CACHE_HOME", cache)
            .env("IMAGE_TRUST_NO_CACHE", off)
            .output()
            .unwrap();
        assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
    };
    let keep = &["run"][..];
    run(keep, xdg.to_str().unwrap(), "1");
    run(keep, "", "1");
    run(&["run", "--no-cache"], "", "");
    run(&["--no-cache", "run"], xdg.to_str().unwrap(), "");
    run(&["--no-cache", "run"], xdg.to_str().unwrap(), "0");
    assert!(!xdg.exists() && !home.exists());
    run(keep, xdg.to_str().unwrap(), "");
    assert_eq!(files(&xdg.join("image-trust")).len(), 1);
    assert!(!home.exists());
    // A relative path counts as none.
    run(keep, "relative", "0");
    assert_eq!(files(&home.join(".cache/image-trust")).len(), 1);
    assert!(!desk.join("relative").exists());
}
