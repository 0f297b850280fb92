"""Every call that Kombo's contract knows, made by Kombo's own Python SDK against the practice Kombo. The SDK reads each
answer with its own models and raises where one does not fit, so a call that returns is a call that was understood."""

import re
import typing
import unittest
from datetime import datetime, timedelta, timezone

import httpx
from kombo import errors, models

from support import API_KEY, NEW_CODE, ROOT, Sandbox

CODES = typing.get_args(models.KomboAtsErrorCode)
GENERAL_CODES = typing.get_args(models.KomboGeneralErrorCode)
TYPES = ["BEHAVIORAL", "VIDEO_INTERVIEW", "SKILLS_TEST", "BACKGROUND_CHECK", "REFERENCE_CHECK"]
OFFER = [
    {"id": f"p-{at}", "type": kind, "name": f"Package {at}", "description": "Forty minutes." if at else ""}
    for at, kind in enumerate(TYPES)
]
CUSTOMER = {
    "end_user_email": "it@halden.example",
    "end_user_organization_name": "Halden",
    "end_user_origin_id": "c-1",
    "integration_category": "ASSESSMENT",
}
RESULT_URL = "https://desk.example/r/1"
COMPLETED_AT = datetime(2026, 11, 2, 9, 30, 0, 120_000, timezone.utc)


class Calls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kombo = cls.enterClassContext(Sandbox())

    def refused(self, kind, code, call):
        """The call must be refused in the class of error that the SDK has for it; gives that error."""
        with self.assertRaises(kind) as caught:
            call()
        error = caught.exception.data.error
        self.assertEqual(error.code, code)
        self.assertTrue(error.message)
        self.assertRegex(error.log_url, "^https://app.kombo.dev/")
        if code is not None:
            self.assertTrue(error.title)
        return caught.exception

    def ats(self, code, call):
        return self.refused(errors.KomboAtsError, code, call)

    def general(self, code, call):
        return self.refused(errors.KomboGeneralError, code, call)

    def test_the_key_is_told_to_be_good_or_refused(self):
        self.assertTrue(self.kombo.sdk().general.check_api_key().data.environment_id)
        stranger = self.kombo.sdk(key="another").general
        self.assertEqual(self.general("PLATFORM.AUTHENTICATION_INVALID", stranger.check_api_key).status_code, 401)

    def test_connection_links_are_made_in_every_language_and_of_both_kinds(self):
        connect = self.kombo.sdk().connect
        for language in ["en", "de", "fr", "it", "es"]:
            for link_type in ["MAGIC_LINK", "EMBEDDED"]:
                link = connect.create_connection_link(**CUSTOMER, language=language, link_type=link_type).data.link
                self.assertTrue(link.startswith(self.kombo.url))
        for wrong in [{"end_user_organization_name": ""}, {"end_user_email": "nobody"}]:
            self.general("PLATFORM.INPUT_INVALID", lambda: connect.create_connection_link(**CUSTOMER | wrong))

    def test_what_a_link_led_to_is_found_by_its_token(self):
        connect = self.kombo.sdk().connect
        link = connect.create_connection_link(**CUSTOMER, integration_tool="lever").data.link
        token = link.rsplit("/", 1)[1]
        self.general("PLATFORM.INPUT_INVALID", lambda: connect.get_integration_by_token(token=token))
        self.kombo.connect(link, "lever")
        found = connect.get_integration_by_token(token=token).data
        self.assertEqual((found.tool, found.end_user_origin_id, found.setup_status), ("lever", "c-1", "COMPLETED"))

    def test_an_integration_is_described_in_every_state(self):
        integration = self.kombo.integration(tool="workday", organization_name="Halden", origin_id="c-1")
        general = self.kombo.sdk().general
        for state in ["ACTIVE", "INVALID", "INACTIVE"]:
            for setup in ["COMPLETED", "INCOMPLETE", "FINAL_SYNC_PENDING"]:
                news = {"state": state, "setup_status": setup, "webhook": False}
                self.kombo.control("PUT", f"integrations/{integration}/state", news)
                told = general.get_integration_details(integration_id=integration).data
                self.assertEqual((told.id, told.status, told.setup_status), (integration, state, setup))
                self.assertEqual((told.tool.id, told.category, told.end_user.origin_id), ("workday", "ASSESSMENT", "c-1"))
        self.general("PLATFORM.INTEGRATION_NOT_FOUND", lambda: general.get_integration_details(integration_id="x:none"))

    def test_an_integration_is_switched_off_and_on_reconnected_set_up_and_deleted(self):
        about = {"integration_id": self.kombo.integration(setup_status="INCOMPLETE")}
        general = self.kombo.sdk().general
        for value, after in [(False, "INACTIVE"), (True, "ACTIVE")]:
            general.set_integration_enabled(**about, value=value)
            self.assertEqual(general.get_integration_details(**about).data.status, after)
        for kind in ["MAGIC_LINK", "EMBEDDED"]:
            self.assertTrue(general.create_reconnection_link(**about, language="de", link_type=kind).data.link)
            self.assertTrue(general.create_setup_link(**about, language="fr", link_type=kind).data.link)
        general.delete_integration(**about, body={})
        for call in [
            lambda: general.get_integration_details(**about),
            lambda: general.set_integration_enabled(**about, value=True),
            lambda: general.create_reconnection_link(**about),
            lambda: general.create_setup_link(**about, link_type="EMBEDDED"),
            lambda: general.delete_integration(**about, body={}),
        ]:
            self.general("PLATFORM.INTEGRATION_NOT_FOUND", call)

    def test_the_atss_that_can_be_connected_are_ones_that_the_sdk_knows(self):
        general = self.kombo.sdk().general
        tools = general.get_tools(category="assessment").data.tools
        self.assertGreater(len(tools), 5)
        self.assertLessEqual({tool.id for tool in tools}, set(typing.get_args(models.IntegrationTool)))
        for category in ["ats", "hris", "lms"]:
            self.assertEqual(general.get_tools(category=category).data.tools, [])

    def test_packages_of_every_type_are_set_as_a_whole_list_and_read_back(self):
        assessment = self.kombo.sdk(self.kombo.integration()).assessment
        self.assertEqual(assessment.get_packages().data.packages, [])
        self.assertEqual(assessment.set_packages(packages=OFFER).warnings, [])
        held = assessment.get_packages().data.packages
        self.assertTrue(all(one.updated_at.tzinfo for one in held))
        told = [{"id": one.id, "type": one.type, "name": one.name, "description": one.description} for one in held]
        self.assertEqual(sorted(told, key=lambda one: one["id"]), OFFER)
        assessment.set_packages(packages=OFFER[3:])
        self.assertEqual(len(assessment.get_packages().data.packages), 2)
        self.ats("PLATFORM.INPUT_INVALID", lambda: assessment.set_packages(packages=[OFFER[0], OFFER[0]]))
        self.ats("PLATFORM.INPUT_INVALID", lambda: assessment.set_packages(packages=[OFFER[0] | {"id": "x" * 37}]))
        self.ats("PLATFORM.INTEGRATION_NOT_FOUND", self.kombo.sdk("greenhouse:none").assessment.get_packages)
        self.ats("PLATFORM.INPUT_INVALID", self.kombo.sdk().assessment.get_packages)

    def listed(self, assessment, **query):
        """All orders, page after page, by the SDK's own means."""
        pages = []
        page = assessment.get_assessment_orders(**query)
        while page:
            pages.append([order.id for order in page.result.data.results])
            page = page.next()
        return pages

    def test_orders_come_page_by_page_by_id_by_status_and_by_age(self):
        integration = self.kombo.integration()
        assessment = self.kombo.sdk(integration).assessment
        old = datetime(2026, 1, 5, 8, tzinfo=timezone.utc)
        statuses = ["OPEN", "COMPLETED", "CANCELLED", "REJECTED", "OPEN", "OPEN", "OPEN"]
        ids = [
            self.kombo.order(integration, status=status, **({"created_at": old.isoformat()} if at < 2 else {}))
            for at, status in enumerate(statuses)
        ]
        nobody = {"email": "a@b.example", "remote_id": None, "first_name": None, "last_name": None, "phone": None}
        job = {"remote_id": None, "name": None, "job_code": None, "description": None, "location": None, "hiring_team": []}
        ids.append(self.kombo.order(integration, candidate=nobody, application={"remote_id": None}, job=job))

        self.assertEqual(self.listed(assessment, page_size=3), [ids[:3], ids[3:6], ids[6:]])
        self.assertEqual(self.listed(assessment, page_size=250), [ids])
        self.assertEqual(self.listed(assessment), [ids])
        self.assertEqual(self.listed(assessment, ids=[ids[2], ids[5], "never-was"]), [[ids[2], ids[5]]])
        self.assertEqual(self.listed(assessment, statuses=["COMPLETED", "REJECTED"]), [[ids[1], ids[3]]])
        self.assertEqual(self.listed(assessment, created_after=old + timedelta(milliseconds=1)), [ids[2:]])
        self.assertEqual(self.listed(assessment, created_after=old, statuses=["COMPLETED"]), [[ids[1]]])
        last = assessment.get_assessment_orders(ids=[ids[-1]]).result.data.results[0]
        self.assertEqual(last.candidate.model_dump(), nobody)
        self.ats("PLATFORM.INPUT_INVALID", lambda: assessment.get_assessment_orders(page_size=251))
        self.ats("PLATFORM.INPUT_INVALID", lambda: assessment.get_assessment_orders(cursor="made-up"))

    def test_the_deprecated_list_of_open_orders_has_the_same_orders_without_their_status(self):
        integration = self.kombo.integration()
        for status in ["OPEN", "COMPLETED", "OPEN"]:
            self.kombo.order(integration, status=status)
        headers = {"authorization": f"Bearer {API_KEY}", "x-integration-id": integration}
        told = self.kombo.plain("GET", "/v1/assessment/orders/open", headers=headers)["data"]
        page = self.kombo.sdk(integration).assessment.get_assessment_orders(statuses=["OPEN"])
        listed = [order.model_dump(mode="json", by_alias=True, exclude_unset=True) for order in page.result.data.results]
        self.assertEqual(told, {"next": None, "results": [{k: v for k, v in order.items() if k != "status"} for order in listed]})

    def test_results_of_every_kind_are_written_once(self):
        integration = self.kombo.integration(tool="recruitee")
        assessment = self.kombo.sdk(integration).assessment
        order = self.kombo.order(integration)
        about = {"assessment_order_id": order, "result_url": RESULT_URL}
        self.assertEqual(assessment.update_order_result(**about, status="OPEN").warnings, [])
        workday = {"assessment_status_id": "PASSED"}
        for name in ["assessment_test_status_reference", "assess_candidate_test_result_data", "candidate_assessment_data", "assess_candidate_data"]:
            workday = {name: workday}
        said = assessment.update_order_result(
            **about,
            status="COMPLETED",
            completed_at=COMPLETED_AT,
            score=87.5,
            max_score=100,
            attributes=[
                {"type": "TEXT", "label": "Role fit", "value": "Excellent"},
                {"type": "SUB_RESULT", "id": "s-1", "label": "Reading", "score": {"value": 41, "max": 45}, "status": "COMPLETED"},
            ],
            attachments=[
                {"name": "Report.pdf", "content_type": "application/pdf", "data": "JVBERi0xLjQ="},
                {"name": "data.bin", "content_type": "application/octet-stream", "data": "AAAA"},
            ],
            remote_fields={"smartrecruiters": {"score_label": "Very good"}, "recruitee": {"subtitle": "Reading"}, "workday": workday},
        )
        self.assertEqual(len(said.warnings), 1)
        kept = self.kombo.control("GET", f"orders/{order}")
        self.assertEqual([result["status"] for result in kept["results"]], ["OPEN", "COMPLETED"])
        body = kept["results"][1]["body"]
        self.assertEqual(datetime.fromisoformat(body["completed_at"]), COMPLETED_AT)
        self.assertEqual(body["remote_fields"]["smartrecruiters"], {"scoreLabel": "Very good"})
        self.assertIn("Assess_Candidate_Data", body["remote_fields"]["workday"])
        self.assertEqual(len(kept["attachments"]), 2)
        again = {**about, "status": "CANCELLED", "completed_at": COMPLETED_AT}
        self.ats("PLATFORM.INPUT_INVALID", lambda: assessment.update_order_result(**again))

        about["assessment_order_id"] = self.kombo.order(integration)
        self.ats("PLATFORM.INPUT_INVALID", lambda: assessment.update_order_result(**about, status="COMPLETED"))
        assessment.update_order_result(**about, status="CANCELLED", completed_at=COMPLETED_AT)

    def test_the_codes_that_this_program_knows_are_the_codes_that_the_sdk_knows(self):
        ours = re.findall(r'^ {4}\w+ = "([A-Z_.]+)", ', (ROOT / "src/kombo/code.rs").read_text(), re.MULTILINE)
        self.assertEqual(sorted(ours), sorted(CODES))

    def test_every_code_and_none_arrives_as_the_error_that_the_sdk_has_for_it(self):
        integration = self.kombo.integration()
        sdk = self.kombo.sdk(integration)
        about = {"integration_id": integration}
        result = {"assessment_order_id": "o", "status": "OPEN", "result_url": RESULT_URL}
        for code in [*CODES, None]:
            for call, make in [
                ("packages", sdk.assessment.get_packages),
                ("put_packages", lambda: sdk.assessment.set_packages(packages=OFFER)),
                ("orders", sdk.assessment.get_assessment_orders),
                ("result", lambda: sdk.assessment.update_order_result(**result)),
            ]:
                self.kombo.refuse(call, code)
                self.ats(code, make)
        for code in [*GENERAL_CODES, None]:
            for call, make in [
                ("check_api_key", sdk.general.check_api_key),
                ("create_link", lambda: sdk.connect.create_connection_link(**CUSTOMER)),
                ("integration", lambda: sdk.connect.get_integration_by_token(token="t")),
                ("integration", lambda: sdk.general.get_integration_details(**about)),
                ("manage_integration", lambda: sdk.general.set_integration_enabled(**about, value=True)),
                ("manage_integration", lambda: sdk.general.create_reconnection_link(**about)),
                ("manage_integration", lambda: sdk.general.create_setup_link(**about, link_type="EMBEDDED")),
                ("manage_integration", lambda: sdk.general.delete_integration(**about, body={})),
                ("tools", lambda: sdk.general.get_tools(category="assessment")),
            ]:
                self.kombo.refuse(call, code)
                self.general(code, make)

    def test_a_code_that_the_sdk_does_not_know_keeps_its_words_though_the_sdk_has_no_class_for_it(self):
        self.kombo.refuse("orders", NEW_CODE, 418)
        with self.assertRaises(errors.ResponseValidationError) as caught:
            self.kombo.sdk(self.kombo.integration()).assessment.get_assessment_orders()
        self.assertEqual(caught.exception.status_code, 418)
        said = caught.exception.raw_response.json()["error"]
        self.assertEqual(said["code"], NEW_CODE)
        self.assertTrue(said["title"] and said["message"] and said["log_url"])

    def test_limits_breakdowns_and_broken_lines_are_what_the_sdk_expects_of_them(self):
        assessment = self.kombo.sdk(self.kombo.integration()).assessment
        mischief = lambda **rule: self.kombo.control("PUT", "mischief", {"calls": [{"left": 1, **rule}]})
        mischief(kind="too_many_calls", retry_after=7)
        limited = self.ats("PLATFORM.RATE_LIMIT_EXCEEDED", assessment.get_packages)
        self.assertEqual((limited.status_code, limited.headers["retry-after"]), (429, "7"))
        mischief(kind="server_error", status=502)
        self.assertRaises(errors.SDKDefaultError, assessment.get_packages)
        mischief(kind="applied_then_broken")
        self.assertRaises(httpx.HTTPError, lambda: assessment.set_packages(packages=OFFER))
        self.assertEqual(len(assessment.get_packages().data.packages), len(OFFER), "it was applied all the same")


if __name__ == "__main__":
    unittest.main()
