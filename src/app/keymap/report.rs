//! What `navi keys` and the help overlay list: one row per key sequence.
//!
//! Pure data; printing and drawing happen elsewhere.

use super::{Chord, Context, Keymap};
use crate::app::action::Action;
use crate::base::Origin;

/// One key sequence of a keymap, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// The context whose table holds the binding.
    pub context: Context,
    /// The sequence, such as `ctrl-x ctrl-c`.
    pub keys: String,
    /// What it does.
    pub actions: Vec<Action>,
    /// The line that says so.
    pub origin: Origin,
}

/// Every binding of every context, once, in the order of contexts and of the files.
pub fn rows(keymap: &Keymap) -> Vec<KeyRow> {
    let mut rows = Vec::new();
    for &context in Context::ALL {
        for binding in keymap.bindings(context).iter().filter(|it| it.context == context) {
            rows.push(KeyRow {
                context,
                keys: Chord::sequence(&binding.keys),
                actions: binding.actions.clone(),
                origin: binding.origin.clone(),
            });
        }
    }
    rows
}
