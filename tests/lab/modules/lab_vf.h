/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the stand-in VFIO variant driver (mlx5_vfio_pci) may ask of the stand-in
 * PF driver (mlx5_core) about one virtual function.  On the card these are
 * firmware commands sent through the PF; here they are plain calls, and the
 * symbols tie the two modules together: neither loads beside a production one.
 *
 * All calls sleep, take the VF's pci_dev and return 0 or a negative errno.
 */
#ifndef LAB_VF_H
#define LAB_VF_H

#include <linux/pci.h>
#include <linux/types.h>

#define CX7_PSID_LEN 16

/* Identity of the function behind a VF, as it goes into a migration stream. */
struct cx7_vf_info {
	u16 vf_id;
	bool migratable; /* the port function attribute, and the firmware offers it */
	u8 hw_addr[6];
	char psid[CX7_PSID_LEN];
	u32 fw[3]; /* major, minor, subminor of the running firmware */
};

#define CX7_QUEUES   2 /* queue pairs of an 82576 VF */
#define CX7_RX_REGS  8
#define CX7_TX_REGS  9
#define CX7_IRQ_REGS 6
#define CX7_EITRS    3 /* one throttle register a vector */
#define CX7_MBX_LEN  16

#define CX7_VF_ENABLED 1 /* flags: the PF let this VF send and receive */

/*
 * Everything of a running VF that its guest could tell apart, little endian: this is
 * the device state of a migration.  Order within rx, tx and irq is the order in which
 * the registers are written back; pf_vfstate.c has the offsets.
 */
struct cx7_vf_regs {
	__le32 rx[CX7_QUEUES][CX7_RX_REGS];
	__le32 tx[CX7_QUEUES][CX7_TX_REGS];
	__le32 irq[CX7_IRQ_REGS];
	__le32 eitr[CX7_EITRS];
	__le32 mbx[CX7_MBX_LEN];
	__le32 flags;
	u8 mac[6];
	__le16 reserved;
} __packed;

/* One descriptor ring as the function sees it now; buf_bytes is 0 while it is disabled. */
struct cx7_ring {
	u64 base;
	u32 bytes, head, tail, buf_bytes;
};

int cx7_vf_query(struct pci_dev *vf, struct cx7_vf_info *info);

/* Stop a VF's DMA and read its state. */
int cx7_vf_stop(struct pci_dev *vf, struct cx7_vf_regs *regs);

/* Write a state to a stopped VF; it stays stopped. */
int cx7_vf_load(struct pci_dev *vf, const struct cx7_vf_regs *regs);

/* Let a VF go on from the state it was stopped or loaded with. */
int cx7_vf_run(struct pci_dev *vf, const struct cx7_vf_regs *regs);

int cx7_vf_ring(struct pci_dev *vf, int queue, bool tx, struct cx7_ring *ring);

#endif
