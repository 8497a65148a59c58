"""Holds requests and raw answers against botocore's service models: every member known, of its type and in its bounds,
every required member there. botocore itself drops what it does not know, so the bytes are read again here."""

import base64
import json
import re
import xml.etree.ElementTree as ElementTree
from datetime import datetime

ISO = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
# Errors that every AWS service gives, whatever its model lists (IAM user guide, "Common error types").
COMMON = {
    "AccessDenied", "AccessDeniedException", "ExpiredToken", "ExpiredTokenException", "InternalFailure",
    "InvalidClientTokenId", "ServiceUnavailable", "ServiceUnavailableException", "SignatureDoesNotMatch",
    "Throttling", "ThrottlingException", "TooManyRequestsException", "UnrecognizedClientException",
    "ValidationError", "ValidationException",
}
# EC2's model lists no errors at all (Amazon EC2 API reference, "Error codes").
EC2 = {
    "AuthFailure", "DryRunOperation", "IncorrectInstanceState", "IncorrectState", "InvalidAction",
    "InvalidAssociationID.Malformed", "InvalidAssociationID.NotFound", "InvalidGroup.NotFound", "InvalidGroupId.Malformed",
    "InvalidID", "InvalidInstanceID.Malformed", "InvalidInstanceID.NotFound", "InvalidNetworkInterfaceID.NotFound",
    "InvalidNetworkInterfaceId.Malformed", "InvalidParameterCombination", "InvalidParameterValue",
    "InvalidRouteTableID.NotFound", "InvalidRouteTableId.Malformed", "InvalidSnapshot.NotFound", "InvalidVolume.NotFound",
    "MissingParameter", "OperationNotPermitted", "RequestExpired",
    "RequestLimitExceeded", "SecurityGroupsPerInterfaceLimitExceeded", "TagLimitExceeded", "UnauthorizedOperation",
    "UnsupportedHibernationConfiguration",
}
NAMESPACES = {
    "s3": "http://s3.amazonaws.com/doc/2006-03-01/",
    "s3control": "http://awss3control.amazonaws.com/doc/2018-08-20/",
}
# S3's model lists few of its errors (Amazon S3 API reference, "Error responses").
S3 = {
    "AccessDenied", "BadDigest", "ExpiredToken", "InvalidBucketOwnerAWSAccountID", "InvalidRequest", "MalformedPolicy",
    "MalformedXML",
    "MethodNotAllowed", "NoSuchBucket", "NoSuchBucketPolicy", "NoSuchPublicAccessBlockConfiguration",
    "PermanentRedirect", "SlowDown", "XAmzContentSHA256Mismatch",
}


def bounds(shape, value, at, problems):
    """What a model says beyond the type: enumeration, length or range, pattern."""
    if shape.type_name in ("string", "character"):
        if getattr(shape, "enum", None) and value not in shape.enum:
            problems.append(f"{at}: {value!r} is none of {shape.enum}")
        size = len(value)
        pattern = shape.metadata.get("pattern")
        if pattern and not matches(pattern, value):
            problems.append(f"{at}: {value!r} does not match {pattern}")
    elif shape.type_name in ("integer", "long", "float", "double"):
        size = value
    elif shape.type_name in ("list", "map"):
        size = len(value)
    else:
        return
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if (low is not None and size < low) or (high is not None and size > high):
        problems.append(f"{at}: {size} is not within {low} to {high}")


def matches(pattern, value):
    """The models' patterns are Java's: the classes that Python lacks become letters, numbers and spaces."""
    for java, python in ((r"\p{L}", "a-zA-Z"), (r"\p{N}", "0-9"), (r"\p{Z}", " "), (r"\p{Alnum}", "a-zA-Z0-9")):
        pattern = pattern.replace(java, python)
    pattern = re.sub(r"\\u1([0-9A-F]{4})", lambda m: rf"\U0001{m[1]}", pattern)
    try:
        return re.fullmatch(pattern, value, re.DOTALL) is not None
    except re.error:
        return True


def request(shape, value, at, problems):
    """The parameters of a call, as boto3 was given them; botocore has looked at their types already."""
    if shape is None or value is None:
        return
    if shape.type_name == "structure":
        for name, member in (value or {}).items():
            request(shape.members[name], member, f"{at}.{name}", problems)
        return
    bounds(shape, value, at, problems)
    if shape.type_name == "list":
        for index, item in enumerate(value):
            request(shape.member, item, f"{at}[{index}]", problems)
    elif shape.type_name == "map":
        for key, item in value.items():
            request(shape.key, key, f"{at}.{key}", problems)
            request(shape.value, item, f"{at}.{key}", problems)


def from_json(shape, value, at, problems, stamps):
    """A JSON value; `stamps` is how the protocol writes times when the member does not say."""
    kinds = {
        "structure": dict, "map": dict, "list": list, "string": str, "character": str, "boolean": bool, "blob": str,
        "integer": int, "long": int, "float": (int, float), "double": (int, float),
    }
    kind = shape.type_name
    if kind in kinds and (not isinstance(value, kinds[kind]) or (kind != "boolean" and isinstance(value, bool))):
        problems.append(f"{at}: {value!r} is no {kind}")
    elif kind == "structure":
        structure(shape, value, at, problems, stamps)
    elif kind == "list":
        bounds(shape, value, at, problems)
        for index, item in enumerate(value):
            from_json(shape.member, item, f"{at}[{index}]", problems, stamps)
    elif kind == "map":
        bounds(shape, value, at, problems)
        for key, item in value.items():
            bounds(shape.key, key, f"{at}.{key}", problems)
            from_json(shape.value, item, f"{at}.{key}", problems, stamps)
    elif kind == "timestamp":
        stamp(shape.serialization.get("timestampFormat", stamps), value, at, problems)
    elif kind == "blob":
        base64.b64decode(value, validate=True)
    else:
        bounds(shape, value, at, problems)


def structure(shape, value, at, problems, stamps):
    if getattr(shape, "is_document_type", False):
        # Any JSON at all: what is in it the model does not say.
        return
    members = {m.serialization.get("name", name): (name, m) for name, m in shape.members.items()}
    for key, item in value.items():
        if key not in members:
            problems.append(f"{at}: the model has no member {key}")
        elif item is not None:
            from_json(members[key][1], item, f"{at}.{key}", problems, stamps)
    for wire, (name, _) in members.items():
        if name in shape.required_members and value.get(wire) is None:
            problems.append(f"{at}: {name} is required and not there")


def stamp(form, value, at, problems):
    if form == "iso8601":
        if not isinstance(value, str) or not ISO.match(value):
            problems.append(f"{at}: {value!r} is no ISO 8601 time")
        return
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        problems.append(f"{at}: {value!r} is no time in seconds")
    elif not 2000 < datetime.fromtimestamp(value).year < 2100:
        problems.append(f"{at}: {value!r} is no time of our age")


def from_xml(shape, element, at, problems):
    kind = shape.type_name
    text = element.text or ""
    if kind == "structure":
        members = {m.serialization.get("name", name): (name, m) for name, m in shape.members.items()}
        there = [local(child) for child in element]
        for child in element:
            if local(child) not in members:
                problems.append(f"{at}: the model has no member {local(child)}")
            else:
                from_xml(members[local(child)][1], child, f"{at}.{local(child)}", problems)
        for wire, (name, _) in members.items():
            if name in shape.required_members and wire not in there:
                problems.append(f"{at}: {name} is required and not there")
            if there.count(wire) > 1:
                problems.append(f"{at}: {name} is there {there.count(wire)} times")
    elif kind == "list":
        bounds(shape, list(element), at, problems)
        wanted = shape.member.serialization.get("name", "member")
        for index, child in enumerate(element):
            if local(child) != wanted:
                problems.append(f"{at}: {local(child)} where {wanted} should stand")
            from_xml(shape.member, child, f"{at}[{index}]", problems)
    elif kind == "timestamp":
        stamp("iso8601", text, at, problems)
    elif kind == "boolean":
        if text not in ("true", "false"):
            problems.append(f"{at}: {text!r} is no boolean")
    elif kind in ("integer", "long"):
        bounds(shape, int(text), at, problems)
    else:
        bounds(shape, text, at, problems)


def local(element):
    return element.tag.rsplit("}", 1)[-1]


def response(operation, answer, problems):
    """A whole answer: `answer` has status_code, headers and body, as botocore got them."""
    service, at = operation.service_model, operation.name
    protocol = service.metadata["protocol"]
    status, body = answer["status_code"], answer["body"]
    headers = {k.lower(): v for k, v in answer["headers"].items()}
    if not any(name in headers for name in ("x-amzn-requestid", "x-amz-request-id")):
        problems.append(f"{at}: no request id among the headers")
    kind = {"rest-json": "application/json", "json": f"application/x-amz-json-{service.metadata.get('jsonVersion')}", "query": "text/xml",
            "ec2": "text/xml", "rest-xml": "application/xml"}[protocol]
    # A policy is a text of its own.
    if at == "GetBucketPolicy" and status == 200:
        kind = "application/json"
    if headers.get("content-type", "").split(";")[0] != kind:
        problems.append(f"{at}: content-type {headers.get('content-type')} is not {kind}")
    if status >= 300:
        error(operation, protocol, status, headers, body, problems)
    elif operation.has_streaming_output:
        # What it gives out is not read yet, and the model says nothing of it.
        pass
    elif protocol == "query":
        root = ElementTree.fromstring(body)
        if local(root) != f"{at}Response" or f"{{{service.metadata['xmlNamespace']}}}" not in root.tag:
            problems.append(f"{at}: the root is {root.tag}")
        inside = {local(child): child for child in root}
        if "RequestId" not in [local(child) for child in inside.get("ResponseMetadata", [])]:
            problems.append(f"{at}: no RequestId in ResponseMetadata")
        if operation.output_shape is not None and operation.output_shape.members:
            wrapper = operation.output_shape.serialization.get("resultWrapper")
            from_xml(operation.output_shape, inside[wrapper], at, problems)
    elif protocol == "ec2":
        root = ElementTree.fromstring(body)
        # The model's namespace has no slash at its end, the service's answers have one.
        if local(root) != f"{at}Response" or f"{{{service.metadata['xmlNamespace']}/}}" not in root.tag:
            problems.append(f"{at}: the root is {root.tag}")
        if [local(child) for child in root].count("requestId") != 1:
            problems.append(f"{at}: no requestId in the answer")
        for child in [child for child in root if local(child) in ("requestId", "return")]:
            root.remove(child)
        if operation.output_shape is not None:
            from_xml(operation.output_shape, root, at, problems)
    elif protocol == "rest-xml":
        document(operation, body, problems)
    else:
        value = json.loads(body) if body else {}
        if operation.output_shape is not None:
            stamps = "unixtimestamp"
            from_json(operation.output_shape, value, at, problems, stamps)
        elif value:
            problems.append(f"{at}: {value!r} where the model has no answer")


def document(operation, body, problems):
    """S3's document is the one member that the model calls its payload; an operation that has none says nothing."""
    at, shape = operation.name, operation.output_shape
    if shape is None or not shape.members:
        if body.strip():
            problems.append(f"{at}: {body!r} where the model has no answer")
        return
    payload = shape.serialization.get("payload")
    if payload and shape.members[payload].type_name == "string":
        json.loads(body)
        return
    root = ElementTree.fromstring(body)
    # The location alone has no payload: its one member is the document.
    inner = shape.members[payload or next(iter(shape.members))]
    name = inner.serialization.get("name", payload or "LocationConstraint")
    if root.tag != f"{{{NAMESPACES[operation.service_model.service_name]}}}{name}":
        problems.append(f"{at}: the root is {root.tag}")
    # The oldest Region has no name: nothing stands for it.
    if at != "GetBucketLocation" or root.text:
        from_xml(inner, root, at, problems)


def error(operation, protocol, status, headers, body, problems):
    at = operation.name
    if protocol == "ec2":
        root = ElementTree.fromstring(body)
        found = {local(e): e.text for e in root.iter()}
        code = found.get("Code")
        if local(root) != "Response" or not found.get("RequestID") or not found.get("Message"):
            problems.append(f"{at}: {code} without a message or a RequestID")
    elif protocol == "rest-xml":
        root = ElementTree.fromstring(body)
        found = {local(e): e.text for e in root.iter()}
        code = found.get("Code")
        wanted = "ErrorResponse" if operation.service_model.service_name == "s3control" else "Error"
        if root.tag != wanted or not found.get("RequestId") or not found.get("Message"):
            problems.append(f"{at}: {code} without a message or a RequestId")
    elif protocol == "query":
        root = ElementTree.fromstring(body)
        found = {local(e): e.text for e in root.iter()}
        code, kind = found.get("Code"), found.get("Type")
        if kind != ("Sender" if status < 500 else "Receiver"):
            problems.append(f"{at}: {code} is of type {kind} with status {status}")
        if not found.get("RequestId"):
            problems.append(f"{at}: no RequestId in the error")
    else:
        value = json.loads(body)
        code = headers.get("x-amzn-errortype") or value.get("__type") or value.get("code")
        code = (code or "").split(":")[0].rsplit("#", 1)[-1]
        if not (value.get("message") or value.get("Message")):
            problems.append(f"{at}: {code} without a message")
    modelled = {s.metadata.get("error", {}).get("code", s.name): s for s in operation.error_shapes}
    # The model lists no error of its own for this operation; a key that is not there is answered all the same.
    if (operation.name, code) == ("GetAccessKeyLastUsed", "NoSuchEntity"):
        return problems
    if code not in modelled and code not in {"ec2": EC2, "rest-xml": S3}.get(protocol, COMMON):
        problems.append(f"{at}: the model has no error {code}")
    expected = modelled[code].metadata.get("error", {}).get("httpStatusCode") if code in modelled else None
    if expected is not None and status != expected:
        problems.append(f"{at}: {code} with status {status}, the model says {expected}")
    if expected is None and not (400 <= status < 600 or (code, status) == ("PermanentRedirect", 301)):
        problems.append(f"{at}: {code} with status {status}")
