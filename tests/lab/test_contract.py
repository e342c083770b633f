# SPDX-License-Identifier: LGPL-2.1-or-later
"""The contract: every documented behaviour our tools rely on holds on a lab host.

The rows are in contract/behaviours.py, those about vGPUs in contract/vgpus.py.  All of them
run on one bare host in one ssh session; then each is a test of its own.  That rows can fail
is tested too.
"""

import collections
import pathlib
import shutil
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "contract"))

import behaviours  # noqa: E402
import vgpus  # noqa: E402

SCENES = behaviours.SCENES + vgpus.SCENES
BEHAVIOURS = tuple(row for scene in SCENES for row in scene.rows)
MUTATIONS = behaviours.MUTATIONS + vgpus.MUTATIONS

Answer = collections.namedtuple("Answer", "code said")
BY_ID = {row.id: row for row in BEHAVIOURS}
SCENE_OF = {row.id: scene for scene in SCENES for row in scene.rows}
# seconds for all rows; a tenth of it is what they take on an idle machine
TIMEOUT = 1200


def quote(text):
    return "'" + text.replace("'", "'\\''") + "'"


def script(scene, rows, mutation=""):
    """The shell text that sets a scene and runs rows of it."""
    lines = [f"scene {quote(scene.name)} {quote(scene.setup)}"]
    if mutation:
        lines.append(mutation)
    return lines + [f"row {row.id} {quote(row.command)}" for row in rows]


def run(host, lines):
    """Runs shell lines behind the prelude; what each row answered, by id."""
    prelude = (HERE / "contract" / "prelude.sh").read_text()
    text = host.run("bash -s", stdin=prelude + "\n".join(lines + ["exit 0", ""]), timeout=TIMEOUT).stdout
    answers = {}
    for record in text.split("\036")[1:]:
        head, _, said = record.partition("\n")
        name, code = head.split(" ")
        answers[name] = Answer(None if code == "scene" else int(code), said)
    return answers


@pytest.fixture(scope="module")
def host(lab, tmp_path_factory):
    """A bare host that has the tool which asks VFIO devices."""
    tool = tmp_path_factory.mktemp("tools") / "vfio-state"
    subprocess.run(
        ["cc", "-std=gnu17", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Werror",
         "-o", tool, HERE / "tools" / "vfio-state.c"],
        check=True,
    )
    shutil.copy(tool, lab.run_dir / "share" / "bin" / "vfio-state")
    yield lab.a
    lab.a.reset()


@pytest.fixture(scope="module")
def answers(host, request):
    lines = [line for scene in SCENES for line in script(scene, scene.rows)]
    found = run(host, lines)
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    held = sum(
        1 for row in BEHAVIOURS
        if row.id in found and found[row.id].code is not None and not row.faults(*found[row.id])
    )
    reporter.write_line(f"\ncontract: {len(BEHAVIOURS)} behaviours checked, {held} hold")
    return found


def test_rows_are_told_apart():
    assert len(BY_ID) == len(BEHAVIOURS)
    assert all(row.says or row.hides or not row.fails for row in BEHAVIOURS)
    assert set(name for name, _ in MUTATIONS) <= set(BY_ID)


@pytest.mark.parametrize("row", BEHAVIOURS, ids=lambda row: row.id)
def test_behaviour(answers, row):
    assert row.id in answers, "the host did not come to this row"
    answer = answers[row.id]
    assert answer.code is not None, answer.said
    faults = row.faults(*answer)
    assert not faults, (
        f"facts {row.facts}: {row.command}\n{'; '.join(faults)}\nit said:\n{answer.said}"
    )


@pytest.fixture(scope="module")
def mutated(host, answers):
    """What each row of MUTATIONS answers when the card does not behave."""
    lines = []
    for name, mutation in MUTATIONS:
        scene = SCENE_OF[name]
        rows = scene.rows[: scene.rows.index(BY_ID[name]) + 1]
        # in a shell of its own: a mutation may redefine the prelude's words
        lines += ["("] + script(scene, rows[:-1], mutation)
        lines += [f"row mutated-{name} {quote(rows[-1].command)}", ")"]
    return run(host, lines)


@pytest.mark.full
@pytest.mark.parametrize("name", [name for name, _ in MUTATIONS])
def test_row_can_fail(mutated, name):
    answer = mutated[f"mutated-{name}"]
    assert answer.code is not None, answer.said
    assert BY_ID[name].faults(*answer), f"it holds although it should not:\n{answer.said}"
