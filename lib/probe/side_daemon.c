/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What one daemon offers to the VM. */
#include <libvirt/virterror.h>
#include <string.h>

#include "domain/capabilities.h"
#include "domain/domcaps.h"
#include "job/connection.h"
#include "probe/side.h"

enum { BYTES_A_KIB = 1024, SECRET_USAGE_TYPES = VIR_SECRET_USAGE_TYPE_VTPM };

/* Takes a text of libvirt's. */
static void set_text(struct vfm_fact_text *fact, char *text)
{
	if (!text) {
		vfm_probe_unknown(&fact->fact);
		return;
	}
	vfm_fact_set_text(fact, text);
	free(text);
}

/* libvirt packs them as major * 1000000 + minor * 1000 + release. */
static void set_version(struct vfm_fact_text *fact, int answer, unsigned long version)
{
	enum { MINOR = 1000, MAJOR = 1000000 };

	if (answer < 0)
		vfm_probe_unknown(&fact->fact);
	else
		vfm_fact_set_textf(fact, "%lu.%lu.%lu", version / MAJOR, version / MINOR % MINOR,
				   version % MINOR);
}

static void read_versions(virConnectPtr connection, struct vfm_daemon_probe *daemon)
{
	unsigned long library = 0, hypervisor = 0;
	int r;

	/* Not as arguments of one call: which of them is evaluated first is open. */
	r = virConnectGetLibVersion(connection, &library);
	set_version(&daemon->libvirt_version, r, library);
	r = virConnectGetVersion(connection, &hypervisor);
	set_version(&daemon->qemu_version, r, hypervisor);
}

static void read_capabilities(struct vfm_probe_side *side, struct vfm_daemon_probe *daemon)
{
	VFM_AUTO_STRINGS struct vfm_strings machines = {.values = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *xml = virConnectGetCapabilities(side->connection);
	VFM_AUTO_FREE char *uuid = NULL;
	VFM_AUTO_FREE char *model = NULL;
	size_t cells = 0;
	int r;

	if (!xml) {
		vfm_probe_unknown(&daemon->machines.fact);
		vfm_probe_unknown(&daemon->host_uuid.fact);
		vfm_probe_unknown(&daemon->secure_model.fact);
		vfm_probe_unknown(&side->part.resources.cells.fact);
		return;
	}
	r = vfm_capabilities_host_uuid(xml, strlen(xml), &uuid, &err);
	if (r < 0)
		vfm_fact_set_error(&daemon->host_uuid.fact, &err);
	else
		vfm_fact_set_text(&daemon->host_uuid, uuid);
	r = vfm_capabilities_host(xml, strlen(xml), side->vm.arch, &machines, &model, &cells, &err);
	if (r < 0) {
		vfm_fact_set_error(&daemon->machines.fact, &err);
		vfm_fact_set_error(&daemon->secure_model.fact, &err);
		vfm_fact_set_error(&side->part.resources.cells.fact, &err);
		return;
	}
	vfm_fact_set_texts(&daemon->machines, &machines);
	vfm_fact_set_text(&daemon->secure_model, model ? model : "none");
	vfm_fact_set_uint(&side->part.resources.cells, cells);
}

static void set_domcaps(struct vfm_daemon_probe *daemon, struct vfm_domcaps *domcaps)
{
	vfm_fact_set_bool(&daemon->efi, domcaps->efi);
	vfm_fact_set_bool(&daemon->efi_secure, domcaps->efi_secure);
	vfm_fact_set_bool(&daemon->virtiofs, domcaps->virtiofs);
	vfm_fact_set_texts(&daemon->tpm_backends, &domcaps->tpm_backends);
	vfm_fact_set_texts(&daemon->launch_security, &domcaps->launch_security);
	vfm_fact_set_text(&daemon->cpu_model, domcaps->cpu_model);
}

/* All that they would have said is unknown for libvirt's reason. */
static void no_domcaps(struct vfm_daemon_probe *daemon, struct vfm_error *err)
{
	struct vfm_fact *const facts[] = {
		&daemon->efi.fact,          &daemon->efi_secure.fact,      &daemon->virtiofs.fact,
		&daemon->tpm_backends.fact, &daemon->launch_security.fact, &daemon->cpu_model.fact,
	};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(facts); i++)
		vfm_fact_set_error(facts[i], err);
}

static char *domcaps_of(struct vfm_probe_side *side, const char *emulator, const char *machine,
			const char *type)
{
	return virConnectGetDomainCapabilities(side->connection, emulator, side->vm.arch, machine,
					       type, 0);
}

/*
 * Of the VM's machine type where the daemon has it; else of its default one, so that more is told
 * than that the type is missing.
 */
static void read_domcaps(struct vfm_probe_side *side, struct vfm_daemon_probe *daemon)
{
	const struct vfm_domain *vm = &side->vm;
	VFM_AUTO_DOMCAPS struct vfm_domcaps domcaps = {.machine = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *xml = domcaps_of(side, NULL, vm->machine, vm->type);
	VFM_AUTO_FREE char *by_kvm = domcaps_of(side, NULL, NULL, "kvm");
	VFM_AUTO_FREE char *emulator = NULL;

	vfm_fact_set_bool(&daemon->kvm, by_kvm != NULL);
	if (!xml)
		xml = domcaps_of(side, NULL, NULL, NULL);
	if (!xml)
		(void)vfm_libvirt_failed(&err, NULL);
	if (!xml || vfm_domcaps_parse(xml, strlen(xml), &domcaps, &err) < 0)
		no_domcaps(daemon, &err);
	else
		set_domcaps(daemon, &domcaps);
	if (!vm->emulator) {
		vfm_fact_set_absent(&daemon->emulator.fact);
		return;
	}
	emulator = domcaps_of(side, vm->emulator, NULL, NULL);
	vfm_fact_set_bool(&daemon->emulator, emulator != NULL);
}

/* The comparison that libvirt itself makes when the VM arrives. */
static void compare_cpu(struct vfm_probe_side *side, struct vfm_daemon_probe *daemon)
{
	const struct vfm_domain *vm = &side->vm;
	int answer;

	vfm_fact_set_absent(&daemon->cpu_words.fact);
	if (!vm->cpu.xml || vm->cpu.mode == VFM_CPU_MODE_NONE) {
		vfm_fact_set_absent(&daemon->cpu_of_vm.fact);
		return;
	}
	if (vm->cpu.mode == VFM_CPU_MODE_HOST_PASSTHROUGH || vm->cpu.mode == VFM_CPU_MODE_MAXIMUM) {
		vfm_fact_set_unknown(&daemon->cpu_of_vm.fact,
				     "libvirt does not compare a CPU of mode %s",
				     vfm_cpu_mode_name(vm->cpu.mode));
		return;
	}
	answer = virConnectCompareHypervisorCPU(side->connection, vm->emulator, vm->arch,
						vm->machine, vm->type, vm->cpu.xml,
						VIR_CONNECT_COMPARE_CPU_FAIL_INCOMPATIBLE);
	if (answer == VIR_CPU_COMPARE_IDENTICAL) {
		vfm_fact_set_text(&daemon->cpu_of_vm, "identical");
	} else if (answer == VIR_CPU_COMPARE_SUPERSET) {
		vfm_fact_set_text(&daemon->cpu_of_vm, "superset");
	} else if (answer == VIR_CPU_COMPARE_INCOMPATIBLE ||
		   (virGetLastError() && virGetLastError()->code == VIR_ERR_CPU_INCOMPATIBLE)) {
		const char *words = virGetLastErrorMessage();

		vfm_fact_set_text(&daemon->cpu_of_vm, "incompatible");
		vfm_fact_set_text(&daemon->cpu_words, words);
	} else {
		vfm_probe_unknown(&daemon->cpu_of_vm.fact);
	}
}

void vfm_probe_daemon(struct vfm_probe_side *side, struct vfm_daemon_probe *daemon)
{
	const char *driver;

	set_text(&daemon->uri, virConnectGetURI(side->connection));
	driver = virConnectGetType(side->connection);
	if (driver)
		vfm_fact_set_text(&daemon->driver, driver);
	else
		vfm_probe_unknown(&daemon->driver.fact);
	set_text(&daemon->hostname, virConnectGetHostname(side->connection));
	read_versions(side->connection, daemon);
	read_capabilities(side, daemon);
	read_domcaps(side, daemon);
	compare_cpu(side, daemon);
	vfm_fact_set_unknown(&daemon->migration_port_min.fact, "that host's vfprep was not asked");
	vfm_fact_set_unknown(&daemon->migration_port_max.fact, "that host's vfprep was not asked");
}

/* ---- resources ---- */

static bool secret_is_there(virConnectPtr connection, const char *secret)
{
	const char *usage =
		strncmp(secret, "usage:", strlen("usage:")) == 0 ? secret + strlen("usage:") : NULL;
	virSecretPtr found = NULL;

	if (!usage) {
		found = virSecretLookupByUUIDString(connection, secret);
	} else {
		for (int type = VIR_SECRET_USAGE_TYPE_VOLUME; !found && type <= SECRET_USAGE_TYPES;
		     type++)
			found = virSecretLookupByUsage(connection, type, usage);
	}
	if (!found)
		return false;
	virSecretFree(found);
	return true;
}

static void read_secrets(struct vfm_probe_side *side)
{
	VFM_AUTO_STRINGS struct vfm_strings missing = {.values = NULL};
	const struct vfm_strings *secrets = &side->vm.secrets;

	for (size_t i = 0; i < secrets->count; i++) {
		if (secret_is_there(side->connection, secrets->values[i]))
			continue;
		if (!virGetLastError() || virGetLastError()->code != VIR_ERR_NO_SECRET) {
			vfm_probe_unknown(&side->part.resources.secrets_missing.fact);
			return;
		}
		vfm_strings_add(&missing, secrets->values[i]);
	}
	vfm_fact_set_texts(&side->part.resources.secrets_missing, &missing);
}

/* Free pages of the sizes that the VM asks for, over all cells. */
static void read_pages(struct vfm_probe_side *side)
{
	struct vfm_fact_list *list = &side->part.resources.hugepages;
	const struct vfm_domain *vm = &side->vm;

	vfm_fact_set_empty(list);
	for (size_t i = 0; i < vm->hugepages_count; i++) {
		unsigned int size = (unsigned int)vm->hugepages[i].size_kib;
		unsigned long long free_pages = 0;
		struct vfm_hugepages_facts *item;

		if (size == 0)
			continue; /* the host's default: host facts know it */
		if (virNodeGetFreePages(side->connection, 1, &size, -1, 1, &free_pages, 0) < 0) {
			vfm_probe_unknown(&list->fact);
			return;
		}
		item = vfm_fact_list_add(list, sizeof(*item));
		if (!item)
			return;
		vfm_fact_set_uint(&item->size_kib, size);
		vfm_fact_set_uint(&item->free, free_pages);
		vfm_fact_set_unknown(&item->total.fact, "libvirt tells the free ones alone");
	}
}

void vfm_probe_resources(struct vfm_probe_side *side)
{
	struct vfm_resources_probe *resources = &side->part.resources;
	unsigned long long bytes = virNodeGetFreeMemory(side->connection);

	if (bytes == 0)
		vfm_probe_unknown(&resources->free_kib.fact);
	else
		vfm_fact_set_uint(&resources->free_kib, bytes / BYTES_A_KIB);
	read_pages(side);
	read_secrets(side);
	vfm_fact_set_unknown(&resources->memlock_kib.fact, "that host's vfprep was not asked");
	vfm_fact_set_unknown(&resources->paths_missing.fact, "that host's vfprep was not asked");
}
