//! What is left open in commands, in the ways of many teams.

use super::*;

fn found(text: &str) -> Vec<(String, String)> {
    find(text).into_iter().map(|one| (one.span.to_owned(), one.key)).collect()
}

#[track_caller]
fn is(text: &str, span: &str, key: &str) {
    assert_eq!(found(text), [(span.to_owned(), key.to_owned())], "{text}");
}

#[test]
fn what_is_left_open_is_found_in_each_way_of_writing() {
    is("aws x --id <instance-id>", "<instance-id>", "instance_id");
    is("aws x --id <Instance ID>", "<Instance ID>", "instance_id");
    is("aws x --id \"<your-account-id>\"", "<your-account-id>", "account_id");
    is("aws x --id ${INSTANCE_ID}", "${INSTANCE_ID}", "instance_id");
    is("aws x --id $INSTANCE_ID", "$INSTANCE_ID", "instance_id");
    is("aws s3 ls s3://[BUCKET_NAME]/x", "[BUCKET_NAME]", "bucket_name");
    is("aws x --id YOUR_ACCOUNT_ID", "YOUR_ACCOUNT_ID", "account_id");
    is("aws s3 ls s3://your-bucket/x", "your-bucket", "bucket");
    is("aws x i-xxxxxxxx", "i-xxxxxxxx", "instance_id");
    is("aws x sg-XXXX", "sg-XXXX", "security_group_id");
    is("arn:aws:iam::111122223333:role/x", "111122223333", "account_id");
    is("aws x # TODO: ask Jo", "TODO: ask Jo", "");
    is("aws x --day [2ND_DAY] [DAY_2ND]", "[DAY_2ND]", "day_2nd");
    is("aws x --rule <web.acl 1>", "<web.acl 1>", "web_acl_1");
    let two = found("aws x <a-b> $ACCOUNT_ID");
    assert_eq!(two.iter().map(|(_, key)| key.as_str()).collect::<Vec<_>>(), ["a_b", "account_id"]);
    assert_eq!(find("aws \u{e9}\u{e9} <id>")[0].at, 9);
}

#[test]
fn what_the_shell_or_html_means_is_no_placeholder() {
    for text in [
        "cat < in.txt > out.txt",
        "cat <in.txt >out.txt",
        "cat <<EOF\nx\nEOF",
        "diff <(a) <(b)",
        "one<br>two <b>three</b>",
        "echo $? $1 $(date) $$ $HOME ${PATH} $AWS_PROFILE",
        "awk '{ print $NF }' | jq .Items[0] .[]",
        "echo \\$INSTANCE_ID",
        "ID=$(aws x)\nexport AWS_REGION=eu-west-1\naws y --id $ID $AWS_REGION",
        "for BUCKET in $(aws s3 ls); do aws s3 rm $BUCKET; done",
        "aws x | while read -r TRAIL_NAME; do echo ${TRAIL_NAME}; done",
        "[ -f x ] && [[ $a == [a-z]* ]] && echo ${a[INDEX]}",
        "aws x --id i-0abc12d34e5f67890 1111222233334 my-your-bucket sg-xx",
        "<a very long text that goes on and on and is no name of anything>",
        "echo <open\nand closed>",
        "TODOS: x",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
    // Before it has a value it is open.
    is("aws y --id $ID_OF\nID_OF=1", "$ID_OF", "id_of");
}

fn filled(text: &str, values: &[(&str, &str)]) -> (String, Vec<String>) {
    let lookup = |name: &str| values.iter().find(|(own, _)| *own == name).map(|(_, value)| Untrusted::from(*value));
    let Filled { text, missing } = fill(&text.into(), &lookup);
    (text.clean(Shape::Block).into_string(), missing.iter().map(ToString::to_string).collect())
}

#[test]
fn the_finding_fills_what_is_meant_of_it_and_variables_the_rest() {
    let ec2 = [
        ("finding.resource.kind", "AWS::EC2::Instance"),
        ("finding.resource.id", "i-0abc12d34e5f67890"),
        ("finding.region", "eu-west-1"),
        ("var.ticket", "T-7"),
    ];
    assert_eq!(
        filled("aws x --id <instance-id> --region ${AWS_REGION} --b <bucket-name> --t [TICKET]", &ec2),
        (
            "aws x --id i-0abc12d34e5f67890 --region eu-west-1 --b <bucket-name> --t T-7".to_owned(),
            vec!["var.bucket_name".to_owned()]
        )
    );
    // Of another resource it is not the id, and what was typed for it is.
    let bucket = [("finding.resource.kind", "AWS::S3::Bucket"), ("finding.resource.id", "b-1")];
    assert_eq!(filled("x <instance-id> <bucket>", &bucket).0, "x <instance-id> b-1");
    let typed = [("var.instance_id", "i-1")];
    assert_eq!(filled("x \"Values=<instance-id>\" {{ var.instance_id }}", &typed).0, "x \"Values=i-1\" i-1");
    assert_eq!(filled("x # TODO: which?", &[]).1, ["TODO"]);
    assert_eq!(filled("x {{ finding.id }} {{ other }}", &[]).1, ["finding.id"]);
}

#[test]
fn a_value_is_one_word_or_is_not_put_in() {
    let one = |value: &str, text: &str| filled(text, &[("var.name", value)]);
    let open = |text: &str| (text.to_owned(), vec!["var.name".to_owned()]);
    assert_eq!(one("a b'; rm -rf /", "x <name>").0, "x 'a b'\\''; rm -rf /'");
    assert_eq!(one("a b", "x \"Name=<name>\""), open("x \"Name=<name>\""));
    assert_eq!(one("--all", "x <name>").0, "x '--all'");
    assert_eq!(one("--all", "x k=<name>"), open("x k=<name>"));
    assert_eq!(one("a\u{202e}b", "x <name>"), open("x <name>"));
    assert_eq!(one("a\nb", "x <name>"), open("x <name>"));
    assert_eq!(one("", "x <name>"), open("x <name>"));
    // What was put in is not read again.
    assert_eq!(filled("x <one> <two>", &[("var.one", "<two>"), ("var.two", "c")]).0, "x '<two>' c");
}
