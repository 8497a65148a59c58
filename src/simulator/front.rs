//! The front door of each service: the errors that come before an operation is looked at, as each service names them.

use super::caller::{Caller, Service};
use super::scenario::FaultKind;
use super::wire::Failure;

pub(super) fn missing_token(service: Service) -> Failure {
    match service {
        Service::Iam | Service::Sts | Service::Sns | Service::AutoScaling | Service::Elb => {
            Failure::new("MissingAuthenticationToken", 403, "Request is missing Authentication Token")
        }
        Service::Ssm | Service::Events | Service::Sfn | Service::Config | Service::Resolver | Service::Sso => {
            Failure::new("MissingAuthenticationTokenException", 400, "Missing Authentication Token")
        }
        Service::S3 | Service::S3Control => Failure::new("AccessDenied", 403, "Access Denied"),
        Service::Ec2 => Failure::new("MissingParameter", 400, "The request must contain the parameter AWSAccessKeyId"),
        _ => Failure::new("MissingAuthenticationTokenException", 403, "Missing Authentication Token"),
    }
}

pub(super) fn unknown_key(service: Service) -> Failure {
    let message = "The security token included in the request is invalid.";
    match service {
        Service::Iam | Service::Sts | Service::Sns | Service::AutoScaling | Service::Elb => {
            Failure::new("InvalidClientTokenId", 403, message)
        }
        Service::Ssm | Service::Events | Service::Sfn | Service::Config | Service::Resolver | Service::Sso => {
            Failure::new("UnrecognizedClientException", 400, message)
        }
        Service::Ec2 => {
            let message = "AWS was not able to validate the provided access credentials";
            Failure::new("AuthFailure", 401, message)
        }
        Service::S3 | Service::S3Control => {
            let message = "The AWS Access Key Id you provided does not exist in our records.";
            Failure::new("InvalidAccessKeyId", 403, message)
        }
        _ => Failure::new("UnrecognizedClientException", 403, message),
    }
}

pub(super) fn expired(service: Service) -> Failure {
    let message = "The security token included in the request is expired";
    match service {
        Service::Iam | Service::Sts | Service::Sns | Service::AutoScaling | Service::Elb => {
            Failure::new("ExpiredToken", 403, message)
        }
        Service::Ssm | Service::Events | Service::Sfn | Service::Config | Service::Resolver | Service::Sso => {
            Failure::new("ExpiredTokenException", 400, message)
        }
        Service::Ec2 => Failure::new("RequestExpired", 400, "Request has expired."),
        Service::S3 | Service::S3Control => Failure::new("ExpiredToken", 400, "The provided token has expired."),
        _ => Failure::new("ExpiredTokenException", 403, message),
    }
}

/// `why` follows the message: "because no session policy allows the … action".
pub(super) fn denied(service: Service, caller: &Caller, action: &str, resource: &str, why: &str) -> Failure {
    let message = format!("User: {} is not authorized to perform: {action} on resource: {resource}{why}", caller.arn);
    match service {
        Service::Iam | Service::Sts | Service::S3 | Service::S3Control | Service::AutoScaling | Service::Elb => {
            Failure::new("AccessDenied", 403, message)
        }
        Service::Sns => Failure::new("AuthorizationError", 403, message),
        Service::Ssm | Service::Events | Service::Sfn | Service::Config | Service::Resolver | Service::Sso => {
            Failure::new("AccessDeniedException", 400, message)
        }
        Service::Ec2 => {
            let encoded = "Encoded authorization failure message: 4o7Yq0xwDm2aTn8rJkLsVbPz";
            let message = format!("You are not authorized to perform this operation. {message}. {encoded}");
            Failure::new("UnauthorizedOperation", 403, message)
        }
        _ => Failure::new("AccessDeniedException", 403, message),
    }
}

pub(super) fn throttled(service: Service) -> Failure {
    match service {
        Service::Iam | Service::Sts | Service::Sns | Service::AutoScaling | Service::Elb => {
            Failure::new("Throttling", 400, "Rate exceeded")
        }
        Service::Ssm | Service::Events | Service::Sfn | Service::Config | Service::Resolver | Service::Sso => {
            Failure::new("ThrottlingException", 400, "Rate exceeded")
        }
        Service::Ec2 => Failure::new("RequestLimitExceeded", 503, "Request limit exceeded."),
        Service::S3 | Service::S3Control => Failure::new("SlowDown", 503, "Please reduce your request rate."),
        _ => Failure::new("TooManyRequestsException", 429, "Rate exceeded"),
    }
}

pub(super) fn unknown_operation(service: Service, operation: &str) -> Failure {
    match service {
        Service::Iam | Service::Sts | Service::Sns | Service::AutoScaling | Service::Elb => {
            let message = format!("Could not find operation {operation} for version {}", version(service));
            Failure::new("InvalidAction", 400, message)
        }
        Service::Ssm | Service::Events | Service::Sfn | Service::Config | Service::Resolver | Service::Sso => {
            Failure::new("UnknownOperationException", 400, "")
        }
        Service::Ec2 => {
            let message = format!("The action {operation} is not valid for this web service.");
            Failure::new("InvalidAction", 400, message)
        }
        Service::S3 | Service::S3Control => {
            let message = "The specified method is not allowed against this resource.";
            Failure::new("MethodNotAllowed", 405, message)
        }
        _ => Failure::new("UnknownOperationException", 404, ""),
    }
}

fn version(service: Service) -> &'static str {
    match service {
        Service::Iam => "2010-05-08",
        Service::Sns => "2010-03-31",
        Service::AutoScaling => "2011-01-01",
        Service::Elb => "2015-12-01",
        _ => "2011-06-15",
    }
}

/// The failure of an injected fault; None for those that break the connection instead.
pub(super) fn injected(kind: FaultKind, service: Service, caller: &Caller, action: &str, on: &str) -> Option<Failure> {
    Some(match kind {
        FaultKind::Throttled => throttled(service),
        FaultKind::Denied => denied(service, caller, action, on, ""),
        FaultKind::Expired => expired(service),
        FaultKind::UnknownKey => unknown_key(service),
        FaultKind::Validation => {
            Failure::new(service.validation(), 400, "The request is rejected: a value is invalid.")
        }
        FaultKind::NotFound => not_found(service),
        FaultKind::Internal => internal(service),
        FaultKind::Unavailable => unavailable(service),
        FaultKind::Refused | FaultKind::Lost | FaultKind::Hanging | FaultKind::Truncated | FaultKind::Garbled => {
            return None;
        }
    })
}

fn not_found(service: Service) -> Failure {
    let message = "The requested resource was not found.";
    match service {
        Service::GuardDuty => Failure::new("BadRequestException", 400, message),
        Service::SecurityHub => Failure::new("ResourceNotFoundException", 404, message),
        Service::Ssm => Failure::new("AutomationExecutionNotFoundException", 400, message),
        Service::AutoScaling => Failure::new("ValidationError", 400, message),
        Service::Elb => Failure::new("TargetGroupNotFound", 400, message),
        Service::Iam | Service::Sts => Failure::new("NoSuchEntity", 404, message),
        Service::Ec2 => Failure::new("InvalidInstanceID.NotFound", 400, message),
        Service::S3 | Service::S3Control => Failure::new("NoSuchBucket", 404, "The specified bucket does not exist"),
        Service::Lambda => Failure::new("ResourceNotFoundException", 404, message),
        Service::Sns => Failure::new("NotFound", 404, "Topic does not exist"),
        Service::Events => Failure::new("ResourceNotFoundException", 400, message),
        Service::Sfn => Failure::new("StateMachineDoesNotExist", 400, message),
        Service::Resolver | Service::Sso => Failure::new("ResourceNotFoundException", 400, message),
        Service::Config => Failure::new("NoSuchRemediationConfigurationException", 400, message),
    }
}

fn internal(service: Service) -> Failure {
    let code = match service {
        Service::GuardDuty => "InternalServerErrorException",
        Service::SecurityHub | Service::Events => "InternalException",
        Service::Ssm => "InternalServerError",
        Service::Sso => "InternalServerException",
        Service::Resolver => "InternalServiceErrorException",
        Service::Iam => "ServiceFailure",
        Service::Sts | Service::AutoScaling | Service::Elb | Service::Sfn | Service::Config => "InternalFailure",
        Service::Ec2 | Service::S3 | Service::S3Control | Service::Sns => "InternalError",
        Service::Lambda => "ServiceException",
    };
    Failure::new(code, 500, "An internal error has occurred.")
}

fn unavailable(service: Service) -> Failure {
    let code = match service {
        Service::Iam | Service::Sts | Service::S3 | Service::S3Control | Service::Sns => "ServiceUnavailable",
        Service::AutoScaling | Service::Elb => "ServiceUnavailable",
        Service::Ec2 => "Unavailable",
        _ => "ServiceUnavailableException",
    };
    Failure::new(code, 503, "The service is unavailable. Please try again shortly.")
}
