//! What every theme that navi carries must hold, and what the loader says about mistakes.

use ratatui::style::Color;

use super::*;
use crate::base::toml::Text;
use crate::config::{Assets, Shelf};

const DEPTHS: [Depth; 4] = [Depth::None, Depth::Sixteen, Depth::Palette, Depth::True];

/// Lines and fills: nothing is read in them.
const DECORATION: &[Slot] = &[Slot::Border, Slot::BorderFocused, Slot::OverlayBorder];

fn built_in(name: &str, depth: Depth) -> Theme {
    let assets = Assets::default();
    let (theme, faults) = load(name, &|name| assets.theme(name), depth);
    assert_eq!(faults, vec![], "{name}");
    theme
}

fn names() -> Vec<String> {
    Assets::default().list(Shelf::Themes).into_iter().map(|it| it.name).collect()
}

fn mine(text: &str) -> (Theme, Vec<String>) {
    let assets = Assets::default();
    let source = |name: &str| match name {
        "mine" => Some(Text { origin: "mine.toml".into(), text: text.into() }),
        _ => assets.theme(name),
    };
    let (theme, faults) = load("mine", &source, Depth::True);
    (theme, faults.iter().map(ToString::to_string).collect())
}

#[test]
fn text_can_be_read_in_every_theme_with_its_own_background() {
    for (name, least) in [("navi-dark", 4.5), ("navi-light", 4.5), ("high-contrast", 7.0)] {
        let theme = built_in(name, Depth::True);
        let behind = theme.style(Slot::Background).bg.unwrap();
        let current = theme.style(Slot::PreviewCurrentLine).bg.unwrap();
        let check = |what: &str, fg: Option<Color>, bg: Color| {
            let ratio = contrast(fg.unwrap(), bg);
            assert!(ratio >= least, "{name}: {what} has {ratio:.2} on {bg:?}");
        };
        for slot in Slot::ALL.iter().filter(|slot| !DECORATION.contains(slot)) {
            let style = theme.style(*slot);
            check(slot.name(), style.fg, style.bg.unwrap_or(behind));
            if slot.name().starts_with("syntax") || *slot == Slot::PreviewLineNumber {
                check(slot.name(), style.fg, current);
            }
            for base in [Slot::ListSelected, Slot::OverlaySelected, Slot::Overlay] {
                let on = theme.on(base, style);
                if let (Some(bg), None) = (on.bg, style.bg) {
                    check(slot.name(), on.fg, bg);
                }
            }
        }
        for (id, style) in theme.roles.clone() {
            check(&id, style.fg, behind);
            let on = theme.on(Slot::ListSelected, style);
            check(&id, on.fg, on.bg.unwrap());
        }
        for slot in DECORATION {
            let ratio = contrast(theme.style(*slot).fg.unwrap(), behind);
            assert!(ratio >= 3.0, "{name}: {} has {ratio:.2}", slot.name());
        }
    }
}

#[test]
fn the_default_uses_only_what_the_terminals_user_chose() {
    let theme = built_in("ansi", Depth::True);
    for (name, style) in theme.rows() {
        for color in [style.fg, style.bg].into_iter().flatten() {
            assert!(!matches!(color, Color::Rgb(..) | Color::Indexed(_)), "{name}");
        }
        let plain = style.bg.is_none_or(|bg| bg == Color::Reset);
        let risky = [
            Color::Black,
            Color::Gray,
            Color::White,
            Color::DarkGray,
            Color::Yellow,
            Color::LightYellow,
        ];
        assert!(!plain || style.fg.is_none_or(|fg| !risky.contains(&fg)), "{name}");
        assert!(plain || contrast(style.fg.unwrap(), style.bg.unwrap()) >= 4.5, "{name}");
    }
}

#[test]
fn selection_and_matches_are_visible_at_every_depth() {
    for name in names() {
        for depth in DEPTHS {
            let theme = built_in(&name, depth);
            let behind = theme.style(Slot::Background).bg.unwrap_or_default();
            for slot in [Slot::ListSelected, Slot::ListSelectedMatch, Slot::OverlaySelected] {
                let style = theme.style(slot);
                let seen = style.add_modifier.contains(Modifier::REVERSED)
                    || style.bg.is_some_and(|bg| bg != behind);
                assert!(seen, "{name} {depth:?} {slot:?}");
            }
            let [found, row] = [Slot::ListMatch, Slot::List].map(|slot| theme.style(slot));
            assert_ne!(found, row, "{name} {depth:?}");
            let [found, row] =
                [Slot::ListSelectedMatch, Slot::ListSelected].map(|slot| theme.style(slot));
            assert_ne!(found, row, "{name} {depth:?}");
        }
    }
}

#[test]
fn without_colours_nothing_sets_one() {
    for name in names() {
        let theme = built_in(&name, Depth::None);
        for (slot, style) in theme.rows() {
            assert_eq!((style.fg, style.bg), (None, None), "{name} {slot}");
        }
        let found = theme.style(Slot::ListMatch).add_modifier;
        assert!(found.contains(Modifier::UNDERLINED | Modifier::BOLD), "{name}");
        assert!(theme.style(Slot::ListSelected).add_modifier.contains(Modifier::REVERSED));
        let on = theme.on(Slot::ListSelected, theme.style(Slot::ListReason));
        assert_eq!((on.fg, on.bg), (None, None));
        assert!(on.add_modifier.contains(Modifier::REVERSED));
    }
}

#[test]
fn fewer_colours_are_still_read() {
    for name in names() {
        for (depth, least) in [(Depth::Sixteen, 3.0), (Depth::Palette, 4.0)] {
            let theme = built_in(&name, depth);
            let behind = theme.style(Slot::Background).bg.unwrap();
            for (slot, style) in theme.rows() {
                for color in [style.fg, style.bg].into_iter().flatten() {
                    assert!(!matches!(color, Color::Rgb(..)), "{name} {slot}");
                    let named = !matches!(color, Color::Indexed(_));
                    assert!(depth != Depth::Sixteen || named, "{name} {slot}");
                }
                let (Some(fg), bg) = (style.fg, style.bg.unwrap_or(behind)) else { continue };
                let line = DECORATION.iter().any(|it| it.name() == slot);
                let both_default = fg == Color::Reset && bg == Color::Reset;
                let ratio = contrast(fg, bg);
                let least = if line { 2.0 } else { least };
                assert!(both_default || ratio >= least, "{name} {depth:?} {slot}: {ratio:.2}");
            }
        }
    }
}

#[test]
fn what_is_left_out_comes_from_the_parent() {
    let (theme, faults) = mine(
        "\"text\" = \"#fff\"\n\"list.selected\" = { bg = \"blue\", modifiers = [\"bold\"] }\n\
         \"role\" = \"cyan\"\n\"role.auth\" = { bg = \"red\" }\n",
    );
    assert_eq!(faults, Vec::<String>::new());
    let white = Color::Rgb(255, 255, 255);
    let selected = Style::new().fg(white).bg(Color::Blue).add_modifier(Modifier::BOLD);
    assert_eq!(theme.style(Slot::ListSelectedMatch), selected);
    assert_eq!(theme.style(Slot::SyntaxNumber), Style::new().fg(white));
    assert_eq!(theme.role("auth"), Style::new().fg(Color::Cyan).bg(Color::Red));
    assert_eq!(theme.role("cache"), Style::new().fg(Color::Cyan));
}

#[test]
fn a_child_changes_the_palette_of_its_parent() {
    let (theme, faults) = mine("inherits = \"navi-dark\"\n[palette]\namber = \"#0f0\"\n");
    assert_eq!(faults, Vec::<String>::new());
    assert_eq!(theme.style(Slot::ListMatch).fg, Some(Color::Rgb(0, 255, 0)));
    assert_eq!(theme.style(Slot::Text), built_in("navi-dark", Depth::True).style(Slot::Text));
}

#[test]
fn each_mistake_is_told_and_costs_its_own_entry() {
    let (theme, faults) = mine(
        "inherits = \"ansi\"\n\"lst.match\" = \"red\"\ntext.dim = \"grren\"\nquery = 7\n\
         title = { fg = 3, modifers = [\"bold\"] }\nheader = { bg = \"#12\", modifiers = [\"bld\", \"dim\"] }\n\
         \"key.hint\" = { fg = \"green\" }\nkey = { hint = \"red\" }\n\"role.a.b\" = \"red\"\n\
         status = \"colour?\"\nborder = broken\n[palette]\nink = \"#xyz\"\n",
    );
    assert_eq!(
        faults,
        [
            "mine.toml:2:1: warning: there is no slot `lst.match` (did you mean `list.match`?)",
            "mine.toml:3:12: warning: `grren` is no colour (did you mean `green`?)",
            "mine.toml:4:9: warning: a slot takes a colour or { fg, bg, modifiers }, not a number",
            "mine.toml:5:16: warning: a colour is written as text, not as a number",
            "mine.toml:5:19: warning: there is no slot `title.modifers` (did you mean `modifiers`?)",
            "mine.toml:6:17: warning: `#12` is no colour (write #rgb, #rrggbb, a name of the palette or of ANSI, or default)",
            "mine.toml:6:37: warning: there is no modifier `bld` (did you mean `bold`?)",
            "mine.toml:8:9: warning: `key.hint` is set twice",
            "mine.toml:9:1: warning: there is no slot `role.a.b`",
            "mine.toml:10:10: warning: `colour?` is no colour (write #rgb, #rrggbb, a name of the palette or of ANSI, or default)",
            "mine.toml:11:10: warning: this line is left out: `broken` is not in quotes (write \"broken\")",
            "mine.toml:13:7: warning: `#xyz` is no colour (write #rgb, #rrggbb, a name of the palette or of ANSI, or default)",
        ]
    );
    assert_eq!(theme.style(Slot::KeyHint).fg, Some(Color::Green));
    assert!(theme.style(Slot::Header).add_modifier.contains(Modifier::DIM));
}

#[test]
fn navi_dark_defines_every_slot_without_a_parent() {
    let theme = built_in("navi-dark", Depth::True);
    for slot in Slot::ALL.iter().filter(|slot| slot.parent().is_none()) {
        assert!(theme.style(*slot).fg.is_some(), "{slot:?}");
    }
}

#[test]
fn a_missing_theme_is_told_and_the_default_is_taken() {
    let assets = Assets::default();
    let (theme, faults) = load("navi-drak", &|name| assets.theme(name), Depth::True);
    assert_eq!(
        faults[0].to_string(),
        "theme: error: there is no theme called `navi-drak` (did you mean `navi-dark`?)"
    );
    assert_eq!(theme.rows(), built_in("ansi", Depth::True).rows());
}

#[test]
fn the_documentation_knows_every_slot_and_theme() {
    let page = include_str!("../../../docs/themes.md");
    for slot in Slot::ALL {
        let parent = slot.parent().map_or_else(String::new, |it| format!("`{}`", it.name()));
        let row = format!("| `{}` | {} | {parent} |", slot.name(), slot.doc());
        assert!(page.contains(&row), "docs/themes.md lacks: {row}");
    }
    for name in names() {
        assert!(page.contains(&format!("| `{name}` |")), "{name}");
    }
}
