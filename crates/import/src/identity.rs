//! Ids for records that have none: the same record gets the same id whenever it is imported.

use std::collections::{HashMap, VecDeque};

/// So many different records are remembered. Equal lines of a log carry the same time, and stand near to one another.
const REMEMBERED: usize = 1 << 16;

/// How often each of the last records came.
#[derive(Default)]
pub struct Identities {
    times: HashMap<[u8; 16], u32>,
    order: VecDeque<[u8; 16]>,
}

impl Identities {
    /// The record's id: 32 hexadecimal digits of its digest, and, from the second of equal ones on, which it is.
    pub fn of(&mut self, record: &[u8]) -> String {
        let mut digest = [0; 16];
        digest.copy_from_slice(&blake3::hash(record.trim_ascii()).as_bytes()[..16]);
        let times = self.times.entry(digest).or_insert(0);
        *times += 1;
        let times = *times;
        if times == 1 {
            self.order.push_back(digest);
        }
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.times.remove(&oldest);
        }
        let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        if times == 1 { digits } else { format!("{digits}-{times}") }
    }
}
