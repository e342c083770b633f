/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfaudit: who of a fleet can exchange VMs with whom. The table of its commands. */
#include "vfaudit.h"

#include "judging.h"

static const struct vfm_command *const commands[] = {
	&vfaudit_audit, &vfaudit_plan, &vfaudit_diff, &vfaudit_pair, &judging_rules, NULL,
};

const struct vfm_program vfaudit_program = {
	.name = "vfaudit",
	.summary =
		"says which hosts of a fleet can exchange VMs, and what firmware would join them",
	.text = "Reads the facts of many hosts, as 'vfprep facts' writes them, and finds the "
		"islands: the hosts whose cards have the same PSID, firmware and capabilities, so "
		"that running VMs with virtual functions can move between them. Changes no host.\n"
		"'vfaudit FILE...' is 'vfaudit audit FILE...'. A FILE holds one document, or one a "
		"line; a folder stands for its *.json and *.jsonl; '-' is stdin. With --hosts the "
		"hosts of a list are asked first.",
	.commands = commands,
	.usual = &vfaudit_audit,
};
