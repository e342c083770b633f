/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfmigrate: what moves VMs that hold virtual functions. The table of its commands. */
#include "vfmigrate.h"

#include "judging.h"

static const struct vfm_command *const commands[] = {
	&vfmigrate_explain,
	&judging_rules,
	NULL,
};

const struct vfm_program vfmigrate_program = {
	.name = "vfmigrate",
	.summary = "explains why a VM with a ConnectX-7 virtual function cannot move",
	.text = "Explains what libvirt, QEMU, the kernel and the tools say when a VM with a "
		"ConnectX-7 virtual function does not move, and lists the rules by which hosts "
		"are judged. Changes nothing.",
	.commands = commands,
};
