//! Which members of records no field is made of, counted.

use flightbox_event::Json;

use crate::{mapping::Mapping, report::Report};

/// Names that came, each with whether a rule reads it.
#[derive(Default)]
pub struct Leftover {
    names: Vec<(String, bool, u64)>,
}

/// More names than these are counted at once.
const NAMES: usize = 256;

impl Leftover {
    /// Counts the members of a record. Records of a file have much the same members in much the same order, so that each
    /// is found where the one before it was.
    pub fn add(&mut self, record: &Json, mapping: &Mapping, report: &mut Report) {
        let mut next = 0;
        for (name, _) in record.as_object().unwrap_or_default() {
            let known = |at: &usize| self.names.get(*at).is_some_and(|(known, ..)| known == name);
            let place = Some(next).filter(known).or_else(|| self.names.iter().position(|(known, ..)| known == name));
            let place = place.unwrap_or_else(|| {
                if self.names.len() == NAMES {
                    self.tell(report);
                }
                self.names.push((name.clone(), mapping.reads(name), 0));
                self.names.len() - 1
            });
            self.names[place].2 += 1;
            next = place + 1;
        }
    }

    /// Puts what was counted into the report.
    pub fn tell(&mut self, report: &mut Report) {
        for (name, is_read, count) in self.names.drain(..) {
            if !is_read && count > 0 {
                report.count(&name, count);
            }
        }
    }
}
