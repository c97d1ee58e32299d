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
        const NUMBERS: &[&str] =
            &["200", "404", ">=400", ">0", "<500", "<=\"299\"", "400..499", "*..399", "500..*", "*", "200,404,>=500"];
        const PATHS: &[&str] = &["@a", "@A", "@changed.field", "@a.b.c", "@日志", "@-x", "@*"];
        /// What nearly reads as a range, and what does.
        const NEARLY: &[&str] = &[
            "1..2",
            "1..b",
            "\"1..2\"",
            "\"1..\"*",
            "*\"..2\"",
            "*..*",
            "1.2.3",
            "1..*,\"1..*\"",
            "-5..-1",
            "1e3..2e3",
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
            return match self.below(14) {
                0 => self.pick(&["alice", "\"two words\"", "\"or\"", "日志", "a-b", "\"-x\"", "\"a:b\""]).to_owned(),
                1 => format!("{}:{}", self.pick(&["time", "received"]), self.pick(TIMES)),
                2 => format!("IP:{}", self.pick(ADDRESSES)),
                3 => self.words(),
                4 => format!("{}:{}", self.pick(&["status", "seq", "duration"]), self.pick(NUMBERS)),
                5 => format!("duration:{}", self.pick(&["0.5", "-1..1.5", ">1e300", "<1e-7", "-0", "*..-3"])),
                6 => format!("{}:{}", self.pick(PATHS), self.pick(VALUES)),
                7 => format!("{}:{}", self.pick(PATHS), self.pick(NUMBERS)),
                8 => format!("{}:{}", self.pick(PATHS), self.pick(NEARLY)),
                9 => format!("{}:{}", self.pick(&["country", "method"]), self.pick(VALUES)),
                10 => {
                    let keys = &["agent", "path", "session", "request", "resource.type", "id"];
                    format!("{}:{}", self.pick(keys), self.pick(VALUES))
                }
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

    fn words(&mut self) -> String {
        match self.below(5) {
            0 => format!("outcome:{}", self.pick(&["DENIED", "success,failure", "*", "unknown"])),
            1 => format!("actor.type:{}", self.pick(&["User", "service,system", "*"])),
            2 => format!("severity:{}", self.pick(&["info", "Notice,critical", "*"])),
            3 => format!("sensitive:{}", self.pick(&["yes", "NO", "*", "yes,no"])),
            _ => format!("flag:{}", self.pick(&["clock-skew", "first-seen-ip,first-seen-agent", "*"])),
        }
    }
}
