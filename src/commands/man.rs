//! `heygen man [DIR]`: the man page on stdout, or a page for each command in a folder.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use crate::app::context::Context;
use crate::cli::{ManArgs, Page, man_pages};
use crate::error::Error;

/// Prints or writes pages. They replace files of their names: each version makes them anew, and they
/// are not edited by hand.
pub(super) fn run(args: &ManArgs, context: &Context<'_>) -> anyhow::Result<()> {
    let pages = man_pages().map_err(Error::Output)?;
    let Some(dir) = &args.dir else {
        let first = pages.first().map(|page| page.source.as_slice()).unwrap_or_default();
        context.ui.write(|out| out.write_all(first)).map_err(Error::Output)?;
        return Ok(());
    };
    let failed = |cause: io::Error| Error::File { doing: "writing into", path: dir.clone(), cause };
    fs::create_dir_all(dir).map_err(failed)?;
    for page in &pages {
        write(dir, page).map_err(failed)?;
    }
    context.ui.note(&format!("wrote {} pages to {}", pages.len(), dir.display()));
    Ok(())
}

/// Writes a page, which gets its name when it is complete.
fn write(dir: &Path, page: &Page) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".heygen-").suffix(".part");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(dir)?;
    file.write_all(&page.source)?;
    file.persist(dir.join(&page.name))?;
    Ok(())
}
