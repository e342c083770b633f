/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What may stand in a request; see arguments.h. */
#include "peer/arguments.h"

#include <net/if.h>
#include <string.h>

#include "base/json.h"
#include "facts/claims.h"
#include "facts/host.h"
#include "ovs/ovs.h"
#include "plan/request.h"

enum { TAG_MAX = 4095 };

static int bad(const char *key, const char *what, struct vfm_error *err)
{
	return vfm_error_set(err, -EINVAL, "request", NULL, "\"%s\" %s", key, what);
}

/* The member's text; NULL: none. */
static int text_of(json_object *request, const char *key, const char **ret_text,
		   struct vfm_error *err)
{
	json_object *value = NULL;
	const char *text = NULL;

	if (json_object_object_get_ex(request, key, &value) && value) {
		text = vfm_json_text(value);
		if (!text)
			return bad(key, "is no text", err);
	}
	*ret_text = text;
	return 0;
}

static bool is_plain(const char *text, unsigned char lowest)
{
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < lowest || (unsigned char)*p > '~')
			return false;
	return *text;
}

int vfm_argument_device(json_object *request, const char *key,
			char ret_device[VFM_OBJECT_UUID_SIZE], struct vfm_error *err)
{
	const char *text = NULL;
	int r = text_of(request, key, &text, err);

	if (r < 0)
		return r;
	return text && vfm_uuid_parse(text, ret_device) == 0
		       ? 0
		       : vfm_argument_bdf(request, key, ret_device, err);
}

int vfm_argument_bdf(json_object *request, const char *key, char ret_bdf[VFM_BDF_TEXT_SIZE],
		     struct vfm_error *err)
{
	const char *text = NULL;
	struct vfm_bdf bdf;
	int r = text_of(request, key, &text, err);

	if (r < 0)
		return r;
	if (!text || vfm_parse_bdf(text, &bdf) < 0)
		return bad(key, "is no PCI address", err);
	vfm_bdf_text(&bdf, ret_bdf);
	return 0;
}

int vfm_argument_line(json_object *request, const char *key, const char **ret_line,
		      struct vfm_error *err)
{
	const char *text = NULL;
	int r = text_of(request, key, &text, err);

	if (r < 0)
		return r;
	if (!text || !is_plain(text, ' ') || strlen(text) > VFM_CLAIM_OWNER_MAX)
		return bad(key, "is no line of printable text", err);
	*ret_line = text;
	return 0;
}

int vfm_argument_options(json_object *request, const char **ret_options, struct vfm_error *err)
{
	const char *text = NULL;
	int r = text_of(request, "options", &text, err);

	if (r == 0 && text)
		r = vfm_ovs_options_check(text);
	if (r == -EINVAL && text)
		return bad("options", "are no options of a port", err);
	if (r == 0)
		*ret_options = text;
	return r;
}

int vfm_argument_link(json_object *request, enum vfm_peer_link *ret_link, struct vfm_error *err)
{
	json_object *value = NULL;

	*ret_link = VFM_PEER_LINK_STAYS;
	if (!json_object_object_get_ex(request, "up", &value) || !value)
		return 0;
	if (!json_object_is_type(value, json_type_boolean))
		return bad("up", "is neither true nor false", err);
	*ret_link = json_object_get_boolean(value) ? VFM_PEER_LINK_UP : VFM_PEER_LINK_DOWN;
	return 0;
}

int vfm_argument_owner(json_object *request, const char **ret_owner, struct vfm_error *err)
{
	return vfm_argument_line(request, "owner", ret_owner, err);
}

int vfm_argument_host(json_object *request, const char **ret_host, struct vfm_error *err)
{
	const char *text = NULL;
	int r = text_of(request, "host", &text, err);

	if (r < 0)
		return r;
	if (!text || !is_plain(text, '!') || strlen(text) > VFM_PEER_TARGET_MAX_BYTES)
		return bad("host", "is no name of a host", err);
	*ret_host = text;
	return 0;
}

int vfm_argument_list(json_object *request, const char *key, size_t max, json_object **ret_list,
		      size_t *ret_count, struct vfm_error *err)
{
	json_object *list = NULL;

	if (!json_object_object_get_ex(request, key, &list) ||
	    !json_object_is_type(list, json_type_array) || json_object_array_length(list) > max)
		return vfm_error_set(err, -EINVAL, "request", NULL,
				     "\"%s\" is no list of at most %zu", key, max);
	*ret_list = list;
	*ret_count = json_object_array_length(list);
	return 0;
}

int vfm_argument_mac(json_object *request, bool needed, char ret_mac[VFM_MAC_TEXT_SIZE],
		     struct vfm_error *err)
{
	const char *text = NULL;
	int r = text_of(request, "mac", &text, err);

	if (r < 0)
		return r;
	if (!text && !needed) {
		*ret_mac = '\0';
		return 0;
	}
	if (!text || vfm_mac_check(text, ret_mac, NULL) < 0)
		return bad("mac", "is no address that an interface can have", err);
	return 0;
}

int vfm_argument_number(json_object *request, const char *key, int64_t min, int64_t max,
			bool *ret_has, int64_t *ret_number, struct vfm_error *err)
{
	json_object *value = NULL;
	int64_t number;

	*ret_has = false;
	if (!json_object_object_get_ex(request, key, &value) || !value)
		return 0;
	number = json_object_get_int64(value);
	if (!json_object_is_type(value, json_type_int) || number < min || number > max)
		return vfm_error_set(err, -EINVAL, "request", NULL,
				     "\"%s\" is no number from %lld to %lld", key, (long long)min,
				     (long long)max);
	*ret_has = true;
	*ret_number = number;
	return 0;
}

int vfm_argument_tag(json_object *request, int32_t *ret_tag, struct vfm_error *err)
{
	int64_t tag = VFM_VLAN_NONE;
	bool has;
	int r = vfm_argument_number(request, "tag", 0, TAG_MAX, &has, &tag, err);

	if (r == 0)
		*ret_tag = (int32_t)tag;
	return r;
}

int vfm_argument_bridge(json_object *request, const char **ret_bridge, struct vfm_error *err)
{
	const char *text = NULL;
	int r = text_of(request, "bridge", &text, err);

	if (r < 0)
		return r;
	if (text && (!is_plain(text, '!') || strlen(text) >= IFNAMSIZ || strchr(text, '/')))
		return bad("bridge", "is no name of a bridge", err);
	*ret_bridge = text;
	return 0;
}
