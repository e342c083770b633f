# SPDX-License-Identifier: LGPL-2.1-or-later
"""README.md's table of what the source text limits names rules and tests that exist."""

import json
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from limits import TOP, limits, mistakes  # noqa: E402

GOOD = ("a limit", "`no-viommu`", "`tests/unit/test_move_rules.c: test_rows`, `tests/twin/test_check.py: test_asked`")
# cells put in the place of those, words of the complaint
WRONG = [
    ({1: "`no-such-rule`"}, "no rule no-such-rule"),
    ({1: ""}, "neither rules nor 'not yet'"),
    ({1: "not yet: `no-viommu`"}, "or both"),
    ({2: "`tests/unit/test_move_rules.c: test_row`"}, "no test tests/unit/test_move_rules.c: test_row"),
    ({2: "`tests/unit/test_nothing.c: test_rows`"}, "no test tests/unit/test_nothing.c"),
    ({2: "`tests/twin/test_check.py: test_ask`"}, "no test tests/twin/test_check.py: test_ask"),
    ({2: "`tests/twin/test_check.py: test_asked`"}, "no unit test"),
    ({2: ""}, "no unit test"),
]


@pytest.fixture(scope="module")
def known(vfmigrate):
    return {rule["id"] for rule in json.loads(vfmigrate("rules", "--json").stdout)["rules"]}


def table(cells):
    text = "# x\n\n## What the source text limits, and what enforces it\n\n| a | b | c |\n|---|---|---|\n"
    return limits(text + "| " + " | ".join(cells) + " |\n\n## next\n")


def test_what_it_names_is_there(known):
    rows = limits((TOP / "README.md").read_text(encoding="utf-8"))
    assert mistakes(rows, known) == []
    # every section is there
    assert {row.sentence.split(":")[0] for row in rows} == {"12.3", "12.4", "12.6", "12.7"}


def test_good_row(known):
    assert mistakes(table(GOOD), known) == []


@pytest.mark.parametrize("cells,words", WRONG, ids=[row[1] for row in WRONG])
def test_wrong_row(known, cells, words):
    found = mistakes(table([cells.get(i, cell) for i, cell in enumerate(GOOD)]), known)
    assert any(words in line for line in found), found
