//! Puts the bundled assets into the binary: one file to deploy.
//!
//! Writes the table that `src/assets.rs` includes. Without a bundle the table is empty: the pages
//! work without script and style, so tests of the server need no browser half.

use std::{
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

fn main() {
    println!("cargo::rerun-if-env-changed=FLIGHTBOX_ASSETS");
    let out = PathBuf::from(variable("OUT_DIR"));
    // A packager may keep the bundle elsewhere.
    let elsewhere = env::var_os("FLIGHTBOX_ASSETS").map(PathBuf::from);
    let folder = elsewhere.clone().unwrap_or_else(|| target_folder(&out).join("assets"));
    // Cargo can't watch for a file to appear, it would compile the server anew each time; it can
    // watch an empty one.
    let manifest = folder.join("manifest");
    if !manifest.exists() {
        assert!(elsewhere.is_none(), "FLIGHTBOX_ASSETS holds no bundle: {} is missing", manifest.display());
        fs::create_dir_all(&folder).expect("the assets folder can be made");
        fs::write(&manifest, "").expect("the assets folder can be written to");
    }
    // The bundler writes the manifest last, and only when something has changed.
    println!("cargo::rerun-if-changed={}", manifest.display());

    let listed = fs::read_to_string(&manifest).expect("the manifest can be read");
    if listed.is_empty() && variable("PROFILE") == "release" {
        println!("cargo::warning=no assets to embed: pages will have no style; use `make build`");
    }
    // The first line isn't an asset, it says what the bundle was made of.
    let mut table = String::from("&[\n");
    for line in listed.lines().skip(1) {
        let (name, file) = line.split_once('\t').expect("NAME, a tab, FILE");
        let path = folder.join(file);
        writeln!(
            table,
            "Asset {{ name: {name:?}, file: {file:?}, path: {:?}, plain: {}, br: {}, gzip: {} }},",
            format!("/pkg/{file}"),
            included(&path).expect("the manifest lists files that exist"),
            optional(&path, "br"),
            optional(&path, "gz"),
        )
        .expect("a string takes any text");
    }
    table += "]\n";
    fs::write(out.join("assets.rs"), table).expect("OUT_DIR can be written to");
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}

/// The target folder, wherever it has been put: OUT_DIR is `TARGET-FOLDER/PROFILE/build/PACKAGE/out`, with the platform's
/// name before PROFILE where cargo was told to build for one.
fn target_folder(out: &Path) -> &Path {
    let folder = out.ancestors().nth(4).expect("OUT_DIR lies in the target folder");
    if folder.ends_with(variable("TARGET")) { folder.parent().unwrap_or(folder) } else { folder }
}

/// The expression for a file's bytes.
fn included(path: &Path) -> Option<String> {
    let path = path.canonicalize().ok()?;
    Some(format!("include_bytes!({path:?})"))
}

fn optional(path: &Path, extension: &str) -> String {
    let packed = PathBuf::from(format!("{}.{extension}", path.display()));
    match included(&packed) {
        Some(bytes) => format!("Some({bytes})"),
        None => "None".into(),
    }
}
