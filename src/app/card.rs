//! The card that is shown before a command runs: what exactly would run, from where, what it may do,
//! the values it takes, and what a person has to say.

use std::time::Instant;

use super::App;
use super::action::Action;
use super::edit::TextField;
use super::event::{Effect, Place};
use super::list::ListCursor;
use super::model::Overlay;
use crate::engine::commands::{Command, Consent, Need, Trust};
use crate::protocol::{Grant, Offer, Request};

/// See the module.
#[derive(Debug, Clone)]
pub struct Card {
    /// The command's id.
    pub id: String,
    /// What has to be said.
    pub need: Need,
    /// The values, each with its name.
    pub values: Vec<(String, TextField)>,
    /// The field that is typed into; past the last value, the name that has to be typed, or the keys.
    pub field: usize,
    /// The name that is typed out.
    pub typed: TextField,
    /// The line of the text at the top.
    pub cursor: ListCursor,
    /// What would run, line by line; with `+` and `-` where it has changed since it was trusted.
    pub lines: Vec<CardLine>,
}

/// A line of what would run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardLine {
    /// Whether it is new (`Some(true)`) or gone (`Some(false)`) since the command was trusted.
    pub new: Option<bool>,
    /// The line.
    pub text: String,
}

impl Card {
    /// The card of a command, of which this has to be said.
    pub fn new(offer: &Offer, need: Need) -> Self {
        let value = |name: &String, default: &Option<String>| {
            (name.clone(), TextField::new(default.clone().unwrap_or_default()))
        };
        let parameters = &offer.command.parameters;
        // Where nothing has to be filled in, the keys work at once.
        let field = match parameters.iter().position(|it| it.default.is_none()) {
            Some(lacking) => lacking,
            None if need == Need::Nothing => 0,
            None => parameters.len(),
        };
        Self {
            id: offer.command.id.clone(),
            need,
            values: parameters.iter().map(|it| value(&it.name, &it.default)).collect(),
            field,
            typed: TextField::default(),
            cursor: ListCursor::default(),
            lines: lines_of(offer),
        }
    }

    /// The command is another than it was when the card was opened.
    pub fn renew(&mut self, offer: &Offer) {
        self.lines = lines_of(offer);
    }

    /// The field that takes what is typed.
    pub fn focused(&mut self) -> Option<&mut TextField> {
        let values = self.values.len();
        match self.values.get_mut(self.field) {
            Some((_, field)) => Some(field),
            None if self.field == values && matches!(self.need, Need::Type { .. }) => {
                Some(&mut self.typed)
            }
            None => None,
        }
    }

    /// Fields that can be typed into.
    pub fn fields(&self) -> usize {
        self.values.len() + usize::from(matches!(self.need, Need::Type { .. }))
    }

    fn values(&self) -> Vec<(String, String)> {
        self.values.iter().map(|(name, field)| (name.clone(), field.text().to_owned())).collect()
    }
}

fn lines_of(offer: &Offer) -> Vec<CardLine> {
    let Trust::Changed { before, .. } = &offer.trust else {
        let line = |text: &String| CardLine { new: None, text: text.clone() };
        return offer.text.iter().map(line).collect();
    };
    let before: Vec<&str> = before.lines().collect();
    let now: Vec<&str> = offer.text.iter().map(String::as_str).collect();
    difference(&before, &now)
}

/// Both texts line by line: what they have in common, what is gone and what is new, by their longest
/// common lines at the beginning and the end.
fn difference(before: &[&str], now: &[&str]) -> Vec<CardLine> {
    let start = before.iter().zip(now).take_while(|(one, other)| one == other).count();
    let rest = |it: usize| it.saturating_sub(start);
    let end = before
        .iter()
        .rev()
        .zip(now.iter().rev())
        .take(rest(before.len()).min(rest(now.len())))
        .take_while(|(one, other)| one == other)
        .count();
    let part = |lines: &[&str], from: usize, to: usize, new: Option<bool>| {
        let lines = lines.get(from..to).unwrap_or_default();
        lines.iter().map(|it| CardLine { new, text: (*it).to_owned() }).collect::<Vec<_>>()
    };
    let mut out = part(now, 0, start, None);
    out.extend(part(before, start, before.len() - end, Some(false)));
    out.extend(part(now, start, now.len() - end, Some(true)));
    out.extend(part(now, now.len() - end, now.len(), None));
    out
}

impl App {
    /// What was typed on a card.
    pub(super) fn card_typed(&mut self, text: &str, at: Instant) -> Vec<Effect> {
        let Some(Overlay::Card(card)) = &mut self.model.overlay else { return Vec::new() };
        if let Some(field) = card.focused() {
            field.insert(text);
            return Vec::new();
        }
        match text {
            "r" | "y" => self.card_run(at),
            "t" => self.card_trust(Grant::Allow, true, at),
            "a" => self.card_trust_all(at),
            "d" => self.card_trust(Grant::Deny, false, at),
            "e" => {
                let id = card.id.clone();
                self.model.overlay = None;
                let offer = self.model.commands.offer_of(&id);
                let place = offer.map(|it| Place {
                    path: it.command.place.path.clone(),
                    line: Some(u64::from(it.command.place.line)),
                    column: None,
                });
                place.map(Effect::OpenEditor).into_iter().collect()
            }
            "n" | "q" => {
                self.model.overlay = None;
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// Does an action on a card; `None` when the overlay as such is meant.
    pub(super) fn card_act(&mut self, action: Action, at: Instant) -> Option<Vec<Effect>> {
        let rows = self.overlay_rows().saturating_sub(8).max(1);
        let Some(Overlay::Card(card)) = &mut self.model.overlay else { return None };
        let len = card.lines.len();
        match action {
            Action::OverlayAccept | Action::OpenSelected => {
                if card.field + 1 < card.fields() {
                    card.field += 1;
                    return Some(Vec::new());
                }
                if card.field < card.values.len() && !matches!(card.need, Need::Nothing) {
                    card.field += 1;
                    return Some(Vec::new());
                }
                let asked = matches!(card.need, Need::Nothing | Need::Type { .. });
                if asked {
                    return Some(self.card_run(at));
                }
                // The key under the finger is not the one that changes something.
                self.say("r runs it once, esc leaves it", false, at);
            }
            Action::PreviewFocus | Action::ListNext if card.fields() > 0 => {
                card.field = (card.field + 1) % (card.fields() + 1);
            }
            Action::ListPrevious if card.fields() > 0 => {
                card.field = (card.field + card.fields()) % (card.fields() + 1);
            }
            Action::ListNext | Action::PreviewLineDown => card.cursor.travel(1, len, rows),
            Action::ListPrevious | Action::PreviewLineUp => card.cursor.travel(-1, len, rows),
            Action::ListPageDown | Action::PreviewHalfDown => {
                card.cursor.travel(rows as isize, len, rows);
            }
            Action::ListPageUp | Action::PreviewHalfUp => {
                card.cursor.travel(-(rows as isize), len, rows);
            }
            Action::AppBack
            | Action::AppQuit
            | Action::AppSuspend
            | Action::AppRedraw
            | Action::HelpOpen
            | Action::PaletteOpen
            | Action::DiagnosticsOpen => return None,
            action => {
                if let Some(field) = card.focused() {
                    field.edit(action);
                }
            }
        }
        Some(Vec::new())
    }

    fn card_command(&self) -> Option<(Card, Offer)> {
        let Some(Overlay::Card(card)) = &self.model.overlay else { return None };
        let offer = self.model.commands.offer_of(&card.id)?;
        Some((card.clone(), offer.clone()))
    }

    /// Runs the command of the card, if what was said is enough.
    fn card_run(&mut self, at: Instant) -> Vec<Effect> {
        let Some((card, offer)) = self.card_command() else { return Vec::new() };
        if let Some(name) = lacking(&card, &offer.command) {
            self.say(format!("{name} needs a value"), true, at);
            return Vec::new();
        }
        let said = match &card.need {
            Need::Nothing => Consent::Trusted,
            Need::Type { .. } => Consent::Typed(card.typed.text().to_owned()),
            Need::Look | Need::Confirm | Need::Refused(_) => Consent::Once,
        };
        match self.model.commands.needs(&offer, &said) {
            Need::Nothing => self.start(&offer.command, card.values(), said, at),
            Need::Type { name, .. } => {
                self.say(format!("type `{name}` to run it, or esc leaves it"), true, at);
                Vec::new()
            }
            Need::Refused(why) => {
                self.say(why, true, at);
                Vec::new()
            }
            Need::Look | Need::Confirm => Vec::new(),
        }
    }

    /// Trusts or forbids the command of the card, as it is shown, and then runs it if asked to.
    fn card_trust(&mut self, grant: Grant, run: bool, at: Instant) -> Vec<Effect> {
        let Some((_, offer)) = self.card_command() else { return Vec::new() };
        if let Some(fault) = offer.fault.clone().filter(|_| grant == Grant::Allow) {
            self.say(format!("it can only be run once: {fault}"), true, at);
            return Vec::new();
        }
        let seen = vec![(offer.command.clone(), offer.text.clone())];
        let mut effects = vec![Effect::Ask(Request::Trust { seen, grant })];
        effects.extend(self.ask_commands());
        if run {
            effects.extend(self.card_run(at));
        } else {
            self.model.overlay = None;
        }
        effects
    }

    /// Trusts all commands that are listed and only read.
    fn card_trust_all(&mut self, at: Instant) -> Vec<Effect> {
        self.model.overlay = None;
        let seen = self.model.commands.to_be_trusted();
        self.say(format!("{} commands that only read are trusted now", seen.len()), false, at);
        let mut effects = vec![Effect::Ask(Request::Trust { seen, grant: Grant::Allow })];
        effects.extend(self.ask_commands());
        effects
    }
}

/// The name of a value that has to be given and is not.
fn lacking<'a>(card: &'a Card, command: &Command) -> Option<&'a str> {
    let needed =
        |name: &str| command.parameters.iter().any(|it| it.name == name && it.default.is_none());
    card.values
        .iter()
        .find(|(name, field)| needed(name) && field.text().is_empty())
        .map(|(name, _)| name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_changed_since_is_marked() {
        let shown = |it: &CardLine| {
            let sign = it.new.map_or(' ', |new| if new { '+' } else { '-' });
            format!("{sign}{}", it.text)
        };
        let lines = difference(&["a", "b", "c"], &["a", "x", "y", "c"]);
        assert_eq!(lines.iter().map(shown).collect::<Vec<_>>(), [" a", "-b", "+x", "+y", " c"]);
        assert_eq!(difference(&["a"], &["a", "a"]).len(), 2);
        assert_eq!(difference(&[], &[]), []);
    }
}
