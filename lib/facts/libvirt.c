/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Facts of libvirt: its versions, its name for this host, and which domains use which VF and vGPU.
 * Read-only connection, asked by a child (see libvirt.h); the host is not touched.
 */
#include "facts/libvirt.h"

#include <string.h>

#include "base/array.h"
#include "base/child.h"
#include "base/deadline.h"
#include "base/json.h"
#include "base/text.h"
#include "facts/readers.h"

enum { TOLD_MAX_BYTES = 8 << 20 };

/* Of the modular daemon and of the monolithic one: whichever is there answers. */
static const char *const sockets[] = {
	"/run/libvirt/virtqemud-sock-ro",
	"/run/libvirt/libvirt-sock-ro",
};

/* One of these is there wherever libvirt is. */
static const char *const traces[] = {
	"/run/libvirt",
	"/usr/sbin/virtqemud",
	"/usr/sbin/libvirtd",
	"/usr/bin/virtqemud",
	"/usr/bin/libvirtd",
	"/usr/local/sbin/virtqemud",
	"/usr/local/sbin/libvirtd",
};

/* What the parts said, before it becomes facts. */
struct told {
	struct vfm_facts *facts;
	struct use {
		char *device, *domain; /* address of a function, UUID of a mediated device */
		bool running;          /* else: in its definition only */
	} * uses;
	size_t use_count;
	bool domains_complete;
	char *domains_why; /* why not */
	char *why;         /* why parts are missing */
};

static void told_done(struct told *told)
{
	for (size_t i = 0; i < told->use_count; i++) {
		free(told->uses[i].device);
		free(told->uses[i].domain);
	}
	free(told->uses);
	free(told->domains_why);
	free(told->why);
}

static void replace_text(char **text, const char *with)
{
	char *copy = strdup(with);

	if (copy) {
		free(*text);
		*text = copy;
	}
}

/* libvirt writes versions as major * 1000000 + minor * 1000 + release. */
char *vfm_libvirt_version(uint64_t number)
{
	return vfm_text_printf("%llu.%llu.%llu", (unsigned long long)(number / 1000000),
			       (unsigned long long)(number / 1000 % 1000),
			       (unsigned long long)(number % 1000));
}

static void set_version(struct vfm_fact_text *fact, json_object *line, const char *error)
{
	VFM_AUTO_FREE char *version = NULL;
	json_object *value;

	if (error || !json_object_object_get_ex(line, "value", &value)) {
		vfm_fact_set_unknown(&fact->fact, "%s", error ? error : "not read");
		return;
	}
	version = vfm_libvirt_version(json_object_get_uint64(value));
	if (version)
		vfm_fact_set_text(fact, version);
	else
		vfm_fact_set_unknown(&fact->fact, "out of memory");
}

static void set_text(struct vfm_fact_text *fact, json_object *line, const char *error)
{
	const char *value = vfm_json_member_text(line, "value");

	if (!error && value)
		vfm_fact_set_text(fact, value);
	else
		vfm_fact_set_unknown(&fact->fact, "%s", error ? error : "not read");
}

static void take_connection(struct told *told, json_object *line, const char *error)
{
	(void)line;
	if (error)
		replace_text(&told->why, error);
}

static void take_version(struct told *told, json_object *line, const char *error)
{
	set_version(&told->facts->libvirt.version, line, error);
}

static void take_qemu_version(struct told *told, json_object *line, const char *error)
{
	set_version(&told->facts->libvirt.qemu_version, line, error);
}

static void take_uri(struct told *told, json_object *line, const char *error)
{
	set_text(&told->facts->libvirt.uri, line, error);
}

static void take_host_uuid(struct told *told, json_object *line, const char *error)
{
	/* Without libvirt's the SMBIOS one, set already, stays. */
	if (!error || !vfm_known(&told->facts->host.uuid.fact))
		set_text(&told->facts->host.uuid, line, error);
}

static void add_use(struct told *told, const char *device, const char *name, const char *state)
{
	struct use use = {
		.running = vfm_streq(state, "running"),
		.device = strdup(device),
		.domain = strdup(name),
	};

	if (use.device && use.domain && VFM_APPEND(told->uses, told->use_count, use) == 0)
		return;
	free(use.device);
	free(use.domain);
	replace_text(&told->domains_why, "out of memory");
}

static void take_domain(struct told *told, json_object *line, const char *error)
{
	static const char *const keys[] = {"devices", "mdevs"};
	const char *name = vfm_json_member_text(line, "name");
	const char *state = vfm_json_member_text(line, "state");

	for (size_t k = 0; k < VFM_ARRAY_SIZE(keys); k++) {
		json_object *devices;

		if (error || !name || !state ||
		    !json_object_object_get_ex(line, keys[k], &devices) ||
		    !json_object_is_type(devices, json_type_array)) {
			replace_text(&told->domains_why,
				     error ? error : "a domain could not be read");
			return;
		}
		for (size_t i = 0; i < json_object_array_length(devices); i++) {
			const char *device = vfm_json_text(json_object_array_get_idx(devices, i));

			if (device)
				add_use(told, device, name, state);
		}
	}
}

static void take_domains(struct told *told, json_object *line, const char *error)
{
	(void)line;
	if (error)
		replace_text(&told->domains_why, error);
	else
		told->domains_complete = true;
}

static const struct part {
	const char *name;
	void (*take)(struct told *told, json_object *line, const char *error);
} parts[] = {
	{"connection", take_connection},
	{"version", take_version},
	{"uri", take_uri},
	{"domain", take_domain},
	{"domains", take_domains},
	{"qemu_version", take_qemu_version},
	{"host_uuid", take_host_uuid},
};

static void take_line(struct told *told, const char *data, size_t size)
{
	VFM_AUTO_JSON json_object *line = NULL;
	const char *name;

	if (vfm_json_parse(data, size, "libvirt's answer", &line, NULL) < 0)
		return;
	name = vfm_json_member_text(line, "part");
	for (size_t i = 0; name && i < VFM_ARRAY_SIZE(parts); i++)
		if (vfm_streq(parts[i].name, name))
			parts[i].take(told, line, vfm_json_member_text(line, "error"));
}

/* The definition of a domain that runs with this very device says nothing new. */
static bool repeats_running(const struct told *told, const struct use *use)
{
	for (size_t i = 0; !use->running && i < told->use_count; i++) {
		const struct use *other = &told->uses[i];

		if (other->running && vfm_streq(other->domain, use->domain) &&
		    vfm_streq(other->device, use->device))
			return true;
	}
	return false;
}

/* Adds the domains with this device. The one that runs with it; NULL: none. */
static const char *add_domains(const struct told *told, const char *device,
			       struct vfm_strings *users)
{
	const char *runs = NULL;

	for (size_t i = 0; i < told->use_count; i++) {
		const struct use *use = &told->uses[i];

		if (strcasecmp(use->device, device) != 0)
			continue;
		runs = use->running ? use->domain : runs;
		if (!repeats_running(told, use))
			vfm_strings_addf(users, "domain %s (%s)", use->domain,
					 use->running ? "running" : "defined");
	}
	return runs;
}

/*
 * A domain that runs proves use, so it makes the list known whatever else is not. Where nothing
 * proves use, the list is known only when everybody could be asked.
 */
static void fill_users(const struct told *told, struct vfm_vf_facts *vf)
{
	VFM_AUTO_STRINGS struct vfm_strings users = {.values = NULL};
	struct vfm_fact_texts *fact = &vf->users;
	const char *why = told->domains_why ? told->domains_why : told->why;
	bool others_known = vfm_known(&fact->fact), runs;
	bool domains_known = told->domains_complete && !told->domains_why;

	if (!vfm_known(&vf->bdf.fact))
		return;
	for (size_t i = 0; others_known && i < fact->count; i++)
		vfm_strings_add(&users, fact->values[i]);
	runs = add_domains(told, vf->bdf.value, &users);
	if (runs || (others_known && (domains_known || users.count)))
		vfm_fact_set_texts(fact, &users);
	else if (others_known)
		vfm_fact_set_unknown(&fact->fact, "libvirt's domains: %s", why);
}

/*
 * The domain that runs with it is the owner by name. Where libvirt knows of none, what NVML said of
 * a VM stays; that NVML could not tell is no reason against "none" then.
 */
static void fill_vgpu(const struct told *told, struct vfm_vgpu_facts *vgpu)
{
	VFM_AUTO_STRINGS struct vfm_strings users = {.values = NULL};
	const char *why = told->domains_why ? told->domains_why : told->why;
	bool domains_known = told->domains_complete && !told->domains_why;
	const char *runs;

	if (!vfm_known(&vgpu->device.fact))
		return;
	runs = add_domains(told, vgpu->device.value, &users);
	if (runs)
		vfm_fact_set_text(&vgpu->owner, runs);
	else if (domains_known && !vfm_known(&vgpu->owner.fact))
		vfm_fact_set_absent(&vgpu->owner.fact);
	else if (!domains_known && vgpu->owner.fact.state == VFM_ABSENT)
		vfm_fact_set_unknown(&vgpu->owner.fact, "libvirt's domains: %s", why);
	if (runs || domains_known || users.count)
		vfm_fact_set_texts(&vgpu->users, &users);
	else
		vfm_fact_set_unknown(&vgpu->users.fact, "libvirt's domains: %s", why);
}

static void fill_vgpus(const struct told *told, struct vfm_facts *facts)
{
	vfm_list_each (struct vfm_gpu_facts, gpu, &facts->nvidia.gpus)
		vfm_list_each (struct vfm_vgpu_facts, vgpu, &gpu->vgpus)
			fill_vgpu(told, vgpu);
}

static void fill_missing(struct vfm_fact_text *fact, const char *why)
{
	if (fact->fact.state == VFM_UNKNOWN && !fact->fact.reason)
		vfm_fact_set_unknown(&fact->fact, "%s", why);
}

static void clear(struct vfm_fact_text *fact)
{
	vfm_fact_done(&fact->fact);
}

void vfm_libvirt_fill(const char *data, size_t size, const char *why, struct vfm_facts *facts)
{
	struct told told = {.facts = facts, .why = strdup(why)};
	const char *end = data + size;

	clear(&facts->libvirt.version);
	clear(&facts->libvirt.qemu_version);
	clear(&facts->libvirt.uri);
	clear(&facts->host.uuid);
	if (vfm_known(&facts->host.smbios_uuid.fact))
		vfm_fact_set_text(&facts->host.uuid, facts->host.smbios_uuid.value);
	for (const char *at = data; at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		if (!newline)
			break;
		take_line(&told, at, (size_t)(newline - at));
		at = newline + 1;
	}
	why = told.why ? told.why : why;
	fill_missing(&facts->libvirt.version, why);
	fill_missing(&facts->libvirt.qemu_version, why);
	fill_missing(&facts->libvirt.uri, why);
	fill_missing(&facts->host.uuid, why);
	vfm_list_each (struct vfm_pf_facts, pf, &facts->pfs)
		vfm_list_each (struct vfm_vf_facts, vf, &pf->vfs)
			fill_users(&told, vf);
	fill_vgpus(&told, facts);
	told_done(&told);
}

/* Not on this host at all: then no domain of libvirt's uses anything. */
static void fill_not_installed(struct vfm_facts *facts)
{
	const struct vfm_fact_text *smbios = &facts->host.smbios_uuid;
	const struct told nobody = {.domains_complete = true};

	vfm_fact_set_absent(&facts->libvirt.version.fact);
	vfm_fact_set_absent(&facts->libvirt.qemu_version.fact);
	vfm_fact_set_absent(&facts->libvirt.uri.fact);
	fill_vgpus(&nobody, facts);
	if (vfm_known(&smbios->fact))
		vfm_fact_set_text(&facts->host.uuid, smbios->value);
	else
		vfm_fact_set_unknown(&facts->host.uuid.fact,
				     "libvirt is not installed, and SMBIOS gives none%s%s",
				     smbios->fact.reason ? ": " : "",
				     smbios->fact.reason ? smbios->fact.reason : "");
}

static bool any_exists(const char *const *paths, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (access(paths[i], F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR))
			return true;
	return false;
}

/* What the child is to ask. */
struct question {
	const char *uri, *vm; /* NULL: of all domains */
};

static int ask(void *data)
{
	const struct question *question = data;
	int r = question->vm ? vfm_libvirt_tell_vm(question->uri, question->vm, STDOUT_FILENO)
			     : vfm_libvirt_tell(question->uri, STDOUT_FILENO);

	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Why the child told less than everything, from how it ended; for the user's eyes. */
static char *explain(int ended, int status, int64_t waited_ms, struct vfm_buffer *errors)
{
	VFM_AUTO_FREE char *words = vfm_buffer_steal(errors);

	if (ended == -ETIMEDOUT)
		return vfm_text_printf("libvirt gave no answer within %lld ms",
				       (long long)waited_ms);
	if (ended < 0)
		return vfm_text_printf("libvirt: %s", strerror(-ended));
	return vfm_text_printf("asking libvirt ended early (status %d)%s%s", status,
			       words && *words ? ": " : "",
			       words ? vfm_text_trim_end(vfm_text_make_printable(words)) : "");
}

static void ask_by_child(struct question question, int64_t deadline_ms, struct vfm_buffer *told,
			 char **ret_why)
{
	VFM_AUTO_BUFFER struct vfm_buffer errors = {.data = NULL};
	VFM_AUTO_CHILD struct vfm_child child = VFM_CHILD_INIT;
	VFM_AUTO_ERROR struct vfm_error error = VFM_ERROR_INIT;
	int64_t start_ms = vfm_now_ms();
	int status = 0;
	int r;

	r = vfm_child_fork(ask, &question, "libvirt", &child, &error);
	if (r < 0) {
		*ret_why = strdup(error.what ? error.what : strerror(-r));
		return;
	}
	do
		r = vfm_child_read(&child, deadline_ms, TOLD_MAX_BYTES, told, &errors);
	while (r > 0);
	if (r == 0)
		r = vfm_child_wait(&child, deadline_ms, &status);
	*ret_why = explain(r, status, deadline_ms - start_ms, &errors);
}

void vfm_libvirt_ask(const char *uri, int64_t deadline_ms, struct vfm_buffer *told, char **ret_why)
{
	ask_by_child((struct question){.uri = uri}, deadline_ms, told, ret_why);
}

void vfm_libvirt_ask_vm(const char *uri, const char *vm, int64_t deadline_ms,
			struct vfm_buffer *told, char **ret_why)
{
	ask_by_child((struct question){.uri = uri, .vm = vm}, deadline_ms, told, ret_why);
}

static void read_by_child(int64_t deadline_ms, struct vfm_facts *facts)
{
	VFM_AUTO_BUFFER struct vfm_buffer told = {.data = NULL};
	VFM_AUTO_FREE char *why = NULL;

	vfm_libvirt_ask(VFM_LIBVIRT_URI, deadline_ms, &told, &why);
	vfm_libvirt_fill(told.data ? told.data : "", told.size, why ? why : "out of memory", facts);
}

void vfm_read_libvirt(const struct vfm_read_options *options, struct vfm_facts *facts)
{
	int left_ms = vfm_deadline_left(options->deadline_ms);

	if (any_exists(sockets, VFM_ARRAY_SIZE(sockets))) {
		/* A daemon that hangs must not take the time of the readers after this one. */
		read_by_child(vfm_deadline_in(left_ms / 2), facts);
		return;
	}
	if (any_exists(traces, VFM_ARRAY_SIZE(traces)))
		vfm_libvirt_fill("", 0,
				 "no libvirt daemon socket at /run/libvirt/virtqemud-sock-ro or "
				 "/run/libvirt/libvirt-sock-ro",
				 facts);
	else
		fill_not_installed(facts);
}
