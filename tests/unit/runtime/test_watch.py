import io
import json

import pytest
from prometheus_client import generate_latest

from shared.runtime import asyncapi, discovery
from shared.runtime.watch import OWN, Metrics, log, observer, personal_fields, set_up_logs

SERVICES = discovery.load_all()
PERSONAL = personal_fields(asyncapi.contracts(SERVICES).values())


@pytest.fixture
def lines() -> io.StringIO:
    stream = io.StringIO()
    set_up_logs("matching", "INFO", PERSONAL, stream)
    return stream


def test_what_a_contract_marks_as_personal_is_left_out_of_logs_wherever_it_stands(lines: io.StringIO) -> None:
    log().info("said", id="1", display_name="a name", data={"mail": "a@example.org", "inner": [{"display_name": "b"}]})
    [line] = lines.getvalue().splitlines()
    assert json.loads(line) | {"timestamp": ""} == {
        "event": "said",
        "id": "1",
        "level": "info",
        "timestamp": "",
        "display_name": "[personal]",
        "data": {"mail": "[personal]", "inner": [{"display_name": "[personal]"}]},
    }


def test_names_addresses_keys_and_free_text_are_marked() -> None:
    assert {"display_name", "mail", "personnel_key", "superiors", "answers", "vetoes", "wishes"} <= PERSONAL
    assert {"participant_id", "to", "subject_line", "text", "capacity", "stories", "introductions"} <= PERSONAL


def test_whatever_is_marked_the_log_still_says_which_message_and_what_became_of_it(lines: io.StringIO) -> None:
    said = dict.fromkeys(OWN - {"event", "level"}, "x")
    log().warning("retry", **said)
    [line] = lines.getvalue().splitlines()
    assert json.loads(line) | {"timestamp": ""} == {"event": "retry", "level": "warning", "timestamp": "", **said}


def test_loud_results_are_logged_with_their_correlation_and_quiet_ones_are_not(lines: io.StringIO) -> None:
    watch = observer("matching", Metrics())
    for result in ("handled", "waiting", "quarantined", "retry"):
        watch.log(result, type="t", id="1", correlation="c")
    found = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [(line["event"], line["level"]) for line in found] == [("quarantined", "error"), ("retry", "warning")]
    assert {line["correlation"] for line in found} == {"c"}


def test_metrics_are_labelled_by_type_and_result_only() -> None:
    metrics = Metrics()
    metrics.seen("matching.accept-proposal.v1", "handled", 3)
    metrics.timed(4, 0.02, 3)
    metrics.stored({"outbox": 2, "waiting": 1})
    metrics.ready(ready=True)
    text = generate_latest(metrics.registry).decode()
    assert 'tandem_messages_total{result="handled",type="matching.accept-proposal.v1"} 3.0' in text
    assert 'tandem_batch_messages_bucket{le="5.0"} 1.0' in text
    assert 'tandem_store{what="outbox"} 2.0' in text
    assert "tandem_ready 1.0" in text
