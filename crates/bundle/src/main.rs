//! `flightbox-bundle WASM STYLE SCRIPTS VERIFIER PAGE OUT` makes the files that the server embeds.
//!
//! - `flightbox-HASH.js` and `flightbox-HASH_bg.wasm`: the browser's half, from the compiled
//!   `WASM`, through wasm-bindgen. They share one hash, because the page composes both
//!   names from one.
//! - `flightbox-HASH.css`: all sheets of `STYLE`.
//! - `NAME-HASH.EXT`: each file of `STYLE/icons` and of `SCRIPTS`.
//! - `verify-HASH.html`: the page that verifies evidence, from the compiled `VERIFIER` and the parts in `PAGE`.
//! - beside each, `.br` and `.gz`, where those are smaller.
//! - `manifest`: what was read, and each file's name with and without its hash.
//!
//! A name carries its content's hash, so a browser may keep a file for ever and still never sees an
//! old one. When nothing that goes in has changed, nothing is written, and the server isn't
//! recompiled.

mod css;
mod page;

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail, ensure};
use wasm_bindgen_cli_support::Bindgen;

/// This program's own source: another way to bundle is another input.
const PROGRAM: &str =
    concat!(include_str!("main.rs"), include_str!("css.rs"), include_str!("page.rs"), include_str!("../Cargo.toml"));

/// Files by the name under which the manifest lists them.
type Files = BTreeMap<String, Vec<u8>>;

fn main() -> Result<()> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [wasm, style, scripts, verifier, page, out] = &arguments[..] else {
        bail!("usage: flightbox-bundle WASM STYLE SCRIPTS VERIFIER PAGE OUT");
    };
    let read = |path: &Path| fs::read(path).with_context(|| format!("reading {}", path.display()));
    let sources = Sources {
        wasm: read(wasm)?,
        sheets: read_folder(style, "css")?,
        icons: read_folder(&style.join("icons"), "")?,
        scripts: read_folder(scripts, "js")?,
        verifier: read(verifier)?,
        page: read_folder(page, "")?,
    };
    let inputs = inputs(&sources);
    if up_to_date(out, &inputs) {
        return Ok(());
    }
    write(out, &inputs, &assemble(&sources)?)
}

/// All that goes in.
struct Sources {
    wasm: Vec<u8>,
    sheets: Files,
    icons: Files,
    scripts: Files,
    verifier: Vec<u8>,
    page: Files,
}

/// The files of a folder, by name; only those with `extension`, unless it is empty.
/// An absent folder has none: the interface stands without styles and icons.
fn read_folder(folder: &Path, extension: &str) -> Result<Files> {
    let mut files = Files::new();
    if !folder.exists() {
        return Ok(files);
    }
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        let wanted = extension.is_empty() || path.extension().is_some_and(|it| it == extension);
        let name = path.file_name().and_then(|name| name.to_str());
        if let (true, true, Some(name)) = (path.is_file(), wanted, name) {
            let bytes = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
            files.insert(name.to_owned(), bytes);
        }
    }
    Ok(files)
}

/// One hash over everything that decides the result.
fn inputs(sources: &Sources) -> String {
    let Sources { wasm, sheets, icons, scripts, verifier, page } = sources;
    let mut hasher = blake3::Hasher::new();
    let mut add = |bytes: &[u8]| {
        // The length first, so that a byte moved from one file to the next makes another hash.
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    add(PROGRAM.as_bytes());
    add(wasm);
    add(verifier);
    for (name, bytes) in sheets.iter().chain(icons).chain(scripts).chain(page) {
        add(name.as_bytes());
        add(bytes);
    }
    hasher.finalize().to_hex().to_string()
}

/// Whether `out` already holds what these inputs make.
fn up_to_date(out: &Path, inputs: &str) -> bool {
    let Ok(manifest) = fs::read_to_string(out.join("manifest")) else {
        return false;
    };
    let mut lines = manifest.lines();
    lines.next() == Some(&format!("inputs\t{inputs}"))
        && lines.filter_map(|line| line.split_once('\t')).all(|(_, file)| out.join(file).is_file())
}

/// An asset: its name as the sources know it, its name as browsers do, and its bytes.
struct Asset {
    name: String,
    file: String,
    bytes: Vec<u8>,
}

fn assemble(sources: &Sources) -> Result<Vec<Asset>> {
    let Sources { wasm, sheets, icons, scripts, verifier, page } = sources;
    let mut assets = Vec::new();

    let (js, wasm) = bind("flightbox", wasm, |bindgen| bindgen.web(true))?;
    let hash = hash(&[js.as_bytes(), &wasm]);
    assets.push(Asset { name: "flightbox.js".into(), file: format!("flightbox-{hash}.js"), bytes: js.into_bytes() });
    assets.push(Asset { name: "flightbox_bg.wasm".into(), file: format!("flightbox-{hash}_bg.wasm"), bytes: wasm });

    // One classic script: a module is not loaded from a disk.
    let (glue, verifier) = bind("verifier", verifier, |bindgen| bindgen.no_modules(true))?;
    let verify = page::assemble(page, sheets, &glue, &verifier)?.into_bytes();
    let file = format!("verify-{}.html", self::hash(&[&verify]));
    assets.push(Asset { name: "verify.html".into(), file, bytes: verify });

    let mut sheet = css::join(sheets)?;
    for (name, bytes) in icons.iter().chain(scripts) {
        let path = Path::new(name);
        let (Some(stem), Some(extension)) = (path.file_stem(), path.extension()) else {
            bail!("{name} has no extension, so the server can't tell what it is");
        };
        let (stem, extension) = (stem.display(), extension.display());
        let file = format!("{stem}-{}.{extension}", self::hash(&[bytes]));
        // The assets lie in one folder, whichever folder their sources lie in.
        sheet = sheet.replace(&format!("icons/{name}"), &file);
        assets.push(Asset { name: name.clone(), file, bytes: bytes.clone() });
    }
    if !sheet.is_empty() {
        assets.push(Asset {
            name: "flightbox.css".into(),
            file: format!("flightbox-{}.css", self::hash(&[sheet.as_bytes()])),
            bytes: sheet.into_bytes(),
        });
    }
    Ok(assets)
}

/// 64 bits: enough that two contents never share a name, short enough to read in a log.
fn hash(parts: &[&[u8]]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

/// wasm-bindgen: the JavaScript that loads the module, and the module that it loads.
fn bind(
    name: &str,
    wasm: &[u8],
    target: impl FnOnce(&mut Bindgen) -> Result<&mut Bindgen>,
) -> Result<(String, Vec<u8>)> {
    // The glue names no file: the page passes it the module, or its URL.
    let mut output = target(Bindgen::new().input_bytes(name, wasm.to_vec()))?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()
        .context("wasm-bindgen")?;
    // A dependency may bring JavaScript files of its own; none does, and they would need serving.
    let snippets = output.snippets().values().flatten().count() + output.local_modules().len();
    ensure!(snippets == 0, "a dependency brings JavaScript snippets, which aren't bundled");
    Ok((output.js().to_owned(), output.wasm_mut().emit_wasm()))
}

/// Replaces the folder `out`, the manifest last: without it, what is there counts as unfinished.
fn write(out: &Path, inputs: &str, assets: &[Asset]) -> Result<()> {
    if out.exists() {
        fs::remove_dir_all(out).with_context(|| format!("clearing {}", out.display()))?;
    }
    fs::create_dir_all(out)?;
    let mut manifest = format!("inputs\t{inputs}\n");
    for Asset { name, file, bytes } in assets {
        fs::write(out.join(file), bytes)?;
        let mut sizes = format!("{:>7} bytes", bytes.len());
        for (extension, packed) in [("br", brotli(bytes)?), ("gz", gzip(bytes)?)] {
            if packed.len() < bytes.len() {
                sizes += &format!(", {extension} {:>6}", packed.len());
                fs::write(out.join(format!("{file}.{extension}")), packed)?;
            }
        }
        manifest += &format!("{name}\t{file}\n");
        println!("{file}: {sizes}");
    }
    fs::write(out.join("manifest"), manifest)?;
    Ok(())
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, size_hint: bytes.len(), ..Default::default() };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut packed, &parameters)?;
    Ok(packed)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}
