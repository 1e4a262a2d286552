//! `rcs`: see `rcs --help`.

use std::process::ExitCode;

/// That of musl has one lock for all threads; see "The released binary" in docs/performance.md.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    rcs::main(rcs::bundled::connectors)
}
