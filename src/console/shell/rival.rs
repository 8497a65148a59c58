//! The last look before an action is sent: whether another writer has started the same at the same moment.
//!
//! Two consoles hear each other with a delay, so both may find the target free. But each has its own start on disk
//! before it looks here, so at least one of the two sees the other's: and whoever sees one sends nothing. That may be
//! both of them, and then both say so.

use crate::timeline::{Sessions, Status, Watch};
use quell_core::incident::{Incident, Link, rival};
use std::sync::{Mutex, PoisonError};

/// Why the action must not be sent, if so. What others have written is read anew, file by file.
pub fn look(sessions: &Sessions, watch: &Mutex<Watch>, session: &str, action: &Link) -> Result<(), String> {
    let read = sessions.find(session).and_then(|dir| dir.read());
    let timeline = read.map_err(|problem| format!("the timeline can't be read back: {}", problem.headline()))?;
    let incident = Incident::fold(timeline.recovery.records.iter().map(|record| &record.entry));
    match rival(&incident, action) {
        None => elsewhere(watch, session, &incident, action),
        Some(other) => {
            let who = other.started.as_ref().map(|s| incident.who(&s.by, s.n).line().into_string());
            let who = who.unwrap_or_else(|| "another writer".to_owned());
            Err(format!(
                "nothing was sent: {who} started the same on this target at the same moment, and may have given way \
                 too; see in the timeline what came of theirs, then one of you plans again"
            ))
        }
    }
}

/// The same of another open session: somebody works the same incident in one of their own.
fn elsewhere(watch: &Mutex<Watch>, session: &str, incident: &Incident, action: &Link) -> Result<(), String> {
    let Some(plan) = incident.actions.get(action).map(|action| &action.plan) else { return Ok(()) };
    let mut watch = watch.lock().unwrap_or_else(PoisonError::into_inner);
    watch.look().map_err(|problem| format!("the other sessions can't be read: {}", problem.headline()))?;
    let others = watch.found().flatten().filter(|other| other.id != session && other.status == Status::Open);
    match others.filter(|other| other.open_actions.values().any(|touch| touch.meets(plan))).last() {
        None => Ok(()),
        Some(other) => Err(format!(
            "nothing was sent: another open session has started the same on this target, or what may touch the same: {} \
             ({}). Both may have given way; see there what came of it, then one of you plans again",
            other.title.line(),
            other.id
        )),
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
                through: None,
            },
            requests: Vec::new(),
            facts: Vec::new(),
            danger: 2,
            destroys: Vec::new(),
            breaks: Vec::new(),
            writes: Vec::new(),
            warnings: Vec::new(),
            undo: "".into(),
            confirm: "".into(),
            undo_of: None,
            each: None,
            set: None,
        }
    }

    /// Plans and starts an action as a console does that has heard nothing since it was attached.
    fn start(attached: &mut Attached, resource: &str) -> Link {
        start_plan(attached, plan(resource))
    }

    fn start_plan(attached: &mut Attached, plan: Plan) -> Link {
        let writer = attached.log.writer().clone();
        let n = attached.entries.iter().filter(|e| e.link.0 == writer).map(|e| e.link.1 + 1).max().unwrap();
        let l = attached.entries.iter().map(|e| e.l + 1).max().unwrap();
        let action = Link(writer.clone(), n);
        let plan_hash = plan.hash().unwrap();
        let (of, hash) = (action.clone(), plan_hash.clone());
        let events: [Event; 3] = [
            ActionPlanned { plan, plan_hash: hash.clone() }.into(),
            ActionApproved {
                action: of.clone(),
                plan_hash: hash.clone(),
                gesture: "y".into(),
                why: "".into(),
                queued: false,
            }
            .into(),
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
        let (id, watch) = (dir.id().as_str(), Mutex::new(Watch::of(&sessions)));
        let mine = start(&mut alice, "i-1");
        assert_eq!(look(&sessions, &watch, id, &mine), Ok(()));
        let elsewhere = start(&mut bob, "i-2");
        assert_eq!((look(&sessions, &watch, id, &mine), look(&sessions, &watch, id, &elsewhere)), (Ok(()), Ok(())));
        let mut carol = dir.attach(&who("carol"), &runtime).unwrap();
        let theirs = start(&mut carol, "i-1");
        let why = look(&sessions, &watch, id, &mine).unwrap_err();
        assert!(why.starts_with("nothing was sent: carol started the same on this target at the same moment"), "{why}");
        let why = look(&sessions, &watch, id, &theirs).unwrap_err();
        assert!(why.starts_with("nothing was sent: alice started the same on this target"), "{why}");
        // What can't be read back is not known to be alone.
        let why = look(&sessions, &watch, "gone", &mine).unwrap_err();
        assert!(why.starts_with("the timeline can't be read back: no session is called gone"), "{why}");
    }

    #[test]
    fn a_start_in_another_open_session_counts_until_it_has_an_end() {
        let folder = tempfile::tempdir().unwrap();
        let (sessions, runtime) = (Sessions::of(&StateDir::at(folder.path().join("state"))), Runtime::real());
        let watch = Mutex::new(Watch::of(&sessions));
        let begin = || sessions.create(&"The same".into(), &runtime).unwrap();
        let (one, other) = (begin(), begin());
        let mut alice = one.attach(&Who::here(None), &runtime).unwrap();
        let [mut bob, mut carol] = [(); 2].map(|()| other.attach(&Who::here(None), &runtime).unwrap());
        let mine = start(&mut alice, "i-1");
        let look = || look(&sessions, &watch, one.id().as_str(), &mine);
        start(&mut carol, "i-2");
        assert_eq!(look(), Ok(()));
        let theirs = start(&mut bob, "i-1");
        let why = look().unwrap_err();
        assert!(why.starts_with("nothing was sent: another open session has started the same on this target"), "{why}");
        assert!(why.contains(other.id().as_str()), "{why}");
        let (class, message) = (FailClass::NotSent, "looked up".into());
        let ended = ActionFailed { action: theirs.clone(), class, message, request_ids: Vec::new(), undo: None };
        let t = "2026-11-21T18:10:00Z".parse().unwrap();
        let link = Link(theirs.0, theirs.1 + 3);
        bob.log.commit(vec![Entry { link, l: 90, t, at: None, seen: None, event: ended.into() }]).unwrap();
        assert_eq!(look(), Ok(()));
    }

    /// In whose session, and by which kind, says nothing of what is touched: an automation may touch anything of its target.
    #[test]
    fn a_role_or_another_kind_in_another_session_counts_too() {
        let folder = tempfile::tempdir().unwrap();
        let (sessions, runtime) = (Sessions::of(&StateDir::at(folder.path().join("state"))), Runtime::real());
        let attach = |sessions: &Sessions| {
            let dir = sessions.create(&"The same".into(), &runtime).unwrap();
            (dir.id().as_str().to_owned(), dir.attach(&Who::here(None), &runtime).unwrap())
        };
        let through = Through {
            role: "arn:aws:iam::111122223333:role/IncidentResponder".into(),
            session: "quell-20261121T180000Z".into(),
            source: None,
            policy: None,
        };
        let as_role = |plan: Plan| Plan { target: Target { through: Some(through.clone()), ..plan.target }, ..plan };
        let of = |kind: &str, resource: &str| Plan { kind: Id::new(kind).unwrap(), ..plan(resource) };
        for (mine, theirs, free) in [
            (plan("i-1"), as_role(plan("i-1")), false),
            (of("ec2-isolate", "i-2"), as_role(plan("i-2")), false),
            (plan("i-3"), of("ec2-isolate", "i-3"), false),
            (of("ec2-stop", "i-4"), of("ec2-isolate", "i-4"), true),
            (of("ec2-isolate", "i-5"), plan("i-6"), true),
        ] {
            let watch = Mutex::new(Watch::of(&sessions));
            let ((id, mut here), (_, mut there)) = (attach(&sessions), attach(&sessions));
            let action = start_plan(&mut here, mine);
            start_plan(&mut there, theirs);
            assert_eq!(look(&sessions, &watch, &id, &action).is_ok(), free);
        }
    }
}
