/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfmigrate detach: takes a VF from a VM. */
#include <stdio.h>
#include <string.h>

#include "attaching.h"
#include "domain/devices.h"
#include "vfmigrate.h"

enum { TIMEOUT_S = 60, MAX_TIMEOUT_S = 3600, MS_A_SECOND = 1000 };

static const struct vfm_option options[] = {
	MOVING_HOSTS_TEXT("vf", "VF", attaching_values, vf,
			  "the VF, by its PCI address (0000:e1:00.1), or by its PF's and its "
			  "number (0000:e1:00.0/0)"),
	MOVING_HOSTS_TEXT("mac", "MAC", attaching_values, mac,
			  "in its place, the MAC address of the VM's interface"),
	MOVING_HOSTS_TEXT("timeout", "S", attaching_values, timeout,
			  "how long the guest may take to release it; 60 without this option"),
	ATTACHING_OPTIONS,
	{.name = NULL},
};

struct work {
	struct attaching attaching;
	struct vfm_vf_name name; /* of --vf */
	char mac[VFM_MAC_TEXT_SIZE];
	uint64_t timeout_s;
	struct vfm_domain_device devices[VFM_VM_PART_MAX];
};

static void work_done(struct work *work)
{
	attaching_done(&work->attaching);
	for (enum vfm_vm_part part = VFM_VM_LIVE; part < VFM_VM_PART_MAX; part++)
		vfm_domain_device_done(&work->devices[part]);
}
#define AUTO_WORK VFM_CLEANUP(work_done)

#define REFUSE(work, object, hint, ...)                                                            \
	({                                                                                         \
		VFM_AUTO_ERROR struct vfm_error refusal_ = VFM_ERROR_INIT;                         \
                                                                                                   \
		vfm_error_set(&refusal_, -EPERM, object, hint, __VA_ARGS__);                       \
		attaching_refuse(&(work)->attaching, &refusal_);                                   \
	})

/* ---- the command line -------------------------------------------------------- */

static int take_options(struct work *work)
{
	const struct vfm_call *call = work->attaching.call;
	const struct attaching_values *values = work->attaching.values;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	if (!values->vf == !values->mac)
		return vfm_cli_usage(call, "which VF? --vf or --mac is needed, and not both");
	if (values->vf && vfm_vf_name_parse(values->vf, &work->name, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_USAGE);
	if (values->mac && vfm_mac_check(values->mac, work->mac, &err) < 0)
		return vfm_cli_usage(call, "--mac: %s", err.what ? err.what : "");
	work->timeout_s = TIMEOUT_S;
	if (values->timeout &&
	    (vfm_parse_uint(values->timeout, 10, MAX_TIMEOUT_S, &work->timeout_s) < 0 ||
	     work->timeout_s == 0))
		return vfm_cli_usage(call, "--timeout: '%s' is no whole number from 1 to %d",
				     values->timeout, MAX_TIMEOUT_S);
	return 0;
}

/* A VF that is named by its PF is looked up on the host; an address is as it is. */
static int resolve(struct work *work)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_vf_found found;
	int code;

	if (!work->attaching.values->vf || !work->name.by_number)
		return 0;
	code = attaching_facts(&work->attaching);
	if (code)
		return code;
	if (vfm_vf_resolve(&work->attaching.facts, &work->name, &found, &err) < 0)
		return attaching_refuse(&work->attaching, &err);
	snprintf(work->name.bdf, sizeof(work->name.bdf), "%s", found.vf->bdf.value);
	return 0;
}

/* ---- the device ---------------------------------------------------------------- */

static const char *owner_of(enum vfm_vm_part part)
{
	return part == VFM_VM_LIVE ? "the running VM" : "the definition of";
}

static int check_device(struct work *work, enum vfm_vm_part part, int error, struct vfm_error *err)
{
	const struct vfm_domain_device *device = &work->devices[part];
	const struct attaching *attaching = &work->attaching;
	const char *vm = vfm_steer_name(attaching->vm);
	const char *name = attaching->values->vf ? work->name.bdf : work->mac;

	if (error == -ENOENT)
		return REFUSE(work, name,
			      "'virsh dumpxml' shows what it has; --live and --config choose where "
			      "it is looked for",
			      "%s %s does not have it", owner_of(part), vm);
	if (error == -EEXIST)
		return REFUSE(work, name, "'virsh edit' and 'virsh detach-device' tell them apart",
			      "%s %s has more than one device of that name", owner_of(part), vm);
	if (error < 0)
		return vfm_cli_error(attaching->call, err, VFM_EXIT_FAILED);
	if (!*device->bdf)
		return REFUSE(work, name, "'virsh detach-interface' takes it",
			      "is no VF in %s %s, but an interface of type %s", owner_of(part), vm,
			      device->type ? device->type : "unknown");
	return 0;
}

static int find_part(struct work *work, enum vfm_vm_part part)
{
	const char *xml = work->attaching.look.xml[part];
	const struct vfm_domain_device_name wanted = {
		.bdf = work->attaching.values->vf ? work->name.bdf : NULL,
		.mac = work->attaching.values->vf ? NULL : work->mac,
	};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int r;

	if (!work->attaching.asked[part] || !xml)
		return 0;
	r = vfm_domain_device_find(xml, strlen(xml), vfm_steer_name(work->attaching.vm), &wanted,
				   &work->devices[part], &err);
	return check_device(work, part, r, &err);
}

/* By a MAC address both parts have to mean the same VF. */
static int check_same(struct work *work)
{
	const char *live = work->devices[VFM_VM_LIVE].bdf;
	const char *config = work->devices[VFM_VM_CONFIG].bdf;

	if (!*live || !*config || vfm_streq(live, config))
		return 0;
	return REFUSE(work, work->mac, "take one at a time: --live, then --config",
		      "the running VM has it on %s, its definition on %s", live, config);
}

static int find_devices(struct work *work)
{
	int code = find_part(work, VFM_VM_LIVE);

	if (!code)
		code = find_part(work, VFM_VM_CONFIG);
	return code ? code : check_same(work);
}

static int take(struct work *work)
{
	const char *xml[VFM_VM_PART_MAX];

	for (enum vfm_vm_part part = VFM_VM_LIVE; part < VFM_VM_PART_MAX; part++) {
		const struct vfm_domain_device *device = &work->devices[part];

		xml[part] = device->xml;
		if (device->xml && !work->attaching.vf.bdf)
			work->attaching.vf = (struct vfm_attach_vf){
				.bdf = device->bdf, .mac = *device->mac ? device->mac : NULL};
	}
	return attaching_do(&work->attaching, xml, (int)work->timeout_s * MS_A_SECOND);
}

static int open_vm(struct work *work)
{
	return attaching_open(&work->attaching);
}

static int run(struct vfm_call *call)
{
	static int (*const steps[])(struct work * work) = {take_options, open_vm, resolve};
	AUTO_WORK struct work work = {
		.attaching = {.call = call, .values = call->values, .detach = true},
	};
	int code = 0;

	for (size_t i = 0; !code && i < VFM_ARRAY_SIZE(steps); i++)
		code = steps[i](&work);
	if (!code)
		code = attaching_refused(&work.attaching);
	if (!code)
		code = find_devices(&work);
	if (!code)
		code = attaching_refused(&work.attaching);
	return code ? code : take(&work);
}

const struct vfm_command vfmigrate_detach = {
	.name = "detach",
	.arguments = "VM",
	.min_arguments = 1,
	.max_arguments = 1,
	.summary = "take a VF from a VM",
	.text = "Takes it from the definition, from the running VM, or from both; waits until the "
		"guest has released it, and reads back that it is gone and that nobody uses it. "
		"VM is a name or a UUID. Without --live and --config it is as with virsh: from a "
		"VM that runs as it runs, from another's definition. With both the definition "
		"comes first, and is put back where libvirt does not take it from the running VM.\n"
		"A guest need not release it. When it has not by --timeout nothing is undone: the "
		"request stands, and exit code 4 says so.\n"
		"Exit code 3, and nothing touched, where the VM does not have it, or what has that "
		"MAC address is no device of the host. 1 when libvirt would not, and all is as it "
		"was; 4 also when it does not read back as asked; 5 when libvirt has not answered, "
		"or the definition could not be put back.",
	.options = options,
	.values_size = sizeof(struct attaching_values),
	.run = run,
};
