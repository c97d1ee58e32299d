//! The one way to write a value down: RFC 8785, except that a number which a double would change keeps its digits.

use std::fmt::{self, Write};

use super::{Json, Number};

/// Canonical text: no white space, keys sorted by UTF-16 code units, numbers as ECMAScript writes them
/// unless that would alter their value.
impl fmt::Display for Json {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_value(out, self)
    }
}

impl Json {
    /// The canonical text that displaying it gives, without the detour through a formatter.
    pub fn canonical(&self) -> String {
        let mut out = String::with_capacity(512);
        self.push_canonical(&mut out);
        out
    }

    /// Puts the members of every object in canonical order, so that writing the value down has nothing to sort any more.
    pub fn sort(&mut self) {
        match self {
            Json::Array(items) => items.iter_mut().for_each(Json::sort),
            Json::Object(members) => {
                members.iter_mut().for_each(|(_, value)| value.sort());
                members.sort_by(|(a, _), (b, _)| utf16_order(a, b));
            }
            _ => {}
        }
    }

    /// Appends the canonical text.
    pub fn push_canonical(&self, out: &mut String) {
        // Writing to a string cannot fail.
        let _ = write_value(out, self);
    }
}

/// Appends a string as canonical text has it.
pub fn push_string(out: &mut String, text: &str) {
    let _ = write_string(out, text);
}

fn write_value(out: &mut impl Write, value: &Json) -> fmt::Result {
    match value {
        Json::Null => out.write_str("null"),
        Json::Bool(true) => out.write_str("true"),
        Json::Bool(false) => out.write_str("false"),
        Json::Number(number) => write_number(out, number),
        Json::String(text) => write_string(out, text),
        Json::Array(items) => {
            out.write_char('[')?;
            for (index, item) in items.iter().enumerate() {
                out.write_str(if index == 0 { "" } else { "," })?;
                write_value(out, item)?;
            }
            out.write_char(']')
        }
        Json::Object(members) => {
            if members.is_sorted_by(|(a, _), (b, _)| utf16_order(a, b).is_le()) {
                return write_members(out, members.iter());
            }
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|(a, _), (b, _)| utf16_order(a, b));
            write_members(out, sorted.into_iter())
        }
    }
}

fn write_members<'a>(out: &mut impl Write, members: impl Iterator<Item = &'a (String, Json)>) -> fmt::Result {
    out.write_char('{')?;
    for (index, (key, value)) in members.enumerate() {
        out.write_str(if index == 0 { "" } else { "," })?;
        write_string(out, key)?;
        out.write_char(':')?;
        write_value(out, value)?;
    }
    out.write_char('}')
}

fn utf16_order(a: &str, b: &str) -> std::cmp::Ordering {
    // Without surrogates UTF-8's order is UTF-16's, and most keys are ASCII.
    if a.is_ascii() && b.is_ascii() { a.cmp(b) } else { a.encode_utf16().cmp(b.encode_utf16()) }
}

fn write_string(out: &mut impl Write, text: &str) -> fmt::Result {
    out.write_char('"')?;
    let is_escaped = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    // Hardly any text has one, and all its bytes are looked at in less time than one after the other.
    if !text.bytes().fold(false, |any, byte| any | is_escaped(byte)) {
        out.write_str(text)?;
        return out.write_char('"');
    }
    let mut written = 0;
    for (at, byte) in text.bytes().enumerate().filter(|(_, byte)| is_escaped(*byte)) {
        out.write_str(&text[written..at])?;
        written = at + 1;
        match byte {
            b'"' => out.write_str("\\\"")?,
            b'\\' => out.write_str("\\\\")?,
            0x08 => out.write_str("\\b")?,
            b'\t' => out.write_str("\\t")?,
            b'\n' => out.write_str("\\n")?,
            0x0c => out.write_str("\\f")?,
            b'\r' => out.write_str("\\r")?,
            control => write!(out, "\\u{control:04x}")?,
        }
    }
    out.write_str(&text[written..])?;
    out.write_char('"')
}

impl fmt::Display for Number {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_number(out, self)
    }
}

fn write_number(out: &mut impl Write, number: &Number) -> fmt::Result {
    let digits = number.as_str();
    if is_plain_integer(digits) {
        return out.write_str(digits);
    }
    let written = ecmascript(number.as_f64());
    let same = written.as_deref().is_some_and(|written| decimal(written) == decimal(digits));
    out.write_str(if same { written.as_deref().unwrap_or(digits) } else { digits })
}

/// Up to fifteen digits every integer is a double of its own and is already written canonically.
fn is_plain_integer(digits: &str) -> bool {
    digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A finite double as ECMAScript's `Number::toString` writes it (ECMA-262, 6.1.6.1.20).
fn ecmascript(double: f64) -> Option<String> {
    if !double.is_finite() {
        return None;
    }
    if double == 0.0 {
        return Some("0".to_owned());
    }
    let sign = if double < 0.0 { "-" } else { "" };
    let (digits, point) = shortest(double.abs());
    let count = digits.len() as i32;
    let text = if count <= point && point <= 21 {
        format!("{digits}{}", "0".repeat((point - count) as usize))
    } else if 0 < point && point <= 21 {
        format!("{}.{}", &digits[..point as usize], &digits[point as usize..])
    } else if -6 < point && point <= 0 {
        format!("0.{}{digits}", "0".repeat(-point as usize))
    } else {
        let exponent = point - 1;
        let fraction = if count == 1 { String::new() } else { format!(".{}", &digits[1..]) };
        format!("{}{fraction}e{}{}", &digits[..1], if exponent < 0 { '-' } else { '+' }, exponent.abs())
    };
    Some(format!("{sign}{text}"))
}

/// The fewest digits that name the double, and where the decimal point stands: 0.digits × 10^point.
fn shortest(double: f64) -> (String, i32) {
    let scientific = format!("{double:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    (mantissa.replace('.', ""), exponent.parse::<i32>().unwrap_or(0) + 1)
}

/// A number's decimal value in a comparable form: sign, significant digits, exponent. `None` for absurd exponents.
fn decimal(text: &str) -> Option<(bool, String, i64)> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let significant = all.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return Some((false, String::new(), 0));
    }
    let trailing = all.len() - all.trim_end_matches('0').len();
    let exponent = exponent.parse::<i64>().ok()?.checked_sub(fraction.len() as i64)?.checked_add(trailing as i64)?;
    Some((negative, significant.to_owned(), exponent))
}

#[cfg(test)]
mod tests {
    use super::super::parse;

    fn canonical(text: &str) -> String {
        parse(text.as_bytes()).expect(text).to_string()
    }

    #[test]
    fn numbers_are_written_as_ecmascript_writes_them() {
        for (sent, written) in [
            ("0", "0"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("1.0", "1"),
            ("1.50", "1.5"),
            ("1E30", "1e+30"),
            ("4.50", "4.5"),
            ("2e-3", "0.002"),
            ("1e-27", "1e-27"),
            ("1e21", "1e+21"),
            ("1e20", "100000000000000000000"),
            ("-123.456e2", "-12345.6"),
            ("0.000001", "0.000001"),
            ("0.0000001", "1e-7"),
            ("5e-324", "5e-324"),
        ] {
            assert_eq!(canonical(sent), written, "{sent}");
        }
    }

    #[test]
    fn a_number_that_a_double_would_change_keeps_its_digits() {
        for sent in [
            "9007199254740993",
            "1e400",
            "0.10000000000000000001",
            "123456789012345678901234567890",
            "1e99999999999999999999",
        ] {
            assert_eq!(canonical(sent), sent);
        }
    }

    #[test]
    fn keys_are_sorted_by_utf16_code_units() {
        assert_eq!(
            canonical(r#"{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"ö":7}"#),
            "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\u{fb33}\":3}"
        );
    }

    #[test]
    fn only_what_must_be_escaped_is_escaped() {
        assert_eq!(canonical(r#""\u003c\/\u000f\n\"\\ \u20ac""#), "\"</\\u000f\\n\\\"\\\\ €\"");
    }
}
