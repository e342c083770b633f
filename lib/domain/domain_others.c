/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What else of a host a domain needs or shows: see domain.h. */
#include <stdlib.h>
#include <string.h>

#include "domain/domain_read.h"

static void read_filesystems(struct vfm_domain *domain, const xmlNode *devices)
{
	vfm_domain_each(element, devices, "filesystem")
	{
		VFM_AUTO_FREE char *driver =
			vfm_domain_take(&domain->filesystems.failed, element, "driver", "type");
		VFM_AUTO_FREE char *source =
			vfm_domain_take(&domain->filesystems.failed, element, "source", "dir");
		VFM_AUTO_FREE char *target =
			vfm_domain_take(&domain->filesystems.failed, element, "target", "dir");

		if (!source)
			source = vfm_domain_take(&domain->filesystems.failed, element, "source",
						 "socket");
		/* "path" and "handle" are ways of 9p */
		vfm_strings_addf(&domain->filesystems, "%s: %s -> %s",
				 driver && vfm_streq(driver, "virtiofs") ? driver : "9p",
				 source ? source : "?", target ? target : "?");
	}
}

static void read_shmems(struct vfm_domain *domain, const xmlNode *devices)
{
	vfm_domain_each(element, devices, "shmem")
	{
		VFM_AUTO_FREE char *name =
			vfm_domain_take(&domain->shmems.failed, element, "", "name");
		VFM_AUTO_FREE char *role =
			vfm_domain_take(&domain->shmems.failed, element, "", "role");
		VFM_AUTO_FREE char *model =
			vfm_domain_take(&domain->shmems.failed, element, "model", "type");

		vfm_strings_addf(&domain->shmems, "%s: %s%s%s", model ? model : "ivshmem",
				 name ? name : "?", role ? " " : "", role ? role : "");
	}
}

static void read_tpms(struct vfm_domain *domain, const xmlNode *devices)
{
	vfm_domain_each(element, devices, "tpm")
	{
		VFM_AUTO_FREE char *backend =
			vfm_domain_take(&domain->tpms.failed, element, "backend", "type");
		VFM_AUTO_FREE char *secret = vfm_domain_take(&domain->tpms.failed, element,
							     "backend/encryption", "secret");

		vfm_strings_add(&domain->tpms, backend ? backend : "unknown");
		if (!secret)
			continue;
		vfm_strings_addf(&domain->tpms, "secret:%s", secret);
		vfm_strings_add(&domain->secrets, secret);
	}
}

static void read_vhost_users(struct vfm_domain *domain)
{
	for (size_t i = 0; i < domain->interface_count; i++) {
		const struct vfm_domain_interface *interface = &domain->interfaces[i];

		if (interface->type == VFM_INTERFACE_VHOSTUSER)
			vfm_strings_addf(&domain->vhost_users, "interface: %s",
					 interface->source ? interface->source : "?");
	}
	for (size_t i = 0; i < domain->disk_count; i++) {
		if (domain->disks[i].type == VFM_DISK_VHOSTUSER)
			vfm_strings_addf(&domain->vhost_users, "disk: %s",
					 domain->disks[i].source ? domain->disks[i].source : "?");
	}
}

/* "vnc 0.0.0.0"; what listens at a socket or nowhere needs no address there. */
static void read_graphics(struct vfm_domain *domain, const xmlNode *devices)
{
	vfm_domain_each(element, devices, "graphics")
	{
		VFM_AUTO_FREE char *type =
			vfm_domain_take(&domain->graphics.failed, element, "", "type");
		VFM_AUTO_FREE char *listen =
			vfm_domain_take(&domain->graphics.failed, element, "", "listen");

		if (!listen)
			listen = vfm_domain_take(&domain->graphics.failed, element, "listen",
						 "address");
		vfm_strings_addf(&domain->graphics, "%s %s", type ? type : "?",
				 listen ? listen : "-");
	}
}

static void read_agent(struct vfm_domain *domain, const xmlNode *devices)
{
	vfm_domain_each(channel, devices, "channel")
	{
		if (!vfm_domain_is(channel, "target", "name", "org.qemu.guest_agent.0"))
			continue;
		domain->guest_agent = true;
		domain->guest_agent_connected |=
			vfm_domain_is(channel, "target", "state", "connected");
	}
}

/* Files and devices of the host by path. */
static void read_paths(struct vfm_domain *domain, const xmlNode *root, const xmlNode *devices)
{
	static const struct {
		const char *path, *words;
	} of_root[] = {
		{"os/kernel", "kernel"},
		{"os/initrd", "initrd"},
		{"os/dtb", "dtb"},
		{"os/acpi/table", "acpi table"},
	};
	static const struct {
		const char *element, *type, *path, *attribute, *words;
	} of_devices[] = {
		{"tpm", NULL, "backend/device", "path", "tpm"},
		{"tpm", NULL, "backend/source", "path", "tpm"},
		{"rng", NULL, "backend", NULL, "rng"},
		{"serial", "dev", "source", "path", "serial"},
		{"serial", "pipe", "source", "path", "serial"},
		{"parallel", "dev", "source", "path", "parallel"},
		{"console", "dev", "source", "path", "console"},
		{"channel", "dev", "source", "path", "channel"},
		{"memory", NULL, "source/path", NULL, "nvdimm"},
		{"interface", NULL, "rom", "file", "rom"},
		{"hostdev", NULL, "rom", "file", "rom"},
		{"interface", NULL, "script", "path", "script"},
		{"input", "passthrough", "source", "evdev", "input"},
		{"input", "evdev", "source", "dev", "input"},
	};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(of_root); i++) {
		VFM_AUTO_FREE char *path =
			vfm_domain_take(&domain->host_paths.failed, root, of_root[i].path, NULL);

		if (path)
			vfm_strings_addf(&domain->host_paths, "%s: %s", of_root[i].words, path);
	}
	for (size_t i = 0; i < VFM_ARRAY_SIZE(of_devices); i++) {
		vfm_domain_each(element, devices, of_devices[i].element)
		{
			VFM_AUTO_FREE char *path = NULL;

			if (of_devices[i].type &&
			    !vfm_domain_is(element, "", "type", of_devices[i].type))
				continue;
			path = vfm_domain_take(&domain->host_paths.failed, element,
					       of_devices[i].path, of_devices[i].attribute);
			if (path && *path == '/')
				vfm_strings_addf(&domain->host_paths, "%s: %s", of_devices[i].words,
						 path);
		}
	}
}

int vfm_domain_read_others(struct vfm_domain_reading *reading, const xmlNode *root,
			   const xmlNode *devices)
{
	struct vfm_domain *domain = reading->domain;

	read_filesystems(domain, devices);
	read_shmems(domain, devices);
	read_tpms(domain, devices);
	read_vhost_users(domain);
	read_graphics(domain, devices);
	read_agent(domain, devices);
	read_paths(domain, root, devices);
	return 0;
}
