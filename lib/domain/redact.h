/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A domain document that may be shown: its secrets are replaced by VFM_REDACTED.
 *
 * That is: the passwords of displays, and every other attribute called password or passphrase; what
 * stands in <secret>, <password>, <cookie>, what SEV is given for one launch, and in a firmware
 * configuration's entries; the query of a network disk; and, within paths, command lines,
 * environments and SMBIOS texts, what follows a word for a secret ("password=", "secret_key": …),
 * systemd's credentials, and the password of a URL. The name or UUID of a secret is none.
 *
 * Other bytes stay as they are. A value with a secret inside it is written anew, in libvirt's
 * quoting.
 */
#ifndef VFM_DOMAIN_REDACT_H
#define VFM_DOMAIN_REDACT_H

#include <stddef.h>

#include "base/error.h"

#define VFM_REDACTED "***"

/*
 * The document, of any root element, without its secrets, to be freed by the caller; 'name' is what
 * errors call it. -EINVAL: it is not readable; -ENOTSUP: it is in another encoding than UTF-8.
 */
int vfm_domain_redact(const char *xml, size_t size, const char *name, char **ret_xml,
		      struct vfm_error *err);

#endif
