//! What is different between two texts of rules, line by line. Their order counts: the first rule that fits decides.

/// A line of two texts that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// Both have it.
    Kept(&'a str),
    /// The first alone has it.
    Removed(&'a str),
    /// The second alone has it.
    Added(&'a str),
}

/// Goes from one text to another by as few lines as can be. Its work grows with the product of their lengths, which
/// [`super::Rules::parse`] bounds.
pub fn compare<'a>(before: &'a str, after: &'a str) -> Vec<Line<'a>> {
    let (before, after): (Vec<_>, Vec<_>) = (before.lines().collect(), after.lines().collect());
    // How many lines the rests from each pair of lines on have in common.
    let width = after.len() + 1;
    let mut common = vec![0_u16; (before.len() + 1) * width];
    for at in (0..before.len()).rev() {
        for other in (0..after.len()).rev() {
            common[at * width + other] = match before[at] == after[other] {
                true => common[(at + 1) * width + other + 1] + 1,
                false => common[(at + 1) * width + other].max(common[at * width + other + 1]),
            };
        }
    }
    let (mut at, mut other, mut lines) = (0, 0, Vec::with_capacity(width));
    while at < before.len() || other < after.len() {
        if at < before.len() && other < after.len() && before[at] == after[other] {
            lines.push(Line::Kept(before[at]));
            (at, other) = (at + 1, other + 1);
        } else if at < before.len()
            && (other == after.len() || common[(at + 1) * width + other] >= common[at * width + other + 1])
        {
            lines.push(Line::Removed(before[at]));
            at += 1;
        } else {
            lines.push(Line::Added(after[other]));
            other += 1;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(before: &str, after: &str) -> String {
        let line = |line: &Line<'_>| match line {
            Line::Kept(text) => format!(" {text}"),
            Line::Removed(text) => format!("-{text}"),
            Line::Added(text) => format!("+{text}"),
        };
        compare(before, after).iter().map(line).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn lines_are_kept_removed_added_and_moved() {
        assert_eq!(told("a\nb\nc\n", "a\nc\nd\n"), " a|-b| c|+d");
        assert_eq!(told("a\nb\n", "b\na\n"), "-a| b|+a");
        assert_eq!(told("", "a\n"), "+a");
        assert_eq!(told("a\na\n", "a\n"), " a|-a");
        assert_eq!(told("x\n", "y\n"), "-x|+y");
        assert_eq!(told("", ""), "");
    }
}
