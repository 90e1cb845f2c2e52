"""What watches: metrics in pictures and alerts exist, each alert has its part of the runbook, files are sound."""

import re
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from shared.local import LocalRabbit
from shared.local.system import ROOT
from shared.runtime import discovery
from shared.runtime.watch import Metrics
from tests.support.pictures import DASHBOARDS, OBSERVE, alerts, metrics, panels
from tests.support.prometheus import fetched
from tests.support.servers import Vhost

EXPRESSIONS = [
    *(pytest.param(rule["expr"], id=rule["alert"]) for rule in alerts()),
    *(
        pytest.param(query, id=f"{dashboard.stem}: {title}")
        for dashboard in DASHBOARDS
        for title, queries in panels(dashboard)
        for query in queries
    ),
]
DETAILED = "/detailed?family=queue_coarse_metrics&family=queue_consumer_count"


def names(text: str) -> set[str]:
    """The names of all samples that a page of metrics has, or would have once there is one."""
    found: set[str] = set()
    for family in text_string_to_metric_families(text):
        suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(family.type, ("",))
        found |= {family.name + suffix for suffix in suffixes} | {sample.name for sample in family.samples}
    return found


def services() -> set[str]:
    shown = Metrics()
    shown.behind(0)
    return names(generate_latest(shown.registry).decode()) | {"up"}


@pytest.fixture
async def broker(rabbit: LocalRabbit, vhost: Vhost) -> set[str]:
    """What the broker shows, once it has a queue."""
    import aio_pika

    connection = await aio_pika.connect(vhost.url)
    async with connection, httpx.AsyncClient(trust_env=False) as client:
        channel = await connection.channel()
        await channel.declare_queue("matching.events", durable=True, arguments={"x-queue-type": "quorum"})
        pages = [(await client.get(rabbit.prometheus_url + page)).text for page in ("", DETAILED)]
    return {name for page in pages for name in names(page)}


async def test_every_metric_that_a_picture_or_an_alert_names_exists(broker: set[str]) -> None:
    shown = services() | broker
    for parameter in EXPRESSIONS:
        [expression] = parameter.values
        named = metrics(str(expression))
        assert named, f"{parameter.id} names no metric"
        assert named <= shown, f"{parameter.id}: {sorted(named - shown)}"


def heading(text: str) -> str:
    return re.sub(r"[^a-z0-9 -]", "", text.lower()).replace(" ", "-")


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: rule["alert"])
def test_every_alert_says_whether_it_can_wait_and_has_its_part_of_the_runbook(rule: dict[str, Any]) -> None:
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["morning"].startswith(("yes", "no"))
    page, _, place = rule["annotations"]["runbook"].partition("#")
    text = (ROOT / page).read_text(encoding="utf-8")
    parts = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", text, flags=re.MULTILINE | re.DOTALL))
    assert place == heading(rule["alert"])
    assert re.search(r"^```sh\n.+?^```$", parts[rule["alert"]], flags=re.MULTILINE | re.DOTALL), "commands to type"
    wait = "**Can wait" if rule["annotations"]["morning"].startswith("yes") else "**Cannot wait"
    assert wait in parts[rule["alert"]]


def test_the_runbook_has_no_part_for_an_alert_that_is_gone() -> None:
    text = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == [rule["alert"] for rule in alerts()]


@pytest.mark.parametrize("path", sorted(OBSERVE.rglob("*.yml")), ids=lambda p: p.name)
def test_every_file_is_well_formed(path: Path) -> None:
    assert isinstance(yaml.safe_load(path.read_text(encoding="utf-8")), dict)


def test_every_service_and_each_of_its_replicas_is_read() -> None:
    jobs = yaml.safe_load((OBSERVE / "prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]
    [job] = [job for job in jobs if job["job_name"] == "tandem"]
    [found] = job["dns_sd_configs"]
    assert set(found["names"]) == set(discovery.service_names())
    assert (found["type"], found["port"]) == ("A", 8080)
    assert job["relabel_configs"] == [{"source_labels": ["__meta_dns_name"], "target_label": "service"}]


def test_a_service_that_nobody_finds_is_missed_by_its_name() -> None:
    [rule] = [rule for rule in alerts() if rule["alert"] == "ServiceNotReady"]
    assert set(re.findall(r'absent\(up\{service="(\w+)"\}\)', rule["expr"])) == set(discovery.service_names())


def test_what_watches_is_pinned_bounded_and_has_no_default_password() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    rows = {name: row for name, row in compose["services"].items() if row.get("profiles") == ["observe"]}
    assert set(rows) == {"prometheus", "collector", "tempo", "grafana"}
    for name, row in rows.items():
        assert re.fullmatch(r"[a-z/-]+:v?\d+\.\d+\.\d+", row["image"]), name
        assert row["read_only"] is True
        assert {"mem_limit", "cpus", "pids_limit"} <= set(row), name
        assert all(port.startswith("${TANDEM_ADDRESS:-127.0.0.1}:") for port in row.get("ports", ())), name
        for volume in row["volumes"]:
            source = volume["source"] if isinstance(volume, dict) else volume.split(":")[0]
            if source.startswith("./deploy/observe"):
                assert (ROOT / source).exists(), source
                assert volume.endswith(":ro"), source
            elif not source.startswith("./deploy/secrets/"):
                assert source in compose["volumes"], source
    grafana = rows["grafana"]["environment"]
    assert grafana["GF_SECURITY_ADMIN_PASSWORD__FILE"] == "/run/secrets/grafana"
    assert "GF_SECURITY_ADMIN_PASSWORD" not in grafana
    assert grafana["GF_AUTH_ANONYMOUS_ENABLED"] == "false"


def test_promtool_takes_the_rules_and_each_alert_fires_and_does_not_fire() -> None:
    program = fetched("promtool")
    if program is None:
        pytest.skip("promtool is not installed (Debian: prometheus): the alert rules were NOT tried by figures")
    tried = ROOT / "tests" / "observe" / "alerts.test.yml"
    for command in (
        ["check", "rules", str(OBSERVE / "alerts.yml")],
        ["check", "config", str(OBSERVE / "prometheus.yml")],
        ["test", "rules", str(tried)],
    ):
        run = subprocess.run([program, *command], capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout + run.stderr
    told = tried.read_text(encoding="utf-8")
    assert [rule["alert"] for rule in alerts() if f'alertname="{rule["alert"]}"' not in told] == []
