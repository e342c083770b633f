// SPDX-License-Identifier: GPL-2.0
/*
 * Knobs of the stand-in PF driver.  Nothing here knows of PCI or devlink: the other
 * files ask for values, and begin each operation that firmware could refuse here.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/string.h>

#include "pf_knobs.h"

/* ---- text parameters: fixed size, without the newline that echo brings ---- */

static int text_set(const char *val, const struct kernel_param *kp)
{
	struct cx7_text *text = kp->arg;
	size_t len = strcspn(val, "\n");

	if (len >= sizeof(text->s))
		return -ENOSPC;
	memcpy(text->s, val, len);
	text->s[len] = '\0';
	return 0;
}

static int text_get(char *buf, const struct kernel_param *kp)
{
	const struct cx7_text *text = kp->arg;

	/* not sysfs_emit(): within an array buf does not begin a page */
	return scnprintf(buf, CX7_TEXT_LEN + 1, "%s\n", text->s);
}

static const struct kernel_param_ops param_ops_text = {
	.set = text_set,
	.get = text_get,
};

#define param_check_text(name, p) __param_check(name, p, struct cx7_text)

/* ---- the values ---------------------------------------------------------- */

#define KNOB(tag, type, name, help, ...)                                                           \
	struct cx7_knob_##tag cx7_##name = {                                                       \
		.v = {__VA_ARGS__},                                                                \
		.n = sizeof((type[]){__VA_ARGS__}) / sizeof(type),                                 \
	};                                                                                         \
	module_param_array_named(name, cx7_##name.v, tag, &cx7_##name.n, 0644);                    \
	MODULE_PARM_DESC(name, help)
#define KNOB_TEXT(name, help, ...) KNOB(text, struct cx7_text, name, help, __VA_ARGS__)
#define KNOB_BOOL(name, help, ...) KNOB(bool, bool, name, help, __VA_ARGS__)
#define KNOB_UINT(name, help, ...) KNOB(uint, unsigned int, name, help, __VA_ARGS__)

KNOB_TEXT(psid, "board id", {"MT_0000000838"});
KNOB_TEXT(fw_running, "firmware that runs; 255.255.65535 is \"could not be read\"", {"28.43.1014"});
KNOB_TEXT(fw_stored, "firmware that boots next; empty: the running one", {""});
KNOB_TEXT(serial, "serial_number in devlink info; empty: not reported", {""});
KNOB_TEXT(board_serial, "board.serial_number in devlink info; empty: not reported", {""});
KNOB_TEXT(link_type, "ETH or IB, taken at probe", {"ETH"});
KNOB_TEXT(port_dev, "netdev at the other end of the igb's wire, taken at probe; empty: none",
	  {"fcport"}, {"fcport1"});
KNOB_TEXT(wire_dev, "netdev that is the uplink's cable, taken at probe; empty: none", {"fcwire"},
	  {"fcwire1"});
KNOB_BOOL(sriov, "SRIOV_EN, taken at probe", true);
KNOB_UINT(total_vfs, "NUM_OF_VFS, taken at probe", 7);
KNOB_UINT(vhca_id, "upper half of port indices, taken at probe", 0, 1, 2, 3);
KNOB_BOOL(migration, "firmware has the migration capability", true);
KNOB_BOOL(vhca_mgmt, "firmware lets the PF manage its VFs' capabilities", true);
KNOB_BOOL(cap_roce, "port functions offer roce", true);
KNOB_BOOL(cap_ipsec_crypto, "port functions offer ipsec_crypto", false);
KNOB_BOOL(cap_ipsec_packet, "port functions offer ipsec_packet", false);
KNOB_UINT(max_io_eqs, "most event queues a VF can be given; 0: not offered", 64);
KNOB_UINT(vf_total_msix, "MSI-X vectors the VFs share; 0: not offered", 128);

bool cx7_fake_ids = true;
module_param_named(fake_ids, cx7_fake_ids, bool, 0444);
MODULE_PARM_DESC(fake_ids, "show 15b3:1021 and 15b3:101e in place of the emulated NIC's ids");

bool cx7_forget_caps = true;
module_param_named(forget_caps, cx7_forget_caps, bool, 0644);
MODULE_PARM_DESC(forget_caps, "VFs made anew have lost their port function attributes");

int cx7_mig_busy_errno = EINVAL;
module_param_named(mig_busy_errno, cx7_mig_busy_errno, int, 0644);
MODULE_PARM_DESC(mig_busy_errno, "errno of a migratable change on a bound VF; 0: it succeeds");

unsigned int cx7_poll_ms = 10;
module_param_named(poll_ms, cx7_poll_ms, uint, 0644);
MODULE_PARM_DESC(poll_ms, "interval at which VF mailboxes are looked at");

char *cx7_knob_text(const struct cx7_knob_text *knob, unsigned int index, char *buf)
{
	kernel_param_lock(THIS_MODULE);
	strscpy(buf, knob->v[index < knob->n ? index : 0].s, CX7_TEXT_LEN);
	kernel_param_unlock(THIS_MODULE);
	return buf;
}

bool cx7_knob_has(const struct cx7_knob_text *knob, unsigned int index)
{
	return index < READ_ONCE(knob->n);
}

/* ---- rules on operations: fail, slow, calls ------------------------------- */

static const char *const op_names[CX7_OP_MAX] = {
	[CX7_OP_INFO] = "info",
	[CX7_OP_ESWITCH_MODE_GET] = "eswitch_mode_get",
	[CX7_OP_ESWITCH_MODE] = "eswitch_mode",
	[CX7_OP_ESWITCH_INLINE] = "eswitch_inline",
	[CX7_OP_ESWITCH_ENCAP] = "eswitch_encap",
	[CX7_OP_HW_ADDR] = "hw_addr",
	[CX7_OP_ROCE] = "roce",
	[CX7_OP_MIGRATABLE_GET] = "migratable_get",
	[CX7_OP_MIGRATABLE] = "migratable",
	[CX7_OP_IPSEC_CRYPTO] = "ipsec_crypto",
	[CX7_OP_IPSEC_PACKET] = "ipsec_packet",
	[CX7_OP_MAX_IO_EQS] = "max_io_eqs",
	[CX7_OP_SRIOV] = "sriov",
	[CX7_OP_MSIX] = "msix",
	[CX7_OP_NETDEV_UP] = "netdev_up",
	[CX7_OP_MTU] = "mtu",
	[CX7_OP_FEATURES] = "features",
};

static const struct {
	const char *name;
	int value;
} errno_names[] = {
	{"EPERM", EPERM},           {"EIO", EIO},
	{"EAGAIN", EAGAIN},         {"ENOMEM", ENOMEM},
	{"EBUSY", EBUSY},           {"ENODEV", ENODEV},
	{"EINVAL", EINVAL},         {"ENOSPC", ENOSPC},
	{"ERANGE", ERANGE},         {"ENODATA", ENODATA},
	{"ETIME", ETIME},           {"EREMOTEIO", EREMOTEIO},
	{"EOPNOTSUPP", EOPNOTSUPP}, {"ETIMEDOUT", ETIMEDOUT},
};

#define RULES_MAX     8
#define RULE_TEXT_LEN 80 /* what an extended acknowledgement formats at most */

/* "op[#pf][@n]:value[:text]": the n-th call from now, or each one; of one PF, or of all. */
struct rule {
	enum cx7_op op;
	int pf;         /* -1: any */
	unsigned int n; /* calls until it acts; 0: always, UINT_MAX: has acted */
	unsigned int value;
	char text[RULE_TEXT_LEN];
};

struct rule_set {
	const char *what;
	int (*value)(const char *s, unsigned int *ret);
	unsigned int count;
	struct rule rule[RULES_MAX];
	char source[512]; /* as written, for reading back */
};

static DEFINE_MUTEX(rules_lock);
static unsigned int op_calls[CX7_OP_MAX];

static int errno_value(const char *s, unsigned int *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(errno_names); i++)
		if (!strcmp(s, errno_names[i].name)) {
			*ret = errno_names[i].value;
			return 0;
		}
	if (kstrtouint(s, 10, ret))
		return -EINVAL;
	return *ret && *ret <= MAX_ERRNO ? 0 : -ERANGE;
}

static int delay_value(const char *s, unsigned int *ret)
{
	if (kstrtouint(s, 10, ret))
		return -EINVAL;
	return *ret <= 60000 ? 0 : -ERANGE;
}

static struct rule_set fail_rules = {.what = "errno", .value = errno_value};
static struct rule_set slow_rules = {.what = "milliseconds", .value = delay_value};

static int rule_parse(char *s, const struct rule_set *set, struct rule *rule)
{
	char *who = strsep(&s, ":");
	char *value = strsep(&s, ":");
	char *nth = strchr(who, '@');
	char *pf;
	int op;

	*rule = (struct rule){.pf = -1};
	if (!value)
		return -EINVAL;
	if (nth)
		*nth++ = '\0';
	pf = strchr(who, '#');
	if (pf)
		*pf++ = '\0';
	if (pf && (kstrtoint(pf, 10, &rule->pf) || rule->pf < 0))
		return -EINVAL;
	if (nth && (kstrtouint(nth, 10, &rule->n) || !rule->n))
		return -EINVAL;
	op = match_string(op_names, ARRAY_SIZE(op_names), who);
	if (op < 0)
		return -EINVAL;
	rule->op = op;
	strscpy(rule->text, s ?: "", sizeof(rule->text));
	return set->value(value, &rule->value);
}

/* "rule;rule…" in place of all rules there were; an empty text takes them away. */
static int rules_set(const char *val, const struct kernel_param *kp)
{
	struct rule_set *set = kp->arg, *fresh;
	char *copy, *rest, *one;
	int err = 0;

	copy = kstrndup(val, strcspn(val, "\n"), GFP_KERNEL);
	fresh = kzalloc(sizeof(*fresh), GFP_KERNEL);
	if (!copy || !fresh) {
		err = -ENOMEM;
		goto out;
	}
	if (strscpy(fresh->source, copy, sizeof(fresh->source)) < 0) {
		err = -E2BIG;
		goto out;
	}
	rest = copy;
	while (!err && (one = strsep(&rest, ";"))) {
		if (!*one)
			continue;
		if (fresh->count == RULES_MAX)
			err = -E2BIG;
		else
			err = rule_parse(one, set, &fresh->rule[fresh->count++]);
	}
	if (err) {
		pr_err("%s: want op[#pf][@n]:%s[:text];…\n", kp->name, set->what);
		goto out;
	}
	mutex_lock(&rules_lock);
	set->count = fresh->count;
	memcpy(set->rule, fresh->rule, sizeof(set->rule));
	memcpy(set->source, fresh->source, sizeof(set->source));
	mutex_unlock(&rules_lock);
out:
	kfree(fresh);
	kfree(copy);
	return err;
}

static int rules_get(char *buf, const struct kernel_param *kp)
{
	const struct rule_set *set = kp->arg;
	int len;

	mutex_lock(&rules_lock);
	len = sysfs_emit(buf, "%s\n", set->source);
	mutex_unlock(&rules_lock);
	return len;
}

static const struct kernel_param_ops rules_ops = {
	.set = rules_set,
	.get = rules_get,
};

module_param_cb(fail, &rules_ops, &fail_rules, 0644);
MODULE_PARM_DESC(fail, "op[#pf][@n]:errno[:extack text];… operations that fail");
module_param_cb(slow, &rules_ops, &slow_rules, 0644);
MODULE_PARM_DESC(slow, "op[#pf][@n]:milliseconds;… operations that take their time");

/* Any write starts the counts anew. */
static int calls_set(const char *val, const struct kernel_param *kp)
{
	mutex_lock(&rules_lock);
	memset(op_calls, 0, sizeof(op_calls));
	mutex_unlock(&rules_lock);
	return 0;
}

static int calls_get(char *buf, const struct kernel_param *kp)
{
	int len = 0;

	mutex_lock(&rules_lock);
	for (int op = 0; op < CX7_OP_MAX; op++)
		len += sysfs_emit_at(buf, len, "%s %u\n", op_names[op], op_calls[op]);
	mutex_unlock(&rules_lock);
	return len;
}

static const struct kernel_param_ops calls_ops = {
	.set = calls_set,
	.get = calls_get,
};

module_param_cb(calls, &calls_ops, NULL, 0644);
MODULE_PARM_DESC(calls, "how often each operation was asked for; write to start anew");

static bool rule_applies(struct rule *rule, unsigned int pf, enum cx7_op op)
{
	if (rule->op != op || (rule->pf >= 0 && rule->pf != pf) || rule->n == UINT_MAX)
		return false;
	if (rule->n > 1) {
		rule->n--;
		return false;
	}
	if (rule->n == 1)
		rule->n = UINT_MAX;
	return true;
}

/* The rule for this call, copied out; every rule of the set counts the call. */
static bool rules_match(struct rule_set *set, unsigned int pf, enum cx7_op op, struct rule *ret)
{
	bool found = false;

	for (unsigned int i = 0; i < set->count; i++)
		if (rule_applies(&set->rule[i], pf, op) && !found) {
			*ret = set->rule[i];
			found = true;
		}
	return found;
}

int cx7_op_begin(unsigned int pf_index, enum cx7_op op, struct netlink_ext_ack *extack)
{
	struct rule fail, slow;
	bool fails, waits;

	mutex_lock(&rules_lock);
	op_calls[op]++;
	waits = rules_match(&slow_rules, pf_index, op, &slow);
	fails = rules_match(&fail_rules, pf_index, op, &fail);
	mutex_unlock(&rules_lock);
	if (waits)
		msleep(slow.value);
	if (!fails)
		return 0;
	if (fail.text[0])
		NL_SET_ERR_MSG_FMT_MOD(extack, "%s", fail.text);
	return -(int)fail.value;
}
