/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading a domain document: what stands at its top, and what the readers share; see domain.h. */
#include "domain/domain.h"

#include <stdlib.h>
#include <string.h>

#include "domain/domain_read.h"
#include "domain/mac.h"

/* ---- for all readers ---- */

/* Without memory what is there seems to be missing, and is not to be called so. */
int vfm_domain_bad(struct vfm_domain_reading *reading, const xmlNode *element, const char *what)
{
	if (reading->failed)
		return vfm_error_no_memory(reading->err, reading->name);
	return vfm_error_set(reading->err, -EINVAL, reading->name, NULL, "has %s at line %ld", what,
			     xmlGetLineNo(element));
}

static const xmlNode *child_called(const xmlNode *parent, const char *name, size_t size)
{
	const xmlNode *node = parent->children;

	while (node &&
	       !(node->type == XML_ELEMENT_NODE && strlen((const char *)node->name) == size &&
		 memcmp(node->name, name, size) == 0))
		node = node->next;
	return node;
}

const xmlNode *vfm_domain_at(const xmlNode *from, const char *path)
{
	while (from && *path) {
		size_t size = strcspn(path, "/");

		from = child_called(from, path, size);
		path += size + (path[size] == '/');
	}
	return from;
}

int vfm_domain_get(const xmlNode *from, const char *path, const char *attribute, char **ret_text)
{
	const xmlNode *element = vfm_domain_at(from, path);
	VFM_AUTO_FREE char *text = NULL;
	int r = attribute ? vfm_xml_attribute(element, attribute, &text)
			  : vfm_xml_text(element, &text);

	if (r < 0)
		return r;
	if (!*text)
		return -ENOENT;
	*ret_text = VFM_STEAL(text);
	return 0;
}

char *vfm_domain_take(bool *failed, const xmlNode *from, const char *path, const char *attribute)
{
	char *text = NULL;

	*failed |= vfm_domain_get(from, path, attribute, &text) == -ENOMEM;
	return text;
}

bool vfm_domain_is(const xmlNode *from, const char *path, const char *attribute, const char *word)
{
	return vfm_xml_attribute_is(vfm_domain_at(from, path), attribute, word);
}

void vfm_domain_fill(bool *failed, const xmlNode *from, const struct vfm_domain_row *rows,
		     size_t count, void *object)
{
	for (size_t i = 0; i < count; i++) {
		char **member = (char **)((char *)object + rows[i].offset);

		free(*member);
		*member = vfm_domain_take(failed, from, rows[i].path, rows[i].attribute);
	}
}

/* https://libvirt.org/formatdomain.html#memory-allocation; a unit is KiB where none is given */
int vfm_domain_kib(struct vfm_domain_reading *reading, const xmlNode *element, const char *text,
		   uint64_t *ret_kib)
{
	static const struct {
		const char *unit;
		uint64_t bytes;
	} units[] = {
		{"b", 1},
		{"bytes", 1},
		{"KB", 1000},
		{"k", 1024},
		{"KiB", 1024},
		{"MB", 1000000},
		{"M", UINT64_C(1) << 20},
		{"MiB", UINT64_C(1) << 20},
		{"GB", 1000000000},
		{"G", UINT64_C(1) << 30},
		{"GiB", UINT64_C(1) << 30},
		{"TB", UINT64_C(1000000000000)},
		{"T", UINT64_C(1) << 40},
		{"TiB", UINT64_C(1) << 40},
	};
	char unit[sizeof("bytes")] = "KiB"; /* the longest */
	uint64_t value;
	int r = vfm_xml_attribute_copy(element, "unit", unit, sizeof(unit));

	if (!text || vfm_parse_uint(text, 10, UINT64_MAX, &value) < 0)
		return vfm_domain_bad(reading, element, "a size that is no number");
	if (r == -ERANGE)
		return vfm_domain_bad(reading, element, "a size of no known unit");
	for (size_t i = 0; i < VFM_ARRAY_SIZE(units); i++) {
		if (!vfm_streq(unit, units[i].unit))
			continue;
		if (value > UINT64_MAX / units[i].bytes)
			return vfm_domain_bad(reading, element, "a size without bounds");
		value *= units[i].bytes;
		*ret_kib = value / 1024 + (value % 1024 != 0);
		return 0;
	}
	return vfm_domain_bad(reading, element, "a size of no known unit");
}

void *vfm_domain_grow(struct vfm_domain_reading *reading, void *items, size_t *count, size_t size)
{
	char **place = items, *grown = reallocarray(*place, *count + 1, size);

	if (!grown) {
		reading->failed = true;
		return NULL;
	}
	*place = grown;
	grown += *count * size;
	memset(grown, 0, size);
	++*count;
	return grown;
}

/* ---- the top ---- */

#define ROW(where, name, member)                                                                   \
	{                                                                                          \
		where, name, offsetof(struct vfm_domain, member)                                   \
	}

static const struct vfm_domain_row top_rows[] = {
	ROW("name", NULL, name),
	ROW("uuid", NULL, uuid),
	ROW("", "type", type),
	ROW("os/type", "arch", arch),
	ROW("os/type", "machine", machine),
	ROW("devices/emulator", NULL, emulator),
	ROW("os/loader", NULL, loader),
	ROW("os/nvram", NULL, nvram),
	ROW("os/nvram", "template", nvram_template),
	ROW("cpu/model", NULL, cpu.model),
	ROW("devices/iommu", "model", iommu),
	ROW("launchSecurity", "type", launch_security),
};

static int read_count(struct vfm_domain_reading *reading, const xmlNode *root)
{
	const xmlNode *vcpu = vfm_xml_child(root, "vcpu");
	VFM_AUTO_FREE char *most = vfm_domain_take(&reading->failed, root, "vcpu", NULL);
	VFM_AUTO_FREE char *now = vfm_domain_take(&reading->failed, root, "vcpu", "current");
	uint64_t max = 1, current;

	if (most && (vfm_parse_uint(most, 10, UINT32_MAX, &max) < 0 || max == 0))
		return vfm_domain_bad(reading, vcpu, "a number of vCPUs that is none");
	current = max;
	if (now && vfm_parse_uint(now, 10, UINT32_MAX, &current) < 0)
		return vfm_domain_bad(reading, vcpu, "a number of vCPUs that is none");
	reading->domain->vcpus_max = (uint32_t)max;
	reading->domain->vcpus = (uint32_t)current;
	return 0;
}

static const char *const cpu_modes[VFM_CPU_MODE_MAX] = {
	[VFM_CPU_MODE_NONE] = "none",
	[VFM_CPU_MODE_CUSTOM] = "custom",
	[VFM_CPU_MODE_HOST_MODEL] = "host-model",
	[VFM_CPU_MODE_HOST_PASSTHROUGH] = "host-passthrough",
	[VFM_CPU_MODE_MAXIMUM] = "maximum",
};

static char *element_text(struct vfm_domain_reading *reading, const xmlNode *element)
{
	xmlBuffer *buffer = xmlBufferCreate();
	char *text = NULL;

	if (buffer && xmlNodeDump(buffer, element->doc, (xmlNode *)element, 0, 0) >= 0)
		text = strdup((const char *)xmlBufferContent(buffer));
	if (buffer)
		xmlBufferFree(buffer);
	reading->failed |= !text;
	return text;
}

/* A <cpu> without a mode is a custom one where it has a model, and else only a topology. */
static void read_cpu(struct vfm_domain_reading *reading, const xmlNode *root)
{
	struct vfm_domain_cpu *cpu = &reading->domain->cpu;
	const xmlNode *element = vfm_xml_child(root, "cpu");

	if (!element)
		return;
	cpu->xml = element_text(reading, element);
	cpu->migratable_off = vfm_domain_is(element, "", "migratable", "off");
	cpu->mode = cpu->model ? VFM_CPU_MODE_CUSTOM : VFM_CPU_MODE_NONE;
	for (enum vfm_cpu_mode known = 0; known < VFM_CPU_MODE_MAX; known++) {
		if (vfm_domain_is(element, "", "mode", cpu_modes[known]))
			cpu->mode = known;
	}
}

/* Where <nvram> has a <source>, its own text is the blanks around that. */
static void read_nvram(struct vfm_domain_reading *reading, const xmlNode *os)
{
	struct vfm_domain *domain = reading->domain;
	static const char *const names[] = {"file", "dev", "name"};

	if (!vfm_domain_at(os, "nvram/source"))
		return;
	free(domain->nvram);
	domain->nvram = NULL;
	for (size_t i = 0; !domain->nvram && i < VFM_ARRAY_SIZE(names); i++)
		domain->nvram = vfm_domain_take(&reading->failed, os, "nvram/source", names[i]);
}

/*
 * A loader that is named says it by itself; where libvirt chooses one, its owner has asked for the
 * feature: https://libvirt.org/formatdomain.html#bios-bootloader
 */
static bool has_secure_boot(const xmlNode *os)
{
	vfm_domain_each(feature, vfm_xml_child(os, "firmware"), "feature")
	{
		if (vfm_domain_is(feature, "", "name", "secure-boot"))
			return vfm_domain_is(feature, "", "enabled", "yes");
	}
	return vfm_domain_is(os, "loader", "secure", "yes");
}

static void read_firmware(struct vfm_domain_reading *reading, const xmlNode *root)
{
	struct vfm_domain *domain = reading->domain;
	const xmlNode *os = vfm_xml_child(root, "os");

	if (vfm_domain_is(os, "", "firmware", "efi") ||
	    vfm_domain_is(os, "loader", "type", "pflash") || domain->nvram)
		domain->firmware = VFM_FIRMWARE_EFI;
	domain->secure_boot = has_secure_boot(os);
	read_nvram(reading, os);
}

static int read_root(struct vfm_domain_reading *reading, const xmlNode *root)
{
	const xmlNode *devices = vfm_xml_child(root, "devices");
	struct vfm_domain *domain = reading->domain;
	int r;

	vfm_domain_fill(&reading->failed, root, top_rows, VFM_ARRAY_SIZE(top_rows), domain);
	if (!domain->name)
		return vfm_domain_bad(reading, root, "no name");
	/* an <iommu> may be there without a word for its model */
	if (!domain->iommu && vfm_xml_child(devices, "iommu"))
		reading->failed |= !(domain->iommu = strdup("unknown"));
	read_cpu(reading, root);
	read_firmware(reading, root);
	r = read_count(reading, root);
	if (r == 0)
		r = vfm_domain_read_memory(reading, root);
	if (r == 0)
		r = vfm_domain_read_pins(reading, root);
	if (r == 0)
		r = vfm_domain_read_interfaces(reading, devices);
	if (r == 0)
		r = vfm_domain_read_hostdevs(reading, devices);
	if (r == 0)
		r = vfm_domain_read_disks(reading, devices);
	if (r == 0)
		r = vfm_domain_read_others(reading, root, devices);
	return r < 0 ? r : vfm_domain_read_ports(reading, devices);
}

static bool lists_failed(const struct vfm_domain *domain)
{
	bool failed = domain->pins.failed || domain->pin_cpus.failed ||
		      domain->numa_memnodes.failed || domain->filesystems.failed ||
		      domain->shmems.failed || domain->tpms.failed || domain->vhost_users.failed ||
		      domain->secrets.failed || domain->graphics.failed ||
		      domain->host_paths.failed;

	for (size_t i = 0; i < domain->disk_count; i++)
		failed |= domain->disks[i].secrets.failed || domain->disks[i].backing.failed;
	return failed;
}

/* <domstatus> is how libvirt's own state files hold it. */
static int find_root(const char *xml, size_t size, const char *name, xmlDoc **ret_document,
		     const xmlNode **ret_root, struct vfm_error *err)
{
	int r;

	const xmlNode *root;

	r = vfm_xml_parse(xml, size, name, NULL, ret_document, err);
	if (r < 0)
		return r;
	root = xmlDocGetRootElement(*ret_document);
	if (vfm_streq((const char *)root->name, "domstatus"))
		root = vfm_xml_child(root, "domain");
	if (!root || !vfm_streq((const char *)root->name, "domain"))
		return vfm_error_set(err, -EINVAL, name, NULL, "is no <domain> document");
	*ret_root = root;
	return 0;
}

int vfm_domain_parse(const char *xml, size_t size, const char *name, struct vfm_domain *ret_domain,
		     struct vfm_error *err)
{
	VFM_AUTO_XML xmlDoc *document = NULL;
	VFM_AUTO_DOMAIN struct vfm_domain domain = {.name = NULL};
	struct vfm_domain_reading reading = {.name = name, .domain = &domain, .err = err};
	const xmlNode *root = NULL;
	int r = find_root(xml, size, name, &document, &root, err);

	if (r == 0)
		r = read_root(&reading, root);
	if (r < 0)
		return r;
	if (reading.failed || lists_failed(&domain))
		return vfm_error_no_memory(err, name);
	*ret_domain = domain;
	memset(&domain, 0, sizeof(domain));
	return 0;
}

/* ---- release ---- */

static void interface_done(struct vfm_domain_interface *interface)
{
	free(interface->type_name);
	free(interface->mac);
	free(interface->model);
	free(interface->alias);
	free(interface->target);
	free(interface->network);
	free(interface->source);
	free(interface->virtualport);
	free(interface->guest_address);
	free(interface->driver_model);
	free(interface->teaming_persistent);
}

static void hostdev_done(struct vfm_domain_hostdev *hostdev)
{
	free(hostdev->type_name);
	free(hostdev->alias);
	free(hostdev->guest_address);
	free(hostdev->mdev_uuid);
	free(hostdev->model);
	free(hostdev->driver_model);
	free(hostdev->driver_name);
	free(hostdev->teaming_persistent);
}

static void disk_done(struct vfm_domain_disk *disk)
{
	free(disk->type_name);
	free(disk->target);
	free(disk->bus);
	free(disk->alias);
	free(disk->source);
	free(disk->pool);
	free(disk->protocol);
	free(disk->hosts);
	free(disk->format);
	free(disk->cache);
	free(disk->io);
	free(disk->startup_policy);
	vfm_strings_done(&disk->secrets);
	vfm_strings_done(&disk->backing);
}

static void lists_done(struct vfm_domain *domain)
{
	struct vfm_strings *const lists[] = {
		&domain->pins,        &domain->pin_cpus, &domain->numa_memnodes,
		&domain->filesystems, &domain->shmems,   &domain->tpms,
		&domain->vhost_users, &domain->secrets,  &domain->graphics,
		&domain->host_paths,
	};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(lists); i++)
		vfm_strings_done(lists[i]);
}

void vfm_domain_done(struct vfm_domain *domain)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(top_rows); i++)
		free(*(char **)((char *)domain + top_rows[i].offset));
	for (size_t i = 0; i < domain->interface_count; i++)
		interface_done(&domain->interfaces[i]);
	for (size_t i = 0; i < domain->hostdev_count; i++)
		hostdev_done(&domain->hostdevs[i]);
	for (size_t i = 0; i < domain->disk_count; i++)
		disk_done(&domain->disks[i]);
	for (size_t i = 0; i < domain->hugepages_count; i++)
		free(domain->hugepages[i].nodeset);
	free(domain->interfaces);
	free(domain->hostdevs);
	free(domain->disks);
	free(domain->hugepages);
	free(domain->cpu.xml);
	free(domain->numa_nodeset);
	free(domain->memory_source);
	lists_done(domain);
	memset(domain, 0, sizeof(*domain));
}

size_t vfm_domain_pci_count(const struct vfm_domain *domain)
{
	size_t count = 0;

	for (size_t i = 0; i < domain->interface_count; i++)
		count += domain->interfaces[i].host_address[0] != '\0';
	for (size_t i = 0; i < domain->hostdev_count; i++)
		count += domain->hostdevs[i].host_address[0] != '\0';
	for (size_t i = 0; i < domain->disk_count; i++)
		count += domain->disks[i].type == VFM_DISK_NVME;
	return count;
}

const char *vfm_cpu_mode_name(enum vfm_cpu_mode mode)
{
	return cpu_modes[mode];
}
