/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The texts in which ovs-vswitchd lists flows. Pure; see ovs.h.
 *
 * An OpenFlow rule of bridge/dump-flows (ofproto.c flow_stats_ds() of Open vSwitch):
 *
 *   [table_id=N, ]duration=0s, n_packets=0, n_bytes=0, [n_offload_…=0, ]MATCH,actions=ACTIONS
 *
 * MATCH begins with "priority=N" unless the priority is 32768; "match all" adds nothing to that.
 * Rules of the daemon itself stand in table 254 or have a priority no controller can give.
 *
 * A flow of dpctl/dump-flows:
 *
 *   recirc_id(0),in_port(2),eth(…),…, packets:4, bytes:392, used:0.5s, actions:3
 */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "ovs/ovs.h"

enum {
	TABLE_INTERNAL = 254,
	TABLE_MAX = 255,
	PRIORITY_DEFAULT = 32768,
	PRIORITY_MAX = 65535, /* of OpenFlow */
	LINE_MAX_BYTES = 1 << 20,
};

struct rule {
	uint64_t table;
	uint64_t priority;
	bool matches_all;
	const char *actions;
};

typedef int (*line_parser)(char *line, void *result);

/* Calls parse for a copy of each line; the text may not hold NUL and ends with a newline. */
static int each_line(const char *data, size_t size, line_parser parse, void *result)
{
	const char *end = data + size;

	while (data < end) {
		const char *newline = memchr(data, '\n', (size_t)(end - data));
		VFM_AUTO_FREE char *line = NULL;
		size_t length;
		int r;

		if (!newline)
			return -EINVAL;
		length = (size_t)(newline - data);
		if (length > LINE_MAX_BYTES || memchr(data, '\0', length))
			return -EINVAL;
		line = strndup(data, length);
		if (!line)
			return -ENOMEM;
		r = parse(line, result);
		if (r < 0)
			return r;
		data = newline + 1;
	}
	return 0;
}

/*
 * Cuts the head up to separator off *text and returns it; NULL when there is no separator.
 */
static char *cut(char **text, const char *separator)
{
	char *head = *text;
	char *found = strstr(head, separator);

	if (!found)
		return NULL;
	*found = '\0';
	*text = found + strlen(separator);
	return head;
}

/* "priority=N", "priority=N,FIELDS", "FIELDS" or "" */
static int parse_match(char *match, struct rule *rule)
{
	const char *number = vfm_text_after(match, "priority=");
	char *comma;

	rule->priority = PRIORITY_DEFAULT;
	rule->matches_all = !*match;
	if (!number)
		return 0;
	comma = strchr(match, ',');
	rule->matches_all = !comma;
	if (comma)
		*comma = '\0';
	return vfm_parse_uint(number, 10, INT32_MAX, &rule->priority);
}

static int parse_rule(char *line, struct rule *rule)
{
	bool counted = false;
	char *head;

	/* Before the actions, which may hold any of the other separators. */
	head = cut(&line, ",actions=");
	if (!head)
		return -EINVAL;
	*rule = (struct rule){.actions = line};
	for (char *field; (field = cut(&head, ", "));) {
		const char *table = vfm_text_after(field, "table_id=");

		if (table && vfm_parse_uint(table, 10, TABLE_MAX, &rule->table) < 0)
			return -EINVAL;
		counted |= !!vfm_text_after(field, "n_packets=");
	}
	return counted ? parse_match(head, rule) : -EINVAL;
}

struct openflow {
	size_t rules;
	bool normal; /* the last rule */
};

static int parse_openflow_line(char *line, void *result)
{
	struct openflow *seen = result;
	struct rule rule;

	if (parse_rule(line, &rule) < 0)
		return -EINVAL;
	if (rule.table == TABLE_INTERNAL || rule.priority > PRIORITY_MAX)
		return 0;
	seen->rules++;
	seen->normal = rule.table == 0 && rule.matches_all && vfm_streq(rule.actions, "NORMAL");
	return 0;
}

int vfm_ovs_parse_openflow(const char *data, size_t size, bool *ret_only_normal)
{
	struct openflow seen = {.rules = 0};
	int r = each_line(data, size, parse_openflow_line, &seen);

	if (r < 0)
		return r;
	*ret_only_normal = seen.rules == 1 && seen.normal;
	return 0;
}

static int parse_datapath_line(char *line, void *result)
{
	bool *any = result;

	/* "flow-dump from the main thread:", and the like for other threads */
	if (!*line || vfm_text_after(line, "flow-dump from "))
		return 0;
	if (!strstr(line, ", packets:") || !strstr(line, ", actions:"))
		return -EINVAL;
	*any = true;
	return 0;
}

int vfm_ovs_parse_datapath(const char *data, size_t size, bool *ret_any)
{
	bool any = false;
	int r = each_line(data, size, parse_datapath_line, &any);

	if (r < 0)
		return r;
	*ret_any = any;
	return 0;
}
