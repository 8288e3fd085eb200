//! Writes the catalogue's tables from the API descriptions and the overlay in this folder.
#![allow(clippy::print_stdout, reason = "cargo reads a build script's stdout")]

mod builder;
#[allow(unreachable_pub, reason = "the program exports what it shares with this script")]
mod record;

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use serde::de::DeserializeOwned;

const FOLDER: &str = "src/catalogue";
const OVERLAY: &str = "overlay.json";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            println!("cargo::error={message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let (v3, legacy) = (read(builder::V3)?, read(builder::LEGACY)?);
    let tables = builder::tables(&v3, &legacy, &read(OVERLAY)?)?;
    for warning in &tables.warnings {
        println!("cargo::warning={warning}");
    }
    write("catalogue.txt", &tables.texts.concat())?;
    write("catalogue.rs", &tables.source())
}

fn read<T: DeserializeOwned>(file: &str) -> Result<T, String> {
    println!("cargo::rerun-if-changed={FOLDER}/{file}");
    let text = fs::read_to_string(Path::new(FOLDER).join(file))
        .map_err(|error| format!("reading `{FOLDER}/{file}`: {error}"))?;
    serde_json::from_str(&text).map_err(|error| format!("`{FOLDER}/{file}`: {error}"))
}

fn write(file: &str, text: &str) -> Result<(), String> {
    let folder = env::var_os("OUT_DIR").ok_or("cargo did not set `OUT_DIR`")?;
    let path = Path::new(&folder).join(file);
    fs::write(&path, text).map_err(|error| format!("writing `{}`: {error}", path.display()))
}
