use super::*;
use crate::aws::fake::run;
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

fn hook(url: &str) -> Hook {
    Hook::new(Id::new(url).unwrap())
}

#[test]
fn of_an_address_the_host_and_a_hash_are_shown() {
    let whole = hook("https://hooks.example.com:8443/T0/secret?x=1");
    assert_eq!((whole.host(), whole.parts().1), ("hooks.example.com:8443", "/T0/secret?x=1"));
    // By hand: printf %s https://hooks.example.com/a | sha256sum
    assert_eq!(hook("https://hooks.example.com/a").fingerprint(), "sha256 878390d4c2eeee07");
    assert_eq!(hook("https://hooks.example.com").parts(), ("hooks.example.com", "/"));
}

/// A machine's look-ups that say another thing each time, the last for ever.
#[derive(Clone, Debug)]
struct Names(Arc<Vec<Vec<IpAddr>>>, Arc<AtomicUsize>);

impl Names {
    fn of(answers: &[&[&str]]) -> Self {
        let all = answers.iter().map(|found| found.iter().map(|ip| ip.parse().unwrap()).collect());
        Self(Arc::new(all.collect()), Arc::default())
    }
}

impl ResolveDns for Names {
    fn resolve_dns<'a>(&'a self, _: &'a str) -> DnsFuture<'a> {
        let at = self.1.fetch_add(1, Ordering::Relaxed).min(self.0.len() - 1);
        DnsFuture::ready(Ok(self.0[at].clone()))
    }
}

/// What a connector with such names makes of a request to a port of this machine, and how often somebody connected.
fn tried(answers: &[&[&str]]) -> (Posted, usize) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let connector = connector(Checked(Names::of(answers)));
    let request = http::Request::post(format!("https://hooks.example.com:{port}/")).body(SdkBody::from("{}")).unwrap();
    let error = run(connector.call(HttpRequest::try_from(request).unwrap())).unwrap_err();
    let response = SdkError::dispatch_failure(error);
    (told(Err(response)), usize::from(listener.accept().is_ok()))
}

#[test]
fn a_name_that_leads_inside_is_not_connected_to() {
    for (found, said) in [
        (&["127.0.0.1"][..], "its name leads to 127.0.0.1, an address that is of this machine"),
        // One good address beside it is no excuse.
        (
            &["1.1.1.1", "::ffff:127.0.0.1"][..],
            "its name leads to ::ffff:127.0.0.1, an address that is of this machine",
        ),
        (
            &["169.254.169.254"][..],
            "its name leads to 169.254.169.254, an address that is link-local, where metadata services are",
        ),
    ] {
        assert_eq!(tried(&[found]), (Posted::NotSent(said.into()), 0), "{found:?}");
    }
}

#[test]
fn what_was_looked_at_is_what_is_given_out() {
    let names = Names::of(&[&["1.1.1.1"], &["127.0.0.1"]]);
    let checked = Checked(names.clone());
    let first = run(checked.resolve_dns("hooks.example.com")).unwrap();
    assert_eq!((first, names.1.load(Ordering::Relaxed)), (vec!["1.1.1.1".parse::<IpAddr>().unwrap()], 1));
    // A name that leads elsewhere a moment later is looked at anew.
    assert!(run(checked.resolve_dns("hooks.example.com")).is_err());
}

#[test]
fn what_can_not_have_come_to_the_host_is_not_sent_and_all_else_unknown() {
    let of = |kind: io::ErrorKind| {
        let error = aws_smithy_runtime_api::client::result::ConnectorError::io(io::Error::from(kind).into());
        told(Err(SdkError::dispatch_failure(error)))
    };
    assert_eq!(of(io::ErrorKind::ConnectionRefused), Posted::NotSent("no connection to it came about".into()));
    let lost = Posted::Unknown("the connection ended before an answer came".into());
    assert_eq!(of(io::ErrorKind::ConnectionReset), lost);
    let late = told(Err(SdkError::timeout_error("late")));
    assert_eq!(late, Posted::Unknown("it did not answer in time".into()));
    // Nobody listens there: a connection that does not come about.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let connector = connector(Names::of(&[&["127.0.0.1"]]));
    let request = http::Request::post(format!("https://hooks.example.com:{port}/")).body(SdkBody::from("{}")).unwrap();
    let error = run(connector.call(HttpRequest::try_from(request).unwrap())).unwrap_err();
    let nobody = told(Err(SdkError::dispatch_failure(error)));
    assert_eq!(nobody, Posted::NotSent("no connection to it came about".into()));
}

/// A host that does not speak TLS is posted nothing.
#[test]
fn a_host_without_a_certificate_gets_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Arc::<Mutex<Vec<u8>>>::default();
    let ears = heard.clone();
    let plain = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut bytes = [0; 1024];
        let read = std::io::Read::read(&mut stream, &mut bytes).unwrap();
        ears.lock().unwrap().extend(&bytes[..read]);
        std::io::Write::write_all(&mut stream, b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
    });
    let connector = connector(Names::of(&[&["127.0.0.1"]]));
    let url = format!("https://hooks.example.com:{port}/secret-path");
    let request = http::Request::post(url).body(SdkBody::from("{\"told\":1}")).unwrap();
    let error = run(connector.call(HttpRequest::try_from(request).unwrap())).unwrap_err();
    plain.join().unwrap();
    assert_eq!(told(Err(SdkError::dispatch_failure(error))), Posted::NotSent("no connection to it came about".into()));
    let heard = String::from_utf8_lossy(&heard.lock().unwrap()).into_owned();
    assert!(!heard.contains("secret-path") && !heard.contains("told"), "{heard}");
}
