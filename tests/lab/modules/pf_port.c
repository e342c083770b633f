// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes of a VF's port function: hw_addr, the four capabilities, max_io_eqs.
 *
 * Errors and their words are those of the production driver.  A capability that the
 * firmware does not offer answers EOPNOTSUPP, on which devlink core leaves it out of the
 * reply: "not offered" is another thing than "disabled".
 */
#include <linux/etherdevice.h>

#include "pf.h"

#define DEFAULT_IO_EQS 16

static struct cx7_vport *port_vport(struct devlink_port *port)
{
	return container_of(port, struct cx7_vport, dl_port);
}

/* ---- capabilities -------------------------------------------------------- */

static const struct cap_row {
	enum cx7_op op;
	struct cx7_knob_bool *offered;
	const char *not_offered;
	bool by_vhca; /* written through the VHCA management commands */
	bool initial;
	bool not_in_use; /* a bound VF: the firmware's word, knob mig_busy_errno */
} cap_rows[CX7_CAP_MAX] = {
	[CX7_CAP_ROCE] =
		{
			.op = CX7_OP_ROCE,
			.offered = &cx7_cap_roce,
			.not_offered = "Device doesn't support VHCA management",
			.by_vhca = true,
			.initial = true,
		},
	[CX7_CAP_MIGRATABLE] =
		{
			.op = CX7_OP_MIGRATABLE,
			.offered = &cx7_migration,
			.not_offered = "Device doesn't support migration",
			.by_vhca = true,
			.not_in_use = true,
		},
	[CX7_CAP_IPSEC_CRYPTO] =
		{
			.op = CX7_OP_IPSEC_CRYPTO,
			.offered = &cx7_cap_ipsec_crypto,
			.not_offered = "Device doesn't support IPsec crypto",
		},
	[CX7_CAP_IPSEC_PACKET] =
		{
			.op = CX7_OP_IPSEC_PACKET,
			.offered = &cx7_cap_ipsec_packet,
			.not_offered = "Device doesn't support IPsec packet mode",
		},
};

static int cap_offered(struct cx7_pf *pf, const struct cap_row *row, struct netlink_ext_ack *extack)
{
	if (!CX7_KNOB(*row->offered, pf->index)) {
		NL_SET_ERR_MSG_FMT_MOD(extack, "%s", row->not_offered);
		return -EOPNOTSUPP;
	}
	if (row->by_vhca && !CX7_KNOB(cx7_vhca_mgmt, pf->index)) {
		NL_SET_ERR_MSG_MOD(extack, "Device doesn't support VHCA management");
		return -EOPNOTSUPP;
	}
	return 0;
}

static int cap_get(struct devlink_port *port, enum cx7_cap cap, bool *on,
		   struct netlink_ext_ack *extack)
{
	struct cx7_vport *vport = port_vport(port);
	const struct cap_row *row = &cap_rows[cap];
	int err = cap_offered(vport->pf, row, row->by_vhca ? extack : NULL);

	if (err)
		return err;
	if (cap == CX7_CAP_MIGRATABLE)
		err = cx7_op_begin(vport->pf->index, CX7_OP_MIGRATABLE_GET, extack);
	if (!err)
		*on = vport->fn.cap[cap];
	return err;
}

static int cap_set(struct devlink_port *port, enum cx7_cap cap, bool on,
		   struct netlink_ext_ack *extack)
{
	struct cx7_vport *vport = port_vport(port);
	const struct cap_row *row = &cap_rows[cap];
	int err = cx7_op_begin(vport->pf->index, row->op, extack);
	int busy = READ_ONCE(cx7_mig_busy_errno);

	if (!err)
		err = cap_offered(vport->pf, row, extack);
	if (err || vport->fn.cap[cap] == on)
		return err;
	if (row->not_in_use && busy && cx7_vf_is_bound(vport)) {
		NL_SET_ERR_MSG_MOD(extack, "Failed setting HCA migratable cap");
		return -busy;
	}
	vport->fn.cap[cap] = on;
	return 0;
}

/* devlink calls each capability by functions of its own. */
#define CAP_FUNCTIONS(name, cap)                                                                   \
	static int name##_get(struct devlink_port *port, bool *on, struct netlink_ext_ack *extack) \
	{                                                                                          \
		return cap_get(port, cap, on, extack);                                             \
	}                                                                                          \
	static int name##_set(struct devlink_port *port, bool on, struct netlink_ext_ack *extack)  \
	{                                                                                          \
		return cap_set(port, cap, on, extack);                                             \
	}

CAP_FUNCTIONS(roce, CX7_CAP_ROCE)
CAP_FUNCTIONS(migratable, CX7_CAP_MIGRATABLE)
CAP_FUNCTIONS(ipsec_crypto, CX7_CAP_IPSEC_CRYPTO)
CAP_FUNCTIONS(ipsec_packet, CX7_CAP_IPSEC_PACKET)

/* ---- address and event queues -------------------------------------------- */

static int hw_addr_get(struct devlink_port *port, u8 *addr, int *len,
		       struct netlink_ext_ack *extack)
{
	ether_addr_copy(addr, port_vport(port)->fn.mac);
	*len = ETH_ALEN;
	return 0;
}

/* Length and kind of the address are checked by devlink core. */
static int hw_addr_set(struct devlink_port *port, const u8 *addr, int len,
		       struct netlink_ext_ack *extack)
{
	struct cx7_vport *vport = port_vport(port);
	int err = cx7_op_begin(vport->pf->index, CX7_OP_HW_ADDR, extack);

	if (!err)
		ether_addr_copy(vport->fn.mac, addr);
	return err;
}

static int max_io_eqs_limit(struct cx7_vport *vport, u32 *limit, struct netlink_ext_ack *extack)
{
	*limit = CX7_KNOB(cx7_max_io_eqs, vport->pf->index);
	if (*limit)
		return 0;
	NL_SET_ERR_MSG_MOD(extack, "Device doesn't support changing the max number of EQs");
	return -EOPNOTSUPP;
}

static int max_io_eqs_get(struct devlink_port *port, u32 *eqs, struct netlink_ext_ack *extack)
{
	struct cx7_vport *vport = port_vport(port);
	u32 limit;
	int err = max_io_eqs_limit(vport, &limit, NULL);

	if (!err)
		*eqs = vport->fn.max_io_eqs;
	return err;
}

static int max_io_eqs_set(struct devlink_port *port, u32 eqs, struct netlink_ext_ack *extack)
{
	struct cx7_vport *vport = port_vport(port);
	u32 limit;
	int err = cx7_op_begin(vport->pf->index, CX7_OP_MAX_IO_EQS, extack);

	if (!err)
		err = max_io_eqs_limit(vport, &limit, extack);
	if (err)
		return err;
	if (eqs > limit) {
		NL_SET_ERR_MSG_MOD(extack, "Supplied value out of range");
		return -EINVAL;
	}
	vport->fn.max_io_eqs = eqs;
	return 0;
}

/* What firmware gives a function that nobody has configured. */
void cx7_fn_reset(struct cx7_pf *pf, struct cx7_fn *fn)
{
	memset(fn, 0, sizeof(*fn));
	for (int cap = 0; cap < CX7_CAP_MAX; cap++)
		fn->cap[cap] = cap_rows[cap].initial;
	fn->max_io_eqs = min_t(u32, DEFAULT_IO_EQS, CX7_KNOB(cx7_max_io_eqs, pf->index));
}

const struct devlink_port_ops cx7_vf_port_ops = {
	.port_fn_hw_addr_get = hw_addr_get,
	.port_fn_hw_addr_set = hw_addr_set,
	.port_fn_roce_get = roce_get,
	.port_fn_roce_set = roce_set,
	.port_fn_migratable_get = migratable_get,
	.port_fn_migratable_set = migratable_set,
	.port_fn_ipsec_crypto_get = ipsec_crypto_get,
	.port_fn_ipsec_crypto_set = ipsec_crypto_set,
	.port_fn_ipsec_packet_get = ipsec_packet_get,
	.port_fn_ipsec_packet_set = ipsec_packet_set,
	.port_fn_max_io_eqs_get = max_io_eqs_get,
	.port_fn_max_io_eqs_set = max_io_eqs_set,
};

const struct devlink_port_ops cx7_plain_port_ops = {};
