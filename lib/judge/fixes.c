/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fixes that several rules give. What interrupts somebody's traffic or stops VMs says so in a line
 * of words before the command: fixes are typed by tired people.
 */
#include "judge/rule.h"

void vfm_fix_reboot(struct vfm_outcome *outcome)
{
	vfm_fix(outcome, "# restarts the host: move its VMs away or shut them down first");
	vfm_fix(outcome, "systemctl reboot");
}

void vfm_fix_reset_card(struct vfm_outcome *outcome, const struct vfm_pf_facts *pf)
{
	vfm_fix(outcome, "# resets every port of the card: with none of its VFs in use, and not "
			 "over its network:");
	vfm_fix(outcome, "mstfwreset -d %s -y reset", vfm_text_words(&pf->bdf));
}

void vfm_fix_firmware(struct vfm_outcome *outcome, const struct vfm_pf_facts *pf)
{
	vfm_fix(outcome, "# FIRMWARE.bin: the image for PSID %s", vfm_text_words(&pf->psid));
	vfm_fix(outcome, "mstflint -d %s -i FIRMWARE.bin burn", vfm_text_words(&pf->bdf));
	vfm_fix_reset_card(outcome, pf);
}

void vfm_fix_switchdev(struct vfm_outcome *outcome, const struct vfm_pf_facts *pf)
{
	vfm_fix(outcome, "# interrupts the port and its VFs:");
	vfm_fix(outcome, "devlink dev eswitch set pci/%s mode switchdev", vfm_text_words(&pf->bdf));
}

/* Without probing: mlx5_core would take the VF, and it has to be free to become migratable. */
void vfm_fix_create_vf(struct vfm_outcome *outcome, const struct vfm_pf_facts *pf)
{
	const char *bdf = vfm_text_words(&pf->bdf);

	if (!vfm_fact_is_false(&pf->vf_autoprobe))
		vfm_fix(outcome, "echo 0 > /sys/bus/pci/devices/%s/sriov_drivers_autoprobe", bdf);
	vfm_fix(outcome, "echo 1 > /sys/bus/pci/devices/%s/sriov_numvfs", bdf);
}

void vfm_fix_max_idle(struct vfm_outcome *outcome)
{
	vfm_fix(outcome, "ovs-vsctl set Open_vSwitch . other_config:max-idle=300000");
}
