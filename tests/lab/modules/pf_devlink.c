// SPDX-License-Identifier: GPL-2.0
/*
 * The PF's devlink instance: who the card is and the mode of its eswitch.
 */
#include "pf.h"

typedef int (*version_put)(struct devlink_info_req *req, const char *name, const char *value);

static int put_firmware(struct devlink_info_req *req, version_put put, const char *version)
{
	int err = put(req, "fw.version", version);

	return err ?: put(req, "fw", version);
}

static int put_serials(struct cx7_pf *pf, struct devlink_info_req *req)
{
	char text[CX7_TEXT_LEN];
	int err = 0;

	if (*cx7_knob_text(&cx7_board_serial, pf->index, text))
		err = devlink_info_board_serial_number_put(req, text);
	if (!err && *cx7_knob_text(&cx7_serial, pf->index, text))
		err = devlink_info_serial_number_put(req, text);
	return err;
}

static int info_get(struct devlink *devlink, struct devlink_info_req *req,
		    struct netlink_ext_ack *extack)
{
	struct cx7_pf *pf = devlink_priv(devlink);
	char text[CX7_TEXT_LEN];
	int err = cx7_op_begin(pf->index, CX7_OP_INFO, extack);

	err = err ?: put_serials(pf, req);
	err = err
		      ?: devlink_info_version_fixed_put(req, "fw.psid",
							cx7_knob_text(&cx7_psid, pf->index, text));
	err = err
		      ?: put_firmware(req, devlink_info_version_running_put,
				      cx7_knob_text(&cx7_fw_running, pf->index, text));
	if (!*cx7_knob_text(&cx7_fw_stored, pf->index, text))
		cx7_knob_text(&cx7_fw_running, pf->index, text);
	return err ?: put_firmware(req, devlink_info_version_stored_put, text);
}

/* InfiniBand ports have no Ethernet eswitch to configure. */
static int eswitch_there(struct cx7_pf *pf)
{
	return pf->infiniband ? -EOPNOTSUPP : 0;
}

static int mode_get(struct devlink *devlink, u16 *mode)
{
	struct cx7_pf *pf = devlink_priv(devlink);
	int err = cx7_op_begin(pf->index, CX7_OP_ESWITCH_MODE_GET, NULL);

	*mode = pf->mode;
	return err ?: eswitch_there(pf);
}

static int mode_set(struct devlink *devlink, u16 mode, struct netlink_ext_ack *extack)
{
	struct cx7_pf *pf = devlink_priv(devlink);
	bool switchdev = mode == DEVLINK_ESWITCH_MODE_SWITCHDEV;
	int err = eswitch_there(pf);

	if (!err && !switchdev && mode != DEVLINK_ESWITCH_MODE_LEGACY)
		err = -EOPNOTSUPP;
	if (err || mode == pf->mode)
		return err;
	err = cx7_op_begin(pf->index, CX7_OP_ESWITCH_MODE, extack);
	if (err)
		return err;
	if (atomic_read(&pf->ipsec)) {
		NL_SET_ERR_MSG_MOD(
			extack,
			"Can't change eswitch mode when IPsec SA and/or policies are configured");
		return -EOPNOTSUPP;
	}
	err = cx7_eswitch_set(pf, mode);
	if (err && switchdev)
		NL_SET_ERR_MSG_MOD(extack, "Failed setting eswitch to offloads");
	else if (err)
		NL_SET_ERR_MSG_MOD(extack, "Failed setting eswitch to legacy");
	return err;
}

static int inline_mode_get(struct devlink *devlink, u8 *mode)
{
	struct cx7_pf *pf = devlink_priv(devlink);

	*mode = DEVLINK_ESWITCH_INLINE_MODE_NONE;
	return eswitch_there(pf);
}

/* ConnectX-5 and newer need no inline headers, and let nobody ask for them. */
static int inline_mode_set(struct devlink *devlink, u8 mode, struct netlink_ext_ack *extack)
{
	struct cx7_pf *pf = devlink_priv(devlink);
	int err = cx7_op_begin(pf->index, CX7_OP_ESWITCH_INLINE, extack);

	if (err || mode == DEVLINK_ESWITCH_INLINE_MODE_NONE)
		return err;
	NL_SET_ERR_MSG_MOD(extack, "Inline mode can't be set");
	return -EOPNOTSUPP;
}

static int encap_mode_get(struct devlink *devlink, enum devlink_eswitch_encap_mode *mode)
{
	struct cx7_pf *pf = devlink_priv(devlink);

	*mode = pf->encap;
	return eswitch_there(pf);
}

static int encap_mode_set(struct devlink *devlink, enum devlink_eswitch_encap_mode mode,
			  struct netlink_ext_ack *extack)
{
	struct cx7_pf *pf = devlink_priv(devlink);
	int err = cx7_op_begin(pf->index, CX7_OP_ESWITCH_ENCAP, extack);

	err = err ?: eswitch_there(pf);
	if (err || mode == pf->encap)
		return err;
	if (atomic_read(&pf->flows)) {
		NL_SET_ERR_MSG_MOD(extack, "Can't set encapsulation when flows are configured");
		return -EOPNOTSUPP;
	}
	if (atomic_read(&pf->ipsec)) {
		NL_SET_ERR_MSG_MOD(
			extack,
			"Can't set encapsulation when IPsec SA and/or policies are configured");
		return -EOPNOTSUPP;
	}
	pf->encap = mode;
	return 0;
}

const struct devlink_ops cx7_devlink_ops = {
	.info_get = info_get,
	.eswitch_mode_get = mode_get,
	.eswitch_mode_set = mode_set,
	.eswitch_inline_mode_get = inline_mode_get,
	.eswitch_inline_mode_set = inline_mode_set,
	.eswitch_encap_mode_get = encap_mode_get,
	.eswitch_encap_mode_set = encap_mode_set,
};
