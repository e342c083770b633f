# SPDX-License-Identifier: LGPL-2.1-or-later
"""The firmware settings of the lab host's simulated cards.

Shared by the stand-ins mstconfig and mstflint and by lab-firmware. It knows the settings file and
the parameters with their values, and nothing of how a tool prints them. Only light modules are
imported: these programs start often, on a slow machine.

Settings belong to a card, not to a function: all PFs of a card see the same NUM_OF_VFS, SRIOV_EN
and VF_MIGRATION_MODE, and the same firmware images.
"""

import fcntl
import json
import os

# A test of the stand-ins themselves gives them another root; the lab never does.
ROOT = os.environ.get("VFMIG_LAB_ROOT", "")
SETTINGS = ROOT + "/var/lib/vfmig-lab/firmware.json"
PCI_DEVICES = ROOT + "/sys/bus/pci/devices"
LOCKDOWN = ROOT + "/sys/kernel/security/lockdown"

LAYOUTS = ("old", "mid", "new", "json", "newest")

BOOL = ("False", "True")
# Name: (words of the values 0, 1, … or None for a number, default). A text is an array's summary.
PARAMETERS = {
    "MEMIC_BAR_SIZE": (None, 0),
    "NUM_OF_VFS": (None, 8),
    "SRIOV_EN": (BOOL, 0),
    "NUM_OF_TC_P1": (("_8_TCs",) + tuple(f"_{n}_TC" for n in range(1, 8)), 0),
    "PCI_ATOMIC_MODE": (
        ("PCI_ATOMIC_DISABLED_EXT_ATOMIC_ENABLED", "PCI_ATOMIC_ENABLED_EXT_ATOMIC_DISABLED"),
        0,
    ),
    "PF_BAR2_ENABLE": (BOOL, 0),
    "PCI_DOWNSTREAM_PORT_OWNER": (None, "Array[0..15]"),
    "NUM_PF_MSIX": (None, 63),
    "NUM_VF_MSIX": (None, 11),
    "VF_MIGRATION_MODE": (("DEVICE_DEFAULT", "MIGRATION_DISABLED", "MIGRATION_ENABLED"), 0),
    "LINK_TYPE_P1": ((None, "IB", "ETH"), 1),
    "LINK_TYPE_P2": ((None, "IB", "ETH"), 1),
    "CQE_COMPRESSION": (("BALANCED", "AGGRESSIVE"), 0),
    "UCTX_EN": (BOOL, 1),
}
# What a prepared lab card has been set to, against the defaults above.
PREPARED = {
    "NUM_OF_VFS": 7,
    "SRIOV_EN": 1,
    "VF_MIGRATION_MODE": 2,
    "LINK_TYPE_P1": 2,
    "LINK_TYPE_P2": 2,
}
SLOTS = ("default", "current", "next")

TEXT_KEYS = ("type", "name", "description", "psid", "fw_running", "fw_stored")
FLAG_KEYS = ("livefish", "e_refused")
LIST_KEYS = ("functions", "read_only", "unsupported", "cold_power_cycle_needed")


class Refused(Exception):
    """A request that the simulated firmware or tool does not take."""


def default_card(bdf):
    return {
        "functions": [bdf],
        "type": "ConnectX7",
        "name": "MCX755106AS-HEA_Ax",
        "description": "NVIDIA ConnectX-7 HHHL Adapter Card; 200GbE (default mode) / NDR200 IB; "
        "Dual-port QSFP112; PCIe 5.0 x16; Crypto Disabled; Secure Boot Enabled",
        "psid": "MT_0000000838",
        "fw_running": "28.43.1014",
        "fw_stored": "28.43.1014",
        "livefish": False,
        "e_refused": False,
        "read_only": ["MEMIC_BAR_SIZE"],
        "unsupported": [],
        "cold_power_cycle_needed": [],
        "parameters": {
            name: {
                "default": value,
                "current": PREPARED.get(name, value),
                "next": PREPARED.get(name, value),
            }
            for name, (_, value) in PARAMETERS.items()
        },
    }


def default_settings():
    return {
        "layout": "new",
        "lockdown": False,
        "cards": [default_card("0000:01:00.0"), default_card("0000:02:00.0")],
    }


def load():
    try:
        with open(SETTINGS, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return default_settings()


class change:
    """with change() as settings: … — one writer at a time, the file replaced as a whole."""

    def __enter__(self):
        os.makedirs(os.path.dirname(SETTINGS), exist_ok=True)
        self.lock = open(SETTINGS + ".lock", "w", encoding="utf-8")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.settings = load()
        return self.settings

    def __exit__(self, kind, value, trace):
        if kind is None:
            save(self.settings)
        self.lock.close()


def save(settings):
    temporary = SETTINGS + ".new"
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump(settings, file, indent=1)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    os.rename(temporary, SETTINGS)


def full_bdf(text):
    """The long form of a PCI address: the tools take both."""
    return text if text.count(":") == 2 else "0000:" + text


def kernel_locked_down():
    try:
        with open(LOCKDOWN, encoding="ascii") as file:
            return "[none]" not in file.read()
    except OSError:
        return False


def find_card(settings, device):
    """The card of a function that is there and can be opened, or None."""
    bdf = full_bdf(device)
    if settings["lockdown"] or kernel_locked_down():
        return None
    if not ROOT and os.geteuid() != 0:
        return None
    if not os.path.exists(f"{PCI_DEVICES}/{bdf}"):
        return None
    for card in settings["cards"]:
        if bdf in card["functions"]:
            return card
    return None


def parse_value(name, text):
    """A number or one of the parameter's words, as the tools accept it."""
    words = PARAMETERS[name][0]
    if isinstance(PARAMETERS[name][1], str):
        raise Refused(f"{name} is an array: it cannot be set here")
    if words is not None:
        for value, word in enumerate(words):
            if word is not None and word.lower() == text.lower():
                return value
    value = int(text) if text.isascii() and text.isdigit() else -1
    if value < 0 or value > 0xFFFFFFFF or (words and (value >= len(words) or words[value] is None)):
        raise Refused(f'Illegal value "{text}" for parameter {name}')
    return value


def format_value(name, value):
    """True(1), MIGRATION_ENABLED(2), 7, Array[0..15]."""
    words = PARAMETERS[name][0]
    return str(value) if words is None else f"{words[value]}({value})"


def boot(settings, cold):
    """What a machine's restart makes of the settings; only a cold one loads all of them."""
    for card in settings["cards"]:
        for name, slots in card["parameters"].items():
            if cold or name not in card["cold_power_cycle_needed"]:
                slots["current"] = slots["next"]
        card["fw_running"] = card["fw_stored"]
