//! The incident report in Markdown: what happened, who did what when, what came of it, and how far it can be believed.
//! Times are UTC. It is a view: the records stay the evidence.

mod steps;
#[cfg(test)]
mod tests;
mod trust;

use super::markdown::{code, prose, span};
use crate::finding::Compact;
use crate::incident::*;
use crate::record::Verification;
use crate::text::{Untrusted, json};
use jiff::Timestamp;

/// The report of an incident: first what it still holds contained (`standing`: some lines for each, what it is first),
/// then what its fold, its records in order, and what verifying them said tell.
pub fn report(
    incident: &Incident,
    entries: &[Entry],
    verification: &Verification,
    standing: &[Vec<Untrusted>],
) -> String {
    let mut out = Out { text: String::new(), incident };
    out.title();
    out.section("Still in force", |out| out.standing(standing));
    out.section("Session", |out| out.head(entries));
    out.section("Summary", Out::summary);
    out.section("Who", Out::people);
    out.section("Findings", Out::findings);
    out.section("Entities", Out::entities);
    out.section("Runbook steps", Out::books);
    out.section("Actions", |out| out.incident.actions.values().for_each(|action| out.action(action)));
    out.section("Decisions", |out| out.decisions(entries));
    out.section("Notes", Out::notes);
    out.section("Evidence", Out::evidence);
    out.section("Timeline (UTC)", |out| out.timeline(entries));
    out.section("Clocks", Out::clocks);
    out.section("Integrity", |out| out.integrity(verification));
    out.text
}

struct Out<'a> {
    text: String,
    incident: &'a Incident,
}

fn utc(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

impl Out<'_> {
    fn line(&mut self, line: impl AsRef<str>) {
        self.text.push_str(line.as_ref());
        self.text.push('\n');
    }

    fn section(&mut self, heading: &str, fill: impl FnOnce(&mut Self)) {
        self.line(format!("\n## {heading}\n"));
        let start = self.text.len();
        fill(self);
        if self.text.len() == start {
            self.line("None.");
        }
    }

    /// A named value; nothing where there is none.
    fn field(&mut self, name: &str, value: Option<&Untrusted>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.line(format!("- {name}: {}", prose(value, 2)));
        }
    }

    /// A named value of a part of something.
    fn part(&mut self, name: &str, value: Option<&Untrusted>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.line(format!("  - {name}: {}", prose(value, 4)));
        }
    }

    fn stamp(&self, stamp: &Stamp) -> String {
        format!("{} by {}", utc(stamp.at), code(&self.incident.who(&stamp.by, stamp.n)))
    }

    fn title(&mut self) {
        self.line(format!("# Incident report: {}", code(&self.incident.title)));
        if self.incident.simulated {
            self.line("\n**SIMULATED**: the account exists inside quell alone.");
        }
        if self.incident.drill {
            self.line("\n**DRILL**: an exercise.");
        }
    }

    /// What somebody must know before all else: what is still shut, and how it is opened again.
    fn standing(&mut self, standing: &[Vec<Untrusted>]) {
        for lines in standing {
            for (at, words) in lines.iter().enumerate() {
                self.line(format!("{}- {}", if at == 0 { "" } else { "  " }, code(words)));
            }
        }
        self.line(match standing.is_empty() {
            true => "Nothing that was contained in this session stands, as far as its own records tell.",
            false => "\nAs far as this session's own records tell; `quell sessions in-force` looks over all of them.",
        });
    }

    fn head(&mut self, entries: &[Entry]) {
        let incident = self.incident;
        let session = entries.iter().find_map(|entry| match &entry.event {
            Event::SegOpen(open) => Some(open.session.as_str()),
            _ => None,
        });
        self.line(format!("- Session: {}", span(session.unwrap_or_default())));
        self.line(match &incident.closed {
            None => "- Status: open".to_owned(),
            Some(closed) => format!("- Status: closed as {}", closed.resolution.word()),
        });
        let label = incident.severity.label.map_or("none", |label| label.short());
        self.line(format!("- Severity: {label}"));
        if let Some(opened) = &incident.opened {
            self.line(format!("- Opened: {}", self.stamp(opened)));
        }
        if let Some(closed) = &incident.closed {
            self.line(format!("- Closed: {}", self.stamp(&closed.stamp)));
        }
        for (name, at) in &incident.milestones {
            self.line(format!("- Milestone {}: {}", code(name), utc(*at)));
        }
        for action in incident.open_actions() {
            let title = code(&action.plan.title);
            self.line(format!("- **Unknown outcome**: {title} on {}", code(&action.plan.target.resource)));
        }
    }

    fn summary(&mut self) {
        match &self.incident.closed {
            Some(closed) => self.line(prose(&closed.summary, 0).trim_start()),
            None => self.line("The incident is open."),
        }
    }

    fn people(&mut self) {
        for (id, writer) in &self.incident.writers {
            let callers: Vec<String> = writer.callers.iter().map(code).collect();
            let caller = if callers.is_empty() { String::new() } else { format!(", as {}", callers.join(", then ")) };
            let host = code(&writer.host);
            let user = code(&writer.user);
            if writer.named.is_empty() {
                self.line(format!("- {user} on {host}{caller} (writer `{}`)", short(id)));
            }
            for Named { named, .. } in &writer.named {
                let (name, from) = (code(&named.actor), named.from.word());
                self.line(format!("- {name} by {from}, user {user} on {host}{caller} (writer `{}`)", short(id)));
                self.part("Name read from", named.detail.as_ref());
            }
        }
        for held in &self.incident.roles {
            self.line(format!("- Role {}: {}, since {}", code(&held.role), code(&held.who), utc(held.stamp.at)));
        }
    }

    fn findings(&mut self) {
        for Attached { finding, stamp, verdict, .. } in &self.incident.findings {
            let Compact { id, kind, title, severity, account, region, resource, actor, .. } = finding;
            self.line(format!("- {}", code(kind.as_ref().or(title.as_ref()).unwrap_or(id))));
            self.part("Title", title.as_ref());
            self.part("Id", Some(id));
            self.part("Source", finding.source.as_ref());
            let score = severity.score.map_or(String::new(), |score| format!(" ({score})"));
            self.line(format!("  - Severity: {}{score}", severity.label.map_or("none", |label| label.short())));
            self.part("Account", account.as_ref());
            self.part("Region", region.as_ref());
            self.part("Resource kind", resource.kind.as_ref());
            self.part("Resource", resource.id.as_ref());
            self.part("Resource ARN", resource.arn.as_ref());
            self.part("Actor address", actor.ip.as_ref());
            self.part("Actor country", actor.country.as_ref());
            self.part("Actor principal", actor.principal.as_ref());
            self.part("Actor access key", actor.access_key.as_ref());
            for (name, at) in [("First seen", finding.first_seen), ("Last seen", finding.last_seen)] {
                if let Some(at) = at {
                    self.line(format!("  - {name}: {}", utc(at)));
                }
            }
            self.line(format!("  - Attached: {}", self.stamp(stamp)));
            self.line(format!("  - Verdict: {}", verdict.map_or("none", |verdict| verdict.word())));
            self.line(format!("  - SHA-256 of its bytes: {}", span(&finding.raw_sha256)));
        }
    }

    fn entities(&mut self) {
        for entity in &self.incident.entities {
            let (kind, state) = (entity.kind.word(), entity.state.word());
            self.line(format!("- {} ({kind}): {state}, {}", code(&entity.id), self.stamp(&entity.stamp)));
        }
    }

    fn action(&mut self, action: &ActionState) {
        let Plan { target, requests, facts, undo, undo_of, .. } = &action.plan;
        let Link(writer, n) = &action.link;
        self.line(format!("- {} ({})", code(&action.plan.title), life(action.life)));
        self.line(format!("  - Action: `{}/{n}`, kind `{}`", short(writer), action.plan.kind));
        self.part("Resource", Some(&target.resource));
        self.part("Account", Some(&target.account));
        self.part("Region", Some(&target.region));
        self.through(target);
        for request in requests {
            let call = format!("{}:{}", request.service, request.operation);
            let input = json::to_string(&request.input).unwrap_or_default();
            self.line(format!("  - Request: {} {}", span(&call), code(&input.into())));
        }
        self.facts("Read before", facts);
        for (name, all) in [("Destroys", &action.plan.destroys), ("Breaks", &action.plan.breaks)] {
            all.iter().for_each(|text| self.part(name, Some(text)));
        }
        self.line(format!("  - Planned: {}", self.stamp(&action.stamp)));
        for (name, stamp) in [
            ("Approved", &action.approved),
            ("Seconded", &action.seconded),
            ("Started", &action.started),
            ("Ended", &action.ended),
        ] {
            if let Some(stamp) = stamp {
                self.line(format!("  - {name}: {}", self.stamp(stamp)));
            }
        }
        self.part("Gesture", action.gesture.as_ref());
        self.part(if action.life == Life::Succeeded { "Outcome" } else { "Said" }, action.words.as_ref());
        for id in &action.request_ids {
            self.part("AWS request id", Some(id));
        }
        self.facts("Read after", &action.facts);
        if let Some((holds, facts)) = &action.verified {
            let word = match holds {
                Some(true) => "read back and as wanted",
                Some(false) => "**read back and not as wanted**",
                None if nothing_to_verify(facts) => "nothing to verify",
                None => "could not be verified",
            };
            self.line(format!("  - Verification: {word}"));
            self.facts("Read back", facts);
        }
        self.part("Undo", Some(undo));
        for (name, link) in [("Undo of", undo_of), ("Undone by", &action.undone_by)] {
            if let Some(Link(writer, n)) = link {
                self.line(format!("  - {name}: `{}/{n}`", short(writer)));
            }
        }
        self.line(format!("  - Plan: {}", span(&action.plan_hash)));
    }

    /// As whom it was done, where it was not the responder's own credentials.
    fn through(&mut self, target: &Target) {
        let Some(through) = &target.through else { return };
        self.part("As", Some(&through.role));
        self.part("Role session", Some(&through.session));
        self.part("Source identity", through.source.as_ref());
        match through.permitted() {
            None => self.line("  - Session policy: none, it could do all that the role may"),
            Some(all) => all.iter().for_each(|one| self.part("Session policy", Some(&one.words))),
        }
    }

    fn facts(&mut self, name: &str, facts: &[Fact]) {
        for fact in facts {
            self.line(format!("  - {name}: {} = {}", code(&fact.name), code(&fact.value)));
        }
    }

    fn decisions(&mut self, entries: &[Entry]) {
        for entry in entries {
            if let Event::DecisionMade(made) = &entry.event {
                let step = self.incident.step(&made.step).map(|(_, step, _)| code(&step.title));
                let step = step.unwrap_or_else(|| span(made.step.id.as_str()));
                let when = self.stamp(&Stamp::of(entry));
                self.line(format!("- {step}: {}, {when}", code(&made.choice)));
                self.part("Why", Some(&made.why));
            }
        }
    }

    fn notes(&mut self) {
        for note in &self.incident.notes {
            self.field(&self.stamp(&note.stamp), Some(&note.text));
        }
    }

    fn evidence(&mut self) {
        for piece in &self.incident.evidence {
            let (name, when) = (code(&piece.name), self.stamp(&piece.stamp));
            self.line(format!("- {name}: {} bytes, SHA-256 {}, {when}", piece.size, code(&piece.blob.as_str().into())));
            self.part("How", Some(&piece.how));
            let Link(writer, n) = &piece.link;
            self.line(format!("  - Record: `{}/{n}`", short(writer)));
            if let Some(run) = &piece.run {
                let argv = json::to_string(&run.argv).unwrap_or_default();
                self.line(format!("  - Ran: {} as {}", code(&run.path), code(&argv.into())));
            }
            if let Some(why) = &piece.masked {
                self.line(format!("  - Content: {}", span(&mask::instead(why))));
            }
            for custody in &piece.custody {
                self.custody(custody);
            }
        }
    }

    fn custody(&mut self, custody: &Custody) {
        let Stamp { by, .. } = &custody.stamp;
        let host = self.incident.writers.get(by).map(|writer| format!(" on {}", code(&writer.host)));
        let mut line = format!("  - Custody: {} {}", code(&custody.what), self.stamp(&custody.stamp));
        line.push_str(&host.unwrap_or_default());
        for (word, part) in custody.parts() {
            line.push_str(&format!(", {word} {}", code(part)));
        }
        line.push_str(custody.hash_words());
        if !custody.why.is_empty() {
            line.push_str(&format!(": {}", code(&custody.why)));
        }
        self.line(line);
    }

    fn timeline(&mut self, entries: &[Entry]) {
        for entry in entries {
            let (weight, words) = describe(&entry.event, self.incident);
            let words = span(&words);
            let words = if weight == Weight::Failure { format!("**{words}**") } else { words };
            let who = code(&self.incident.who(&entry.link.0, entry.link.1));
            let jump = self.incident.jumps.get(&entry.link).map(|jump| self.incident.jump_words(jump));
            let jump = jump.map_or(String::new(), |words| format!(" **{}**", span(&words)));
            self.line(format!("- {} {who} {words}{jump}", utc(entry.happened())));
        }
    }
}

fn life(life: Life) -> &'static str {
    match life {
        Life::Planned => "planned, not done",
        Life::Cancelled => "cancelled",
        Life::Approved | Life::Queued => "approved, not started",
        Life::Started => "**started, outcome unknown**",
        Life::Succeeded => "succeeded",
        Life::Failed => "**failed**",
        Life::Unknown => "**outcome unknown**",
    }
}
