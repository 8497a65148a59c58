//! Finding types as GuardDuty writes them, told from other words.

/// What GuardDuty's types start with ("Finding types" of the GuardDuty user guide); a placeholder starts otherwise.
const PURPOSES: &[&str] = &[
    "AttackSequence",
    "Backdoor",
    "Behavior",
    "Collection",
    "CredentialAccess",
    "CryptoCurrency",
    "DefenseEvasion",
    "DefenseImpairment",
    "Discovery",
    "Execution",
    "Exfiltration",
    "Impact",
    "InitialAccess",
    "LateralMovement",
    "Object",
    "PenTest",
    "Persistence",
    "Policy",
    "PrivilegeEscalation",
    "Recon",
    "ResourceDevelopment",
    "Stealth",
    "Trojan",
    "UnauthorizedAccess",
];

/// Whether a word is a GuardDuty type: `Purpose:Resource/Family[.Mechanism][!Artifact]`, with `*` allowed.
pub(super) fn is_type(word: &str) -> bool {
    let Some((purpose, rest)) = word.split_once(':') else { return false };
    let Some((resource, family)) = rest.split_once('/') else { return false };
    PURPOSES.contains(&purpose)
        && !resource.is_empty()
        && resource.bytes().all(|b| b.is_ascii_alphanumeric())
        && !family.is_empty()
        && family.bytes().all(|b| b.is_ascii_alphanumeric() || b"._!&-*\\".contains(&b))
}
