//! The pictures of the demo sites: drawings of a coast, as PNG (W3C, third edition) in four colours.

use std::f32::consts::TAU;

const WIDTH: u32 = 640;
const HEIGHT: u32 = 360;
const PIXELS_A_BYTE: u32 = 4;

/// A drawing; no two places of a site look alike.
#[expect(
    clippy::cast_precision_loss,
    reason = "the numbers are those of pixels and places"
)]
pub(super) fn draw(place: usize) -> Vec<u8> {
    let place = place as f32;
    let sun = ((place * 0.37 + 0.15).fract() * WIDTH as f32, 96.0);
    let colour = |x: u32, y: u32| -> u8 {
        let (x, y) = (x as f32, y as f32);
        let wave = |height: f32, swing: f32, turns: f32, shift: f32| {
            height + swing * (TAU * (x / WIDTH as f32 * turns + shift)).sin()
        };
        let near = (x - sun.0).hypot(y - sun.1) < 34.0;
        if y > wave(292.0, 6.0, 4.0, place * 0.21) {
            3
        } else if y > wave(236.0, 42.0, 1.3, place * 0.29) {
            2
        } else {
            u8::from(near)
        }
    };
    let mut lines = Vec::new();
    for y in 0..HEIGHT {
        // No filter.
        lines.push(0);
        for start in (0..WIDTH).step_by(PIXELS_A_BYTE as usize) {
            let four = (start..start + PIXELS_A_BYTE).map(|x| colour(x, y));
            lines.push(four.fold(0, |byte, colour| byte << 2 | colour));
        }
    }
    png(&palette(place), &lines)
}

/// Sky, sun, hills and sea, in the tone of the place.
fn palette(place: f32) -> Vec<u8> {
    let hue = (place * 0.19).fract();
    [
        (0.0, 0.28, 0.86),
        (0.1, 0.3, 0.97),
        (0.03, 0.3, 0.55),
        (0.08, 0.42, 0.36),
    ]
    .into_iter()
    .flat_map(|(shift, saturation, value)| rgb(hue + shift, saturation, value))
    .collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the values are between 0 and 255"
)]
fn rgb(hue: f32, saturation: f32, value: f32) -> [u8; 3] {
    [0.0, 1.0 / 3.0, 2.0 / 3.0].map(|shift| {
        let share = 0.5 + 0.5 * (TAU * (hue + shift)).cos();
        ((value * (1.0 - saturation * (1.0 - share))) * 255.0) as u8
    })
}

/// The lines of two bits a pixel as a file.
fn png(palette: &[u8], lines: &[u8]) -> Vec<u8> {
    let mut header = Vec::new();
    header.extend(WIDTH.to_be_bytes());
    header.extend(HEIGHT.to_be_bytes());
    // Two bits, a palette, deflate, no interlacing.
    header.extend([2, 3, 0, 0, 0]);
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in [
        (b"IHDR", header.as_slice()),
        (b"PLTE", palette),
        (b"IDAT", &stored(lines)),
        (b"IEND", &[]),
    ] {
        file.extend(u32::try_from(data.len()).unwrap_or(0).to_be_bytes());
        let sum = crc(name.iter().chain(data));
        file.extend(name);
        file.extend(data);
        file.extend(sum.to_be_bytes());
    }
    file
}

/// A zlib stream (RFC 1950) of blocks that are not compressed (RFC 1951, 3.2.4).
fn stored(data: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let mut blocks = data.chunks(0xffff).peekable();
    while let Some(block) = blocks.next() {
        stream.push(u8::from(blocks.peek().is_none()));
        let length = u16::try_from(block.len()).unwrap_or(0);
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
    }
    let (mut low, mut high) = (1_u32, 0_u32);
    for byte in data {
        low = (low + u32::from(*byte)) % 65521;
        high = (high + low) % 65521;
    }
    stream.extend((high << 16 | low).to_be_bytes());
    stream
}

fn crc<'a>(bytes: impl Iterator<Item = &'a u8>) -> u32 {
    let sum = bytes.fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            let carry = if sum & 1 == 1 { 0xedb8_8320 } else { 0 };
            sum >> 1 ^ carry
        })
    });
    !sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_standards() {
        assert_eq!(crc(b"123456789".iter()), 0xcbf4_3926);
        assert_eq!(stored(b"Wikipedia").split_off(16), [0x11, 0xe6, 0x03, 0x98]);
        assert_ne!(draw(0), draw(1));
    }
}
