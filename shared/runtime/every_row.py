"""A service's whole table: the rows of its own, and those that every service has."""

from shared.runtime.days import rows_of
from shared.runtime.erasing import erasing_rows
from shared.runtime.people_read import people_read_rows
from shared.runtime.replay import replay_rows
from shared.runtime.retention import retention_rows
from shared.runtime.say_again import say_again_rows
from shared.runtime.seals import seal_rows
from shared.runtime.shown import showing_rows
from shared.runtime.table import Ask, Due, Fact, Job, Piece, Service


def every_row(service: Service) -> tuple[Ask | Fact | Due | Job | Piece, ...]:
    """The rows of the table, of days, first aid, saying again, readers, showing and erasing, retention, seals."""
    own = (*rows_of(service), *replay_rows(service), *say_again_rows(service), *showing_rows(service))
    kept = (*erasing_rows(service), *retention_rows(service), *seal_rows(service))
    return (*service.rows, *own, *people_read_rows(), *kept)
