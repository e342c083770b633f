/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfprep: reads, judges, prepares and unmakes a ConnectX-7 host. The table of its commands. */
#include "vfprep.h"

#include "judging.h"

static const struct vfm_command *const commands[] = {
	&vfprep_status, &vfprep_plan,    &vfprep_apply, &vfprep_confirm,
	&vfprep_undo,   &vfprep_history, &vfprep_xml,   &vfprep_compare,
	&vfprep_facts,  &judging_rules,  &vfprep_serve, NULL,
};

const struct vfm_program vfprep_program = {
	.name = "vfprep",
	.summary = "prepares hosts to exchange VMs that hold ConnectX-7 virtual functions",
	.text = "Reads and judges what a KVM host needs so that running VMs with ConnectX-7 "
		"virtual functions can move to and from it: firmware and PSID, VF_MIGRATION_MODE, "
		"switchdev mode, the migratable capability, drivers, IOMMU, Open vSwitch, libvirt "
		"and QEMU. Prepares such a host, and puts it back as it was.\n"
		"Hosts are named alike everywhere: 'local', 'ssh:HOST' (or ssh:USER@HOST), a FILE "
		"written by 'vfprep facts', or '-' for such a file on stdin. 'apply', 'undo', "
		"'confirm' and 'history' are for the host they run on.",
	.commands = commands,
};
