//! Nothing is lost, shown by force: the program as it is deployed, killed, starved, overrun and damaged from outside.
//!
//! | row | what is done | what has to hold |
//! |---|---|---|
//! | D1 | `kill -9` under load, again and again | every acknowledged event is there once, batches are whole, numbers have no gap, checkpoints still hold, it is ready in ten seconds |
//! | D2 | its system calls are traced | each 2xx leaves after the write-ahead logs that it rests on were synced |
//! | D4 | the disk fills up | 507 or 503 and no false 2xx; reading and signing in go on; recording does once there is room |
//! | D6 | the database is locked; far more comes than it can take; two thousand clients at once | 429 or 503 with `Retry-After`, bounded memory, accepted is stored |
//! | D7 | one batch fifty times at once, and after a restart | stored once, the same receipts; an id with other content is a conflict |
//! | D10 | SIGTERM under load | each request is answered and stored, or fails; it ends in time |
//! | D11 | bits are flipped, files cut off | it is told at the start or by `verify`, or nothing that is read has changed |
//! | D14 | a backup under load | it restores, verifies, and takes the same events as ones that it has |
//!
//! What was acknowledged is what stands in a file of the client's own, synced line by line; what is stored is what a fresh
//! process reads back. Both are counted out where tests are run, whether they pass or not. `FLIGHTBOX_FAULTS=long` kills a
//! hundred times and overruns for minutes, `FLIGHTBOX_BIN` names the program: `make faults` sets both.

mod client;
#[path = "../common/process.rs"]
mod process;
mod site;
mod tally;

mod again;
mod copies;
mod crowd;
mod damage;
mod drain;
mod full;
mod kill;
mod locked;
mod overload;
mod traced;
