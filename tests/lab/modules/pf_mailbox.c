// SPDX-License-Identifier: GPL-2.0
/*
 * The PF's end of the 82576 mailbox, polled: a VF driver in a guest asks for a reset, for
 * its MAC, for filters.  A stock igbvf is content with these answers, and so is the lab's
 * guest.  A card has no such thing: its VFs talk to firmware.
 */
#include <linux/delay.h>
#include <linux/unaligned.h>

#include "igb_regs.h"
#include "pf.h"

#define MSG_ACK  0x80000000
#define MSG_NACK 0x40000000
#define MSG_CTS  0x20000000 /* clear to send: or igbvf believes the PF is gone */
#define MSG_INFO 0x00ff0000
#define MSG_TYPE 0x0000ffff
#define MSG_PING 0x00000100

enum { VF_RESET = 1, VF_SET_MAC, VF_SET_MULTICAST, VF_SET_VLAN, VF_SET_LPE, VF_SET_PROMISC };

/* Take the buffer; the VF holds it for a few writes at most. */
static bool buffer_take(struct cx7_pf *pf, int vf, int tries)
{
	while (tries--) {
		cx7_wr(pf, R_P2VMAILBOX(vf), MBX_PFU);
		if (cx7_rd(pf, R_P2VMAILBOX(vf)) & MBX_PFU)
			return true;
		udelay(5);
	}
	return false;
}

/* A VF starts anew: open its pool, tell it its address.  The answer must be just this. */
static int answer_reset(struct cx7_vport *vport, u32 *msg)
{
	if (!is_valid_ether_addr(vport->fn.mac))
		eth_random_addr(vport->fn.mac);
	cx7_igb_write_mac(vport);
	cx7_igb_enable(vport, true);
	msg[0] = MSG_ACK | VF_RESET;
	msg[1] = get_unaligned_le32(vport->fn.mac);
	msg[2] = get_unaligned_le16(vport->fn.mac + 4);
	return 3;
}

/* A VF keeps the MAC the host gave it, unless it is trusted. */
static int answer_set_mac(struct cx7_vport *vport, u32 *msg)
{
	u8 mac[ETH_ALEN];
	bool ok;

	put_unaligned_le32(msg[1], mac);
	put_unaligned_le16(msg[2], mac + 4);
	ok = msg[0] & MSG_INFO || ether_addr_equal(mac, vport->fn.mac);
	if (!ok && vport->fn.trust && is_valid_ether_addr(mac)) {
		ether_addr_copy(vport->fn.mac, mac);
		cx7_igb_write_mac(vport);
		ok = true;
	}
	msg[0] |= MSG_CTS | (ok ? MSG_ACK : MSG_NACK);
	return 1;
}

static int answer_yes(struct cx7_vport *vport, u32 *msg)
{
	msg[0] |= MSG_CTS | MSG_ACK;
	return 1;
}

static int (*const answers[])(struct cx7_vport *vport, u32 *msg) = {
	[VF_RESET] = answer_reset,  [VF_SET_MAC] = answer_set_mac, [VF_SET_MULTICAST] = answer_yes,
	[VF_SET_VLAN] = answer_yes, [VF_SET_LPE] = answer_yes,     [VF_SET_PROMISC] = answer_yes,
};

static void message(struct cx7_vport *vport)
{
	struct cx7_pf *pf = vport->pf;
	int vf = cx7_vf_number(vport), words = 1;
	u32 msg[CX7_MBX_LEN], type;

	if (!buffer_take(pf, vf, 1000))
		return;
	for (int i = 0; i < CX7_MBX_LEN; i++)
		msg[i] = cx7_rd(pf, R_VMBMEM(vf) + 4 * i);
	type = msg[0] & MSG_TYPE;
	if (type < ARRAY_SIZE(answers) && answers[type])
		words = answers[type](vport, msg);
	else
		msg[0] |= MSG_CTS | MSG_NACK;
	for (int i = 0; i < words; i++)
		cx7_wr(pf, R_VMBMEM(vf) + 4 * i, msg[i]);
	cx7_wr(pf, R_P2VMAILBOX(vf), MBX_ACK | MBX_STS); /* and releases the buffer */
}

/* "The PF is there": igbvf's link wants to see it now and then. */
static void ping(struct cx7_vport *vport)
{
	struct cx7_pf *pf = vport->pf;
	int vf = cx7_vf_number(vport);

	if (!vport->running || cx7_rd(pf, R_VMBMEM(vf)) & MSG_CTS || !buffer_take(pf, vf, 1))
		return;
	cx7_wr(pf, R_VMBMEM(vf), MSG_CTS | MSG_PING);
	cx7_wr(pf, R_P2VMAILBOX(vf), MBX_STS);
}

/* A function level reset has shut its pool behind our back. */
static void note_resets(struct cx7_pf *pf)
{
	u32 resets = cx7_rd(pf, R_VFLRE), open;

	if (!resets)
		return;
	cx7_wr(pf, R_VFLRE, resets);
	open = cx7_rd(pf, R_VFTE);
	for (int vf = 0; vf < pf->vfs; vf++)
		if (resets & 1u << vf)
			pf->vf[vf].running = open & 1u << vf;
}

static void poll(struct work_struct *work)
{
	struct cx7_pf *pf = container_of(to_delayed_work(work), struct cx7_pf, mailbox);
	bool once_a_second = !(++pf->mailbox_ticks & 63);
	u32 waiting;

	mutex_lock(&pf->hw);
	note_resets(pf);
	waiting = cx7_rd(pf, R_MBVFICR) & MBVFICR_ALL;
	if (waiting)
		cx7_wr(pf, R_MBVFICR, waiting);
	for (int vf = 0; vf < pf->vfs; vf++) {
		if (waiting & 1u << vf)
			message(&pf->vf[vf]);
		else if (once_a_second)
			ping(&pf->vf[vf]);
	}
	mutex_unlock(&pf->hw);
	schedule_delayed_work(&pf->mailbox, msecs_to_jiffies(max(READ_ONCE(cx7_poll_ms), 1u)));
}

void cx7_mailbox_init(struct cx7_pf *pf)
{
	INIT_DELAYED_WORK(&pf->mailbox, poll);
}

void cx7_mailbox_start(struct cx7_pf *pf)
{
	schedule_delayed_work(&pf->mailbox, 0);
}

void cx7_mailbox_stop(struct cx7_pf *pf)
{
	cancel_delayed_work_sync(&pf->mailbox);
}
