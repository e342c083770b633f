/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Features of an interface; see ethtool.h. The kernel numbers features anew in each release and
 * tells their names, so a feature is found by its name first. Reading needs no rights.
 */
#include "netlink/ethtool.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum { FEATURES_MAX = 4096 };

/* One feature of one interface, found. */
struct place {
	int fd;
	const char *interface;
	uint32_t blocks; /* of 32 features */
	uint32_t number;
};

/* What the kernel answers, from 0 up, or its errno. */
static int call(int fd, const char *interface, void *command)
{
	struct ifreq request = {.ifr_data = command};
	int r;

	if (strlen(interface) >= sizeof(request.ifr_name))
		return -ENODEV;
	memcpy(request.ifr_name, interface, strlen(interface) + 1);
	r = ioctl(fd, SIOCETHTOOL, &request);
	return r < 0 ? -errno : r;
}

static int count_features(int fd, const char *interface, uint32_t *ret_count)
{
	union {
		struct ethtool_sset_info info;
		uint32_t words[sizeof(struct ethtool_sset_info) / 4 + 1];
	} set = {
		.info = {.cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_FEATURES},
	};
	int r = call(fd, interface, &set);

	if (r < 0)
		return r;
	*ret_count = set.words[sizeof(struct ethtool_sset_info) / 4];
	return set.info.sset_mask && *ret_count <= FEATURES_MAX ? 0 : -EOPNOTSUPP;
}

/* The number of the feature, by its name. */
static int find_feature(int fd, const char *interface, uint32_t count, const char *feature,
			uint32_t *ret_number)
{
	VFM_AUTO_FREE struct ethtool_gstrings *names = NULL;
	int r;

	names = calloc(1, sizeof(*names) + (size_t)count * ETH_GSTRING_LEN);
	if (!names)
		return -ENOMEM;
	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_FEATURES;
	names->len = count;
	r = call(fd, interface, names);
	if (r < 0)
		return r;
	for (uint32_t i = 0; i < count && i < names->len; i++) {
		const char *name = (const char *)names->data + (size_t)i * ETH_GSTRING_LEN;

		if (strncmp(name, feature, ETH_GSTRING_LEN) == 0) {
			*ret_number = i;
			return 0;
		}
	}
	return -ENOENT;
}

static int find(struct place *place, const char *name)
{
	uint32_t count = 0;
	int r = place->fd < 0 ? -errno : count_features(place->fd, place->interface, &count);

	if (r < 0)
		return r;
	place->blocks = (count + 31) / 32;
	return find_feature(place->fd, place->interface, count, name, &place->number);
}

static int read_feature(const struct place *place, struct vfm_ethtool_feature *ret_feature)
{
	VFM_AUTO_FREE struct ethtool_gfeatures *features = NULL;
	const struct ethtool_get_features_block *block;
	uint32_t bit = UINT32_C(1) << place->number % 32;
	int r;

	features = calloc(1, sizeof(*features) + place->blocks * sizeof(features->features[0]));
	if (!features)
		return -ENOMEM;
	features->cmd = ETHTOOL_GFEATURES;
	features->size = place->blocks;
	r = call(place->fd, place->interface, features);
	if (r < 0)
		return r;
	block = &features->features[place->number / 32];
	*ret_feature = (struct vfm_ethtool_feature){
		.on = block->active & bit,
		.fixed = !(block->available & bit) || (block->never_changed & bit),
	};
	return 0;
}

/* The kernel counts what it did not do of a request as flags above 0. */
static int write_feature(const struct place *place, bool on)
{
	VFM_AUTO_FREE struct ethtool_sfeatures *features = NULL;
	uint32_t bit = UINT32_C(1) << place->number % 32;
	int r;

	features = calloc(1, sizeof(*features) + place->blocks * sizeof(features->features[0]));
	if (!features)
		return -ENOMEM;
	features->cmd = ETHTOOL_SFEATURES;
	features->size = place->blocks;
	features->features[place->number / 32].valid = bit;
	features->features[place->number / 32].requested = on ? bit : 0;
	r = call(place->fd, place->interface, features);
	if (r <= 0)
		return r;
	return r & ETHTOOL_F_UNSUPPORTED ? -EOPNOTSUPP : -EIO;
}

static int failed(int error, const char *interface, const char *name, struct vfm_error *err)
{
	return vfm_error_set(err, error, interface, NULL, "%s: %s", name, strerror(-error));
}

int vfm_ethtool_feature_get(const char *interface, const char *name,
			    struct vfm_ethtool_feature *ret_feature, struct vfm_error *err)
{
	VFM_AUTO_CLOSE int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct place place = {.fd = fd, .interface = interface};
	int r = find(&place, name);

	if (r == 0)
		r = read_feature(&place, ret_feature);
	return r < 0 ? failed(r, interface, name, err) : 0;
}

int vfm_ethtool_feature_set(const char *interface, const char *name, bool on, struct vfm_error *err)
{
	VFM_AUTO_CLOSE int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct place place = {.fd = fd, .interface = interface};
	struct vfm_ethtool_feature feature;
	int r = find(&place, name);

	if (r == 0)
		r = read_feature(&place, &feature);
	if (r < 0)
		return failed(r, interface, name, err);
	if (feature.on == on)
		return 0;
	r = feature.fixed ? -EOPNOTSUPP : write_feature(&place, on);
	if (r == -EOPNOTSUPP)
		return vfm_error_set(err, r, interface, NULL, "the driver cannot turn %s %s", name,
				     on ? "on" : "off");
	if (r == -EIO)
		return vfm_error_set(err, r, interface, "see what it says in the kernel's log",
				     "the driver did not turn %s %s", name, on ? "on" : "off");
	return r < 0 ? failed(r, interface, name, err) : 0;
}
