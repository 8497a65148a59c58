//! Identifiers of what quell writes as CACAO: the same runbook has the same ones each time.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// The namespace that CACAO 2.0 (10.10, identifier) gives for playbooks whose name portion follows its rules.
const NAMESPACE: Uuid = Uuid::from_u128(0xaa7c_af3a_d55a_4e9a_b34e_0562_15fb_a56a);

/// A playbook's identifier: UUIDv5 of its name and its types as canonical JSON.
pub(super) fn playbook(name: &str, types: &[&str]) -> String {
    // Two keys in order of name and no numbers: what serde_json writes is the canonical form.
    let portion = match types {
        [] => json!({ "name": name }),
        _ => json!({ "name": name, "playbook_types": types }),
    };
    format!("playbook--{}", Uuid::new_v5(&NAMESPACE, Value::to_string(&portion).as_bytes()).hyphenated())
}

/// The identifier of any other object. CACAO wants version 4 for steps, and forbids its namespace for all that is no
/// playbook: these are the digest's bits in the form of version 4.
pub(super) fn object(kind: &str, runbook: &str, name: &str) -> String {
    let mut bytes = [0; 16];
    // A name can't hold the byte that stands between them.
    let digest = Sha256::digest([kind, runbook, name].join("\0"));
    bytes.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    format!("{kind}--{}", Builder::from_random_bytes(bytes).into_uuid().hyphenated())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_the_same_each_time_and_differ() {
        // uuid5(UUID("aa7caf3a-d55a-4e9a-b34e-056215fba56a"), '{"name":"Mine","playbook_types":["mitigation"]}')
        assert_eq!(playbook("Mine", &["mitigation"]), "playbook--c27345de-e582-57f6-9d8e-f72c90a0468e");
        let step = object("action", "mine", "isolate");
        assert_eq!(step, "action--240a95ac-45a9-4e32-b00e-9769f35dd178");
        assert_ne!(object("action", "mine", "other"), step);
        assert_ne!(object("action", "another", "isolate"), step);
        assert_ne!(&object("end", "mine", "isolate")[5..], &step[8..]);
    }
}
