//! What an AWS error code means for the responder's work.

/// The kinds of failure that a screen or a plan must tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// Too many requests; goes away by itself.
    Throttled,
    /// A timeout, a lost connection, a fault on AWS's side.
    Transient,
    /// The caller may not.
    Denied,
    /// The credentials are expired, missing or not valid (also: a region that is not switched on).
    Expired,
    /// The thing is not there, or not yet there.
    NotFound,
    /// The thing is in another state than the call needs, or a limit is reached.
    Conflict,
    /// AWS finds the request malformed.
    Validation,
    /// The service is not switched on in the account and region.
    NotEnabled,
    /// The page's token is no longer valid: start again at the first page.
    StaleToken,
    /// quell's own guard refused; nothing was sent.
    Refused,
    /// The answer could not be read to its end or made no sense.
    Unreadable,
    /// Anything else.
    Other,
}

/// The class of an error code as the services word it, with its message and HTTP status to decide doubtful ones.
pub(super) fn classify(code: &str, message: &str, status: u16) -> ErrorClass {
    if let Some(class) = by_message(code, message, status) {
        return class;
    }
    // Some services send the code with a namespace before `#` or a URL after `:`.
    let code = code.rsplit('#').next().unwrap_or_default();
    let code = code.split(':').next().unwrap_or_default();
    by_code(code).unwrap_or_else(|| by_status(status))
}

fn by_message(code: &str, message: &str, status: u16) -> Option<ErrorClass> {
    let says = |words: &str| message.contains(words);
    match code {
        // Security Hub says both with it: too many requests (429), and a quota of the account.
        "LimitExceededException" if status == 429 => Some(ErrorClass::Throttled),
        // Security Hub: 401, "Account 111122223333 is not subscribed to AWS Security Hub".
        "InvalidAccessException" if says("not subscribed") => Some(ErrorClass::NotEnabled),
        // GuardDuty puts most of its refusals into one code and tells them apart by the message.
        "BadRequestException" if says("not owned by the current account") => Some(ErrorClass::NotEnabled),
        "BadRequestException" | "InvalidInputException" | "ValidationException" | "InvalidToken"
            if says("NextToken") || says("nextToken") || says("pagination token") || says("Invalid token") =>
        {
            Some(ErrorClass::StaleToken)
        }
        // S3: credentials that are none, where other services mean a page.
        "InvalidToken" if says("provided token is malformed") => Some(ErrorClass::Expired),
        "AccessDeniedException" | "AccessDenied" if says("SubscriptionRequired") => Some(ErrorClass::NotEnabled),
        _ => None,
    }
}

/// What the services call it. Each code stands in one class.
const CODES: &[(ErrorClass, &[&str])] = &[
    (
        ErrorClass::Throttled,
        &[
            "Throttling",
            "ThrottlingException",
            "ThrottledException",
            "RequestThrottledException",
            "TooManyRequestsException",
            "RequestLimitExceeded",
            "BandwidthLimitExceeded",
            "RequestThrottled",
            "SlowDown",
            "PriorRequestNotComplete",
            "ExecutionLimitExceeded",
        ],
    ),
    (
        ErrorClass::Transient,
        &[
            "InternalException",
            "InternalServerError",
            "InternalServerErrorException",
            "InternalFailure",
            "InternalError",
            "ServiceUnavailable",
            "ServiceUnavailableException",
            "ServiceFailure",
            "ServiceException",
            "RequestTimeout",
            "RequestTimeoutException",
            "Unavailable",
        ],
    ),
    (
        ErrorClass::Denied,
        &[
            "AccessDenied",
            "AccessDeniedException",
            "UnauthorizedOperation",
            "InsufficientPermissionsException",
            "AuthorizationError",
            "UnauthorizedException",
        ],
    ),
    (
        ErrorClass::Expired,
        &[
            "ExpiredToken",
            "ExpiredTokenException",
            "RequestExpired",
            "UnrecognizedClientException",
            "InvalidClientTokenId",
            "InvalidAccessKeyId",
            "MissingAuthenticationToken",
            "MissingAuthenticationTokenException",
            "SignatureDoesNotMatch",
            "InvalidSignatureException",
            "IncompleteSignature",
            "AuthFailure",
        ],
    ),
    (
        ErrorClass::NotFound,
        &[
            "NoSuchEntity",
            "NoSuchEntityException",
            "ResourceNotFoundException",
            "NotFoundException",
            "AutomationDefinitionNotFoundException",
            "AutomationExecutionNotFoundException",
            "AutomationDefinitionVersionNotFoundException",
            "InvalidDocument",
            "InvalidInstanceID.NotFound",
            "InvalidNetworkInterfaceID.NotFound",
            "InvalidGroup.NotFound",
            "InvalidSecurityGroupID.NotFound",
            "InvalidRouteTableID.NotFound",
            "InvalidSnapshot.NotFound",
            "InvalidVolume.NotFound",
            "InvalidAssociationID.NotFound",
            "InvalidID",
            "TargetGroupNotFound",
            "NoSuchBucket",
            "NoSuchBucketPolicy",
            "NoSuchPublicAccessBlockConfiguration",
            "NotFound",
            "StateMachineDoesNotExist",
            "ExecutionDoesNotExist",
            "NoSuchRemediationConfigurationException",
        ],
    ),
    (
        ErrorClass::Conflict,
        &[
            "ConflictException",
            "ServiceQuotaExceededException",
            "ResourceConflictException",
            "EntityAlreadyExists",
            "EntityTemporarilyUnmodifiable",
            "ConcurrentModification",
            "DeleteConflict",
            "LimitExceeded",
            "LimitExceededException",
            "AutomationExecutionLimitExceededException",
            "IdempotentParameterMismatch",
            "InvalidAutomationStatusUpdateException",
            "UnmodifiableEntity",
            "IncorrectInstanceState",
            "IncorrectState",
            "OperationNotPermitted",
            "SecurityGroupsPerInterfaceLimitExceeded",
            "TagLimitExceeded",
            "ResourceContention",
            "UnsupportedOperation",
            "UnsupportedHibernationConfiguration",
            "SnapshotLimitExceeded",
            "ConcurrentSnapshotLimitExceeded",
            "SnapshotCreationPerVolumeRateExceeded",
            // EC2 sends it with status 500, and has started nothing.
            "InsufficientInstanceCapacity",
            "OperationAborted",
            "ExecutionAlreadyExists",
            "StateMachineDeleting",
        ],
    ),
    (
        ErrorClass::Validation,
        &[
            "ValidationError",
            "ValidationException",
            "BadRequestException",
            "InvalidInputException",
            "InvalidInput",
            "InvalidParameterValue",
            "InvalidParameters",
            "MalformedPolicyDocument",
            "MalformedPolicy",
            "InvalidAutomationExecutionParametersException",
            "InvalidParameterException",
            "InvalidParameterValueException",
            "InvalidTarget",
            "InvalidFilterKey",
            "InvalidFilterValue",
            "InvalidDocumentOperation",
            "InvalidParameter",
            "InvalidParameterCombination",
            "MissingParameter",
            "UnknownParameter",
            "InvalidGroupId.Malformed",
            "InvalidInstanceID.Malformed",
            "InvalidNetworkInterfaceId.Malformed",
            "InvalidRouteTableId.Malformed",
            "InvalidAssociationID.Malformed",
            "InvalidRequest",
            "InvalidBucketName",
            "MalformedXML",
            "BadDigest",
            "InvalidDigest",
            "XAmzContentSHA256Mismatch",
            "AuthorizationHeaderMalformed",
            "PermanentRedirect",
            "TemporaryRedirect",
        ],
    ),
    (ErrorClass::NotEnabled, &["SubscriptionRequiredException", "OptInRequired"]),
    (ErrorClass::StaleToken, &["InvalidNextToken", "InvalidNextTokenException", "InvalidToken", "InvalidMarker"]),
];

fn by_code(code: &str) -> Option<ErrorClass> {
    CODES.iter().find(|(_, codes)| codes.contains(&code)).map(|(class, _)| *class)
}

fn by_status(status: u16) -> ErrorClass {
    match status {
        429 => ErrorClass::Throttled,
        401 | 403 => ErrorClass::Denied,
        404 => ErrorClass::NotFound,
        409 => ErrorClass::Conflict,
        400..=499 => ErrorClass::Validation,
        500..=599 => ErrorClass::Transient,
        _ => ErrorClass::Other,
    }
}
