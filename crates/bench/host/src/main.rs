//! Measures policies against an empty one, request by request, and under load.
//!
//! All modules run as in a cluster: linked beforehand, with a fresh instance for every request.
//! They take turns, so that whatever else the machine does falls on all of them, and medians are
//! compared: the ratio is the figure to watch, the milliseconds are this machine's own. Where a
//! signature is verified, gpgv takes its turn on the same one.

mod aim;
mod answers;
mod case;
mod compare;
mod document;
mod gpgv;
mod load;
mod measurement;
mod memory;
mod module;
mod order;
mod plot;
mod report;
mod resident;
mod row;
mod rows;
mod series;
mod signed;
mod table;
mod target;
mod times;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Rows(rows::Arguments),
    Compare(compare::Arguments),
    Load(load::Arguments),
    Document(document::Arguments),
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Rows(rows) => rows.execute(),
        Command::Compare(compare) => compare.execute(),
        Command::Load(load) => load.execute(),
        Command::Document(document) => document.execute(),
    }
}

/// Reads a number of which none would measure nothing.
fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("must be at least 1".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(format!("{error}")),
    }
}
