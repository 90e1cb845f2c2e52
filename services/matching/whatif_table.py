"""What-if for people and for programs."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from services.matching.whatif import Row, WhatIf
from shared.contracts.base import Text
from shared.runtime.words import Words

_words = Words("services.matching", "whatif.toml")

Language = Literal["de", "en"]


def what_if_json(found: WhatIf) -> dict[str, Any]:
    """The fields of a result: rows with what each brings against the first, and how many topics were left out."""
    first = found.rows[0]
    rows = [
        {
            **row.model_dump(),
            "more_tandems": row.tandems - first.tandems,
            "higher_lowest": (row.lowest_score or 0) - (first.lowest_score or 0),
            "more_points": row.sum_of_scores - first.sum_of_scores,
        }
        for row in found.rows
    ]
    return {"what_if": rows, "what_if_topics_left_out": found.topics_left_out}


def print_what_if(found: WhatIf, labels: Mapping[str, Text], console: Console, language: Language = "en") -> None:
    """The rows that change a figure as a table, the best first; below it the changes without effect."""

    def said(text: Text) -> str:
        return text.de if language == "de" else text.en

    first, *others = found.rows
    columns = [said(_words(key)) for key in ("change", "tandems", "lowest", "sum")]
    table = Table(columns[0], title=said(_words("title")), title_justify="left")
    for column in columns[1:]:
        table.add_column(column, justify="right")
    for row in (first, *(row for row in others if row.worth != first.worth)):
        lowest = said(_words("no-lowest"))
        if row.lowest_score is not None:
            lowest = _figure(row.lowest_score, (row.lowest_score or 0) - (first.lowest_score or 0))
        table.add_row(
            escape(said(_change(row, labels))),
            _figure(row.tandems, row.tandems - first.tandems),
            lowest,
            _figure(row.sum_of_scores, row.sum_of_scores - first.sum_of_scores),
        )
    console.print(table)
    if without := _without_effect(others, first, labels):
        console.print(said(_words("unchanged", changes=_joined(without))), highlight=False, markup=False)
    if found.topics_left_out:
        console.print(said(_words("left-out", count=found.topics_left_out)), highlight=False)
    console.print(said(_words("note")), highlight=False)


def _figure(value: int, more: int) -> str:
    return f"{value} ({more:+})" if more else str(value)


def _change(row: Row, labels: Mapping[str, Text], *, up_to: bool = False) -> Text:
    """A change in words; `up_to`: of a topic, one mentor more to as many as the row says."""
    topic = row.topic_id and labels.get(row.topic_id, Text(de=row.topic_id, en=row.topic_id))
    key = row.change
    if topic:
        key = "topic-one" if row.after == 1 else "topic-up-to" if up_to else "topic"
    return _words(key, before=row.before, after=row.after, topic=topic)


def _without_effect(rows: Sequence[Row], first: Row, labels: Mapping[str, Text]) -> list[Text]:
    """Rules one by one; of a topic only how many more mentors change nothing."""
    still = [row for row in rows if row.worth == first.worth]
    most = {row.topic_id: row.after or 0 for row in sorted(still, key=lambda row: row.after or 0)}
    return [
        _change(row, labels, up_to=True) for row in still if row.change != "topic" or most[row.topic_id] == row.after
    ]


def _joined(texts: Sequence[Text]) -> Text:
    return Text(de="; ".join(t.de for t in texts), en="; ".join(t.en for t in texts))
