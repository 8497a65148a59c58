//! Auto Scaling and load balancers.

use crate::aws::Reader;
use crate::aws::fake::run;
use quell_core::text::Untrusted;

pub(super) fn read(reader: &Reader, operation: &str) -> String {
    let (scaling, elb) = (reader.autoscaling(), reader.elb());
    let line = |text: &Untrusted| text.line().into_string();
    match operation {
        "DescribeAutoScalingInstances" => {
            let found = run(scaling.describe_instance("i")).unwrap().unwrap();
            format!("{} {}", line(&found.group), line(&found.lifecycle))
        }
        "DescribeAutoScalingGroups" => {
            let found = run(scaling.describe_group("g")).unwrap().unwrap();
            format!("{} {} {} {}", line(&found.name), found.min, found.max, found.desired)
        }
        "EnterStandby" => format!("{:?}", run(scaling.enter_standby("g", "i", true)).unwrap()),
        "ExitStandby" => format!("{:?}", run(scaling.exit_standby("g", "i")).unwrap()),
        "DescribeTargetGroups" => {
            let all = run(elb.describe_target_groups()).unwrap();
            all.iter().map(|one| format!("{} {} ", line(&one.name), one.of_instances)).collect()
        }
        "DescribeTargetHealth" => {
            let all = run(elb.describe_target_health("g")).unwrap();
            all.iter().map(|one| format!("{} {} {} ", line(&one.id), one.port, line(&one.state))).collect()
        }
        "DeregisterTargets" => format!("{:?}", run(elb.deregister_targets("g", "i", &[80])).unwrap()),
        "RegisterTargets" => format!("{:?}", run(elb.register_targets("g", "i", &[80])).unwrap()),
        other => panic!("{other}"),
    }
}
