/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfmigrate: what moves VMs that hold virtual functions. The table of its commands. */
#include "vfmigrate.h"

#include "judging.h"

static const struct vfm_command *const commands[] = {
	&vfmigrate_attach,       &vfmigrate_detach,
	&vfmigrate_check,        &vfmigrate_run,
	&vfmigrate_verify,       &vfmigrate_recover,
	&vfmigrate_status,       &vfmigrate_abort,
	&vfmigrate_set_downtime, &vfmigrate_set_speed,
	&vfmigrate_cpu_baseline, &vfmigrate_explain,
	&judging_rules,          NULL,
};

const struct vfm_program vfmigrate_program = {
	.name = "vfmigrate",
	.summary = "judges, runs, steers, proves and recovers moves of VMs, and explains why one "
		   "cannot move",
	.text = "Judges whether a VM can move to another host, and moves it with the ConnectX-7 "
		"virtual functions it holds; proves where it is afterwards, and puts things in "
		"order when a move was cut short. Looks at the migration of a VM, steers and "
		"aborts it; "
		"finds the CPU that hosts "
		"have in common. Explains what libvirt, QEMU, the kernel and the tools say when a "
		"VM with a ConnectX-7 virtual function does not move, and lists the rules by which "
		"hosts are judged.",
	.commands = commands,
};
