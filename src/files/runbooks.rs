//! stub until the engine's own comes
use crate::problem::Problem;
use quell_core::runbook::{Origin, Runbook, parse};
use std::path::PathBuf;
const BUILT_IN: &[(&str, &str)] = &[
    ("crypto-mining", include_str!("../../runbooks/crypto-mining.md")),
    ("ec2-compromise", include_str!("../../runbooks/ec2-compromise.md")),
    ("eks-runtime", include_str!("../../runbooks/eks-runtime.md")),
    ("generic", include_str!("../../runbooks/generic.md")),
    ("iam-credential-theft", include_str!("../../runbooks/iam-credential-theft.md")),
    ("s3-exposure", include_str!("../../runbooks/s3-exposure.md")),
];
/// All
pub fn load(_folders: &[PathBuf]) -> (Vec<Runbook>, Vec<Problem>) {
    (
        BUILT_IN.iter().filter_map(|(n, t)| Some(parse(n, t.as_bytes(), Origin::BuiltIn).ok()?.runbook)).collect(),
        Vec::new(),
    )
}
