//! `quell simulator`: the simulated account on a loopback port, for tests and drills with other tools.

use super::Io;
use crate::problem::Problem;
use crate::runtime::Runtime;
use crate::simulator::{Access, Scenario, Simulator, serve};
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
    /// How many times as fast as the clock the account's time runs, up to 3600
    #[arg(long, value_name = "X", default_value_t = 1.0, value_parser = speed, allow_negative_numbers = true)]
    speed: f64,
}

/// How many times as fast an account's time may run.
pub(super) fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if speed > 0.0 && speed <= 3600.0 => Ok(speed),
        _ => Err("give a number above 0, up to 3600".to_owned()),
    }
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

/// The environment in which an AWS client works on the account, to copy into a shell.
fn environment(access: &Access, at: SocketAddr) -> String {
    let Access { access_key_id, secret_access_key, region, .. } = access;
    format!(
        "AWS clients work on it with this environment (simulated: no secret, and it opens nothing else):\n\
         export AWS_ENDPOINT_URL=http://{at}\nexport AWS_ACCESS_KEY_ID={access_key_id}\n\
         export AWS_SECRET_ACCESS_KEY={secret_access_key}\nexport AWS_REGION={region}\n"
    )
}

fn serve_on(args: &Args, io: &mut Io) -> Result<(), Problem> {
    if !args.listen.ip().is_loopback() {
        return Err(Problem::input("the simulator listens on loopback addresses only")
            .meaning("it knows a caller by the access key alone, which is printed; signatures are not checked")
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
        // Scripts read the one line on standard output; where nobody reads this, nothing is lost.
        let _ = write!(io.err, "{}", environment(&simulator.access(), at));
        serve(simulator, listener).await
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_a_number_above_0_up_to_3600() {
        for (text, expected) in [("1", 1.0), ("0.5", 0.5), ("3600", 3600.0), ("1e3", 1000.0)] {
            assert_eq!(speed(text), Ok(expected), "{text}");
        }
        for text in ["nan", "inf", "-inf", "0", "-3", "-0", "1e308", "3600.1", "1e999", "", "fast"] {
            assert_eq!(speed(text), Err("give a number above 0, up to 3600".to_owned()), "{text}");
        }
    }
}
