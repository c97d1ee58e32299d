//! Tiles: 256 hashes of one level, each the root of 256 hashes of the level below.

/// Hashes in a full tile.
pub const WIDTH: u64 = 256;
/// Levels of the tree that a level of tiles spans.
pub const HEIGHT: u32 = 8;
/// Levels of tiles that a tree can have.
pub const LEVELS: u8 = 8;

/// Which tile, and how much of it: of a tree that ends within it, the first hashes alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tile {
    level: u8,
    index: u64,
    width: u16,
}

impl Tile {
    /// The tile as wide as it is in a tree of that size; `None` where the tree has nothing of it.
    pub fn within(level: u8, index: u64, size: u64) -> Option<Self> {
        let from = index.checked_mul(WIDTH)?;
        let width = Self::count(level, size).checked_sub(from)?.min(WIDTH);
        (width > 0).then_some(Self { level, index, width: width as u16 })
    }

    /// How many hashes a level of tiles has in a tree of that size.
    pub fn count(level: u8, size: u64) -> u64 {
        size.checked_shr(HEIGHT * u32::from(level)).unwrap_or(0)
    }

    /// From the two parts of its path, the level's and the rest. One spelling alone is a tile's.
    pub fn parse(written: &str, rest: &str) -> Option<Self> {
        let level = written.parse().ok().filter(|level| *level < LEVELS)?;
        let (number, width) = match rest.split_once(".p/") {
            None => (rest, WIDTH as u16),
            Some((number, width)) => (number, width.parse().ok().filter(|width| (1..WIDTH as u16).contains(width))?),
        };
        let mut index = 0u64;
        for group in number.split('/') {
            let digits = group.trim_start_matches('x').parse::<u64>().ok().filter(|digits| *digits < 1000)?;
            index = index.checked_mul(1000)?.checked_add(digits)?;
        }
        let tile = Self { level, index, width };
        (tile.path() == format!("tile/{written}/{rest}")).then_some(tile)
    }

    /// Its path, without a slash before it: `tile/0/x001/x234/067.p/5`.
    pub fn path(&self) -> String {
        let mut groups = format!("{:03}", self.index % 1000);
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups = format!("x{:03}/{groups}", rest % 1000);
            rest /= 1000;
        }
        let part = if self.is_full() { String::new() } else { format!(".p/{}", self.width) };
        format!("tile/{}/{groups}{part}", self.level)
    }

    /// Its level: 0 holds the leaves.
    pub fn level(&self) -> u8 {
        self.level
    }

    /// Its number on its level, from 0.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// How many hashes of it there are.
    pub fn width(&self) -> usize {
        self.width.into()
    }

    /// The number of its first hash on its level.
    pub fn first(&self) -> u64 {
        self.index * WIDTH
    }

    /// Whether it will never change.
    pub fn is_full(&self) -> bool {
        u64::from(self.width) == WIDTH
    }

    /// Whether a tree of that size has all of it.
    pub fn is_within(&self, size: u64) -> bool {
        Self::within(self.level, self.index, size).is_some_and(|there| self.width <= there.width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_specification_and_have_one_spelling() {
        let tile = Tile::within(0, 1_234_067, (1_234_067 << 8) + 300).unwrap();
        assert_eq!(tile.path(), "tile/0/x001/x234/067");
        assert_eq!(Tile::within(1, 0, 70_000).unwrap().path(), "tile/1/000");
        assert_eq!(Tile::within(1, 1, 70_000).unwrap().path(), "tile/1/001.p/17");
        assert_eq!(Tile::within(1, 2, 70_000), None);
        for (level, index, size) in [(0, 0, 1), (0, 999, 255_999), (3, 7, 1 << 40), (0, 1 << 50, 1 << 62)] {
            let tile = Tile::within(level, index, size).unwrap();
            let path = tile.path();
            let (level, rest) = path.strip_prefix("tile/").unwrap().split_once('/').unwrap();
            assert_eq!(Tile::parse(level, rest), Some(tile), "{path}");
        }
        for (level, rest) in [
            ("0", ""),
            ("0", "0"),
            ("00", "000"),
            ("8", "000"),
            ("+1", "000"),
            ("data", "000"),
            ("0", "x000/000"),
            ("0", "000.p/0"),
            ("0", "000.p/256"),
            ("0", "000.p/05"),
            ("0", "000.p/+5"),
            ("0", "001/000"),
            ("0", "x001/x000"),
            ("0", "-01"),
            ("0", "../000"),
            ("0", "x999/x999/x999/x999/x999/x999/x999/999"),
        ] {
            assert_eq!(Tile::parse(level, rest), None, "{level}/{rest}");
        }
    }
}
