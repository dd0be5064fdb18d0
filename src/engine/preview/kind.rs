//! What sort of file it is, told from its first bytes: text, UTF-16 text, or something binary that
//! is named instead of shown.
//!
//! Signatures are in one table, [`SIGNATURES`]; add a line there for a new kind.

use std::char::{REPLACEMENT_CHARACTER, decode_utf16};

/// Bytes looked at: a NUL among them makes a file binary.
pub(super) const HEAD: usize = 8 * 1024;

/// Largest UTF-16 file that is converted, in bytes; conversion keeps the whole text in memory.
const WIDE_LIMIT: u64 = 8 * 1024 * 1024;

/// The sort of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// UTF-8 or near it, after a byte-order mark of this many bytes.
    Text { skip: u64 },
    /// UTF-16, to be converted.
    Wide { little: bool },
    /// Not shown, for this reason.
    Other(String),
}

/// Beginnings of files that are not text: where, which bytes, what it is called.
const SIGNATURES: &[(usize, &[u8], &str)] = &[
    (0, b"\x7fELF", "ELF"),
    (0, b"MZ", "Windows program"),
    (0, b"\xcf\xfa\xed\xfe", "Mach-O"),
    (0, b"\xca\xfe\xba\xbe", "Java class or Mach-O"),
    (0, b"\0asm", "WebAssembly"),
    (0, b"\x89PNG", "PNG image"),
    (0, b"\xff\xd8\xff", "JPEG image"),
    (0, b"GIF8", "GIF image"),
    (8, b"WEBP", "WebP image"),
    (0, b"\0\0\x01\0", "icon"),
    (0, b"BM", "BMP image"),
    (0, b"%PDF", "PDF"),
    (0, b"PK\x03\x04", "ZIP archive or office document"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"\x28\xb5\x2f\xfd", "zstd"),
    (0, b"\xfd7zXZ\0", "xz"),
    (0, b"BZh", "bzip2"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z archive"),
    (257, b"ustar", "tar archive"),
    (0, b"SQLite format 3\0", "SQLite database"),
    (0, b"wOFF", "web font"),
    (0, b"wOF2", "web font"),
    (0, b"\0\x01\0\0", "TrueType font"),
    (0, b"OTTO", "OpenType font"),
    (4, b"ftyp", "MP4 video"),
    (0, b"ID3", "MP3 audio"),
    (0, b"OggS", "Ogg media"),
    (0, b"RIFF", "RIFF media"),
    (0, b"PAR1", "Parquet"),
    (0, b"!<arch>", "static library or Debian package"),
    (0, b"\xff\xfe\0\0", "UTF-32 text"),
    (0, b"\0\0\xfe\xff", "UTF-32 text"),
];

/// Tells the sort of a file of `size` bytes that begins with `head` (at most [`HEAD`] bytes).
pub(super) fn sniff(head: &[u8], size: u64) -> Kind {
    if size == 0 {
        return Kind::Other("empty file".to_owned());
    }
    let utf32 = head.starts_with(b"\xff\xfe\0\0");
    if !utf32 && (head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff")) {
        return if size <= WIDE_LIMIT {
            Kind::Wide { little: head.starts_with(b"\xff\xfe") }
        } else {
            Kind::Other(format!("UTF-16 text, {}: too large to convert", size_words(size)))
        };
    }
    // A gzip of a few bytes need not hold a NUL, and yet is no text.
    let packed = [&b"\x1f\x8b"[..], b"\x28\xb5\x2f\xfd"].iter().any(|it| head.starts_with(it));
    if packed || memchr::memchr(0, head).is_some() {
        return Kind::Other(format!("binary file, {}, {}", size_words(size), name_of(head)));
    }
    Kind::Text { skip: if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 } }
}

/// UTF-16 with its byte-order mark as UTF-8 without one; halves of pairs become U+FFFD.
pub(super) fn narrow(bytes: &[u8], little: bool) -> String {
    let units = bytes.chunks(2).skip(1).map(|pair| match *pair {
        [one, two] if little => u16::from_le_bytes([one, two]),
        [one, two] => u16::from_be_bytes([one, two]),
        _ => REPLACEMENT_CHARACTER as u16,
    });
    decode_utf16(units).map(|unit| unit.unwrap_or(REPLACEMENT_CHARACTER)).collect()
}

fn name_of(head: &[u8]) -> String {
    let known = SIGNATURES
        .iter()
        .find(|(at, bytes, _)| head.get(*at..).is_some_and(|rest| rest.starts_with(bytes)));
    if let Some((_, _, name)) = known {
        return (*name).to_owned();
    }
    let hex: Vec<String> = head.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("begins {}", hex.join(" "))
}

/// A size in decimal units with one digit after the point: `512 B`, `2.1 MB`.
pub(super) fn size_words(bytes: u64) -> String {
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64;
    let mut unit = "B";
    for next in ["kB", "MB", "GB", "TB"] {
        if value < 999.95 {
            break;
        }
        value /= 1000.0;
        unit = next;
    }
    format!("{value:.1} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_from_the_first_bytes() {
        assert_eq!(sniff(b"", 0), Kind::Other("empty file".into()));
        assert_eq!(sniff(b"let x = 1;", 10), Kind::Text { skip: 0 });
        assert_eq!(sniff(b"\xef\xbb\xbfx", 4), Kind::Text { skip: 3 });
        assert_eq!(sniff(b"\xff\xfea\0", 4), Kind::Wide { little: true });
        assert_eq!(sniff(b"\xfe\xff\0a", 4), Kind::Wide { little: false });
        assert_eq!(
            sniff(b"\x7fELF\x02\0", 2_100_000),
            Kind::Other("binary file, 2.1 MB, ELF".into())
        );
        assert_eq!(
            sniff(b"ab\0cdefghij", 11),
            Kind::Other("binary file, 11 B, begins 61 62 00 63 64 65 66 67".into())
        );
        assert_eq!(
            sniff(b"\xff\xfea\0", 9_000_000),
            Kind::Other("UTF-16 text, 9.0 MB: too large to convert".into())
        );
    }

    #[test]
    fn sixteen_bit_text_is_narrowed() {
        assert_eq!(narrow(b"\xff\xfeh\0\xe9\0\n\0", true), "hé\n");
        assert_eq!(narrow(b"\xfe\xff\xd8\x3d\xde\x00", false), "😀");
        assert_eq!(narrow(b"\xff\xfe\x3d\xd8a\0b", true), "\u{fffd}a\u{fffd}");
    }

    #[test]
    fn sizes_read_well() {
        assert_eq!(size_words(999), "999 B");
        assert_eq!(size_words(1000), "1.0 kB");
        assert_eq!(size_words(999_999), "1.0 MB");
        assert_eq!(size_words(2_147_483_648), "2.1 GB");
    }
}
