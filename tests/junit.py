#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Counts what the parts of scripts/test have run.

junit.py add FILE NAME CODE   adds one check to a JUnit file (CODE 0: it passed)
junit.py sum FOLDER           prints failures and skips, then 'N passed, N failed, N skipped';
                              exits 1 when something failed or nothing ran
"""

import pathlib
import sys
import xml.etree.ElementTree as ET


def add(path: str, name: str, code: str) -> int:
    file = pathlib.Path(path)
    suite = ET.parse(file).getroot() if file.exists() else ET.Element("testsuite", name="checks")
    case = ET.SubElement(suite, "testcase", classname=file.stem, name=name)
    if code != "0":
        ET.SubElement(case, "failure", message=f"exit code {code}")
    ET.ElementTree(suite).write(file)
    return 0


def outcome(case: ET.Element) -> tuple[str, str]:
    for child in case:
        if child.tag in ("failure", "error"):
            return "failed", child.get("message") or ""
        if child.tag == "skipped":
            return "skipped", child.get("message") or (child.text or "").strip()
    return "passed", ""


def total(folder: str) -> int:
    count = {"passed": 0, "failed": 0, "skipped": 0}
    for file in sorted(pathlib.Path(folder).glob("*.xml")):
        for case in ET.parse(file).getroot().iter("testcase"):
            word, reason = outcome(case)
            count[word] += 1
            if word != "passed":
                first = reason.splitlines()[0] if reason else "no reason given"
                print(f"{word}: {file.stem}: {case.get('name')}: {first}")
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    return 1 if count["failed"] or not count["passed"] else 0


if __name__ == "__main__":
    if len(sys.argv) == 5 and sys.argv[1] == "add":
        sys.exit(add(*sys.argv[2:]))
    if len(sys.argv) == 3 and sys.argv[1] == "sum":
        sys.exit(total(sys.argv[2]))
    sys.exit(__doc__)
