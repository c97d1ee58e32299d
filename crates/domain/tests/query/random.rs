//! Random texts that are the same in every run.

/// Marsaglia's xorshift.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }

    pub fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    /// Any text, each character as likely to be special as not.
    pub fn text(&mut self, longest: usize) -> String {
        const SPECIAL: &[char] = &[
            '"', '\\', ',', ':', '*', '~', '<', '>', '=', '-', '(', ')', '@', '.', '/', ' ', '\n', '\t', '\0',
            '\u{85}', '\u{3000}', '\u{feff}', 'é', '日', '😀',
        ];
        let length = self.below(longest + 1);
        (0..length)
            .map(|_| match self.below(3) {
                0 => SPECIAL[self.below(SPECIAL.len())],
                1 => char::from(b'a' + self.below(26) as u8),
                _ => char::from_u32(self.below(0x11_0000) as u32).unwrap_or('?'),
            })
            .collect()
    }

    /// A text of the language's own pieces, accepted more often than not.
    pub fn query(&mut self, depth: usize) -> String {
        const VALUES: &[&str] = &[
            "a", "b", "al*", "*son", "a*b", "*", "~x", "\"a b\"", "\"*\"", "\"\"", "~\"a,b\"", "\"x\"*", "a,b", "a,~b",
        ];
        const TIMES: &[&str] = &[
            "-24h",
            ">-7d",
            "<=2026-01-01",
            "2026-01-01",
            "2026-01-01..2026-01-31",
            "*..-1d",
            "-7d..*",
            "*",
            "2026-01-01T10:00",
            ">=2026-01-01T10:00:00.5+01:00",
            "-1d..2026-01-01T00:00:00Z",
        ];
        const ADDRESSES: &[&str] = &[
            "10.0.0.1",
            "10.1.0.0/8",
            "::1",
            "2001:db8::/32",
            "host.example",
            "10.*",
            "\"1.1\"",
            "::ffff:1.2.3.4/128",
        ];
        if depth == 0 || self.below(4) > 0 {
            return match self.below(8) {
                0 => self.pick(&["alice", "\"two words\"", "\"or\"", "日志", "a-b", "\"-x\"", "\"a:b\""]).to_owned(),
                1 => format!("time:{}", self.pick(TIMES)),
                2 => format!("IP:{}", self.pick(ADDRESSES)),
                3 => format!("outcome:{}", self.pick(&["DENIED", "success,failure", "*", "unknown"])),
                _ => format!("{}:{}", self.pick(&["actor", "user", "action", "target"]), self.pick(VALUES)),
            };
        }
        let (left, right) = (self.query(depth - 1), self.query(depth - 1));
        match self.below(7) {
            0 => format!("({left} OR {right})"),
            1 => format!("{left} OR {right}"),
            2 => format!("-({left})"),
            3 => format!("NOT {left} {right}"),
            4 => format!("({left} {right})"),
            5 => format!("{left} ({right})"),
            _ => format!("{left} {right}"),
        }
    }
}
