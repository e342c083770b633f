/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rules about the host apart from its cards and switches: root, architecture, IOMMU, the variant
 * driver.
 */
#include "judge/rule.h"

static void judge_privilege(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_bool *privileged = &subject->facts->host.privileged;

	if (vfm_fact_is_true(privileged)) {
		vfm_pass(outcome, "the facts were read with root's rights");
		return;
	}
	if (vfm_fact_is_false(privileged))
		vfm_unclear(outcome, "the facts were read without root's rights: what needs them "
				     "is not known");
	else
		vfm_unknown(outcome, &privileged->fact, "whether root read the facts");
	vfm_fix(outcome, "# run the same command again as root (sudo)");
}

static void judge_arch(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_text *arch = &subject->facts->host.arch;

	if (!vfm_known(&arch->fact)) {
		vfm_unknown(outcome, &arch->fact, "the host's architecture");
		return;
	}
	vfm_seen(outcome, VFM_SOURCE, "%s", arch->value);
	if (vfm_streq(arch->value, "x86_64") || vfm_streq(arch->value, "aarch64")) {
		vfm_pass(outcome, "the host's architecture is %s", arch->value);
		return;
	}
	vfm_fail(outcome,
		 "the host's architecture is %s: VFs are moved between hosts of x86_64 (Intel 64, "
		 "AMD64) or of aarch64 (64-bit ARM)",
		 arch->value);
	vfm_fix(outcome, "# put the card into a host of such an architecture");
}

/* Kernel arguments, by the tool the distribution has for them. */
static void fix_kernel_arguments(const struct vfm_subject *subject, struct vfm_outcome *outcome,
				 const char *arguments)
{
	if (vfm_host_is_debian(subject->facts)) {
		vfm_fix(outcome, "sed -i 's/^GRUB_CMDLINE_LINUX=\"/&%s /' /etc/default/grub",
			arguments);
		vfm_fix(outcome, "update-grub");
	} else {
		vfm_fix(outcome, "grubby --update-kernel=ALL --args=\"%s\"", arguments);
	}
	vfm_fix_reboot(outcome);
}

static const char *iommu_argument(const struct vfm_facts *facts)
{
	return vfm_fact_is_text(&facts->cpu.vendor, "GenuineIntel") ? "intel_iommu=on" : NULL;
}

static void judge_iommu(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_bool *enabled = &subject->facts->iommu.enabled;
	const char *argument = iommu_argument(subject->facts);

	if (vfm_fact_is_true(enabled)) {
		vfm_pass(outcome, "the IOMMU is on");
		return;
	}
	if (!vfm_known(&enabled->fact)) {
		vfm_unknown(outcome, &enabled->fact, "whether the IOMMU is on");
		return;
	}
	vfm_fail(outcome, "the IOMMU is off: VFs cannot be given to VMs");
	vfm_fix(outcome, "# switch the IOMMU (VT-d, AMD-Vi, SMMU) on in the system firmware");
	if (argument)
		fix_kernel_arguments(subject, outcome, argument);
}

static void judge_interrupt_remapping(const struct vfm_subject *subject,
				      struct vfm_outcome *outcome)
{
	const struct vfm_fact_bool *on = &subject->facts->iommu.interrupt_remapping;

	if (vfm_fact_is_true(on)) {
		vfm_pass(outcome, "interrupts are remapped");
	} else if (!vfm_known(&on->fact)) {
		vfm_unknown(outcome, &on->fact, "whether interrupts are remapped");
	} else {
		vfm_fail(outcome, "interrupts are not remapped: VFIO then refuses devices unless "
				  "its unsafe mode is on");
		vfm_fix(outcome, "# switch interrupt remapping (x2APIC) on in the system firmware");
		vfm_fix(outcome, "# and have no intremap=off on the kernel command line");
	}
}

static void judge_vfio_module(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_vfio_facts *vfio = &subject->facts->vfio;

	if (vfm_fact_is_true(&vfio->module_available) && vfm_fact_is_true(&vfio->module_alias)) {
		vfm_pass(outcome, "mlx5_vfio_pci and its alias are there");
	} else if (vfm_fact_is_false(&vfio->module_available)) {
		vfm_fail(outcome, "this kernel has no module mlx5_vfio_pci");
		vfm_fix(outcome, "# install a kernel, or the package of its further modules, built "
				 "with CONFIG_MLX5_VFIO_PCI");
	} else if (vfm_fact_is_false(&vfio->module_alias)) {
		vfm_fail(outcome, "modules.alias has no vfio_pci line of mlx5_vfio_pci: libvirt "
				  "cannot choose the driver");
		vfm_fix(outcome, "depmod -a");
	} else {
		vfm_unknown(outcome,
			    vfm_known(&vfio->module_available.fact) ? &vfio->module_alias.fact
								    : &vfio->module_available.fact,
			    "whether mlx5_vfio_pci can be loaded");
	}
}

const struct vfm_rule vfm_rules_host[] = {
	{
		.id = "privilege",
		.protects = "what only root may read could be read",
		.remedy = "run the command as root",
		.ref = "vfmig: a fact that could not be read is unknown, never assumed",
		.scope = VFM_SCOPE_HOST,
		.waivable = VFM_WAIVABLE_YES,
		.before_prep = true,
		.in = VFM_SEVERE(NONE, WARN, NONE, WARN),
		.judge = judge_privilege,
	},
	{
		.id = "host-arch",
		.protects = "the host is of the architecture x86_64 or aarch64",
		.remedy = "use a host of such an architecture",
		.ref = "RHEL 10, 12.6",
		.scope = VFM_SCOPE_HOST,
		.waivable = VFM_WAIVABLE_NEVER,
		.before_prep = true,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, REFUSE, WARN, WARN),
		.judge = judge_arch,
	},
	{
		.id = "iommu",
		.protects = "the IOMMU is on",
		.remedy =
			"switch the IOMMU on in the system firmware and on the kernel command line",
		.ref = "RHEL 10, attaching SR-IOV networking devices to virtual machines",
		.scope = VFM_SCOPE_HOST,
		.waivable = VFM_WAIVABLE_NEVER,
		.before_prep = true,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_iommu,
	},
	{
		.id = "interrupt-remapping",
		.protects = "the IOMMU remaps interrupts",
		.remedy = "switch interrupt remapping on in the system firmware",
		.ref = "kernel, VFIO: devices without interrupt remapping need "
		       "allow_unsafe_interrupts",
		.scope = VFM_SCOPE_HOST,
		.waivable = VFM_WAIVABLE_YES,
		.before_prep = true,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(WARN, WARN, REFUSE, WARN),
		.judge = judge_interrupt_remapping,
	},
	{
		.id = "vfio-module",
		.protects = "the variant driver mlx5_vfio_pci can be loaded, and libvirt can find "
			    "it by its alias",
		.remedy = "install a kernel with CONFIG_MLX5_VFIO_PCI and run depmod",
		.ref = "RHEL 10, 12.6",
		.scope = VFM_SCOPE_HOST,
		.waivable = VFM_WAIVABLE_UNKNOWN,
		.before_prep = true,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_vfio_module,
	},
	{.id = NULL},
};
