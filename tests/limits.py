# SPDX-License-Identifier: LGPL-2.1-or-later
"""README.md's table of what the source text limits: its rows, for the tests that hold it to the code.

A row is: sentence in our words | rules | tests. Rules stand in backquotes. Tests do too, as
`FILE: NAME` with the file as seen from the repository's root. A row without a rule says "not yet".
"""

import pathlib
import re
from typing import NamedTuple

TOP = pathlib.Path(__file__).resolve().parent.parent
HEADING = "## What the source text limits, and what enforces it"


class Limit(NamedTuple):
    sentence: str
    rules: list[str]
    tests: list[tuple[str, str]]
    missing: bool


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def row(line: str) -> Limit:
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert len(cells) == 3, f"not three cells: {line}"
    sentence, rules, tests = cells
    named = []
    for test in quoted(tests):
        file, colon, name = test.partition(": ")
        assert colon, f"not FILE: NAME: {test}"
        named.append((file, name))
    return Limit(sentence, quoted(rules), named, rules.startswith("not yet"))


def limits(text: str) -> list[Limit]:
    assert text.count(HEADING + "\n") == 1, f"README.md lacks '{HEADING}'"
    section = text.split(HEADING + "\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    assert len(lines) > 2, "the table has no row"
    return [row(line) for line in lines[2:]]


def is_there(top: pathlib.Path, file: str, name: str) -> bool:
    """A test of this name is defined in the file: a cmocka test in use, or a function of pytest."""
    path = top / file
    if not path.is_file():
        return False
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".c":
        return f"cmocka_unit_test({name})" in text
    return re.search(rf"^def {re.escape(name)}\(", text, re.MULTILINE) is not None


def mistakes(rows: list[Limit], known: set[str], top: pathlib.Path = TOP) -> list[str]:
    """What the table says that is not so; known: the ids of all rules."""
    found = []
    for limit in rows:
        found += [f"no rule {rule}: {limit.sentence}" for rule in limit.rules if rule not in known]
        found += [f"no test {file}: {name}" for file, name in limit.tests if not is_there(top, file, name)]
        if limit.missing == bool(limit.rules):
            found.append(f"neither rules nor 'not yet', or both: {limit.sentence}")
        if limit.rules and not any(file.startswith("tests/unit/") for file, _ in limit.tests):
            found.append(f"no unit test: {limit.sentence}")
    return found
