/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside of the stand-in PF driver: its objects and what its files ask of each other.
 *
 * Files, in the one direction of calls:
 *   pf_main.c      module, probe and remove
 *   pf_sriov.c     VFs come and go, MSI-X shares
 *   pf_devlink.c   the devlink instance: identity, eswitch mode
 *   pf_vfdrv.c     the driver of VFs left to mlx5_core
 *   pf_vfstate.c   what the VFIO variant driver asks (lab_vf.h)
 *   pf_eswitch.c   uplink and VF ports with their representors
 *   pf_port.c      port function attributes
 *   pf_netdev.c    netdevs of uplink and representors
 *   pf_ipsec.c     IPsec that the uplink does for the kernel
 *   pf_cable.c     frames between netdevs, the emulated NIC and the cable
 *   pf_mailbox.c   the PF's end of the 82576 mailbox
 *   pf_igb.c       registers of the emulated 82576
 *   pf_knobs.c     module parameters
 */
#ifndef PF_H
#define PF_H

#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/workqueue.h>
#include <net/devlink.h>

#include "lab_vf.h"
#include "pf_knobs.h"

#define CX7_NAME    "mlx5_core"
#define CX7_MAX_VFS 7 /* pools of the 82576, less the one that must stay open (pf_igb.c) */
#define CX7_UPLINK  0xffff

#define CX7_VENDOR    0x15b3
#define CX7_PF_DEVICE 0x1021
#define CX7_VF_DEVICE 0x101e

struct cx7_pf;

enum cx7_cap {
	CX7_CAP_ROCE,
	CX7_CAP_MIGRATABLE,
	CX7_CAP_IPSEC_CRYPTO,
	CX7_CAP_IPSEC_PACKET,
	CX7_CAP_MAX,
};

/* What the firmware keeps of a function: it outlives representors and eswitch modes. */
struct cx7_fn {
	u8 mac[ETH_ALEN];
	bool cap[CX7_CAP_MAX];
	u32 max_io_eqs;
	int msix;
	bool trust, spoofchk;
	u16 vlan;
	u8 qos;
};

struct cx7_vport {
	struct cx7_pf *pf;
	u16 num; /* CX7_UPLINK, or VF number + 1 */
	bool registered;
	struct devlink_port dl_port;
	struct net_device *netdev;     /* uplink or representor; NULL while there is none */
	struct net_device __rcu *peer; /* the VF's own netdev while mlx5_core drives the VF */
	struct cx7_fn fn;
	bool running; /* the 82576 lets this VF send and receive */
};

struct cx7_pf {
	struct pci_dev *pdev;
	unsigned int index; /* which value of a per-PF knob is this one's */
	bool infiniband;
	u16 pfnum, vhca_id;
	u16 vfs;
	u16 mode;
	enum devlink_eswitch_encap_mode encap;
	atomic_t flows; /* tc rules offloaded to any of its netdevs */
	atomic_t ipsec; /* IPsec states and policies offloaded to the uplink */
	u8 switch_id[8];
	u16 real_vendor, real_device;
	bool registered;

	void __iomem *bar;
	struct mutex hw; /* serialises register sequences */
	struct delayed_work mailbox;
	unsigned int mailbox_ticks;
	struct net_device *port; /* other end of the igb's wire */
	struct net_device *wire; /* the uplink's cable */

	struct cx7_vport uplink;
	struct cx7_vport vf[CX7_MAX_VFS];
};

static inline int cx7_vf_number(const struct cx7_vport *vport)
{
	return vport->num - 1;
}

static inline bool cx7_is_uplink(const struct cx7_vport *vport)
{
	return vport->num == CX7_UPLINK;
}

/* pf_main.c */
extern struct pci_driver cx7_driver;

/* The vport of a VF, or NULL when its PF is not driven by this module. */
struct cx7_vport *cx7_vf_vport(struct pci_dev *vf);

/* pf_sriov.c */
int cx7_sriov_configure(struct pci_dev *pdev, int vfs);
u32 cx7_sriov_total_msix(struct pci_dev *pdev);
int cx7_sriov_set_msix(struct pci_dev *vf, int vectors);
void cx7_sriov_init(struct cx7_pf *pf);
bool cx7_vf_is_bound(struct cx7_vport *vport);

/* pf_devlink.c */
extern const struct devlink_ops cx7_devlink_ops;

/* pf_eswitch.c; callers hold the devlink instance lock */
int cx7_uplink_up(struct cx7_pf *pf);
void cx7_uplink_down(struct cx7_pf *pf);
int cx7_representors_up(struct cx7_pf *pf);
void cx7_representors_down(struct cx7_pf *pf);
int cx7_eswitch_set(struct cx7_pf *pf, u16 mode);

/* pf_port.c */
extern const struct devlink_port_ops cx7_vf_port_ops;
extern const struct devlink_port_ops cx7_plain_port_ops;
void cx7_fn_reset(struct cx7_pf *pf, struct cx7_fn *fn);

/* pf_netdev.c */
int cx7_netdev_create(struct cx7_vport *vport);
void cx7_netdev_destroy(struct cx7_vport *vport);
int cx7_netdev_open(struct net_device *netdev);
int cx7_netdev_stop(struct net_device *netdev);
void cx7_netdev_common(struct net_device *netdev);
void cx7_drvinfo(struct cx7_pf *pf, struct pci_dev *pdev, const char *driver,
		 struct ethtool_drvinfo *info);
struct cx7_vport *cx7_netdev_vport(struct net_device *netdev);

/* pf_ipsec.c */
void cx7_ipsec_offer(struct net_device *netdev);

/* pf_cable.c */
netdev_tx_t cx7_cable_xmit(struct sk_buff *skb, struct net_device *netdev);
netdev_tx_t cx7_cable_cross(struct sk_buff *skb, struct net_device *from, struct net_device *to);
void cx7_cable_plug(struct cx7_pf *pf);
void cx7_cable_unplug(struct cx7_pf *pf);

/* pf_vfdrv.c */
int cx7_vfdrv_probe(struct pci_dev *pdev);
void cx7_vfdrv_remove(struct pci_dev *pdev);

/* pf_mailbox.c */
void cx7_mailbox_start(struct cx7_pf *pf);
void cx7_mailbox_init(struct cx7_pf *pf);
void cx7_mailbox_stop(struct cx7_pf *pf);

/* pf_igb.c; all but cx7_igb_read_mac() and cx7_igb_set_mac() under pf->hw */
u32 cx7_rd(struct cx7_pf *pf, u32 reg);
void cx7_wr(struct cx7_pf *pf, u32 reg, u32 value);
u16 cx7_igb_vlan(int vf);
void cx7_igb_init(struct cx7_pf *pf);
void cx7_igb_quiesce(struct cx7_pf *pf);
void cx7_igb_read_mac(struct cx7_pf *pf, u8 *mac);
void cx7_igb_write_mac(struct cx7_vport *vport);
void cx7_igb_enable(struct cx7_vport *vport, bool on);

#endif
