use crate::simulator::testing::{Bench, between};

const INSTANCE: &str = "i-0c4f1e97ab52d6038";
const FIRST: &str = "eni-0a95d3e1c7f60b284";

fn ask(bench: &mut Bench, form: &str) -> (u16, String) {
    bench.form("ec2", &format!("{form}&Version=2016-11-15"))
}

/// The group ids of the first element of this name.
fn groups(text: &str) -> Vec<String> {
    let set = between(text, "<groupSet>", "</groupSet>");
    set.split("<groupId>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

#[test]
fn an_instance_has_two_interfaces_and_the_second_several_groups() {
    let mut bench = Bench::new("crypto-mining");
    let (status, text) = ask(&mut bench, &format!("Action=DescribeInstances&InstanceId.1={INSTANCE}"));
    assert_eq!(status, 200, "{text}");
    assert!(text.contains("<name>running</name>") && text.contains("<ipAddress>203.0.113.88</ipAddress>"), "{text}");
    let filter = format!("Filter.1.Name=attachment.instance-id&Filter.1.Value.1={INSTANCE}");
    let (_, text) = ask(&mut bench, &format!("Action=DescribeNetworkInterfaces&{filter}"));
    assert_eq!(text.matches("<deviceIndex>").count(), 2, "{text}");
    assert_eq!(groups(&text), ["sg-07d4b2f8e16ac9350"]);
    assert_eq!(groups(text.split_once("</groupSet>").unwrap().1).len(), 2);
}

#[test]
fn a_network_load_balancer_has_an_interface_that_is_its_own() {
    let mut bench = Bench::new("crypto-mining");
    let (_, text) = ask(
        &mut bench,
        "Action=DescribeNetworkInterfaces&Filter.1.Name=interface-type&Filter.1.Value.1=network_load_balancer",
    );
    assert_eq!(text.matches("<networkInterfaceId>").count(), 1, "{text}");
    assert!(
        text.contains("<description>ELB net/shop-web-admin/") && text.contains("<requesterManaged>true<"),
        "{text}"
    );
    let id = between(&text, "<networkInterfaceId>", "</networkInterfaceId>");
    let form = format!(
        "Action=ModifyNetworkInterfaceAttribute&NetworkInterfaceId={id}&SecurityGroupId.1=sg-07d4b2f8e16ac9350"
    );
    assert!(ask(&mut bench, &form).1.contains("<Code>AuthFailure</Code>"));
    // Those of instances are of the other type; none is of both.
    let (_, text) =
        ask(&mut bench, "Action=DescribeNetworkInterfaces&Filter.1.Name=interface-type&Filter.1.Value.1=interface");
    assert!(!text.contains(id) && text.contains(FIRST), "{text}");
}

#[test]
fn an_instance_is_cut_off_once_all_its_interfaces_are() {
    let mut bench = Bench::new("crypto-mining");
    let isolation = bench.world.scenario.isolation_group.clone();
    let second = bench.world.scenario.instances[0].second.clone();
    let put = |bench: &mut Bench, id: &str, group: &str| {
        let form = format!("Action=ModifyNetworkInterfaceAttribute&NetworkInterfaceId={id}&SecurityGroupId.1={group}");
        assert_eq!(ask(bench, &form).0, 200);
        bench.account().instances[INSTANCE].contained
    };
    assert!(!put(&mut bench, FIRST, &isolation));
    assert!(put(&mut bench, &second, &isolation));
    assert!(!put(&mut bench, FIRST, "sg-07d4b2f8e16ac9350"));
}

#[test]
fn what_is_wrong_is_named_as_ec2_names_it() {
    let mut bench = Bench::new("crypto-mining");
    for (form, status, code) in [
        ("Action=DescribeInstances&InstanceId.1=i-0000000000000000a", 400, "InvalidInstanceID.NotFound"),
        ("Action=DescribeInstances&InstanceId.1=i-x", 400, "InvalidInstanceID.Malformed"),
        ("Action=DescribeInstances&MaxResults=4", 400, "InvalidParameterValue"),
        ("Action=DescribeInstances&NextToken=zz", 400, "InvalidParameterValue"),
        ("Action=DescribeInstances&InstanceId.1=i-0c4f1e97ab52d6038&MaxResults=5", 400, "InvalidParameterCombination"),
        ("Action=DescribeInstances&Filter.1.Name=colour&Filter.1.Value.1=x", 400, "InvalidParameterValue"),
        ("Action=DescribeSecurityGroups&GroupId.1=sg-0000000000000000a", 400, "InvalidGroup.NotFound"),
        ("Action=ModifyNetworkInterfaceAttribute&SecurityGroupId.1=sg-0000000000000000a", 400, "MissingParameter"),
        (
            "Action=ModifyNetworkInterfaceAttribute&NetworkInterfaceId=eni-0a95d3e1c7f60b284",
            400,
            "InvalidParameterCombination",
        ),
        ("Action=DescribeInstances&DryRun=true", 412, "DryRunOperation"),
        ("Action=RunInstances", 400, "InvalidAction"),
    ] {
        let (found, text) = ask(&mut bench, form);
        assert_eq!((found, between(&text, "<Code>", "</Code>")), (status, code), "{form}");
        assert!(text.contains("<RequestID>"), "{text}");
    }
    bench.region = "eu-west-2".to_owned();
    assert!(ask(&mut bench, "Action=DescribeInstances").1.contains("<reservationSet></reservationSet>"));
}

#[test]
fn what_a_shutdown_from_inside_does_is_told_and_set() {
    let mut bench = Bench::new("crypto-mining");
    let told = |bench: &mut Bench, id: &str| {
        let form = "Action=DescribeInstanceAttribute&Attribute=instanceInitiatedShutdownBehavior";
        let (status, text) = ask(bench, &format!("{form}&InstanceId={id}"));
        assert_eq!(status, 200, "{text}");
        between(&text, "<value>", "</value>").to_owned()
    };
    // The build server ends itself when its work is done; the shop's do not.
    assert_eq!(
        (told(&mut bench, INSTANCE), told(&mut bench, "i-03b8a7d5e9c1f2460")),
        ("terminate".into(), "stop".into())
    );
    let set = "Action=ModifyInstanceAttribute&InstanceInitiatedShutdownBehavior.Value";
    let dry = ask(&mut bench, &format!("{set}=stop&InstanceId={INSTANCE}&DryRun=true"));
    assert_eq!((dry.0, told(&mut bench, INSTANCE)), (412, "terminate".into()));
    assert_eq!(ask(&mut bench, &format!("{set}=stop&InstanceId={INSTANCE}")).0, 200);
    assert_eq!(told(&mut bench, INSTANCE), "stop");
    for (form, code) in [
        (format!("{set}=halt&InstanceId={INSTANCE}"), "InvalidParameterValue"),
        (format!("Action=ModifyInstanceAttribute&InstanceId={INSTANCE}"), "InvalidParameterCombination"),
        (format!("{set}=stop"), "MissingParameter"),
        (format!("{set}=stop&InstanceId=i-ffffffffffffffff0"), "InvalidInstanceID.NotFound"),
    ] {
        let (status, text) = ask(&mut bench, &form);
        assert!(status == 400 && text.contains(&format!("<Code>{code}</Code>")), "{form}: {text}");
    }
}
