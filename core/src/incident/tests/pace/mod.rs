//! How long steps were worked on. The figures are worked out by hand from the times beside the records.

mod people;

use super::*;

/// Records with times of their own, in the order in which they were written.
struct Log(Vec<Entry>);

impl Log {
    /// The runbook with a target of 15 minutes for each step but the decision; a came at 14:00, and opened it at 14:01.
    fn new() -> Self {
        let mut log = Self(Vec::new());
        log.add('a', "14:00:00", come());
        log.add('a', "14:01:00", timed());
        log
    }

    /// A record of this day at that time.
    fn add(&mut self, letter: char, time: &str, event: impl Into<Event>) -> Link {
        self.add_on(letter, &format!("2026-11-21T{time}Z"), event)
    }

    fn add_on(&mut self, letter: char, t: &str, event: impl Into<Event>) -> Link {
        let n = self.0.iter().filter(|e| e.link.0 == writer(letter)).count() as u64;
        let entry = Entry { t: t.parse().unwrap(), ..entry(letter, n, self.0.len() as u64 + 1, event) };
        let link = entry.link.clone();
        self.0.push(entry);
        link
    }

    fn done(&mut self, letter: char, time: &str, row: usize) {
        self.add(letter, time, done(row));
    }

    /// An action of that row, planned and started; its end is its own record.
    fn start(&mut self, letter: char, time: &str, row: usize) -> Link {
        let action = self.approved(letter, time, row);
        self.add(letter, time, started(&action));
        action
    }

    fn approved(&mut self, letter: char, time: &str, row: usize) -> Link {
        let plan = plan(Some(row), &format!("i-{row}"));
        let action = self.add(letter, time, ActionPlanned { plan, plan_hash: "h".into() });
        self.add(letter, time, approval(&action));
        action
    }

    fn incident(&self) -> Incident {
        Timeline::new(self.0.clone()).incident().clone()
    }

    /// How long the done step was worked on and what waited, in seconds.
    fn took(&self, row: usize) -> (u64, u64) {
        let pace = self.incident().pace(&step(row), None).unwrap();
        assert_eq!((pace.target, pace.until), (900, None));
        (pace.worked, pace.waited)
    }

    /// What is said of a step to a writer at that time.
    fn says(&self, row: usize, letter: char, time: &str) -> Option<String> {
        let now = format!("2026-11-21T{time}Z").parse().unwrap();
        self.incident().pace(&step(row), Some((&writer(letter), now))).map(|pace| pace.words())
    }

    /// What is said of a done one.
    fn said(&self, row: usize) -> Option<String> {
        self.incident().pace(&step(row), None).map(|pace| pace.words())
    }
}

fn timed() -> RunbookOpened {
    let mut book = book();
    for row in [0, 1, 3, 4] {
        book.outline[row].target = Some(15);
    }
    book
}

fn come() -> SegOpen {
    SegOpen {
        format: 1,
        session: Id::new("s").unwrap(),
        salt: String::new(),
        tool: "quell".into(),
        host: "bastion".into(),
        user: "alice".into(),
        caller: None,
        after: None,
        aside: None,
    }
}

fn done(row: usize) -> StepDone {
    StepDone { step: step(row), note: None, each: None }
}

fn left() -> SessionDetached {
    SessionDetached { why: "q".into() }
}

fn approval(action: &Link) -> ActionApproved {
    ActionApproved { action: action.clone(), plan_hash: "h".into(), gesture: "y".into(), why: none(), queued: false }
}

fn started(action: &Link) -> ActionStarted {
    ActionStarted { action: action.clone(), plan_hash: "h".into(), token: "t".into() }
}

fn failed(action: &Link) -> ActionFailed {
    let (action, message) = (action.clone(), "no".into());
    ActionFailed { action, class: FailClass::Denied, message, request_ids: vec![], undo: None }
}

fn ended(action: &Link) -> ActionSucceeded {
    let (action, outcome) = (action.clone(), "done".into());
    ActionSucceeded { action, outcome, request_ids: vec![], undo: None, facts: vec![] }
}

#[test]
fn a_step_takes_from_the_runbooks_opening_or_the_last_other_step() {
    let mut log = Log::new();
    log.done('a', "14:08:30", 0);
    log.done('a', "14:30:00", 1);
    // 14:01:00 to 14:08:30, then to 14:30:00.
    assert_eq!((log.took(0), log.took(1)), ((450, 0), (1290, 0)));
    assert_eq!(log.said(0).unwrap(), "target 15 min: took 8 min");
    assert_eq!(log.said(1).unwrap(), "target 15 min: took 22 min, 7 over");
    let kept = |row| log.incident().pace(&step(row), Some((&writer('a'), at(0)))).unwrap().kept();
    assert_eq!((kept(0), kept(1), kept(3)), (Some(true), Some(false), None));
    // An open one has until 15 minutes after the other, whenever it is looked at.
    for now in ["14:30:01", "14:59:59"] {
        assert_eq!(log.says(3, 'a', now).unwrap(), "target 15 min: until 14:45:00Z");
    }
    let open = log.incident().pace(&step(3), Some((&writer('a'), "2026-11-21T14:31:40Z".parse().unwrap()))).unwrap();
    assert_eq!((open.worked, open.waited), (100, 0));
    // A step that is not in the runbook was dealt with by nobody.
    log.add('a', "14:32:00", StepDone { step: StepRef { row: 4, ..step(0) }, note: None, each: None });
    assert_eq!(log.says(3, 'a', "14:33:00").unwrap(), "target 15 min: until 14:45:00Z");
    // Of nobody's time nothing is said.
    assert_eq!(log.said(3), None);
    // To deal with the same step once more is not to deal with another one.
    log.add('a', "14:40:00", StepReopened { step: step(1), why: "again".into(), each: None });
    log.done('a', "14:50:00", 1);
    assert_eq!(log.took(1), (2490, 0));
}

#[test]
fn a_target_is_kept_to_its_last_second() {
    for (time, kept, words) in
        [("14:16:00", true, "target 15 min: took 15 min"), ("14:16:01", false, "target 15 min: took 16 min, 1 over")]
    {
        let mut log = Log::new();
        log.done('a', time, 0);
        let pace = log.incident().pace(&step(0), None).unwrap();
        assert_eq!((pace.kept(), pace.words().as_str()), (Some(kept), words));
    }
}

#[test]
fn what_nobody_does_has_no_pace() {
    let mut log = Log::new();
    assert_eq!(log.says(2, 'a', "14:05:00"), None);
    assert_eq!(log.says(0, 'a', "14:05:00").unwrap(), "target 15 min: until 14:16:00Z");
    log.add('a', "14:06:00", StepSkipped { step: step(0), why: "w".into() });
    assert_eq!((log.says(0, 'a', "14:07:00"), log.said(0)), (None, None));
    // It was dealt with all the same: the next begins there. A failure ends nothing.
    log.add('a', "14:08:00", StepFailed { step: step(1), why: "w".into() });
    assert_eq!(log.says(1, 'a', "14:09:00").unwrap(), "target 15 min: until 14:21:00Z");
    assert_eq!(log.says(3, 'a', "14:09:00").unwrap(), "target 15 min: until 14:23:00Z");
    let to = Some(step(4).id);
    log.add('a', "14:10:00", DecisionMade { step: step(2), choice: "on".into(), why: none(), to });
    assert_eq!(log.says(3, 'a', "14:11:00"), None);
    assert_eq!(log.says(4, 'a', "14:11:00").unwrap(), "target 15 min: until 14:25:00Z");
    let mut closed = Log(log.0.clone());
    closed.add('a', "14:12:00", RunbookClosed { rb: link('a', 1), why: "w".into() });
    assert_eq!(closed.says(4, 'a', "14:13:00"), None);
    log.add('a', "14:12:00", SessionClosed { resolution: Resolution::Benign, summary: "s".into() });
    assert_eq!(log.says(4, 'a', "14:13:00"), None);
}

#[test]
fn a_step_that_is_not_for_the_incident_has_no_pace() {
    let mut book = timed();
    book.outline[0].when = Some(crate::runbook::condition::Condition::read("var.size == small").unwrap());
    let mut log = Log(Vec::new());
    log.add('a', "14:00:00", come());
    log.add('a', "14:01:00", book);
    assert_eq!(log.says(0, 'a', "14:05:00").unwrap(), "target 15 min: until 14:16:00Z");
    log.add('a', "14:06:00", VariableSet { name: "size".into(), value: "large".into(), from: "typed".into() });
    assert_eq!(log.says(0, 'a', "14:07:00"), None);
}

#[test]
fn the_time_in_which_an_action_ran_is_left_out() {
    let mut log = Log::new();
    let action = log.start('a', "14:04:00", 3);
    for row in [0, 3] {
        assert_eq!(log.says(row, 'a', "14:05:00").unwrap(), "target 15 min: it waits");
    }
    log.add('a', "14:10:00", ended(&action));
    // 14:01 to 14:10, less 14:04 to 14:10.
    assert_eq!((log.took(3), log.said(3).unwrap().as_str()), ((180, 360), "target 15 min: took 3 min, waited 6 min"));
    // The end of an action is the last that was dealt with.
    assert_eq!(log.says(0, 'a', "14:11:00").unwrap(), "target 15 min: until 14:25:00Z");
    log.done('a', "14:12:30", 0);
    assert_eq!(log.took(0), (150, 0));
    // What somebody else runs holds up too; less than a minute of it is not told.
    let action = log.start('b', "14:20:00", 4);
    log.add('b', "14:20:59", ended(&action));
    // The step is due 59 seconds later than 14:27:30.
    assert_eq!(log.says(1, 'a', "14:21:00").unwrap(), "target 15 min: until 14:28:29Z");
    log.done('a', "14:22:30", 1);
    assert_eq!((log.took(1), log.said(1).unwrap().as_str()), ((541, 59), "target 15 min: took 10 min"));
    let mut log = Log::new();
    let action = log.start('b', "14:03:00", 4);
    log.add('b', "14:04:00", ended(&action));
    log.done('a', "14:05:00", 0);
    assert_eq!((log.took(0), log.said(0).unwrap().as_str()), ((180, 60), "target 15 min: took 3 min, waited 1 min"));
}

#[test]
fn what_two_actions_cover_together_counts_once() {
    let mut log = Log::new();
    let (first, second) = (log.start('b', "14:02:00", 3), log.start('b', "14:05:00", 4));
    log.add('b', "14:08:00", ended(&first));
    assert_eq!(log.says(0, 'a', "14:09:00").unwrap(), "target 15 min: it waits");
    log.add('b', "14:11:00", ended(&second));
    // One within another, and one that came long before.
    let (outer, inner) = (log.start('b', "14:12:00", 3), log.start('b', "14:13:00", 4));
    log.add('b', "14:14:00", failed(&inner));
    log.add('b', "14:15:00", ended(&outer));
    log.done('a', "14:20:00", 0);
    // Of 19 minutes 14:02 to 14:11 and 14:12 to 14:15 are left out.
    assert_eq!(log.took(0), (420, 720));
    log.done('a', "14:22:00", 1);
    assert_eq!(log.took(1), (120, 0));
}

/// What nobody can tell is not under way; that it is cleared up later makes it no longer.
#[test]
fn an_unknown_outcome_ends_the_waiting() {
    let mut log = Log::new();
    let action = log.start('b', "14:02:00", 3);
    log.add('b', "14:08:00", ActionUnknown { action: action.clone(), why: "timeout".into() });
    assert_eq!(log.says(0, 'a', "14:09:00").unwrap(), "target 15 min: until 14:22:00Z");
    log.add('b', "14:30:00", ended(&action));
    // A second end of it is none.
    log.add('a', "14:32:00", ended(&action));
    log.done('a', "14:35:00", 0);
    // 34 minutes less 14:02 to 14:08.
    assert_eq!(log.took(0), (1680, 360));
}

/// It ran all the while, and nobody could tell.
#[test]
fn what_is_found_to_go_on_was_waited_for_from_its_start() {
    let mut log = Log::new();
    let action = log.start('b', "14:02:00", 3);
    log.add('b', "14:08:00", ActionUnknown { action: action.clone(), why: "timeout".into() });
    let text = "goes on".into();
    log.add('a', "14:20:00", ActionProgress { action: action.clone(), text, done: 0, of: 0 });
    assert_eq!(log.says(0, 'a', "14:21:00").unwrap(), "target 15 min: it waits");
    log.add('b', "14:30:00", ended(&action));
    log.done('a', "14:35:00", 0);
    // 34 minutes less 14:02 to 14:30.
    assert_eq!(log.took(0), (360, 1680));
}

#[test]
fn a_step_waits_for_the_second_approval_of_its_own_action() {
    let mut log = Log::new();
    log.add('b', "14:00:30", come());
    let action = log.approved('a', "14:05:00", 3);
    assert_eq!(log.says(3, 'a', "14:10:00").unwrap(), "target 15 min: it waits");
    // Other steps can be done meanwhile.
    assert_eq!(log.says(0, 'a', "14:10:00").unwrap(), "target 15 min: until 14:16:00Z");
    let withdrawn = Log(log.0.clone());
    log.add('b', "14:25:00", approval(&action));
    log.add('b', "14:25:00", started(&action));
    log.add('b', "14:27:00", ended(&action));
    // 14:01 to 14:27, less 14:05 to 14:25, less 14:25 to 14:27.
    assert_eq!(log.took(3), (240, 1320));
    let mut log = withdrawn;
    log.add('a', "14:09:00", ActionCancelled { action, why: "no".into() });
    // 14:16 and the four minutes that it hung.
    assert_eq!(log.says(3, 'a', "14:10:00").unwrap(), "target 15 min: until 14:20:00Z");
}
