//! The speed of checking and printing JSON, in megabytes of input per second.
//!
//! Run it with `cargo bench --bench json`.

use std::hint::black_box;
use std::io::{self, Write};
use std::time::Instant;

use heygen_cli::json;
use heygen_cli::palette::Palette;
use heygen_cli::render::items::{Items, Layout};
use heygen_cli::render::json::{compact, pretty};
use heygen_cli::render::rows::Columns;
use heygen_cli::terminal::streams::Dress;

fn main() -> io::Result<()> {
    let text = avatar_list(50_000_000);
    let mut indented = Vec::new();
    pretty(&text, Dress::plain(), &mut indented)?;
    let palette = Palette::coloured();
    let coloured = Dress { palette: Some(&palette), terminal: true };
    let mut out = io::sink();

    measure("parse", &text, || drop(black_box(json::parse(&text))))?;
    measure("parse, indented", &indented, || drop(black_box(json::parse(&indented))))?;
    let data = json::member(&text, "data").unwrap_or_default();
    let avatars = json::member(data, "avatars").unwrap_or_default();
    measure("elements", avatars, || {
        black_box(json::elements(avatars).count());
    })?;
    measure("pretty", &text, || drop(black_box(pretty(&text, Dress::plain(), &mut out))))?;
    measure("pretty, indented", &indented, || drop(pretty(&indented, Dress::plain(), &mut out)))?;
    measure("pretty, to memory", &text, || {
        let mut memory = Vec::with_capacity(indented.len());
        drop(pretty(&text, Dress::plain(), &mut memory));
        black_box(memory);
    })?;
    measure("pretty, terminal", &text, || drop(pretty(&text, coloured, &mut out)))?;
    measure("compact", &text, || drop(compact(&text, Dress::plain(), &mut out)))?;
    measure("compact, indented", &indented, || drop(compact(&indented, Dress::plain(), &mut out)))?;
    for (what, layout) in [
        ("pretty list", Layout::Indented),
        ("jsonl", Layout::Lines),
        ("csv", Layout::Csv(Columns::Guessed)),
        ("table", Layout::Table(Columns::Guessed, None)),
    ] {
        measure(what, avatars, || {
            let mut items = Items::new(layout.clone(), Dress::plain());
            drop(black_box(items.page(avatars, &mut out)));
        })?;
    }
    Ok(())
}

/// Prints the median of several runs.
fn measure(what: &str, text: &[u8], mut run: impl FnMut()) -> io::Result<()> {
    let mut seconds: Vec<f64> = (0..9)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    let rate = text.len() as f64 / 1e6 / seconds[seconds.len() / 2];
    writeln!(io::stdout(), "{what:<20} {rate:>6.0} MB/s")
}

/// A list of avatars as HeyGen sends it, of about this many bytes.
fn avatar_list(size: usize) -> Vec<u8> {
    let mut text = String::from(r#"{"error":null,"data":{"avatars":["#);
    for number in 0.. {
        text.push_str(&format!(
            r#"{{"avatar_id":"Abigail_standing_office_{number}","avatar_name":"Abigail Office Front {number}","gender":"female","preview_image_url":"https://files2.heygen.ai/avatar/v3/{number:032x}/full/2.2/preview_target.webp","premium":false,"type":null,"tags":null,"default_voice_id":null}}"#
        ));
        if text.len() >= size {
            break;
        }
        text.push(',');
    }
    text.push_str("]}}");
    text.into_bytes()
}
