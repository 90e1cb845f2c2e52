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
    """The rows that change a figure as a table, the best first; below it the changes without effect.

    Of a topic, numbers of mentors that come to the same are one row.
    """

    def said(text: Text) -> str:
        return text.de if language == "de" else text.en

    first, *others = found.rows
    columns = [said(_words(key)) for key in ("change", "tandems", "lowest", "sum")]
    table = Table(columns[0], title=said(_words("title")), title_justify="left")
    for column in columns[1:]:
        table.add_column(column, justify="right")
    groups: dict[object, list[Row]] = {}
    for row in (first, *(row for row in others if row.worth != first.worth)):
        groups.setdefault(_same(row), []).append(row)
    for row, *rest in groups.values():
        lowest = said(_words("no-lowest"))
        if row.lowest_score is not None:
            lowest = _figure(row.lowest_score, (row.lowest_score or 0) - (first.lowest_score or 0))
        table.add_row(
            escape(said(_change(row, labels, [row, *rest][-1].after))),
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


def _same(row: Row) -> object:
    """What rows share that are one: topic and effect; any other row is alone."""
    return (row.topic_id, row.worth) if row.topic_id else row.change


def _change(row: Row, labels: Mapping[str, Text], last: int | None) -> Text:
    """A change in words; `last`: of a topic, so many mentors more come to the same as those of the row."""
    if row.topic_id is None:
        return _words(row.change, before=row.before, after=row.after)
    key = "topic-range" if last != row.after else "topic-one" if row.after == 1 else "topic"
    return _words(key, after=row.after, last=last, topic=_topic(row.topic_id, labels))


def _topic(id: str, labels: Mapping[str, Text]) -> Text:
    return labels.get(id, Text(de=id, en=id))


def _without_effect(rows: Sequence[Row], first: Row, labels: Mapping[str, Text]) -> list[Text]:
    """Rules one by one; of topics how many more mentors change nothing, and for how many topics that is so."""
    still = [row for row in rows if row.worth == first.worth]
    most: dict[str, int] = {}
    for row in still:
        if row.topic_id:
            most[row.topic_id] = max(most.get(row.topic_id, 0), row.after or 0)
    topics: dict[int, list[str]] = {}
    for id, after in most.items():
        topics.setdefault(after, []).append(id)
    return [
        *(_change(row, labels, row.after) for row in still if not row.topic_id),
        *(_still(after, topics[after], labels) for after in sorted(topics, reverse=True)),
    ]


def _still(after: int, ids: Sequence[str], labels: Mapping[str, Text]) -> Text:
    if len(ids) > 1:
        return _words("topics-one" if after == 1 else "topics-up-to", after=after, count=len(ids))
    return _words("topic-one" if after == 1 else "topic-up-to", after=after, topic=_topic(ids[0], labels))


def _joined(texts: Sequence[Text]) -> Text:
    return Text(de="; ".join(t.de for t in texts), en="; ".join(t.en for t in texts))
