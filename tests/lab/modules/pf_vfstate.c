// SPDX-License-Identifier: GPL-2.0
/*
 * What the VFIO variant driver asks of a VF's PF (lab_vf.h): identity, stop, save, load,
 * go on.  On the card these are the SAVE/LOAD/SUSPEND/RESUME_VHCA firmware commands.
 */
#include <linux/module.h>

#include "igb_regs.h"
#include "pf.h"

/* Offsets in a queue, in the order of writing back: the tail comes last and starts it. */
static const u8 rx_regs[CX7_RX_REGS] = {Q_BAL, Q_BAH,  Q_LEN,  Q_SRRCTL,
					Q_CTL, Q_HEAD, Q_DCTL, Q_TAIL};
static const u8 tx_regs[CX7_TX_REGS] = {Q_BAL,  Q_BAH,  Q_LEN,  Q_CTL, Q_WBAL,
					Q_WBAH, Q_HEAD, Q_DCTL, Q_TAIL};
#define RX_TAIL (CX7_RX_REGS - 1)
#define TX_TAIL (CX7_TX_REGS - 1)

/* Interrupt registers of VF v at base + stride * v; the mask is the last to be written. */
static const struct {
	u32 base, stride;
} irq_regs[CX7_IRQ_REGS] = {
	{R_VTIVAR(0), 4},
	{R_VTIVAR_MISC(0), 4},
	{R_PVT(0) + PVT_EIAC, 0x100},
	{R_PVT(0) + PVT_EIAM, 0x100},
	{R_PSRTYPE(0), 4},
	{R_PVT(0) + PVT_EIMS, 0x100},
};

static u32 rx_queue(int vf, int queue)
{
	return R_RX(vf + 8 * queue);
}

static u32 tx_queue(int vf, int queue)
{
	return R_TX(vf + 8 * queue);
}

static u32 irq_reg(int vf, int i)
{
	return irq_regs[i].base + irq_regs[i].stride * vf;
}

/* The throttle registers of all VFs lie in one row, from its end. */
static u32 eitr_reg(int vf, int i)
{
	return R_EITR(22 - CX7_EITRS * vf + i);
}

/* Either direction of one register. */
struct transfer {
	struct cx7_pf *pf;
	bool load;
};

static void move_reg(const struct transfer *t, u32 reg, __le32 *value)
{
	if (t->load)
		cx7_wr(t->pf, reg, le32_to_cpu(*value));
	else
		*value = cpu_to_le32(cx7_rd(t->pf, reg));
}

static void move_regs(const struct transfer *t, int vf, struct cx7_vf_regs *regs)
{
	for (int queue = 0; queue < CX7_QUEUES; queue++) {
		for (int i = 0; i < CX7_RX_REGS; i++)
			move_reg(t, rx_queue(vf, queue) + rx_regs[i], &regs->rx[queue][i]);
		for (int i = 0; i < CX7_TX_REGS; i++)
			move_reg(t, tx_queue(vf, queue) + tx_regs[i], &regs->tx[queue][i]);
	}
	for (int i = 0; i < CX7_EITRS; i++)
		move_reg(t, eitr_reg(vf, i), &regs->eitr[i]);
	for (int i = 0; i < CX7_MBX_LEN; i++)
		move_reg(t, R_VMBMEM(vf) + 4 * i, &regs->mbx[i]);
	for (int i = 0; i < CX7_IRQ_REGS; i++)
		move_reg(t, irq_reg(vf, i), &regs->irq[i]);
}

int cx7_vf_query(struct pci_dev *vf, struct cx7_vf_info *info)
{
	struct cx7_vport *vport = cx7_vf_vport(vf);
	char text[CX7_TEXT_LEN];
	unsigned int pf;

	if (!vport)
		return -ENODEV;
	pf = vport->pf->index;
	memset(info, 0, sizeof(*info));
	info->vf_id = cx7_vf_number(vport);
	info->migratable = vport->fn.cap[CX7_CAP_MIGRATABLE] && CX7_KNOB(cx7_migration, pf);
	ether_addr_copy(info->hw_addr, vport->fn.mac);
	strscpy(info->psid, cx7_knob_text(&cx7_psid, pf, text), sizeof(info->psid));
	cx7_knob_text(&cx7_fw_running, pf, text);
	if (sscanf(text, "%u.%u.%u", &info->fw[0], &info->fw[1], &info->fw[2]) != 3)
		return -EINVAL;
	return 0;
}
EXPORT_SYMBOL_GPL(cx7_vf_query);

int cx7_vf_stop(struct pci_dev *vf, struct cx7_vf_regs *regs)
{
	struct cx7_vport *vport = cx7_vf_vport(vf);
	struct transfer save = {.load = false};
	struct cx7_pf *pf;
	int id;

	memset(regs, 0, sizeof(*regs));
	if (!vport)
		return -ENODEV;
	pf = save.pf = vport->pf;
	id = cx7_vf_number(vport);
	mutex_lock(&pf->hw);
	if (cx7_rd(pf, R_VFTE) & 1u << id)
		regs->flags = cpu_to_le32(CX7_VF_ENABLED);
	cx7_igb_enable(vport, false);
	move_regs(&save, id, regs);
	ether_addr_copy(regs->mac, vport->fn.mac);
	mutex_unlock(&pf->hw);
	return 0;
}
EXPORT_SYMBOL_GPL(cx7_vf_stop);

int cx7_vf_load(struct pci_dev *vf, const struct cx7_vf_regs *regs)
{
	struct cx7_vport *vport = cx7_vf_vport(vf);
	struct transfer load = {.load = true};
	struct cx7_vf_regs copy = *regs;
	struct cx7_pf *pf;

	if (!vport)
		return -ENODEV;
	pf = load.pf = vport->pf;
	mutex_lock(&pf->hw);
	cx7_igb_enable(vport, false);
	move_regs(&load, cx7_vf_number(vport), &copy);
	/* The host's word on the address goes before the state's, as on the card. */
	if (!is_valid_ether_addr(vport->fn.mac))
		ether_addr_copy(vport->fn.mac, copy.mac);
	else if (!ether_addr_equal(vport->fn.mac, copy.mac))
		pci_warn(vf, "state of %pM on a VF with %pM\n", copy.mac, vport->fn.mac);
	cx7_igb_write_mac(vport);
	mutex_unlock(&pf->hw);
	return 0;
}
EXPORT_SYMBOL_GPL(cx7_vf_load);

int cx7_vf_run(struct pci_dev *vf, const struct cx7_vf_regs *regs)
{
	struct cx7_vport *vport = cx7_vf_vport(vf);
	struct cx7_pf *pf;
	int id;

	if (!vport)
		return -ENODEV;
	if (!(le32_to_cpu(regs->flags) & CX7_VF_ENABLED))
		return 0;
	pf = vport->pf;
	id = cx7_vf_number(vport);
	mutex_lock(&pf->hw);
	cx7_igb_enable(vport, true);
	for (int queue = 0; queue < CX7_QUEUES; queue++) { /* only a doorbell starts a queue */
		cx7_wr(pf, tx_queue(id, queue) + Q_TAIL, le32_to_cpu(regs->tx[queue][TX_TAIL]));
		cx7_wr(pf, rx_queue(id, queue) + Q_TAIL, le32_to_cpu(regs->rx[queue][RX_TAIL]));
	}
	mutex_unlock(&pf->hw);
	return 0;
}
EXPORT_SYMBOL_GPL(cx7_vf_run);

int cx7_vf_ring(struct pci_dev *vf, int queue, bool tx, struct cx7_ring *ring)
{
	struct cx7_vport *vport = cx7_vf_vport(vf);
	struct cx7_pf *pf;
	u32 base, kib;

	memset(ring, 0, sizeof(*ring));
	if (!vport)
		return -ENODEV;
	pf = vport->pf;
	base = tx ? tx_queue(cx7_vf_number(vport), queue) : rx_queue(cx7_vf_number(vport), queue);
	ring->base = (u64)cx7_rd(pf, base + Q_BAH) << 32 | cx7_rd(pf, base + Q_BAL);
	ring->bytes = cx7_rd(pf, base + Q_LEN);
	ring->head = cx7_rd(pf, base + Q_HEAD);
	ring->tail = cx7_rd(pf, base + Q_TAIL);
	if (!(cx7_rd(pf, base + Q_DCTL) & DCTL_ENABLE))
		return 0;
	kib = cx7_rd(pf, base + Q_SRRCTL) & SRRCTL_KIB;
	ring->buf_bytes = tx || !kib ? 2048 : kib << 10;
	return 0;
}
EXPORT_SYMBOL_GPL(cx7_vf_ring);
