/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reader of what devlink tells of each PF: identity and firmware, the eswitch, and the ports of
 * uplink and VFs. Three requests a PF; the fill functions are pure, the reading is at the end.
 *
 * Ports are found by flavour, controller, PF and VF number; names and indices prove nothing.
 */
#include "facts/devlink.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "facts/readers.h"

/* What mlx5 says when its firmware did not tell: of newer kernels, and of older firmware. */
#define VERSION_NO_ANSWER "255.255.65535"
#define VERSION_NOT_TOLD  "0.0.0000"

#define NOT_IN_LEGACY "not visible in legacy mode"
#define ELSEWHERE     "its interface is in another network namespace"

/* info */

/* mlx5 gives the version as "fw.version", and as "fw" for tools that ask for the common name. */
static void fill_version(struct vfm_fact_text *fact, const struct vfm_devlink_info *info,
			 enum vfm_devlink_version_kind kind)
{
	const char *version = vfm_devlink_info_version(info, kind, "fw.version");

	if (!version)
		version = vfm_devlink_info_version(info, kind, "fw");
	if (version && vfm_streq(version, VERSION_NO_ANSWER))
		vfm_fact_set_unknown(&fact->fact, "the firmware did not answer (%s)", version);
	else if (version && vfm_streq(version, VERSION_NOT_TOLD))
		vfm_fact_set_unknown(&fact->fact, "the firmware does not tell (%s)", version);
	else
		vfm_fact_set_text(fact, version);
}

void vfm_devlink_fill_info(struct vfm_pf_facts *pf, const struct vfm_devlink_info *info)
{
	vfm_fact_set_text(&pf->psid,
			  vfm_devlink_info_version(info, VFM_DEVLINK_VERSION_FIXED, "fw.psid"));
	fill_version(&pf->firmware_running, info, VFM_DEVLINK_VERSION_RUNNING);
	fill_version(&pf->firmware_stored, info, VFM_DEVLINK_VERSION_STORED);
	vfm_fact_set_text(&pf->serial, info->serial_number);
}

/* eswitch */

static void fill_mode(struct vfm_fact_text *fact, bool told, unsigned int mode, const char *name)
{
	if (!told)
		vfm_fact_set_absent(&fact->fact);
	else if (!name)
		vfm_fact_set_unknown(&fact->fact, "the kernel says mode %u", mode);
	else
		vfm_fact_set_text(fact, name);
}

void vfm_devlink_fill_eswitch(struct vfm_pf_facts *pf, const struct vfm_devlink_eswitch *eswitch)
{
	fill_mode(&pf->eswitch_mode, eswitch->has_mode, eswitch->mode,
		  vfm_devlink_eswitch_mode_name(eswitch->mode));
	fill_mode(&pf->inline_mode, eswitch->has_inline_mode, eswitch->inline_mode,
		  vfm_devlink_inline_mode_name(eswitch->inline_mode));
	fill_mode(&pf->encap_mode, eswitch->has_encap_mode, eswitch->encap_mode,
		  vfm_devlink_encap_mode_name(eswitch->encap_mode));
}

/* ports */

/*
 * The kernel names an interface only where it is in the namespace of the device. One that was moved
 * away leaves its type behind; a port that never had one has none.
 */
static bool is_elsewhere(const struct vfm_devlink_port *port)
{
	return port && port->type == VFM_DEVLINK_PORT_TYPE_ETH && !port->ifindex &&
	       !(port->netdev && *port->netdev);
}

static void fill_netdev(struct vfm_netdev_facts *netdev, const struct vfm_devlink_port *port)
{
	if (is_elsewhere(port)) {
		vfm_fact_set_unknown(&netdev->name.fact, ELSEWHERE);
		vfm_fact_set_unknown(&netdev->ifindex.fact, ELSEWHERE);
		return;
	}
	vfm_fact_set_text(&netdev->name,
			  port && port->netdev && *port->netdev ? port->netdev : NULL);
	if (port && port->ifindex)
		vfm_fact_set_uint(&netdev->ifindex, port->ifindex);
	else
		vfm_fact_set_absent(&netdev->ifindex.fact);
}

static void fill_uplink(struct vfm_pf_facts *pf, const struct vfm_devlink_port *port)
{
	fill_netdev(&pf->uplink.netdev, port);
	if (!port)
		vfm_fact_set_unknown(&pf->link_type.fact, "the PF has no physical devlink port");
	else if (port->type == VFM_DEVLINK_PORT_TYPE_ETH || port->type == VFM_DEVLINK_PORT_TYPE_IB)
		vfm_fact_set_text(&pf->link_type, vfm_devlink_port_type_name(port->type));
	else
		vfm_fact_set_unknown(&pf->link_type.fact, "the devlink port has no type");
}

/* The capabilities of a VF's function, each with its fact. */
struct cap {
	uint32_t bit;
	struct vfm_fact_text *fact;
};
#define CAP_COUNT 4

static void list_caps(struct vfm_vf_facts *vf, struct cap caps[CAP_COUNT])
{
	caps[0] = (struct cap){VFM_DEVLINK_CAP_MIGRATABLE, &vf->migratable};
	caps[1] = (struct cap){VFM_DEVLINK_CAP_ROCE, &vf->roce};
	caps[2] = (struct cap){VFM_DEVLINK_CAP_IPSEC_CRYPTO, &vf->ipsec_crypto};
	caps[3] = (struct cap){VFM_DEVLINK_CAP_IPSEC_PACKET, &vf->ipsec_packet};
}

/* Drivers and kernels that cannot report a capability leave it out: that is not "disabled". */
static void fill_caps(struct vfm_vf_facts *vf, const struct vfm_devlink_function *function)
{
	struct cap caps[CAP_COUNT];

	list_caps(vf, caps);
	for (size_t i = 0; i < CAP_COUNT; i++)
		vfm_fact_set_text(caps[i].fact,
				  !(function->caps_selector & caps[i].bit) ? VFM_CAP_NOT_OFFERED
				  : function->caps_value & caps[i].bit     ? VFM_CAP_ENABLED
									   : VFM_CAP_DISABLED);
}

/* All zero: nobody gave the function an address. */
static void fill_hw_addr(struct vfm_vf_facts *vf, const struct vfm_devlink_function *function)
{
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
	uint8_t any = 0;

	for (size_t i = 0; i < function->hw_addr_size; i++) {
		any |= function->hw_addr[i];
		vfm_buffer_printf(&text, i ? ":%02x" : "%02x", function->hw_addr[i]);
	}
	if (function->hw_addr_size == 0)
		vfm_fact_set_unknown(&vf->hw_addr.fact, "the driver does not tell");
	else if (!any)
		vfm_fact_set_absent(&vf->hw_addr.fact);
	else if (text.failed)
		vfm_fact_set_unknown(&vf->hw_addr.fact, "out of memory");
	else
		vfm_fact_set_text(&vf->hw_addr, text.data);
}

static void fill_vf_port(struct vfm_vf_facts *vf, const struct vfm_devlink_port *port)
{
	vfm_fact_set_uint(&vf->port_index, port->index);
	fill_netdev(&vf->representor, port);
	fill_caps(vf, &port->function);
	fill_hw_addr(vf, &port->function);
	if (port->function.has_max_io_eqs)
		vfm_fact_set_uint(&vf->max_io_eqs, port->function.max_io_eqs);
	else
		vfm_fact_set_absent(&vf->max_io_eqs.fact);
}

/* What only the port of a VF tells: unknown for a reason. */
static void set_function_unknown(struct vfm_vf_facts *vf, const char *reason)
{
	struct cap caps[CAP_COUNT];

	list_caps(vf, caps);
	for (size_t i = 0; i < CAP_COUNT; i++)
		vfm_fact_set_unknown(&caps[i].fact->fact, "%s", reason);
	vfm_fact_set_unknown(&vf->hw_addr.fact, "%s", reason);
	vfm_fact_set_unknown(&vf->max_io_eqs.fact, "%s", reason);
}

/* No port and no representor are facts; the function has its settings nonetheless. */
static void fill_vf_without_port(struct vfm_vf_facts *vf, const char *reason)
{
	vfm_fact_set_absent(&vf->port_index.fact);
	fill_netdev(&vf->representor, NULL);
	set_function_unknown(vf, reason);
}

/* The PCI function number of a PF, which is its number in devlink ports. */
static int pf_number(const struct vfm_pf_facts *pf, uint16_t *ret_number)
{
	struct vfm_bdf bdf;

	if (!vfm_known(&pf->bdf.fact) || vfm_parse_bdf(pf->bdf.value, &bdf) < 0)
		return -EINVAL;
	*ret_number = bdf.function;
	return 0;
}

void vfm_devlink_fill_ports(struct vfm_pf_facts *pf, const struct vfm_devlink_ports *ports)
{
	bool legacy = vfm_fact_is_text(&pf->eswitch_mode, "legacy");
	uint16_t number = 0;
	bool numbered = pf_number(pf, &number) == 0;

	fill_uplink(pf, vfm_devlink_ports_physical(ports));
	vfm_list_each (struct vfm_vf_facts, vf, &pf->vfs) {
		const struct vfm_devlink_port *port = NULL;

		if (numbered && vfm_known(&vf->number.fact) && vf->number.value <= UINT16_MAX)
			port = vfm_devlink_ports_vf(ports, number, (uint16_t)vf->number.value);
		if (port)
			fill_vf_port(vf, port);
		else
			fill_vf_without_port(vf,
					     legacy ? NOT_IN_LEGACY : "the VF has no devlink port");
	}
}

/* reading */

static void set_info_unknown(struct vfm_pf_facts *pf, const char *reason)
{
	vfm_fact_set_unknown(&pf->psid.fact, "%s", reason);
	vfm_fact_set_unknown(&pf->firmware_running.fact, "%s", reason);
	vfm_fact_set_unknown(&pf->firmware_stored.fact, "%s", reason);
	vfm_fact_set_unknown(&pf->serial.fact, "%s", reason);
}

static void set_eswitch_unknown(struct vfm_pf_facts *pf, const char *reason)
{
	vfm_fact_set_unknown(&pf->eswitch_mode.fact, "%s", reason);
	vfm_fact_set_unknown(&pf->inline_mode.fact, "%s", reason);
	vfm_fact_set_unknown(&pf->encap_mode.fact, "%s", reason);
}

static void set_ports_unknown(struct vfm_pf_facts *pf, const char *reason)
{
	vfm_fact_set_unknown(&pf->link_type.fact, "%s", reason);
	vfm_fact_set_unknown(&pf->uplink.netdev.name.fact, "%s", reason);
	vfm_fact_set_unknown(&pf->uplink.netdev.ifindex.fact, "%s", reason);
	vfm_list_each (struct vfm_vf_facts, vf, &pf->vfs) {
		vfm_fact_set_unknown(&vf->port_index.fact, "%s", reason);
		vfm_fact_set_unknown(&vf->representor.name.fact, "%s", reason);
		vfm_fact_set_unknown(&vf->representor.ifindex.fact, "%s", reason);
		set_function_unknown(vf, reason);
	}
}

static void set_unknown(struct vfm_pf_facts *pf, const char *reason)
{
	set_info_unknown(pf, reason);
	set_eswitch_unknown(pf, reason);
	set_ports_unknown(pf, reason);
}

/*
 * Why a request failed. EPERM to root is not about rights: the eswitch belongs to another
 * function, or the container lacks them; the kernel's words stand then.
 */
static const char *reason_of(int error, const struct vfm_error *err)
{
	if (error == -EPERM && geteuid() != 0)
		return "needs CAP_NET_ADMIN";
	if (error == -ENODEV)
		return "no devlink device of the PF in this network namespace: is it bound to its "
		       "driver?";
	return err->what ? err->what : strerrordesc_np(-error);
}

static void read_info(struct vfm_devlink *devlink, const char *handle, struct vfm_pf_facts *pf)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_DEVLINK_INFO struct vfm_devlink_info info = {.handle = NULL};
	int r;

	r = vfm_devlink_info_get(devlink, handle, &info, &err);
	if (r < 0)
		set_info_unknown(pf, reason_of(r, &err));
	else
		vfm_devlink_fill_info(pf, &info);
}

static void read_eswitch(struct vfm_devlink *devlink, const char *handle, struct vfm_pf_facts *pf)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_DEVLINK_ESWITCH struct vfm_devlink_eswitch eswitch = {.handle = NULL};
	int r;

	r = vfm_devlink_eswitch_get(devlink, handle, &eswitch, &err);
	if (r < 0)
		set_eswitch_unknown(pf, reason_of(r, &err));
	else
		vfm_devlink_fill_eswitch(pf, &eswitch);
}

static void read_ports(struct vfm_devlink *devlink, const char *handle, struct vfm_pf_facts *pf)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_DEVLINK_PORTS struct vfm_devlink_ports ports = {.count = 0};
	int r;

	r = vfm_devlink_port_list(devlink, handle, &ports, &err);
	if (r < 0)
		set_ports_unknown(pf, reason_of(r, &err));
	else
		vfm_devlink_fill_ports(pf, &ports);
}

static void read_pf(struct vfm_devlink *devlink, struct vfm_pf_facts *pf)
{
	VFM_AUTO_FREE char *handle = NULL;

	if (!vfm_known(&pf->bdf.fact)) {
		set_unknown(pf, "the PF's address is not known");
		return;
	}
	handle = vfm_text_printf("pci/%s", pf->bdf.value);
	if (!handle) {
		set_unknown(pf, "out of memory");
		return;
	}
	read_info(devlink, handle, pf);
	read_eswitch(devlink, handle, pf);
	read_ports(devlink, handle, pf);
}

void vfm_read_devlink(const struct vfm_read_options *options, struct vfm_facts *facts)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_DEVLINK struct vfm_devlink *devlink = NULL;
	int r;

	if (!vfm_known(&facts->pfs.fact) || facts->pfs.count == 0)
		return;
	r = vfm_devlink_open(options->deadline_ms, &devlink, &err);
	vfm_list_each (struct vfm_pf_facts, pf, &facts->pfs) {
		if (r < 0)
			set_unknown(pf, reason_of(r, &err));
		else
			read_pf(devlink, pf);
	}
}
