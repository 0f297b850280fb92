"""Kombo's own OpenAPI document, where it lies beside the project (or where KOMBO_OPENAPI says): whether what was sent fits
what it says, formats and patterns included."""

import json
import os
import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import jsonschema
import referencing
import referencing.jsonschema

ROOT = Path(__file__).resolve().parents[2]
PATH = Path(os.environ.get("KOMBO_OPENAPI", ROOT.parent / "shared/kombo/openapi-assessment.json"))
MISSING = f"{PATH} is missing: the check against Kombo's own document is skipped"


class Unfit(AssertionError):
    """Something is not what the document says."""


def with_null(value):
    """The same in JSON Schema's words: webhooks still say `nullable`, and the list of codes leaves the null out that its
    type allows and that the document's own example of an error has."""
    if isinstance(value, list):
        return [with_null(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    value = {key: with_null(inner) for key, inner in value.items()}
    if isinstance(value.get("enum"), list) and "null" in value.get("type", ""):
        value["enum"] = [*value["enum"], None]
    return {"anyOf": [value, {"type": "null"}]} if value.pop("nullable", False) is True else value


class Document:
    """The document; it is only made where the file is there."""

    def __init__(self):
        self._whole = with_null(json.loads(PATH.read_text()))
        resource = referencing.jsonschema.DRAFT202012.create_resource(self._whole)
        self._registry = referencing.Registry().with_resource("kombo:document", resource)

    def check(self, value, *place):
        """Raises where `value` does not fit the schema at this place, which may lead elsewhere in the document."""
        schema = self._whole
        for at, step in enumerate(place):
            schema = schema[step]
            if "$ref" in schema and at + 1 < len(place):
                return self.check(value, *schema["$ref"].split("/")[1:], *place[at + 1 :])
        pointer = "/".join(step.replace("~", "~0").replace("/", "~1") for step in place)
        checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
        validator = jsonschema.Draft202012Validator(
            {"$ref": f"kombo:document#/{pointer}"}, registry=self._registry, format_checker=checker
        )
        faults = [f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(value)]
        if faults:
            raise Unfit(f"{'/'.join(place)}: {faults}")
        return None

    def operation(self, method, url):
        """The place of a call in the document."""
        wanted = urlsplit(str(url)).path.removeprefix("/v1")
        for path, item in self._whole["paths"].items():
            if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", path), wanted) and method.lower() in item:
                return "paths", path, method.lower()
        raise Unfit(f"the document has no {method} {wanted}")

    def check_call(self, method, url, body):
        """Raises where a call's parameters or body are not what the document says."""
        place = self.operation(method, url)
        if method != "GET":
            self.check(body, *place, "requestBody", "content", "application/json", "schema")
            return
        _, path, _ = place
        known = {parameter["name"] for parameter in self._whole["paths"][path]["get"].get("parameters", [])}
        if unknown := {key for key, _ in parse_qsl(urlsplit(str(url)).query)} - known:
            raise Unfit(f"{path} has no parameter {unknown}")

    def check_answer(self, method, url, status, answer):
        """Raises where an answer is not what the document says."""
        kind = "200" if status == 200 else "default"
        self.check(answer, *self.operation(method, url), "responses", kind, "content", "application/json", "schema")

    def check_webhook(self, body):
        """Raises where a webhook is not what the document says."""
        self.check(body, "webhooks", body["type"], "post", "requestBody", "content", "application/json", "schema")

    def has_webhook(self, kind):
        """Whether the document knows a webhook of this type."""
        return kind in self._whole["webhooks"]
