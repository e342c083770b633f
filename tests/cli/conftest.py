# SPDX-License-Identifier: LGPL-2.1-or-later
"""The programs seen from the outside: arguments in, text, JSON and exit codes out."""

import os
import pathlib
import shutil
import subprocess

import pytest

HERE = pathlib.Path(__file__).parent


def pytest_addoption(parser):
    parser.addoption(
        "--rewrite", action="store_true", help="write the golden files instead of comparing"
    )


class Program:
    """One of our programs, found in $VFMIG_PROGRAMS or else in PATH."""

    def __init__(self, name):
        self.name = name
        folder = os.environ.get("VFMIG_PROGRAMS")
        path = shutil.which(name, path=folder) if folder else shutil.which(name)
        assert path, f"{name} is neither in $VFMIG_PROGRAMS nor in PATH: run scripts/test cli"
        self.path = path

    def __call__(self, *arguments, stdin=None, **options):
        environment = {**os.environ, "LC_ALL": "C", "NO_COLOR": "1"}
        environment.update(options.pop("env", {}))
        return subprocess.run(
            [self.path, *arguments],
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            timeout=options.pop("timeout", 120),
            env=environment,
            cwd=options.pop("cwd", HERE / "facts"),
            check=False,
            **options,
        )


@pytest.fixture(scope="session")
def vfprep():
    return Program("vfprep")


@pytest.fixture(scope="session")
def vfmigrate():
    return Program("vfmigrate")


@pytest.fixture(scope="session")
def vfaudit():
    return Program("vfaudit")


@pytest.fixture(scope="session")
def vgpucheck():
    return Program("vgpucheck")


@pytest.fixture
def golden(request):
    """golden(name, text): text is that of golden/NAME, or becomes it with --rewrite."""

    def compare(name, text):
        file = HERE / "golden" / name
        if request.config.getoption("--rewrite"):
            file.write_text(text)
        assert file.exists(), f"no golden/{name}: look at the output, then run with --rewrite"
        assert text == file.read_text()

    return compare
