/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads who this host is: names, versions, identifiers, rights. host.uuid is the SMBIOS one here;
 * libvirt.c replaces it by the host UUID that libvirt goes by, where libvirt can be asked.
 */
#include "facts/host.h"

#include <ctype.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/utsname.h>

#include "base/file.h"
#include "base/span.h"
#include "base/text.h"
#include "facts/readers.h"
#include "facts/source.h"

#define DMI_DIRECTORY "/sys/class/dmi/id"
#define EFI_DIRECTORY "/sys/firmware/efi"
#define EFI_VARIABLES EFI_DIRECTORY "/efivars"
#define SECURE_BOOT   "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define SECURITY_FS   "/sys/kernel/security"

enum { FILE_MAX_BYTES = 64 * 1024 };

/* Adds the text between double quotes; a backslash takes the meaning from the next byte. */
static int unquote_double(struct vfm_span text, struct vfm_buffer *value)
{
	for (size_t i = 0; i < text.size; i++) {
		char c = text.data[i];

		if (c == '"' || c == '$' || c == '`')
			return -EINVAL;
		if (c == '\\') {
			if (i + 1 == text.size)
				return -EINVAL;
			if (strchr("$\"\\`", text.data[i + 1]))
				c = text.data[++i];
		}
		vfm_buffer_append(value, &c, 1);
	}
	return 0;
}

/* Adds an assigned value without its quotes. */
static int unquote(struct vfm_span text, struct vfm_buffer *value)
{
	char quote = text.size ? text.data[0] : '\0';
	struct vfm_span inner;

	if (text.size && memchr(text.data, '\0', text.size))
		return -EINVAL;
	if (quote != '"' && quote != '\'') {
		for (size_t i = 0; i < text.size; i++)
			if (!isalnum((unsigned char)text.data[i]) &&
			    !strchr("._-+:/,@%=~^", text.data[i]))
				return -EINVAL;
		vfm_buffer_append(value, text.data, text.size);
		return 0;
	}
	if (text.size < 2 || text.data[text.size - 1] != quote)
		return -EINVAL;
	inner = (struct vfm_span){.data = text.data + 1, .size = text.size - 2};
	if (quote == '"')
		return unquote_double(inner, value);
	if (inner.size && memchr(inner.data, '\'', inner.size))
		return -EINVAL;
	vfm_buffer_append(value, inner.data, inner.size);
	return 0;
}

int vfm_os_release_value(const char *data, size_t size, const char *name, char **ret_value)
{
	struct vfm_span rest = {.data = data, .size = size}, line, key, text;
	struct vfm_span assigned = {.data = NULL};
	VFM_AUTO_BUFFER struct vfm_buffer value = {.data = NULL};
	bool found = false;
	char *copy;
	int r;

	while (vfm_span_line(&rest, &line)) {
		if (!vfm_span_split(line, '=', &key, &text) || !vfm_span_is(key, name))
			continue;
		assigned = text;
		found = true;
	}
	if (!found)
		return -ENOENT;
	r = unquote(assigned, &value);
	if (r < 0)
		return r;
	copy = vfm_buffer_steal(&value);
	if (!copy)
		return -ENOMEM;
	*ret_value = copy;
	return 0;
}

int vfm_lockdown_parse(const char *data, size_t size, char **ret_word)
{
	struct vfm_span rest = {.data = data, .size = size}, word, chosen = {.data = NULL};
	char *copy;

	while (vfm_span_word(&rest, &word)) {
		if (word.data[0] != '[')
			continue;
		if (chosen.size || word.size < 3 || word.data[word.size - 1] != ']')
			return -EINVAL;
		chosen = (struct vfm_span){.data = word.data + 1, .size = word.size - 2};
	}
	if (!vfm_span_is(chosen, "none") && !vfm_span_is(chosen, "integrity") &&
	    !vfm_span_is(chosen, "confidentiality"))
		return -EINVAL;
	copy = vfm_span_text(chosen);
	if (!copy)
		return -ENOMEM;
	*ret_word = copy;
	return 0;
}

int vfm_secure_boot_parse(const void *data, size_t size, bool *ret_on)
{
	const unsigned char *bytes = data;

	if (size != 5 || bytes[4] > 1)
		return -EINVAL;
	*ret_on = bytes[4];
	return 0;
}

int vfm_uuid_parse(const char *text, char ret_uuid[VFM_UUID_TEXT_SIZE])
{
	char uuid[VFM_UUID_TEXT_SIZE];
	size_t zeros = 0, ones = 0;

	if (strlen(text) != VFM_UUID_TEXT_SIZE - 1)
		return -EINVAL;
	for (size_t i = 0; i < VFM_UUID_TEXT_SIZE - 1; i++) {
		char c = (char)tolower((unsigned char)text[i]);
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? c != '-' : !isxdigit((unsigned char)c))
			return -EINVAL;
		zeros += c == '0';
		ones += c == 'f';
		uuid[i] = c;
	}
	if (zeros == 32 || ones == 32)
		return -ENODATA;
	uuid[VFM_UUID_TEXT_SIZE - 1] = '\0';
	memcpy(ret_uuid, uuid, sizeof(uuid));
	return 0;
}

int vfm_status_privileged(const char *data, size_t size, bool *ret_privileged)
{
	static const uint64_t needed = 1ULL << CAP_NET_ADMIN | 1ULL << CAP_SYS_ADMIN;
	struct vfm_span rest = {.data = data, .size = size}, line, key, text;
	uint64_t effective;

	while (vfm_span_line(&rest, &line)) {
		if (!vfm_span_split(line, ':', &key, &text) || !vfm_span_is(key, "CapEff"))
			continue;
		if (vfm_span_uint(text, 16, UINT64_MAX, &effective) < 0)
			return -EINVAL;
		*ret_privileged = (effective & needed) == needed;
		return 0;
	}
	return -EINVAL;
}

bool vfm_uid_map_initial(const char *data, size_t size)
{
	static const char *const words[] = {"0", "0", "4294967295"};
	struct vfm_span rest = {.data = data, .size = size}, word;

	for (size_t i = 0; i < VFM_ARRAY_SIZE(words); i++)
		if (!vfm_span_word(&rest, &word) || !vfm_span_is(word, words[i]))
			return false;
	return !vfm_span_word(&rest, &word);
}

static void read_names(struct vfm_host_facts *host)
{
	struct utsname name;

	if (uname(&name) < 0)
		return;
	vfm_fact_set_text(&host->hostname, name.nodename);
	vfm_fact_set_text(&host->kernel, name.release);
	vfm_fact_set_text(&host->arch, name.machine);
}

static void read_uuid(struct vfm_host_facts *host)
{
	char uuid[VFM_UUID_TEXT_SIZE];
	struct vfm_fact_text *fact = &host->smbios_uuid;

	vfm_source_text(fact, DMI_DIRECTORY, "product_uuid");
	if (vfm_known(&fact->fact)) {
		int r = vfm_uuid_parse(fact->value, uuid);

		if (r == 0)
			vfm_fact_set_text(fact, uuid);
		else if (r == -ENODATA)
			vfm_fact_set_absent(&fact->fact);
		else
			vfm_fact_set_unknown(&fact->fact, "no UUID: '%.40s'", fact->value);
	}
	vfm_source_copy(&host->uuid, fact);
}

static void fill_os_value(struct vfm_fact_text *fact, const char *data, size_t size,
			  const char *name)
{
	VFM_AUTO_FREE char *value = NULL;
	int r = vfm_os_release_value(data, size, name, &value);

	if (r == 0)
		vfm_fact_set_text(fact, *value ? value : NULL);
	else if (r == -ENOENT)
		vfm_fact_set_absent(&fact->fact);
	else
		vfm_fact_set_unknown(&fact->fact, "os-release: %s is not a plain quoted value",
				     name);
}

static void read_os(struct vfm_host_facts *host)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *data = NULL;
	size_t size;
	int r = vfm_file_read("/etc/os-release", FILE_MAX_BYTES, &data, &size, NULL);

	/* os-release(5): the second place counts when the first is not there. */
	if (r == -ENOENT)
		r = vfm_file_read("/usr/lib/os-release", FILE_MAX_BYTES, &data, &size, &err);
	if (r < 0) {
		vfm_source_failed(&host->os_id.fact, r, &err);
		vfm_source_failed(&host->os_version.fact, r, &err);
		return;
	}
	fill_os_value(&host->os_id, data, size, "ID");
	fill_os_value(&host->os_version, data, size, "VERSION_ID");
}

static void read_privileged(struct vfm_host_facts *host)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *status = NULL, *map = NULL;
	size_t status_size, map_size;
	bool privileged;

	if (vfm_file_read("/proc/self/status", FILE_MAX_BYTES, &status, &status_size, &err) < 0 ||
	    vfm_file_read("/proc/self/uid_map", FILE_MAX_BYTES, &map, &map_size, &err) < 0) {
		vfm_fact_set_error(&host->privileged.fact, &err);
		return;
	}
	if (vfm_status_privileged(status, status_size, &privileged) < 0) {
		vfm_fact_set_unknown(&host->privileged.fact, "/proc/self/status has no CapEff");
		return;
	}
	/* Capabilities within a user namespace of one's own open nothing of the host. */
	vfm_fact_set_bool(&host->privileged, privileged && vfm_uid_map_initial(map, map_size));
}

static bool is_mounted(const char *path, long magic)
{
	struct statfs info;

	return statfs(path, &info) == 0 && info.f_type == magic;
}

/*
 * Reads a file of a file system that may not be mounted over its directory. Where the kernel has
 * no such directory, and where the mounted file system has no such file, the fact is absent.
 */
static char *read_mounted(struct vfm_fact *fact, const char *directory, long magic,
			  const char *kind, const char *name, size_t *ret_size)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *path = vfm_text_printf("%s/%s", directory, name);
	char *data;
	int r = path ? vfm_file_read(path, FILE_MAX_BYTES, &data, ret_size, &err) : -ENOMEM;

	if (r == 0)
		return data;
	if (r == -ENOENT && access(directory, F_OK) == 0 && !is_mounted(directory, magic))
		vfm_fact_set_unknown(fact, "%s is not mounted", kind);
	else
		vfm_source_failed(fact, r, &err);
	return NULL;
}

static void read_lockdown(struct vfm_host_facts *host)
{
	size_t size;
	VFM_AUTO_FREE char *data = read_mounted(&host->lockdown.fact, SECURITY_FS, SECURITYFS_MAGIC,
						"securityfs", "lockdown", &size);
	VFM_AUTO_FREE char *word = NULL;

	if (!data)
		return;
	if (vfm_lockdown_parse(data, size, &word) == 0)
		vfm_fact_set_text(&host->lockdown, word);
	else
		vfm_fact_set_unknown(&host->lockdown.fact, "not of the known form: '%.60s'",
				     vfm_text_trim_end(data));
}

static void read_secure_boot(struct vfm_host_facts *host)
{
	VFM_AUTO_FREE char *data = NULL;
	size_t size;
	bool on;

	if (access(EFI_DIRECTORY, F_OK) == 0 && access(EFI_VARIABLES, F_OK) < 0) {
		vfm_fact_set_unknown(&host->secure_boot.fact,
				     "this kernel gives no access to EFI variables");
		return;
	}
	data = read_mounted(&host->secure_boot.fact, EFI_VARIABLES, EFIVARFS_MAGIC, "efivarfs",
			    SECURE_BOOT, &size);
	if (!data)
		return;
	if (vfm_secure_boot_parse(data, size, &on) == 0)
		vfm_fact_set_bool(&host->secure_boot, on);
	else
		vfm_fact_set_unknown(&host->secure_boot.fact,
				     "the EFI variable is not of the known form");
}

void vfm_read_host(const struct vfm_read_options *options, struct vfm_facts *facts)
{
	struct vfm_host_facts *host = &facts->host;

	(void)options;
	read_names(host);
	read_uuid(host);
	vfm_source_text(&host->boot_id, "/proc/sys/kernel/random", "boot_id");
	read_os(host);
	read_privileged(host);
	read_lockdown(host);
	read_secure_boot(host);
	vfm_source_text(&host->bios_version, DMI_DIRECTORY, "bios_version");
	vfm_source_text(&host->bios_date, DMI_DIRECTORY, "bios_date");
}
