//! A group of this machine by its name, for a state folder that several users share.

use super::read::regular;
use crate::problem::{Problem, clean};
use std::path::Path;

/// The most that is read of the list of groups.
const MOST: u64 = 1 << 22;

/// The id of the group of that name or number, which whoever runs this must be in.
pub fn named(name: &str) -> Result<u32, Problem> {
    let listed = regular(Path::new("/etc/group"), MOST).unwrap_or_default();
    let gid = find(name, &String::from_utf8_lossy(&listed)).ok_or_else(|| {
        Problem::input(format!("no group is called {} in /etc/group", clean(name)))
            .meaning("the configuration says that it shares the state folder, so nothing was done")
            .next("give a group of /etc/group, or the number of any other: getent group NAME shows it")
    })?;
    let own = rustix::process::getgroups().unwrap_or_default();
    let mut own = own.into_iter().chain([rustix::process::getegid()]).map(rustix::process::Gid::as_raw);
    match own.any(|own| own == gid) || rustix::process::geteuid().is_root() {
        true => Ok(gid),
        false => Err(Problem::input(format!("you are not in the group {}", clean(name)))
            .meaning("the configuration says that it shares the state folder, so nothing was done")
            .next("have yourself added to it and log in again, or use another --config")),
    }
}

fn find(name: &str, listed: &str) -> Option<u32> {
    if let Ok(gid) = name.parse() {
        return Some(gid);
    }
    let gid = |line: &str| {
        let mut fields = line.split(':');
        (fields.next() == Some(name)).then(|| fields.nth(1)?.parse().ok()).flatten()
    };
    listed.lines().find_map(gid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_has_a_name_or_a_number() {
        let listed = "root:x:0:\nir:x:1042:alice,bob\nirx:x:7:\nbad:x\n";
        assert_eq!(find("ir", listed), Some(1042));
        assert_eq!(find("4242", listed), Some(4242));
        assert_eq!(find("i", listed), None);
        assert_eq!(find("bad", listed), None);
        assert_eq!(find("", listed), None);
    }

    #[test]
    fn a_group_that_is_not_there_is_told() {
        let problem = named("no such group").unwrap_err();
        assert_eq!((problem.what.as_str(), problem.exit_code()), ("no group is called no such group in /etc/group", 2));
    }
}
