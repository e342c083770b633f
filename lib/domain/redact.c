/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Takes secrets out of a document; see redact.h. */
#include "domain/redact.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "domain/domain_edit.h"
#include "domain/domain_read.h"

/* ---- secrets within a text ---- */

/* How the name of a secret ends, in whatever case. "key": also "secret_key", not "keyfile". */
static const char *const secret_words[] = {
	"password", "passwd", "passphrase", "secret", "token", "key",
};

static bool is_secret_name(const char *name, size_t size)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(secret_words); i++) {
		size_t length = strlen(secret_words[i]);

		if (size >= length &&
		    strncasecmp(name + size - length, secret_words[i], length) == 0)
			return true;
	}
	return false;
}

/* Where a value within a text ends: the more that is taken for a secret, the better. */
enum way {
	OPTIONS, /* at a comma; two are one that belongs to it, as QEMU has it */
	WORDS,   /* at a blank outside of double quotes, as the kernel has it */
	REST,    /* with the text */
	WHOLE,   /* the text is the value */
};

/* Where a value behind "name=" or "name:" begins; *ret_quote: as a JSON string, which is in these.
 */
static const char *value_begin(const char *at, char *ret_quote)
{
	char quote = *at == '"' || *at == '\'' ? *at++ : '\0';

	*ret_quote = '\0';
	at += strspn(at, " ");
	if (*at != '=' && *at != ':')
		return NULL;
	at++;
	if (quote && at[strspn(at, " ")] == quote) {
		*ret_quote = quote;
		at += strspn(at, " ") + 1;
	}
	return at;
}

static const char *json_end(const char *at, char quote)
{
	while (*at && *at != quote)
		at += *at == '\\' && at[1] ? 2 : 1;
	return at;
}

static const char *value_end(const char *at, enum way way)
{
	bool quoted = false;

	for (; *at; at++) {
		if (way == WORDS && *at == '"')
			quoted = !quoted;
		else if (way == WORDS && !quoted && strchr(" \t\n", *at))
			break;
		else if (way == OPTIONS && *at == ',' && *++at != ',')
			return at - 1;
	}
	return at;
}

/* A name's bytes: what a secret's word may be the end of. */
static size_t name_length(const char *at)
{
	size_t length = 0;

	while ((at[length] >= 'a' && at[length] <= 'z') ||
	       (at[length] >= 'A' && at[length] <= 'Z') ||
	       (at[length] >= '0' && at[length] <= '9') ||
	       (at[length] && strchr("_-.", at[length])))
		length++;
	return length;
}

/* What follows these, up to the end of a word, is a credential: systemd.system-credentials(7). */
static const char *const credentials[] = {
	"io.systemd.credential:",
	"io.systemd.credential.binary:",
	"systemd.set_credential=",
	"systemd.set_credential_binary=",
};

/* The secret of a credential "NAME=value" or "NAME:value" that begins at 'at'; NULL: none does. */
static const char *credential_at(const char *at, enum way way, const char **ret_end)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(credentials); i++) {
		const char *rest = vfm_text_after(at, credentials[i]);

		if (!rest)
			continue;
		rest += strcspn(rest, "=: \t\n");
		if (*rest != '=' && *rest != ':')
			return NULL;
		*ret_end = value_end(rest + 1, way);
		return rest + 1;
	}
	return NULL;
}

/* The password of "://user:password@"; NULL: there is none at 'at'. */
static const char *url_password_at(const char *at, const char **ret_end)
{
	const char *rest = vfm_text_after(at, "://"), *colon, *end;

	if (!rest)
		return NULL;
	end = rest + strcspn(rest, "/ \t\n\"'");
	colon = memchr(rest, ':', (size_t)(end - rest));
	*ret_end = colon ? memrchr(colon, '@', (size_t)(end - colon)) : NULL;
	return *ret_end ? colon + 1 : NULL;
}

/* The value of a word for a secret that begins at 'at', or of the data of a QEMU secret object. */
static const char *word_secret_at(const char *at, enum way way, bool object, const char **ret_end)
{
	size_t length = name_length(at);
	const char *value;
	char quote;

	if (!is_secret_name(at, length) && (!object || length != 4 || strncmp(at, "data", 4) != 0))
		return NULL;
	value = value_begin(at + length, &quote);
	if (value)
		*ret_end = quote ? json_end(value, quote) : value_end(value, way);
	return value;
}

/* A copy with the secrets in it replaced; NULL: there are none, or no memory, which is noted. */
static char *redacted(const char *text, enum way way, bool *failed)
{
	struct vfm_buffer out = {.data = NULL};
	/* -object secret,id=…,data=…, and the same as JSON */
	bool object = strstr(text, "secret") != NULL, any = false;
	const char *done = text;
	char *copy;

	for (const char *at = text; *at;) {
		const char *end = NULL, *secret = credential_at(at, way, &end);

		if (!secret)
			secret = url_password_at(at, &end);
		if (!secret)
			secret = word_secret_at(at, way, object, &end);
		if (!secret || end == secret) {
			size_t length = name_length(at);

			/* a URL's scheme is a name, and stands before what tells it */
			at += length ? length : 1;
			continue;
		}
		vfm_buffer_append(&out, done, (size_t)(secret - done));
		vfm_buffer_puts(&out, VFM_REDACTED);
		at = done = end;
		any = true;
	}
	vfm_buffer_puts(&out, done);
	copy = vfm_buffer_steal(&out);
	*failed |= !copy;
	if (any)
		return copy;
	free(copy);
	return NULL;
}

/* ---- where they stand ---- */

static const struct place {
	const char *parent;    /* NULL: any */
	const char *element;   /* without its namespace; NULL: any */
	const char *attribute; /* NULL: its content */
	enum way way;
} places[] = {
	{NULL, NULL, "passwd", WHOLE},
	{NULL, NULL, "password", WHOLE},
	{NULL, NULL, "passphrase", WHOLE},
	{NULL, "secret", NULL, WHOLE},
	{NULL, "password", NULL, WHOLE},
	{NULL, "passwd", NULL, WHOLE},
	{NULL, "passphrase", NULL, WHOLE},
	{"cookies", "cookie", NULL, WHOLE},
	{"launchSecurity", "session", NULL, WHOLE},
	{"launchSecurity", "dhCert", NULL, WHOLE},
	{"launchSecurity", "idBlock", NULL, WHOLE},
	{"launchSecurity", "idAuth", NULL, WHOLE},
	{"launchSecurity", "hostData", NULL, WHOLE},
	{"sysinfo", "entry", NULL, WHOLE}, /* type='fwcfg': provisioning data */
	{NULL, "source", "query", WHOLE},
	{"commandline", "arg", "value", OPTIONS},
	{"commandline", "env", "value", REST},
	{"frontend", "property", "value", REST},
	{"oemStrings", "entry", NULL, REST},
	{"os", "cmdline", NULL, WORDS},
	{NULL, "source", "file", OPTIONS},
	{NULL, "source", "name", OPTIONS},
	{NULL, "source", "dev", OPTIONS},
};

/* <qemu:env name='SECRET_KEY' value='…'/>, or a <qemu:property>: the name tells. */
static int find_named_secret(const xmlNode *element, const struct place *place, bool *ret_is)
{
	VFM_AUTO_FREE char *name = NULL;
	int r = vfm_xml_attribute(element, "name", &name);

	if (r == -ENOMEM)
		return r;
	*ret_is = name && place->attribute && vfm_streq(place->attribute, "value") &&
		  is_secret_name(name, strlen(name));
	return 0;
}

static bool is_place(const xmlNode *element, const struct place *place)
{
	const xmlNode *parent = element->parent;

	if (place->element && !vfm_streq((const char *)element->name, place->element))
		return false;
	return !place->parent || (parent->type == XML_ELEMENT_NODE &&
				  vfm_streq((const char *)parent->name, place->parent));
}

static bool is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

/* *ret_whole: the whole content is replaced, and nothing below it is looked at. */
static int redact_place(struct vfm_domain_edits *edits, const xmlNode *element,
			const struct place *place, bool *ret_whole)
{
	VFM_AUTO_FREE char *value = NULL, *copy = NULL;
	const char *now = VFM_REDACTED;
	bool failed = false, named = false;
	int r = place->attribute ? vfm_xml_attribute(element, place->attribute, &value)
				 : vfm_xml_text(element, &value);

	if (r == -ENOENT || (r == 0 && is_blank(value)))
		return 0;
	if (r == 0)
		r = find_named_secret(element, place, &named);
	if (r < 0)
		return r;
	if (place->way != WHOLE && !named) {
		copy = redacted(value, place->way, &failed);
		if (!copy)
			return failed ? -ENOMEM : 0;
		now = copy;
	}
	*ret_whole |= !place->attribute;
	return place->attribute ? vfm_domain_edit_attribute(edits, element, place->attribute, now)
				: vfm_domain_edit_content(edits, element, now);
}

static int redact_element(struct vfm_domain_edits *edits, const xmlNode *element, bool *ret_whole)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(places); i++) {
		int r = is_place(element, &places[i])
				? redact_place(edits, element, &places[i], ret_whole)
				: 0;

		if (r < 0)
			return r;
	}
	return 0;
}

/* libxml2 bounds the depth of a document. */
static int redact_below(struct vfm_domain_edits *edits, const xmlNode *node)
{
	for (; node; node = node->next) {
		bool whole = false;
		int r;

		if (node->type != XML_ELEMENT_NODE)
			continue;
		r = redact_element(edits, node, &whole);
		if (r == 0 && !whole)
			r = redact_below(edits, node->children);
		if (r < 0)
			return r;
	}
	return 0;
}

int vfm_domain_redact(const char *xml, size_t size, const char *name, char **ret_xml,
		      struct vfm_error *err)
{
	VFM_CLEANUP(vfm_domain_edits_done) struct vfm_domain_edits edits = {.xml = NULL};
	int r = vfm_domain_edits_begin(xml, size, name, NULL, &edits, err);
	char *shown;

	if (r < 0)
		return r;
	r = redact_below(&edits, xmlDocGetRootElement(edits.document));
	shown = r < 0 ? NULL : vfm_domain_edits_apply(&edits);
	if (!shown)
		return vfm_error_no_memory(err, name);
	*ret_xml = shown;
	return 0;
}
