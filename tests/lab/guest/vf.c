// SPDX-License-Identifier: GPL-2.0
/*
 * Driver of an 82576 virtual function, polled.  It sets the function up once, and again
 * only when it finds its queues disabled: so a migration that lost the device's state
 * shows as a second set-up.
 */
#include "guest.h"

#define PCI_COMMAND     0x04
#define COMMAND_MEM_DMA 0x06
#define PCI_BAR0        0x10

#define CTRL        0x0000
#define CTRL_RESET  (1U << 26)
#define MAILBOX_MEM 0x0800
#define V2PMAILBOX  0x0c40
#define MBX_REQ     0x01 /* to the PF: there is a message */
#define MBX_ACK     0x02
#define MBX_VFU     0x04 /* buffer taken by the VF */
#define MBX_PFSTS   0x10 /* from the PF: there is a message */
#define MBX_RSTI    0x40 /* the PF is not ready */
#define MSG_RESET   0x01
#define MSG_ACKED   0x80000000

#define RX_QUEUE    0x2800
#define TX_QUEUE    0x3800
#define Q_BAL       0x00
#define Q_BAH       0x04
#define Q_LEN       0x08
#define Q_SRRCTL    0x0c
#define Q_HEAD      0x10
#define Q_TAIL      0x18
#define Q_DCTL      0x28
#define DCTL_ENABLE 0x02000000
#define SRRCTL_2K   0x02000002

#define TX_DATA 0x2b300000 /* advanced data descriptor: DEXT RS IFCS EOP */
#define DONE    1

#define RING 16
struct descriptor {
	volatile uint32_t word[4];
};

static struct descriptor *const tx_ring = (struct descriptor *)0x3000000;
static struct descriptor *const rx_ring = (struct descriptor *)0x3001000;

static uint8_t *tx_buffer(uint32_t i)
{
	return (uint8_t *)0x3020000 + i * 0x1000;
}

static uint8_t *rx_buffer(uint32_t i)
{
	return (uint8_t *)0x3040000 + i * 0x1000;
}

static uint32_t read_reg(const struct vf *vf, uint32_t reg)
{
	return *(volatile uint32_t *)(vf->bar + reg);
}

static void write_reg(const struct vf *vf, uint32_t reg, uint32_t value)
{
	*(volatile uint32_t *)(vf->bar + reg) = value;
}

void vf_find(struct vf *vf)
{
	static const uint32_t ids[] = {0x10ca8086, 0x101e15b3};

	vf->there = pci_find(ids, 2, &vf->at);
	if (vf->there)
		vf->bar = pci_read(&vf->at, PCI_BAR0) & ~15U;
}

uint8_t *vf_frame(struct vf *vf)
{
	return tx_buffer(vf->tx_next);
}

void vf_send(struct vf *vf, uint32_t bytes)
{
	struct descriptor *d = &tx_ring[vf->tx_next];

	d->word[0] = (uint32_t)tx_buffer(vf->tx_next);
	d->word[1] = 0;
	d->word[3] = bytes << 14;
	d->word[2] = TX_DATA | bytes;
	vf->tx_next = (vf->tx_next + 1) % RING;
	write_reg(vf, TX_QUEUE + Q_TAIL, vf->tx_next);
	vf->sent++;
	if (!(d->word[3] & DONE)) /* the emulation sends within the doorbell */
		vf->stuck++;
}

/* ---- set-up ----------------------------------------------------------------- */

static void rx_offer(uint32_t i)
{
	rx_ring[i].word[0] = (uint32_t)rx_buffer(i);
	rx_ring[i].word[1] = rx_ring[i].word[2] = rx_ring[i].word[3] = 0;
}

static void queue_start(const struct vf *vf, uint32_t queue, const struct descriptor *ring)
{
	write_reg(vf, queue + Q_BAL, (uint32_t)ring);
	write_reg(vf, queue + Q_BAH, 0);
	write_reg(vf, queue + Q_LEN, RING * sizeof(*ring));
	if (queue == RX_QUEUE)
		write_reg(vf, queue + Q_SRRCTL, SRRCTL_2K);
	write_reg(vf, queue + Q_HEAD, 0);
	write_reg(vf, queue + Q_TAIL, 0);
	write_reg(vf, queue + Q_DCTL, DCTL_ENABLE);
}

static void rings_start(struct vf *vf)
{
	for (uint32_t i = 0; i < RING; i++)
		rx_offer(i);
	vf->tx_next = vf->rx_next = 0;
	queue_start(vf, TX_QUEUE, tx_ring);
	queue_start(vf, RX_QUEUE, rx_ring);
	write_reg(vf, RX_QUEUE + Q_TAIL, RING - 1);
}

static void reset(struct vf *vf)
{
	pci_write(&vf->at, PCI_COMMAND, COMMAND_MEM_DMA);
	write_reg(vf, CTRL, CTRL_RESET);
	vf->state = VF_ASK;
	vf->since = ticks;
}

static void ask(struct vf *vf)
{
	if (read_reg(vf, V2PMAILBOX) & MBX_RSTI)
		return;
	write_reg(vf, V2PMAILBOX, MBX_VFU);
	if (!(read_reg(vf, V2PMAILBOX) & MBX_VFU))
		return;
	write_reg(vf, MAILBOX_MEM, MSG_RESET);
	write_reg(vf, V2PMAILBOX, MBX_REQ);
	vf->state = VF_ANSWER;
}

static void announce(const struct vf *vf)
{
	say("VF up mac=");
	for (int i = 0; i < 6; i++)
		say_hex(vf->mac[i], 2);
	say("\n");
}

static void answer(struct vf *vf)
{
	uint32_t message, low, high;

	if (!(read_reg(vf, V2PMAILBOX) & MBX_PFSTS))
		return;
	message = read_reg(vf, MAILBOX_MEM);
	low = read_reg(vf, MAILBOX_MEM + 4);
	high = read_reg(vf, MAILBOX_MEM + 8);
	copy(vf->mac, &low, 4);
	copy(vf->mac + 4, &high, 2);
	write_reg(vf, V2PMAILBOX, MBX_ACK);
	if ((message & (MSG_ACKED | 0xff)) != (MSG_ACKED | MSG_RESET)) {
		vf->state = VF_NO_PF;
		return;
	}
	rings_start(vf);
	vf->state = VF_UP;
	vf->inits++;
	announce(vf);
}

/* ---- life -------------------------------------------------------------------- */

static void receive_all(struct vf *vf)
{
	struct descriptor *d = &rx_ring[vf->rx_next];

	while (d->word[2] & DONE) {
		net_receive(vf, rx_buffer(vf->rx_next), d->word[3] & 0xffff);
		vf->received++;
		rx_offer(vf->rx_next);
		write_reg(vf, RX_QUEUE + Q_TAIL, vf->rx_next);
		vf->rx_next = (vf->rx_next + 1) % RING;
		d = &rx_ring[vf->rx_next];
	}
}

static void run(struct vf *vf)
{
	if (read_reg(vf, TX_QUEUE + Q_DCTL) & DCTL_ENABLE) {
		receive_all(vf);
		return;
	}
	say("VF reset seen\n");
	vf->state = VF_RESET;
}

bool vf_poll(struct vf *vf)
{
	static void (*const steps[])(struct vf * vf) = {
		[VF_RESET] = reset,
		[VF_ASK] = ask,
		[VF_ANSWER] = answer,
		[VF_UP] = run,
	};
	bool waits = vf->state == VF_ASK || vf->state == VF_ANSWER;

	if (!vf->there || !vf->bar)
		return false;
	if (waits && ticks - vf->since > 2 * HZ) {
		vf->state = VF_NO_PF;
		vf->since = ticks;
	}
	if (vf->state == VF_NO_PF) {
		/* A host that is busy may answer another time. */
		if (ticks - vf->since > HZ)
			vf->state = VF_RESET;
		return false;
	}
	steps[vf->state](vf);
	return vf->state == VF_UP;
}
