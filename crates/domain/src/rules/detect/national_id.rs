//! Numbers that authorities give people.

/// Whether a run of letters, digits and hyphens is one that is known.
pub(super) fn is_national_id(run: &str) -> bool {
    is_social_security(run) || is_national_insurance(run) || is_dni(run)
}

/// US: three, two and four digits with hyphens, none of the groups all zeros, no area that is never assigned.
fn is_social_security(run: &str) -> bool {
    let groups: Vec<_> = run.split('-').collect();
    let [area, group, serial] = groups.as_slice() else { return false };
    let digits = |part: &str, length: usize| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
    digits(area, 3)
        && digits(group, 2)
        && digits(serial, 4)
        && !matches!(*area, "000" | "666")
        && !area.starts_with('9')
        && *group != "00"
        && *serial != "0000"
}

/// UK: two letters, six digits, a letter from A to D; some letters are never given.
fn is_national_insurance(run: &str) -> bool {
    let [first, second, digits @ .., last] = run.as_bytes() else { return false };
    let is_given = |letter: &u8, never: &[u8]| letter.is_ascii_uppercase() && !never.contains(letter);
    let never = ["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"];
    digits.len() == 6
        && digits.iter().all(u8::is_ascii_digit)
        && is_given(first, b"DFIQUV")
        && is_given(second, b"DFIQUVO")
        && !never.iter().any(|pair| run.starts_with(pair))
        && matches!(last, b'A'..=b'D')
}

/// Spain: eight digits, or X, Y or Z and seven, and the letter that their remainder by 23 stands for.
fn is_dni(run: &str) -> bool {
    const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let [first, digits @ .., letter] = run.as_bytes() else { return false };
    let first = match first {
        b'X' => b'0',
        b'Y' => b'1',
        b'Z' => b'2',
        digit => *digit,
    };
    let all = std::iter::once(first).chain(digits.iter().copied());
    if digits.len() != 7 || !all.clone().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let number = all.fold(0_usize, |number, byte| number * 10 + usize::from(byte - b'0'));
    LETTERS[number % LETTERS.len()] == *letter
}
