// SPDX-License-Identifier: GPL-2.0
/*
 * Netdevs of the uplink and of VF representors: what ip, ethtool and tc see.  Names come
 * from udev by way of phys_port_name, which devlink core makes out of the port.
 *
 * tc flower rules are taken as offloaded and counted, and have no effect here: packets go
 * the kernel's way, where the same rules run in software.
 */
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <net/flow_offload.h>
#include <net/pkt_cls.h>

#include "pf.h"

#define CX7_MAX_MTU 9978

/* A netdev's private part is one pointer. */
struct cx7_vport *cx7_netdev_vport(struct net_device *netdev)
{
	return *(struct cx7_vport **)netdev_priv(netdev);
}

int cx7_netdev_open(struct net_device *netdev)
{
	netif_carrier_on(netdev);
	netif_start_queue(netdev);
	return 0;
}

int cx7_netdev_stop(struct net_device *netdev)
{
	netif_stop_queue(netdev);
	netif_carrier_off(netdev);
	return 0;
}

/* ---- tc ------------------------------------------------------------------ */

static LIST_HEAD(block_cbs); /* kept by the flow_block helpers */

static int flower(enum tc_setup_type type, void *type_data, void *cb_priv)
{
	struct net_device *netdev = cb_priv;
	struct cx7_pf *pf = cx7_netdev_vport(netdev)->pf;
	struct flow_cls_offload *rule = type_data;

	if (type != TC_SETUP_CLSFLOWER || !(netdev->features & NETIF_F_HW_TC))
		return -EOPNOTSUPP;
	switch (rule->command) {
	case FLOW_CLS_REPLACE:
		atomic_inc(&pf->flows);
		return 0;
	case FLOW_CLS_DESTROY:
		atomic_dec(&pf->flows);
		return 0;
	case FLOW_CLS_STATS:
		flow_stats_update(&rule->stats, 0, 0, 0, jiffies, FLOW_ACTION_HW_STATS_DELAYED);
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

static int setup_tc(struct net_device *netdev, enum tc_setup_type type, void *type_data)
{
	if (type != TC_SETUP_BLOCK)
		return -EOPNOTSUPP;
	return flow_block_cb_setup_simple(type_data, &block_cbs, flower, netdev, netdev, true);
}

/* ---- "ip link set UPLINK vf N …": libvirt's way to a VF's attributes ------- */

static struct cx7_vport *vf_of(struct net_device *netdev, int vf)
{
	struct cx7_pf *pf = cx7_netdev_vport(netdev)->pf;

	return vf >= 0 && vf < pf->vfs ? &pf->vf[vf] : NULL;
}

static int set_vf_mac(struct net_device *netdev, int vf, u8 *mac)
{
	struct cx7_vport *vport = vf_of(netdev, vf);

	if (!vport || is_multicast_ether_addr(mac))
		return -EINVAL;
	ether_addr_copy(vport->fn.mac, mac);
	return 0;
}

/* In switchdev mode only "no VLAN" is accepted, which is what libvirt asks for. */
static int set_vf_vlan(struct net_device *netdev, int vf, u16 vlan, u8 qos, __be16 proto)
{
	struct cx7_vport *vport = vf_of(netdev, vf);

	if (!vport)
		return -EINVAL;
	if (proto != htons(ETH_P_8021Q))
		return -EPROTONOSUPPORT;
	if (vport->pf->mode != DEVLINK_ESWITCH_MODE_LEGACY)
		return vlan ? -EOPNOTSUPP : 0;
	vport->fn.vlan = vlan;
	vport->fn.qos = qos;
	return 0;
}

static int set_vf_spoofchk(struct net_device *netdev, int vf, bool on)
{
	struct cx7_vport *vport = vf_of(netdev, vf);

	if (!vport)
		return -EINVAL;
	vport->fn.spoofchk = on;
	return 0;
}

static int set_vf_trust(struct net_device *netdev, int vf, bool on)
{
	struct cx7_vport *vport = vf_of(netdev, vf);

	if (!vport)
		return -EINVAL;
	vport->fn.trust = on;
	return 0;
}

static int get_vf_config(struct net_device *netdev, int vf, struct ifla_vf_info *info)
{
	struct cx7_vport *vport = vf_of(netdev, vf);

	if (!vport)
		return -EINVAL;
	*info = (struct ifla_vf_info){
		.vf = vf,
		.vlan = vport->fn.vlan,
		.qos = vport->fn.qos,
		.vlan_proto = htons(ETH_P_8021Q),
		.spoofchk = vport->fn.spoofchk,
		.trusted = vport->fn.trust,
	};
	ether_addr_copy(info->mac, vport->fn.mac);
	return 0;
}

/* ---- what a port of the eswitch can be kept from by a knob ---------------- */

static int begin(struct net_device *netdev, enum cx7_op op)
{
	return cx7_op_begin(cx7_netdev_vport(netdev)->pf->index, op, NULL);
}

static int port_open(struct net_device *netdev)
{
	int err = begin(netdev, CX7_OP_NETDEV_UP);

	return err ?: cx7_netdev_open(netdev);
}

static int port_change_mtu(struct net_device *netdev, int mtu)
{
	int err = begin(netdev, CX7_OP_MTU);

	if (!err)
		WRITE_ONCE(netdev->mtu, mtu);
	return err;
}

static int port_set_features(struct net_device *netdev, netdev_features_t features)
{
	return begin(netdev, CX7_OP_FEATURES);
}

static const struct net_device_ops uplink_ops = {
	.ndo_open = port_open,
	.ndo_stop = cx7_netdev_stop,
	.ndo_change_mtu = port_change_mtu,
	.ndo_set_features = port_set_features,
	.ndo_start_xmit = cx7_cable_xmit,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_setup_tc = setup_tc,
	.ndo_set_vf_mac = set_vf_mac,
	.ndo_set_vf_vlan = set_vf_vlan,
	.ndo_set_vf_spoofchk = set_vf_spoofchk,
	.ndo_set_vf_trust = set_vf_trust,
	.ndo_get_vf_config = get_vf_config,
};

static const struct net_device_ops representor_ops = {
	.ndo_open = port_open,
	.ndo_stop = cx7_netdev_stop,
	.ndo_change_mtu = port_change_mtu,
	.ndo_set_features = port_set_features,
	.ndo_start_xmit = cx7_cable_xmit,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_setup_tc = setup_tc,
};

/* ---- ethtool ------------------------------------------------------------- */

void cx7_drvinfo(struct cx7_pf *pf, struct pci_dev *pdev, const char *driver,
		 struct ethtool_drvinfo *info)
{
	char fw[CX7_TEXT_LEN], psid[CX7_TEXT_LEN];

	strscpy(info->driver, driver, sizeof(info->driver));
	snprintf(info->fw_version, sizeof(info->fw_version), "%.15s (%.14s)",
		 cx7_knob_text(&cx7_fw_running, pf->index, fw),
		 cx7_knob_text(&cx7_psid, pf->index, psid));
	strscpy(info->bus_info, pci_name(pdev), sizeof(info->bus_info));
}

static void get_drvinfo(struct net_device *netdev, struct ethtool_drvinfo *info)
{
	struct cx7_vport *vport = cx7_netdev_vport(netdev);

	cx7_drvinfo(vport->pf, vport->pf->pdev, cx7_is_uplink(vport) ? CX7_NAME : "mlx5e_rep",
		    info);
}

static const struct ethtool_ops ethtool_ops = {
	.get_drvinfo = get_drvinfo,
	.get_link = ethtool_op_get_link,
};

/* ---- life ---------------------------------------------------------------- */

void cx7_netdev_common(struct net_device *netdev)
{
	netdev->pcpu_stat_type = NETDEV_PCPU_STAT_TSTATS;
	netdev->max_mtu = CX7_MAX_MTU;
	netif_carrier_off(netdev);
}

int cx7_netdev_create(struct cx7_vport *vport)
{
	struct net_device *netdev = alloc_etherdev(sizeof(vport));
	int err;

	if (!netdev)
		return -ENOMEM;
	*(struct cx7_vport **)netdev_priv(netdev) = vport;
	cx7_netdev_common(netdev);
	netdev->netdev_ops = cx7_is_uplink(vport) ? &uplink_ops : &representor_ops;
	netdev->ethtool_ops = &ethtool_ops;
	netdev->hw_features = NETIF_F_HW_TC;
	/* the uplink's is switched on with the mode, or by hand */
	netdev->features = cx7_is_uplink(vport) ? 0 : NETIF_F_HW_TC;
	SET_NETDEV_DEV(netdev, &vport->pf->pdev->dev);
	SET_NETDEV_DEVLINK_PORT(netdev, &vport->dl_port);
	if (cx7_is_uplink(vport)) {
		cx7_ipsec_offer(netdev);
		eth_hw_addr_set(netdev, vport->fn.mac);
	} else {
		eth_hw_addr_random(netdev);
	}
	err = register_netdev(netdev);
	if (err) {
		free_netdev(netdev);
		return err;
	}
	WRITE_ONCE(vport->netdev, netdev);
	return 0;
}

void cx7_netdev_destroy(struct cx7_vport *vport)
{
	struct net_device *netdev = vport->netdev;

	if (!netdev)
		return;
	WRITE_ONCE(vport->netdev, NULL);
	synchronize_net(); /* frames on their way to it have gone */
	unregister_netdev(netdev);
	free_netdev(netdev);
}
