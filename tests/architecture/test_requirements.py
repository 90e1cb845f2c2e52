from tests.architecture.requirements import PAGE, TITLES, page, proofs

LATER = {"S17", "S18", "P6", "P10"}
"""Requirements of later issues."""


def test_the_matrix_of_requirements_is_up_to_date() -> None:
    current = page()
    assert PAGE.read_text(encoding="utf-8") == current, "run `python -m tests.architecture.requirements`"


def test_every_requirement_of_the_pilot_has_a_test_that_names_it() -> None:
    open_ = {id for id, tests in proofs().items() if not tests}
    assert open_ - LATER == set(), TITLES
