/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The QoS of a port as one word, and a port's QoS as such a word says; see database.h.
 *
 *   linux-htb;max-rate=10000000;queue:0;min-rate=1000;queue:5;dscp:46;max-rate=9000
 *
 * First the type, then what is set of the row's other_config, then each queue by its number with
 * its DSCP mark and its other_config; keys ascend. What else than letters, digits and "_-./+" is in
 * a text is written as %XX, so that the word has no blank, and each part but one meaning. There is
 * one word for one QoS, and no other is taken.
 *
 * Rows of QoS and Queue belong to nobody: ports may share them, and the database keeps those that
 * no port has. So a port is given rows of its own, which carry our mark and are deleted when it
 * gets others and no port has them; those of others are kept, and found again when they are wanted.
 */
#include <inttypes.h>
#include <string.h>

#include "smap.h"
#include "util.h"

#include "base/text.h"
#include "ovs/database.h"

#define QUEUE "queue:"
#define DSCP  "dscp:"

/* Of the database's schema. */
enum { DSCP_MAX = 63 };
#define QUEUE_MAX UINT32_MAX

struct queue {
	uint32_t number;
	int64_t dscp; /* -1: not set */
	struct smap config;
};

struct qos {
	char *type;
	struct smap config;
	struct queue *queues;
	size_t count;
};

static void qos_init(struct qos *qos)
{
	*qos = (struct qos){.type = NULL};
	smap_init(&qos->config);
}

static void qos_done(struct qos *qos)
{
	free(qos->type);
	smap_destroy(&qos->config);
	for (size_t i = 0; i < qos->count; i++)
		smap_destroy(&qos->queues[i].config);
	free(qos->queues);
}
#define AUTO_QOS VFM_CLEANUP(qos_done)

/* The new last queue. A map of strings may point into itself: each is made where it stays. */
static struct queue *add_queue(struct qos *qos, uint32_t number)
{
	struct queue *queues = xcalloc(qos->count + 1, sizeof(*queues));

	for (size_t i = 0; i < qos->count; i++) {
		queues[i] = qos->queues[i];
		smap_clone(&queues[i].config, &qos->queues[i].config);
		smap_destroy(&qos->queues[i].config);
	}
	free(qos->queues);
	qos->queues = queues;
	queues[qos->count].number = number;
	queues[qos->count].dscp = -1;
	smap_init(&queues[qos->count].config);
	return &queues[qos->count++];
}

/* ---- to text ------------------------------------------------------------------ */

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("_-./+", c));
}

static void put_escaped(struct vfm_buffer *text, const char *value)
{
	for (; *value; value++)
		if (is_plain(*value))
			vfm_buffer_append(text, value, 1);
		else
			vfm_buffer_printf(text, "%%%02X", (unsigned int)(unsigned char)*value);
}

static void put_config(struct vfm_buffer *text, const struct smap *config)
{
	const struct smap_node **nodes = smap_sort(config);

	for (size_t i = 0; i < smap_count(config); i++) {
		vfm_buffer_puts(text, ";");
		put_escaped(text, nodes[i]->key);
		vfm_buffer_puts(text, "=");
		put_escaped(text, nodes[i]->value);
	}
	free(nodes);
}

static char *to_text(const struct qos *qos)
{
	struct vfm_buffer text = {.data = NULL};

	put_escaped(&text, qos->type);
	put_config(&text, &qos->config);
	for (size_t i = 0; i < qos->count; i++) {
		const struct queue *queue = &qos->queues[i];

		vfm_buffer_printf(&text, ";" QUEUE "%" PRIu32, queue->number);
		if (queue->dscp >= 0)
			vfm_buffer_printf(&text, ";" DSCP "%" PRId64, queue->dscp);
		put_config(&text, &queue->config);
	}
	return vfm_buffer_steal(&text);
}

/* ---- from text ---------------------------------------------------------------- */

/* In place; false for what is no byte that had to be written so. */
static bool unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		char digits[3] = {0};
		uint64_t value;

		if (*from != '%') {
			if (!is_plain(*from))
				return false;
			*to++ = *from;
			continue;
		}
		strncpy(digits, from + 1, 2);
		if (strlen(digits) != 2 || vfm_parse_uint(digits, 16, UINT8_MAX, &value) < 0 ||
		    value == 0)
			return false;
		*to++ = (char)value;
		from += 2;
	}
	*to = '\0';
	return true;
}

static bool take_member(struct smap *config, char *part)
{
	char *value = strchr(part, '=');

	if (!value)
		return false;
	*value++ = '\0';
	if (!*part || !unescape(part) || !unescape(value) || smap_get(config, part))
		return false;
	smap_add(config, part, value);
	return true;
}

static bool take_part(struct qos *qos, char *part)
{
	struct queue *last = qos->count ? &qos->queues[qos->count - 1] : NULL;
	const char *queue = vfm_text_after(part, QUEUE), *dscp = vfm_text_after(part, DSCP);
	uint64_t number;

	if (queue) {
		if (vfm_parse_uint(queue, 10, QUEUE_MAX, &number) < 0 ||
		    (last && number <= last->number))
			return false;
		add_queue(qos, (uint32_t)number);
		return true;
	}
	if (dscp) {
		if (!last || vfm_parse_uint(dscp, 10, DSCP_MAX, &number) < 0)
			return false;
		last->dscp = (int64_t)number;
		return true;
	}
	return take_member(last ? &last->config : &qos->config, part);
}

/* What is not written as to_text() would is refused: so one QoS has one text. */
static bool from_text(const char *text, struct qos *qos)
{
	VFM_AUTO_FREE char *copy = xstrdup(text), *again = NULL;
	char *rest = copy, *part = strsep(&rest, ";");

	if (!*part || !unescape(part))
		return false;
	qos->type = xstrdup(part);
	while ((part = strsep(&rest, ";")))
		if (!take_part(qos, part))
			return false;
	again = to_text(qos);
	return again && vfm_streq(again, text);
}

bool vfm_ovsdb_qos_check(const char *text)
{
	AUTO_QOS struct qos qos;

	qos_init(&qos);
	return from_text(text, &qos);
}

/* ---- rows --------------------------------------------------------------------- */

static char *row_text(const struct ovsrec_qos *row)
{
	AUTO_QOS struct qos qos;

	qos_init(&qos);
	qos.type = xstrdup(row->type);
	smap_destroy(&qos.config);
	smap_clone(&qos.config, &row->other_config);
	for (size_t i = 0; i < row->n_queues; i++) {
		const struct ovsrec_queue *from = row->value_queues[i];
		struct queue *queue = add_queue(&qos, (uint32_t)row->key_queues[i]);

		queue->dscp = from->n_dscp ? from->dscp[0] : -1;
		smap_destroy(&queue->config);
		smap_clone(&queue->config, &from->other_config);
	}
	return to_text(&qos);
}

char *vfm_ovsdb_qos(const struct ovsrec_port *port)
{
	return port->qos ? row_text(port->qos) : NULL;
}

static bool is_ours(const struct smap *external_ids)
{
	return smap_get(external_ids, VFM_OVSDB_MARK) != NULL;
}

/* Whether a port has the row; but: that one does not count, and may be NULL. */
static bool is_used(struct ovsdb_idl_txn *txn, const struct ovsrec_qos *qos,
		    const struct ovsrec_port *but)
{
	const struct ovsrec_port *port;

	OVSREC_PORT_FOR_EACH(port, ovsdb_idl_txn_get_idl(txn))
	if (port != but && port->qos == qos)
		return true;
	return false;
}

/* The row is deleted with those of its queues that are ours; so are all that we make. */
void vfm_ovsdb_drop_qos(struct ovsdb_idl_txn *txn, const struct ovsrec_port *port)
{
	const struct ovsrec_qos *qos = port->qos;

	if (!qos)
		return;
	if (is_ours(&qos->external_ids) && !is_used(txn, qos, port)) {
		for (size_t i = 0; i < qos->n_queues; i++)
			if (is_ours(&qos->value_queues[i]->external_ids))
				ovsrec_queue_delete(qos->value_queues[i]);
		ovsrec_qos_delete(qos);
	}
	ovsrec_port_set_qos(port, NULL);
}

static struct ovsrec_queue *insert_queue(struct ovsdb_idl_txn *txn, const struct queue *queue,
					 const struct smap *mark)
{
	struct ovsrec_queue *row = ovsrec_queue_insert(txn);

	ovsrec_queue_set_external_ids(row, mark);
	ovsrec_queue_set_other_config(row, &queue->config);
	ovsrec_queue_set_dscp(row, &queue->dscp, queue->dscp >= 0 ? 1 : 0);
	return row;
}

static const struct ovsrec_qos *insert(struct ovsdb_idl_txn *txn, const struct qos *qos,
				       const struct smap *mark)
{
	struct ovsrec_queue **rows = xcalloc(qos->count, sizeof(*rows));
	int64_t *numbers = xcalloc(qos->count, sizeof(*numbers));
	struct ovsrec_qos *row = ovsrec_qos_insert(txn);

	for (size_t i = 0; i < qos->count; i++) {
		rows[i] = insert_queue(txn, &qos->queues[i], mark);
		numbers[i] = qos->queues[i].number;
	}
	ovsrec_qos_set_type(row, qos->type);
	ovsrec_qos_set_external_ids(row, mark);
	ovsrec_qos_set_other_config(row, &qos->config);
	ovsrec_qos_set_queues(row, numbers, rows, qos->count);
	free(rows);
	free(numbers);
	return row;
}

/*
 * A row of others that says the same and that no port has: the one that a port had before it was
 * given one of ours gets it back so.
 */
static const struct ovsrec_qos *find_left(struct ovsdb_idl_txn *txn, const char *text)
{
	const struct ovsrec_qos *qos;

	OVSREC_QOS_FOR_EACH(qos, ovsdb_idl_txn_get_idl(txn))
	{
		VFM_AUTO_FREE char *says = NULL;

		if (is_ours(&qos->external_ids) || is_used(txn, qos, NULL))
			continue;
		says = row_text(qos);
		if (says && vfm_streq(says, text))
			return qos;
	}
	return NULL;
}

void vfm_ovsdb_set_qos(struct ovsdb_idl_txn *txn, const struct ovsrec_port *port, const char *text)
{
	VFM_AUTO_FREE char *had = vfm_ovsdb_qos(port);
	const struct ovsrec_qos *left;
	AUTO_QOS struct qos qos;
	struct smap mark;

	qos_init(&qos);
	if (had && text && vfm_streq(had, text))
		return;
	vfm_ovsdb_drop_qos(txn, port);
	if (!text || !from_text(text, &qos))
		return;
	left = find_left(txn, text);
	smap_init(&mark);
	smap_add(&mark, VFM_OVSDB_MARK, port->name);
	ovsrec_port_set_qos(port, left ? left : insert(txn, &qos, &mark));
	smap_destroy(&mark);
}
