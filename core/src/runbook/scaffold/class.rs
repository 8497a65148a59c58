//! What differs from one resource class to the next: what is asked, read, contained and read back.

use crate::runbook::coverage::resource_kind;

/// What a finding is about, as far as its type says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Instance,
    Principal,
    Bucket,
    Kubernetes,
    Containers,
    Function,
    Database,
    Process,
    Other,
}

/// What is said of a class.
struct Words {
    target: &'static str,
    look: &'static str,
    questions: [&'static str; 4],
    contain: &'static str,
    limits: &'static str,
    act: &'static str,
    verify: &'static str,
}

impl Class {
    /// The class of a type, a control or a `resource:` line that the caller has checked.
    pub fn of(kind: &str) -> Self {
        let named = kind.strip_prefix("resource:").or_else(|| resource_kind(kind));
        let service = named.and_then(|named| named.split("::").nth(1));
        let control = || kind.split_once('.').map(|(service, _)| service).filter(|service| !service.contains(':'));
        let in_type = || kind.split_once(':').and_then(|(_, rest)| rest.split_once('/')).map(|(resource, _)| resource);
        match service.or_else(control).or_else(in_type).unwrap_or_default() {
            "EC2" => Class::Instance,
            "IAM" => Class::Principal,
            "S3" => Class::Bucket,
            "EKS" => Class::Kubernetes,
            "ECS" => Class::Containers,
            "Lambda" => Class::Function,
            "RDS" => Class::Database,
            "Runtime" => Class::Process,
            _ => Class::Other,
        }
    }

    pub fn target(self) -> &'static str {
        self.words().target
    }

    pub fn look(self) -> &'static str {
        self.words().look
    }

    pub fn questions(self) -> &'static [&'static str] {
        &self.words().questions
    }

    pub fn contain(self) -> &'static str {
        self.words().contain
    }

    pub fn limits(self) -> &'static str {
        self.words().limits
    }

    pub fn act(self) -> &'static str {
        self.words().act
    }

    pub fn verify(self) -> &'static str {
        self.words().verify
    }

    fn words(self) -> &'static Words {
        match self {
            Class::Instance => &INSTANCE,
            Class::Principal => &PRINCIPAL,
            Class::Bucket => &BUCKET,
            Class::Kubernetes => &KUBERNETES,
            Class::Containers => &CONTAINERS,
            Class::Function => &FUNCTION,
            Class::Database => &DATABASE,
            Class::Process => &PROCESS,
            Class::Other => &OTHER,
        }
    }
}

const INSTANCE: Words = Words {
    target: "the instance, then the credentials of its role",
    look: "aws ec2 describe-instances --instance-ids {{ finding.resource.id }}",
    questions: [
        "Who owns the instance, and what does it serve?",
        "Which role does it carry, and what did that role call?",
        "Whom did it talk to since then, inside and outside?",
        "Is it one of an Auto Scaling group or behind a load balancer?",
    ],
    contain: "Isolate the instance",
    limits: "Credentials of its role that were taken away go on working.",
    act: "   ```action\n   kind: ec2-isolate\n   title: Isolate the instance\n   danger: 2\n   ```",
    verify: "aws ec2 describe-instances --instance-ids {{ finding.resource.id }}",
};

const PRINCIPAL: Words = Words {
    target: "the access key, then the user or role and its sessions",
    look: "aws iam get-access-key-last-used --access-key-id {{ finding.actor.access_key }}",
    questions: [
        "Whose credentials are these, a person's, a program's, a role's?",
        "Where do they belong, and where were they used from?",
        "What was called with them, and what was refused?",
        "What was made with them that outlives them: keys, users, roles?",
    ],
    contain: "Make the access key inactive",
    limits: "Sessions that were made with it before, and other keys, go on working.",
    act: "   ```action\n   kind: iam-access-key\n   title: Make the access key inactive\n   danger: 2\n   \
          access_key: \"{{ finding.actor.access_key }}\"\n   ```",
    verify: "aws iam list-access-keys --user-name {{ var.iam_user }}",
};

const BUCKET: Words = Words {
    target: "the bucket, then the principal that changed or read it",
    look: "aws s3api get-bucket-policy-status --bucket {{ finding.resource.name }}",
    questions: [
        "What lies in the bucket, and whose data is it?",
        "Who can read or write it now, by policy, ACL and access point?",
        "What was read, written or deleted, and are data events there?",
        "Are versions kept, and is there a copy elsewhere?",
    ],
    contain: "Block public access to the bucket",
    limits: "Principals with rights of their own still reach it.",
    act: "   ```action\n   kind: s3-block-public\n   title: Block public access to the bucket\n   danger: 2\n   ```",
    verify: "aws s3api get-public-access-block --bucket {{ finding.resource.name }}",
};

const KUBERNETES: Words = Words {
    target: "the pod or the Kubernetes user, then the role of the node",
    look: "aws eks describe-cluster --name {{ finding.resource.name }}",
    questions: [
        "Which Kubernetes user or service account acted, and from where?",
        "Which namespace and workload is it about, and who owns them?",
        "Which secrets, roles and nodes could be reached from there?",
        "What was made since: pods, bindings, tokens, images?",
    ],
    contain: "Cut the workload off",
    limits: "Tokens and role credentials that were taken away go on working.",
    act: "   ```bash\n   kubectl cordon {{ var.node }}\n   ```",
    verify: "kubectl --namespace {{ var.namespace }} get networkpolicies,pods --output wide",
};

const CONTAINERS: Words = Words {
    target: "the task, then the role of the task and of its host",
    look: "aws ecs describe-clusters --clusters {{ finding.resource.arn }}",
    questions: [
        "Which task and service is it about, and who owns them?",
        "Which image runs there, and who built and pushed it?",
        "Which role do task and host carry, and what did they call?",
        "Does the service start another task when this one stops?",
    ],
    contain: "Stop the task when its evidence is kept",
    limits: "What the task held in memory is gone, and its service may start another one.",
    act: "   ```bash\n   aws ecs stop-task --cluster {{ finding.resource.arn }} --task {{ var.task }}\n   ```",
    verify: "aws ecs list-tasks --cluster {{ finding.resource.arn }} --desired-status RUNNING",
};

const FUNCTION: Words = Words {
    target: "the function, all its versions, then its role",
    look: "aws lambda get-function --function-name {{ finding.resource.name }}",
    questions: [
        "Who owns the function, and what does it serve?",
        "Who deployed this code, layers included, and when?",
        "Which role does it carry, and what did that role call?",
        "Who may call it: policy, URL, events?",
    ],
    contain: "Stop the function",
    limits: "Credentials of its role that were taken away go on working.",
    act: "   ```action\n   kind: lambda-concurrency\n   title: Stop the function\n   danger: 2\n   ```",
    verify: "aws lambda get-function-concurrency --function-name {{ finding.resource.name }}",
};

const DATABASE: Words = Words {
    target: "the database user, then the ways to the database",
    look: "aws rds describe-db-instances --db-instance-identifier {{ finding.resource.name }}",
    questions: [
        "Which database user logged in or tried to, and who owns it?",
        "Where did it come from, and may that place reach the database?",
        "What did the user read or change, and are audit logs there?",
        "Is the database reachable from the internet?",
    ],
    contain: "Change the password, and close the way in",
    limits: "Connections that are open stay open until they are ended.",
    act: "   ```bash\n   aws rds modify-db-instance --db-instance-identifier {{ finding.resource.name }} \\\n     \
          --vpc-security-group-ids {{ var.isolation_group }} --apply-immediately\n   ```",
    verify: "aws rds describe-db-instances --db-instance-identifier {{ finding.resource.name }}",
};

const PROCESS: Words = Words {
    target: "the process and its container, then the host, then the role",
    look: "aws ec2 describe-instances --instance-ids {{ var.host_instance }}",
    questions: [
        "Which process is it, who started it, and from which file?",
        "Does it run in a container, and on which host?",
        "Which role can it use, and what did that role call?",
        "What else did its user do on that host?",
    ],
    contain: "Cut the container or host off",
    limits: "Memory must be taken before a host or container is stopped.",
    act: "   Isolate the host as the built-in runbook `container-escape` does, or say\n   here what your team does instead.",
    verify: "aws ec2 describe-instances --instance-ids {{ var.host_instance }}",
};

const OTHER: Words = Words {
    target: "say which resource, and which principal",
    look: "aws resourcegroupstaggingapi get-resources --resource-arn-list {{ finding.resource.arn }}",
    questions: [
        "Who owns the resource, and what does it serve?",
        "Who or what changed it or used it, and from where?",
        "What can be reached from there?",
        "What is different from yesterday?",
    ],
    contain: "Contain the resource",
    limits: "Name the one change that stops the loss.",
    act: "   Say here which change that is, with an action block or the command.",
    verify: "aws resourcegroupstaggingapi get-resources --resource-arn-list {{ finding.resource.arn }}",
};
