"""The description of the API as a client fetches it."""

import json
from pathlib import Path

import pytest
import yaml
from django.test import Client

from common.testing import statements

COMMITTED = Path(__file__).resolve().parents[2] / "openapi.yaml"


def test_it_is_the_committed_file(client: Client) -> None:
    answer = client.get("/api/schema/")
    assert answer["Content-Type"] == "application/vnd.oai.openapi; charset=utf-8"
    assert answer.content == COMMITTED.read_bytes()


@pytest.mark.parametrize(("query", "accept"), [("?format=json", "*/*"), ("", "application/json")])
def test_it_is_had_as_json_too(client: Client, query: str, accept: str) -> None:
    answer = client.get(f"/api/schema/{query}", headers={"accept": accept})
    assert json.loads(answer.content) == yaml.safe_load(COMMITTED.read_text())


def test_whoever_has_it_is_told_so(client: Client) -> None:
    etag = client.get("/api/schema/")["ETag"]
    assert client.get("/api/schema/", headers={"if-none-match": etag}).status_code == 304


@pytest.mark.django_db
def test_it_costs_no_statement(client: Client) -> None:
    with statements() as found:
        client.get("/api/schema/")
    assert found == []
