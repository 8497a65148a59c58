//! `quell simulator`: the simulated account on a loopback port, for tests and drills with other tools.

use super::Io;
use crate::problem::Problem;
use crate::runtime::Runtime;
use crate::simulator::{Scenario, Simulator, serve};
use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;

/// The arguments of `quell simulator`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The loopback address and port; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// What happens in the account
    #[arg(long, value_name = "S", default_value = "crypto-mining", value_parser = Scenario::names().to_vec())]
    scenario: String,
    /// Which findings arrive when
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How many times as fast as the clock the account's time runs
    #[arg(long, value_name = "X", default_value_t = 1.0)]
    speed: f64,
}

/// Serves until it is ended.
pub fn run(args: &Args, io: &mut Io) -> ExitCode {
    match serve_on(args, io) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            io.show(&problem);
            ExitCode::from(problem.exit_code())
        }
    }
}

fn serve_on(args: &Args, io: &mut Io) -> Result<(), Problem> {
    if !args.listen.ip().is_loopback() {
        return Err(Problem::input("the simulator listens on loopback addresses only")
            .meaning("it accepts any credentials")
            .next("give --listen 127.0.0.1:PORT"));
    }
    let simulator = Simulator::new(Scenario::named(&args.scenario)?, args.seed, args.speed, io.runtime.clone());
    let tokio = Runtime::tokio()?;
    tokio.block_on(async {
        let busy = |e: std::io::Error| {
            Problem::local(format!("{} can't be listened on: {e}", args.listen)).next("give another port, or 0")
        };
        let listener = tokio::net::TcpListener::bind(args.listen).await.map_err(busy)?;
        let at = listener.local_addr().map_err(busy)?;
        let written = writeln!(io.out, "listening http://{at}").and_then(|()| io.out.flush());
        written.map_err(|e| Problem::local(format!("the address could not be printed: {e}")))?;
        serve(simulator, listener).await
    })
}
