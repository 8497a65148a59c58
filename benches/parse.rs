//! How fast findings are read, filtered, taken in and ordered.

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use jiff::Timestamp;
use quell_core::finding::{Filter, Finding, Inbox, RowView, Via, haystack, read};

fn main() {
    divan::main();
}

/// A GuardDuty finding of about 2.4 kB, as the API writes it.
fn guardduty(n: usize) -> String {
    let interfaces: Vec<String> = (0..4)
        .map(|i| {
            format!(
                r#"{{"ipv6Addresses":[],"networkInterfaceId":"eni-0a1b2c3d4e5f{i:05}","privateDnsName":"ip-10-0-{i}-7.eu-west-1.compute.internal","privateIpAddress":"10.0.{i}.7","privateIpAddresses":[{{"privateIpAddress":"10.0.{i}.7"}}],"securityGroups":[{{"groupId":"sg-0a1b2c3d{i}","groupName":"workers"}}],"subnetId":"subnet-0a1b2c3d{i}","vpcId":"vpc-0a1b2c3d"}}"#
            )
        })
        .collect();
    format!(
        r#"{{"schemaVersion":"2.0","accountId":"{account:012}","region":"eu-west-1","partition":"aws","id":"{n:032x}","arn":"arn:aws:guardduty:eu-west-1:{account:012}:detector/d0d0/finding/{n:032x}","type":"{kind}","resource":{{"resourceType":"Instance","instanceDetails":{{"instanceId":"i-{n:017x}","instanceType":"m7g.large","launchTime":"2026-01-02T03:04:05Z","platform":null,"networkInterfaces":[{interfaces}],"tags":[{{"key":"team","value":"payments"}},{{"key":"Name","value":"worker-{n}"}}],"imageId":"ami-0a1b2c3d","imageDescription":"a base image"}}}},"service":{{"serviceName":"guardduty","detectorId":"d0d0","action":{{"actionType":"NETWORK_CONNECTION","networkConnectionAction":{{"connectionDirection":"OUTBOUND","remoteIpDetails":{{"ipAddressV4":"198.51.100.{ip}","organization":{{"asn":"64500","asnOrg":"Example","isp":"Example","org":"Example"}},"country":{{"countryName":"Norway"}},"city":{{"cityName":"Oslo"}},"geoLocation":{{"lat":59.9,"lon":10.7}}}},"remotePortDetails":{{"port":443,"portName":"HTTPS"}},"localPortDetails":{{"port":39677,"portName":"Unknown"}},"protocol":"TCP","blocked":false}}}},"resourceRole":"TARGET","additionalInfo":{{"type":"default","value":"{{}}"}},"eventFirstSeen":"2026-03-04T02:11:08.000Z","eventLastSeen":"2026-03-04T05:{minute:02}:07.000Z","archived":false,"count":{n}}},"severity":{severity},"createdAt":"2026-03-04T02:20:00.123Z","updatedAt":"2026-03-04T05:10:00.456Z","title":"worker-{n} talks to an address that is known for it","description":"The instance talks to an address on a list of addresses that are known for command and control, again and again, and has done so before."}}"#,
        account = 111_122_223_333u64 + (n % 7) as u64,
        kind = ["Backdoor:EC2/C&CActivity.B", "CryptoCurrency:EC2/BitcoinTool.B!DNS", "Recon:EC2/Portscan"][n % 3],
        interfaces = interfaces.join(","),
        ip = n % 256,
        minute = n % 60,
        severity = 1 + n % 9,
    )
}

fn findings(count: usize) -> Vec<Finding> {
    let one = read(guardduty(0).as_bytes(), Via::Guardduty).findings.remove(0);
    let vary = |n: usize| {
        let mut finding = one.clone();
        finding.id = format!("arn:aws:guardduty:eu-west-1:111122223333:detector/d0/finding/{n:032x}").into();
        finding.title = Some(format!("worker-{n} talks to an address that is known for it").into());
        finding.last_seen = Timestamp::from_second(1_772_600_000 + (n as i64 * 7919) % 86_400).ok();
        finding
    };
    (0..count).map(vary).collect()
}

#[divan::bench(args = ["lines", "list", "answer"])]
fn read_10k(bencher: Bencher, how: &str) {
    let records: Vec<String> = (0..10_000).map(guardduty).collect();
    let text = match how {
        "lines" => records.join("\n"),
        "list" => format!("[{}]", records.join(",\n")),
        _ => format!("{{\"Findings\":[{}]}}", records.join(",")),
    };
    bencher.counter(BytesCount::of_str(&text)).bench(|| read(text.as_bytes(), Via::File));
}

#[divan::bench(args = ["norway worker-99", "sev>=high type:*Crypto* -is:archived age<2h", "account:111122223333"])]
fn filter_100k(bencher: Bencher, filter: &str) {
    let findings = findings(100_000);
    let rows: Vec<(&Finding, Box<str>)> = findings.iter().map(|finding| (finding, haystack(finding, None))).collect();
    let filter = Filter::parse(filter).unwrap_or_default();
    let now = Timestamp::from_second(1_772_690_000).unwrap_or_default();
    let passes = |(finding, haystack): &(&Finding, Box<str>)| {
        filter.matches(&RowView { finding, haystack, alias: None, attached: false, marked: false }, now)
    };
    bencher.counter(ItemsCount::new(rows.len())).bench(|| rows.iter().filter(|row| passes(row)).count());
}

#[divan::bench]
fn haystacks_100k(bencher: Bencher) {
    let findings = findings(100_000);
    bencher
        .counter(ItemsCount::new(findings.len()))
        .bench(|| findings.iter().map(|f| haystack(f, None).len()).sum::<usize>());
}

#[divan::bench]
fn take_100k(bencher: Bencher) {
    let findings = findings(100_000);
    bencher.counter(ItemsCount::new(findings.len())).with_inputs(|| findings.clone()).bench_values(|findings| {
        let mut inbox = Inbox::default();
        inbox.take(findings);
        inbox
    });
}

#[divan::bench]
fn order_100k(bencher: Bencher) {
    let mut inbox = Inbox::default();
    inbox.take(findings(100_000));
    let rows = inbox.rows();
    bencher.counter(ItemsCount::new(rows.len())).bench(|| rows.sorted());
}

#[divan::bench]
fn write_json_10k(bencher: Bencher) {
    let findings = findings(10_000);
    bencher.counter(ItemsCount::new(findings.len())).bench(|| findings.iter().filter_map(|f| f.to_json().ok()).count());
}
