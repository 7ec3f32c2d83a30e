"""Words that were probably meant."""

from __future__ import annotations

from spiceproto.suggestion import expected, nearest

MANY = [f"name-{number}" for number in range(40)]


def test_the_nearest_come_first() -> None:
    assert nearest("Shuold", ["must", "should"]) == ["should"] and nearest("zzz", ["must"]) == []


def test_a_few_words_are_all_listed() -> None:
    assert expected("shuold", ["must", "should"]) == "should? There are: must, should"
    assert expected("zzz", ["must", "should"]) == "must, should"


def test_of_many_words_the_number_is_said_and_where_they_are() -> None:
    assert expected("name-39", MANY, listing="names prints them").startswith("name-39 or ")
    assert expected("name-39", MANY, listing="names prints them").endswith("? (names prints them)")
    assert expected("zzz", MANY, listing="names prints them") == "one of 40 words (names prints them)"
    assert expected("zzz", MANY) == "one of 40 words"
