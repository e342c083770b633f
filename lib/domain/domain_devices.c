/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A domain's interfaces and host devices; see domain.h. */
#include <stdlib.h>
#include <string.h>

#include "domain/domain_read.h"
#include "domain/mac.h"

int vfm_domain_address(struct vfm_domain_reading *reading, const xmlNode *address,
		       char text[VFM_BDF_TEXT_SIZE])
{
	struct vfm_bdf bdf;

	text[0] = '\0';
	if (!address)
		return 0;
	if (vfm_domain_bdf(address, &bdf) < 0)
		return vfm_domain_bad(reading, address, "no readable PCI address");
	vfm_bdf_text(&bdf, text);
	return 0;
}

int vfm_domain_host_address(struct vfm_domain_reading *reading, const xmlNode *device,
			    char text[VFM_BDF_TEXT_SIZE])
{
	const xmlNode *address;

	text[0] = '\0';
	if (vfm_domain_source_of(device, &address) != VFM_DOMAIN_SOURCE_PCI)
		return 0;
	if (!address)
		return vfm_domain_bad(reading, device,
				      "a host device without a readable PCI address");
	return vfm_domain_address(reading, address, text);
}

/* The address in the guest, where it is a PCI one; one that libvirt is still to give has no bus. */
static int read_guest_address(struct vfm_domain_reading *reading, const xmlNode *device,
			      char **ret_address)
{
	const xmlNode *address = vfm_xml_child(device, "address");
	char text[VFM_BDF_TEXT_SIZE];
	int r;

	if (!address || !vfm_domain_is(address, "", "type", "pci") ||
	    !xmlHasProp((xmlNode *)address, (const xmlChar *)"bus"))
		return 0;
	r = vfm_domain_address(reading, address, text);
	if (r < 0)
		return r;
	*ret_address = strdup(text);
	reading->failed |= !*ret_address;
	return 0;
}

static enum vfm_teaming teaming_of(struct vfm_domain_reading *reading, const xmlNode *device,
				   char **ret_persistent)
{
	const xmlNode *teaming = vfm_xml_child(device, "teaming");

	*ret_persistent = vfm_domain_take(&reading->failed, teaming, "", "persistent");
	if (vfm_domain_is(teaming, "", "type", "transient"))
		return VFM_TEAMING_TRANSIENT;
	if (vfm_domain_is(teaming, "", "type", "persistent"))
		return VFM_TEAMING_PERSISTENT;
	return VFM_TEAMING_NONE;
}

/* managed='yes' of the element that has the host's device. */
static void read_managed(const xmlNode *holder, bool *ret_has, bool *ret_managed)
{
	*ret_has = xmlHasProp((xmlNode *)holder, (const xmlChar *)"managed");
	*ret_managed = vfm_domain_is(holder, "", "managed", "yes");
}

/* ---- interfaces ---- */

static const char *const interface_types[VFM_INTERFACE_TYPE_MAX] = {
	[VFM_INTERFACE_HOSTDEV] = "hostdev", [VFM_INTERFACE_NETWORK] = "network",
	[VFM_INTERFACE_BRIDGE] = "bridge",   [VFM_INTERFACE_DIRECT] = "direct",
	[VFM_INTERFACE_USER] = "user",       [VFM_INTERFACE_VHOSTUSER] = "vhostuser",
	[VFM_INTERFACE_VDPA] = "vdpa",       [VFM_INTERFACE_OTHER] = "other",
};

const char *vfm_interface_type_name(enum vfm_interface_type type)
{
	return interface_types[type];
}

static enum vfm_interface_type interface_type(const char *name)
{
	enum vfm_interface_type type = 0;

	while (type < VFM_INTERFACE_OTHER && !vfm_streq(interface_types[type], name))
		type++;
	return type;
}

int vfm_domain_mac(const xmlNode *interface, char text[VFM_MAC_TEXT_SIZE])
{
	const xmlNode *element = vfm_xml_child(interface, "mac");
	char written[VFM_MAC_TEXT_SIZE];
	uint8_t bytes[6];

	text[0] = '\0';
	if (!element)
		return 0;
	if (vfm_xml_attribute_copy(element, "address", written, sizeof(written)) < 0 ||
	    vfm_parse_mac(written, bytes) < 0)
		return -EINVAL;
	vfm_mac_text(bytes, text);
	return 0;
}

static int read_mac(struct vfm_domain_reading *reading, const xmlNode *device, char **ret_mac)
{
	char mac[VFM_MAC_TEXT_SIZE];

	if (vfm_domain_mac(device, mac) < 0)
		return vfm_domain_bad(reading, device,
				      "an interface without a readable MAC address");
	if (!*mac)
		return 0;
	*ret_mac = strdup(mac);
	reading->failed |= !*ret_mac;
	return 0;
}

#define ROW(where, name, member)                                                                   \
	{                                                                                          \
		where, name, offsetof(struct vfm_domain_interface, member)                         \
	}

static const struct vfm_domain_row interface_rows[] = {
	ROW("", "type", type_name),        ROW("model", "type", model),
	ROW("alias", "name", alias),       ROW("target", "dev", target),
	ROW("source", "network", network),
};

/* What is behind it: the first of these that there is. */
static char *interface_source(struct vfm_domain_reading *reading, const xmlNode *holder)
{
	static const char *const names[] = {"bridge", "dev", "path"};
	char *text = NULL;

	for (size_t i = 0; !text && i < VFM_ARRAY_SIZE(names); i++)
		text = vfm_domain_take(&reading->failed, holder, "source", names[i]);
	return text;
}

static int read_interface(struct vfm_domain_reading *reading, const xmlNode *device)
{
	struct vfm_domain *domain = reading->domain;
	struct vfm_domain_interface *interface;
	const xmlNode *actual = vfm_xml_child(device, "actual");
	const xmlNode *holder = actual ? actual : device;
	VFM_AUTO_FREE char *type = vfm_domain_take(&reading->failed, holder, "", "type");
	bool *failed = &reading->failed;
	int r;

	if (!type)
		return vfm_domain_bad(reading, device, "an interface without a type");
	interface = vfm_domain_grow(reading, &domain->interfaces, &domain->interface_count,
				    sizeof(*interface));
	if (!interface)
		return 0;
	vfm_domain_fill(failed, device, interface_rows, VFM_ARRAY_SIZE(interface_rows), interface);
	interface->type = interface_type(type);
	interface->virtualport = vfm_domain_take(failed, holder, "virtualport", "type");
	interface->source = interface_source(reading, holder);
	if (!interface->virtualport)
		interface->virtualport = vfm_domain_take(failed, device, "virtualport", "type");
	interface->driver_model = vfm_domain_take(failed, holder, "driver", "model");
	interface->vlan = vfm_domain_at(device, "vlan/tag") || vfm_domain_at(holder, "vlan/tag");
	interface->teaming = teaming_of(reading, device, &interface->teaming_persistent);
	read_managed(holder, &interface->has_managed, &interface->managed);
	r = read_mac(reading, device, &interface->mac);
	if (r == 0)
		r = read_guest_address(reading, device, &interface->guest_address);
	return r < 0 ? r : vfm_domain_host_address(reading, device, interface->host_address);
}

int vfm_domain_read_interfaces(struct vfm_domain_reading *reading, const xmlNode *devices)
{
	vfm_domain_each(device, devices, "interface")
	{
		int r = read_interface(reading, device);

		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- host devices ---- */

static const char *const hostdev_types[VFM_HOSTDEV_TYPE_MAX] = {
	[VFM_HOSTDEV_PCI] = "pci",   [VFM_HOSTDEV_MDEV] = "mdev",   [VFM_HOSTDEV_USB] = "usb",
	[VFM_HOSTDEV_SCSI] = "scsi", [VFM_HOSTDEV_OTHER] = "other",
};

const char *vfm_hostdev_type_name(enum vfm_hostdev_type type)
{
	return hostdev_types[type];
}

static enum vfm_hostdev_type hostdev_type(const char *name)
{
	enum vfm_hostdev_type type = 0;

	while (type < VFM_HOSTDEV_OTHER && (!name || !vfm_streq(hostdev_types[type], name)))
		type++;
	return type;
}

#undef ROW
#define ROW(where, name, member)                                                                   \
	{                                                                                          \
		where, name, offsetof(struct vfm_domain_hostdev, member)                           \
	}

static const struct vfm_domain_row hostdev_rows[] = {
	ROW("", "type", type_name),
	ROW("alias", "name", alias),
	ROW("", "model", model),
	ROW("driver", "name", driver_name),
	ROW("driver", "model", driver_model),
};

static int read_uuid(struct vfm_domain_reading *reading, const xmlNode *device, char **ret_uuid)
{
	const xmlNode *address;

	if (vfm_domain_source_of(device, &address) != VFM_DOMAIN_SOURCE_MDEV)
		return 0;
	*ret_uuid = vfm_domain_take(&reading->failed, address, "", "uuid");
	if (!*ret_uuid || !vfm_domain_is_uuid(*ret_uuid))
		return vfm_domain_bad(reading, device, "a mediated device without a UUID");
	return 0;
}

static int read_hostdev(struct vfm_domain_reading *reading, const xmlNode *device)
{
	struct vfm_domain *domain = reading->domain;
	struct vfm_domain_hostdev *hostdev = vfm_domain_grow(
		reading, &domain->hostdevs, &domain->hostdev_count, sizeof(*hostdev));
	int r;

	if (!hostdev)
		return 0;
	vfm_domain_fill(&reading->failed, device, hostdev_rows, VFM_ARRAY_SIZE(hostdev_rows),
			hostdev);
	hostdev->type = hostdev_type(hostdev->type_name);
	hostdev->display = vfm_domain_is(device, "", "display", "on");
	domain->vga_hostdev_display |= hostdev->display;
	hostdev->teaming = teaming_of(reading, device, &hostdev->teaming_persistent);
	vfm_domain_add_secrets(reading, device, NULL);
	read_managed(device, &hostdev->has_managed, &hostdev->managed);
	r = read_guest_address(reading, device, &hostdev->guest_address);
	if (r < 0)
		return r;
	r = read_uuid(reading, device, &hostdev->mdev_uuid);
	return r < 0 ? r : vfm_domain_host_address(reading, device, hostdev->host_address);
}

int vfm_domain_read_hostdevs(struct vfm_domain_reading *reading, const xmlNode *devices)
{
	vfm_domain_each(device, devices, "hostdev")
	{
		int r = read_hostdev(reading, device);

		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- PCIe ports ---- */

/* Whether a device has an address on that bus. */
static bool is_taken(const xmlNode *devices, uint64_t bus)
{
	const xmlNode *device = NULL;

	while ((device = vfm_domain_device(devices, device))) {
		const xmlNode *address = vfm_xml_child(device, "address");
		uint64_t on;

		if (vfm_domain_is(address, "", "type", "pci") &&
		    vfm_domain_number(address, "bus", UINT8_MAX, &on) == 0 && on == bus)
			return true;
	}
	return false;
}

/* What may be plugged into; a switch's downstream port is as good as one of the root. */
static bool is_port(const char *model)
{
	return vfm_streq(model, "pcie-root-port") ||
	       vfm_streq(model, "pcie-switch-downstream-port");
}

/* A controller's index is the number of the bus behind it. */
int vfm_domain_read_ports(struct vfm_domain_reading *reading, const xmlNode *devices)
{
	struct vfm_domain *domain = reading->domain;

	vfm_domain_each(controller, devices, "controller")
	{
		VFM_AUTO_FREE char *model =
			vfm_domain_take(&reading->failed, controller, "", "model");
		uint64_t bus;
		int r;

		if (!model || !vfm_domain_is(controller, "", "type", "pci"))
			continue;
		domain->has_pcie |= vfm_streq(model, "pcie-root");
		if (!is_port(model))
			continue;
		/* One that libvirt is still to number has no device. */
		r = vfm_domain_number(controller, "index", UINT8_MAX, &bus);
		if (r < 0 && r != -ENOENT)
			return vfm_domain_bad(reading, controller,
					      "a PCI controller without a readable index");
		domain->root_ports++;
		domain->root_ports_free += (r < 0 || !is_taken(devices, bus)) &&
					   !vfm_domain_is(controller, "target", "hotplug", "off");
	}
	return 0;
}
