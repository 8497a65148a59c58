use super::*;
use crate::finding::{Actor, Compact, Label, Resource, Severity};
use crate::incident::*;
use crate::record::{Fault, Hash, Verdict, Verification};
use crate::runbook::{Phase, StepKind};
use crate::text::shared::shared;
use crate::text::{Id, Untrusted};
use pulldown_cmark::{Event as Mark, Options, Parser, Tag, TagEnd};
use serde_json::json;

fn links() -> (WriterId, impl FnMut(Event) -> Entry) {
    let w = writer_id(&[0; 16]).unwrap();
    let (writer, mut n) = (w.clone(), 0);
    let entry = move |event| {
        n += 1;
        let t = "2026-11-21T18:00:00Z".parse::<jiff::Timestamp>().unwrap();
        let t = t.checked_add(jiff::SignedDuration::from_secs(n as i64)).unwrap();
        Entry { link: Link(writer.clone(), n - 1), l: n, t, at: None, seen: None, event }
    };
    (w, entry)
}

fn plan(text: &Untrusted, step: StepRef) -> Plan {
    let target = Target {
        account: text.clone(),
        partition: text.clone(),
        region: text.clone(),
        resource: text.clone(),
        through: Some(Through {
            role: text.clone(),
            session: text.clone(),
            source: Some(text.clone()),
            policy: Some(json!({ "Statement": [{ "Effect": "Allow", "Action": "a:B", "Resource": text }] })),
        }),
    };
    let call = |input| PlannedRequest { service: "iam".into(), operation: "UpdateAccessKey".into(), input };
    Plan {
        kind: Id::new("iam-access-key").unwrap(),
        title: text.clone(),
        step: Some(step),
        target,
        requests: vec![call(json!({ "UserName": text }))],
        facts: vec![Fact::new(text.clone(), text.clone())],
        danger: 2,
        destroys: vec![],
        breaks: Vec::new(),
        writes: Vec::new(),
        warnings: vec![],
        undo: text.clone(),
        confirm: text.clone(),
        undo_of: None,
        each: None,
        set: None,
    }
}

fn finding(text: &Untrusted) -> Compact {
    let some = || Some(text.clone());
    Compact {
        id: text.clone(),
        source: some(),
        kind: some(),
        title: some(),
        severity: Severity { label: Some(Label::High), score: Some(80.0) },
        account: some(),
        region: some(),
        resource: Resource { kind: some(), id: some(), name: some(), arn: some() },
        actor: Actor { ip: some(), country: some(), principal: some(), access_key: some() },
        first_seen: None,
        last_seen: Some("2026-11-21T17:59:00Z".parse().unwrap()),
        count: None,
        status: None,
        workflow: None,
        raw_sha256: "ab".into(),
    }
}

/// An incident with the same text in every field that takes text from outside.
fn incident(text: &str) -> Vec<Entry> {
    let text = Untrusted::from(text);
    let (w, mut entry) = links();
    let t = || text.clone();
    let (rb, id) = (Link(w.clone(), 4), Id::new("isolate").unwrap());
    let step = StepRef { rb, id: id.clone(), row: 0 };
    let action = || Link(w.clone(), 6);
    let outline = OutlineStep {
        id,
        number: "1".into(),
        title: t(),
        phase: Some(Phase::Contain),
        depth: 0,
        kind: StepKind::Action,
        note_required: false,
        evidence: None,
        target: None,
        when: None,
        each: None,
    };
    let plan = plan(&text, step.clone());
    let plan_hash = "cd".to_owned();
    let (some, sha) = (Some(step.clone()), "ef".to_owned());
    let severity = Severity { label: Some(Label::High), score: None };
    let session = Id::new("20261121T180000Z-x-k3j2h4g5").unwrap();
    let open = SegOpen {
        format: 1,
        session,
        salt: "00".into(),
        tool: t(),
        host: t(),
        user: t(),
        caller: Some(t()),
        after: None,
        aside: None,
    };
    let book = RunbookOpened {
        id: Id::new("containment").unwrap(),
        title: t(),
        version: Some(t()),
        sha256: sha.clone(),
        outline: vec![outline],
        blob: None,
        variables: Vec::new(),
        configured: Default::default(),
    };
    let data: serde_json::Value = json!(text);
    let raw = serde_json::value::to_raw_value(&data).unwrap();
    let ended =
        |a: Link| ActionSucceeded { action: a, outcome: t(), request_ids: vec![t()], undo: None, facts: vec![] };
    let (argv, path, stream) = (vec![t()], t(), t());
    let ran = Run { argv, path, stream, exit: Some(0), signal: None, ms: 7, wrote: 3, withheld: 0 };
    let events: Vec<Event> = vec![
        open.into(),
        SessionOpened { title: t(), severity, drill: false, simulated: true }.into(),
        FindingAttached { finding: finding(&text), blob: None }.into(),
        EntityNoted { kind: EntityKind::Key, id: t(), provenance: Provenance::Typed, state: EntityState::Confirmed }
            .into(),
        book.into(),
        DecisionMade { step: step.clone(), choice: t(), why: t(), to: None }.into(),
        ActionPlanned { plan, plan_hash: plan_hash.clone() }.into(),
        ActionApproved { action: action(), plan_hash: plan_hash.clone(), gesture: t(), why: t(), queued: false }.into(),
        ActionStarted { action: action(), plan_hash, token: "t".into() }.into(),
        ended(action()).into(),
        ActionVerified { action: action(), holds: Some(true), facts: vec![Fact::new(t(), t())] }.into(),
        NoteAdded { text: t(), step: some }.into(),
        EvidenceAdded { blob: sha.clone(), name: t(), size: 3, how: t(), step: None, run: Some(ran) }.into(),
        MilestoneSet { name: t(), at: "2026-11-21T17:00:00Z".parse().unwrap() }.into(),
        VariableSet { name: t(), value: t(), from: t() }.into(),
        Event::Unknown { kind: t(), data: raw },
        SessionClosed { resolution: Resolution::TruePositive, summary: t() }.into(),
        EvidenceCustody { blob: sha.clone(), what: t(), why: t(), ..Default::default() }.into(),
        EntryMasked { record: Link(w.clone(), 12), field: "content".into(), why: t() }.into(),
        EvidenceCustody {
            blob: sha.clone(),
            what: t(),
            why: t(),
            from: Some(t()),
            to: Some(t()),
            authority: Some(t()),
            after: Some("aa".into()),
        }
        .into(),
        EvidenceCustody { after: Some(sha.clone()), blob: sha, what: t(), ..Default::default() }.into(),
    ];
    events.into_iter().map(&mut entry).collect()
}

fn written(text: &str) -> String {
    let entries = incident(text);
    let fault =
        Fault { file: "a.0000.ndjson".into(), line: 3, byte: 40, kind: Verdict::Gap, detail: "one is missing".into() };
    let heads = vec![(entries[0].link.0.clone(), 16, Hash::ZERO)];
    let verification = Verification {
        verdict: Verdict::Gap,
        records: entries.len(),
        writers: 1,
        problems: vec![fault],
        checkpoints: vec![],
        heads,
        uncovered: None,
        aside_missing: 0,
        kept: None,
    };
    let standing = [vec![text.into(), text.into()]];
    report(&Incident::fold(&entries), &entries, &verification, &standing)
}

#[test]
fn the_report_says_all_that_happened() {
    let text = written("value");
    let expected = [
        "# Incident report: `value`\n",
        "\n## Still in force\n\n- `value`\n  - `value`\n\nAs far as this session's own records tell; ",
        "**SIMULATED**",
        "- Session: `20261121T180000Z-x-k3j2h4g5`\n",
        "- Status: closed as true positive\n",
        "- Severity: HIGH\n",
        "- Opened: 2026-11-21 18:00:02Z by `value`\n",
        "- Milestone `value`: 2026-11-21 17:00:00Z\n",
        "\n## Summary\n\n`value`\n",
        "- `value` on `value`, as `value` (writer `aaaaaaaaaa`)\n",
        "  - Resource ARN: `value`\n",
        "  - Severity: HIGH (80)\n",
        "- `value` (key): confirmed, 2026-11-21 18:00:04Z by `value`\n",
        "  - `[x]` `1` `value`, 2026-11-21 18:00:10Z by `value`\n",
        "- `value` (succeeded)\n  - Action: `aaaaaaaaaa/6`, kind `iam-access-key`\n",
        "  - Request: `iam:UpdateAccessKey` `{\"UserName\":\"value\"}`\n",
        "  - Region: `value`\n  - As: `value`\n  - Role session: `value`\n  - Source identity: `value`\n",
        "  - Session policy: `a:B on value`\n",
        "  - Started: 2026-11-21 18:00:09Z by `value`\n",
        "  - AWS request id: `value`\n",
        "  - Verification: read back and as wanted\n",
        "- `value`: `value`, 2026-11-21 18:00:06Z by `value`\n  - Why: `value`\n",
        "- 2026-11-21 18:00:12Z by `value`: `value`\n",
        "- `value`: 3 bytes, SHA-256 `ef`, 2026-11-21 18:00:13Z by `value`\n",
        "  - Ran: `value` as `[\"value\"]`\n  - Content: `[masked: value]`\n",
        "  - Custody: `value` 2026-11-21 18:00:18Z by `value` on `value`: `value`\n",
        "  - Custody: `value` 2026-11-21 18:00:20Z by `value` on `value`, from `value`, to `value`, by order of `value`, \
         its hash ANOTHER than before: `value`\n",
        "  - Custody: `value` 2026-11-21 18:00:21Z by `value` on `value`, its hash as before\n",
        "- 2026-11-21 18:00:01Z `value` `console of value on value attached`\n",
        "- Verdict: **gap**\n",
        "- Head of `aaaaaaaaaaaaaaaaaaaaaaaaaa`: record 16, `0000000000000000000000000000000000000000000000000000000000000000`\n",
        "- gap: `a.0000.ndjson line 3 byte 40`, `one is missing`\n",
    ];
    for part in expected {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
}

#[test]
fn an_open_outcome_stands_at_the_top_and_empty_sections_say_so() {
    let mut entries = incident("value");
    entries.retain(|entry| entry.link.1 < 9);
    let verification = Verification {
        verdict: Verdict::OkUnsigned,
        records: 9,
        writers: 1,
        problems: vec![],
        checkpoints: vec![],
        heads: vec![],
        uncovered: None,
        aside_missing: 0,
        kept: None,
    };
    let text = report(&Incident::fold(&entries), &entries, &verification, &[]);
    assert!(
        text.contains("- **Unknown outcome**: `value` on `value`\n\n## Summary\n\nThe incident is open.\n"),
        "{text}"
    );
    assert!(text.contains("## Still in force\n\nNothing that was contained in this session stands"), "{text}");
    assert!(text.contains("- `value` (**started, outcome unknown**)\n"), "{text}");
    assert!(text.contains("## Evidence\n\nNone.\n"), "{text}");
    assert!(text.contains("The chain holds; it is not signed."), "{text}");
}

/// The report's shape without what stands in code: tags and our own words.
fn shape(markdown: &str) -> Vec<String> {
    let mut code = 0;
    let mut shape = Vec::new();
    for mark in Parser::new_ext(markdown, Options::all()) {
        match mark {
            Mark::Start(Tag::CodeBlock(_)) => code += 1,
            Mark::End(TagEnd::CodeBlock) => code -= 1,
            Mark::Code(_) => {}
            Mark::Text(_) if code > 0 => {}
            other => shape.push(format!("{other:?}")),
        }
    }
    shape
}

/// Own words and marks of a report, as a set: a text of several lines changes the count, never the kinds.
fn kinds(markdown: &str) -> std::collections::BTreeSet<String> {
    shape(markdown).into_iter().filter(|mark| !mark.contains("Text(") || !mark.contains("\": \"")).collect()
}

fn payloads() -> Vec<String> {
    let mut payloads: Vec<String> = [
        "[x](https://evil.example)",
        "![x](https://evil.example/a.png)",
        "<img src=x onerror=alert(1)>",
        "# heading",
        "a\n# heading\n",
        "`code` <b>",
        "``` \n```\n<script>",
        "a|b|c\n-|-|-\n",
        "- item\n\n    code",
        "https://evil.example www.evil.example",
        "<!channel> <@U1> @here",
        "*a* _b_ ~c~ $x$ [^1]\n[^1]: x",
        "`",
        "``",
        "a`",
        "`a",
        "\\`",
        "\\",
        " \u{a0} ",
        "x\n\n\ny",
        "x\n```\ny",
        "x\n~~~\n<i>",
        "\t\tx",
        "$$\nx\n$$",
        "> quote\n> <b>",
        "a\r\n\r\n<b>",
        "\u{2028}# x",
        "&lt;b&gt; &#35;",
    ]
    .map(str::to_owned)
    .to_vec();
    let Some(folder) = shared("payloads") else { return payloads };
    for family in ["markdown_html", "csi", "osc", "bidi", "log_forge", "zero_width_invisible", "c0_c1"] {
        let lines = std::fs::read_to_string(folder.join(family).with_extension("jsonl")).unwrap();
        payloads.extend(lines.lines().filter_map(|line| serde_json::from_str::<String>(line).ok()));
    }
    payloads
}

#[test]
fn outside_text_makes_no_markdown() {
    let own = ["value", "two\nlines", " "].iter().flat_map(|text| kinds(&written(text))).collect();
    for payload in payloads() {
        let report = written(&payload);
        let found = kinds(&report);
        let more: Vec<_> = found.difference(&own).collect();
        assert!(more.is_empty(), "{payload:?} makes {more:?} in\n{report}");
        let hidden = report.chars().find(|c| *c != '\n' && crate::text::is_hidden(*c));
        assert_eq!(hidden, None, "{payload:?}");
    }
}

#[test]
fn the_report_names_all_that_a_writer_was_in_aws() {
    let (_, mut next) = links();
    let open = |caller: Option<&str>| SegOpen {
        format: 1,
        session: Id::new("20261121T180000Z-x-k3j2h4g5").unwrap(),
        salt: "00".into(),
        tool: "quell".into(),
        host: "bastion".into(),
        user: "jo".into(),
        caller: caller.map(Untrusted::from),
        after: None,
        aside: None,
    };
    let entries: Vec<Entry> =
        [Some("one"), Some("two"), None, Some("one")].map(|caller| next(open(caller).into())).into();
    let incident = Incident::fold(&entries);
    let verification = Verification {
        verdict: Verdict::OkUnsigned,
        records: 4,
        writers: 1,
        problems: vec![],
        checkpoints: vec![],
        heads: vec![],
        uncovered: None,
        aside_missing: 0,
        kept: None,
    };
    let text = report(&incident, &entries, &verification, &[]);
    assert!(text.contains("- `jo` on `bastion`, as `one`, then `two` (writer `aaaaaaaaaa`)\n"), "{text}");
    let took = next(RoleSet { role: "lead".into(), who: "jo`\n# T".into(), on: true }.into());
    let entries = [entries.to_vec(), vec![took]].concat();
    let text = report(&Incident::fold(&entries), &entries, &verification, &[]);
    assert!(text.contains("- Role `lead`: ``jo` # T``, since 2026-11-21 18:00:05Z\n"), "{text}");
}

#[test]
fn the_report_tells_which_steps_were_not_for_the_incident() {
    let (w, mut next) = links();
    let line = |id: &str, when: Option<&str>| OutlineStep {
        id: Id::new(id).unwrap(),
        number: "1".into(),
        title: id.into(),
        phase: None,
        depth: 0,
        kind: StepKind::Manual,
        note_required: false,
        evidence: None,
        target: None,
        when: when.map(|text| crate::runbook::condition::Condition::read(text).unwrap()),
        each: when.is_none().then_some(crate::runbook::each::List::Hosts),
    };
    let book = RunbookOpened {
        id: Id::new("book").unwrap(),
        title: "Book".into(),
        version: None,
        sha256: "ef".into(),
        outline: vec![line("look", Some("var.size == small")), line("write", None)],
        blob: None,
        variables: Vec::new(),
        configured: Default::default(),
    };
    let sized = VariableSet { name: "size".into(), value: "large\n# Title".into(), from: "typed".into() };
    let host = |id: &str| EntityNoted {
        kind: EntityKind::Host,
        id: id.into(),
        provenance: Provenance::Typed,
        state: EntityState::Suspected,
    };
    let step = StepRef { rb: Link(w.clone(), 0), id: Id::new("write").unwrap(), row: 1 };
    let done = StepDone { step, note: None, each: Some("i-1".into()) };
    let events: Vec<Event> = vec![book.into(), sized.into(), host("i-1").into(), host("i-2").into(), done.into()];
    let entries: Vec<Entry> = events.into_iter().map(&mut next).collect();
    let verification = Verification {
        verdict: Verdict::OkUnsigned,
        records: 2,
        writers: 1,
        problems: vec![],
        checkpoints: vec![],
        heads: vec![],
        uncovered: None,
        aside_missing: 0,
        kept: None,
    };
    let text = report(&Incident::fold(&entries), &entries, &verification, &[]);
    assert_eq!(entries[0].link, Link(w, 0));
    assert!(text.contains("  - `1` `look`: not for this: `var.size is large"), "{text}");
    assert!(!text.contains("\n# Title"), "{text}");
    let each = "  - `[ ]` `1` `write`\n    - `[x]` `i-1`, 2026-11-21 18:00:05";
    assert!(text.contains(each) && text.contains("    - `[ ]` `i-2`\n"), "{text}");
}
