// SPDX-License-Identifier: GPL-2.0
/*
 * What the guest says on its network: a numbered broadcast frame each tick, by which a
 * watcher on the wire sees every frame that is lost, and answers to ARP and ping.
 */
#include "guest.h"

#define FRAME_MIN  60
#define ARP_BYTES  42
#define PING_BYTES 42

static const uint8_t address[4] = {10, 77, 0, 10};

uint32_t net_sequence, net_echoes;

static void put_be32(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 24);
	at[1] = (uint8_t)(value >> 16);
	at[2] = (uint8_t)(value >> 8);
	at[3] = (uint8_t)value;
}

/* Who has our address? */
static bool is_arp(const uint8_t *f, uint32_t bytes)
{
	return bytes >= ARP_BYTES && f[12] == 8 && f[13] == 6 && f[21] == 1 &&
	       equal(f + 38, address, 4);
}

static bool is_ping(const uint8_t *f, uint32_t bytes)
{
	return bytes >= PING_BYTES && f[12] == 8 && f[13] == 0 && f[14] == 0x45 && f[23] == 1 &&
	       f[34] == 8 && equal(f + 30, address, 4);
}

static void answer_arp(struct vf *vf, const uint8_t *f)
{
	uint8_t *out = vf_frame(vf);

	copy(out, f + 6, 6);
	copy(out + 6, vf->mac, 6);
	copy(out + 12, f + 12, 8);
	out[20] = 0;
	out[21] = 2;
	copy(out + 22, vf->mac, 6);
	copy(out + 28, address, 4);
	copy(out + 32, f + 22, 10);
	clear(out + ARP_BYTES, out + FRAME_MIN);
	vf_send(vf, FRAME_MIN);
}

static void answer_ping(struct vf *vf, const uint8_t *f, uint32_t bytes)
{
	uint8_t *out = vf_frame(vf);
	uint32_t sum;

	copy(out, f, bytes);
	copy(out, f + 6, 6);
	copy(out + 6, vf->mac, 6);
	copy(out + 26, address, 4);
	copy(out + 30, f + 26, 4);
	out[34] = 0; /* the type went from 8 to 0, so the checksum goes up by 8 << 8 */
	sum = ((uint32_t)out[36] << 8 | out[37]) + 0x800;
	sum = (sum & 0xffff) + (sum >> 16);
	out[36] = (uint8_t)(sum >> 8);
	out[37] = (uint8_t)sum;
	net_echoes++;
	vf_send(vf, bytes);
}

void net_receive(struct vf *vf, const uint8_t *frame, uint32_t bytes)
{
	if (is_arp(frame, bytes))
		answer_arp(vf, frame);
	else if (is_ping(frame, bytes))
		answer_ping(vf, frame, bytes);
}

/* Ethertype 0x88b5, "FC7G", then big endian: number, beat, frames received, set-ups. */
void net_send_number(struct vf *vf, uint32_t beat)
{
	uint8_t *out = vf_frame(vf);

	for (int i = 0; i < 6; i++)
		out[i] = 0xff;
	copy(out + 6, vf->mac, 6);
	out[12] = 0x88;
	out[13] = 0xb5;
	copy(out + 14, "FC7G", 4);
	put_be32(out + 18, ++net_sequence);
	put_be32(out + 22, beat);
	put_be32(out + 26, vf->received);
	put_be32(out + 30, vf->inits);
	clear(out + 34, out + FRAME_MIN);
	vf_send(vf, FRAME_MIN);
}
