//! Writing the credentials file that HeyGen's tools share.
//!
//! The new text is written beside the old one under a name of its own, synced, and renamed: at
//! any moment there is a complete old file or a complete new one, whatever ends the program. Members
//! that this version does not know stay in the file, in their order. HeyGen's own command line reads
//! the result; `credentials_file.rs` has the facts of the format.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};
use tempfile::NamedTempFile;

use super::credentials_file::{self, AT_HOME};
use super::file::{self, Owner, Unread};
use crate::env::Env;
use crate::error::{Error, Obstacle};
use crate::secret::Secret;

/// The prefix and suffix of a draft's name.
const DRAFT: (&str, &str) = (".credentials-", ".tmp");

/// A draft of this age was left by a program that was killed.
const LEFT_BEHIND: Duration = Duration::from_secs(60 * 60);

/// The number of attempts when other programs write the file at the same time.
const TRIES: usize = 8;

/// The fate of an OAuth session of HeyGen's command line in the same file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Session {
    /// Keeps it. HeyGen's command line uses the key while there is one, then the session again.
    Keep,
    /// Drops it, as HeyGen's own command line does when it stores a key.
    Drop,
}

/// The result of [`store`].
#[derive(Debug, PartialEq, Eq)]
pub struct Stored {
    /// The file, as reports show it.
    pub path: String,
    /// True if the file has an OAuth session beside the key.
    pub session_kept: bool,
}

/// The result of [`remove`].
#[derive(Debug, PartialEq, Eq)]
pub struct Removed {
    /// The file, as reports show it.
    pub path: String,
    /// The removed key, masked.
    pub key: Option<String>,
    /// True if the file still has an OAuth session.
    pub session_kept: bool,
}

/// Stores a key and keeps everything else in the file, except the name of an account other than
/// `email`, if that is known.
///
/// # Errors
/// [`Error::CredentialsFile`]: the file was not changed.
pub fn store(
    key: &Secret,
    email: Option<&str>,
    session: Session,
    env: &Env,
    now: SystemTime,
) -> Result<Stored, Error> {
    let mut session_kept = false;
    let path = change(env, now, |members| {
        members.insert("api_key".to_owned(), Value::String(key.expose().to_owned()));
        if session == Session::Drop {
            members.shift_remove("oauth");
        }
        if is_of_another_account(members, email) {
            members.shift_remove("user");
        }
        session_kept = credentials_file::has_session(members);
        true
    })?;
    Ok(Stored { path, session_kept })
}

/// Checks whether [`store`] would succeed, before somebody enters a key in vain.
///
/// # Errors
/// [`Error::CredentialsFile`]: it would not.
pub fn storable(env: &Env) -> Result<(), Error> {
    let path = AT_HOME.to_owned();
    let (place, shown) = credentials_file::locate(env)
        .ok_or(Error::CredentialsFile { path, obstacle: Obstacle::NoHome })?;
    let folder = place.parent().unwrap_or(&place);
    match members_of(&place, folder) {
        Ok(_) => Ok(()),
        Err(obstacle) => Err(Error::CredentialsFile { path: shown, obstacle }),
    }
}

/// Removes the key, and the file if it has nothing else. Does nothing without a key.
///
/// # Errors
/// [`Error::CredentialsFile`]: the file was not changed.
pub fn remove(env: &Env, now: SystemTime) -> Result<Removed, Error> {
    if credentials_file::locate(env).is_none() {
        return Ok(Removed { path: AT_HOME.to_owned(), key: None, session_kept: false });
    }
    let (mut key, mut session_kept) = (None, false);
    let path = change(env, now, |members| {
        let value = members.shift_remove("api_key");
        let text = value.as_ref().map(|value| value.as_str().unwrap_or_default().trim());
        key = text.map(|text| Secret::new(text).masked());
        session_kept = credentials_file::has_session(members);
        value.is_some()
    })?;
    Ok(Removed { path, key, session_kept })
}

/// Returns whether the member `user`, which HeyGen's tools display, names another account.
fn is_of_another_account(members: &Map<String, Value>, email: Option<&str>) -> bool {
    let named = members.get("user").and_then(|user| user["email"].as_str());
    named.zip(email).is_some_and(|(named, email)| !named.eq_ignore_ascii_case(email))
}

/// Reads the members, edits them, and replaces the file if `edit` returns true.
fn change(
    env: &Env,
    now: SystemTime,
    mut edit: impl FnMut(&mut Map<String, Value>) -> bool,
) -> Result<String, Error> {
    let Some((path, shown)) = credentials_file::locate(env) else {
        let path = AT_HOME.to_owned();
        return Err(Error::CredentialsFile { path, obstacle: Obstacle::NoHome });
    };
    let changed = attempt(&path, now, &mut edit);
    changed
        .map(|()| shown.clone())
        .map_err(|obstacle| Error::CredentialsFile { path: shown, obstacle })
}

fn attempt(
    path: &Path,
    now: SystemTime,
    edit: &mut dyn FnMut(&mut Map<String, Value>) -> bool,
) -> Result<(), Obstacle> {
    let folder = path.parent().ok_or(Obstacle::NoHome)?;
    for _ in 0..TRIES {
        let (old, mut members) = members_of(path, folder)?;
        if !edit(&mut members) {
            return Ok(());
        }
        let draft = match members.is_empty() {
            true => None,
            false => Some(draft(folder, &members).map_err(|cause| failed("writing", cause))?),
        };
        // Another login, or HeyGen's own command line with a fresh token, may have been faster.
        if text_of(path, folder)? != old {
            continue;
        }
        match draft {
            Some(draft) => {
                publish(draft, path, folder).map_err(|cause| failed("writing", cause))?
            }
            None => fs::remove_file(path).map_err(|cause| failed("removing", cause))?,
        }
        sweep(folder, now);
        return Ok(());
    }
    Err(failed("writing", io::Error::other("others keep writing it")))
}

/// The file's text, if there is a file, and its members.
fn members_of(
    path: &Path,
    folder: &Path,
) -> Result<(Option<String>, Map<String, Value>), Obstacle> {
    let text = text_of(path, folder)?;
    let members = match text.as_deref().map(str::trim) {
        None | Some("") => Map::new(),
        Some(text) => credentials_file::members_to_change(text).map_err(Obstacle::NotUnderstood)?,
    };
    Ok((text, members))
}

/// The file's text, if there is a file; symlinks are refused.
fn text_of(path: &Path, folder: &Path) -> Result<Option<String>, Obstacle> {
    if is_link(folder)? {
        return Err(Obstacle::FolderIsLink);
    }
    if is_link(path)? {
        return Err(Obstacle::FileIsLink);
    }
    match file::discovered(path, Owner::Anyone) {
        // Text that is not UTF-8 could not be written back.
        Ok(text) if text.contains('\u{FFFD}') => Err(Obstacle::NotUnderstood("is not valid UTF-8")),
        Ok(text) => Ok(Some(text)),
        Err(Unread::Absent) => Ok(None),
        Err(Unread::Unfit(what)) => Err(Obstacle::Unfit(what)),
    }
}

fn is_link(path: &Path) -> Result<bool, Obstacle> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(metadata.is_symlink()),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(cause) => Err(failed("reading", cause)),
    }
}

/// Writes the new text to a file of its own, which is removed again unless it is published.
fn draft(folder: &Path, members: &Map<String, Value>) -> io::Result<NamedTempFile> {
    make_folder(folder)?;
    let (prefix, suffix) = DRAFT;
    // Made new, with mode 0600 from the beginning.
    let mut draft = tempfile::Builder::new().prefix(prefix).suffix(suffix).tempfile_in(folder)?;
    let mut text = serde_json::to_string_pretty(members)?;
    text.push('\n');
    draft.write_all(text.as_bytes())?;
    draft.as_file().sync_all()?;
    Ok(draft)
}

/// Makes the folder, for the user alone. An existing one keeps its permissions.
fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Renames the draft to its final name, or removes it.
fn publish(draft: NamedTempFile, path: &Path, folder: &Path) -> io::Result<()> {
    draft.persist(path).map_err(|failed| failed.error)?;
    // So that the new name survives a power cut. Not every file system can; the file is complete anyway.
    #[cfg(unix)]
    let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

/// Removes drafts that a killed program left behind, since they contain keys. Failures are ignored:
/// the next run tries again.
fn sweep(folder: &Path, now: SystemTime) {
    let (prefix, suffix) = DRAFT;
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_draft = name.starts_with(prefix) && name.ends_with(suffix);
        let modified = entry.metadata().ok().filter(|data| data.is_file());
        let age = modified
            .and_then(|metadata| metadata.modified().ok())
            .and_then(|modified| now.duration_since(modified).ok());
        if is_draft && age.is_some_and(|age| age > LEFT_BEHIND) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn failed(doing: &'static str, cause: io::Error) -> Obstacle {
    Obstacle::System { doing, cause }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use tempfile::TempDir;

    use super::*;

    const NEW: &str = "sk_V2_hgu_new-key-NEWK";

    /// A home with a credentials file, or without one.
    struct Home(TempDir);

    impl Home {
        fn new(text: Option<&str>) -> Home {
            let home = Home(TempDir::new().expect("a scratch folder"));
            if let Some(text) = text {
                fs::create_dir(home.folder()).expect("a folder");
                fs::write(home.path(), text).expect("a file");
            }
            home
        }

        fn folder(&self) -> PathBuf {
            self.0.path().join(".heygen")
        }

        fn path(&self) -> PathBuf {
            self.folder().join("credentials")
        }

        fn env(&self) -> Env {
            Env::of(&[], "/", Some(self.0.path().to_owned()))
        }

        fn store(&self, email: Option<&str>, session: Session) -> Result<Stored, Error> {
            store(&Secret::new(NEW), email, session, &self.env(), SystemTime::now())
        }

        /// The text of the file, and the names in its folder.
        fn state(&self) -> (Option<String>, Vec<String>) {
            let entries = fs::read_dir(self.folder()).into_iter().flatten().flatten();
            let mut names: Vec<String> =
                entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
            names.sort();
            (fs::read_to_string(self.path()).ok(), names)
        }
    }

    #[test]
    fn stores_the_key_and_keeps_the_rest() {
        let check = |old: Option<&str>, session: Session, kept: bool, new: &str| {
            let home = Home::new(old);
            let stored = home.store(Some("ana@example.com"), session);
            let path = "~/.heygen/credentials".to_owned();
            assert_eq!(stored.ok(), Some(Stored { path, session_kept: kept }), "{old:?}");
            let new = new.replace("NEW", NEW);
            assert_eq!(home.state(), (Some(new), vec!["credentials".to_owned()]), "{old:?}");
        };
        let alone = "{\n  \"api_key\": \"NEW\"\n}\n";
        check(None, Session::Keep, false, alone);
        check(Some(" \n"), Session::Keep, false, alone);
        check(Some("old-key\n"), Session::Keep, false, alone);
        check(Some("\u{feff}old-key\r\n"), Session::Keep, false, alone);
        check(Some("\u{feff}{\"api_key\": null}"), Session::Keep, false, alone);
        check(
            Some(r#"{"z": 1.10, "api_key": "old", "a": [12345678901234567890]}"#),
            Session::Keep,
            false,
            "{\n  \"z\": 1.10,\n  \"api_key\": \"NEW\",\n  \"a\": [\n    12345678901234567890\n  ]\n}\n",
        );
        let session = r#"{"oauth": {"access_token": "t"}, "user": {"email": "Ana@example.com"}}"#;
        check(
            Some(session),
            Session::Keep,
            true,
            "{\n  \"oauth\": {\n    \"access_token\": \"t\"\n  },\n  \"user\": {\n    \"email\": \
             \"Ana@example.com\"\n  },\n  \"api_key\": \"NEW\"\n}\n",
        );
        check(
            Some(session),
            Session::Drop,
            false,
            "{\n  \"user\": {\n    \"email\": \"Ana@example.com\"\n  },\n  \"api_key\": \"NEW\"\n}\n",
        );
        check(
            Some(r#"{"user": {"email": "bob@example.com"}, "new": null}"#),
            Session::Keep,
            false,
            "{\n  \"new\": null,\n  \"api_key\": \"NEW\"\n}\n",
        );
    }

    #[test]
    fn removes_the_key_or_the_file() {
        let check = |old: Option<&str>, key: Option<&str>, new: Option<&str>| {
            let home = Home::new(old);
            let removed = remove(&home.env(), SystemTime::now());
            assert_eq!(removed.ok().and_then(|removed| removed.key).as_deref(), key, "{old:?}");
            assert_eq!(home.state().0.as_deref(), new, "{old:?}");
        };
        check(None, None, None);
        check(Some("0123456789-old-ZVMn\n"), Some("…ZVMn"), None);
        check(Some(r#"{"api_key": "0123456789-old-ZVMn"}"#), Some("…ZVMn"), None);
        check(
            Some(r#"{"b": 1, "api_key": "short", "a": 2}"#),
            Some("…"),
            Some("{\n  \"b\": 1,\n  \"a\": 2\n}\n"),
        );
        let session = r#"{"oauth": {"access_token": "t"}}"#;
        check(Some(session), None, Some(session));
        check(Some(""), None, Some(""));
        let homeless = remove(&Env::of(&[], "/", None), SystemTime::now());
        assert!(homeless.is_ok_and(|removed| removed.key.is_none()));
    }

    #[test]
    fn keeps_files_that_are_not_understood() {
        let check = |old: &[u8], said: &str| {
            let home = Home::new(Some(""));
            fs::write(home.path(), old).expect("a file");
            for error in [
                home.store(None, Session::Drop).map(drop),
                remove(&home.env(), SystemTime::now()).map(drop),
            ] {
                let error = error.map_err(|error| error.to_string());
                let text = format!(
                    "`~/.heygen/credentials` {said}; it was not changed, since it may hold more than a key"
                );
                assert_eq!(error, Err(text));
            }
            assert_eq!(fs::read(home.path()).ok().as_deref(), Some(old));
            assert_eq!(home.state().1, ["credentials"]);
        };
        check(b"{\"api_key\": \"abc\"", "is not valid JSON");
        check(b"abc\ndef", "is neither JSON nor a key on one line");
        check(b"abc # mine", "is neither JSON nor a key on one line");
        check(b"# mine\r\nabc\r\n", "is neither JSON nor a key on one line");
        check(b"HEYGEN_API_KEY=abc\n", "is neither JSON nor a key on one line");
        for text in ["https://app.heygen.com", "/run/secrets/heygen", "key=sk_abc", "a,b"] {
            check(text.as_bytes(), "is neither JSON nor a key on one line");
        }
        for own in [r#"{"prod": "a", "test": "b"}"#, r#"["a", "b"]"#, "5"] {
            let text = format!("{{\"api_key\": {own}}}");
            check(text.as_bytes(), "has an api_key that is not a string");
        }
        check(&[b'a'; 1_001], "is neither JSON nor a key on one line");
        for text in ["[\"x\"]", "5", "\"x\"", "null", "true", "[{\"api_key\": \"x\"}]", "[\"x\""] {
            check(text.as_bytes(), "is not a JSON object");
        }
        check("{\"a\":".repeat(200).as_bytes(), "is not valid JSON");
        check(b"{\"a\": \"\xFF\"}", "is not valid UTF-8");
    }

    #[test]
    fn a_failed_rename_leaves_no_draft() {
        let home = Home::new(Some(""));
        let target = home.folder().join("target");
        fs::create_dir_all(target.join("full")).expect("a folder");
        let draft = draft(&home.folder(), &Map::new()).expect("a draft");
        assert!(publish(draft, &target, &home.folder()).is_err());
        assert_eq!(home.state().1, ["credentials", "target"]);
    }

    #[test]
    fn sweeps_drafts_of_killed_programs() {
        let home = Home::new(Some("old"));
        for name in [".credentials-1.tmp", "credentials.bak", ".credentials-1"] {
            fs::write(home.folder().join(name), "key").expect("a file");
        }
        assert!(home.store(None, Session::Keep).is_ok());
        let all = [".credentials-1", ".credentials-1.tmp", "credentials", "credentials.bak"];
        assert_eq!(home.state().1, all);
        let later = SystemTime::now() + LEFT_BEHIND + Duration::from_secs(1);
        assert!(remove(&home.env(), later).is_ok());
        assert_eq!(home.state().1, [".credentials-1", "credentials.bak"]);
    }

    #[test]
    fn keeps_what_others_wrote_meanwhile() {
        let home = Home::new(Some(r#"{"oauth": {"refresh_token": "1"}}"#));
        let mut rivals = vec![r#"{"oauth": {"refresh_token": "2"}}"#];
        let path = home.path();
        let changed = change(&home.env(), SystemTime::now(), |members| {
            members.insert("api_key".to_owned(), Value::from("k"));
            if let Some(text) = rivals.pop() {
                fs::write(&path, text).expect("a file");
            }
            true
        });
        assert!(changed.is_ok());
        let text = home.state().0.unwrap_or_default();
        assert!(text.contains("\"2\"") && text.contains("\"k\""), "{text}");
    }

    #[cfg(unix)]
    #[test]
    fn permissions_are_never_widened() {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| {
            fs::metadata(path).map(|metadata| metadata.permissions().mode() & 0o7777).ok()
        };
        let home = Home::new(None);
        assert!(home.store(None, Session::Keep).is_ok());
        assert_eq!((mode(&home.folder()), mode(&home.path())), (Some(0o700), Some(0o600)));

        let home = Home::new(Some("old"));
        fs::set_permissions(home.folder(), fs::Permissions::from_mode(0o750)).expect("a mode");
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o644)).expect("a mode");
        assert!(home.store(None, Session::Keep).is_ok());
        assert_eq!((mode(&home.folder()), mode(&home.path())), (Some(0o750), Some(0o600)));
    }

    #[cfg(unix)]
    #[test]
    fn never_writes_through_symlinks() {
        use std::os::unix::fs::symlink;
        let told = |result: Result<Stored, Error>| result.map_err(|error| error.to_string());
        let home = Home::new(Some(""));
        fs::remove_file(home.path()).expect("it is there");
        fs::write(home.folder().join("elsewhere"), "old").expect("a file");
        symlink("elsewhere", home.path()).expect("a link");
        let text = "`~/.heygen/credentials` is a symlink; heygen does not write through symlinks";
        assert_eq!(told(home.store(None, Session::Keep)), Err(text.to_owned()));
        assert_eq!(
            home.state(),
            (Some("old".to_owned()), vec!["credentials".into(), "elsewhere".into()])
        );

        let home = Home::new(None);
        fs::create_dir(home.0.path().join("real")).expect("a folder");
        symlink("real", home.folder()).expect("a link");
        let text = "the folder of `~/.heygen/credentials` is a symlink; heygen does not write through symlinks";
        assert_eq!(told(home.store(None, Session::Keep)), Err(text.to_owned()));
        assert_eq!(home.state(), (None, Vec::new()));
    }

    #[test]
    fn reports_a_missing_place_to_write() {
        let told = |env: &Env| {
            let stored = store(&Secret::new(NEW), None, Session::Keep, env, SystemTime::now());
            stored.map_err(|error| error.to_string())
        };
        let homeless = "cannot store the key: the home directory is unknown";
        assert_eq!(told(&Env::of(&[], "/", None)), Err(homeless.to_owned()));
        let home = Home::new(Some(""));
        fs::remove_file(home.path()).expect("it is there");
        fs::create_dir(home.path()).expect("a folder");
        let folder = "`~/.heygen/credentials` is a folder; it was not changed";
        assert_eq!(told(&home.env()), Err(folder.to_owned()));
    }
}
