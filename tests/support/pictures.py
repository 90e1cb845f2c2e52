"""The profile `observe`'s files as tests read them: panels, alerts, and the metrics that they name."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

from shared.local.system import ROOT

OBSERVE = ROOT / "deploy" / "observe"
DASHBOARDS = sorted((OBSERVE / "grafana" / "dashboards").glob("*.json"))


def alerts() -> list[dict[str, Any]]:
    """Every alert rule."""
    groups = yaml.safe_load((OBSERVE / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels(dashboard: Path) -> list[tuple[str, list[str]]]:
    """The title and the queries of each panel."""
    content = json.loads(dashboard.read_text(encoding="utf-8"))
    return [(panel["title"], [target["expr"] for target in panel["targets"]]) for panel in content["panels"]]


def metrics(expression: str) -> set[str]:
    """The metrics that a query names."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    return set(re.findall(r"\b(?:tandem|rabbitmq|process)_\w+|\bup\b", bare))
