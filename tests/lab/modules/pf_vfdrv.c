// SPDX-License-Identifier: GPL-2.0
/*
 * The driver of VFs that are left, or given back, to mlx5_core: a devlink instance that
 * knows only its driver's name, a port of flavour virtual and a netdev that is joined to
 * the VF's representor.
 */
#include <linux/ethtool.h>

#include "pf.h"

struct vfdrv {
	struct pci_dev *pdev;
	struct cx7_vport *vport;
	struct net_device *netdev; /* NULL on InfiniBand */
	struct devlink_port dl_port;
	bool registered;
};

static struct vfdrv *netdev_vfdrv(struct net_device *netdev)
{
	return *(struct vfdrv **)netdev_priv(netdev);
}

static netdev_tx_t xmit(struct sk_buff *skb, struct net_device *netdev)
{
	return cx7_cable_cross(skb, netdev, READ_ONCE(netdev_vfdrv(netdev)->vport->netdev));
}

static const struct net_device_ops vf_netdev_ops = {
	.ndo_open = cx7_netdev_open,
	.ndo_stop = cx7_netdev_stop,
	.ndo_start_xmit = xmit,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

static void get_drvinfo(struct net_device *netdev, struct ethtool_drvinfo *info)
{
	struct vfdrv *drv = netdev_vfdrv(netdev);

	cx7_drvinfo(drv->vport->pf, drv->pdev, CX7_NAME, info);
}

static const struct ethtool_ops vf_ethtool_ops = {
	.get_drvinfo = get_drvinfo,
	.get_link = ethtool_op_get_link,
};

static const struct devlink_ops vf_devlink_ops = {};

/* Upper half of the index is the VF's own vhca id. */
static u32 port_index(const struct vfdrv *drv)
{
	return (u32)(drv->vport->pf->vhca_id + drv->vport->num) << 16 | CX7_UPLINK;
}

static int port_up(struct vfdrv *drv)
{
	struct devlink *devlink = priv_to_devlink(drv);
	struct devlink_port_attrs attrs = {.flavour = DEVLINK_PORT_FLAVOUR_VIRTUAL};
	int err;

	devl_lock(devlink);
	devl_register(devlink);
	devlink_port_attrs_set(&drv->dl_port, &attrs);
	err = devl_port_register_with_ops(devlink, &drv->dl_port, port_index(drv),
					  &cx7_plain_port_ops);
	drv->registered = !err;
	devl_unlock(devlink);
	return err;
}

static int netdev_up(struct vfdrv *drv)
{
	struct net_device *netdev;
	int err;

	if (drv->vport->pf->infiniband)
		return 0;
	netdev = alloc_etherdev(sizeof(drv));
	if (!netdev)
		return -ENOMEM;
	*(struct vfdrv **)netdev_priv(netdev) = drv;
	cx7_netdev_common(netdev);
	netdev->netdev_ops = &vf_netdev_ops;
	netdev->ethtool_ops = &vf_ethtool_ops;
	SET_NETDEV_DEV(netdev, &drv->pdev->dev);
	SET_NETDEV_DEVLINK_PORT(netdev, &drv->dl_port);
	if (is_valid_ether_addr(drv->vport->fn.mac))
		eth_hw_addr_set(netdev, drv->vport->fn.mac);
	else
		eth_hw_addr_random(netdev);
	err = register_netdev(netdev);
	if (err) {
		free_netdev(netdev);
		return err;
	}
	drv->netdev = netdev;
	rcu_assign_pointer(drv->vport->peer, netdev);
	return 0;
}

static void teardown(struct vfdrv *drv)
{
	struct devlink *devlink = priv_to_devlink(drv);

	if (drv->netdev) {
		RCU_INIT_POINTER(drv->vport->peer, NULL);
		synchronize_net();
		unregister_netdev(drv->netdev);
		free_netdev(drv->netdev);
	}
	devl_lock(devlink);
	if (drv->registered)
		devl_port_unregister(&drv->dl_port);
	devl_unregister(devlink);
	devl_unlock(devlink);
	devlink_free(devlink);
}

int cx7_vfdrv_probe(struct pci_dev *pdev)
{
	struct cx7_vport *vport = cx7_vf_vport(pdev);
	struct devlink *devlink;
	struct vfdrv *drv;
	int err;

	if (!vport)
		return -ENODEV;
	devlink = devlink_alloc(&vf_devlink_ops, sizeof(*drv), &pdev->dev);
	if (!devlink)
		return -ENOMEM;
	drv = devlink_priv(devlink);
	drv->pdev = pdev;
	drv->vport = vport;
	pci_set_drvdata(pdev, drv);
	err = port_up(drv);
	err = err ?: netdev_up(drv);
	if (err)
		teardown(drv);
	return err;
}

void cx7_vfdrv_remove(struct pci_dev *pdev)
{
	teardown(pci_get_drvdata(pdev));
}
