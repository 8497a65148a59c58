"""Holds CACAO playbooks, the arguments from the second on, to the published schemas in the folder of the first."""

import json
import pathlib
import sys

from jsonschema import Draft7Validator, Draft202012Validator
from referencing import Registry, Resource


def schemas(change):
    """The published schemas by their name in the folder, and how they find each other."""
    found = {}
    for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.json")):
        schema = json.loads(path.read_text())
        if "$id" in schema:
            change(path.stem, schema)
            found[path.stem] = Resource.from_contents(schema)
    return found, Registry().with_resources((each.contents["$id"], each) for each in found.values())


def as_published(name, schema):
    """Draft 7, as they say of themselves."""


def strict(name, schema):
    """They use unevaluatedProperties, which only later drafts know; so that unknown properties are refused, they are
    read as such. In the base of all commands it would refuse what each command adds."""
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    if name == "command-data":
        schema.pop("unevaluatedProperties", None)


wrong = []


def hold(book, name, change, validator):
    found, registry = schemas(change)

    def check(schema, value):
        errors = validator(found[schema].contents, registry=registry).iter_errors(value)
        wrong.extend(f"{name}: {schema}: {error.json_path}: {error.message[:300]}" for error in errors)

    check("playbook", book)
    for step in book["workflow"].values():
        check(step["type"], step)
        for command in step.get("commands", []):
            check(command["type"], command)
    for agent in book.get("agent_definitions", {}).values():
        check(agent["type"], agent)


for name in sys.argv[2:]:
    book = json.loads(pathlib.Path(name).read_text())
    hold(book, name, as_published, Draft7Validator)
    hold(book, name, strict, Draft202012Validator)
assert not wrong, f"{len(wrong)} errors\n" + "\n".join(wrong[:20])
print(f"{len(sys.argv) - 2} playbooks are valid")
