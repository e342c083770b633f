/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Features of an interface; see ethtool.h. The kernel numbers features anew in each release and
 * tells their names, so a feature is found by its name first. None of this needs rights.
 */
#include "facts/ethtool.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum { FEATURES_MAX = 4096 };

static int call(int fd, const char *interface, void *command)
{
	struct ifreq request = {.ifr_data = command};

	if (strlen(interface) >= sizeof(request.ifr_name))
		return -ENODEV;
	memcpy(request.ifr_name, interface, strlen(interface) + 1);
	return ioctl(fd, SIOCETHTOOL, &request) < 0 ? -errno : 0;
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

static int read_feature(int fd, const char *interface, uint32_t count, uint32_t number,
			bool *ret_on)
{
	VFM_AUTO_FREE struct ethtool_gfeatures *features = NULL;
	uint32_t blocks = (count + 31) / 32;
	int r;

	features = calloc(1, sizeof(*features) + blocks * sizeof(features->features[0]));
	if (!features)
		return -ENOMEM;
	features->cmd = ETHTOOL_GFEATURES;
	features->size = blocks;
	r = call(fd, interface, features);
	if (r < 0)
		return r;
	*ret_on = features->features[number / 32].active >> number % 32 & 1;
	return 0;
}

int vfm_ethtool_feature(const char *interface, const char *feature, bool *ret_on,
			struct vfm_error *err)
{
	VFM_AUTO_CLOSE int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint32_t count = 0, number = 0;
	int r = fd < 0 ? -errno : count_features(fd, interface, &count);

	if (r == 0)
		r = find_feature(fd, interface, count, feature, &number);
	if (r == 0)
		r = read_feature(fd, interface, count, number, ret_on);
	return r < 0 ? vfm_error_set(err, r, interface, NULL, "%s: %s", feature, strerror(-r)) : 0;
}
