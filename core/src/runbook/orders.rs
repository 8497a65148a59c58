//! Whether a sentence tells somebody to do something (P6): known by its first words.

use std::collections::HashSet;
use std::sync::LazyLock;

/// First words of orders. Counts of them are from 1,450 public playbooks.
const VERBS: &str = "
    abort accept acquire activate add adjust advise aggregate agree alert allow allowlist analyse analyze announce answer
    append apply approve archive arrange ask assemble assess assign attach attend audit authenticate authorize automate
    avoid back backup be begin blacklist block blocklist bring build call cancel capture categorize change check choose
    classify click clone close collect communicate compare compile conduct configure confirm connect consider consult
    contact contain continue convene convert coordinate copy cordon correlate create cut deactivate decide declare decode
    decrypt define delegate delete deny deploy deregister derive describe designate detach detect determine develop
    diagnose disable disassociate disconnect discover discuss dispatch distribute document download downgrade draft drain
    dump edit email eliminate enable encrypt enforce engage enrich ensure enter enumerate eradicate erase escalate establish
    estimate evaluate evict examine execute expand expire explain export extract facilitate fetch fill filter find fix
    flag flush follow forward freeze gain gather generate get give grant guard halt hand harden help hunt identify
    implement import include increase inform initialize initiate insert inspect install instruct inventory investigate
    invite invoke isolate issue join keep kill label launch leave limit list locate lock log look lookup maintain make
    manage map mark measure merge migrate minimize mitigate modify monitor mount move mute navigate normalize note notify
    obtain open page participate patch pause perform phone pivot plan prefer prefix prepare preserve prevent prioritize proceed
    produce prohibit promote protect prove provide provision publish pull purge push put quarantine query quiesce raise
    reach read reassign reboot rebuild recheck reconnect record recover recreate redeploy redirect reduce re-enable
    reenable refresh re-image reimage register reinforce reinstall reinstate reject release relocate remediate remind
    remove rename renew reopen repair repeat replace report request reset resolve respond restart restore restrict resume
    retain retrieve retry return reverse review revert revisit revoke roll rollback rotate run save scale scan schedule
    search segment select send set setup share shut shutdown shadow silence sinkhole skip snapshot specify start stop
    store submit subscribe suspend switch tag taint take talk tell terminate test throttle trace track transfer treat
    triage trigger troubleshoot try tune turn uncordon understand uninstall unmount unplug unsubscribe update upgrade
    upload use validate verify visit wait warn watch whitelist wipe withdraw work write";

/// Orders only before a word that shows that something particular is meant: else they are nouns or adjectives.
const DETERMINED: [&str; 19] = [
    "access", "clean", "clear", "complete", "cover", "file", "force", "image", "lead", "link", "mirror", "overview",
    "post", "present", "rank", "scope", "secure", "separate", "sign",
];

/// Words that show it.
const DETERMINERS: [&str; 27] = [
    "the", "a", "an", "all", "any", "both", "each", "every", "its", "their", "your", "our", "this", "that", "these",
    "those", "it", "them", "up", "out", "off", "in", "into", "whether", "what", "which", "who",
];

/// Orders that are as often the first word of a name: `Log sources: …`.
const NOUNS: [&str; 24] = [
    "alert", "audit", "call", "change", "contact", "document", "issue", "label", "limit", "list", "log", "map", "note",
    "page", "patch", "plan", "query", "record", "release", "report", "request", "search", "store", "test",
];

/// Words that may stand before an order.
const ADVERBS: [&str; 13] = [
    "also",
    "always",
    "carefully",
    "finally",
    "first",
    "immediately",
    "never",
    "next",
    "now",
    "occasionally",
    "please",
    "regularly",
    "then",
];

/// Whether a text starts by telling somebody to do something, or not to.
pub(super) fn is_order(text: &str) -> bool {
    static KNOWN: LazyLock<HashSet<&str>> = LazyLock::new(|| VERBS.split_whitespace().collect());
    // Shortcodes, components and admonitions.
    if text.trim_start().starts_with(['{', '<', '!']) {
        return false;
    }
    let mut polite = false;
    let mut words = text
        .split(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '\'' | '\u{2019}'))
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .skip_while(|word| {
            polite |= word == "please";
            ADVERBS.contains(&word.as_str())
        });
    let (Some(first), second) = (words.next(), words.next().unwrap_or_default()) else { return false };
    match first.as_str() {
        "don't" | "don\u{2019}t" => true,
        "do" => second == "not",
        "note" if polite || matches!(second.as_str(), "that" | "this") => false,
        first if DETERMINED.contains(&first) => DETERMINERS.contains(&second.as_str()),
        // `Review of the rules`
        _ if second == "of" => false,
        first if NOUNS.contains(&first) && is_name(text, &second) => false,
        first => KNOWN.contains(first),
    }
}

/// Whether a text starts with a name of up to three words and a colon, and goes on behind it.
fn is_name(text: &str, second: &str) -> bool {
    let Some((name, rest)) = text.split_once(':') else { return false };
    let words = name.split_whitespace().count();
    !rest.trim().is_empty() && (words == 1 || (words <= 3 && !DETERMINERS.contains(&second)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_known_by_their_first_words() {
        for order in [
            "**Isolate** the instance",
            "Do not shut it down",
            "Don\u{2019}t pay",
            "Never email the key: call",
            "Immediately revoke its sessions",
            "Turn off the host",
            "Setup a channel",
            "Clear the cache",
            "Log all calls: who, when",
            "Check:",
            "Contain such accounts: lock them",
            "Contact local police",
            "Document:",
            "Be honest",
        ] {
            assert!(is_order(order), "{order}");
        }
    }

    #[test]
    fn nouns_and_adjectives_give_no_order() {
        for other in [
            "",
            "Amazon GuardDuty enabled",
            "Log sources: trails, flows",
            "Note: it stops",
            "Note that it stops",
            "Please note: hosts stop",
            "Review of the rules",
            "Clear lines of command help",
            "Access logs show who came",
            "Always",
            "Do you know it",
            "Unblocked hosts",
            "{{< note >}}It stops",
            "<Check id=\"a\" />",
        ] {
            assert!(!is_order(other), "{other}");
        }
    }
}
