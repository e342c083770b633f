/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reader of pfs and their vfs: which cards there are, by libpciaccess, and what sysfs says of
 * them. It creates the list that the readers after it fill.
 *
 * libpciaccess keeps its list of devices in the process: this is the one file that uses it, it is
 * set up and taken down within one reading, and no two readings may run at a time. It needs no
 * rights: without root only the configuration space behind the header stays closed.
 */
#include "facts/pci.h"

#include <pciaccess.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/file.h"
#include "base/text.h"
#include "facts/readers.h"
#include "facts/source.h"

#define DEVICES    "/sys/bus/pci/devices"
#define VFIO_DEBUG "/sys/kernel/debug/vfio"
#define PATH_SIZE  128

#define CLASS_NETWORK      0x020000
#define CLASS_NETWORK_MASK 0xff0000

/* Offsets and bits of PCI configuration space. */
#define CONFIG_STATUS          0x06
#define CONFIG_STATUS_CAP_LIST 0x10
#define CONFIG_CAP_POINTER     0x34
#define CAP_MSIX               0x11
#define CAP_MSIX_CONTROL       2
#define CAP_MSIX_TABLE_SIZE    0x07ff
#define CAPS_MAX               48 /* as many as fit behind the header */

const char *vfm_pci_model_name(uint16_t device_id)
{
	static const struct {
		uint16_t device_id;
		const char *name;
	} models[] = {
		{0x101d, "ConnectX-6 Dx"}, {0x101f, "ConnectX-6 Lx"}, {0x1021, "ConnectX-7"},
		{0x1023, "ConnectX-8"},    {0x1025, "ConnectX-9"},    {0xa2d6, "BlueField-2"},
		{0xa2dc, "BlueField-3"},
	};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(models); i++)
		if (models[i].device_id == device_id)
			return models[i].name;
	return NULL;
}

static uint16_t config_u16(const uint8_t *config, size_t offset)
{
	return (uint16_t)(config[offset] | config[offset + 1] << 8);
}

int vfm_pci_msix_count(const uint8_t *config, size_t size, uint64_t *ret_count)
{
	size_t at;

	if (size < VFM_PCI_CONFIG_HEADER_SIZE)
		return -ENODATA;
	if (config_u16(config, CONFIG_STATUS) == UINT16_MAX)
		return -EBADMSG;
	if (!(config_u16(config, CONFIG_STATUS) & CONFIG_STATUS_CAP_LIST))
		return -ENOENT;
	at = config[CONFIG_CAP_POINTER] & ~3u;
	for (int i = 0; at != 0; i++) {
		if (at < VFM_PCI_CONFIG_HEADER_SIZE || i == CAPS_MAX)
			return -EBADMSG;
		if (at + CAP_MSIX_CONTROL + sizeof(uint16_t) > size)
			return -ENODATA;
		if (config[at] == CAP_MSIX) {
			*ret_count = (uint64_t)(config_u16(config, at + CAP_MSIX_CONTROL) &
						CAP_MSIX_TABLE_SIZE) +
				     1;
			return 0;
		}
		at = config[at + 1] & ~3u;
	}
	return -ENOENT;
}

static void device_path(char path[PATH_SIZE], const char *bdf)
{
	snprintf(path, PATH_SIZE, DEVICES "/%s", bdf);
}

/* The name at a link's end; a link that is not there is an absent thing. */
static void read_link(struct vfm_fact_text *fact, const char *directory, const char *name)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *target = NULL;
	int r;

	r = vfm_link_name(directory, name, &target, &err);
	if (r < 0)
		vfm_source_failed(&fact->fact, r, &err);
	else
		vfm_fact_set_text(fact, target);
}

/* VFs */

/* The kernel shows an override that is not set as "(null)". */
static void read_driver_override(const char *path, struct vfm_vf_facts *vf)
{
	vfm_source_text(&vf->driver_override, path, "driver_override");
	if (vfm_fact_is_text(&vf->driver_override, "(null)"))
		vfm_fact_set_absent(&vf->driver_override.fact);
}

static void read_iommu_group(const char *path, struct vfm_vf_facts *vf)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *name = NULL;
	VFM_AUTO_STRINGS struct vfm_strings members = {.count = 0};
	char directory[PATH_SIZE + 32];
	uint64_t group;
	int r;

	r = vfm_link_name(path, "iommu_group", &name, &err);
	if (r < 0) {
		vfm_source_failed(&vf->iommu_group.fact, r, &err);
		vfm_source_failed(&vf->iommu_group_alone.fact, r, &err);
		return;
	}
	if (vfm_parse_uint(name, 10, UINT32_MAX, &group) < 0)
		vfm_fact_set_unknown(&vf->iommu_group.fact, "'%.40s' is no group number", name);
	else
		vfm_fact_set_uint(&vf->iommu_group, group);
	snprintf(directory, sizeof(directory), "%s/iommu_group/devices", path);
	r = vfm_directory_list(directory, &members, &err);
	if (r < 0)
		vfm_fact_set_error(&vf->iommu_group_alone.fact, &err);
	else
		vfm_fact_set_bool(&vf->iommu_group_alone, members.count == 1);
}

/*
 * From the capability, since sriov_vf_msix_count can only be written: the kernel sets this very
 * table size through it.
 */
static void read_msix_count(const struct vfm_bdf *bdf, struct vfm_vf_facts *vf)
{
	struct vfm_fact *fact = &vf->msix_count.fact;
	struct pci_device *device =
		pci_device_find_by_slot(bdf->domain, bdf->bus, bdf->slot, bdf->function);
	uint8_t config[VFM_PCI_CONFIG_SIZE];
	pciaddr_t size = 0;
	uint64_t count = 0;
	int r;

	if (!device) {
		vfm_fact_set_unknown(fact, "the VF appeared while facts were read");
		return;
	}
	/* An error with some bytes read is the short read of a user without rights. */
	r = pci_device_cfg_read(device, config, 0, sizeof(config), &size);
	if (r != 0 && size == 0) {
		vfm_fact_set_unknown(fact, "configuration space: %s", strerrordesc_np(r));
		return;
	}
	switch (vfm_pci_msix_count(config, (size_t)size, &count)) {
	case 0:
		vfm_fact_set_uint(&vf->msix_count, count);
		break;
	case -ENOENT:
		vfm_fact_set_absent(fact);
		break;
	case -ENODATA:
		vfm_fact_set_unknown(fact, "needs root");
		break;
	default:
		vfm_fact_set_unknown(fact, "configuration space holds no list of capabilities");
	}
}

/*
 * What the VFIO driver shows of the migration state: its directory is there only when the driver
 * offers migration for this VF. Not there says so only where VFIO has its part of debugfs at all.
 */
static void read_vfio_state(const char *bdf, struct vfm_vf_facts *vf)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *state = NULL;
	struct vfm_fact *fact = &vf->vfio_state.fact;
	char directory[PATH_SIZE];
	int r;

	if (vf->driver.fact.state == VFM_UNKNOWN) {
		vfm_fact_set_unknown(fact, "the VF's driver is not known");
		return;
	}
	if (!vfm_known(&vf->driver.fact) || !strstr(vf->driver.value, "vfio")) {
		vfm_fact_set_absent(fact);
		return;
	}
	snprintf(directory, sizeof(directory), VFIO_DEBUG "/%s/migration", bdf);
	r = vfm_attribute_read(directory, "state", &state, &err);
	if (r == 0)
		vfm_fact_set_text(&vf->vfio_state, state);
	else if (r == -ENOENT && access(VFIO_DEBUG, F_OK) != 0)
		vfm_fact_set_unknown(fact, "VFIO shows nothing in debugfs on this host");
	else if (r == -EPERM) /* file modes are EACCES */
		vfm_fact_set_unknown(fact, "debugfs is closed by kernel lockdown");
	else
		vfm_source_failed(fact, r, &err);
}

/* A VF that went away meanwhile seemed to have no driver and no group, which is not so. */
static void forget_vanished(const char *path, struct vfm_vf_facts *vf)
{
	struct vfm_fact *const facts[] = {
		&vf->driver.fact,      &vf->driver_override.fact,
		&vf->iommu_group.fact, &vf->iommu_group_alone.fact,
		&vf->msix_count.fact,  &vf->vfio_state.fact,
	};

	if (access(path, F_OK) == 0)
		return;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(facts); i++)
		vfm_fact_set_unknown(facts[i], "the VF went away while facts were read");
}

static void read_vf(const char *pf_path, uint64_t number, struct vfm_vf_facts *vf)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *name = NULL;
	char link[PATH_SIZE], path[PATH_SIZE];
	struct vfm_bdf bdf;
	int r;

	vfm_fact_set_uint(&vf->number, number);
	snprintf(link, sizeof(link), "virtfn%" PRIu64, number);
	r = vfm_link_name(pf_path, link, &name, &err);
	if (r < 0) {
		vfm_fact_set_error(&vf->bdf.fact, &err);
		return;
	}
	if (vfm_parse_bdf(name, &bdf) < 0) {
		vfm_fact_set_unknown(&vf->bdf.fact, "'%.40s' is no PCI address", name);
		return;
	}
	vfm_fact_set_text(&vf->bdf, name);
	device_path(path, name);
	read_link(&vf->driver, path, "driver");
	read_driver_override(path, vf);
	read_iommu_group(path, vf);
	read_msix_count(&bdf, vf);
	read_vfio_state(name, vf);
	forget_vanished(path, vf);
}

static int compare_numbers(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

/* The numbers of the links virtfn0, virtfn1, … in ascending order; their count. */
static size_t vf_numbers(const struct vfm_strings *names, uint64_t *numbers)
{
	size_t count = 0;

	for (size_t i = 0; i < names->count; i++) {
		const char *digits = vfm_text_after(names->values[i], "virtfn");

		if (digits && vfm_parse_uint(digits, 10, UINT16_MAX, &numbers[count]) == 0)
			count++;
	}
	qsort(numbers, count, sizeof(*numbers), compare_numbers);
	return count;
}

static void read_vfs(const char *path, struct vfm_pf_facts *pf)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_STRINGS struct vfm_strings names = {.count = 0};
	VFM_AUTO_FREE uint64_t *numbers = NULL;
	size_t count;
	int r;

	r = vfm_directory_list(path, &names, &err);
	if (r < 0) {
		vfm_fact_set_error(&pf->vfs.fact, &err);
		return;
	}
	numbers = calloc(names.count + 1, sizeof(*numbers));
	if (!numbers) {
		vfm_fact_set_unknown(&pf->vfs.fact, "out of memory");
		return;
	}
	vfm_fact_set_empty(&pf->vfs);
	count = vf_numbers(&names, numbers);
	for (size_t i = 0; i < count; i++) {
		struct vfm_vf_facts *vf = vfm_fact_list_add(&pf->vfs, sizeof(*vf));

		if (!vf)
			return;
		read_vf(path, numbers[i], vf);
	}
}

/* PFs */

/* The kernel shows a device that belongs to no node as -1. */
static void read_numa_node(const char *path, struct vfm_pf_facts *pf)
{
	VFM_AUTO_FREE char *text = NULL;

	if (vfm_attribute_read(path, "numa_node", &text, NULL) == 0 && vfm_streq(text, "-1"))
		vfm_fact_set_absent(&pf->numa_node.fact);
	else
		vfm_source_uint(&pf->numa_node, path, "numa_node", 10);
}

static void read_pf(const struct pci_device *device, const char *bdf, struct vfm_pf_facts *pf)
{
	char path[PATH_SIZE];

	device_path(path, bdf);
	vfm_fact_set_text(&pf->bdf, bdf);
	vfm_fact_set_textf(&pf->device_id, "%04x:%04x", device->vendor_id, device->device_id);
	vfm_fact_set_text(&pf->model, vfm_pci_model_name(device->device_id));
	read_link(&pf->driver, path, "driver");
	read_numa_node(path, pf);
	vfm_source_uint(&pf->total_vfs, path, "sriov_totalvfs", 10);
	vfm_source_uint(&pf->num_vfs, path, "sriov_numvfs", 10);
	vfm_source_bool(&pf->vf_autoprobe, path, "sriov_drivers_autoprobe");
	vfm_source_uint(&pf->vf_offset, path, "sriov_offset", 10);
	vfm_source_uint(&pf->vf_stride, path, "sriov_stride", 10);
	read_vfs(path, pf);
}

static bool has(const char *bdf, const char *name)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), DEVICES "/%s/%s", bdf, name);
	return access(path, F_OK) == 0;
}

static struct vfm_bdf bdf_of(const struct pci_device *device)
{
	return (struct vfm_bdf){.domain = device->domain,
				.bus = device->bus,
				.slot = device->dev,
				.function = device->func};
}

/* A network function of ours that could have VFs and is none itself. */
static bool is_pf(const struct pci_device *device)
{
	struct vfm_bdf bdf = bdf_of(device);
	char text[VFM_BDF_TEXT_SIZE];

	vfm_bdf_text(&bdf, text);
	if (has(text, "physfn"))
		return false;
	return vfm_pci_model_name(device->device_id) || has(text, "sriov_totalvfs");
}

static int compare_devices(const void *a, const void *b)
{
	const struct pci_device *left = *(struct pci_device *const *)a;
	const struct pci_device *right = *(struct pci_device *const *)b;
	const uint32_t keys[][2] = {
		{left->domain, right->domain},
		{left->bus, right->bus},
		{left->dev, right->dev},
		{left->func, right->func},
	};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(keys); i++)
		if (keys[i][0] != keys[i][1])
			return keys[i][0] < keys[i][1] ? -1 : 1;
	return 0;
}

/* The PFs of this host by address; the devices stay libpciaccess's. -ENOMEM. */
static int find_pfs(struct pci_device ***ret_devices, size_t *ret_count)
{
	static const struct pci_id_match match = {
		.vendor_id = VFM_PCI_VENDOR_MELLANOX,
		.device_id = PCI_MATCH_ANY,
		.subvendor_id = PCI_MATCH_ANY,
		.subdevice_id = PCI_MATCH_ANY,
		.device_class = CLASS_NETWORK,
		.device_class_mask = CLASS_NETWORK_MASK,
	};
	struct pci_device_iterator *iterator = pci_id_match_iterator_create(&match);
	VFM_AUTO_FREE struct pci_device **devices = NULL;
	struct pci_device *device;
	size_t count = 0;
	int r = iterator ? 0 : -ENOMEM;

	while (r == 0 && (device = pci_device_next(iterator)))
		if (is_pf(device))
			r = VFM_APPEND(devices, count, device);
	pci_iterator_destroy(iterator);
	if (r < 0)
		return r;
	if (count)
		qsort(devices, count, sizeof(struct pci_device *), compare_devices);
	*ret_devices = VFM_STEAL(devices);
	*ret_count = count;
	return 0;
}

static void read_pfs(struct vfm_facts *facts)
{
	VFM_AUTO_FREE struct pci_device **devices = NULL;
	size_t count = 0;

	if (find_pfs(&devices, &count) < 0) {
		vfm_fact_set_unknown(&facts->pfs.fact, "out of memory");
		return;
	}
	vfm_fact_set_empty(&facts->pfs);
	for (size_t i = 0; i < count; i++) {
		struct vfm_pf_facts *pf = vfm_fact_list_add(&facts->pfs, sizeof(*pf));
		struct vfm_bdf bdf = bdf_of(devices[i]);
		char text[VFM_BDF_TEXT_SIZE];

		if (!pf)
			return;
		vfm_bdf_text(&bdf, text);
		read_pf(devices[i], text, pf);
	}
}

void vfm_read_pci(const struct vfm_read_options *options, struct vfm_facts *facts)
{
	int error = pci_system_init();

	(void)options;
	if (error == 0)
		read_pfs(facts);
	else if (error == ENOENT)
		/* No PCI bus in sysfs: a machine without one, or a sysfs that is not mounted. */
		vfm_fact_set_unknown(&facts->pfs.fact, "this host shows no PCI bus");
	else
		vfm_fact_set_unknown(&facts->pfs.fact, "PCI devices: %s", strerrordesc_np(error));
	pci_system_cleanup();
}
