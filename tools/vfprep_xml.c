/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vfprep xml: VFs as libvirt takes them. */
#include <string.h>

#include "base/array.h"
#include "base/deadline.h"
#include "judging.h"
#include "vf_device.h"
#include "vfprep.h"

enum { MAX_VFS = 256 };

struct xml_values {
	struct judging_values judging; /* of which: json, host */
	const char *host, *vm, *connect;
	struct vfm_strings macs;
	int format; /* enum vfm_vf_format */
};

static const char *const formats[] = {
	[VFM_VF_INTERFACE] = "interface",
	[VFM_VF_HOSTDEV] = "hostdev",
	NULL,
};

static const struct vfm_option options[] = {
	{"mac", 0, VFM_OPTION_TEXTS, offsetof(struct xml_values, macs), "MAC", NULL,
	 "MAC address of the VM's interface; once for each VF, in their order (default: new ones)"},
	{"format", 0, VFM_OPTION_CHOICE, offsetof(struct xml_values, format), "NAME", formats,
	 "interface (default): libvirt sets the MAC address; hostdev: the VF keeps its own"},
	{"vm", 0, VFM_OPTION_TEXT, offsetof(struct xml_values, vm), "NAME", NULL,
	 "the domain that is to get them: looked at, not changed"},
	{"connect", 'c', VFM_OPTION_TEXT, offsetof(struct xml_values, connect), "URI", NULL,
	 "the libvirt that is to take them, as qemu:///system (default: this host's)"},
	{"host", 0, VFM_OPTION_TEXT, offsetof(struct xml_values, host), "HOST", NULL,
	 "whose VFs they are: local (default), ssh:HOST, or a FILE of facts"},
	{.name = "json",
	 .type = VFM_OPTION_FLAG,
	 .offset = offsetof(struct xml_values, judging.json),
	 .help = "print the result as one JSON object"},
	HOST_OPTIONS(xml_values, judging.host),
	{.name = NULL},
};

struct work {
	const struct vfm_call *call;
	const struct xml_values *values;
	struct vfm_facts facts;
	struct vfm_domains domains;
	const char *uri; /* of the connection that was asked; NULL: none */
	const struct vfm_vf_way *way;
	struct vfm_vf_name *names; /* of the command line */
	struct vf_device *devices; /* theirs */
	size_t count;
	bool refused;
};

static void work_done(struct work *work)
{
	for (size_t i = 0; i < work->count; i++)
		vf_device_done(&work->devices[i]);
	free(work->devices);
	free(work->names);
	vfm_domains_done(&work->domains);
	vfm_facts_done(&work->facts);
}

/* Said on stderr; names of domains may hold anything. */
static void tell(const struct work *work, struct vfm_error *err)
{
	if (err->what)
		vfm_text_make_printable(err->what);
	vfm_cli_error(work->call, err, VFM_EXIT_REFUSED);
}

static void refuse(struct work *work, struct vfm_error *err)
{
	tell(work, err);
	work->refused = true;
}

#define REFUSE(work, object, hint, ...)                                                            \
	do {                                                                                       \
		VFM_AUTO_ERROR struct vfm_error refusal_ = VFM_ERROR_INIT;                         \
                                                                                                   \
		vfm_error_set(&refusal_, -EPERM, object, hint, __VA_ARGS__);                       \
		refuse(work, &refusal_);                                                           \
	} while (0)

#define NOTE(work, object, hint, ...)                                                              \
	do {                                                                                       \
		VFM_AUTO_ERROR struct vfm_error note_ = VFM_ERROR_INIT;                            \
                                                                                                   \
		vfm_error_set(&note_, -EPERM, object, hint, "note: " __VA_ARGS__);                 \
		tell(work, &note_);                                                                \
	} while (0)

/* --- the command line --- */

static int take_mac(const struct work *work, struct vf_device *device, const char *text)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	if (vfm_mac_check(text, device->mac, &err) < 0)
		return vfm_cli_usage(work->call, "--mac: %s", err.what ? err.what : "");
	for (const struct vf_device *other = work->devices; other < device; other++) {
		if (vfm_streq(other->mac, device->mac))
			return vfm_cli_usage(work->call, "--mac: %s is given twice", device->mac);
	}
	device->given = true;
	return 0;
}

static int check_macs(const struct work *work)
{
	size_t count = work->values->macs.count;

	if (count && work->values->format == VFM_VF_HOSTDEV)
		return vfm_cli_usage(work->call,
				     "--mac: a <hostdev> names no MAC address: the VF keeps its "
				     "own, which 'vfprep apply --mac VF=MAC' sets");
	if (count && count != work->count)
		return vfm_cli_usage(work->call,
				     "--mac: %zu for %zu VFs: name one for each, in their order, "
				     "or none",
				     count, work->count);
	return 0;
}

static int take_arguments(struct work *work)
{
	int code = check_macs(work);

	for (size_t i = 0; !code && i < work->count; i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

		if (vfm_vf_name_parse(work->call->arguments[i], &work->names[i], &err) < 0)
			return vfm_cli_error(work->call, &err, VFM_EXIT_USAGE);
		if (work->values->macs.count)
			code = take_mac(work, &work->devices[i], work->values->macs.values[i]);
	}
	return code;
}

static const char *host_name(const struct work *work)
{
	return work->values->host ? work->values->host : "local";
}

/* --- the VFs --- */

static int find_device(struct work *work, size_t i)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	const struct vf_device *device = &work->devices[i];

	if (vf_device_find(&work->facts, &work->names[i], &work->devices[i], &err) < 0) {
		refuse(work, &err);
		return 0;
	}
	for (const struct vf_device *other = work->devices; other < device; other++) {
		if (other->found.vf == device->found.vf)
			return vfm_cli_usage(work->call, "%s is named twice",
					     device->found.vf->bdf.value);
	}
	return 0;
}

/* 0 or an exit code; refusals are told and remembered. */
static int find_devices(struct work *work)
{
	int code = 0;

	for (size_t i = 0; !code && i < work->count; i++)
		code = find_device(work, i);
	return code;
}

/* --- libvirt --- */

/* The connection to ask; NULL: none is known. Only this host's libvirt is the host's own. */
static const char *choose_uri(const struct work *work)
{
	const struct vfm_fact_text *uri = &work->facts.libvirt.uri;

	if (work->values->connect)
		return work->values->connect;
	return vfm_streq(host_name(work), "local") && vfm_known(&uri->fact) ? uri->value : NULL;
}

static int ask_libvirt(struct work *work)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	work->uri = choose_uri(work);
	if (!work->uri)
		return 0;
	if (vfm_domains_read(work->uri, vfm_deadline_in(VF_DEVICE_LIBVIRT_MS), &work->domains,
			     &err) < 0)
		return vfm_cli_error(work->call, &err, VFM_EXIT_FAILED);
	return 0;
}

static void choose_way(struct work *work)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	if (vf_device_way(&work->facts, work->uri, &work->domains, &work->way, &err) < 0)
		refuse(work, &err);
}

/* --- the VM --- */

static bool is_vm(const struct work *work, const struct vfm_host_domain *domain)
{
	return work->values->vm && vfm_streq(domain->name, work->values->vm);
}

static const char *state_of(const struct vfm_host_domain *domain)
{
	return domain->running ? "running" : "defined";
}

static void check_vm_devices(struct work *work, const struct vfm_host_domain *domain)
{
	for (size_t i = 0; i < work->count; i++) {
		const char *bdf = work->devices[i].found.vf->bdf.value;

		if (!vfm_strings_has(&domain->bdfs, bdf))
			continue;
		if (domain->running)
			REFUSE(work, bdf, NULL, "is in use: domain %s (running) has it",
			       domain->name);
		else
			NOTE(work, bdf, NULL, "domain %s (defined) has it already", domain->name);
	}
	for (size_t i = 0; i < domain->tagged.count; i++)
		NOTE(work, domain->name,
		     "take the <vlan> out, and tag the VF's port: 'vfprep apply --vlan VF=TAG'",
		     "its VF with the address %s (domain %s) has a <vlan>, which a PF in switchdev "
		     "mode does not take",
		     domain->tagged.values[i], state_of(domain));
}

static void check_vm(struct work *work)
{
	const char *vm = work->values->vm;
	bool found = false;

	if (!vm)
		return;
	if (!work->uri) {
		REFUSE(work, vm, "name its libvirt by --connect URI",
		       "no libvirt that could have this domain is known");
		return;
	}
	for (size_t i = 0; i < work->domains.count; i++) {
		if (!is_vm(work, &work->domains.items[i]))
			continue;
		found = true;
		check_vm_devices(work, &work->domains.items[i]);
	}
	if (!found)
		REFUSE(work, vm, "'virsh list --all' names all there are", "no such domain at %s",
		       work->uri);
}

/* What the facts say of domains at rest; that of --vm has been told. */
static void note_definitions(const struct work *work)
{
	VFM_AUTO_FREE char *own =
		vfm_text_printf("domain %s (defined)", work->values->vm ? work->values->vm : "");

	for (size_t i = 0; i < work->count; i++) {
		const struct vfm_vf_facts *vf = work->devices[i].found.vf;
		const char *user;
		size_t at = 0;

		while ((user = vfm_vf_definition(vf, &at))) {
			if (!own || !vfm_streq(user, own))
				NOTE(work, vf->bdf.value, NULL,
				     "%s has it too: only one can run with it", user);
		}
	}
}

/* --- MAC addresses --- */

static int check_given(struct work *work, const struct vf_device *device)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int r = vf_device_check_mac(&work->facts, &work->domains, work->values->vm, device, &err);

	if (r == -EADDRINUSE)
		refuse(work, &err);
	else if (r < 0)
		return vfm_cli_error(work->call, &err, VFM_EXIT_FAILED);
	return 0;
}

static int make_macs(struct work *work)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	if (vf_device_make_macs(&work->facts, &work->domains, work->devices, work->count, &err) < 0)
		return vfm_cli_error(work->call, &err, VFM_EXIT_FAILED);
	return 0;
}

/* What a <hostdev> will have is known, or told to be nothing. */
static void read_own_macs(struct work *work)
{
	for (size_t i = 0; i < work->count; i++) {
		struct vf_device *device = &work->devices[i];
		const struct vfm_vf_facts *vf = device->found.vf;

		if (!vfm_known(&vf->hw_addr.fact) ||
		    vfm_mac_check(vf->hw_addr.value, device->mac, NULL) < 0)
			NOTE(work, vf->bdf.value, "'vfprep apply --mac VF=MAC' sets one",
			     "no MAC address is set: the VM's driver makes one up at each start");
	}
}

static int settle_macs(struct work *work)
{
	if (work->values->format == VFM_VF_HOSTDEV) {
		read_own_macs(work);
		return 0;
	}
	if (!work->uri)
		NOTE(work, "MAC addresses",
		     "name the libvirt that is to take the VF by --connect URI",
		     "not compared with those of domains: no connection is known");
	return work->values->macs.count ? 0 : make_macs(work);
}

/* --- the result --- */

static struct vfm_xml_device result_of(const struct work *work, const struct vf_device *device)
{
	const struct vfm_vf_found *found = &device->found;

	return (struct vfm_xml_device){
		.bdf = found->vf->bdf.value,
		.pf = vfm_known(&found->pf->bdf.fact) ? found->pf->bdf.value : "",
		.number = found->vf->number.value,
		.mac = *device->mac ? device->mac : NULL,
		.managed = work->way->managed,
		.driver_binding = &device->binding,
		.xml = device->xml,
	};
}

/* NULL when memory runs out. */
static json_object *make_document(const struct work *work)
{
	VFM_AUTO_FREE struct vfm_xml_device *items = NULL;
	size_t count = 0;

	for (size_t i = 0; i < work->count; i++) {
		if (VFM_APPEND(items, count, result_of(work, &work->devices[i])) < 0)
			return NULL;
	}
	return vfm_report_xml(items, count);
}

static void note_binding(const struct work *work)
{
	for (size_t i = 0; i < work->count; i++) {
		const struct vf_device *device = &work->devices[i];

		for (size_t k = 0; k < device->binding.count; k++)
			NOTE(work, device->found.vf->bdf.value, device->binding.values[k],
			     "this libvirt does not bind " VFM_VARIANT_DRIVER
			     ": do it before the VM gets the VF");
	}
}

static int print(const struct work *work)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	for (size_t i = 0; i < work->count; i++) {
		if (vf_device_fill(&work->devices[i], (enum vfm_vf_format)work->values->format,
				   work->way, &err) < 0)
			return vfm_cli_error(work->call, &err, VFM_EXIT_FAILED);
	}
	note_definitions(work);
	note_binding(work);
	return judging_print(work->call, &work->values->judging, make_document(work), VFM_EXIT_OK);
}

static int run_work(struct work *work)
{
	int code = take_arguments(work);

	if (!code)
		code = host_read(work->call, host_name(work), &work->values->judging.host, false,
				 &work->facts);
	if (!code)
		code = find_devices(work);
	if (code || work->refused)
		return code ? code : VFM_EXIT_REFUSED;
	code = ask_libvirt(work);
	if (code)
		return code;
	choose_way(work);
	check_vm(work);
	for (size_t i = 0; !code && i < work->count; i++) {
		if (work->devices[i].given)
			code = check_given(work, &work->devices[i]);
	}
	if (code || work->refused)
		return code ? code : VFM_EXIT_REFUSED;
	code = settle_macs(work);
	return code ? code : print(work);
}

static int run(struct vfm_call *call)
{
	VFM_CLEANUP(work_done)
	struct work work = {
		.call = call,
		.values = call->values,
		.names = calloc(call->argument_count, sizeof(*work.names)),
		.devices = calloc(call->argument_count, sizeof(*work.devices)),
		.count = call->argument_count,
	};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	if (!work.names || !work.devices) {
		work.count = 0;
		vfm_error_no_memory(&err, call->command->name);
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	}
	return run_work(&work);
}

const struct vfm_command vfprep_xml = {
	.name = "xml",
	.arguments = "VF...",
	.min_arguments = 1,
	.max_arguments = MAX_VFS,
	.summary = "print VFs as libvirt takes them: for 'virsh attach-device' or a domain's XML",
	.text = "Prints libvirt's element for each VF, named by its PCI address (0000:e1:00.1) or "
		"by its PF's and its number (0000:e1:00.0/0): for 'virsh attach-device VM FILE', "
		"or for the <devices> of a domain. libvirt from 10.0 on binds mlx5_vfio_pci by "
		"itself (managed='yes'); for 9.7 up to that the VF is to be bound before, by the "
		"command that is told (managed='no'); what is older is refused. There is never a "
		"<vlan>: on a PF in switchdev mode the tag belongs to the representor's port, see "
		"'vfprep apply --vlan'.\n"
		"A MAC address that is not given is made: locally administered, and no other "
		"domain's of that libvirt, whether it runs or not, nor another VF's.\n"
		"Nothing is changed. Exit code 3, and nothing printed, for what is no VF of a "
		"ConnectX card, a VF that is not migratable, or in use, a PF that is not in "
		"switchdev mode, or a MAC address that is another's.",
	.options = options,
	.values_size = sizeof(struct xml_values),
	.run = run,
};
