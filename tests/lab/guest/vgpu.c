// SPDX-License-Identifier: GPL-2.0
/*
 * Driver of the lab's vGPUs (tests/lab/modules/vgpu), as many as there are.  It keeps words in
 * each framebuffer and lets each vGPU store words in memory that it never writes itself; what
 * is not as it was left, after a migration say, is bad from then on.
 */
#include "guest.h"

#define VENDOR          0x10de
#define PCI_COMMAND     0x04
#define COMMAND_MEM_DMA 0x06
#define PCI_BAR0        0x10
#define PCI_BAR1        0x14

#define REG_TYPE       0x04
#define REG_GENERATION 0x08
#define REG_DMA_LOW    0x10
#define REG_DMA_HIGH   0x14
#define REG_DMA_VALUE  0x18
#define REG_DMA_GO     0x1c
#define REG_DMA_FAILED 0x20

#define DMA_EVERY  5 /* ticks */
#define PAGE_WORDS 1024

static volatile uint32_t *dma_word(uint32_t i)
{
	return (volatile uint32_t *)(0x2000000 + i * 0x1000);
}

static uint32_t read_reg(const struct vgpu *vgpu, uint32_t reg)
{
	return *(volatile uint32_t *)(vgpu->regs + reg);
}

static void write_reg(const struct vgpu *vgpu, uint32_t reg, uint32_t value)
{
	*(volatile uint32_t *)(vgpu->regs + reg) = value;
}

static bool start(struct vgpu *vgpu)
{
	pci_write(&vgpu->at, PCI_COMMAND, COMMAND_MEM_DMA);
	vgpu->regs = pci_read(&vgpu->at, PCI_BAR0) & ~15U;
	vgpu->fb = pci_read(&vgpu->at, PCI_BAR1) & ~15U;
	vgpu->words_intact = vgpu->fb_intact = true;
	return vgpu->regs && vgpu->fb;
}

uint32_t vgpu_find(struct vgpu *vgpus)
{
	struct pci_address found[VGPUS_MAX];
	uint32_t count = pci_find_vendor(VENDOR, found, VGPUS_MAX), started = 0;

	for (uint32_t i = 0; i < count; i++) {
		vgpus[started].at = found[i];
		*dma_word(started) = 0;
		if (start(&vgpus[started]))
			started++;
	}
	return started;
}

/* What it stored last must still be there; then it is to store the next. */
static void check_words(struct vgpu *vgpu, uint32_t i)
{
	if (*dma_word(i) != vgpu->word)
		vgpu->words_intact = false;
	write_reg(vgpu, REG_DMA_LOW, (uint32_t)dma_word(i));
	write_reg(vgpu, REG_DMA_HIGH, 0);
	write_reg(vgpu, REG_DMA_VALUE, ++vgpu->word);
	write_reg(vgpu, REG_DMA_GO, 1);
}

void vgpu_poll(struct vgpu *vgpus, uint32_t count)
{
	static uint32_t last;

	if (ticks - last < DMA_EVERY)
		return;
	last = ticks;
	for (uint32_t i = 0; i < count; i++)
		check_words(&vgpus[i], i);
}

/* One word a page, in a place of its own for each vGPU; a new one each beat, from the first on. */
static void check_framebuffer(struct vgpu *vgpu, uint32_t i, uint32_t beat)
{
	volatile uint32_t *fb = (volatile uint32_t *)vgpu->fb + i;
	uint32_t next = (beat - 1) % VGPU_FB_PAGES;

	for (uint32_t page = 0; page < VGPU_FB_PAGES; page++)
		if (page < beat - 1 && fb[page * PAGE_WORDS] != vgpu->left[page])
			vgpu->fb_intact = false;
	vgpu->left[next] = beat * 2654435761U ^ i;
	fb[next * PAGE_WORDS] = vgpu->left[next];
}

static void say_field(const char *name, uint32_t i, const char *value)
{
	say(" ");
	say(name);
	say_number(i);
	say("=");
	say(value);
}

static void say_numbers(const struct vgpu *vgpu, uint32_t i)
{
	const struct {
		const char *name;
		uint32_t reg;
	} fields[] = {
		{"gpu", REG_TYPE},
		{"gen", REG_GENERATION},
		{"stores", REG_DMA_GO},
		{"failed", REG_DMA_FAILED},
	};

	for (uint32_t field = 0; field < sizeof(fields) / sizeof(fields[0]); field++) {
		say_field(fields[field].name, i, "");
		say_number(read_reg(vgpu, fields[field].reg));
	}
}

void vgpu_beat(struct vgpu *vgpus, uint32_t count, uint32_t beat)
{
	for (uint32_t i = 0; i < count; i++) {
		check_framebuffer(&vgpus[i], i, beat);
		say_numbers(&vgpus[i], i);
		say_field("words", i, vgpus[i].words_intact ? "ok" : "BAD");
		say_field("fb", i, vgpus[i].fb_intact ? "ok" : "BAD");
	}
}
