/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lab's nested guest: what its files ask of each other.  It runs on bare (emulated)
 * hardware, 32 bit, without a library, and has all memory at fixed addresses:
 *
 *   1 MiB   this program
 *   16 MiB  the work set that is rewritten and verified each beat (main.c)
 *   32 MiB  the words that vGPUs store (vgpu.c)
 *   48 MiB  the VF's rings and buffers (vf.c)
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stdint.h>

#define HZ 50

static inline void outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t inb(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void outl(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint32_t inl(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

/* boot.S */
extern volatile uint32_t ticks;

/* processor.c */
void processor_init(void);

/* Both interrupt controllers from vector 32 on, all masked but the timer at HZ. */
void timer_init(void);

/* console.c: COM1 */
void console_init(void);
void say(const char *text);
void say_hex(uint32_t value, int digits);
void say_number(uint32_t value);

/* pci.c */
struct pci_address {
	uint32_t bus, devfn;
};

uint32_t pci_read(const struct pci_address *at, uint32_t reg);
void pci_write(const struct pci_address *at, uint32_t reg, uint32_t value);

/* Finds the first function with one of the ids (device << 16 | vendor). */
bool pci_find(const uint32_t *ids, int count, struct pci_address *ret_at);

/* Those of a vendor, max at most; returns how many. */
uint32_t pci_find_vendor(uint32_t vendor, struct pci_address *ret_at, uint32_t max);

/* vf.c: the virtual function, polled */
enum vf_state {
	VF_RESET,  /* to be reset */
	VF_ASK,    /* waiting for the PF, to ask it for the MAC */
	VF_ANSWER, /* waiting for its answer */
	VF_UP,
	VF_NO_PF = 9, /* nobody answers: no data path for VFs, or a busy host; asked again later */
};

struct vf {
	bool there;
	struct pci_address at;
	uint32_t bar;
	uint8_t mac[6];
	enum vf_state state;
	uint32_t since; /* ticks at the reset */
	uint32_t tx_next, rx_next;
	uint32_t sent, received;
	uint32_t inits; /* how often it was set up: more than once is state that was lost */
	uint32_t stuck; /* frames the function did not take at once */
};

void vf_find(struct vf *vf);

/* One step of the VF's life; gives received frames to net_receive(), true when it is up. */
bool vf_poll(struct vf *vf);

/* The buffer of the next frame, and its sending. */
uint8_t *vf_frame(struct vf *vf);
void vf_send(struct vf *vf, uint32_t bytes);

/* vgpu.c */
#define VGPUS_MAX     4
#define VGPU_FB_PAGES 64

struct vgpu {
	struct pci_address at;
	uint32_t regs, fb;            /* its BARs */
	uint32_t word;                /* that it stored last */
	uint32_t left[VGPU_FB_PAGES]; /* in its framebuffer */
	bool words_intact, fb_intact; /* once bad is bad for good */
};

/* Finds them, VGPUS_MAX at most; returns how many. */
uint32_t vgpu_find(struct vgpu *vgpus);
void vgpu_poll(struct vgpu *vgpus, uint32_t count);

/* Verifies the framebuffers, and says its part of the heartbeat. */
void vgpu_beat(struct vgpu *vgpus, uint32_t count, uint32_t beat);

/* net.c */
extern uint32_t net_sequence, net_echoes;
void net_receive(struct vf *vf, const uint8_t *frame, uint32_t bytes);
void net_send_number(struct vf *vf, uint32_t beat);

/* util, without a library */
static inline void copy(void *to, const void *from, uint32_t bytes)
{
	uint8_t *out = to;
	const uint8_t *in = from;

	while (bytes--)
		*out++ = *in++;
}

static inline void clear(uint8_t *from, const uint8_t *end)
{
	while (from < end)
		*from++ = 0;
}

static inline bool equal(const void *a, const void *b, uint32_t bytes)
{
	const uint8_t *left = a, *right = b;

	while (bytes--)
		if (*left++ != *right++)
			return false;
	return true;
}

#endif
