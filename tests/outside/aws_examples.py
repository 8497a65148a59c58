"""The answers that AWS publishes as examples, as a service would send them.

The AWS CLI ships an example of each command with its output. Each output is read as it stands, put into the wire form
of its service by botocore's model and moto's serialisers, neither of which is ours, and printed as one line of JSON:
service, operation, method, path, status, body.
"""

import importlib.util
import json
import pathlib
import re
import sys
import urllib.parse

import botocore.loaders
import botocore.utils
from botocore import xform_name
from moto.core.model import ServiceModel
from moto.core.serialize import get_serializer_class

from harness import OPERATIONS


def examples():
    """The folder of the examples."""
    spec = importlib.util.find_spec("awscli")
    return pathlib.Path(spec.submodule_search_locations[0]) / "examples"


def outputs(text):
    """The JSON documents that stand as output; one that is shortened with an ellipsis is none."""
    for block in re.split(r"^Output::?:?\s*$", text, flags=re.M)[1:]:
        lines = []
        for line in block.splitlines():
            if line.strip() and not line.startswith(" "):
                break
            lines.append(line)
        try:
            yield json.loads("\n".join(lines))
        except json.JSONDecodeError:
            continue


def typed(shape, value):
    """Moments as moments, and a policy, which the command line shows as a document, as the text that is sent."""
    if shape.type_name == "structure" and isinstance(value, dict):
        return {k: typed(shape.members[k], v) for k, v in value.items() if k in shape.members}
    if shape.type_name == "list" and isinstance(value, list):
        return [typed(shape.member, v) for v in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {k: typed(shape.value, v) for k, v in value.items()}
    if shape.type_name == "timestamp":
        return botocore.utils.parse_timestamp(value)
    if shape.type_name == "string" and isinstance(value, dict):
        return urllib.parse.quote(json.dumps(value))
    return value


def lost(shape, value, path=""):
    """Members that the model does not know: the example is older or newer than it."""
    if shape.type_name == "structure" and isinstance(value, dict):
        for name, inner in value.items():
            if name in shape.members:
                yield from lost(shape.members[name], inner, f"{path}.{name}")
            else:
                yield f"{path}.{name}"
    elif shape.type_name == "list" and isinstance(value, list):
        for inner in value:
            yield from lost(shape.member, inner, f"{path}[]")


def whole(shape, document):
    """Whether it is what the operation gives: what --query made of that has other members, or is a list."""
    named = shape is None or not shape.members or not document
    return isinstance(document, dict) and (named or bool(set(document) & set(shape.members)))


def main():
    loader = botocore.loaders.Loader()
    for service, operations in OPERATIONS.items():
        model = ServiceModel(loader.load_service_model(service, "service-2"), service)
        for name in operations:
            operation = model.operation_model(name)
            file = examples() / {"s3": "s3api"}.get(service, service) / f"{xform_name(name, '-')}.rst"
            shape = operation.output_shape
            if operation.has_streaming_output:
                # What a function gives back stands in a file of its own, which no example shows.
                print(f"{service}:{name}: its answer is no document", file=sys.stderr)
                continue
            documents = [d for d in outputs(file.read_text()) if whole(shape, d)] if file.exists() else []
            if not documents:
                if file.exists() and (shape is None or not shape.members):
                    documents = [{}]
                else:
                    print(f"{service}:{name}: no example with an answer", file=sys.stderr)
            for document in documents:
                for member in lost(shape, document) if shape else []:
                    print(f"{service}:{name}: the model has no {member}", file=sys.stderr)
                protocol = model.metadata["protocol"]
                serializer = get_serializer_class(service, protocol)(operation_model=operation)
                answer = serializer.serialize(typed(shape, document) if shape else {})
                body = answer["body"]
                if answer["status_code"] == 204:
                    # No content, by HTTP (RFC 9110); moto writes an empty document.
                    body = ""
                if name == "GetBucketLocation":
                    # The one answer that is its only member (the model's unwrapped output), which moto does not know.
                    body = body.replace("GetBucketLocationResponse>", "LocationConstraint>")
                print(json.dumps({
                    "service": service, "operation": name, "status": answer["status_code"],
                    "method": operation.http["method"], "path": operation.http["requestUri"],
                    "body": body if isinstance(body, str) else body.decode(),
                }))


if __name__ == "__main__":
    main()
