/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What PCI code, Open vSwitch and tools say about VFs; see messages.h. */
#include "explain/messages.h"

#define IOV       "Linux drivers/pci/iov.c"
#define MSTCONFIG "mstflint mlxconfig"

const struct vfm_message vfm_messages_kernel[] = {
	{.id = "vfs-enabled-already",
	 .pattern = "VFs already enabled. Disable before enabling",
	 .cause = "A number of VFs is changed by way of none: the kernel refuses to go from one "
		  "number to another.",
	 .remedy = {"# with no VF in use; their capabilities are forgotten:",
		    "echo 0 >/sys/bus/pci/devices/%o/sriov_numvfs"},
	 .rule = "vf-count",
	 .ref = IOV},
	{.id = "vfio-module-missing",
	 .pattern = "Module mlx5_vfio_pci not found",
	 .cause = "This kernel was built without the VFIO driver that can move a ConnectX VF "
		  "(CONFIG_MLX5_VFIO_PCI), or its package of extra modules is not installed.",
	 .remedy = {"# install the kernel's package of extra modules, or another kernel; then:",
		    "modinfo mlx5_vfio_pci"},
	 .rule = "vfio-module",
	 .ref = "kmod tools/modprobe.c; Linux drivers/vfio/pci/mlx5/Kconfig"},
	{.id = NULL},
};

const struct vfm_message vfm_messages_ovs[] = {
	{.id = "ovs-no-such-device",
	 .pattern = "could not open network device %o (No such device)",
	 .cause = "Open vSwitch has a port for an interface that is not there: the representor got "
		  "another name, or its VF is gone.",
	 .remedy = {"# what it is called now, then the port anew:", "devlink port show",
		    "ovs-vsctl del-port %o", "vfprep apply --pf PF --vfs N --bridge BRIDGE"},
	 .rule = "ovs-vf-port",
	 .ref = "Open vSwitch lib/netdev.c"},
	{.id = NULL},
};

const struct vfm_message vfm_messages_tool[] = {
	{.id = "mstconfig-no-parameter",
	 .pattern = "The Device doesn't support %o parameter",
	 .cause = "This firmware does not know %o. For VF_MIGRATION_MODE: it is too old, or the "
		  "card is none that can do it.",
	 .remedy = {"# which firmware runs:", "mstflint -d PF query"},
	 .rule = "migration-mode",
	 .ref = MSTCONFIG},
	{.id = "mstconfig-unknown-parameter",
	 .pattern = "Unknown Parameter: %o",
	 .cause = "This mstconfig, or the firmware, does not know %o.",
	 .remedy = {"# 4.20 or newer knows VF_MIGRATION_MODE:", "mstconfig --version"},
	 .rule = "migration-mode",
	 .ref = MSTCONFIG},
	{.id = "udev-rename-exists",
	 .pattern = "Failed to rename network interface %d from '%s' to '%o': File exists",
	 .cause = "Two interfaces were to get the name %o: a representor stands where the uplink "
		  "belongs, or the other way round.",
	 .remedy = {"# which is which:", "devlink port show",
		    "# then give each its own name by a .link file with OriginalName or Path"},
	 .ref = "systemd src/udev/udev-event.c"},
	{.id = NULL},
};
