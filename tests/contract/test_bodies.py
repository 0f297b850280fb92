"""Every word that passed in the story (story.mjs; bodies.test.mjs leaves it behind), held against Kombo's Python SDK, and
against Kombo's own OpenAPI document where that lies beside the project."""

import json
import re
import unittest
from datetime import datetime
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx
from kombo import Kombo, models

import document
from support import API_KEY, ROOT

STORY = ROOT / "test-results/contract/story.json"

# What the SDK puts in by itself where nothing is said.
DEFAULTS = {
    "POST /connect/create-link": {"enable_filtering": False, "enable_field_mapping": False, "enable_static_ips": False},
    "GET /assessment/orders": {"page_size": "100"},
}

# Webhooks by their type: the SDK's model.
WEBHOOKS = {
    "assessment:order-received": models.AssessmentOrderReceivedWebhookPayload,
    "inline-assessment:order-received": models.InlineAssessmentOrderReceivedWebhookPayload,
    "integration-created": models.IntegrationCreatedWebhookPayload,
    "integration-deleted": models.IntegrationDeletedWebhookPayload,
    "integration-state-changed": models.IntegrationStateChangedWebhookPayload,
    "connection-flow-failed": models.ConnectionFlowFailedWebhookPayload,
    "data-changed": models.DataChangedWebhookPayload,
    "sync-finished": models.SyncFinishedWebhookPayload,
    "issue-status-changed": models.IssueStatusChangedWebhookPayload,
}


def name(call):
    """A call without its ids."""
    path = re.sub(r"^/v1|\?.*$", "", call["path"])
    path = re.sub(r"^(/integrations|/connect/integration-by-token|/assessment/orders)/[^/]+", r"\1/{}", path)
    return f"{call['method']} {path}"


def moments(value):
    """The same with every moment read, so that two ways to write one moment are equal."""
    if isinstance(value, dict):
        return {key: moments(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [moments(inner) for inner in value]
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value):
        return datetime.fromisoformat(value)
    return value


def said(method, url, headers, body, left):
    """What of a call counts, in one form."""
    parts = urlsplit(str(url))
    more = {**left, **(dict(parse_qsl(parts.query)) if method == "GET" else body)}
    kind = method == "GET" or headers.get("content-type")
    return method, unquote(parts.path), headers.get("authorization"), headers.get("x-integration-id"), kind, moments(more)


def asked(sdk, call):
    """The same call as `call`, made by the SDK; gives what it understood of the answer."""
    parts = urlsplit(call["path"])
    path = [unquote(part) for part in parts.path.removeprefix("/v1").split("/")]
    query = dict(parse_qsl(parts.query))
    body = call["json"]
    match name(call):
        case "GET /check-api-key":
            return sdk.general.check_api_key()
        case "POST /connect/create-link":
            return sdk.connect.create_connection_link(**body)
        case "GET /tools/assessment":
            return sdk.general.get_tools(category="assessment")
        case "GET /connect/integration-by-token/{}":
            return sdk.connect.get_integration_by_token(token=path[3])
        case "PUT /integrations/{}/enabled":
            return sdk.general.set_integration_enabled(integration_id=path[2], **body)
        case "POST /integrations/{}/relink":
            return sdk.general.create_reconnection_link(integration_id=path[2], **body)
        case "POST /integrations/{}/setup-link":
            return sdk.general.create_setup_link(integration_id=path[2], **body)
        case "DELETE /integrations/{}":
            return sdk.general.delete_integration(integration_id=path[2], body={})
        case "GET /integrations/{}":
            return sdk.general.get_integration_details(integration_id=path[2])
        case "PUT /assessment/packages":
            return sdk.assessment.set_packages(**body)
        case "GET /assessment/packages":
            return sdk.assessment.get_packages()
        case "GET /assessment/orders":
            lists = {key: query.pop(key).split(",") for key in ("ids", "statuses") if key in query}
            if "page_size" in query:
                query["page_size"] = int(query["page_size"])
            return sdk.assessment.get_assessment_orders(**query, **lists).result
        case "PUT /assessment/orders/{}/result":
            return sdk.assessment.update_order_result(assessment_order_id=path[3], **moments(body))
    raise AssertionError(f"this program makes a call that the test does not know: {name(call)}")


class Bodies(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        story = json.loads(STORY.read_text())
        cls.calls = [call for call in story["said"] if call["path"].startswith("/v1/")]
        cls.heard = story["heard"]

    def test_the_sdk_asked_for_the_same_makes_the_same_call_and_understands_the_answer(self):
        self.assertGreater(len(self.calls), 8)
        for call in self.calls:
            made = []

            def answer(request):
                made.append(request)
                answered = call["answer"] if call["answer"] else {"status": "success", "data": {}, "warnings": []}
                return httpx.Response(200, json=answered)

            with httpx.Client(transport=httpx.MockTransport(answer)) as client:
                sdk = Kombo(api_key=API_KEY, integration_id=call["headers"].get("x-integration-id"), server_url="http://kombo/v1", client=client)
                understood = asked(sdk, call)
            request = made[0]
            left = DEFAULTS.get(name(call), {})
            theirs = said(request.method, request.url, request.headers, json.loads(request.content or b"{}"), {})
            ours = said(call["method"], call["path"], call["headers"], call["json"] or {}, left)
            self.assertEqual(theirs, ours, name(call))
            if call["answer"]:
                self.assertEqual(self.told(understood), moments(call["answer"]) | self.old_name(call), name(call))

    def told(self, model):
        """What the SDK keeps of an answer, in the form of the answer."""
        return moments(json.loads(model.model_dump_json(by_alias=True, exclude_unset=True))) | {"status": "success"}

    def old_name(self, call):
        """The SDK no longer has `customer_id`, the old name of `environment_id`, which the document still demands."""
        if name(call) != "GET /check-api-key":
            return {}
        return {"data": {"environment_id": call["answer"]["data"]["environment_id"]}}

    def test_every_webhook_is_one_that_the_sdk_knows_to_the_last_field(self):
        self.assertEqual({webhook["json"]["type"] for webhook in self.heard}, set(WEBHOOKS))
        for webhook in self.heard:
            body = webhook["json"]
            read = WEBHOOKS[body["type"]].model_validate(body)
            kept = json.loads(read.model_dump_json(by_alias=True, exclude_unset=True))
            self.assertEqual(moments(kept), moments(body), body["type"])


class AgainstTheDocument(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not document.PATH.exists():
            raise unittest.SkipTest(document.MISSING)
        cls.document = document.Document()
        story = json.loads(STORY.read_text())
        cls.calls = [call for call in story["said"] if call["path"].startswith("/v1/")]
        cls.heard = story["heard"]

    def test_the_check_finds_what_is_wrong(self):
        good = {"status": "COMPLETED", "result_url": "https://a.example/r/1", "completed_at": "2026-11-02T09:30:00.120Z"}
        self.document.check_call("PUT", "/v1/assessment/orders/o/result", good)
        for wrong in [{"status": "REJECTED"}, {"result_url": "nowhere at all"}, {"completed_at": "2.11.2026"}, {"score": "7"}]:
            with self.assertRaises(document.Unfit, msg=wrong):
                self.document.check_call("PUT", "/v1/assessment/orders/o/result", good | wrong)
        with self.assertRaises(document.Unfit):
            self.document.check_call("GET", "/v1/assessment/orders?status=OPEN", None)
        with self.assertRaises(document.Unfit):
            self.document.check_answer("GET", "/v1/assessment/orders", 404, {"status": "error", "error": {"code": "NEW"}})

    def test_every_call_fits(self):
        for call in self.calls:
            self.document.check_call(call["method"], call["path"], call["json"])

    def test_every_answer_of_the_practice_kombo_fits(self):
        for call in self.calls:
            if call["answer"]:
                self.document.check_answer(call["method"], call["path"], call["status"], call["answer"])

    def test_every_webhook_fits(self):
        for webhook in self.heard:
            if self.document.has_webhook(webhook["json"]["type"]):
                self.document.check_webhook(webhook["json"])
            else:
                self.assertEqual(webhook["json"]["type"], "issue-status-changed", "only the SDK knows this one as yet")


if __name__ == "__main__":
    unittest.main()
