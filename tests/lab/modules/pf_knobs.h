/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The knobs of the stand-in PF driver: module parameters that say which card this is
 * and how its firmware answers.  README.md has the table; pf_knobs.c the definitions.
 *
 * Most take a comma list with one value a PF in the order of their addresses; a PF past
 * the end of the list gets the first value.
 */
#ifndef PF_KNOBS_H
#define PF_KNOBS_H

#include <linux/netlink.h>
#include <linux/types.h>

#define CX7_MAX_PFS  4
#define CX7_TEXT_LEN 64

struct cx7_text {
	char s[CX7_TEXT_LEN];
};

#define CX7_KNOB_TYPE(tag, type)                                                                   \
	struct cx7_knob_##tag {                                                                    \
		type v[CX7_MAX_PFS];                                                               \
		unsigned int n;                                                                    \
	}

CX7_KNOB_TYPE(bool, bool);
CX7_KNOB_TYPE(uint, unsigned int);
CX7_KNOB_TYPE(text, struct cx7_text);

extern struct cx7_knob_text cx7_psid, cx7_fw_running, cx7_fw_stored, cx7_serial, cx7_board_serial,
	cx7_link_type, cx7_port_dev, cx7_wire_dev;
extern struct cx7_knob_bool cx7_sriov, cx7_migration, cx7_vhca_mgmt, cx7_cap_roce,
	cx7_cap_ipsec_crypto, cx7_cap_ipsec_packet;
extern struct cx7_knob_uint cx7_total_vfs, cx7_max_io_eqs, cx7_vhca_id, cx7_vf_total_msix;
extern bool cx7_fake_ids, cx7_forget_caps;
extern int cx7_mig_busy_errno;
extern unsigned int cx7_poll_ms;

/* The value of a bool or uint knob for the PF with this index. */
#define CX7_KNOB(knob, index) READ_ONCE((knob).v[(index) < (knob).n ? (index) : 0])

/* Copy a text knob's value for a PF; buf has CX7_TEXT_LEN bytes.  Returns buf. */
char *cx7_knob_text(const struct cx7_knob_text *knob, unsigned int index, char *buf);

/* True if the list has a value of this PF's own: two PFs cannot share one netdev. */
bool cx7_knob_has(const struct cx7_knob_text *knob, unsigned int index);

/* Operations that can be counted, delayed and failed (knobs calls, slow, fail). */
enum cx7_op {
	CX7_OP_INFO,
	CX7_OP_ESWITCH_MODE_GET,
	CX7_OP_ESWITCH_MODE,
	CX7_OP_ESWITCH_INLINE,
	CX7_OP_ESWITCH_ENCAP,
	CX7_OP_HW_ADDR,
	CX7_OP_ROCE,
	CX7_OP_MIGRATABLE_GET,
	CX7_OP_MIGRATABLE,
	CX7_OP_IPSEC_CRYPTO,
	CX7_OP_IPSEC_PACKET,
	CX7_OP_MAX_IO_EQS,
	CX7_OP_SRIOV,
	CX7_OP_MSIX,
	CX7_OP_NETDEV_UP, /* of the uplink or a representor, as the next two */
	CX7_OP_MTU,
	CX7_OP_FEATURES,
	CX7_OP_MAX,
};

/*
 * To be called first in every such operation: counts it, takes as long as the knob slow
 * wants, and returns the error the knob fail wants, with its words in extack, or 0.
 */
int cx7_op_begin(unsigned int pf_index, enum cx7_op op, struct netlink_ext_ack *extack);

#endif
