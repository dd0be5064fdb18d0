//! Maps the scopes that a syntax gives to a piece of text to its [`Tint`].
//!
//! [`RULES`] is the whole map. The innermost scope that has a rule decides; among the rules of one
//! scope the longest wins. Names follow the scope-naming conventions of Sublime Text.

use std::collections::HashMap;

use syntect::parsing::{Scope, ScopeStack};

use super::window::Tint;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// It is this.
    Is(Tint),
    /// It is this, unless a scope further out knows better.
    Perhaps(Tint),
    /// Code within a string and the like: what is further out does not matter.
    Barrier,
    /// It is a mapping's key, and a string only by the way.
    Key,
}

use Verdict::{Barrier, Is, Key, Perhaps};

const RULES: &[(&str, Verdict)] = &[
    ("comment", Is(Tint::Comment)),
    ("string", Is(Tint::String)),
    ("constant", Is(Tint::Constant)),
    ("constant.numeric", Is(Tint::Number)),
    ("constant.other.color", Is(Tint::Number)),
    ("constant.other.symbol", Is(Tint::Constant)),
    ("keyword", Is(Tint::Keyword)),
    ("keyword.operator", Is(Tint::Operator)),
    ("keyword.operator.word", Is(Tint::Keyword)),
    ("keyword.operator.new", Is(Tint::Keyword)),
    ("keyword.operator.expression", Is(Tint::Keyword)),
    ("keyword.other.unit", Is(Tint::Number)),
    ("storage", Is(Tint::Keyword)),
    ("storage.type.numeric", Is(Tint::Number)),
    ("entity.name", Is(Tint::Type)),
    ("entity.name.function", Is(Tint::Function)),
    ("entity.name.constant", Is(Tint::Constant)),
    ("entity.name.label", Is(Tint::Constant)),
    ("entity.name.tag", Is(Tint::Tag)),
    ("entity.name.section", Is(Tint::Heading)),
    ("entity.name.variable", Is(Tint::Variable)),
    ("entity.other.inherited-class", Is(Tint::Type)),
    ("entity.other.attribute-name", Is(Tint::Attribute)),
    ("entity.other.attribute", Is(Tint::Attribute)),
    ("support.function", Is(Tint::Function)),
    ("support.macro", Is(Tint::Function)),
    ("support.class", Is(Tint::Type)),
    ("support.type", Is(Tint::Type)),
    ("support.type.property-name", Is(Tint::Tag)),
    ("support.constant", Is(Tint::Constant)),
    ("support.module", Is(Tint::Type)),
    ("support.variable", Is(Tint::Variable)),
    ("variable", Is(Tint::Variable)),
    ("variable.function", Is(Tint::Function)),
    ("variable.annotation", Is(Tint::Attribute)),
    ("variable.language", Is(Tint::Constant)),
    ("variable.other.constant", Is(Tint::Constant)),
    ("variable.other.key", Is(Tint::Tag)),
    ("variable.other.member", Perhaps(Tint::Variable)),
    ("meta.annotation", Perhaps(Tint::Attribute)),
    ("meta.decorator", Perhaps(Tint::Attribute)),
    ("meta.mapping.key", Key),
    ("meta.structure.dictionary.key", Key),
    ("meta.interpolation", Barrier),
    ("meta.template.expression", Barrier),
    ("meta.embedded", Barrier),
    ("source", Barrier),
    ("text", Barrier),
    ("punctuation", Is(Tint::Punctuation)),
    // The marks of a string or a comment belong to it.
    ("punctuation.definition", Perhaps(Tint::Punctuation)),
    ("punctuation.definition.annotation", Is(Tint::Attribute)),
    ("punctuation.definition.heading", Is(Tint::Heading)),
    ("markup.heading", Is(Tint::Heading)),
    ("markup.bold", Is(Tint::Keyword)),
    ("markup.italic", Is(Tint::Constant)),
    ("markup.raw", Is(Tint::String)),
    ("markup.underline.link", Is(Tint::Function)),
    ("markup.quote", Is(Tint::Comment)),
    ("markup.inserted", Is(Tint::String)),
    ("markup.changed", Is(Tint::Number)),
    ("markup.deleted", Is(Tint::Invalid)),
    ("markup.error", Is(Tint::Invalid)),
    ("markup.warning", Is(Tint::Number)),
    ("meta.diff.header", Is(Tint::Heading)),
    ("meta.diff.range", Is(Tint::Function)),
    ("invalid", Is(Tint::Invalid)),
    ("invalid.deprecated", Is(Tint::Comment)),
];

/// The rules, looked up once per scope.
#[derive(Debug)]
pub(super) struct Tints {
    rules: Vec<(Scope, Verdict)>,
    known: HashMap<Scope, Option<Verdict>>,
}

impl Tints {
    /// The map of [`RULES`].
    pub(super) fn new() -> Self {
        let mut rules: Vec<(Scope, Verdict)> = RULES
            .iter()
            .filter_map(|(name, verdict)| Some((Scope::new(name).ok()?, *verdict)))
            .collect();
        rules.sort_by_key(|(scope, _)| std::cmp::Reverse(scope.len()));
        Self { rules, known: HashMap::new() }
    }

    /// The tint of text in these scopes.
    pub(super) fn of(&mut self, scopes: &ScopeStack) -> Tint {
        let mut perhaps = None;
        let mut string = false;
        for &scope in scopes.as_slice().iter().rev() {
            match self.verdict(scope) {
                Some(Is(Tint::String)) => string = true,
                Some(Is(_)) if string => return Tint::String,
                Some(Is(tint)) => return tint,
                Some(Perhaps(tint)) => perhaps = perhaps.or(Some(tint)),
                Some(Key) if string => return Tint::Tag,
                None | Some(Key) => {}
                Some(Barrier) => break,
            }
        }
        if string { Tint::String } else { perhaps.unwrap_or(Tint::Plain) }
    }

    fn verdict(&mut self, scope: Scope) -> Option<Verdict> {
        *self.known.entry(scope).or_insert_with(|| {
            self.rules
                .iter()
                .find(|(rule, _)| rule.is_prefix_of(scope))
                .map(|(_, verdict)| *verdict)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::str::FromStr;

    fn tint(scopes: &str) -> Tint {
        Tints::new().of(&ScopeStack::from_str(scopes).unwrap())
    }

    #[test]
    fn every_rule_is_a_scope_and_said_once() {
        assert_eq!(Tints::new().rules.len(), RULES.len());
        let mut names: Vec<&str> = RULES.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), RULES.len());
    }

    #[test]
    fn the_innermost_scope_decides() {
        assert_eq!(tint("source.rust"), Tint::Plain);
        assert_eq!(tint("source.python keyword.control.flow"), Tint::Keyword);
        assert_eq!(tint("source.c string.quoted constant.character.escape"), Tint::Constant);
        assert_eq!(
            tint("source.c string.quoted punctuation.definition.string.begin"),
            Tint::String
        );
        assert_eq!(tint("source.c comment punctuation.definition.comment"), Tint::Comment);
        assert_eq!(tint("source.js string meta.interpolation variable.other"), Tint::Variable);
        assert_eq!(tint("source.js string meta.interpolation source.js"), Tint::Plain);
        assert_eq!(tint("source.json meta.mapping.key string.quoted.double"), Tint::Tag);
        assert_eq!(tint("source.json meta.mapping.value string.quoted.double"), Tint::String);
    }
}
