from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.parts import TopicLevel
from shared.runtime.forwarding import as_one, ends_of

IDS = [f"t{n}" for n in range(6)]
FORWARDS = st.dictionaries(st.sampled_from(IDS), st.none() | st.sampled_from(IDS))
LEVELS = st.lists(st.builds(TopicLevel, topic_id=st.sampled_from(IDS), level=st.integers(1, 5)), max_size=8)


def test_a_way_of_merges_ends_where_nothing_leads_on() -> None:
    assert ends_of({"a": "b", "b": "c", "c": None}) == {"a": "c", "b": "c"}


def test_a_topic_that_is_not_known_yet_is_an_end() -> None:
    assert ends_of({"a": "b"}) == {"a": "b"}


def test_a_circle_that_a_reader_sees_for_a_moment_counts_as_one_topic() -> None:
    assert ends_of({"a": "c", "c": "b", "b": "c"}) == {"a": "b", "b": "b", "c": "b"}
    assert ends_of({"a": "a"}) == {"a": "a"}


@given(FORWARDS)
def test_whatever_a_reader_knows_each_way_has_one_end_and_all_on_it_share_it(forwards: dict[str, str | None]) -> None:
    ends = ends_of(forwards)
    assert ends.keys() == {id for id, next_ in forwards.items() if next_ is not None}
    for id, end in ends.items():
        next_ = forwards[id]
        assert next_ is not None
        assert ends.get(next_, next_) == end
        assert ends.get(end, end) == end


def test_of_two_levels_of_what_is_one_topic_now_the_higher_counts() -> None:
    levels = [TopicLevel(topic_id=id, level=level) for id, level in (("a", 2), ("x", 1), ("b", 4), ("c", 3))]
    one = as_one(levels, {"a": "b", "c": "b"})
    assert [(level.topic_id, level.level) for level in one] == [("b", 4), ("x", 1)]


@given(LEVELS, FORWARDS)
def test_levels_as_one_name_each_topic_once_and_stay_so(
    levels: list[TopicLevel], forwards: dict[str, str | None]
) -> None:
    ends = ends_of(forwards)
    one = as_one(levels, ends)
    ids = [level.topic_id for level in one]
    assert len(set(ids)) == len(ids)
    assert set(ids) == {ends.get(level.topic_id, level.topic_id) for level in levels}
    assert as_one(one, ends) == one
    assert max((level.level for level in one), default=0) == max((level.level for level in levels), default=0)
