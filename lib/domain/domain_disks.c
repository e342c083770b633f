/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A domain's disks; see domain.h. */
#include <stdlib.h>
#include <string.h>

#include "domain/domain_read.h"

static const char *const disk_types[VFM_DISK_TYPE_MAX] = {
	[VFM_DISK_FILE] = "file",           [VFM_DISK_BLOCK] = "block",   [VFM_DISK_DIR] = "dir",
	[VFM_DISK_NETWORK] = "network",     [VFM_DISK_VOLUME] = "volume", [VFM_DISK_NVME] = "nvme",
	[VFM_DISK_VHOSTUSER] = "vhostuser", [VFM_DISK_OTHER] = "other",
};

const char *vfm_disk_type_name(enum vfm_disk_type type)
{
	return disk_types[type];
}

static enum vfm_disk_type disk_type(const char *name)
{
	enum vfm_disk_type type = 0;

	while (type < VFM_DISK_OTHER && (!name || !vfm_streq(disk_types[type], name)))
		type++;
	return type;
}

/* A disk without the attribute is a disk. */
static enum vfm_disk_device disk_device(const xmlNode *disk)
{
	static const char *const names[VFM_DISK_DEVICE_MAX] = {
		[VFM_DISK_DEVICE_DISK] = "disk",
		[VFM_DISK_DEVICE_CDROM] = "cdrom",
		[VFM_DISK_DEVICE_FLOPPY] = "floppy",
		[VFM_DISK_DEVICE_LUN] = "lun",
	};

	for (enum vfm_disk_device device = 0; device < VFM_DISK_DEVICE_MAX; device++) {
		if (vfm_domain_is(disk, "", "device", names[device]))
			return device;
	}
	return VFM_DISK_DEVICE_DISK;
}

#define ROW(where, name, member)                                                                   \
	{                                                                                          \
		where, name, offsetof(struct vfm_domain_disk, member)                              \
	}

static const struct vfm_domain_row disk_rows[] = {
	ROW("", "type", type_name),    ROW("target", "dev", target),
	ROW("target", "bus", bus),     ROW("alias", "name", alias),
	ROW("source", "pool", pool),   ROW("source", "protocol", protocol),
	ROW("driver", "type", format), ROW("driver", "cache", cache),
	ROW("driver", "io", io),       ROW("source", "startupPolicy", startup_policy),
};

/* The attribute of <source> that says which one; NULL: none by itself. */
static const char *source_attribute(enum vfm_disk_type type)
{
	static const char *const names[VFM_DISK_TYPE_MAX] = {
		[VFM_DISK_FILE] = "file",     [VFM_DISK_BLOCK] = "dev",
		[VFM_DISK_DIR] = "dir",       [VFM_DISK_NETWORK] = "name",
		[VFM_DISK_VOLUME] = "volume", [VFM_DISK_VHOSTUSER] = "path",
	};

	return names[type];
}

static char *source_of(struct vfm_domain_reading *reading, const xmlNode *holder,
		       enum vfm_disk_type type)
{
	const char *attribute = source_attribute(type);

	return attribute ? vfm_domain_take(&reading->failed, holder, "source", attribute) : NULL;
}

static char *hosts_of(struct vfm_domain_reading *reading, const xmlNode *source)
{
	struct vfm_buffer hosts = {.data = NULL};
	size_t count = 0;
	char *text;

	vfm_domain_each(host, source, "host")
	{
		VFM_AUTO_FREE char *name = vfm_domain_take(&reading->failed, host, "", "name");
		VFM_AUTO_FREE char *port = vfm_domain_take(&reading->failed, host, "", "port");
		VFM_AUTO_FREE char *path = vfm_domain_take(&reading->failed, host, "", "socket");

		vfm_buffer_printf(&hosts, "%s%s%s%s", count++ ? "," : "",
				  name   ? name
				  : path ? path
					 : "?",
				  port ? ":" : "", port ? port : "");
	}
	if (count == 0)
		return NULL;
	text = vfm_buffer_steal(&hosts);
	reading->failed |= !text;
	return text;
}

void vfm_domain_add_secrets(struct vfm_domain_reading *reading, const xmlNode *holder,
			    struct vfm_strings *secrets)
{
	static const char *const paths[] = {
		"auth",
		"encryption",
		"source/auth",
		"source/encryption",
	};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(paths); i++) {
		vfm_domain_each(secret, vfm_domain_at(holder, paths[i]), "secret")
		{
			bool *failed = &reading->failed;
			VFM_AUTO_FREE char *uuid = vfm_domain_take(failed, secret, "", "uuid");
			VFM_AUTO_FREE char *usage = vfm_domain_take(failed, secret, "", "usage");

			if (!uuid && !usage)
				continue;
			if (secrets)
				vfm_strings_addf(secrets, "%s%s",
						 uuid ? "" : "usage:", uuid ? uuid : usage);
			vfm_strings_addf(&reading->domain->secrets, "%s%s",
					 uuid ? "" : "usage:", uuid ? uuid : usage);
		}
	}
}

/* <backingStore type='file'><source file=…>, or <dataStore>; an empty one ends the chain. */
static void add_store(struct vfm_domain_reading *reading, const xmlNode *store,
		      struct vfm_domain_disk *disk)
{
	VFM_AUTO_FREE char *type = vfm_domain_take(&reading->failed, store, "", "type");
	VFM_AUTO_FREE char *source = type ? source_of(reading, store, disk_type(type)) : NULL;

	if (source)
		vfm_strings_add(&disk->backing, source);
	vfm_domain_add_secrets(reading, store, &disk->secrets);
}

/* The chain below the source, as far as the document shows it; each may keep its data elsewhere. */
static void add_backing(struct vfm_domain_reading *reading, const xmlNode *disk_element,
			struct vfm_domain_disk *disk)
{
	const xmlNode *store = disk_element;

	add_store(reading, vfm_domain_at(disk_element, "source/dataStore"), disk);
	while ((store = vfm_xml_child(store, "backingStore"))) {
		add_store(reading, store, disk);
		add_store(reading, vfm_domain_at(store, "source/dataStore"), disk);
	}
}

static int read_disk(struct vfm_domain_reading *reading, const xmlNode *element)
{
	struct vfm_domain *domain = reading->domain;
	struct vfm_domain_disk *disk =
		vfm_domain_grow(reading, &domain->disks, &domain->disk_count, sizeof(*disk));

	if (!disk)
		return 0;
	vfm_domain_fill(&reading->failed, element, disk_rows, VFM_ARRAY_SIZE(disk_rows), disk);
	if (!disk->target)
		return vfm_domain_bad(reading, element, "a disk without a target");
	disk->type = disk_type(disk->type_name);
	disk->device = disk_device(element);
	disk->source = source_of(reading, element, disk->type);
	if (disk->type == VFM_DISK_NVME) {
		char bdf[VFM_BDF_TEXT_SIZE];
		int r = vfm_domain_host_address(reading, element, bdf);

		if (r < 0)
			return r;
		disk->source = strdup(bdf);
		reading->failed |= !disk->source;
	}
	disk->hosts = hosts_of(reading, vfm_xml_child(element, "source"));
	if (!disk->startup_policy)
		disk->startup_policy =
			vfm_domain_take(&reading->failed, element, "", "startupPolicy");
	/* A CD is read-only by nature. */
	disk->readonly =
		vfm_xml_child(element, "readonly") || disk->device == VFM_DISK_DEVICE_CDROM;
	disk->shareable = vfm_xml_child(element, "shareable");
	disk->transient = vfm_xml_child(element, "transient");
	disk->mirror = vfm_xml_child(element, "mirror");
	vfm_domain_add_secrets(reading, element, &disk->secrets);
	add_backing(reading, element, disk);
	return 0;
}

int vfm_domain_read_disks(struct vfm_domain_reading *reading, const xmlNode *devices)
{
	vfm_domain_each(disk, devices, "disk")
	{
		int r = read_disk(reading, disk);

		if (r < 0)
			return r;
	}
	return 0;
}
