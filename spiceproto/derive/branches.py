"""Fields that are there or not: which of them exclude each other, and how a generated function asks.

alternatives(members)       the members at the front as branches of one if-chain
condition_test(condition)   the expression that is true where a member is there
"""

from __future__ import annotations

from itertools import takewhile

from spiceproto.walk import Condition, Member

__all__ = ["alternatives", "condition_test", "excludes", "opposite"]


def alternatives(members: list[Member]) -> list[list[Member]]:
    """Members at the front, in branches of which at most one is there.

    Conditions of one branch are the same. Branches exclude each other: a field has one of different values, or the
    first that gives a field of this name wins. A member without condition is alone.
    """
    branches = [_together(members)]
    rest = members[len(branches[0]) :]
    while rest and rest[0].condition is not None:
        branch = _together(rest)
        otherwise = len(branches) == 1 and opposite(branch[0].condition, branches[0][0].condition)
        same_name = len({member.name for found in (*branches, branch) for member in found}) == 1
        disjoint = all(excludes(branch[0].condition, found[0].condition) for found in branches)
        if not (otherwise or same_name or disjoint):
            break
        branches.append(branch)
        del rest[: len(branch)]
        if otherwise:
            break
    return branches


def _together(members: list[Member]) -> list[Member]:
    """Members at the front that have the same condition."""
    condition = members[0].condition
    if condition is None:
        return members[:1]
    return list(takewhile(lambda member: member.condition == condition, members))


def condition_test(condition: Condition, number: str) -> str:
    """The expression of ``condition``; ``number`` is that of the field it asks for."""
    if condition.is_flags:
        return f"{'not ' * condition.negated}{number} & {condition.mask}"
    if len(condition.members) == 1:
        return f"{number} {'!=' if condition.negated else '=='} {int(condition.members[0])}"
    return f"{number} {'not ' * condition.negated}in {tuple(int(item) for item in condition.members)}"


def excludes(one: Condition | None, other: Condition | None) -> bool:
    """True if not both can hold."""
    if one is None or other is None or one.on != other.on:
        return False
    if one.is_flags or other.is_flags or one.negated or other.negated:
        return False
    return not set(one.members) & set(other.members)


def opposite(one: Condition | None, other: Condition | None) -> bool:
    """True if exactly one of both holds."""
    if one is None or other is None:
        return False
    return one.on == other.on and one.members == other.members and one.negated != other.negated
