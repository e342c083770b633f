// SPDX-License-Identifier: GPL-2.0
/*
 * Data path of the emulated 82576: makes it carry each VF's frames to its wire under a
 * VLAN of the VF's own, and back.  Knows registers only; what the frames mean is
 * pf_cable.c's, what VFs ask is pf_mailbox.c's.
 *
 * The tag is put on and taken off by the NIC, so neither VF nor representor sees it,
 * and there is no short cut from VF to VF: all goes round the representors, as in
 * switchdev mode on the card.
 */
#include <linux/io.h>
#include <linux/unaligned.h>

#include "igb_regs.h"
#include "pf.h"

#define SPARE_POOL CX7_MAX_VFS

u32 cx7_rd(struct cx7_pf *pf, u32 reg)
{
	return ioread32(pf->bar + reg);
}

void cx7_wr(struct cx7_pf *pf, u32 reg, u32 value)
{
	iowrite32(value, pf->bar + reg);
}

u16 cx7_igb_vlan(int vf)
{
	return 0xf00 + vf;
}

/* What is the same for every pool. */
static void init_port(struct cx7_pf *pf)
{
	cx7_wr(pf, R_CTRL, cx7_rd(pf, R_CTRL) | CTRL_SLU);
	cx7_wr(pf, R_MDIC, MDIC_LINK_UP); /* link is there half a second later */
	cx7_wr(pf, R_MRQC, MRQC_VMDQ);
	cx7_wr(pf, R_GPIE, GPIE_MSIX);
	cx7_wr(pf, R_VT_CTL, VT_CTL_NOPOOL | VT_CTL_REPL);
	cx7_wr(pf, R_DTXSWC, 0);
	cx7_wr(pf, R_VFRE, 0);
	cx7_wr(pf, R_VFTE, 0);
	for (int i = 0; i < MTA_WORDS; i++)
		cx7_wr(pf, R_MTA + 4 * i, ~0u);
	cx7_wr(pf, R_RPLOLR, RPLOLR_STRIP);
}

static void init_pool(struct cx7_pf *pf, int vf)
{
	u32 vlan = cx7_igb_vlan(vf);
	u32 filter = R_VFTA + 4 * (vlan >> 5);

	cx7_wr(pf, filter, cx7_rd(pf, filter) | 1u << (vlan & 31));
	cx7_wr(pf, R_VLVF(vf), VLVF_VALID | VLVF_POOL(vf) | vlan);
	cx7_wr(pf, R_VMVIR(vf), VMVIR_ALWAYS | vlan);
	cx7_wr(pf, R_VMOLR(vf), VMOLR_PORT);
}

/*
 * One receive ring of a pool that VFRE keeps shut.  Without any open ring that has room
 * the emulation queues frames, and hands a VF that is opened later stale ones.
 */
static void init_spare_ring(struct cx7_pf *pf)
{
	u32 ring = R_RX(SPARE_POOL);

	cx7_wr(pf, ring + Q_BAL, 0x1000); /* never written to */
	cx7_wr(pf, ring + Q_BAH, 0);
	cx7_wr(pf, ring + Q_LEN, 128);
	cx7_wr(pf, ring + Q_SRRCTL, SRRCTL_ONE_BUF);
	cx7_wr(pf, ring + Q_HEAD, 0);
	cx7_wr(pf, ring + Q_DCTL, DCTL_ENABLE);
	cx7_wr(pf, ring + Q_TAIL, 7);
}

void cx7_igb_init(struct cx7_pf *pf)
{
	init_port(pf);
	for (int vf = 0; vf < CX7_MAX_VFS; vf++)
		init_pool(pf, vf);
	init_spare_ring(pf);
	cx7_wr(pf, R_TCTL, cx7_rd(pf, R_TCTL) | TCTL_EN);
	cx7_wr(pf, R_RCTL, RCTL_ON);
	cx7_wr(pf, R_CTRL_EXT, cx7_rd(pf, R_CTRL_EXT) | CTRL_EXT_PFRSTD);
}

void cx7_igb_quiesce(struct cx7_pf *pf)
{
	cx7_wr(pf, R_VFRE, 0);
	cx7_wr(pf, R_VFTE, 0);
	cx7_wr(pf, R_RCTL, 0);
}

/* The first receive address holds the MAC the emulated NIC was started with. */
void cx7_igb_read_mac(struct cx7_pf *pf, u8 *mac)
{
	put_unaligned_le32(cx7_rd(pf, R_RAL(0)), mac);
	put_unaligned_le16(cx7_rd(pf, R_RAH(0)), mac + 4);
	if (!is_valid_ether_addr(mac))
		eth_random_addr(mac);
}

/* Give a VF's pool the MAC its function has; a function without one gets no unicast. */
void cx7_igb_write_mac(struct cx7_vport *vport)
{
	int vf = cx7_vf_number(vport);
	u32 high = get_unaligned_le16(vport->fn.mac + 4) | RAH_POOL(vf);

	if (is_valid_ether_addr(vport->fn.mac))
		high |= RAH_VALID;
	cx7_wr(vport->pf, R_RAL(vf + 1), get_unaligned_le32(vport->fn.mac));
	cx7_wr(vport->pf, R_RAH(vf + 1), high);
}

static void set_bit_in(struct cx7_pf *pf, u32 reg, u32 bit, bool on)
{
	u32 old = cx7_rd(pf, reg);

	cx7_wr(pf, reg, on ? old | bit : old & ~bit);
}

void cx7_igb_enable(struct cx7_vport *vport, bool on)
{
	u32 bit = 1u << cx7_vf_number(vport);

	set_bit_in(vport->pf, R_VFTE, bit, on);
	set_bit_in(vport->pf, R_VFRE, bit, on);
	vport->running = on;
}
