"""What an operator watches with: each alert has its runbook, each panel its figures, each statement of the guide runs."""

import json
import re
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from django.db import connection

from common.security import Event
from devstack.servers import PostgresServer
from devstack.state import ROOT
from operations.metrics import FAMILIES
from operations.metrics.readings import READINGS

DEPLOY = ROOT / "deploy"
RUNBOOKS = (ROOT / "docs" / "operations" / "runbooks.md").read_text()
RULES: dict[str, Any] = yaml.safe_load((DEPLOY / "prometheus" / "rules" / "balcao.yml").read_text())
PROMETHEUS: dict[str, Any] = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
ALERTMANAGER: dict[str, Any] = yaml.safe_load((DEPLOY / "prometheus" / "alertmanager.yml").read_text())
ALERTS = [rule for group in RULES["groups"] for rule in group["rules"] if "alert" in rule]
RECORDED = {rule["record"] for group in RULES["groups"] for rule in group["rules"] if "record" in rule}
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "dashboards" / "balcao.json").read_text())
STATEMENTS = re.findall(r"```sql\n(.*?)```", (ROOT / "docs" / "operations" / "database.md").read_text(), re.DOTALL)
OF_EXTENSIONS = {"pg_stat_statements": "FROM pg_stat_statements", "pgstattuple": "pgstattuple("}
SUFFIXES = re.compile(r"_(bucket|sum|count)$")


def expressions() -> list[str]:
    """Every query of the rules and the dashboard."""
    panels = [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ())]
    return [*panels, *(rule["expr"] for group in RULES["groups"] for rule in group["rules"])]


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    sections = re.findall(r"^## (\w+)$", RUNBOOKS, re.MULTILINE)
    assert sections == [alert["alert"] for alert in ALERTS]
    for alert in ALERTS:
        assert alert["annotations"]["runbook"] == f"docs/operations/runbooks.md#{alert['alert'].lower()}"
        assert alert["annotations"]["summary"]
        assert alert["labels"]["severity"] in ("page", "ticket")


def test_prometheus_tells_the_alertmanager_that_stands_beside_it() -> None:
    [manager] = PROMETHEUS["alerting"]["alertmanagers"]
    assert manager == {"static_configs": [{"targets": ["127.0.0.1:9093"]}]}


def test_every_alert_goes_to_somebody_by_mail_and_so_does_its_end() -> None:
    [receiver] = ALERTMANAGER["receivers"]
    route = ALERTMANAGER["route"]
    assert (route["receiver"], route["group_by"]) == (receiver["name"], ["alertname"])
    assert "routes" not in route
    [letter] = receiver["email_configs"]
    assert "@" in letter["to"]
    assert letter["send_resolved"] is True
    assert {"smtp_smarthost", "smtp_from"} <= set(ALERTMANAGER["global"])


def test_a_runbook_leads_only_to_what_is_there() -> None:
    page = (ROOT / "docs" / "operations" / "database.md").read_text()
    anchors = {
        heading.lower().replace(",", "").replace(" ", "-") for heading in re.findall(r"^## (.+)$", page, re.MULTILINE)
    }
    assert set(re.findall(r"\(database\.md#([\w-]+)\)", RUNBOOKS)) <= anchors


def test_every_alert_is_tried_by_promtool() -> None:
    tried = "".join(path.read_text() for path in (DEPLOY / "prometheus").glob("tests*.yml"))
    assert [alert["alert"] for alert in ALERTS if f'alertname="{alert["alert"]}"' not in tried] == []


def test_queries_name_families_that_there_are_and_events_that_are_counted() -> None:
    names = {family.name for family in FAMILIES}
    asked = {name for text in expressions() for name in re.findall(r"\bbalcao_[a-z_]+", text)}
    assert {SUFFIXES.sub("", name) if name not in names else name for name in asked} <= names
    assert {name for text in expressions() for name in re.findall(r"\bbalcao:[\w:]+", text)} <= RECORDED
    known = {word for family in FAMILIES for words in family.known for word in words} | {str(one) for one in Event}
    events = {
        word for text in expressions() for words in re.findall(r'event=~?"([^"]+)"', text) for word in words.split("|")
    }
    assert events <= known


def test_panels_are_told_apart_and_lie_beside_each_other() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]
    assert len(set(places)) == len(places)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels)
    assert all(panel["type"] == "row" or panel["targets"] for panel in panels)
    source = yaml.safe_load((DEPLOY / "grafana" / "provisioning" / "datasources" / "balcao.yml").read_text())
    uids = {target["datasource"]["uid"] for panel in panels for target in panel.get("targets", ())}
    assert uids == {one["uid"] for one in source["datasources"]}


@pytest.mark.django_db
@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda text: " ".join(text.split())[:60])
def test_statements_of_the_guide_run(statement: str) -> None:
    if any(word in statement for word in OF_EXTENSIONS.values()):
        return  # the next test runs them, on a server that has the extension
    with connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.description


def test_statements_that_need_an_extension_run_where_there_is_one(postgres_server: PostgresServer) -> None:
    _with_libraries(postgres_server)
    with psycopg.connect(postgres_server.url, autocommit=True) as operator:
        operator.execute("CREATE TABLE orders_orderline (id int)")
        for name, word in OF_EXTENSIONS.items():
            operator.execute(f"CREATE EXTENSION {name}")
            [statement] = [one for one in STATEMENTS if word in one]
            assert operator.execute(statement).fetchall()


def _with_libraries(server: PostgresServer) -> None:
    with psycopg.connect(server.url, autocommit=True) as operator:
        operator.execute("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
    server.stop()
    server.start()


def test_the_guide_names_every_file_that_is_there(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "operations" / "watching.md").read_text()
    for path in (
        "deploy/prometheus/prometheus.yml", "deploy/prometheus/alertmanager.yml", "deploy/prometheus/rules/balcao.yml",
        "deploy/grafana",
    ):  # fmt: skip
        assert path in page
        assert (ROOT / path).exists()


def test_the_guide_names_every_group_that_is_read() -> None:
    page = " ".join((ROOT / "docs" / "operations" / "watching.md").read_text().split())
    assert f"in one statement for each group of figures ({', '.join(one.group for one in READINGS)})" in page
