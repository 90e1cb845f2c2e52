"""Whether answers fit the questionnaire that they answer, in its version."""

from collections.abc import Mapping, Sequence

from services.evaluation.questionnaires.scales import possible, words
from shared.contracts import evaluation as e
from shared.contracts.base import Reason, Text
from shared.runtime.decision import reason


def answer_reasons(items: Sequence[e.Item], answers: Mapping[str, int | None]) -> list[Reason]:
    """What is wrong with answers: every item that is unknown or out of its scale."""
    known = {item.id: item for item in items}
    found = []
    for name, value in answers.items():
        item = known.get(name)
        if item is None:
            found.append(reason(f"answers.{name}", "unknown_item", words("unknown-item", items=", ".join(known))))
        elif value is not None and value not in possible(item):
            found.append(reason(f"answers.{name}", "out_of_scale", _out_of_scale(item)))
    return found


def _out_of_scale(item: e.Item) -> Text:
    if item.scale == "options":
        return words("none-of-these", values=", ".join(map(str, possible(item))))
    return words("out-of-scale", low=item.low, high=item.high)
