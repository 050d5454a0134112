"""Whatever is asked of the API, it answers as it says it does: no fault, no status or shape that is not described.

VOC_SOAK=1 asks far more, and other questions each time.
"""

import os
import shutil

import pytest
from conftest import BARE
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import InvalidURL
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, openapi
from schemathesis.specs.openapi import checks
from visitors import HOST, program

from voc.web import app as web
from voc.web.api.schema import describe
from voc.workspace import Workspace

SOAK = bool(os.environ.get("VOC_SOAK"))
SLOW = {"GET /api/v1/reports/{week}": 4, "GET /api/v1/proposals/{proposal_id}": 6, "GET /api/v1/effect/{change_id}": 6}
TYPE = {"content-type": "application/json"}
ROLES = ("admin", "viewer")
CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]


def described():
    """Return what the API says of itself, without a workspace."""
    made = FastAPI(openapi_url=None)
    for one in web.api.routers():
        made.include_router(one)
    return openapi.from_dict(describe(made))


OPERATIONS = {one.ok().label: one.ok() for one in described().get_all_operations()}


@pytest.fixture(scope="module")
def asked(ready_folder, tmp_path_factory):
    """Clients of two roles upon a workspace of their own, and ids of what is in it, by the name of the parameter."""
    folder = tmp_path_factory.mktemp("openapi") / "w"
    shutil.copytree(ready_folder, folder)
    with Workspace.open(folder, environment=BARE) as opened:
        made = web.create_app(opened)
        clients = {role: program(opened, role, app=made) for role in ROLES}
        with opened.services.database.read() as connection:
            from sqlalchemy import select

            from voc.store import schema

            comments = list(connection.execute(select(schema.feedback.c.id).limit(3)).scalars())
        drafted = [one.id for one in opened.proposals()]
        known = {
            "theme_id": [one.theme.id for one in opened.themes()[:3]],
            "feedback_id": comments,
            "proposal_id": drafted,
            "change_id": drafted,
            "action_id": [""],
            "run_id": [one.id for one in opened.runs()],
            "document": ["delivery"],
            "week": ["2024-W39", "2024-w38"],
        }
        assert all(known.values())
        # A run would be a process of its own.
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(Workspace, "_started", lambda self, command, week: self.runs(limit=1)[0])
            yield clients, known


def send(client, case, known, pick):
    """Ask a question, with an id that exists in place of the invented one where `pick` says which."""
    path = case.path
    for name, value in (case.path_parameters or {}).items():
        real = known.get(name) if pick is not None else None
        path = path.replace(f"{{{name}}}", real[pick % len(real)] if real else str(value))
    told = case.as_transport_kwargs(base_url=HOST)
    body = {"content" if name == "data" else name: told[name] for name in ("json", "data") if name in told}
    url = told["url"] if pick is None else f"{HOST}{path}"
    try:
        return client.request(case.method, url, params=told.get("params") or None, headers=TYPE, **body)
    except InvalidURL:  # no client sends it
        reject()


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["meant", "mistaken"])
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_is_one_that_is_described(asked, label, role, mode):
    clients, known = asked
    operation = OPERATIONS[label]
    examples = SLOW.get(label, 6) * (20 if SOAK else 1)

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=not SOAK,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), pick=st.none() | st.integers(0, 2))
    def check(case, pick):
        answer = send(clients[role], case, known, pick)
        assert answer.status_code < 500, answer.text
        case.validate_response(answer, checks=CHECKS)

    check()


@pytest.mark.parametrize("label", OPERATIONS)
def test_without_a_token_nothing_is_told(asked, label):
    clients, _ = asked
    method, path = label.split(" ")
    nobody = TestClient(clients["admin"].app, base_url=HOST)
    sent = {} if method == "GET" else {"json": {}}
    answer = nobody.request(method, path.replace("{", "").replace("}", ""), **sent)
    assert (answer.status_code, answer.json()["kind"]) == (401, "SignInError")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_everything_is_named_and_described():
    raw = described().raw_schema
    for path, operations in raw["paths"].items():
        for method, one in operations.items():
            assert one["summary"], (method, path)
            assert one["description"], (method, path)
            told = {"200", "401", "403", "404", "409", "422", "500", "503"}
            assert set(one["responses"]) == told | ({"304"} if method == "get" else {"413", "415"}), (method, path)
            assert all(each.get("description") for each in one.get("parameters", [])), (method, path)
    for name, model in raw["components"]["schemas"].items():
        assert model.get("description"), name
        assert [field for field, one in model.get("properties", {}).items() if not one.get("description")] == [], name


def test_only_the_api_is_described_and_how_to_sign_in():
    raw = described().raw_schema
    assert all(path.startswith("/api/v1/") for path in raw["paths"])
    assert raw["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert {"token": []} in raw["security"]
