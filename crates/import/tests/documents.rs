//! The documentation is what is carried out.

/// Where it differs, `cargo run -p flightbox -- formats > crates/import/FORMATS.md` makes it anew.
#[test]
fn the_documentation_of_the_formats_is_made_from_their_tables() {
    let written = include_str!("../FORMATS.md");
    assert!(written == flightbox_import::markdown(), "FORMATS.md is not what `flightbox formats` prints");
}
