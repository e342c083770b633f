/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Asks libvirt and tells it by line; see libvirt.h. Runs in a child: may block, must not touch
 * facts, and prints nothing but its lines.
 */
#include "facts/libvirt.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "domain/capabilities.h"
#include "domain/devices.h"
#include "domain/interfaces.h"

static void cleanup_connect(virConnectPtr *connect)
{
	if (*connect)
		virConnectClose(*connect);
}

/* A line {"part":part}, to be filled and given to put_line. */
static json_object *new_line(const char *part)
{
	json_object *line = json_object_new_object();

	json_object_object_add(line, "part", json_object_new_string(part));
	return line;
}

/* Writes the line and releases it. */
static int put_line(int fd, json_object *line)
{
	const char *text = json_object_to_json_string_ext(line, JSON_C_TO_STRING_PLAIN);
	VFM_AUTO_FREE char *whole = text ? vfm_text_printf("%s\n", text) : NULL;
	int r = whole ? 0 : -ENOMEM;

	for (const char *rest = whole; r == 0 && *rest;) {
		ssize_t n = write(fd, rest, strlen(rest));

		if (n >= 0)
			rest += n;
		else if (errno != EINTR)
			r = -errno;
	}
	json_object_put(line);
	return r;
}

static int put_value(int fd, const char *part, json_object *value)
{
	json_object *line = new_line(part);

	json_object_object_add(line, "value", value);
	return put_line(fd, line);
}

static int put_error(int fd, const char *part, const char *words)
{
	VFM_AUTO_FREE char *clean = strdup(words);
	json_object *line = new_line(part);

	if (clean)
		json_object_object_add(line, "error",
				       json_object_new_string(vfm_text_make_printable(clean)));
	return put_line(fd, line);
}

/* libvirt's words for the call that has just failed. */
static const char *last_words(void)
{
	const char *words = virGetLastErrorMessage();

	return words ? words : "unknown error";
}

typedef int (*get_version)(virConnectPtr connect, unsigned long *version);

static int tell_version(virConnectPtr connect, int fd, const char *part, get_version get)
{
	unsigned long version;

	if (get(connect, &version) < 0)
		return put_error(fd, part, last_words());
	return put_value(fd, part, json_object_new_uint64(version));
}

/* What a domain takes, by its XML. */
struct taken {
	struct vfm_strings devices, mdevs, macs, tagged;
};

static void taken_done(struct taken *taken)
{
	vfm_strings_done(&taken->devices);
	vfm_strings_done(&taken->mdevs);
	vfm_strings_done(&taken->macs);
	vfm_strings_done(&taken->tagged);
}

static int read_taken(const char *xml, const char *name, struct taken *taken, struct vfm_error *err)
{
	int r = vfm_domain_host_devices(xml, strlen(xml), name, &taken->devices, err);

	if (r == 0)
		r = vfm_domain_mdevs(xml, strlen(xml), name, &taken->mdevs, err);
	if (r < 0)
		return r;
	return vfm_domain_interfaces(xml, strlen(xml), name, &taken->macs, &taken->tagged, err);
}

static void add_list(json_object *line, const char *key, const struct vfm_strings *values)
{
	json_object *list = json_object_new_array();

	for (size_t i = 0; i < values->count; i++)
		json_object_array_add(list, json_object_new_string(values->values[i]));
	json_object_object_add(line, key, list);
}

/* One domain in one of its two states. */
static int tell_domain(virDomainPtr domain, int fd, const char *state, unsigned int xml_flags)
{
	VFM_CLEANUP(taken_done) struct taken taken = {.devices = {.values = NULL}};
	VFM_AUTO_ERROR struct vfm_error error = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *xml = virDomainGetXMLDesc(domain, xml_flags);
	const char *name = virDomainGetName(domain);
	json_object *line;

	if (!xml) {
		/* Gone since it was listed. */
		if (virGetLastErrorCode() == VIR_ERR_NO_DOMAIN)
			return 0;
		return put_error(fd, "domain", last_words());
	}
	if (read_taken(xml, name, &taken, &error) < 0) {
		VFM_AUTO_FREE char *words = vfm_error_text(&error);

		return put_error(fd, "domain", words ? words : "out of memory");
	}
	line = new_line("domain");
	json_object_object_add(line, "name", json_object_new_string(name));
	json_object_object_add(line, "state", json_object_new_string(state));
	add_list(line, "devices", &taken.devices);
	add_list(line, "mdevs", &taken.mdevs);
	add_list(line, "macs", &taken.macs);
	add_list(line, "tagged", &taken.tagged);
	return put_line(fd, line);
}

/* What it holds now, and what it would take at its next start. */
static int tell_domain_states(virDomainPtr domain, int fd)
{
	int active = virDomainIsActive(domain);
	int persistent = virDomainIsPersistent(domain);
	int r = 0;

	if (active != 0)
		r = tell_domain(domain, fd, "running", 0);
	if (r == 0 && persistent != 0)
		r = tell_domain(domain, fd, "defined", VIR_DOMAIN_XML_INACTIVE);
	return r;
}

static int tell_domains(virConnectPtr connect, int fd)
{
	virDomainPtr *domains;
	int n = virConnectListAllDomains(connect, &domains, 0);
	int r = 0;

	if (n < 0)
		return put_error(fd, "domains", last_words());
	for (int i = 0; i < n; i++) {
		if (r == 0)
			r = tell_domain_states(domains[i], fd);
		virDomainFree(domains[i]);
	}
	free(domains);
	return r < 0 ? r : put_value(fd, "domains", json_object_new_int(n));
}

static int tell_host_uuid(virConnectPtr connect, int fd)
{
	VFM_AUTO_ERROR struct vfm_error error = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *xml = virConnectGetCapabilities(connect);
	VFM_AUTO_FREE char *uuid = NULL;

	if (!xml)
		return put_error(fd, "host_uuid", last_words());
	if (vfm_capabilities_host_uuid(xml, strlen(xml), &uuid, &error) < 0) {
		VFM_AUTO_FREE char *words = vfm_error_text(&error);

		return put_error(fd, "host_uuid", words ? words : "out of memory");
	}
	return put_value(fd, "host_uuid", json_object_new_string(uuid));
}

/* A name comes before a UUID: a VM may be called like one. */
static virDomainPtr look_up(virConnectPtr connect, const char *vm)
{
	virDomainPtr domain = virDomainLookupByName(connect, vm);

	if (!domain && strlen(vm) == VIR_UUID_STRING_BUFLEN - 1)
		domain = virDomainLookupByUUIDString(connect, vm);
	return domain;
}

int vfm_libvirt_tell_vm(const char *uri, const char *vm, int fd)
{
	VFM_CLEANUP(cleanup_connect) virConnectPtr connect = NULL;
	VFM_AUTO_FREE char *xml = NULL;
	virDomainPtr domain = NULL;

	if (virInitialize() < 0)
		return put_error(fd, "document", "libvirt's client library does not start");
	connect = virConnectOpenReadOnly(uri);
	domain = connect ? look_up(connect, vm) : NULL;
	xml = domain ? virDomainGetXMLDesc(domain, 0) : NULL;
	if (domain)
		virDomainFree(domain);
	if (!xml)
		return put_error(fd, "document", last_words());
	return put_value(fd, "document", json_object_new_string(xml));
}

int vfm_libvirt_tell(const char *uri, int fd)
{
	VFM_CLEANUP(cleanup_connect) virConnectPtr connect = NULL;
	int r;

	if (virInitialize() < 0)
		return put_error(fd, "connection", "libvirt's client library does not start");
	connect = virConnectOpenReadOnly(uri);
	if (!connect)
		return put_error(fd, "connection", last_words());
	/* The daemon may probe every QEMU there is before it answers the last two. */
	r = tell_version(connect, fd, "version", virConnectGetLibVersion);
	if (r == 0)
		r = put_value(fd, "uri", json_object_new_string(uri));
	if (r == 0)
		r = tell_domains(connect, fd);
	if (r == 0)
		r = tell_version(connect, fd, "qemu_version", virConnectGetVersion);
	return r < 0 ? r : tell_host_uuid(connect, fd);
}
