//! The last look before an action is sent: whether another writer has started the same at the same moment.
//!
//! Two consoles hear each other with a delay, so both may find the target free. But each has its own start on disk
//! before it looks here, so at least one of the two sees the other's: and whoever sees one sends nothing. That may be
//! both of them, and then both say so.

use crate::timeline::Sessions;
use quell_core::incident::{Incident, Link, rival};

/// Why the action must not be sent, if so. What others have written is read anew, file by file.
pub fn look(sessions: &Sessions, session: &str, action: &Link) -> Result<(), String> {
    let read = sessions.find(session).and_then(|dir| dir.read());
    let timeline = read.map_err(|problem| format!("the timeline can't be read back: {}", problem.headline()))?;
    let incident = Incident::fold(timeline.recovery.records.iter().map(|record| &record.entry));
    match rival(&incident, action) {
        None => Ok(()),
        Some(other) => {
            let who = other.started.as_ref().map(|s| incident.who(&s.by, s.n).line().into_string());
            let who = who.unwrap_or_else(|| "another writer".to_owned());
            Err(format!(
                "{who} started the same on this target at the same moment; look at the timeline, then plan again"
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::Runtime;
    use crate::timeline::{Attached, StateDir, Who};
    use quell_core::incident::*;
    use quell_core::text::Id;

    fn plan(resource: &str) -> Plan {
        Plan {
            kind: Id::new("ssm-automation").unwrap(),
            title: "Contain".into(),
            step: None,
            target: Target {
                account: "111122223333".into(),
                partition: "aws".into(),
                region: "eu-west-1".into(),
                resource: resource.into(),
            },
            requests: Vec::new(),
            facts: Vec::new(),
            danger: 2,
            destroys: Vec::new(),
            warnings: Vec::new(),
            undo: "".into(),
            confirm: "".into(),
            undo_of: None,
            set: None,
        }
    }

    /// Plans and starts an action as a console does that has heard nothing since it was attached.
    fn start(attached: &mut Attached, resource: &str) -> Link {
        let writer = attached.log.writer().clone();
        let n = attached.entries.iter().filter(|e| e.link.0 == writer).map(|e| e.link.1 + 1).max().unwrap();
        let l = attached.entries.iter().map(|e| e.l + 1).max().unwrap();
        let action = Link(writer.clone(), n);
        let plan = plan(resource);
        let plan_hash = plan.hash().unwrap();
        let (of, hash) = (action.clone(), plan_hash.clone());
        let events: [Event; 3] = [
            ActionPlanned { plan, plan_hash: hash.clone() }.into(),
            ActionApproved { action: of.clone(), plan_hash: hash.clone(), gesture: "y".into(), why: "".into() }.into(),
            ActionStarted { action: of, plan_hash: hash, token: "t".into() }.into(),
        ];
        let t = "2026-11-21T18:10:00Z".parse().unwrap();
        let numbered = |(event, i): (Event, u64)| Entry {
            link: Link(writer.clone(), n + i),
            l: l + i,
            t,
            at: None,
            seen: None,
            event,
        };
        attached.log.commit(events.into_iter().zip(0..).map(numbered).collect()).unwrap();
        action
    }

    #[test]
    fn who_sees_another_start_sends_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (sessions, runtime) = (Sessions::of(&StateDir::at(folder.path().join("state"))), Runtime::real());
        let dir = sessions.create(&"Two".into(), &runtime).unwrap();
        let who = |user: &str| Who { user: user.into(), ..Who::here(None) };
        let mut alice = dir.attach(&who("alice"), &runtime).unwrap();
        let mut bob = dir.attach(&who("bob"), &runtime).unwrap();
        let id = dir.id().as_str();
        let mine = start(&mut alice, "i-1");
        assert_eq!(look(&sessions, id, &mine), Ok(()));
        let elsewhere = start(&mut bob, "i-2");
        assert_eq!((look(&sessions, id, &mine), look(&sessions, id, &elsewhere)), (Ok(()), Ok(())));
        let mut carol = dir.attach(&who("carol"), &runtime).unwrap();
        let theirs = start(&mut carol, "i-1");
        let why = look(&sessions, id, &mine).unwrap_err();
        assert!(why.starts_with("carol started the same on this target at the same moment"), "{why}");
        let why = look(&sessions, id, &theirs).unwrap_err();
        assert!(why.starts_with("alice started the same on this target"), "{why}");
        // What can't be read back is not known to be alone.
        let why = look(&sessions, "gone", &mine).unwrap_err();
        assert!(why.starts_with("the timeline can't be read back: no session is called gone"), "{why}");
    }
}
