//! The name in an OpenSSH certificate, out of the file that sshd writes where `ExposeAuthInfo` is set.
//!
//! A reader of our own: a certificate is a row of strings with their lengths before them, of which the key's own are
//! skipped. Nothing is verified here: sshd has done that before it let the person in, and whoever can put another file
//! in the place of sshd's can write the log too.

use super::actor::ActorFrom;
use super::event::WriterNamed;
use crate::text::Untrusted;

/// How many strings a key's own part has, by the certificate's type.
const KINDS: [(&str, usize); 8] = [
    ("ssh-rsa-cert-v01@openssh.com", 2),
    ("ssh-dss-cert-v01@openssh.com", 4),
    ("ssh-ed25519-cert-v01@openssh.com", 1),
    ("ecdsa-sha2-nistp256-cert-v01@openssh.com", 2),
    ("ecdsa-sha2-nistp384-cert-v01@openssh.com", 2),
    ("ecdsa-sha2-nistp521-cert-v01@openssh.com", 2),
    ("sk-ssh-ed25519-cert-v01@openssh.com", 2),
    ("sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", 3),
];

/// A certificate for a user; a host's is 2.
const USER: u32 = 1;

/// Logins that many share: they name nobody.
const SHARED: [&str; 11] =
    ["root", "admin", "administrator", "ubuntu", "ec2-user", "centos", "debian", "fedora", "rocky", "opc", "ssm-user"];

/// The name in what sshd tells of how somebody logged in as `user`: the first principal of the certificate that is
/// neither that login nor one that many share; else the certificate's key id where the login is shared; else its first
/// principal. Anything but a certificate of a user gives none.
pub fn of_certificate(auth: &[u8], user: &str) -> Option<WriterNamed> {
    let text = std::str::from_utf8(auth).ok()?;
    text.lines().find_map(|line| {
        let mut words = line.split(' ');
        let certificate = match (words.next(), words.next(), words.next()) {
            (Some("publickey"), Some(kind), Some(blob)) => {
                let blob = data_encoding::BASE64.decode(blob.as_bytes()).ok()?;
                Certificate::read(kind, &blob)?
            }
            _ => return None,
        };
        certificate.name(user)
    })
}

struct Certificate {
    serial: u64,
    key_id: Untrusted,
    principals: Vec<Untrusted>,
}

impl Certificate {
    fn read(kind: &str, blob: &[u8]) -> Option<Self> {
        let (_, own) = KINDS.into_iter().find(|(known, _)| *known == kind)?;
        let mut wire = Wire(blob);
        if wire.string()? != kind.as_bytes() {
            return None;
        }
        let _nonce = wire.string()?;
        for _ in 0..own {
            wire.string()?;
        }
        let serial = u64::from_be_bytes(wire.take()?);
        if u32::from_be_bytes(wire.take()?) != USER {
            return None;
        }
        let key_id = Untrusted::from_bytes(wire.string()?);
        let mut inner = Wire(wire.string()?);
        let mut principals = Vec::new();
        while !inner.0.is_empty() {
            principals.push(Untrusted::from_bytes(inner.string()?));
        }
        Some(Self { serial, key_id, principals })
    }

    fn name(&self, user: &str) -> Option<WriterNamed> {
        let Self { serial, key_id, principals } = self;
        let is = |name: &Untrusted, login: &str| *name == Untrusted::from(login);
        let shared = |name: &Untrusted| SHARED.iter().any(|login| is(name, login));
        let own = principals.iter().find(|name| !is(name, user) && !shared(name) && !name.is_empty());
        let login = principals.iter().find(|name| !shared(name) && !name.is_empty());
        let id = Some(key_id).filter(|id| !id.is_empty());
        let name = own.or(login).or(id).or(principals.first())?;
        let named = WriterNamed::new(name, ActorFrom::SshCertificate)?;
        let all: Vec<String> = principals.iter().map(|name| name.line().into_string()).collect();
        let detail = format!("principals {}; key id {}; serial {serial}", all.join(","), key_id.line());
        Some(WriterNamed { detail: Some(detail.chars().take(1024).collect::<String>().as_str().into()), ..named })
    }
}

/// Bytes as SSH writes them.
struct Wire<'a>(&'a [u8]);

impl<'a> Wire<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*bytes)
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        let length = u32::from_be_bytes(self.take()?) as usize;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }
}
