"""The AsyncAPI document passes its makers' own validator."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from shared.local.system import ROOT
from tests.support import node

DOCUMENT = ROOT / "docs" / "asyncapi" / "asyncapi.json"


def validated(document: Path) -> dict[str, Any]:
    """What the validator says of a document."""
    command = [node.tool("node"), str(ROOT / "tests" / "node" / "validate.cjs"), str(document)]
    env = {**os.environ, "NODE_PATH": str(node.modules())}
    run = subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=120)
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def test_asyncapi_s_makers_find_neither_an_error_nor_a_warning_but_what_is_wrong(tmp_path: Path) -> None:
    assert validated(DOCUMENT) == {"parsed": True, "found": []}
    broken = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    broken["channels"]["registration.topic-listed.v1"]["bindings"]["amqp"]["exchange"]["type"] = "nonsense"
    (tmp_path / "broken.json").write_text(json.dumps(broken), encoding="utf-8")
    assert not validated(tmp_path / "broken.json")["parsed"]
