/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reader of nvidia: which GPUs there are and which driver is loaded. The layouts are read by
 * nvidia_layout.c, what only NVML knows by nvidia_nvml.c. A host without such a GPU costs a walk
 * over its PCI devices.
 */
#include "facts/nvidia.h"

#include <stdio.h>
#include <string.h>

#include "base/deadline.h"
#include "base/file.h"
#include "base/span.h"
#include "facts/readers.h"
#include "facts/source.h"

#define VENDOR_NVIDIA  0x10de
#define CLASS_DISPLAY  0x03
#define MODULE         "/sys/module/nvidia"
#define PROC_VERSION   "/proc/driver/nvidia/version"
#define INFORMATION    "/proc/driver/nvidia/gpus"
#define PROC_MAX_BYTES 4096
#define PATH_SIZE      128

/* ---- driver ------------------------------------------------------------------ */

/* Digits and dots, of the form N.N or N.N.N. */
static bool is_version(struct vfm_span word)
{
	struct vfm_span rest = word, part;
	uint64_t value;
	int parts = 1;

	while (vfm_span_split(rest, '.', &part, &rest)) {
		if (vfm_span_uint(part, 10, UINT32_MAX, &value) < 0)
			return false;
		parts++;
	}
	return vfm_span_uint(rest, 10, UINT32_MAX, &value) == 0 && parts >= 2 && parts <= 3;
}

int vfm_nvidia_version_parse(const char *data, size_t size, char **ret_version)
{
	struct vfm_span text = {.data = data, .size = size}, line, word;
	static const char marker[] = "Kernel Module";
	const char *at;

	if (!vfm_span_line(&text, &line))
		return -EINVAL;
	at = memmem(line.data, line.size, marker, strlen(marker));
	if (!at)
		return -EINVAL;
	line.size -= (size_t)(at - line.data);
	line.data = at;
	while (vfm_span_word(&line, &word)) {
		if (!is_version(word))
			continue;
		*ret_version = vfm_span_text(word);
		return *ret_version ? 0 : -ENOMEM;
	}
	return -EINVAL;
}

static void read_proc_version(struct vfm_fact_text *fact)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *data = NULL;
	VFM_AUTO_FREE char *version = NULL;
	size_t size = 0;
	int r = vfm_file_read(PROC_VERSION, PROC_MAX_BYTES, &data, &size, &err);

	if (r < 0)
		vfm_source_failed(&fact->fact, r, &err);
	else if (vfm_nvidia_version_parse(data, size, &version) < 0)
		vfm_fact_set_unknown(&fact->fact, PROC_VERSION " holds no version");
	else
		vfm_fact_set_text(fact, version);
}

/* The module's own word first: one line of one form. */
static void read_driver(struct vfm_nvidia_facts *nvidia)
{
	const char *source = MODULE "/version";

	vfm_source_text(&nvidia->driver_version, MODULE, "version");
	if (!vfm_known(&nvidia->driver_version.fact)) {
		source = PROC_VERSION;
		read_proc_version(&nvidia->driver_version);
	}
	vfm_fact_set_text(&nvidia->driver_source,
			  vfm_known(&nvidia->driver_version.fact) ? source : NULL);
}

/* ---- GPUs ---------------------------------------------------------------------- */

static void read_driver_of(const char *directory, struct vfm_fact_text *fact)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *name = NULL;
	int r = vfm_link_name(directory, "driver", &name, &err);

	if (r < 0)
		vfm_source_failed(&fact->fact, r, &err);
	else
		vfm_fact_set_text(fact, name);
}

static bool is_nvidia_display(const char *directory)
{
	uint64_t vendor, class;

	return vfm_attribute_read_uint(directory, "vendor", 16, &vendor, NULL) == 0 &&
	       vendor == VENDOR_NVIDIA &&
	       vfm_attribute_read_uint(directory, "class", 16, &class, NULL) == 0 &&
	       class >> 16 == CLASS_DISPLAY;
}

/* A GPU, not a VF of one: by what it is, or by the driver that has taken it. */
static bool is_gpu(const char *directory, const struct vfm_strings *bound, const char *bdf)
{
	VFM_AUTO_FREE char *physical = NULL;

	if (!vfm_strings_has(bound, bdf) && !is_nvidia_display(directory))
		return false;
	return vfm_link_name(directory, "physfn", &physical, NULL) == -ENOENT;
}

/* Lines "Model: \t\t NVIDIA L40S" of the driver's own page; "N/A" and "??" are no values. */
static void read_information(const char *bdf, struct vfm_gpu_facts *gpu)
{
	struct {
		const char *key;
		struct vfm_fact_text *fact;
	} const rows[] = {
		{"Model", &gpu->name}, {"GPU UUID", &gpu->uuid}, {"Video BIOS", &gpu->vbios}};
	VFM_AUTO_FREE char *data = NULL;
	struct vfm_span rest, line, key, value;
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), INFORMATION "/%s/information", bdf);
	rest = (struct vfm_span){.size = 0};
	if (vfm_file_read(path, PROC_MAX_BYTES, &data, &rest.size, NULL) < 0)
		return;
	rest.data = data;
	while (vfm_span_line(&rest, &line)) {
		if (!vfm_span_split(line, ':', &key, &value) || value.size == 0 ||
		    vfm_span_is(value, "N/A") || memchr(value.data, '?', value.size))
			continue;
		for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
			VFM_AUTO_FREE char *text =
				vfm_span_is(key, rows[i].key) ? vfm_span_text(value) : NULL;

			if (text)
				vfm_fact_set_text(rows[i].fact, vfm_text_make_printable(text));
		}
	}
}

static void read_gpus(struct vfm_nvidia_facts *nvidia, const struct vfm_strings *devices)
{
	VFM_AUTO_STRINGS struct vfm_strings bound = {.count = 0};

	(void)vfm_directory_list("/sys/bus/pci/drivers/nvidia", &bound, NULL);
	for (size_t i = 0; i < devices->count; i++) {
		const char *bdf = devices->values[i];
		char directory[PATH_SIZE];
		struct vfm_gpu_facts *gpu;

		snprintf(directory, sizeof(directory), VFM_NVIDIA_PCI "/%s", bdf);
		if (!is_gpu(directory, &bound, bdf))
			continue;
		gpu = vfm_fact_list_add(&nvidia->gpus, sizeof(*gpu));
		if (!gpu)
			return;
		vfm_fact_set_text(&gpu->bdf, bdf);
		read_driver_of(directory, &gpu->driver);
		read_information(bdf, gpu);
		vfm_nvidia_read_layout(gpu);
	}
}

void vfm_nvidia_read_gpus(struct vfm_nvidia_facts *nvidia)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_STRINGS struct vfm_strings devices = {.count = 0};
	int r = vfm_directory_list(VFM_NVIDIA_PCI, &devices, &err);

	read_driver(nvidia);
	vfm_fact_set_absent(&nvidia->gpus.fact);
	if (r < 0)
		vfm_fact_set_error(&nvidia->gpus.fact, &err);
	else
		read_gpus(nvidia, &devices);
}

void vfm_read_nvidia(const struct vfm_read_options *options, struct vfm_facts *facts)
{
	struct vfm_nvidia_facts *nvidia = &facts->nvidia;

	vfm_nvidia_read_gpus(nvidia);
	vfm_fact_set_absent(&nvidia->nvml.fact);
	/* A driver that hangs must not take the time of the readers after this one. */
	if (vfm_known(&nvidia->gpus.fact))
		vfm_nvidia_read_nvml(vfm_deadline_in(vfm_deadline_left(options->deadline_ms) / 2),
				     nvidia);
}
