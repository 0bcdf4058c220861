/*
 * Made-up answers for the instructions that UMIP forbids.
 *
 * sgdt, sidt, sldt, str and smsw store where the kernel's tables are, and bits
 * of cr0. Nobody in ring 3 needs to know, attackers like to, so where the CPU
 * can refuse them (CR4.UMIP) it does, with #GP. But old programs, mostly
 * emulators of older machines, execute them without doing anything with the
 * result. Those go on with Linux's values, which describe no table there is.
 *
 * So here is a decoder for five instructions: prefixes, two bytes of opcode, a
 * ModRM byte that says where to, and its address. All of it is the program's,
 * read once into a buffer; the store is a copy_to_user() like any other.
 *
 * Source: [SDM2 2.1, 2.2] for the formats, [SDM2 SGDT, SIDT, SLDT, SMSW, STR].
 */
#include <arch/cpu.h>
#include <arch/current.h>
#include <arch/ptrace.h>
#include <arch/traps.h>
#include <arch/uaccess.h>
#include <kernel/signal.h>
#include <lib/string.h>

#include "internal.h"

#define MAX_INSN_LEN	15

#define DUMMY_GDT_BASE	0xfffffffffffe0000UL
#define DUMMY_IDT_BASE	0xffffffffffff0000UL
#define DUMMY_CR0	0x80050033U	/* PG AM WP NE ET MP PE */
#define DUMMY_TR	0x40
#define DUMMY_LDT	0

#define REX_W		0x08
#define REX_X		0x02
#define REX_B		0x01

/* An instruction being decoded. Bytes behind its end read as 0. */
struct insn {
	uint8_t		bytes[MAX_INSN_LEN + 8];
	unsigned int	len;		/* of bytes, as far as readable */
	unsigned int	pos;		/* what is decoded so far */
	uint8_t		rex;
	uint8_t		modrm;
	bool		operand_16;
	bool		address_32;
	unsigned int	base_msr;	/* of fs or gs; 0: no base */
};

/* What it stores. */
struct answer {
	uint8_t		bytes[10];
	unsigned int	len;
	bool		is_word;	/* may go to a register */
};

static uint8_t next_byte(struct insn *insn)
{
	return insn->bytes[insn->pos++];
}

/* A displacement: @size is 1 or 4. */
static long next_signed(struct insn *insn, unsigned int size)
{
	int32_t value;

	if (size == 1)
		return (int8_t)next_byte(insn);
	memcpy(&value, &insn->bytes[insn->pos], sizeof(value));
	insn->pos += sizeof(value);
	return value;
}

/* Return: false if it is none of ours, or too long. */
static bool decode_prefixes(struct insn *insn)
{
	while (insn->pos < insn->len) {
		uint8_t byte = insn->bytes[insn->pos];

		switch (byte) {
		case 0x26: case 0x2e: case 0x36: case 0x3e:
			break;		/* segments that have no base */
		case 0x64:
			insn->base_msr = MSR_FS_BASE;
			break;
		case 0x65:
			insn->base_msr = MSR_KERNEL_GS_BASE;
			break;
		case 0x66:
			insn->operand_16 = true;
			break;
		case 0x67:
			insn->address_32 = true;
			break;
		case 0xf2: case 0xf3:
			break;
		case 0x40 ... 0x4f:
			insn->rex = byte;
			insn->pos++;
			return true;	/* none may follow it */
		default:
			return true;
		}
		insn->pos++;
	}
	return false;
}

/* The register numbered @n; @ext is the bit of REX that makes it 8 more. */
static unsigned long *reg_of(struct pt_regs *regs, unsigned int n, bool ext)
{
	unsigned long *const by_number[16] = {
		&regs->ax, &regs->cx, &regs->dx, &regs->bx,
		&regs->sp, &regs->bp, &regs->si, &regs->di,
		&regs->r8, &regs->r9, &regs->r10, &regs->r11,
		&regs->r12, &regs->r13, &regs->r14, &regs->r15,
	};

	return by_number[n + (ext ? 8 : 0)];
}

/* Base and index of a SIB byte. *@base_is_disp: there is no base but disp32. */
static unsigned long decode_sib(struct insn *insn, struct pt_regs *regs,
				bool *base_is_disp)
{
	uint8_t sib = next_byte(insn);
	unsigned int index = sib >> 3 & 7, base = sib & 7;
	unsigned long sum = 0;

	if (index != 4 || (insn->rex & REX_X))
		sum = *reg_of(regs, index, insn->rex & REX_X) << (sib >> 6);
	*base_is_disp = base == 5 && insn->modrm >> 6 == 0;
	if (!*base_is_disp)
		sum += *reg_of(regs, base, insn->rex & REX_B);
	return sum;
}

/* The address the ModRM byte and what follows it mean. [SDM2 2.2.1] */
static unsigned long decode_address(struct insn *insn, struct pt_regs *regs)
{
	unsigned int mod = insn->modrm >> 6, rm = insn->modrm & 7;
	bool disp32 = mod == 2, from_ip = false;
	unsigned long addr = 0;

	if (rm == 4) {
		bool no_base;

		addr = decode_sib(insn, regs, &no_base);
		disp32 |= no_base;
	} else if (mod == 0 && rm == 5) {
		disp32 = true;
		from_ip = true;
	} else {
		addr = *reg_of(regs, rm, insn->rex & REX_B);
	}
	if (disp32)
		addr += next_signed(insn, 4);
	else if (mod == 1)
		addr += next_signed(insn, 1);
	if (from_ip)
		addr += regs->ip + insn->pos;	/* nothing comes behind */
	if (insn->address_32)
		addr = (uint32_t)addr;
	if (insn->base_msr)
		addr += user_segment_base(insn->base_msr);
	return addr;
}

static void answer_table(struct answer *answer, uint64_t base)
{
	/* A limit of 0 in front of it. */
	memcpy(&answer->bytes[2], &base, sizeof(base));
	answer->len = 10;
}

static void answer_word(struct answer *answer, uint32_t value)
{
	memcpy(answer->bytes, &value, sizeof(value));
	answer->len = 2;
	answer->is_word = true;
}

/* Return: false if it is another instruction. */
static bool find_answer(struct insn *insn, struct answer *answer)
{
	if (next_byte(insn) != 0x0f)
		return false;
	/* Opcode and the ModRM byte's extension of it. */
	uint8_t opcode = next_byte(insn);

	insn->modrm = next_byte(insn);
	switch (opcode << 8 | (insn->modrm >> 3 & 7)) {
	case 0x0000:
		answer_word(answer, DUMMY_LDT);
		break;
	case 0x0001:
		answer_word(answer, DUMMY_TR);
		break;
	case 0x0100:
		answer_table(answer, DUMMY_GDT_BASE);
		break;
	case 0x0101:
		answer_table(answer, DUMMY_IDT_BASE);
		break;
	case 0x0104:
		answer_word(answer, DUMMY_CR0);
		break;
	default:
		return false;
	}
	/* The tables' bytes with a register are other instructions. */
	return answer->is_word || insn->modrm >> 6 != 3;
}

/* As much as the operand has: the rest of the register stays, as on Linux. */
static void store_in_register(struct insn *insn, struct pt_regs *regs,
			      const struct answer *answer)
{
	unsigned int size = insn->rex & REX_W ? 8 : insn->operand_16 ? 2 : 4;

	memcpy(reg_of(regs, insn->modrm & 7, insn->rex & REX_B),
	       answer->bytes, size);
}

/* As if the CPU had tried to write there. */
static void store_failed(unsigned long addr)
{
	current->thread.cr2 = addr;
	remember_trap(14, PF_ERR_USER | PF_ERR_WRITE);
	force_sig_fault(SIGSEGV, SEGV_MAPERR, (void __user *)addr);
}

/*
 * Ring 3 was refused the instruction at @regs->ip. Is it one of those, it has
 * been executed when this returns, or its SIGSEGV been sent.
 *
 * Context: the exception, from ring 3, interrupts on; may sleep.
 * Return: false if it is another instruction.
 */
bool umip_emulate(struct pt_regs *regs)
{
	struct answer answer = {};
	struct insn insn = {};
	unsigned long addr = 0;

	insn.len = MAX_INSN_LEN -
		   copy_from_user(insn.bytes, (const void __user *)regs->ip,
				  MAX_INSN_LEN);
	if (!decode_prefixes(&insn) || !find_answer(&insn, &answer))
		return false;
	if (insn.modrm >> 6 != 3)
		addr = decode_address(&insn, regs);
	if (insn.pos > insn.len)
		return false;
	if (insn.modrm >> 6 == 3) {
		store_in_register(&insn, regs, &answer);
	} else if (copy_to_user((void __user *)addr, answer.bytes,
				answer.len)) {
		store_failed(addr);
		return true;
	}
	regs->ip += insn.pos;
	return true;
}
