//! Operations as IAM names their permissions.

use super::Operation;

/// An operation as IAM names it: `iam:GetUser`. The prefix is the service's short name in small letters.
pub fn permission((service, operation): &Operation) -> String {
    permission_named(service, operation)
}

/// The same, of a service in whatever letters.
pub fn permission_named(service: &str, operation: &str) -> String {
    match service {
        // S3 names these permissions for buckets, and takes away with the one by which it puts.
        "S3" | "s3" if operation.ends_with("PublicAccessBlock") => {
            let named = operation.replace("PublicAccessBlock", "BucketPublicAccessBlock");
            format!("s3:{}", named.replace("Delete", "Put"))
        }
        // As for buckets, by another noun.
        "S3 Control" | "s3control" => {
            let named = operation.replace("PublicAccessBlock", "AccountPublicAccessBlock");
            format!("s3:{}", named.replace("Delete", "Put"))
        }
        "Auto Scaling" => format!("autoscaling:{operation}"),
        "Elastic Load Balancing v2" | "elbv2" => format!("elasticloadbalancing:{operation}"),
        "EventBridge" => format!("events:{operation}"),
        "SFN" => format!("states:{operation}"),
        "Lambda" | "lambda" if operation == "Invoke" => "lambda:InvokeFunction".to_owned(),
        "SSO Admin" | "sso-admin" => format!("sso:{operation}"),
        "Config Service" => format!("config:{operation}"),
        service => format!("{}:{operation}", service.to_ascii_lowercase()),
    }
}
