/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Registers of the 82576 as QEMU emulates it, as seen through the PF's BAR 0; names are
 * the data sheet's.  v is a VF, q a PF queue: VF v owns queues v and v + 8.
 */
#ifndef IGB_REGS_H
#define IGB_REGS_H

#define R_CTRL           0x0000
#define CTRL_SLU         0x00000040 /* set link up */
#define R_CTRL_EXT       0x0018
#define CTRL_EXT_PFRSTD  0x00004000 /* the PF's reset is done: VFs may go on */
#define R_MDIC           0x0020
#define MDIC_LINK_UP     (0x1340 | 1 << 21 | 1 << 26) /* write BMCR of phy 1: restart autoneg */
#define R_RCTL           0x0100
#define RCTL_ON          (1u << 26 | 1u << 18 | 1u << 15 | 1u << 1) /* SECRC VFE BAM EN */
#define R_TCTL           0x0400
#define TCTL_EN          0x00000002
#define R_VMBMEM(v)      (0x0800 + 64 * (v)) /* mailbox memory, 16 words */
#define R_P2VMAILBOX(v)  (0x0c00 + 4 * (v))
#define MBX_STS          0x1
#define MBX_ACK          0x2
#define MBX_PFU          0x8 /* buffer taken by the PF */
#define R_MBVFICR        0x0c80
#define MBVFICR_ALL      0x00ff00ff
#define R_VFLRE          0x0c88
#define R_VFRE           0x0c8c
#define R_VFTE           0x0c90
#define R_GPIE           0x1514
#define GPIE_MSIX        0xc0000011 /* PBA EIAME MSI-X NSICR; without it no VF gets interrupts */
#define R_EITR(n)        (0x1680 + 4 * (n))
#define R_DTXSWC         0x3500
#define R_VMVIR(v)       (0x3700 + 4 * (v))
#define VMVIR_ALWAYS     0x40000000
#define R_MTA            0x5200
#define MTA_WORDS        128
#define R_RAL(i)         (0x5400 + 8 * (i))
#define R_RAH(i)         (R_RAL(i) + 4)
#define RAH_POOL(v)      (1u << (18 + (v)))
#define RAH_VALID        0x80000000
#define R_PSRTYPE(v)     (0x5480 + 4 * (v))
#define R_VFTA           0x5600
#define R_MRQC           0x5818
#define MRQC_VMDQ        3 /* one queue a pool, by address */
#define R_VT_CTL         0x581c
#define VT_CTL_NOPOOL    (1u << 29) /* no default pool */
#define VT_CTL_REPL      (1u << 30)
#define R_VMOLR(v)       (0x5ad0 + 4 * (v))
#define VMOLR_PORT       0xca012600 /* strip CRC and tag, broadcast, overflow multicast, long */
#define R_RPLOLR         0x5af0
#define RPLOLR_STRIP     0xc0000000 /* multicast is stripped by this one, not by VMOLR */
#define R_VLVF(i)        (0x5d00 + 4 * (i))
#define VLVF_VALID       0x80000000
#define VLVF_POOL(v)     (1u << (12 + (v)))
#define R_RX(q)          (0xc000 + 0x40 * (q))
#define R_TX(q)          (0xe000 + 0x40 * (q))
#define Q_BAL            0x00
#define Q_BAH            0x04
#define Q_LEN            0x08
#define Q_SRRCTL         0x0c /* receive only: buffer size in KiB, descriptor type */
#define SRRCTL_KIB       0x7f
#define SRRCTL_ONE_BUF   0x02000002
#define Q_HEAD           0x10
#define Q_CTL            0x14
#define Q_TAIL           0x18
#define Q_DCTL           0x28
#define DCTL_ENABLE      0x02000000
#define Q_WBAL           0x38 /* transmit only: head write-back */
#define Q_WBAH           0x3c
#define R_PVT(v)         (0x10000 + 0x100 * (v)) /* interrupt registers of a VF */
#define PVT_EIMS         0x24
#define PVT_EIAC         0x2c
#define PVT_EIAM         0x30
#define R_VTIVAR(v)      (0x11700 + 4 * (v))
#define R_VTIVAR_MISC(v) (0x11720 + 4 * (v))

#endif
