//! What some bytes are, told by themselves: what servers say of images is often wrong, and may be
//! meant to be.

use imagesize::{Compression, ImageType};

/// The kinds of files that are kept and served. SVG is none of them: it can hold scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediaType {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// GIF.
    Gif,
    /// WebP.
    Webp,
    /// AVIF.
    Avif,
    /// MP3.
    Mp3,
    /// Ogg.
    Ogg,
    /// AAC or ALAC in MPEG-4.
    M4a,
}

/// What an image is. A recording has no size: 0 by 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    /// Its kind.
    pub media_type: MediaType,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

impl MediaType {
    const ALL: [Self; 8] = [
        Self::Png,
        Self::Jpeg,
        Self::Gif,
        Self::Webp,
        Self::Avif,
        Self::Mp3,
        Self::Ogg,
        Self::M4a,
    ];

    /// The media type (RFC 6838).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Avif => "image/avif",
            Self::Mp3 => "audio/mpeg",
            Self::Ogg => "audio/ogg",
            Self::M4a => "audio/mp4",
        }
    }

    /// How the names of such files end.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Gif => "gif",
            Self::Webp => "webp",
            Self::Avif => "avif",
            Self::Mp3 => "mp3",
            Self::Ogg => "ogg",
            Self::M4a => "m4a",
        }
    }

    /// The kind with this media type.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether it is one that is looked at.
    pub const fn is_image(self) -> bool {
        matches!(
            self,
            Self::Png | Self::Jpeg | Self::Gif | Self::Webp | Self::Avif
        )
    }
}

/// What these bytes are; `None` if they are nothing that is kept.
pub(super) fn sniff(bytes: &[u8]) -> Option<Picture> {
    if let Some(media_type) = recording(bytes) {
        return Some(Picture {
            media_type,
            width: 0,
            height: 0,
        });
    }
    let media_type = match imagesize::image_type(bytes).ok()? {
        ImageType::Png => MediaType::Png,
        ImageType::Jpeg => MediaType::Jpeg,
        ImageType::Gif => MediaType::Gif,
        ImageType::Webp => MediaType::Webp,
        ImageType::Heif(Compression::Av1) => MediaType::Avif,
        _ => return None,
    };
    let size = imagesize::blob_size(bytes).ok()?;
    Some(Picture {
        media_type,
        width: u32::try_from(size.width).ok()?,
        height: u32::try_from(size.height).ok()?,
    })
}

fn recording(bytes: &[u8]) -> Option<MediaType> {
    let mpeg_frame = matches!(bytes, [0xff, second, ..] if second & 0xe6 == 0xe2);
    if bytes.starts_with(b"ID3") || mpeg_frame {
        Some(MediaType::Mp3)
    } else if bytes.starts_with(b"OggS") {
        Some(MediaType::Ogg)
    } else if bytes.get(4..11) == Some(b"ftypM4A") {
        Some(MediaType::M4a)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
        bytes
    }

    #[test]
    fn bytes_tell_what_they_are() {
        let picture = sniff(&png(640, 480)).unwrap();
        assert_eq!(picture.media_type, MediaType::Png);
        assert_eq!((picture.width, picture.height), (640, 480));
        let gif = b"GIF89a\x02\x00\x03\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff";
        let picture = sniff(gif).unwrap();
        assert_eq!(picture.media_type, MediaType::Gif);
        assert_eq!((picture.width, picture.height), (2, 3));
        assert_eq!(
            sniff(b"ID3\x04\0\0\0\0\0\0").unwrap().media_type,
            MediaType::Mp3
        );
    }

    #[test]
    fn what_can_act_is_no_image() {
        for bytes in [
            &b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>"[..],
            b"<?xml version=\"1.0\"?><svg/>",
            b"<!doctype html><title>404</title>",
            b"%PDF-1.7",
            b"BM\0\0\0\0",
            b"",
            b"\x89PNG",
        ] {
            assert_eq!(sniff(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn names_are_read_back() {
        for kind in MediaType::ALL {
            assert_eq!(MediaType::from_name(kind.as_str()), Some(kind));
        }
    }
}
