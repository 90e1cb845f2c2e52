"""`tandem trace`: what the services remember, joined by causation, and printed."""

import io
from typing import Any

from rich.console import Console
from rich.tree import Tree

from shared.cli.trace import _grow, tree_of


def row(id: str, causation: str = "", said: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    plain = {
        "id": id,
        "type": f"x.{id.rstrip('0123456789')}.v1",
        "service": "matching",
        "replica": "matching-1",
        "causation": causation,
        "result": "handled",
        "reason": "",
        "attempts": 1,
        "received": "2027-01-11T09:00:00+00:00",
        "decided": "2027-01-11T09:00:01+00:00",
        "published": True,
        "said": [{"id": each, "type": f"x.{each.rstrip('0123456789')}.v1"} for each in said],
    }
    return plain | more


def printed(*rows: dict[str, Any]) -> str:
    tree = Tree("c")
    _grow(tree, tree_of(rows))
    out = io.StringIO()
    Console(file=out, width=200).print(tree)
    return out.getvalue()


def test_messages_of_several_services_are_one_tree_whatever_the_order_they_are_told_in() -> None:
    rows = [row("c", "b", service="scheduling"), row("a", said=("b", "d")), row("b", "a", service="evaluation")]
    for order in (rows, rows[::-1]):
        [root] = tree_of(order)
        assert root.id == "a"
        assert [(node.id, [n.id for n in node.below]) for node in root.below] == [("b", ["c"]), ("d", [])]


def test_a_message_that_several_services_took_is_one_node_with_what_each_did() -> None:
    [root] = tree_of([row("a", said=("b",)), row("b", "a"), row("b", "a", service="scheduling", result="waiting")])
    assert sorted(t["service"] for t in root.below[0].times) == ["matching", "scheduling"]


def test_senders_who_name_each_other_as_their_cause_are_shown_and_do_not_hang() -> None:
    assert sorted(node.id for node in tree_of([row("a", "b"), row("b", "a"), row("c", "c")])) == ["a", "b", "c"]


def test_a_tree_shows_retries_with_their_reason_and_what_is_not_out_yet() -> None:
    text = printed(
        row("a", result="retry", reason="KeyError in x"),
        row("a", attempts=2, decided="2027-01-11T09:00:09+00:00", published=False, said=("b",)),
    )
    assert "retry: KeyError in x" in text
    assert "handled, attempt 2 (not yet published)" in text
    assert "x.b.v1" in text


def test_many_alike_are_told_as_a_number() -> None:
    said = tuple(f"p{number}" for number in range(5_000))
    text = printed(row("a", said=said), *(row(each, "a") for each in said))
    assert "and 4995 more x.p.v1 (4995 handled)" in text
    assert len(text.splitlines()) < 20
