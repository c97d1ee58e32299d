//! The `flightbox` command.

fn main() -> std::process::ExitCode {
    flightbox::commands::main()
}
