/* SPDX-License-Identifier: GPL-2.0 */
	.code32
	.section .multiboot,"a"
	.align 4
	.long 0x1BADB002, 0x00000003, -(0x1BADB002 + 3)
	.text
	.globl _start
_start:	cli
	movl $stack_top, %esp
	call kmain
1:	hlt
	jmp 1b
	.globl irq0
irq0:	pushal
	incl ticks
	movb $0x20, %al
	outb %al, $0x20
	popal
	iretl
	.globl irqx
irqx:	pushal
	movb $0x20, %al
	outb %al, $0xa0
	outb %al, $0x20
	popal
	iretl
	.bss
	.align 16
	.skip 8192
stack_top:
