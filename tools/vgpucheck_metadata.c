/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vgpucheck metadata: what NVML says of a VM's vGPUs, to be shown to NVML of another host. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "facts/vgpu_ask.h"
#include "host.h"
#include "vgpu_vm.h"
#include "vgpucheck.h"

struct metadata_values {
	const char *connect, *output;
};

static const struct vfm_option options[] = {
	{.name = "connect",
	 .type = VFM_OPTION_TEXT,
	 .offset = offsetof(struct metadata_values, connect),
	 .argument = "URI",
	 .help = "libvirt's daemon of this host; without this option " VGPU_VM_URI},
	{.name = "output",
	 .letter = 'o',
	 .type = VFM_OPTION_TEXT,
	 .offset = offsetof(struct metadata_values, output),
	 .argument = "FILE",
	 .help = "write to FILE, replaced in one step, instead of stdout"},
	{.name = NULL},
};

/* Whatever of it may be a vGPU. */
static void list_devices(const struct vfm_domain *domain, struct vfm_strings *devices)
{
	for (size_t i = 0; i < domain->hostdev_count; i++) {
		const struct vfm_domain_hostdev *hostdev = &domain->hostdevs[i];

		if (hostdev->type == VFM_HOSTDEV_MDEV && hostdev->mdev_uuid)
			vfm_strings_add(devices, hostdev->mdev_uuid);
		else if (hostdev->type == VFM_HOSTDEV_PCI)
			vfm_strings_add(devices, hostdev->host_address);
	}
}

/* Asks this host by the same verb as any other; the records become the document's. */
static int ask(const struct vfm_call *call, const struct vfm_domain *domain,
	       struct vfm_vgpu_document *document)
{
	const struct host_values local = {.sudo = false};
	VFM_AUTO_VGPU_RECORDS struct vfm_vgpu_records records = {.vgpus = {.items = NULL}};
	VFM_AUTO_STRINGS struct vfm_strings devices = {.values = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_PEER struct vfm_peer *peer = NULL;
	int code = host_open(call, "local", &local, &peer);

	if (code)
		return code;
	list_devices(domain, &devices);
	if (devices.failed)
		vfm_error_no_memory(&err, domain->name);
	else if (vfm_peer_vgpu_metadata(peer, &devices, domain->uuid, &records, &err) == 0 &&
		 records.vgpus.count == 0)
		vfm_error_set(&err, -ENODEV, domain->name, "run this on the host that it runs on",
			      "none of its devices is a vGPU of this host");
	if (err.what)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	document->vgpus = records.vgpus;
	records.vgpus = (struct vfm_fact_list){.items = NULL};
	return 0;
}

/* Without the metadata of each there is nothing to be asked with. */
static int check(const struct vfm_call *call, const struct vfm_vgpu_document *document)
{
	vfm_list_each (const struct vfm_vgpu_record, record, &document->vgpus) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

		if (vfm_known(&record->metadata.fact))
			continue;
		vfm_error_set(&err, -EIO, record->device.value,
			      "'vgpucheck status' says what else is not known of it", "%s",
			      vfm_fact_reason(&record->metadata.fact));
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	}
	return 0;
}

/* No failure: the destination's answer is about what is known by now. */
static void tell_unready(const struct vfm_call *call, const struct vfm_vgpu_document *document)
{
	vfm_list_each (const struct vfm_vgpu_record, record, &document->vgpus)
		if (record->guest_version.fact.state == VFM_UNKNOWN)
			fprintf(stderr,
				"%s: %s: %s: whether the destination takes that driver is not "
				"known yet\n",
				call->program, record->device.value,
				vfm_fact_reason(&record->guest_version.fact));
}

static int write_out(const struct vfm_call *call, const struct vfm_vgpu_document *document)
{
	const struct metadata_values *values = call->values;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_JSON json_object *json = vfm_vgpu_document_to_json(document);
	VFM_AUTO_FREE char *text = NULL;

	if (json && !values->output)
		return vfm_cli_print_json(call, json, VFM_EXIT_OK);
	if (json)
		text = vfm_text_printf(
			"%s\n",
			json_object_to_json_string_ext(
				json, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	if (!text) {
		vfm_error_no_memory(&err, document->vm.value);
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	}
	if (vfm_file_write_atomic(values->output, text, strlen(text), 0644, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	return VFM_EXIT_OK;
}

static int run(struct vfm_call *call)
{
	const struct metadata_values *values = call->values;
	VFM_AUTO_VGPU_DOCUMENT struct vfm_vgpu_document document = {.vgpus = {.items = NULL}};
	VFM_AUTO_DOMAIN struct vfm_domain domain = {.name = NULL};
	int code = vgpu_vm_read(call, call->arguments[0],
				values->connect ? values->connect : VGPU_VM_URI, &domain);

	if (!code) {
		vfm_vgpu_document_begin(&document);
		vfm_fact_set_text(&document.vm, domain.name);
		vfm_fact_set_text(&document.uuid, domain.uuid);
		code = ask(call, &domain, &document);
	}
	if (!code)
		code = check(call, &document);
	if (code)
		return code;
	tell_unready(call, &document);
	return write_out(call, &document);
}

const struct vfm_command vgpucheck_metadata = {
	.name = "metadata",
	.arguments = "VM",
	.min_arguments = 1,
	.max_arguments = 1,
	.summary = "write what NVML says of a VM's vGPUs, for another host's NVML",
	.text = "Asks NVML of this host for the metadata of the vGPUs that the VM (name or UUID) "
		"has, and writes them as one JSON object, with the host driver, the type and the "
		"driver within the guest beside them. 'vgpucheck compare A B --metadata FILE' "
		"shows them to NVML of B, which says whether it takes the vGPUs live. Nothing is "
		"changed. As long as the driver within the guest has not begun, its version is "
		"unknown, and NVML cannot judge it.\n"
		"Exit code 0 when the metadata of each vGPU were had, else 1.",
	.options = options,
	.values_size = sizeof(struct metadata_values),
	.run = run,
};
