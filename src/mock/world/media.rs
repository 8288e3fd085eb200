//! Small valid files: what the world's links lead to.

use std::sync::LazyLock;

/// The length of films and sounds in seconds.
pub(super) const SECONDS: u32 = 10;

/// The pixels of a film's side.
const SIDE: u16 = 32;

/// A JPEG of one grey pixel.
const JPEG: &[u8] = include_bytes!("pixel.jpg");

/// A GIF of one transparent pixel.
const GIF: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

/// A PNG of one grey pixel.
const PNG: &[u8] = include_bytes!("pixel.png");

const SRT: &str = "1\n00:00:00,000 --> 00:00:10,000\nHello from the mock\n";

const VTT: &str = "WEBVTT\n\n00:00:00.000 --> 00:00:10.000\nHello from the mock\n";

const PLAYLIST: &str = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXT-X-ENDLIST\n";

/// The ending and the media type of each kind of file.
const TYPES: &[(&str, &str)] = &[
    ("mp4", "video/mp4"),
    ("webm", "video/webm"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("gif", "image/gif"),
    ("mp3", "audio/mpeg"),
    ("wav", "audio/wav"),
    ("srt", "application/x-subrip"),
    ("vtt", "text/vtt"),
    ("m3u8", "application/vnd.apple.mpegurl"),
    ("pdf", "application/pdf"),
    ("zip", "application/zip"),
];

/// The media type of a file's ending.
pub(super) fn media_type(ending: &str) -> &'static str {
    let found = TYPES.iter().find(|(own, _)| *own == ending);
    found.map_or("application/octet-stream", |(_, media_type)| media_type)
}

/// The ending of files of a media type.
pub(super) fn ending(media_type: &str) -> &'static str {
    let found = TYPES.iter().find(|(_, own)| *own == media_type);
    found.map_or("bin", |(ending, _)| ending)
}

/// The media type of bytes by their first ones, as HeyGen sniffs it; `None` for unknown ones.
pub(super) fn sniffed(bytes: &[u8]) -> Option<&'static str> {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    Some(match bytes {
        _ if starts(b"\x89PNG") => "image/png",
        _ if starts(b"\xff\xd8\xff") => "image/jpeg",
        _ if starts(b"GIF8") => "image/gif",
        _ if starts(b"\x1a\x45\xdf\xa3") => "video/webm",
        _ if starts(b"%PDF") => "application/pdf",
        _ if starts(b"PK\x03\x04") => "application/zip",
        _ if starts(b"RIFF") && bytes.get(8..12) == Some(b"WAVE") => "audio/wav",
        _ if starts(b"ID3") || starts(b"\xff\xfb") || starts(b"\xff\xf3") => "audio/mpeg",
        _ if bytes.get(4..8) == Some(b"ftyp") => "video/mp4",
        _ => return None,
    })
}

/// The bytes of a file by its ending. Films differ by their ID.
pub(super) fn bytes(ending: &str, id: &str) -> Vec<u8> {
    match ending {
        "mp4" | "webm" => film(id),
        "jpg" | "jpeg" | "webp" => JPEG.to_vec(),
        "png" => PNG.to_vec(),
        "gif" => GIF.to_vec(),
        "mp3" => SOUND.clone(),
        "wav" => WAVE.clone(),
        "srt" => SRT.into(),
        "vtt" => VTT.into(),
        "m3u8" => PLAYLIST.into(),
        _ => id.into(),
    }
}

/// Ten seconds of silence: MPEG-2 layer III, 8 kbit/s, mono, 16 kHz.
static SOUND: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut frame = vec![0xff, 0xf3, 0x18, 0xc4];
    frame.resize(36, 0);
    frame.repeat(16_000 * SECONDS as usize / 576 + 1)
});

/// Ten seconds of silence: 8 bits, mono, 8 kHz.
static WAVE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let length = 8_000 * SECONDS;
    let mut bytes = Vec::with_capacity(44 + length as usize);
    bytes.extend(b"RIFF");
    bytes.extend((36 + length).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend(8_000_u32.to_le_bytes());
    bytes.extend(8_000_u32.to_le_bytes());
    bytes.extend(b"\x01\0\x08\0data");
    bytes.extend(length.to_le_bytes());
    bytes.resize(44 + length as usize, 0x80);
    bytes
});

/// A film of ten seconds with one grey picture, in H.264.
fn film(id: &str) -> Vec<u8> {
    let picture = picture();
    let sample = [&(picture.len() as u32).to_be_bytes()[..], &picture].concat();
    let head = container(b"ftyp", &[b"isom\0\0\x02\0isomiso2avc1mp41"]);
    // The place of the picture is known once the index is measured; its length does not change.
    let length = head.len() + index(0, sample.len()).len() + 8;
    let index = index(length as u32, sample.len());
    let name = container(b"free", &[id.as_bytes()]);
    [head, index, container(b"mdat", &[&sample]), name].concat()
}

/// The picture: an IDR slice of uncompressed macroblocks.
fn picture() -> Vec<u8> {
    let mut bytes = vec![0x65, 0x88, 0x84, 0x08, 0x68];
    for block in 0..(SIDE / 16) * (SIDE / 16) {
        if block > 0 {
            bytes.extend([0x0d, 0x00]);
        }
        bytes.extend([0x60; 256]);
        bytes.extend([0x80; 128]);
    }
    bytes.push(0x80);
    bytes
}

/// The `moov` box: one track with one sample that is shown for ten seconds.
fn index(place: u32, size: usize) -> Vec<u8> {
    let duration = SECONDS * 1_000;
    let times = [0, 0, 1_000, duration];
    let header = full(
        b"mvhd",
        &[&words(&times), b"\0\x01\0\0\x01\0", &[0; 10], &MATRIX, &words(&[0; 6]), &words(&[2])],
    );
    let side = u32::from(SIDE) << 16;
    let track = full_with(
        b"tkhd",
        3,
        &[&words(&[0, 0, 1, 0, duration, 0, 0]), &[0; 8], &MATRIX, &words(&[side, side])],
    );
    let media_header = full(b"mdhd", &[&words(&times), b"\x55\xc4\0\0"]);
    let handler = full(b"hdlr", &[&words(&[0]), b"vide", &[0; 12], b"mock\0"]);
    let video = full_with(b"vmhd", 1, &[&[0; 8]]);
    let source =
        container(b"dinf", &[&full(b"dref", &[&words(&[1]), &full_with(b"url ", 1, &[])])]);
    let table = sample_table(place, size as u32, duration);
    let info = container(b"minf", &[&video, &source, &table]);
    let media = container(b"mdia", &[&media_header, &handler, &info]);
    container(b"moov", &[&header, &container(b"trak", &[&track, &media])])
}

fn sample_table(place: u32, size: u32, duration: u32) -> Vec<u8> {
    // Baseline profile, level 1, 2 by 2 macroblocks.
    let settings =
        b"\x01\x42\0\x0a\xff\xe1\0\x07\x67\x42\0\x0a\xf9\x28\x80\x01\0\x04\x68\xce\x38\x80";
    let side = SIDE.to_be_bytes();
    let entry = container(
        b"avc1",
        &[
            &[0, 0, 0, 0, 0, 0, 0, 1],
            &[0; 16],
            &side,
            &side,
            b"\0\x48\0\0\0\x48\0\0\0\0\0\0\0\x01",
            &[0; 32],
            b"\0\x18\xff\xff",
            &container(b"avcC", &[settings]),
        ],
    );
    container(
        b"stbl",
        &[
            &full(b"stsd", &[&words(&[1]), &entry]),
            &full(b"stts", &[&words(&[1, 1, duration])]),
            &full(b"stsc", &[&words(&[1, 1, 1, 1])]),
            &full(b"stsz", &[&words(&[size, 1])]),
            &full(b"stco", &[&words(&[1, place])]),
        ],
    )
}

/// The unit matrix of a film's header.
const MATRIX: [u8; 36] = {
    let mut matrix = [0; 36];
    matrix[1] = 1;
    matrix[17] = 1;
    matrix[32] = 0x40;
    matrix
};

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

fn container(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let length = 8 + parts.iter().map(|part| part.len()).sum::<usize>();
    let mut bytes = Vec::with_capacity(length);
    bytes.extend((length as u32).to_be_bytes());
    bytes.extend(kind);
    parts.iter().for_each(|part| bytes.extend(*part));
    bytes
}

fn full(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    full_with(kind, 0, parts)
}

fn full_with(kind: &[u8; 4], flags: u32, parts: &[&[u8]]) -> Vec<u8> {
    container(kind, &[&[&flags.to_be_bytes()[..]], parts].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The box of a path such as `moov/mvhd`, without its header.
    fn within<'b>(bytes: &'b [u8], path: &str) -> &'b [u8] {
        let (kind, rest) = path.split_once('/').unwrap_or((path, ""));
        let mut place = 0;
        while place < bytes.len() {
            let length = u32::from_be_bytes(bytes[place..place + 4].try_into().expect("a length"));
            let end = place + length as usize;
            if &bytes[place + 4..place + 8] == kind.as_bytes() {
                let inner = &bytes[place + 8..end];
                return if rest.is_empty() { inner } else { within(inner, rest) };
            }
            place = end;
        }
        panic!("no {kind}");
    }

    #[test]
    fn films_are_ten_seconds_long() {
        let film = bytes("mp4", "vid_1");
        let number = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().expect("four bytes"));
        let header = within(&film, "moov/mvhd");
        assert_eq!((number(&header[12..16]), number(&header[16..20])), (1_000, 10_000));
        assert_eq!(header.len(), 100);
        assert_eq!(within(&film, "moov/trak/tkhd").len(), 84);
        let offset = number(&within(&film, "moov/trak/mdia/minf/stbl/stco")[8..12]) as usize;
        let data = within(&film, "mdat");
        assert_eq!(&film[offset..offset + data.len()], data);
        assert_eq!(within(&film, "free"), b"vid_1");
        assert!(film.len() < 20_000, "{}", film.len());
    }

    #[test]
    fn files_are_of_the_type_of_their_ending() {
        for ending in ["mp4", "jpg", "png", "gif", "mp3", "wav"] {
            let found = sniffed(&bytes(ending, "id"));
            assert_eq!(found, Some(media_type(ending)), "{ending}");
        }
        assert_eq!(sniffed(b"hello"), None);
        assert_eq!(ending("image/png"), "png");
    }
}
