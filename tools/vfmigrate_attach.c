/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfmigrate attach: gives a VM a VF with which it can move. */
#include <stdio.h>
#include <string.h>

#include "attaching.h"
#include "base/array.h"
#include "base/deadline.h"
#include "domain/devices.h"
#include "domain/domain.h"
#include "vf_device.h"
#include "vfmigrate.h"

static const struct vfm_option options[] = {
	MOVING_HOSTS_TEXT("vf", "VF|auto", attaching_values, vf,
			  "the VF, by its PCI address (0000:e1:00.1), or by its PF's and its "
			  "number (0000:e1:00.0/0); auto: the first that is free and migratable"),
	MOVING_HOSTS_TEXT("mac", "MAC", attaching_values, mac,
			  "MAC address of the VM's interface (default: a new one)"),
	ATTACHING_OPTIONS,
	{.name = NULL},
};

struct work {
	struct attaching attaching;
	struct vfm_vf_name name; /* not with 'automatic' */
	bool automatic;
	struct vfm_domains domains;
	const struct vfm_vf_way *way;
	struct vfm_vf_spares spares;
	struct vf_device device;
	char *owner; /* of the claim */
};

static void work_done(struct work *work)
{
	attaching_done(&work->attaching);
	vfm_domains_done(&work->domains);
	vfm_vf_spares_done(&work->spares);
	vf_device_done(&work->device);
	free(work->owner);
}
#define AUTO_WORK VFM_CLEANUP(work_done)

static const char *vm_name(const struct work *work)
{
	return vfm_steer_name(work->attaching.vm);
}

static int fail(const struct work *work, const struct vfm_error *err)
{
	return vfm_cli_error(work->attaching.call, err, VFM_EXIT_FAILED);
}

/* ---- the command line -------------------------------------------------------- */

static int take_options(struct work *work)
{
	const struct vfm_call *call = work->attaching.call;
	const struct attaching_values *values = work->attaching.values;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	if (!values->vf)
		return vfm_cli_usage(call, "--vf is needed: a VF, or auto");
	work->automatic = vfm_streq(values->vf, "auto");
	if (!work->automatic && vfm_vf_name_parse(values->vf, &work->name, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_USAGE);
	if (values->mac && vfm_mac_check(values->mac, work->device.mac, &err) < 0)
		return vfm_cli_usage(call, "--mac: %s", err.what ? err.what : "");
	work->device.given = values->mac;
	return 0;
}

/* ---- the VM -------------------------------------------------------------------- */

/* What libvirt has of it: how it takes VFs, and whose MAC addresses are whose. */
static int ask_libvirt(struct work *work)
{
	struct attaching *attaching = &work->attaching;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	if (vfm_domains_read(attaching->uri, vfm_deadline_in(VF_DEVICE_LIBVIRT_MS), &work->domains,
			     &err) < 0)
		return fail(work, &err);
	if (vf_device_way(&attaching->facts, attaching->uri, &work->domains, &work->way, &err) < 0)
		return attaching_refuse(attaching, &err);
	return 0;
}

static int check_module(struct work *work)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	if (!vfm_fact_is_false(&work->attaching.facts.vfio.module_available))
		return 0;
	vfm_error_set(&err, -EPERM, VFM_VARIANT_DRIVER,
		      "install a kernel with CONFIG_MLX5_VFIO_PCI and run depmod",
		      "this kernel does not have the driver (rule vfio-module)");
	return attaching_refuse(&work->attaching, &err);
}

static int check_part(struct work *work, enum vfm_vm_part part)
{
	const char *xml = work->attaching.look.xml[part];
	VFM_AUTO_DOMAIN struct vfm_domain domain = {.name = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	if (!work->attaching.asked[part] || !xml)
		return 0;
	if (vfm_domain_parse(xml, strlen(xml), vm_name(work), &domain, &err) < 0)
		return fail(work, &err);
	if (vfm_vm_takes_vf(&domain, part == VFM_VM_LIVE, work->attaching.uri, &err) < 0)
		return attaching_refuse(&work->attaching, &err);
	return 0;
}

static int check_vm(struct work *work)
{
	int code = check_part(work, VFM_VM_LIVE);

	/* what keeps the one keeps the other, mostly: told once */
	if (!code && !work->attaching.refusal_count)
		code = check_part(work, VFM_VM_CONFIG);
	return code;
}

/* ---- the VF -------------------------------------------------------------------- */

static bool is_refusal(int error)
{
	return error == -EPERM || error == -EBUSY || error == -ENODATA || error == -ENOENT ||
	       error == -EINVAL || error == -ENODEV;
}

static bool is_defined(const struct vfm_vf_facts *vf)
{
	size_t at = 0;

	return vfm_vf_definition(vf, &at) != NULL;
}

/*
 * As it is once nobody else can take it any more: what was read before may be old by now. Chosen by
 * itself it is not one that a domain was defined with since.
 */
static int judge_claimed(const struct work *work, const struct vfm_vf_found *found,
			 const struct vfm_vf_facts *now, struct vfm_error *err)
{
	const struct vfm_vf_found fresh = {found->pf, now};
	int r = vfm_vf_assignable(&fresh, err);

	if (r == 0)
		r = vfm_vf_bindable(&fresh, work->way, err);
	if (r == 0 && work->automatic && is_defined(now) && !is_defined(found->vf))
		r = vfm_error_set(err, -EPERM, now->bdf.value, NULL,
				  "a domain was defined with it just now");
	return r;
}

/* Claimed until the session ends, so that two who look at once do not take the same. */
static int claim(struct work *work, const struct vfm_vf_found *found, struct vfm_error *err)
{
	const char *bdf = found->vf->bdf.value;
	struct vfm_vf_facts now = {.bdf = {.value = NULL}};
	int r = vfm_peer_claim(work->attaching.peer, bdf, work->owner, &now, err);

	if (r < 0)
		return r;
	r = judge_claimed(work, found, &now, err);
	vfm_fields_done(vfm_vf_fields, &now);
	if (r < 0)
		(void)vfm_peer_release(work->attaching.peer, bdf, NULL);
	return r;
}

static void take(struct work *work, const struct vfm_vf_found *found)
{
	work->device.found = *found;
	work->attaching.vf = (struct vfm_attach_vf){
		.bdf = found->vf->bdf.value,
		.pf = vfm_known(&found->pf->bdf.fact) ? found->pf->bdf.value : NULL,
		.number = (uint32_t)found->vf->number.value,
	};
}

/* Refused, or a failure that ends it. */
static int refuse_or_fail(struct work *work, int error, struct vfm_error *err)
{
	return is_refusal(error) ? attaching_refuse(&work->attaching, err) : fail(work, err);
}

/* Whether this part of the VM has the VF: 1, 0, or -errno; told. */
static int has_vf(struct work *work, enum vfm_vm_part part, const char *bdf,
		  struct vfm_domain_device *ret_device, struct vfm_error *err)
{
	const struct vfm_domain_device_name wanted = {.bdf = bdf};
	const char *xml = work->attaching.look.xml[part];
	int r = -ENOENT;

	if (xml)
		r = vfm_domain_device_find(xml, strlen(xml), vm_name(work), &wanted, ret_device,
					   err);
	return r == -ENOENT ? 0 : r < 0 ? r : 1;
}

/*
 * The definition gets what the VM runs with: then it is in use, by nobody else, and there is
 * nothing to be claimed.
 */
static int judge_own(struct work *work, struct vfm_error *err)
{
	int r = vfm_vf_in_switchdev(&work->device.found, err);

	return r == 0 ? vfm_vf_may_migrate(&work->device.found, err) : r;
}

static int judge_other(struct work *work, struct vfm_error *err)
{
	int r = vfm_vf_assignable(&work->device.found, err);

	if (r == 0 && work->way)
		r = vfm_vf_bindable(&work->device.found, work->way, err);
	/* with another refusal nothing is touched, and so nothing is claimed */
	if (r == 0 && !work->attaching.refusal_count)
		r = claim(work, &work->device.found, err);
	return r;
}

static int find_named(struct work *work)
{
	VFM_AUTO_DOMAIN_DEVICE struct vfm_domain_device device = {.xml = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int r = vfm_vf_resolve(&work->attaching.facts, &work->name, &work->device.found, &err);

	if (r < 0)
		return refuse_or_fail(work, r, &err);
	take(work, &work->device.found);
	if (!work->attaching.asked[VFM_VM_LIVE])
		r = has_vf(work, VFM_VM_LIVE, work->attaching.vf.bdf, &device, &err);
	if (r >= 0)
		r = r > 0 ? judge_own(work, &err) : judge_other(work, &err);
	return r < 0 ? refuse_or_fail(work, r, &err) : 0;
}

/* One that went away under our eyes is among those that were passed over. */
static int pass_over(struct work *work, const struct vfm_vf_found *found, struct vfm_error *err)
{
	struct vfm_vf_passed passed = {.words = NULL};

	passed.words = strdup(err->what ? err->what : "");
	snprintf(passed.bdf, sizeof(passed.bdf), "%s", found->vf->bdf.value);
	vfm_error_done(err);
	if (passed.words && VFM_APPEND(work->spares.passed, work->spares.passed_count, passed) == 0)
		return 0;
	free(passed.words);
	vfm_error_no_memory(err, found->vf->bdf.value);
	return fail(work, err);
}

static int refuse_none(struct work *work)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	vfm_error_set(&err, -EPERM, work->attaching.hosts.name[VFM_SOURCE],
		      "free one, or make more: 'vfprep status', 'vfprep apply --vfs'",
		      "has no VF that is free and migratable");
	return attaching_refuse(&work->attaching, &err);
}

/* It and those behind it. */
static int say_why(struct work *work, const struct vfm_vf_found *found, size_t count)
{
	work->attaching.why = vfm_text_printf(
		"chosen: the first of %zu by address that %s free and migratable%s", count,
		count == 1 ? "is" : "are",
		is_defined(found->vf) ? "; a domain that does not run is defined with it" : "");
	return work->attaching.why ? 0 : VFM_EXIT_FAILED;
}

static int find_any(struct work *work)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int code = 0, r = vfm_vf_spares(&work->attaching.facts, work->way, &work->spares, &err);

	if (r < 0)
		return refuse_or_fail(work, r, &err);
	work->attaching.spares = &work->spares;
	for (size_t i = 0; !code && i < work->spares.count; i++) {
		const struct vfm_vf_found *found = &work->spares.items[i];

		r = claim(work, found, &err);
		if (r == 0) {
			take(work, found);
			return say_why(work, found, work->spares.count - i);
		}
		code = is_refusal(r) ? pass_over(work, found, &err) : fail(work, &err);
	}
	return code ? code : refuse_none(work);
}

/* ---- the MAC address ------------------------------------------------------------- */

/*
 * The VM may have this VF already in the part that is not asked for; then by the same address, so
 * that it keeps it over a restart. A part that is asked for has it once.
 */
static int check_part_without(struct work *work, enum vfm_vm_part part)
{
	const char *owner = part == VFM_VM_LIVE ? "the running VM" : "the definition of";
	struct attaching *attaching = &work->attaching;
	VFM_AUTO_DOMAIN_DEVICE struct vfm_domain_device device = {.xml = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int r = has_vf(work, part, attaching->vf.bdf, &device, &err);

	if (r == 0)
		return 0;
	if (r < 0 && r != -EEXIST)
		return fail(work, &err);
	if (attaching->asked[part]) {
		vfm_error_done(&err);
		vfm_error_set(&err, -EPERM, attaching->vf.bdf,
			      "name another VF, or leave out the part that has it",
			      "%s %s has it already", owner, vm_name(work));
		return attaching_refuse(attaching, &err);
	}
	if (r > 0 && !work->device.given && *device.mac) {
		memcpy(work->device.mac, device.mac, sizeof(device.mac));
		vfm_strings_addf(&attaching->notes,
				 "the MAC address is the one that %s %s has for it", owner,
				 vm_name(work));
	}
	return 0;
}

/* No other interface of the VM has it. */
static int check_own_mac(struct work *work, enum vfm_vm_part part)
{
	const struct vfm_domain_device_name wanted = {.mac = work->device.mac};
	const char *xml = work->attaching.look.xml[part];
	VFM_AUTO_DOMAIN_DEVICE struct vfm_domain_device device = {.xml = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int r = -ENOENT;

	if (xml)
		r = vfm_domain_device_find(xml, strlen(xml), vm_name(work), &wanted, &device, &err);
	if (r == -ENOENT || (r == 0 && vfm_streq(device.bdf, work->attaching.vf.bdf)))
		return 0;
	if (r < 0 && r != -EEXIST)
		return fail(work, &err);
	vfm_error_done(&err);
	vfm_error_set(&err, -EPERM, work->device.mac,
		      "name another one, or none: then a new one is made",
		      "another interface of %s has this address already", vm_name(work));
	return attaching_refuse(&work->attaching, &err);
}

static int check_mac(struct work *work)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int code, r = vf_device_check_mac(&work->attaching.facts, &work->domains, vm_name(work),
					  &work->device, &err);

	if (r == -EADDRINUSE)
		return attaching_refuse(&work->attaching, &err);
	if (r < 0)
		return fail(work, &err);
	code = check_own_mac(work, VFM_VM_LIVE);
	/* the same interface in the definition is told once */
	if (!code && !work->attaching.refusal_count)
		code = check_own_mac(work, VFM_VM_CONFIG);
	return code;
}

static int settle_mac(struct work *work)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int code = check_part_without(work, VFM_VM_CONFIG);

	if (!code)
		code = check_part_without(work, VFM_VM_LIVE);
	if (!code && *work->device.mac)
		code = check_mac(work);
	else if (!code && vf_device_make_macs(&work->attaching.facts, &work->domains, &work->device,
					      1, &err) < 0)
		code = fail(work, &err);
	work->attaching.vf.mac = work->device.mac;
	return code;
}

/* ---- doing it ---------------------------------------------------------------------- */

/* Without a port no frame of the guest leaves the host; making one is vfprep's. */
static void note_port(struct work *work)
{
	const struct vfm_fact_text *name = &work->device.found.vf->representor.name;
	const struct vfm_ovs_facts *ovs = &work->attaching.facts.ovs;
	const struct vfm_ovs_bridge_facts *bridge;
	const struct vfm_ovs_port_facts *port;

	if (!vfm_known(&name->fact) || !vfm_known(&ovs->bridges.fact) ||
	    vfm_ovs_find_port(ovs, name->value, &bridge, &port))
		return;
	vfm_strings_addf(&work->attaching.notes,
			 "the VF's representor %s is in no bridge: no frame of the guest leaves "
			 "the host ('vfprep apply' makes its port)",
			 name->value);
}

static int give(struct work *work)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	const char *xml[VFM_VM_PART_MAX];

	if (vf_device_fill(&work->device, VFM_VF_INTERFACE, work->way, &err) < 0)
		return fail(work, &err);
	note_port(work);
	for (enum vfm_vm_part part = VFM_VM_LIVE; part < VFM_VM_PART_MAX; part++)
		xml[part] = work->device.xml;
	return attaching_do(&work->attaching, xml, 0);
}

static int find_vf(struct work *work)
{
	if (!work->automatic)
		return find_named(work);
	/* what is chosen is claimed at once */
	return work->attaching.refusal_count ? 0 : find_any(work);
}

static int read_facts(struct work *work)
{
	return attaching_facts(&work->attaching);
}

static int open_vm(struct work *work)
{
	int code = attaching_open(&work->attaching);

	if (code)
		return code;
	work->owner = vfm_text_printf("vfmigrate attach: %s, pid %d", vm_name(work), (int)getpid());
	return work->owner ? 0 : VFM_EXIT_FAILED;
}

static int run(struct vfm_call *call)
{
	static int (*const steps[])(struct work * work) = {
		take_options, open_vm, read_facts, ask_libvirt, check_module, check_vm, find_vf,
	};
	AUTO_WORK struct work work = {
		.attaching = {.call = call, .values = call->values},
	};
	int code = 0;

	for (size_t i = 0; !code && i < VFM_ARRAY_SIZE(steps); i++)
		code = steps[i](&work);
	if (!code)
		code = attaching_refused(&work.attaching);
	if (!code)
		code = settle_mac(&work);
	if (!code)
		code = attaching_refused(&work.attaching);
	return code ? code : give(&work);
}

const struct vfm_command vfmigrate_attach = {
	.name = "attach",
	.arguments = "VM",
	.min_arguments = 1,
	.max_arguments = 1,
	.summary = "give a VM a VF with which it can move",
	.text = "Judges the VF as 'vfprep xml' does, and its driver: it is migratable, nobody "
		"uses it, its PF is in switchdev mode. Claims it, so that nobody else takes it "
		"at the same time; gives it to the VM as an interface with a MAC address that no "
		"other has; and reads back that the VM has it, by the driver mlx5_vfio_pci. VM is "
		"a name or a UUID. With auto the first VF by address is taken that can be, those "
		"that a domain at rest is defined with last; the others are told with their "
		"reasons.\n"
		"Without --live and --config it is as with virsh: a VM that runs gets it as it "
		"runs, another one in its definition. With both the definition comes first, and is "
		"put back where the running VM cannot get it.\n"
		"Exit code 3, and nothing touched, for a VF that is not migratable or in use, or "
		"has a driver of the host, a MAC address that is another's, a VM with an IOMMU of "
		"its own, and, with --live, a VM without a free PCIe root port. 1 when libvirt "
		"would not, and all is as it was; 4 when it does not read back as asked; 5 when "
		"libvirt has not answered, or the definition could not be put back.",
	.options = options,
	.values_size = sizeof(struct attaching_values),
	.run = run,
};
