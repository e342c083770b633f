# SPDX-License-Identifier: LGPL-2.1-or-later
"""One lab for all scenarios: raised once, made bare before each module.

VFMIG_PROGRAMS   folder with the programs under test, pushed to both hosts
VFMIG_LAB        name of the lab (default: test); one that is up is used as it is and left up
"""

import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from lab import Lab  # noqa: E402


def pytest_configure(config):
    config.addinivalue_line("markers", "full: only in the full run")


def show_ends(lab):
    """The last words of both hosts, for a failure nobody can look at afterwards."""
    for host in lab.hosts:
        sys.stderr.write(f"---- serial log of {host.name} (end)\n")
        sys.stderr.write("\n".join(host.serial().splitlines()[-40:]) + "\n")


@pytest.fixture(scope="session")
def raised_lab(request):
    lab = Lab(os.environ.get("VFMIG_LAB", "test"))
    programs = os.environ.get("VFMIG_PROGRAMS")
    if programs and not pathlib.Path(programs).is_dir():
        pytest.fail(f"VFMIG_PROGRAMS={programs} is no folder: build first")
    found = lab.find()
    if not found:
        lab.up(*(["--push", programs] if programs else []))
    elif programs:
        lab.script("push", programs)
    yield lab
    if request.session.testsfailed:
        show_ends(lab)
    if not found:
        lab.down()


@pytest.fixture(scope="module")
def lab(raised_lab):
    """Both hosts, bare at the start of the module."""
    raised_lab.reset()
    return raised_lab
