//! Colours: how themes write them, what a terminal can show, how well two can be read together.
//!
//! The sixteen named colours belong to the terminal; where a number is needed for them, xterm's
//! defaults stand in.

use ratatui::style::Color;

use crate::config::Environment;

/// How many colours a terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None at all: `NO_COLOR`, `TERM=dumb`, `--color never`.
    None,
    /// The sixteen of ANSI.
    Sixteen,
    /// The 256 of xterm.
    Palette,
    /// Any.
    True,
}

/// Terminals that show any colour without saying so in COLORTERM, which ssh does not carry over.
const TRUE_COLOR_TERMS: &[&str] =
    &["alacritty", "contour", "foot", "ghostty", "kitty", "wezterm", "-direct"];

impl Depth {
    /// What the environment says about the terminal.
    pub fn detect(environment: &Environment) -> Self {
        let term = environment.term.as_deref().unwrap_or_default();
        let colors = environment.colorterm.as_deref().unwrap_or_default();
        if environment.no_color || term == "dumb" || term.starts_with("vt") {
            Self::None
        } else if matches!(colors, "truecolor" | "24bit")
            || TRUE_COLOR_TERMS.iter().any(|name| term.contains(name))
        {
            Self::True
        } else if term.contains("256") {
            Self::Palette
        } else {
            Self::Sixteen
        }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "no colours",
            Self::Sixteen => "16 colours",
            Self::Palette => "256 colours",
            Self::True => "true colour",
        }
    }
}

/// The colours of ANSI in the order of their numbers, with xterm's default for each.
const NAMED: [(&str, Color, (u8, u8, u8)); 16] = [
    ("black", Color::Black, (0, 0, 0)),
    ("red", Color::Red, (0xcd, 0, 0)),
    ("green", Color::Green, (0, 0xcd, 0)),
    ("yellow", Color::Yellow, (0xcd, 0xcd, 0)),
    ("blue", Color::Blue, (0, 0, 0xee)),
    ("magenta", Color::Magenta, (0xcd, 0, 0xcd)),
    ("cyan", Color::Cyan, (0, 0xcd, 0xcd)),
    ("white", Color::Gray, (0xe5, 0xe5, 0xe5)),
    ("bright-black", Color::DarkGray, (0x7f, 0x7f, 0x7f)),
    ("bright-red", Color::LightRed, (0xff, 0, 0)),
    ("bright-green", Color::LightGreen, (0, 0xff, 0)),
    ("bright-yellow", Color::LightYellow, (0xff, 0xff, 0)),
    ("bright-blue", Color::LightBlue, (0x5c, 0x5c, 0xff)),
    ("bright-magenta", Color::LightMagenta, (0xff, 0, 0xff)),
    ("bright-cyan", Color::LightCyan, (0, 0xff, 0xff)),
    ("bright-white", Color::White, (0xff, 0xff, 0xff)),
];

/// The names that a theme may use without a palette.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    NAMED.iter().map(|(name, ..)| *name).chain(["default", "grey"])
}

/// Reads `#rgb`, `#rrggbb`, a name of ANSI, `grey`, or `default`.
pub(super) fn parse(text: &str) -> Option<Color> {
    match text {
        "default" => return Some(Color::Reset),
        "grey" | "gray" => return Some(Color::DarkGray),
        _ => {}
    }
    if let Some((_, color, _)) = NAMED.iter().find(|(name, ..)| *name == text) {
        return Some(*color);
    }
    let digits: Vec<u8> = text
        .strip_prefix('#')?
        .chars()
        .map(|digit| digit.to_digit(16).map(|value| value as u8))
        .collect::<Option<_>>()?;
    match digits[..] {
        [red, green, blue] => Some(Color::Rgb(red * 17, green * 17, blue * 17)),
        [r1, r0, g1, g0, b1, b0] => Some(Color::Rgb(r1 * 16 + r0, g1 * 16 + g0, b1 * 16 + b0)),
        _ => None,
    }
}

/// The colour as numbers, or `None` for the terminal's default, which nobody knows.
fn numbers(color: Color) -> Option<(u8, u8, u8)> {
    match color {
        Color::Reset => None,
        Color::Rgb(red, green, blue) => Some((red, green, blue)),
        Color::Indexed(index @ 16..=231) => {
            let step = |level: u8| if level == 0 { 0 } else { 55 + 40 * level };
            let cube = index - 16;
            Some((step(cube / 36), step(cube / 6 % 6), step(cube % 6)))
        }
        Color::Indexed(index @ 232..) => {
            let grey = 8 + 10 * (index - 232);
            Some((grey, grey, grey))
        }
        Color::Indexed(index) => NAMED.get(usize::from(index)).map(|(_, _, numbers)| *numbers),
        named => NAMED.iter().find(|(_, color, _)| *color == named).map(|(_, _, numbers)| *numbers),
    }
}

/// How well one colour can be read on the other, from 1 to 21 (WCAG 2.1, contrast ratio). Where
/// one is the terminal's default it is taken to be good, for the user chose it.
pub fn contrast(one: Color, other: Color) -> f64 {
    let (Some(one), Some(other)) = (numbers(one), numbers(other)) else {
        return if one == other { 1.0 } else { 21.0 };
    };
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Relative luminance (WCAG 2.1).
fn luminance((red, green, blue): (u8, u8, u8)) -> f64 {
    let linear = |level: u8| {
        let level = f64::from(level) / 255.0;
        if level <= 0.04045 { level / 12.92 } else { ((level + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

/// The colour as a terminal of this depth shows it best. Named colours stay what they are.
pub(super) fn adapt(color: Color, depth: Depth) -> Color {
    match (color, depth) {
        (Color::Rgb(red, green, blue), Depth::Palette) => palette((red, green, blue)),
        (Color::Rgb(red, green, blue), Depth::Sixteen) => sixteen((red, green, blue)),
        _ => color,
    }
}

/// The nearest of the fixed 240 colours of xterm; the first sixteen are the user's own.
fn palette(wanted: (u8, u8, u8)) -> Color {
    let distance = |index: u8| {
        let (red, green, blue) = numbers(Color::Indexed(index)).unwrap_or_default();
        let square = |one: u8, other: u8| (i32::from(one) - i32::from(other)).pow(2);
        square(red, wanted.0) + square(green, wanted.1) + square(blue, wanted.2)
    };
    Color::Indexed((16..=255).min_by_key(|index| distance(*index)).unwrap_or(16))
}

/// The colour of ANSI that says the same: by hue, since the nearest by distance would be a grey for
/// most colours that read well; greys by brightness.
fn sixteen((red, green, blue): (u8, u8, u8)) -> Color {
    let (most, least) = (red.max(green).max(blue), red.min(green).min(blue));
    let chroma = i32::from(most) - i32::from(least);
    // Less than this is a tinted grey.
    if chroma < 48 {
        return match luminance((red, green, blue)) {
            it if it < 0.03 => Color::Black,
            it if it < 0.25 => Color::DarkGray,
            it if it < 0.75 => Color::Gray,
            _ => Color::White,
        };
    }
    let (red, green, blue) = (i32::from(red), i32::from(green), i32::from(blue));
    let most = i32::from(most);
    let hue = if most == red {
        (60 * (green - blue) / chroma).rem_euclid(360)
    } else if most == green {
        120 + 60 * (blue - red) / chroma
    } else {
        240 + 60 * (red - green) / chroma
    };
    let bright = most >= 0xe8;
    let base = match hue {
        // Ambers and oranges read as yellow.
        24..=84 => 3,
        85..=159 => 2,
        160..=204 => 6,
        205..=264 => 4,
        265..=329 => 5,
        _ => 1,
    };
    NAMED.get(base + if bright { 8 } else { 0 }).map_or(Color::Reset, |(_, color, _)| *color)
}

/// Black or white, whichever can be read better on this colour.
pub(super) fn readable_on(color: Color) -> Color {
    if contrast(Color::Black, color) >= contrast(Color::White, color) {
        Color::Black
    } else {
        Color::White
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_and_nothing_else_is() {
        assert_eq!(parse("#fff"), Some(Color::Rgb(255, 255, 255)));
        assert_eq!(parse("#1f242d"), Some(Color::Rgb(0x1f, 0x24, 0x2d)));
        assert_eq!(parse("bright-black"), Some(Color::DarkGray));
        assert_eq!(parse("default"), Some(Color::Reset));
        for wrong in ["", "#", "#ff", "#fffff", "#ggg", "fff", "#é00", "Red", "#fffffff"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn contrast_is_that_of_the_standard() {
        let white = Color::Rgb(255, 255, 255);
        assert!((contrast(white, Color::Rgb(0, 0, 0)) - 21.0).abs() < 0.01);
        assert!((contrast(Color::Rgb(0x77, 0x77, 0x77), white) - 4.48).abs() < 0.01);
    }

    #[test]
    fn fewer_colours_keep_the_hue() {
        for (text, expect) in [
            ("#e5a33b", Color::Yellow),
            ("#ff6b5e", Color::LightRed),
            ("#7fc98f", Color::Green),
            ("#6cb6ff", Color::LightBlue),
            ("#c792ea", Color::LightMagenta),
            ("#5fb3b3", Color::Cyan),
            ("#1b2028", Color::Black),
            ("#d8dee9", Color::Gray),
            ("#ffffff", Color::White),
            ("#8a8f98", Color::Gray),
            ("#5a6070", Color::DarkGray),
        ] {
            assert_eq!(adapt(parse(text).unwrap(), Depth::Sixteen), expect, "{text}");
        }
        assert_eq!(adapt(parse("#ff8700").unwrap(), Depth::Palette), Color::Indexed(208));
        assert_eq!(adapt(parse("#808080").unwrap(), Depth::Palette), Color::Indexed(244));
        assert_eq!(adapt(Color::Red, Depth::Palette), Color::Red);
    }

    #[test]
    fn the_depth_follows_the_environment() {
        let depth = |term: &str, colors: &str, no_color| {
            Depth::detect(&Environment {
                term: Some(term.to_owned()),
                colorterm: Some(colors.to_owned()),
                no_color,
                ..Environment::default()
            })
        };
        assert_eq!(depth("xterm-256color", "truecolor", false), Depth::True);
        assert_eq!(depth("xterm-256color", "", false), Depth::Palette);
        assert_eq!(depth("xterm-kitty", "", false), Depth::True);
        assert_eq!(depth("linux", "", false), Depth::Sixteen);
        assert_eq!(depth("dumb", "truecolor", false), Depth::None);
        assert_eq!(depth("xterm-256color", "truecolor", true), Depth::None);
        assert_eq!(Depth::detect(&Environment::default()), Depth::Sixteen);
    }
}
