/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The domains of a connection, from the lines of libvirt_tell.c; see domains.h. */
#include "facts/domains.h"

#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "base/span.h"
#include "facts/libvirt.h"

/* What was told so far. */
struct answer {
	struct vfm_domains *domains;
	bool complete; /* all domains were told */
	char *why;     /* what libvirt said instead */
};

static void answer_done(struct answer *answer)
{
	free(answer->why);
}

static void domain_done(struct vfm_host_domain *domain)
{
	free(domain->name);
	vfm_strings_done(&domain->bdfs);
	vfm_strings_done(&domain->macs);
	vfm_strings_done(&domain->tagged);
}

void vfm_domains_done(struct vfm_domains *domains)
{
	if (!domains)
		return;
	for (size_t i = 0; i < domains->count; i++)
		domain_done(&domains->items[i]);
	free(domains->items);
	free(domains->version);
	*domains = (struct vfm_domains){.items = NULL};
}

/* A list of texts; false for anything else. */
static bool take_list(json_object *line, const char *key, struct vfm_strings *list)
{
	json_object *values;

	if (!json_object_object_get_ex(line, key, &values) ||
	    !json_object_is_type(values, json_type_array))
		return false;
	for (size_t i = 0; i < json_object_array_length(values); i++) {
		const char *value = vfm_json_text(json_object_array_get_idx(values, i));

		if (!value)
			return false;
		vfm_strings_add(list, value);
	}
	return !list->failed;
}

static int take_domain(struct answer *answer, json_object *line)
{
	const char *name = vfm_json_member_text(line, "name");
	const char *state = vfm_json_member_text(line, "state");
	struct vfm_host_domain domain = {.name = name ? strdup(name) : NULL};

	domain.running = state && vfm_streq(state, "running");
	if (domain.name && state && take_list(line, "devices", &domain.bdfs) &&
	    take_list(line, "macs", &domain.macs) && take_list(line, "tagged", &domain.tagged) &&
	    VFM_APPEND(answer->domains->items, answer->domains->count, domain) == 0)
		return 0;
	domain_done(&domain);
	return -EINVAL;
}

static int take_version(struct answer *answer, json_object *line)
{
	int64_t version;

	if (!vfm_json_member_int(line, "value", &version) || version < 0)
		return -EINVAL;
	free(answer->domains->version);
	answer->domains->version = vfm_libvirt_version((uint64_t)version);
	return answer->domains->version ? 0 : -ENOMEM;
}

static int take_end(struct answer *answer, json_object *line)
{
	(void)line;
	answer->complete = true;
	return 0;
}

static int take_nothing(struct answer *answer, json_object *line)
{
	(void)answer;
	(void)line;
	return 0;
}

/* What is not named here is of no interest, and its errors are not either. */
static const struct part {
	const char *name;
	int (*take)(struct answer *answer, json_object *line);
} parts[] = {
	{"connection", take_nothing},
	{"version", take_version},
	{"domain", take_domain},
	{"domains", take_end},
};

/* The first reason counts: those that follow come of it. */
static void keep_why(struct answer *answer, const char *why)
{
	if (!answer->why)
		answer->why = strdup(why);
}

static void take_line(struct answer *answer, struct vfm_span text)
{
	VFM_AUTO_JSON json_object *line = NULL;
	const char *name, *error;

	if (vfm_json_parse(text.data, text.size, "libvirt's answer", &line, NULL) < 0)
		return;
	name = vfm_json_member_text(line, "part");
	error = vfm_json_member_text(line, "error");
	for (size_t i = 0; name && i < VFM_ARRAY_SIZE(parts); i++) {
		if (!vfm_streq(parts[i].name, name))
			continue;
		if (error)
			keep_why(answer, error);
		else if (parts[i].take(answer, line) < 0)
			keep_why(answer, "what it says of a domain could not be read");
	}
}

int vfm_domains_parse(const char *told, size_t size, const char *uri, const char *why,
		      struct vfm_domains *ret_domains, struct vfm_error *err)
{
	VFM_AUTO_DOMAINS struct vfm_domains domains = {.items = NULL};
	VFM_CLEANUP(answer_done) struct answer answer = {.domains = &domains};
	struct vfm_span rest = {told, size}, line;

	while (vfm_span_line(&rest, &line))
		take_line(&answer, line);
	if (answer.why || !answer.complete || !domains.version)
		return vfm_error_set(err, -EIO, uri, NULL, "%s", answer.why ? answer.why : why);
	*ret_domains = domains;
	domains = (struct vfm_domains){.items = NULL};
	return 0;
}

int vfm_domains_read(const char *uri, int64_t deadline_ms, struct vfm_domains *ret_domains,
		     struct vfm_error *err)
{
	VFM_AUTO_BUFFER struct vfm_buffer told = {.data = NULL};
	VFM_AUTO_FREE char *why = NULL;

	vfm_libvirt_ask(uri, deadline_ms, &told, &why);
	return vfm_domains_parse(told.data ? told.data : "", told.size, uri,
				 why ? why : "out of memory", ret_domains, err);
}

/* One line: {"part":"document","value":XML}, or an error. */
static int take_document(const struct vfm_buffer *told, const char *vm, const char *why,
			 char **ret_xml, struct vfm_error *err)
{
	struct vfm_span rest = {told->data, told->size}, text;
	VFM_AUTO_JSON json_object *line = NULL;
	const char *xml, *error = NULL;

	if (vfm_span_line(&rest, &text) &&
	    vfm_json_parse(text.data, text.size, "libvirt's answer", &line, NULL) == 0)
		error = vfm_json_member_text(line, "error");
	xml = error ? NULL : vfm_json_member_text(line, "value");
	if (!xml)
		return vfm_error_set(err, -EIO, vm, NULL, "%s", error ? error : why);
	*ret_xml = strdup(xml);
	return *ret_xml ? 0 : vfm_error_no_memory(err, vm);
}

int vfm_domain_document_read(const char *uri, const char *vm, int64_t deadline_ms, char **ret_xml,
			     struct vfm_error *err)
{
	VFM_AUTO_BUFFER struct vfm_buffer told = {.data = NULL};
	VFM_AUTO_FREE char *why = NULL;

	vfm_libvirt_ask_vm(uri, vm, deadline_ms, &told, &why);
	return take_document(&told, vm, why ? why : "out of memory", ret_xml, err);
}
