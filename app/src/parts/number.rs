//! Numbers as people read them.

/// `1 event`, `4,810 events`.
pub fn plural(events: u64) -> String {
    format!("{} event{}", grouped(events), if events == 1 { "" } else { "s" })
}

/// A number with its thousands told apart.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
