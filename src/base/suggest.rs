//! "Did you mean": the nearest known name to one that a person typed.

/// The known name nearest to `typed`, when one is near enough to be what was meant.
///
/// Near enough is an edit distance (insert, delete, replace, swap of neighbours) of at most a third
/// of the longer name, or a known name that `typed` begins. Ties go to the earlier name.
pub fn did_you_mean<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed_lower = typed.to_lowercase();
    let mut best: Option<(usize, &'a str)> = None;
    for name in known {
        let lower = name.to_lowercase();
        let mut distance = edit_distance(&typed_lower, &lower);
        if typed_lower.len() >= 3 && lower.starts_with(&typed_lower) {
            distance = distance.min(1);
        }
        let limit = (typed_lower.chars().count().max(lower.chars().count()) / 3).max(1);
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, name));
        }
    }
    best.map(|(_, name)| name)
}

/// Optimal string alignment distance between two words.
///
/// Source: E. Ukkonen's three-row formulation of the Damerau–Levenshtein recurrence in which no
/// part is edited twice.
pub fn edit_distance(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.chars().collect();
    let width = other.len() + 1;
    let mut before: Vec<usize> = vec![0; width];
    let mut last: Vec<usize> = (0..width).collect();
    for (row, &left) in one.iter().enumerate() {
        let mut current = vec![row + 1; width];
        for (column, &right) in other.iter().enumerate() {
            let replace = last[column] + usize::from(left != right);
            let mut least = replace.min(last[column + 1] + 1).min(current[column] + 1);
            if row > 0 && column > 0 && left == other[column - 1] && one[row - 1] == right {
                least = least.min(before[column - 1] + 1);
            }
            current[column + 1] = least;
        }
        before = last;
        last = current;
    }
    last[width - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let known = ["theme", "keymap", "editor", "preview"];
        assert_eq!(did_you_mean("thme", known), Some("theme"));
        assert_eq!(did_you_mean("kemyap", known), Some("keymap"));
        assert_eq!(did_you_mean("prev", known), Some("preview"));
        assert_eq!(did_you_mean("colour", known), None);
    }

    #[test]
    fn swapped_neighbours_count_as_one_edit() {
        assert_eq!(edit_distance("webscoket", "websocket"), 1);
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("same", "same"), 0);
    }
}
