/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* No secret of a document is shown, and nothing else of it changes. */
#include "unit.h"

#include "base/quiet.h"
#include "domain/redact.h"

#define URN            "xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'"
#define DOMAIN(inner)  "<domain type='kvm' " URN ">\n<!-- a > b -->" inner "\n</domain>\n"
#define ARG(value)     DOMAIN("<qemu:commandline><qemu:arg value='" value "'/></qemu:commandline>")
#define DEVICES(inner) DOMAIN("<devices>" inner "</devices>")

static const struct {
	const char *what, *before, *after;
} rows[] = {
	{"displays",
	 DEVICES("<graphics type='vnc' passwd = \"s3cr&quot;t\" "
		 "passwdValidTo='2026-01-01T00:00:00'/>"
		 "<graphics type='spice' passwd='x'><listen type='address'/></graphics>"),
	 DEVICES("<graphics type='vnc' passwd = \"***\" passwdValidTo='2026-01-01T00:00:00'/>"
		 "<graphics type='spice' passwd='***'><listen type='address'/></graphics>")},
	{"an empty password tells that there is none", DEVICES("<graphics type='vnc' passwd=''/>"),
	 DEVICES("<graphics type='vnc' passwd=''/>")},
	{"names of secrets",
	 DEVICES("<disk><source><auth username='u'><secret type='ceph' uuid='1'/></auth></source>"
		 "<encryption format='luks'><secret type='passphrase' usage='u'></secret>"
		 "</encryption></disk><tpm><backend><encryption secret='2'/></backend></tpm>"),
	 DEVICES("<disk><source><auth username='u'><secret type='ceph' uuid='1'/></auth></source>"
		 "<encryption format='luks'><secret type='passphrase' usage='u'></secret>"
		 "</encryption></disk><tpm><backend><encryption secret='2'/></backend></tpm>")},
	{"a secret's value",
	 DEVICES("<disk><auth passwd='a'><secret type='ceph'>b&amp;c</secret></auth></disk>"),
	 DEVICES("<disk><auth passwd='***'><secret type='ceph'>***</secret></auth></disk>")},
	{"one in an element of its own",
	 DEVICES("<disk><secret type='ceph'><value passwd='b'>c</value></secret></disk>"),
	 DEVICES("<disk><secret type='ceph'>***</secret></disk>")},
	{"CDATA", DEVICES("<disk><secret><![CDATA[</secret>]]></secret></disk>"),
	 DEVICES("<disk><secret>***</secret></disk>")},
	{"a web disk",
	 DEVICES("<disk><source protocol='https' name='i.iso' query='sig=1&amp;e=2'><cookies>"
		 "<cookie name='session'>abc</cookie><cookie name='k'>d</cookie></cookies>"
		 "</source></disk>"),
	 DEVICES("<disk><source protocol='https' name='i.iso' query='***'><cookies>"
		 "<cookie name='session'>***</cookie><cookie name='k'>***</cookie></cookies>"
		 "</source></disk>")},
	{"JSON for a path",
	 DEVICES("<disk><source file='json:{&quot;password&quot;: &quot;a\\&quot;,b&quot;,"
		 "&quot;driver&quot;: &quot;nbd&quot;}'/></disk>"),
	 DEVICES("<disk><source file='json:{&quot;password&quot;: &quot;***&quot;,"
		 "&quot;driver&quot;: &quot;nbd&quot;}'/></disk>")},
	{"a URL",
	 DEVICES("<disk><source name='https://user:p:@ss@192.0.2.1:80/a:b@c'/>"
		 "<source name='https://user@192.0.2.1:80/a'/></disk>"),
	 DEVICES("<disk><source name='https://user:***@192.0.2.1:80/a:b@c'/>"
		 "<source name='https://user@192.0.2.1:80/a'/></disk>")},
	{"SEV",
	 DOMAIN("<launchSecurity type='sev'><policy>0x3</policy><dhCert>A</dhCert>"
		"<session>B</session></launchSecurity>"),
	 DOMAIN("<launchSecurity type='sev'><policy>0x3</policy><dhCert>***</dhCert>"
		"<session>***</session></launchSecurity>")},
	{"SEV-SNP",
	 DOMAIN("<launchSecurity type='sev-snp'><policy>0x30000</policy><idBlock>A</idBlock>"
		"<idAuth>B</idAuth><hostData>C</hostData></launchSecurity>"),
	 DOMAIN("<launchSecurity type='sev-snp'><policy>0x30000</policy><idBlock>***</idBlock>"
		"<idAuth>***</idAuth><hostData>***</hostData></launchSecurity>")},
	{"overrides of a device",
	 DOMAIN("<qemu:override><qemu:device alias='a'><qemu:frontend><qemu:property "
		"name='x-secret' value='1'/><qemu:property name='x-speed' value='1'/>"
		"</qemu:frontend></qemu:device></qemu:override>"),
	 DOMAIN("<qemu:override><qemu:device alias='a'><qemu:frontend><qemu:property "
		"name='x-secret' value='***'/><qemu:property name='x-speed' value='1'/>"
		"</qemu:frontend></qemu:device></qemu:override>")},
	{"provisioning data",
	 DOMAIN("<sysinfo type='fwcfg'><entry name='opt/config'>{}</entry><entry name='opt/f' "
		"file='/f'/></sysinfo><sysinfo type='smbios'><oemStrings><entry>hello</entry>"
		"<entry>io.systemd.credential:passwd.root=a:b c</entry></oemStrings></sysinfo>"),
	 DOMAIN("<sysinfo type='fwcfg'><entry name='opt/config'>***</entry><entry name='opt/f' "
		"file='/f'/></sysinfo><sysinfo type='smbios'><oemStrings><entry>hello</entry>"
		"<entry>io.systemd.credential:passwd.root=***</entry></oemStrings></sysinfo>")},
	{"a kernel's command line",
	 DOMAIN("<os><cmdline>root=/dev/vda systemd.set_credential=a:b rd.password=\"c d\"e quiet"
		"</cmdline></os>"),
	 DOMAIN("<os><cmdline>root=/dev/vda systemd.set_credential=a:*** rd.password=*** quiet"
		"</cmdline></os>")},
	{"a word", ARG("user=u,password=a b,,c,x=y"), ARG("user=u,password=***,x=y")},
	{"a word in capitals, behind others", ARG("RBD_SECRET=a,Api-Key=b,keyfile=c,monkey"),
	 ARG("RBD_SECRET=***,Api-Key=***,keyfile=c,monkey")},
	{"data of a secret", ARG("secret,id=s,data=abc"), ARG("secret,id=s,data=***")},
	{"data of others", ARG("virtio,id=s,data=abc"), ARG("virtio,id=s,data=abc")},
	{"data of a secret, as JSON",
	 ARG("{&quot;qom-type&quot;:&quot;secret&quot;,&quot;data&quot;:&quot;a,b&quot;}"),
	 ARG("{&quot;qom-type&quot;:&quot;secret&quot;,&quot;data&quot;:&quot;***&quot;}")},
	{"an environment",
	 DOMAIN("<qemu:commandline><qemu:env name='AWS_SECRET_KEY' value='a'/><qemu:env name='A' "
		"value='token=b'/><qemu:env name='PATH' value='/bin'/></qemu:commandline>"),
	 DOMAIN("<qemu:commandline><qemu:env name='AWS_SECRET_KEY' value='***'/><qemu:env name='A' "
		"value='token=***'/><qemu:env name='PATH' value='/bin'/></qemu:commandline>")},
	{"of other namespaces",
	 DOMAIN("<metadata><x:a xmlns:x='urn:x' password='p'><x:password>p</x:password></x:a>"
		"</metadata>"),
	 DOMAIN("<metadata><x:a xmlns:x='urn:x' password='***'><x:password>***</x:password></x:a>"
		"</metadata>")},
	{"of another root", "<domstatus><graphics passwd='a'/></domstatus>",
	 "<domstatus><graphics passwd='***'/></domstatus>"},
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_FREE char *shown = NULL;
		int r = vfm_domain_redact(rows[i].before, strlen(rows[i].before), "vm1", &shown,
					  &err);

		if (r < 0 || !vfm_streq(shown, rows[i].after))
			fail_msg("%s: %d %s", rows[i].what, r, r < 0 ? err.what : shown);
	}
}

static void test_errors(void **state)
{
	static const struct {
		const char *xml;
		int error;
	} bad[] = {
		{"", -EINVAL},
		{"<domain>", -EINVAL},
		{"<!DOCTYPE domain [<!ENTITY a 'x'>]><domain>&a;</domain>", -EINVAL},
		{"<?xml version='1.0' encoding='ISO-8859-1'?><domain/>", -ENOTSUP},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(bad); i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		char *shown = NULL;

		assert_int_equal(
			vfm_domain_redact(bad[i].xml, strlen(bad[i].xml), "vm1", &shown, &err),
			bad[i].error);
		assert_null(shown);
		assert_string_equal(err.object, "vm1");
	}
}

static void redact_damaged(const char *xml, size_t size)
{
	VFM_AUTO_FREE char *copy = malloc(size ? size : 1), *shown = NULL, *again = NULL;

	/* Exactly as large, so that a sanitizer sees a read behind the end. */
	memcpy(copy, xml, size);
	if (vfm_domain_redact(copy, size, "vm1", &shown, NULL) < 0)
		return;
	/* What was shown is a document, and has no more secrets to take out. */
	assert_int_equal(vfm_domain_redact(shown, strlen(shown), "vm1", &again, NULL), 0);
	assert_string_equal(again, shown);
}

static void test_damage(void **state)
{
	uint32_t seed = 777;

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_FREE char *xml = strdup(rows[i].before);
		size_t size = strlen(xml);

		for (size_t cut = 0; cut < size; cut++)
			redact_damaged(xml, cut);
		for (int flips = 0; flips < 200; flips++) {
			size_t at;
			char kept;

			seed = seed * 1664525 + 1013904223;
			at = (seed >> 8) % size;
			kept = xml[at];
			xml[at] = (char)(kept ^ (1 << (seed & 7)));
			redact_damaged(xml, size);
			xml[at] = kept;
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_damage),
	};

	vfm_quiet();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
