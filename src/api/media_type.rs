//! The media type of a file, by its first bytes: HeyGen checks them too, and a name can lie.

/// So many bytes are enough to tell.
pub const ENOUGH: usize = 64;

/// Bytes of which nothing is known.
pub const UNKNOWN: &str = "application/octet-stream";

/// The media type of a file by its first bytes, else by the ending of its name.
///
/// The types are those that HeyGen takes: png, jpeg, webp, gif, mp4, mov, webm, mp3, wav, pdf, zip, srt, json.
pub fn of(head: &[u8], name: &str) -> &'static str {
    by_bytes(head).or_else(|| by_ending(name)).unwrap_or(UNKNOWN)
}

fn by_bytes(head: &[u8]) -> Option<&'static str> {
    let at = |offset: usize, magic: &[u8]| {
        head.get(offset..).is_some_and(|rest| rest.starts_with(magic))
    };
    Some(match head {
        _ if at(0, b"\x89PNG\r\n\x1a\n") => "image/png",
        _ if at(0, b"\xff\xd8\xff") => "image/jpeg",
        _ if at(0, b"GIF8") => "image/gif",
        _ if at(0, b"RIFF") && at(8, b"WEBP") => "image/webp",
        _ if at(0, b"RIFF") && at(8, b"WAVE") => "audio/wav",
        _ if at(4, b"ftypqt") => "video/quicktime",
        _ if at(4, b"ftyp") => "video/mp4",
        _ if at(0, b"\x1a\x45\xdf\xa3") => "video/webm",
        _ if at(0, b"ID3") => "audio/mpeg",
        // A frame of MPEG audio, layer III: eleven bits of sync, then version and layer.
        [0xff, second, ..] if second & 0xe6 == 0xe2 => "audio/mpeg",
        _ if at(0, b"%PDF-") => "application/pdf",
        _ if at(0, b"PK\x03\x04") => "application/zip",
        _ => return None,
    })
}

/// Texts have no magic bytes.
fn by_ending(name: &str) -> Option<&'static str> {
    let (_, ending) = name.rsplit_once('.')?;
    Some(match ending.to_ascii_lowercase().as_str() {
        "srt" => "application/x-subrip",
        "vtt" => "text/vtt",
        "txt" => "text/plain",
        "json" => "application/json",
        "mp3" => "audio/mpeg",
        "mp4" => "video/mp4",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides_before_file_name() {
        let check = |head: &[u8], name: &str, expected: &str| {
            assert_eq!(of(head, name), expected, "{name}")
        };
        check(b"\x89PNG\r\n\x1a\n", "photo.jpg", "image/png");
        check(b"\xff\xd8\xff\xe0", "photo", "image/jpeg");
        check(b"RIFF\0\0\0\0WAVEfmt ", "a", "audio/wav");
        check(b"RIFF\0\0\0\0WEBP", "a", "image/webp");
        check(b"\0\0\0\x18ftypmp42", "a", "video/mp4");
        check(b"\0\0\0\x14ftypqt  ", "a", "video/quicktime");
        check(b"\x1a\x45\xdf\xa3", "a", "video/webm");
        check(b"ID3\x04", "a", "audio/mpeg");
        check(b"\xff\xfb\x90", "a", "audio/mpeg");
        check(b"%PDF-1.7", "a", "application/pdf");
        check(b"PK\x03\x04", "a", "application/zip");
        check(b"1\n00:00:01,000", "a.SRT", "application/x-subrip");
        check(b"", "a", "application/octet-stream");
        check(b"hello", "a.bin", "application/octet-stream");
    }
}
