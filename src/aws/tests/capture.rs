use super::*;
use crate::aws::fake::run;
use crate::aws::{Captured, ErrorClass, Failure, captured};
use aws_sdk_guardduty::operation::get_findings::GetFindingsOutput;

/// One finding with a field that no SDK knows and a severity as text, which the typed reading can't take.
const ODD: &str = r#"{"findings":[{"id":"1","severity":"5.0","someNewField":{"a":[1]}}]}"#;

fn ask(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> (Result<Captured, Failure>, Fake) {
    let (connection, fake) = real(script);
    let reader = connection.reader("eu-west-1");
    let call = reader.guardduty().get_findings().detector_id("d").finding_ids("1");
    (run(async { captured!(call, GetFindingsOutput::builder().build()) }), fake)
}

#[test]
fn bytes_survive_that_the_types_refuse() {
    for answer in [Answer::ok(ODD), Answer::Pieces(200, ODD.as_bytes().to_vec(), false)] {
        let typed = {
            let answer = answer.clone();
            let (connection, _) = real(move |_| answer.clone());
            run(connection.reader("eu-west-1").guardduty().get_findings().detector_id("d").finding_ids("1").send())
        };
        assert!(typed.is_err());
        let captured = ask(move |_| answer.clone()).0.unwrap();
        assert_eq!(captured.body.as_ref(), ODD.as_bytes());
        assert_eq!(captured.request_id.unwrap().line().as_str(), "req-1");
        assert_eq!(captured.date.unwrap().line().as_str(), "Sat, 21 Nov 2026 19:30:00 GMT");
    }
}

#[test]
fn a_cut_body_is_an_error_and_never_nothing() {
    let cut = [
        Answer::Pieces(200, ODD.as_bytes().to_vec(), true),
        // In memory the SDK would read an empty body as "no findings"; the length says otherwise.
        Answer::Short(200, Vec::new(), 70),
        Answer::Short(200, ODD.as_bytes()[..40].to_vec(), 70),
    ];
    for answer in cut {
        let failure = ask({
            let answer = answer.clone();
            move |_| answer.clone()
        });
        assert_eq!(failure.0.unwrap_err().class, ErrorClass::Unreadable, "{answer:?}");
    }
}

#[test]
fn a_refusal_is_read_as_one() {
    let (result, _) = ask(|_| Answer::refused(403, "AccessDeniedException", r#"{"message":"no"}"#));
    assert_eq!(result.unwrap_err().class, ErrorClass::Denied);
}

#[test]
fn a_retry_s_answer_is_the_one_that_counts() {
    let tries = std::sync::atomic::AtomicUsize::new(0);
    let (result, fake) = ask(move |_| match tries.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
        0 => Answer::refused(500, "InternalServerErrorException", "{}"),
        _ => Answer::ok(ODD),
    });
    assert_eq!(result.unwrap().body.as_ref(), ODD.as_bytes());
    assert_eq!(fake.operations().len(), 2);
}

#[test]
fn findings_of_security_hub_are_never_read_by_type() {
    let fake = Fake::new(|_| Answer::ok(r#"{"Findings":[]}"#));
    let allow = Allow { read: vec![("SecurityHub", "GetFindings")], ..Allow::default() };
    let connection = fake.connection(ConnectionKind::Real, ConnectOptions::default(), allow);
    let reader = connection.reader("eu-west-1");
    let error = run(reader.securityhub().get_findings().send()).unwrap_err();
    assert_eq!(Failure::of(&error).class, ErrorClass::Refused);
    assert!(fake.operations().is_empty());
    let call = reader.securityhub().get_findings();
    use aws_sdk_securityhub::operation::get_findings::GetFindingsOutput as Hub;
    assert!(run(async { captured!(call, Hub::builder().build()) }).is_ok());
}
