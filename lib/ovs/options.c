/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a port has beside its bridge and tag, as one line of text: "vlan_mode=trunk trunks=5,7
 * ingress_policing_rate=1000". One table is all that reading, checking and writing it know, so that
 * what is carried from one port to another is what is put back; see ovs.h.
 */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "ovs/database.h"

/* One option that is set; any of them fits. */
struct option {
	const char *name;
	/* Within its checks: a value as the database would have it. */
	bool (*check)(const char *value);
	/* NULL: it is not set; to be freed. */
	char *(*read)(const struct ovsrec_port *port, size_t at);
	/* value NULL: as if it had never been set. */
	void (*write)(struct ovsdb_idl_txn *txn, const struct ovsrec_port *port, size_t at,
		      const char *value);
	size_t at; /* row of numbers[] */
};

/* ---- numbers of the interface -------------------------------------------------- */

static const struct number {
	size_t offset; /* in struct ovsrec_interface: int64_t, 0 is not set */
	void (*set)(const struct ovsrec_interface *interface, int64_t value);
} numbers[] = {
	{offsetof(struct ovsrec_interface, ingress_policing_rate),
	 ovsrec_interface_set_ingress_policing_rate},
	{offsetof(struct ovsrec_interface, ingress_policing_burst),
	 ovsrec_interface_set_ingress_policing_burst},
	{offsetof(struct ovsrec_interface, ingress_policing_kpkts_rate),
	 ovsrec_interface_set_ingress_policing_kpkts_rate},
	{offsetof(struct ovsrec_interface, ingress_policing_kpkts_burst),
	 ovsrec_interface_set_ingress_policing_kpkts_burst},
};

static bool check_number(const char *value)
{
	uint64_t number;

	return vfm_parse_uint(value, 10, UINT32_MAX, &number) == 0 && number > 0;
}

/* Of a bond nothing is told: its interfaces may differ, and a representor is none. */
static char *read_number(const struct ovsrec_port *port, size_t at)
{
	int64_t value;

	if (port->n_interfaces != 1)
		return NULL;
	memcpy(&value, (const char *)port->interfaces[0] + numbers[at].offset, sizeof(value));
	return value > 0 ? vfm_text_printf("%" PRId64, value) : NULL;
}

static void write_number(struct ovsdb_idl_txn *txn, const struct ovsrec_port *port, size_t at,
			 const char *value)
{
	uint64_t number = 0;

	(void)txn;
	if (value)
		(void)vfm_parse_uint(value, 10, UINT32_MAX, &number);
	for (size_t i = 0; i < port->n_interfaces; i++)
		numbers[at].set(port->interfaces[i], (int64_t)number);
}

/* ---- VLANs of the port ---------------------------------------------------------- */

static bool check_mode(const char *value)
{
	static const char *const modes[] = {"access", "dot1q-tunnel", "native-tagged",
					    "native-untagged", "trunk"};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(modes); i++)
		if (vfm_streq(modes[i], value))
			return true;
	return false;
}

static char *read_mode(const struct ovsrec_port *port, size_t at)
{
	(void)at;
	return port->vlan_mode && *port->vlan_mode ? strdup(port->vlan_mode) : NULL;
}

static void write_mode(struct ovsdb_idl_txn *txn, const struct ovsrec_port *port, size_t at,
		       const char *value)
{
	(void)txn;
	(void)at;
	ovsrec_port_set_vlan_mode(port, value);
}

enum { VLANS = 4096 };

/* "5,7": each once, ascending, as the database keeps a set. NULL: only checked. */
static bool take_vlans(const char *value, int64_t vlans[VLANS], size_t *ret_count)
{
	VFM_AUTO_FREE char *copy = strdup(value);
	char *rest = copy;
	size_t count = 0;
	uint64_t last = 0;

	for (char *word = strsep(&rest, ","); word; word = strsep(&rest, ",")) {
		uint64_t vlan;

		if (vfm_parse_uint(word, 10, VLANS - 1, &vlan) < 0 || (count && vlan <= last))
			return false;
		if (vlans)
			vlans[count] = (int64_t)vlan;
		last = vlan;
		count++;
	}
	*ret_count = count;
	return count > 0;
}

static bool check_vlans(const char *value)
{
	size_t count;

	return take_vlans(value, NULL, &count);
}

static char *read_vlans(const struct ovsrec_port *port, size_t at)
{
	struct vfm_buffer text = {.data = NULL};

	(void)at;
	for (size_t i = 0; i < port->n_trunks; i++)
		vfm_buffer_printf(&text, "%s%" PRId64, i ? "," : "", port->trunks[i]);
	return text.size ? vfm_buffer_steal(&text) : NULL;
}

static void write_vlans(struct ovsdb_idl_txn *txn, const struct ovsrec_port *port, size_t at,
			const char *value)
{
	int64_t vlans[VLANS];
	size_t count = 0;

	(void)txn;
	(void)at;
	if (value && !take_vlans(value, vlans, &count))
		return;
	ovsrec_port_set_trunks(port, vlans, count);
}

/* ---- what it sends ------------------------------------------------------------ */

static char *read_qos(const struct ovsrec_port *port, size_t at)
{
	(void)at;
	return vfm_ovsdb_qos(port);
}

static void write_qos(struct ovsdb_idl_txn *txn, const struct ovsrec_port *port, size_t at,
		      const char *value)
{
	(void)at;
	vfm_ovsdb_set_qos(txn, port, value);
}

/* ---- the table -------------------------------------------------------------------- */

static const struct option options[] = {
	{"vlan_mode", check_mode, read_mode, write_mode, 0},
	{"trunks", check_vlans, read_vlans, write_vlans, 0},
	{"ingress_policing_rate", check_number, read_number, write_number, 0},
	{"ingress_policing_burst", check_number, read_number, write_number, 1},
	{"ingress_policing_kpkts_rate", check_number, read_number, write_number, 2},
	{"ingress_policing_kpkts_burst", check_number, read_number, write_number, 3},
	{"qos", vfm_ovsdb_qos_check, read_qos, write_qos, 0},
};

/* The value in "NAME=VALUE", where the word is of this option. */
static const char *value_of(const struct option *option, const char *word)
{
	const char *rest = vfm_text_after(word, option->name);

	return rest && *rest == '=' ? rest + 1 : NULL;
}

bool vfm_ovs_option_is(const char *word)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(options); i++) {
		const char *value = value_of(&options[i], word);

		if (value)
			return options[i].check(value);
	}
	return false;
}

/* The next option of the text that this word is of, in the table's order; NULL: none. */
static const struct option *next_option(const struct option *from, const char *word)
{
	for (const struct option *option = from; option < options + VFM_ARRAY_SIZE(options);
	     option++) {
		const char *value = value_of(option, word);

		if (value)
			return option->check(value) ? option : NULL;
	}
	return NULL;
}

int vfm_ovs_options_check(const char *text)
{
	VFM_AUTO_FREE char *copy = strdup(text);
	const struct option *option = options;
	char *rest = copy;

	if (!copy)
		return -ENOMEM;
	for (char *word = strsep(&rest, " "); word; word = strsep(&rest, " ")) {
		const struct option *found = next_option(option, word);

		if (!found)
			return -EINVAL;
		option = found + 1;
	}
	return 0;
}

char *vfm_ovsdb_options(const struct ovsrec_port *port)
{
	struct vfm_buffer text = {.data = NULL};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(options); i++) {
		VFM_AUTO_FREE char *value = options[i].read(port, options[i].at);

		if (value)
			vfm_buffer_printf(&text, "%s%s=%s", text.size ? " " : "", options[i].name,
					  value);
	}
	return text.size ? vfm_buffer_steal(&text) : NULL;
}

void vfm_ovsdb_set_options(struct ovsdb_idl_txn *txn, const struct ovsrec_port *port,
			   const char *text)
{
	VFM_AUTO_STRINGS struct vfm_strings words = {.values = NULL};
	VFM_AUTO_FREE char *copy = strdup(text);
	char *rest = copy;

	for (char *word = strsep(&rest, " "); word; word = strsep(&rest, " "))
		vfm_strings_add(&words, word);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(options); i++) {
		const char *value = NULL;

		for (size_t j = 0; j < words.count && !value; j++)
			value = value_of(&options[i], words.values[j]);
		options[i].write(txn, port, options[i].at, value);
	}
}
