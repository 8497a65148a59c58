use super::*;
use crate::aws::fake::run;
use crate::aws::{Capture, Captured, Slot};

/// One finding with a field that no SDK knows and a severity as text, which the typed reading can't take.
const ODD: &str = r#"{"findings":[{"id":"1","severity":"5.0","someNewField":{"a":[1]}}]}"#;

fn captured(answer: Answer) -> (bool, Option<Captured>) {
    let (connection, _) = real(move |_| answer.clone());
    let slot = Slot::default();
    let reader = connection.reader("eu-west-1");
    let call = reader.guardduty().get_findings().detector_id("d").finding_ids("1");
    let result = run(call.customize().interceptor(Capture(slot.clone())).send());
    (result.is_ok(), slot.take())
}

#[test]
fn bytes_survive_a_typed_reading_that_fails() {
    for answer in [Answer::ok(ODD), Answer::Pieces(200, ODD.as_bytes().to_vec(), false)] {
        let (typed, captured) = captured(answer);
        let captured = captured.unwrap();
        assert!(!typed);
        assert_eq!(captured.status, 200);
        assert_eq!(captured.body.unwrap().as_ref(), ODD.as_bytes());
        assert_eq!(captured.request_id.unwrap().line().as_str(), "req-1");
        assert_eq!(captured.date.unwrap().line().as_str(), "Sat, 21 Nov 2026 19:30:00 GMT");
    }
}

#[test]
fn a_cut_body_is_an_error_and_never_nothing() {
    let (typed, cut) = captured(Answer::Pieces(200, ODD.as_bytes().to_vec(), true));
    assert!(!typed);
    assert!(cut.is_none_or(|cut| cut.body.is_err()));
    // In memory the SDK would read an empty body as "no findings"; the length says otherwise.
    let (_, short) = captured(Answer::Short(200, Vec::new(), 70));
    assert!(short.unwrap().body.is_err());
}
