// SPDX-License-Identifier: GPL-2.0
/*
 * The eswitch: in legacy mode there is the uplink alone; in switchdev mode each VF has a
 * devlink port and a representor.  A change of mode makes the representors anew (their
 * ifindex changes and a bridge loses them).  It leaves the uplink's netdev, which as in the
 * production driver gets another profile, the VFs on the PCI bus, and what the firmware
 * knows of each function.
 *
 * Everything here runs under the lock of the PF's devlink instance.
 */
#include <linux/rtnetlink.h>

#include "pf.h"

static u32 port_index(const struct cx7_vport *vport)
{
	return (u32)vport->pf->vhca_id << 16 | vport->num;
}

static void set_switch_id(struct cx7_pf *pf, struct devlink_port_attrs *attrs)
{
	attrs->switch_id.id_len = sizeof(pf->switch_id);
	memcpy(attrs->switch_id.id, pf->switch_id, sizeof(pf->switch_id));
}

/* dl_port's attributes are set; on failure the caller takes the vport down. */
static int vport_up(struct cx7_vport *vport, const struct devlink_port_ops *ops)
{
	struct cx7_pf *pf = vport->pf;
	int err = devl_port_register_with_ops(priv_to_devlink(pf), &vport->dl_port,
					      port_index(vport), ops);

	if (err)
		return err;
	vport->registered = true;
	if (cx7_is_uplink(vport) && pf->infiniband) {
		devlink_port_type_ib_set(&vport->dl_port, NULL);
		return 0;
	}
	return cx7_netdev_create(vport);
}

static void vport_down(struct cx7_vport *vport)
{
	cx7_netdev_destroy(vport);
	if (vport->dl_port.type == DEVLINK_PORT_TYPE_IB)
		devlink_port_type_clear(&vport->dl_port);
	if (vport->registered)
		devl_port_unregister(&vport->dl_port);
	vport->registered = false;
}

int cx7_uplink_up(struct cx7_pf *pf)
{
	struct cx7_vport *vport = &pf->uplink;
	struct devlink_port_attrs attrs = {
		.flavour = DEVLINK_PORT_FLAVOUR_PHYSICAL,
		.phys.port_number = pf->pfnum,
	};

	if (pf->mode == DEVLINK_ESWITCH_MODE_SWITCHDEV)
		set_switch_id(pf, &attrs);
	memset(&vport->dl_port, 0, sizeof(vport->dl_port));
	devlink_port_attrs_set(&vport->dl_port, &attrs);
	return vport_up(vport, &cx7_plain_port_ops);
}

void cx7_uplink_down(struct cx7_pf *pf)
{
	vport_down(&pf->uplink);
}

static int representor_up(struct cx7_vport *vport)
{
	struct cx7_pf *pf = vport->pf;

	memset(&vport->dl_port, 0, sizeof(vport->dl_port));
	/* The id first: the call below decides by it whether this is a switch's port. */
	set_switch_id(pf, &vport->dl_port.attrs);
	devlink_port_attrs_pci_vf_set(&vport->dl_port, 0, pf->pfnum, cx7_vf_number(vport), false);
	return vport_up(vport, &cx7_vf_port_ops);
}

int cx7_representors_up(struct cx7_pf *pf)
{
	int err = 0;

	if (pf->mode != DEVLINK_ESWITCH_MODE_SWITCHDEV)
		return 0;
	for (int vf = 0; vf < pf->vfs && !err; vf++)
		err = representor_up(&pf->vf[vf]);
	return err;
}

void cx7_representors_down(struct cx7_pf *pf)
{
	for (int vf = CX7_MAX_VFS - 1; vf >= 0; vf--)
		vport_down(&pf->vf[vf]);
}

/*
 * The uplink stays registered, with its index, addresses and masters, and becomes a port of
 * the switch or ceases to be one.  Switchdev mode wants hw-tc-offload, and nothing ever ceases
 * to want it.
 */
static void uplink_turn(struct cx7_pf *pf)
{
	struct devlink_port *port = &pf->uplink.dl_port;
	struct net_device *netdev = pf->uplink.netdev;
	bool switchdev = pf->mode == DEVLINK_ESWITCH_MODE_SWITCHDEV;

	rtnl_lock();
	memset(&port->attrs.switch_id, 0, sizeof(port->attrs.switch_id));
	if (switchdev)
		set_switch_id(pf, &port->attrs);
	port->switch_port = switchdev;
	if (netdev && switchdev) {
		netdev->wanted_features |= NETIF_F_HW_TC;
		netdev_change_features(netdev);
	}
	rtnl_unlock();
}

static int rebuild(struct cx7_pf *pf, u16 mode)
{
	cx7_representors_down(pf);
	pf->mode = mode;
	uplink_turn(pf);
	return cx7_representors_up(pf);
}

int cx7_eswitch_set(struct cx7_pf *pf, u16 mode)
{
	u16 old = pf->mode;
	int err = rebuild(pf, mode);

	if (err && rebuild(pf, old))
		pci_err(pf->pdev, "eswitch: neither the new mode nor the old one came up\n");
	return err;
}
