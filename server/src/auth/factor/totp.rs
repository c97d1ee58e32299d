//! Codes of authenticator apps (RFC 6238): six digits, SHA-1, thirty seconds, as every app has them.

use chrono::{DateTime, Utc};
use flightbox_app::pages::factors::Picture;
use flightbox_domain::{name::PersonName, random::Random};
use qrcode::{Color, EcLevel, QrCode};
use totp_rs::{Builder, Secret, Totp};

/// Bytes of a secret: 160 bits, as RFC 4226 recommends.
pub const BYTES: usize = 20;
/// Steps before and after ours whose codes are good (RFC 6238, section 5.2).
const SKEW: u16 = 1;
/// Who the code is for, as the app shows it.
const ISSUER: &str = "Flightbox";

/// A new secret.
pub fn draw(random: &Random) -> [u8; BYTES] {
    random.bytes()
}

/// The step whose code that is, by our clock alone. The caller sees to it that no step is used twice.
pub fn step(secret: &[u8], code: &str, now: DateTime<Utc>) -> Option<i64> {
    let code: String = code.chars().filter(|c| *c != ' ').take(7).collect();
    let step = totp(secret, "")?.check(&code, u64::try_from(now.timestamp()).ok()?)?;
    i64::try_from(step).ok()
}

/// What an app reads to know the secret.
pub fn url(secret: &[u8], name: &PersonName) -> Option<String> {
    // A colon would end the issuer.
    totp(secret, &name.as_str().replace(':', " "))?.to_url().ok()
}

/// The secret to be typed, four characters at a time.
pub fn text(secret: &[u8]) -> String {
    let text = Secret::new(secret.into()).to_base32();
    let groups: Vec<_> = text.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
    groups.join(" ")
}

/// A text as a QR code: the strokes of its dark squares.
pub fn picture(text: &str) -> Option<Picture> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut strokes = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|one, next| one == next) {
            if run.first() == Some(&Color::Dark) {
                strokes.push_str(&format!("M{x} {y}h{}v1h-{}z", run.len(), run.len()));
            }
            x += run.len();
        }
    }
    Some(Picture { width, strokes })
}

fn totp(secret: &[u8], account: &str) -> Option<Totp> {
    let builder = Builder::new().with_secret(Secret::new(secret.into())).with_skew(SKEW).with_issuer(Some(ISSUER));
    builder.with_account_name(account).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238's vectors, appendix B.
    const SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn the_vectors_hold() {
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            assert_eq!(step(SECRET, code, at(seconds)), Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn a_code_is_good_one_step_before_and_after_and_no_longer() {
        let good = |seconds| step(SECRET, "081 804", at(seconds)).is_some();
        let begins = 1_111_111_109 / 30 * 30;
        assert_eq!([-31, -30, 0, 59, 60].map(|off| good(begins + off)), [false, true, true, true, false]);
    }

    #[test]
    fn what_is_no_code_is_none() {
        for code in ["", "28708", "2870822", "+87082", "28708a", "２８７０８２"] {
            assert_eq!(step(SECRET, code, at(59)), None, "{code}");
        }
    }

    #[test]
    fn an_app_is_told_who_it_is_for() {
        let url = url(SECRET, &"Zoë: O’Brien".parse().unwrap()).unwrap();
        assert!(url.starts_with("otpauth://totp/Flightbox:Zo%C3%AB"), "{url}");
        assert!(url.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ") && url.contains("issuer=Flightbox"), "{url}");
        assert_eq!(text(SECRET), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        let picture = picture(&url).unwrap();
        assert!(picture.strokes.starts_with("M0 0h7v1h-7z"), "the first finder pattern's edge");
    }
}
