//! The whole way in one command: a tenant and a server on this machine, and a CSV file behind them.
//!
//! `cargo run --example demo` shows the links coming up, drives every kind of operation through the tenant's REST
//! interface, and stays up for you to try; with `--once` it ends after that, with 0 only if every step was right.

mod rest;
mod scene;
mod steps;

use std::process::ExitCode;

use scene::Scene;

#[tokio::main]
async fn main() -> ExitCode {
    let once = match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => false,
        [flag] if flag == "--once" => true,
        other => {
            eprintln!("demo: unexpected {other:?}\nusage: cargo run --example demo [-- --once]");
            return ExitCode::from(2);
        }
    };
    match show(once).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("demo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn show(once: bool) -> anyhow::Result<bool> {
    let scene = Scene::start(once).await?;
    let right = steps::run(&scene).await;
    if right && !once {
        scene.invite();
        tokio::signal::ctrl_c().await?;
    }
    scene.end().await;
    Ok(right)
}
