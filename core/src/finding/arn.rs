//! What an ARN says about a finding or a resource: account, region, the resource's short id, its kind.

use crate::text::Untrusted;

/// The parts of `arn:partition:service:region:account:resource`, none of them checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Arn<'a> {
    pub(super) service: &'a str,
    pub(super) region: &'a str,
    pub(super) account: &'a str,
    pub(super) resource: &'a str,
}

impl<'a> Arn<'a> {
    /// The parts, if the text has the form of an ARN.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let mut parts = text.strip_prefix("arn:")?.splitn(5, ':');
        let _partition = parts.next()?;
        let (service, region) = (parts.next()?, parts.next()?);
        let (account, resource) = (parts.next()?, parts.next()?);
        Some(Self { service, region, account, resource })
    }

    pub(super) fn region(&self) -> Option<Untrusted> {
        some(self.region)
    }

    pub(super) fn account(&self) -> Option<Untrusted> {
        some(self.account)
    }

    /// The id that the service's own calls take: an instance id, a bucket, a user or function name.
    pub(super) fn short_id(&self) -> Option<&'a str> {
        let rest = match self.service {
            "s3" | "sns" | "sqs" => return filled(self.resource),
            "iam" if self.resource == "root" => self.account,
            "iam" => self.resource.rsplit('/').next()?,
            "logs" => after_kind(self.resource).trim_end_matches(":*"),
            // function:NAME:VERSION
            "lambda" => after_kind(self.resource).split(':').next()?,
            // autoScalingGroup:UUID:autoScalingGroupName/NAME
            "autoscaling" => self.resource.split_once("autoScalingGroupName/").map_or(self.resource, |(_, name)| name),
            _ => after_kind(self.resource),
        };
        filled(rest)
    }

    /// The resource's kind as CloudFormation names it, where the ARN alone tells it.
    pub(super) fn kind(&self) -> Option<&'static str> {
        let head = self.resource.split(['/', ':']).next().unwrap_or_default();
        let plain = head.len() == self.resource.len();
        Some(match (self.service, head) {
            ("ec2", "instance") => "AWS::EC2::Instance",
            ("ec2", "snapshot") => "AWS::EC2::Snapshot",
            ("ec2", "volume") => "AWS::EC2::Volume",
            ("ec2", "image") => "AWS::EC2::Image",
            ("ec2", "security-group") => "AWS::EC2::SecurityGroup",
            ("ec2", "vpc") => "AWS::EC2::VPC",
            ("ec2", "subnet") => "AWS::EC2::Subnet",
            ("ec2", "network-interface") => "AWS::EC2::NetworkInterface",
            ("iam", "user") => "AWS::IAM::User",
            ("iam", "role") => "AWS::IAM::Role",
            ("iam", "group") => "AWS::IAM::Group",
            ("iam", "policy") => "AWS::IAM::ManagedPolicy",
            ("iam", "instance-profile") => "AWS::IAM::InstanceProfile",
            ("iam", "root") => "AWS::::Account",
            ("lambda", "function") => "AWS::Lambda::Function",
            ("rds", "db") => "AWS::RDS::DBInstance",
            ("rds", "cluster") => "AWS::RDS::DBCluster",
            ("eks", "cluster") => "AWS::EKS::Cluster",
            ("ecs", "cluster") => "AWS::ECS::Cluster",
            ("kms", "key") => "AWS::KMS::Key",
            ("cloudtrail", "trail") => "AWS::CloudTrail::Trail",
            ("dynamodb", "table") => "AWS::DynamoDB::Table",
            ("secretsmanager", "secret") => "AWS::SecretsManager::Secret",
            ("ecr", "repository") => "AWS::ECR::Repository",
            ("elasticloadbalancing", "loadbalancer") => "AWS::ElasticLoadBalancingV2::LoadBalancer",
            ("s3", _) if plain && !head.is_empty() => "AWS::S3::Bucket",
            ("s3", _) if !head.is_empty() => "AWS::S3::Object",
            ("sns", _) if plain && !head.is_empty() => "AWS::SNS::Topic",
            ("sqs", _) if plain && !head.is_empty() => "AWS::SQS::Queue",
            _ => return None,
        })
    }
}

/// What follows the first `/` or `:`; all of it when there is neither.
fn after_kind(resource: &str) -> &str {
    resource.split_once(['/', ':']).map_or(resource, |(_, rest)| rest)
}

fn filled(text: &str) -> Option<&str> {
    Some(text).filter(|t| !t.is_empty())
}

fn some(text: &str) -> Option<Untrusted> {
    filled(text).map(Untrusted::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(text: &str) -> Option<&str> {
        Arn::read(text).and_then(|arn| arn.short_id())
    }

    #[test]
    fn short_ids_are_what_the_calls_take() {
        assert_eq!(short("arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b"), Some("i-0a1b"));
        assert_eq!(short("arn:aws:iam::111122223333:user/ops/deploy"), Some("deploy"));
        assert_eq!(short("arn:aws:iam::111122223333:root"), Some("111122223333"));
        assert_eq!(short("arn:aws:s3:::customer-exports"), Some("customer-exports"));
        assert_eq!(short("arn:aws:lambda:eu-west-1:111122223333:function:resize:$LATEST"), Some("resize"));
        assert_eq!(short("arn:aws:rds:eu-west-1:111122223333:snapshot:rds:orders-2026"), Some("rds:orders-2026"));
        assert_eq!(short("arn:aws:logs:eu-west-1:111122223333:log-group:/aws/x:*"), Some("/aws/x"));
        let group = "arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:1f:autoScalingGroupName/web";
        assert_eq!(short(group), Some("web"));
        assert_eq!(short("arn:aws:::111122223333:"), None);
        assert_eq!(short("i-0a1b"), None);
    }

    #[test]
    fn kinds_and_places() {
        let arn = Arn::read("arn:aws-us-gov:ec2:us-gov-east-1:111122223333:snapshot/snap-1").unwrap();
        assert_eq!(arn.kind(), Some("AWS::EC2::Snapshot"));
        assert_eq!((arn.region, arn.account), ("us-gov-east-1", "111122223333"));
        assert_eq!(Arn::read("arn:aws:s3:::b/key").unwrap().kind(), Some("AWS::S3::Object"));
        assert_eq!(Arn::read("arn:aws:s3:::b").unwrap().kind(), Some("AWS::S3::Bucket"));
        assert_eq!(Arn::read("arn:aws:s3:::b").unwrap().region(), None);
        assert_eq!(Arn::read("arn:aws:new:::thing/x").unwrap().kind(), None);
        assert_eq!(Arn::read("arn:aws"), None);
    }
}
