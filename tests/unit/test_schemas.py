# SPDX-License-Identifier: LGPL-2.1-or-later
"""The documents the unit tests hold as goldens are valid by the published schemas, and the schemas
refuse what is no such document."""

import copy
import json
import pathlib

import pytest

jsonschema = pytest.importorskip("jsonschema", reason="python3-jsonschema is not installed")

HERE = pathlib.Path(__file__).resolve().parent
SCHEMAS = HERE.parent.parent / "data" / "schema"
GOLDENS = sorted((HERE / "data" / "report").glob("*.json"))


def schema_of(kind):
    return json.loads((SCHEMAS / f"{kind}.json").read_text())


def validator(kind):
    return jsonschema.Draft202012Validator(schema_of(kind))


KINDS = {
    "status", "compare", "rules", "prep", "history", "xml", "vgpu-device", "explain", "job", "cpu-baseline",
    "recover", "verify", "attach", "audit", "fleet-plan",
    "fleet-diff", "vgpus",
}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_schema_is_a_schema(kind):
    jsonschema.Draft202012Validator.check_schema(schema_of(kind))


@pytest.mark.parametrize("path", GOLDENS, ids=lambda path: path.stem)
def test_golden_is_valid(path):
    document = json.loads(path.read_text())
    validator(document["kind"]).validate(document)


def test_every_kind_has_goldens():
    assert {json.loads(path.read_text())["kind"] for path in GOLDENS} == KINDS


def places(value, path=()):
    """Every key of every object in a document."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield path + (key,)
            yield from places(inner, path + (key,))
    elif isinstance(value, list) and value:
        yield from places(value[0], path + (0,))


def parent(document, path):
    for step in path[:-1]:
        document = document[step]
    return document


@pytest.mark.parametrize("name", [
    "status-bare", "compare-differ", "rules", "prep-unverified", "history-running", "xml", "explain",
    "job-diverges", "cpu-vm-changes", "recover-destination", "verify-not-well",
    "vgpus-mdev",
])
def test_schema_refuses(name):
    document = json.loads((HERE / "data" / "report" / f"{name}.json").read_text())
    check = validator(document["kind"])
    for path in places(document):
        missing, wrong = copy.deepcopy(document), copy.deepcopy(document)
        del parent(missing, path)[path[-1]]
        assert not check.is_valid(missing), f"{path} may be missing"
        parent(wrong, path)[path[-1]] = 1.5
        assert not check.is_valid(wrong), f"{path} may be anything"
