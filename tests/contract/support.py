"""What the contract tests in Python stand on: the practice Kombo as a process of its own, its control interface, and
Kombo's Python SDK pointed at it."""

import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import httpx
from kombo import Kombo

import document

ROOT = document.ROOT
API_KEY = "contract-tests"

# A code that Kombo does not have yet: the one thing that no document can know.
NEW_CODE = "ATS.BRAND_NEW"


class Sandbox:
    """The practice Kombo, from `with` to the end of its block."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="assessdesk-contract-")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._document = document.Document() if document.PATH.exists() else None
        self._client = httpx.Client(event_hooks={"response": [self._check]})
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": self._folder.name,
            "ASSESSDESK_KOMBO_API_KEY": API_KEY,
            "ASSESSDESK_KOMBO_WEBHOOK_SECRET": "contract-tests-secret",
            "ASSESSDESK_SANDBOX_LISTEN": f"127.0.0.1:{port}",
            "ASSESSDESK_SANDBOX_DATABASE_URL": f"sqlite://{self._folder.name}/sandbox.db",
            "ASSESSDESK_SANDBOX_TARGET_URL": "http://127.0.0.1:9/nobody",
            "ASSESSDESK_LOG": "warn",
        }
        binary = os.environ.get("ASSESSDESK_BIN", ROOT / "target/debug/assessdesk")
        self._log = open(Path(self._folder.name) / "log", "w+")
        self._program = subprocess.Popen(
            [binary, "sandbox"], cwd=self._folder.name, env=environment, stdout=self._log, stderr=self._log
        )
        self._ready()

    def _ready(self):
        for _ in range(600):
            if self._program.poll() is not None:
                break
            try:
                self._client.get(f"{self.url}/ats").raise_for_status()
                return
            except httpx.HTTPError:
                time.sleep(0.05)
        self._log.seek(0)
        raise AssertionError(f"the sandbox is not ready. It said:\n{self._log.read()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._client.close()
        self._program.terminate()
        code = self._program.wait(timeout=12)
        self._log.close()
        self._folder.cleanup()
        assert code == 0, f"the sandbox did not stop well: {code}"

    def control(self, method, path, body=None):
        """A call of the control interface."""
        return self.plain(method, f"/control/{path}", body)

    def plain(self, method, path, body=None, headers=None):
        """Any call, without the SDK."""
        answer = self._client.request(method, self.url + path, json=body, headers=headers)
        assert answer.status_code == 200, f"{method} {path}: {answer.text}"
        return answer.json()

    def sdk(self, integration=None, key=API_KEY):
        """The SDK, about one integration."""
        more = {"integration_id": integration} if integration else {}
        return Kombo(api_key=key, server_url=f"{self.url}/v1", timeout_ms=10_000, client=self._client, **more)

    def _check(self, answer):
        """Each answer of Kombo's must also be what its own document says."""
        asked = answer.request
        if self._document is None or not asked.url.path.startswith("/v1/") or answer.headers["content-type"] != "application/json":
            return
        answer.read()
        if NEW_CODE not in answer.text:
            self._document.check_answer(asked.method, asked.url, answer.status_code, answer.json())

    def integration(self, **more):
        """An integration; nobody is told of it."""
        return self.control("POST", "integrations", {"webhook": False, **more})["id"]

    def order(self, integration, **more):
        """An order; nobody is told of it."""
        placing = {"integration": integration, "package": "p-1", "webhook": False, **more}
        return self.control("POST", "orders", placing)["order"]["id"]

    def refuse(self, call, code, http_status=None):
        """The next call is refused with this code."""
        rule = {"kind": "refused_with", "call": call, "code": code, "http_status": http_status, "left": 1}
        self.control("PUT", "mischief", {"calls": [rule]})

    def connect(self, link, tool):
        """What a person does on the connection page."""
        assert self._client.post(link, data={"tool": tool, "outcome": "connect"}).status_code == 303
