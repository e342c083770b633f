# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the scenarios of vfprep share: its documents, and looking into them."""

import json

KNOBS = "/sys/module/mlx5_core/parameters"


def facts(host, *options):
    document = host.out(["vfprep", "facts", *options])
    return json.loads(document), len(document)


def vfprep_json(host, *arguments, codes=(0, 3)):
    """The document of status or compare; the exit code must be one of these."""
    ran = host.run(["vfprep", arguments[0], "--json", *arguments[1:]], check=False)
    assert ran.returncode in codes, ran.stderr + ran.stdout
    return json.loads(ran.stdout), ran.returncode


def all_findings(document):
    """Every finding of a status document."""
    for host in document["hosts"]:
        yield from host["findings"]
        for pf in host["pfs"]:
            yield from pf["findings"]


def refusing(findings):
    return {row["id"] for row in findings if row["severity"] == "refuse" and not row["accepted"]}


def devlink_json(host, *words):
    return json.loads(host.out(["devlink", "-j", *words]))
