/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rules about the host devices of the VM, and about those that take their place.
 *
 * A device with the teaming type 'transient' is unplugged before the move and plugged in after it:
 * none of its state goes over, so that it counts for no limit of those that migrate.
 */
#include "judge/assign.h"
#include "judge/rule.h"
#include "plan/vgpu.h"

/* ---- the VM's devices ------------------------------------------------------ */

/* A host device of the VM, of either form. */
struct device {
	const char *type;    /* "pci", "usb", "mdev"; of an interface "pci" */
	const char *address; /* of PCI: "" where the document has none */
	const char *called;  /* address, UUID of a mediated device, alias */
	enum vfm_hostdev_type kind;
	bool transient;
};

static const char *first_of(const char *a, const char *b)
{
	return a && *a ? a : b && *b ? b : "one without an address";
}

static struct device device_of_interface(const struct vfm_domain_interface *interface)
{
	return (struct device){
		.type = "pci",
		.address = interface->host_address,
		.called = first_of(interface->host_address, interface->mac),
		.kind = VFM_HOSTDEV_PCI,
		.transient = interface->teaming == VFM_TEAMING_TRANSIENT,
	};
}

static struct device device_of_hostdev(const struct vfm_domain_hostdev *hostdev)
{
	return (struct device){
		.type = hostdev->type_name ? hostdev->type_name : "?",
		.address = hostdev->host_address,
		.called = first_of(hostdev->type == VFM_HOSTDEV_MDEV ? hostdev->mdev_uuid
								     : hostdev->host_address,
				   hostdev->alias),
		.kind = hostdev->type,
		.transient = hostdev->teaming == VFM_TEAMING_TRANSIENT,
	};
}

/* The devices one after another, interfaces first; false: there are no more. */
static bool next_device(const struct vfm_domain *domain, size_t *index, struct device *ret_device)
{
	for (; *index < domain->interface_count; ++*index) {
		if (domain->interfaces[*index].type != VFM_INTERFACE_HOSTDEV)
			continue;
		*ret_device = device_of_interface(&domain->interfaces[(*index)++]);
		return true;
	}
	if (*index - domain->interface_count >= domain->hostdev_count)
		return false;
	*ret_device = device_of_hostdev(&domain->hostdevs[*index - domain->interface_count]);
	++*index;
	return true;
}

bool vfm_is_unplugged(const struct vfm_domain *domain, const char *address)
{
	struct device device;
	size_t index = 0;

	while (next_device(domain, &index, &device)) {
		if (device.kind == VFM_HOSTDEV_PCI && vfm_streq(device.address, address))
			return device.transient;
	}
	return false;
}

/* A VF of that host with its PF; false: none, or not known, which *ret_unread then says. */
static bool find_vf(const struct vfm_facts *facts, const char *address,
		    struct vfm_vf_found *ret_found, const struct vfm_fact **ret_unread)
{
	if (facts->pfs.fact.state == VFM_UNKNOWN)
		*ret_unread = &facts->pfs.fact;
	if (!vfm_known(&facts->pfs.fact))
		return false;
	vfm_list_each (const struct vfm_pf_facts, pf, &facts->pfs) {
		if (pf->vfs.fact.state == VFM_UNKNOWN)
			*ret_unread = &pf->vfs.fact;
		if (!vfm_known(&pf->vfs.fact))
			continue;
		vfm_list_each (const struct vfm_vf_facts, vf, &pf->vfs) {
			if (!vfm_fact_is_text(&vf->bdf, address))
				continue;
			*ret_found = (struct vfm_vf_found){pf, vf};
			return true;
		}
	}
	return false;
}

/* ---- unsupported-hostdev --------------------------------------------------- */

/* What keeps devices from moving, what is said of others, what is not known. */
struct verdicts {
	struct vfm_buffer refused, unplugged, unclear;
	size_t count, vgpus;
};

static void put(struct vfm_buffer *words, const struct device *device, const char *what)
{
	vfm_buffer_printf(words, "%s%s %s", words->size ? "; " : "", device->called, what);
}

static void put_unread(struct verdicts *verdicts, const struct device *device, const char *what,
		       const struct vfm_fact *fact)
{
	VFM_AUTO_FREE char *words = vfm_text_printf(
		"%s: %s", what, fact->state == VFM_ABSENT ? "none" : vfm_fact_reason(fact));

	verdicts->unclear.failed |= !words;
	if (words)
		put(&verdicts->unclear, device, words);
}

static void fix_migratable(const struct vfm_subject *subject, const struct device *device,
			   struct vfm_outcome *outcome)
{
	vfm_fix(outcome, "# shut the VM down; the flag can be set while the VF is unbound:");
	vfm_fix(outcome, "virsh -c %s shutdown %s", subject->given->move->source_uri,
		subject->given->domain->name);
	vfm_fix(outcome, "# on %s: make the VF %s migratable again:", subject->name,
		device->address);
	vfm_fix(outcome, "vfprep apply");
}

static void judge_vf(const struct vfm_subject *subject, const struct device *device,
		     const struct vfm_vf_found *found, struct verdicts *verdicts,
		     struct vfm_outcome *outcome)
{
	const struct vfm_fact_text *migratable = &found->vf->migratable;

	if (!vfm_pf_eligible(subject->given->profile, found->pf)) {
		put(&verdicts->refused, device,
		    "is a VF of a card that migration is not supported "
		    "for");
	} else if (!vfm_known(&migratable->fact)) {
		put_unread(verdicts, device, "may or may not be migratable", &migratable->fact);
	} else if (!vfm_vf_migratable(found->vf)) {
		put(&verdicts->refused, device, "is a VF that is not migratable");
		fix_migratable(subject, device, outcome);
	}
}

/* NULL facts: not read. True: it is a vGPU, of which all is said. */
static bool judge_vgpu(const struct vfm_subject *subject, const struct device *device,
		       struct verdicts *verdicts)
{
	const struct vfm_gpu_facts *gpu = NULL;
	const struct vfm_vgpu_facts *vgpu =
		subject->facts ? vfm_vgpu_find(subject->facts, device->called, &gpu) : NULL;

	if (!vgpu)
		return false;
	if (vfm_fact_is_false(&vgpu->migratable))
		put(&verdicts->refused, device, "is a vGPU that is not migratable, by NVML");
	verdicts->vgpus++;
	return true;
}

static void judge_mdev(const struct vfm_subject *subject, const struct device *device,
		       struct verdicts *verdicts)
{
	if (!subject->facts)
		put(&verdicts->unclear, device,
		    "may or may not be a vGPU: the facts of the source were not read");
	else if (judge_vgpu(subject, device, verdicts))
		return;
	else if (subject->facts->nvidia.gpus.fact.state == VFM_UNKNOWN)
		put_unread(verdicts, device, "may or may not be a vGPU",
			   &subject->facts->nvidia.gpus.fact);
	else
		put(&verdicts->refused, device, "is a mediated device, and no vGPU of NVIDIA's");
}

static void judge_pci(const struct vfm_subject *subject, const struct device *device,
		      struct verdicts *verdicts, struct vfm_outcome *outcome)
{
	const struct vfm_fact *unread = NULL;
	struct vfm_vf_found found;

	if (!*device->address)
		put(&verdicts->unclear, device, "is not known to be a VF");
	else if (!subject->facts)
		put(&verdicts->unclear, device,
		    "may or may not be a VF: the facts of the source were not read");
	else if (judge_vgpu(subject, device, verdicts))
		return;
	else if (find_vf(subject->facts, device->address, &found, &unread))
		judge_vf(subject, device, &found, verdicts, outcome);
	else if (unread)
		put_unread(verdicts, device, "may or may not be a VF", unread);
	else
		put(&verdicts->refused, device, "is no VF of a ConnectX card");
}

static void judge_one(const struct vfm_subject *subject, const struct device *device,
		      struct verdicts *verdicts, struct vfm_outcome *outcome)
{
	VFM_AUTO_FREE char *words = NULL;

	verdicts->count++;
	if (device->transient) {
		put(&verdicts->unplugged, device,
		    "is unplugged before the move and plugged in after it (teaming)");
		return;
	}
	switch (device->kind) {
	case VFM_HOSTDEV_PCI:
		judge_pci(subject, device, verdicts, outcome);
		return;
	case VFM_HOSTDEV_MDEV:
		judge_mdev(subject, device, verdicts);
		return;
	case VFM_HOSTDEV_USB:
	case VFM_HOSTDEV_SCSI:
	case VFM_HOSTDEV_OTHER:
	case VFM_HOSTDEV_TYPE_MAX:
		break;
	}
	words = vfm_text_printf("is a host device of the type %s, which stays on its host",
				device->type);
	verdicts->refused.failed |= !words;
	if (words)
		put(&verdicts->refused, device, words);
}

static void say_verdicts(const struct vfm_subject *subject, const struct verdicts *verdicts,
			 struct vfm_outcome *outcome)
{
	const char *name = subject->given->domain->name;

	outcome->message.failed |=
		verdicts->refused.failed || verdicts->unplugged.failed || verdicts->unclear.failed;
	if (verdicts->refused.size) {
		vfm_fail(outcome, "of the host devices of %s: %s", name, verdicts->refused.data);
		if (!outcome->fix.size)
			vfm_fix(outcome, "virsh -c %s edit %s", subject->given->move->source_uri,
				name);
	} else if (verdicts->unclear.size) {
		vfm_unclear(outcome, "of the host devices of %s: %s", name, verdicts->unclear.data);
	} else if (verdicts->unplugged.size) {
		outcome->at_most = VFM_SEVERITY_WARN;
		vfm_fail(outcome, "of the host devices of %s: %s", name, verdicts->unplugged.data);
	} else if (verdicts->count) {
		vfm_pass(outcome, "each host device of %s (%zu) is a migratable VF%s", name,
			 verdicts->count, verdicts->vgpus ? " or a vGPU" : "");
	} else {
		vfm_pass(outcome, "%s has no device of its host", name);
	}
}

static void judge_hostdevs(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	struct verdicts verdicts = {.count = 0};
	struct device device;
	size_t index = 0;

	while (next_device(subject->given->domain, &index, &device))
		judge_one(subject, &device, &verdicts, outcome);
	say_verdicts(subject, &verdicts, outcome);
	vfm_buffer_done(&verdicts.refused);
	vfm_buffer_done(&verdicts.unplugged);
	vfm_buffer_done(&verdicts.unclear);
}

/* ---- p2p-devices ----------------------------------------------------------- */

static bool is_vfio(const struct device *device)
{
	return !device->transient &&
	       (device->kind == VFM_HOSTDEV_PCI || device->kind == VFM_HOSTDEV_MDEV);
}

static size_t count_vfio(const struct vfm_domain *domain)
{
	struct device device;
	size_t index = 0, count = 0;

	while (next_device(domain, &index, &device))
		count += is_vfio(&device);
	return count;
}

/* True when QEMU of this side is known to move several; else what is wrong is said. */
static bool moves_several(const struct vfm_daemon_probe *daemon, const char *name,
			  struct vfm_outcome *outcome)
{
	static const struct vfm_version least = {{8, 2}};
	const struct vfm_fact_text *fact = &daemon->qemu_version;
	struct vfm_version version;

	if (!vfm_known(&fact->fact) || vfm_parse_version(fact->value, &version) < 0) {
		vfm_unclear(outcome, "which QEMU %s has is not known: %s", name,
			    vfm_known(&fact->fact) ? fact->value : vfm_fact_reason(&fact->fact));
	} else if (vfm_version_compare(&version, &least) < 0) {
		vfm_fail(outcome,
			 "QEMU of %s is %s, older than 8.2: it does not move more than one device",
			 name, fact->value);
		vfm_fix(outcome, "# update QEMU on %s, or let the VM have one device at a time",
			name);
	} else {
		return true;
	}
	return false;
}

static const struct vfm_device_probe *device_probe(const struct vfm_probe *probe,
						   const char *called)
{
	if (!vfm_known(&probe->devices.fact))
		return NULL;
	vfm_list_each (const struct vfm_device_probe, device, &probe->devices) {
		if (vfm_fact_is_text(&device->source, called))
			return device;
	}
	return NULL;
}

/* The variant driver has it for each VF that it moves. */
static bool has_variant_driver(const struct vfm_subject *subject, const struct device *device)
{
	const struct vfm_fact *unread = NULL;
	struct vfm_vf_found found;

	return device->kind == VFM_HOSTDEV_PCI && subject->facts &&
	       find_vf(subject->facts, device->address, &found, &unread) &&
	       vfm_fact_is_text(&found.vf->driver, "mlx5_vfio_pci") && vfm_vf_migratable(found.vf);
}

static void judge_p2p(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_probe *probe = subject->given->probe;
	const struct vfm_domain *domain = subject->given->domain;
	VFM_AUTO_BUFFER struct vfm_buffer unclear = {.data = NULL};
	struct device device;
	size_t index = 0, count = count_vfio(domain);

	if (count < 2) {
		vfm_pass(outcome, "%s has no more than one device to move", domain->name);
		return;
	}
	if (!moves_several(&probe->source, subject->name, outcome) ||
	    !moves_several(&probe->destination, subject->other_name, outcome))
		return;
	while (next_device(domain, &index, &device)) {
		const struct vfm_device_probe *said = device_probe(probe, device.called);

		if (!is_vfio(&device) || (said && vfm_fact_is_true(&said->p2p)))
			continue;
		if (said && vfm_fact_is_false(&said->p2p)) {
			vfm_fail(outcome,
				 "%s cannot stand still while others still write to it (P2P), "
				 "which QEMU needs of each where there is more than one",
				 device.called);
			return;
		}
		if (!has_variant_driver(subject, &device))
			vfm_buffer_printf(&unclear, "%s%s", unclear.size ? ", " : "",
					  device.called);
	}
	outcome->message.failed |= unclear.failed;
	if (unclear.size)
		vfm_unclear(outcome, "whether these support P2P is not known: %s", unclear.data);
	else
		vfm_pass(outcome, "all %zu devices support P2P", count);
}

const struct vfm_rule vfm_rules_move_device[] = {
	{
		.id = "unsupported-hostdev",
		.protects = "each host device of the VM is a migratable VF of a ConnectX card "
			    "(allowed: a VF that teaming unplugs for the move)",
		.remedy = "take other host devices from the VM before the move",
		.ref = "RHEL 10, 12.3: device passthrough",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE,
		.waivable = VFM_WAIVABLE_NEVER,
		.applies = VFM_APPLIES_LIVE,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_hostdevs,
	},
	{
		.id = "p2p-devices",
		.protects = "where the VM has more than one VFIO device, each supports P2P, and "
			    "QEMU is 8.2 or newer",
		.remedy = "update QEMU; use VFs on the variant driver",
		.ref = "QEMU, VFIO migration: several devices only if all support P2P",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.waivable = VFM_WAIVABLE_UNKNOWN,
		.applies = VFM_APPLIES_LIVE,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_p2p,
	},
	{.id = NULL},
};
