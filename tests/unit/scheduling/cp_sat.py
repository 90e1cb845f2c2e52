"""The levels of plans as a constraint solver's model: nothing of it is shared with the planner but what is planned.

Each meeting has a variable for its day and one for its slot; one that is not in the plan repeats the one before it. The
levels are minimised one after the other, each with all before it held.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from services.scheduling.optimum.stretch import Levels, Shared, Stretch

LIMIT = 120.0
"""Seconds for one level; a model that takes longer is a fault of the test."""
SEED = 12


@dataclass
class _Plan:
    """One tandem's variables."""

    days: list[cp_model.IntVar]
    slots: list[cp_model.IntVar]
    there: list[cp_model.IntVar]
    levels: Sequence[cp_model.LinearExprT]


def best_levels(*tandems: Shared) -> Levels:
    """What the best plans are worth together, each level summed."""
    model = cp_model.CpModel()
    plans = [_plan(model, tandem.stretch) for tandem in tandems]
    for number, mine in enumerate(plans):
        for other in range(number):
            _keep_apart(model, (tandems[number], mine), (tandems[other], plans[other]))
    found: list[int] = []
    for level in range(len(Levels._fields)):
        what = sum(plan.levels[level] for plan in plans)
        model.minimize(what)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 2
        solver.parameters.random_seed = SEED
        solver.parameters.max_time_in_seconds = LIMIT
        assert solver.solve(model) == cp_model.OPTIMAL, f"level {Levels._fields[level]} was not solved"
        found.append(round(solver.objective_value))
        model.add(what == found[-1])
        model.clear_hints()  # type: ignore[no-untyped-call]
        for plan in plans:
            for variable in (*plan.days, *plan.slots, *plan.there):
                model.add_hint(variable, solver.value(variable))
    return Levels(*found)


def _plan(model: cp_model.CpModel, of: Stretch) -> _Plan:
    """The meetings of one tandem, and its levels in their order."""
    last, most = len(of.starts) - 1, max(of.wanted, len(of.kept))
    free = [(day, slot, 0) for day, slots in enumerate(of.starts) if day not in of.kept for slot in slots]
    # A day that is rather left alone counts as two weeks later in the last level.
    times = [
        (day, slot, stays, (day + 14 * (day in of.spared)) * 96 + slot)
        for day, slot, stays in (*free, *((day, slot, 1) for day, slot in of.kept.items()))
    ]
    slots_used = [slot for _, slot, *_ in times]
    days, slots, stays, there, counted = [], [], [], [], []
    for number in range(most):
        days.append(model.new_int_var(0, last, f"day {number}"))
        slots.append(model.new_int_var(min(slots_used), max(slots_used), f"slot {number}"))
        stays.append(model.new_bool_var(f"kept {number}"))
        there.append(model.new_bool_var(f"there {number}"))
        counted.append(model.new_int_var(0, (last + 15) * 96, f"counted {number}"))
        model.add_allowed_assignments([days[-1], slots[-1], stays[-1], counted[-1]], times)
    model.add_bool_and(there[0])
    for kept in of.kept:
        is_it = [model.new_bool_var(f"{kept} is {number}") for number in range(most)]
        for number in range(most):
            model.add(days[number] == kept).only_enforce_if(is_it[number])
        model.add_bool_or(is_it)
    gaps = [_first_gap(model, of, days[0], stays[0])]
    changes, shifts = [], []
    for number in range(1, most):
        gap = model.new_int_var(0, last, f"gap {number}")
        model.add(gap == days[number] - days[number - 1])
        model.add_implication(there[number], there[number - 1])
        is_there, is_not = there[number], there[number].negated()
        model.add(gap == 0).only_enforce_if(is_not)
        model.add(slots[number] == slots[number - 1]).only_enforce_if(is_not)
        model.add(gap >= 1).only_enforce_if(is_there)
        for one_moves in (stays[number], stays[number - 1]):
            model.add(gap >= of.min_gap).only_enforce_if(is_there, one_moves.negated())
        changes.append(_looked_up(model, gap, {n: int(n % 7 != 0) for n in range(last + 1)}))
        shift = model.new_int_var(0, 96, f"shift {number}")
        model.add_abs_equality(shift, slots[number] - slots[number - 1])
        shifts.append(shift)
        gaps.append(gap)
    end = model.new_int_var(0, last, "to the end")
    model.add(end == last - days[-1])
    gaps.append(end)
    largest = model.new_int_var(0, last - min(of.since, 0), "largest gap")
    model.add_max_equality(largest, gaps)
    late = model.new_int_var(0, last, "late")
    model.add_max_equality(late, [0, days[0] - of.since - 14])
    # A repeated meeting has no gap; the first and the last one count even where they have none.
    squares = {n: max(0, 7 - n, n - 14) ** 2 for n in range(last - min(of.since, 0) + 1)}
    offs = [_looked_up(model, gap, squares | {0: 0}) for gap in gaps[1:-1]]
    offs += [_looked_up(model, gap, squares) for gap in (gaps[0], gaps[-1])]
    begins = []
    for number in range(most):
        begin = model.new_int_var(0, (last + 15) * 96, f"begin {number}")
        model.add(begin == counted[number]).only_enforce_if(there[number])
        model.add(begin == 0).only_enforce_if(there[number].negated())
        begins.append(begin)
    levels = [
        0 if of.met else late,
        most - sum(there),
        largest,
        sum(offs),
        sum(changes),
        sum(shifts),
        sum(begins),
    ]
    return _Plan(days, slots, there, levels)


def _first_gap(model: cp_model.CpModel, of: Stretch, day: cp_model.IntVar, stays: cp_model.IntVar) -> cp_model.IntVar:
    gap = model.new_int_var(0, len(of.starts) - 1 - min(of.since, 0), "first gap")
    model.add(gap == day - of.since)
    if of.met:
        model.add(gap >= of.min_gap).only_enforce_if(stays.negated())
    return gap


def _looked_up(model: cp_model.CpModel, of: cp_model.IntVar, values: dict[int, int]) -> cp_model.IntVar:
    """A variable that has the value that belongs to another one's."""
    found = model.new_int_var(0, max(values.values()), f"of {of.name}")
    model.add_allowed_assignments([of, found], list(values.items()))
    return found


def _keep_apart(model: cp_model.CpModel, one: tuple[Shared, _Plan], other: tuple[Shared, _Plan]) -> None:
    """No meeting of one overlaps one of the other: another day, or over before the other begins."""
    (mine, plan), (yours, others) = one, other
    for a in range(len(plan.days)):
        for b in range(len(others.days)):
            ways = [model.new_bool_var(f"way {a} {b} {way}") for way in range(4)]
            model.add(plan.days[a] < others.days[b]).only_enforce_if(ways[0])
            model.add(plan.days[a] > others.days[b]).only_enforce_if(ways[1])
            model.add(plan.slots[a] + mine.slots <= others.slots[b]).only_enforce_if(ways[2])
            model.add(others.slots[b] + yours.slots <= plan.slots[a]).only_enforce_if(ways[3])
            model.add_bool_or(ways)
