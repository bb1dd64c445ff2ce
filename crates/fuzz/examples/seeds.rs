//! `seeds FOLDER`: writes the seeds of each target into a folder of its name, its words beside it.

use std::path::Path;
use std::{env, fs, io};

use image_trust_fuzz::seeds;

fn main() -> io::Result<()> {
    let folder = env::args().nth(1).ok_or_else(|| io::Error::other("which folder?"))?;
    for (target, seeds) in seeds::all() {
        let folder = Path::new(&folder).join(target);
        fs::create_dir_all(&folder)?;
        for (index, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{index:04}")), seed)?;
        }
        let words = seeds::words(target, &seeds).into_iter().map(|word| {
            let bytes: String = word.iter().map(|byte| format!("\\x{byte:02x}")).collect();
            format!("\"{bytes}\"\n")
        });
        fs::write(folder.with_extension("dict"), words.collect::<String>())?;
    }
    Ok(())
}
