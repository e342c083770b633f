/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads whether an IOMMU is in use, whether interrupts are remapped, and whether the variant driver
 * that can migrate a VF (module mlx5_vfio_pci) is there and can be found by its alias.
 *
 * Interrupt remapping has no file of its own. x86 kernels prefix the names of remapped interrupt
 * chips with "IR-"; on aarch64 a GICv3 ITS isolates message interrupts, and interrupts that go
 * through one are the evidence.
 */
#include "facts/iommu.h"

#include <string.h>
#include <sys/utsname.h>

#include "base/file.h"
#include "base/text.h"
#include "facts/readers.h"
#include "facts/source.h"

#define MODULE       "mlx5_vfio_pci"
#define IOMMU_CLASS  "/sys/class/iommu"
#define IOMMU_GROUPS "/sys/kernel/iommu_groups"
#define INTERRUPTS   "/proc/interrupts"

enum { RECORD_MAX_BYTES = 256 * 1024 };

/* Without it (a container may lack it) nothing is there, which says nothing of the host. */
static bool has_sysfs(struct vfm_fact *fact)
{
	if (access("/sys/class", F_OK) == 0 && access("/sys/module", F_OK) == 0)
		return true;
	vfm_fact_set_unknown(fact, "sysfs is not mounted");
	return false;
}

/* "24:" */
static bool is_number_and_colon(struct vfm_span word)
{
	uint64_t number;

	if (word.size < 2 || word.data[word.size - 1] != ':')
		return false;
	word.size--;
	return vfm_span_uint(word, 10, UINT32_MAX, &number) == 0;
}

enum vfm_interrupt_line vfm_interrupt_line(struct vfm_span line)
{
	struct vfm_span word;
	uint64_t count;

	if (!vfm_span_word(&line, &word) || !is_number_and_colon(word))
		return VFM_INTERRUPT_OTHER;
	/* One count a CPU, then the chip's name. */
	do {
		if (!vfm_span_word(&line, &word))
			return VFM_INTERRUPT_OTHER;
	} while (vfm_span_uint(word, 10, UINT64_MAX, &count) == 0);
	if (vfm_span_starts(word, "IR-"))
		return VFM_INTERRUPT_REMAPPED;
	if (vfm_span_starts(word, "ITS-"))
		return VFM_INTERRUPT_ITS;
	return VFM_INTERRUPT_PLAIN;
}

/* Same name, where '-' and '_' are one. */
static bool same_module(struct vfm_span name, const char *module)
{
	if (name.size != strlen(module))
		return false;
	for (size_t i = 0; i < name.size; i++)
		if ((name.data[i] == '-' ? '_' : name.data[i]) != module[i])
			return false;
	return true;
}

bool vfm_module_line(struct vfm_span line, const char *module)
{
	struct vfm_span ignored, name;
	const char *slash, *end;

	if (!vfm_span_split(line, ':', &name, &ignored))
		name = vfm_span_trim(line);
	slash = name.data && name.size ? memrchr(name.data, '/', name.size) : NULL;
	if (slash) {
		name.size -= (size_t)(slash + 1 - name.data);
		name.data = slash + 1;
	}
	/* ".ko", and what it was compressed by. */
	end = name.size ? memmem(name.data, name.size, ".ko", 3) : NULL;
	if (!end)
		return false;
	name.size = (size_t)(end - name.data);
	return same_module(name, module);
}

bool vfm_module_alias(struct vfm_span pattern)
{
	return vfm_span_starts(pattern, "vfio_pci:v000015B3d0000101E");
}

bool vfm_module_alias_line(struct vfm_span line, const char *module)
{
	struct vfm_span word, pattern, name, more;

	return vfm_span_word(&line, &word) && vfm_span_is(word, "alias") &&
	       vfm_span_word(&line, &pattern) && vfm_module_alias(pattern) &&
	       vfm_span_word(&line, &name) && same_module(name, module) &&
	       !vfm_span_word(&line, &more);
}

bool vfm_module_builtin_alias(struct vfm_span record, const char *module)
{
	struct vfm_span key, pattern;
	size_t size = strlen(module);

	if (!vfm_span_split(record, '=', &key, &pattern) || key.size != size + strlen(".alias"))
		return false;
	return vfm_span_starts(key, module) && memcmp(key.data + size, ".alias", 6) == 0 &&
	       vfm_module_alias(pattern);
}

/* A group that VFIO's no-IOMMU mode made up is no sign of an IOMMU. */
static bool is_real_group(const char *number)
{
	VFM_AUTO_FREE char *directory = vfm_text_printf("%s/%s", IOMMU_GROUPS, number);
	VFM_AUTO_FREE char *name = NULL;

	if (!directory || vfm_attribute_read(directory, "name", &name, NULL) < 0)
		return true;
	return !vfm_streq(name, "vfio-noiommu");
}

static void read_enabled(struct vfm_fact_bool *enabled)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_STRINGS struct vfm_strings units = {.values = NULL};
	VFM_AUTO_STRINGS struct vfm_strings groups = {.values = NULL};
	bool found = false;
	int r;

	if (!has_sysfs(&enabled->fact))
		return;
	/* No such directory: a kernel without IOMMU support. */
	r = vfm_directory_list(IOMMU_CLASS, &units, &err);
	if (r == 0 || r == -ENOENT)
		r = vfm_directory_list(IOMMU_GROUPS, &groups, &err);
	if (r < 0 && r != -ENOENT) {
		vfm_source_failed(&enabled->fact, r, &err);
		return;
	}
	for (size_t i = 0; i < groups.count && units.count == 0 && !found; i++)
		found = is_real_group(groups.values[i]);
	vfm_fact_set_bool(enabled, found || units.count > 0);
}

struct interrupts {
	size_t seen[VFM_INTERRUPT_MAX];
};

static bool note_interrupt(struct vfm_span line, void *data)
{
	struct interrupts *interrupts = data;
	enum vfm_interrupt_line kind = vfm_interrupt_line(line);

	interrupts->seen[kind]++;
	return kind != VFM_INTERRUPT_REMAPPED && kind != VFM_INTERRUPT_ITS;
}

static void read_remapping(struct vfm_fact_bool *remapping)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct interrupts interrupts = {.seen = {0}};
	struct utsname name;
	int r = vfm_file_records(INTERRUPTS, '\n', RECORD_MAX_BYTES, note_interrupt, &interrupts,
				 &err);

	if (r < 0)
		vfm_fact_set_error(&remapping->fact, &err);
	else if (interrupts.seen[VFM_INTERRUPT_REMAPPED] || interrupts.seen[VFM_INTERRUPT_ITS])
		vfm_fact_set_bool(remapping, true);
	else if (uname(&name) < 0 || !vfm_streq(name.machine, "x86_64"))
		vfm_fact_set_unknown(&remapping->fact,
				     "no interrupt goes through a GICv3 ITS; nothing else tells");
	else if (interrupts.seen[VFM_INTERRUPT_PLAIN])
		vfm_fact_set_bool(remapping, false);
	else
		vfm_fact_set_unknown(&remapping->fact, INTERRUPTS " lists no interrupt");
}

/* A search through one of depmod's files. */
struct search {
	bool (*matches)(struct vfm_span record, const char *module);
	bool found;
};

static bool search_record(struct vfm_span record, void *data)
{
	struct search *search = data;

	search->found = search->matches(record, MODULE);
	return !search->found;
}

/* 1 found, 0 not, negative errno. */
static int search_file(const char *release, const char *file, char end,
		       bool (*matches)(struct vfm_span record, const char *module),
		       struct vfm_error *err)
{
	VFM_AUTO_FREE char *path = vfm_text_printf("/lib/modules/%s/%s", release, file);
	struct search search = {.matches = matches};
	int r;

	if (!path)
		return -ENOMEM;
	r = vfm_file_records(path, end, RECORD_MAX_BYTES, search_record, &search, err);
	return r < 0 ? r : search.found;
}

/* The answer of the first file that knows; a failure where there is one and none knows. */
static void answer(struct vfm_fact_bool *fact, int first, int second, const struct vfm_error *err)
{
	if (first > 0 || second > 0)
		vfm_fact_set_bool(fact, true);
	else if (first == 0 && (second == 0 || second == -ENOENT))
		vfm_fact_set_bool(fact, false);
	else
		vfm_fact_set_unknown(&fact->fact, "%s: %s",
				     err->object ? err->object : "/lib/modules",
				     err->what ? err->what : "not read");
}

static void read_module(struct vfm_vfio_facts *vfio)
{
	VFM_AUTO_ERROR struct vfm_error dep_err = VFM_ERROR_INIT;
	VFM_AUTO_ERROR struct vfm_error alias_err = VFM_ERROR_INIT;
	bool loaded = access("/sys/module/" MODULE, F_OK) == 0;
	struct utsname name;
	int dep, builtin, alias, builtin_alias = 0;

	if (has_sysfs(&vfio->module_loaded.fact))
		vfm_fact_set_bool(&vfio->module_loaded, loaded);
	if (uname(&name) < 0)
		return;
	dep = search_file(name.release, "modules.dep", '\n', vfm_module_line, &dep_err);
	builtin = dep > 0 ? 0
			  : search_file(name.release, "modules.builtin", '\n', vfm_module_line,
					dep < 0 ? NULL : &dep_err);
	if (loaded)
		vfm_fact_set_bool(&vfio->module_available, true);
	else
		answer(&vfio->module_available, dep, builtin, &dep_err);

	alias = search_file(name.release, "modules.alias", '\n', vfm_module_alias_line, &alias_err);
	if (alias == 0 && builtin > 0)
		builtin_alias = search_file(name.release, "modules.builtin.modinfo", '\0',
					    vfm_module_builtin_alias, &alias_err);
	answer(&vfio->module_alias, alias, builtin_alias, &alias_err);
}

void vfm_read_iommu(const struct vfm_read_options *options, struct vfm_facts *facts)
{
	(void)options;
	read_enabled(&facts->iommu.enabled);
	read_remapping(&facts->iommu.interrupt_remapping);
	read_module(&facts->vfio);
}
