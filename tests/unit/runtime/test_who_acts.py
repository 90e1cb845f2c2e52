"""Who acts or reads is named by an opaque id: what looks like a name is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.runtime.actions import ROLES, is_opaque


@pytest.mark.parametrize(
    "id", ["o-17", "h3", "7", "office:4711", "unit.7", "b-1.x", "0d3b6c1e-7a52-5f84-9e07-2c4b8a6d1f35"]
)
def test_an_id_with_a_digit_is_opaque(id: str) -> None:
    assert is_opaque(id)


@given(st.uuids())
def test_every_uuid_with_a_digit_is_opaque(id: object) -> None:
    assert is_opaque(str(id)) == any(character.isdecimal() for character in str(id))


def test_a_role_is_nobody_s_name() -> None:
    assert all(map(is_opaque, ROLES))


@pytest.mark.parametrize(
    "name",
    [
        *("", "erika", "Erika.Mustermann", "erika_mustermann", "erika.mustermann2", "e.mustermann", "erika-mustermann"),
        *("7 erika", "erika7@example.org", "m\u00fcller7", "-7", "7" * 65, "o-\u0667"),
    ],
)
def test_what_looks_like_a_name_is_not(name: str) -> None:
    assert not is_opaque(name)
