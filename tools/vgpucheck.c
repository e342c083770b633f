/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vgpucheck: what vGPUs a host has, makes and shows, and whether they can move. The table of its
 * commands. */
#include "vgpucheck.h"

#include "judging.h"

static const struct vfm_command *const commands[] = {
	&vgpucheck_status, &vgpucheck_compare, &vgpucheck_metadata, &vgpucheck_xml,
	&vgpucheck_create, &vgpucheck_remove,  &judging_rules,      NULL,
};

const struct vfm_program vgpucheck_program = {
	.name = "vgpucheck",
	.summary = "lists NVIDIA vGPUs, and says whether they can go to another host",
	.text = "Reads what two KVM hosts say of their NVIDIA GPUs and of the vGPUs on them, and "
		"judges whether a VM with a vGPU can move: host driver, layout (mediated devices "
		"or the vendor's own), GPU, ECC, MIG, types, parameters and the guest's driver. "
		"Needs no software of NVIDIA's where it runs on stored facts. Makes and removes "
		"vGPUs of this host; every other command changes nothing.",
	.commands = commands,
};
