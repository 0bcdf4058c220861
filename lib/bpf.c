/*
 * Classic BPF: an accumulator A, an index register X, sixteen words of scratch
 * memory, and jumps that only lead forward. So each instruction runs at most
 * once, and a program of n instructions ends after n steps: that, not a time
 * limit, is what makes it safe to run a stranger's program in the kernel.
 *
 * bpf_is_valid() proves the rest ahead of time: every jump lands inside, every
 * path ends in a return, loads stay within the data and are aligned, nothing
 * divides by a constant zero, no scratch word is read before it was written.
 * bpf_run() then checks nothing but a division by X.
 *
 * The data is an array of 32-bit words in the machine's own order, which is
 * seccomp's rule; packets, whose words are big-endian, are not our subject.
 *
 * Source: man 2 seccomp; Linux's list of the operations seccomp allows.
 */
#include <lib/bpf.h>

#include <keel/compiler.h>

/* What seccomp lets through; all others are refused. */
static bool is_known(uint16_t code)
{
	switch (code) {
	case BPF_LD | BPF_W | BPF_ABS:
	case BPF_LD | BPF_W | BPF_LEN:
	case BPF_LDX | BPF_W | BPF_LEN:
	case BPF_LD | BPF_IMM:
	case BPF_LDX | BPF_IMM:
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
	case BPF_ST:
	case BPF_STX:
	case BPF_RET | BPF_K:
	case BPF_RET | BPF_A:
	case BPF_MISC | BPF_TAX:
	case BPF_MISC | BPF_TXA:
	case BPF_ALU | BPF_NEG:
	case BPF_JMP | BPF_JA:
		return true;
	}
	if (code & ~(0x07 | 0xf0 | BPF_X))
		return false;
	switch (BPF_CLASS(code)) {
	case BPF_ALU:
		return BPF_OP(code) <= BPF_XOR && BPF_OP(code) != BPF_NEG &&
		       BPF_OP(code) != BPF_MOD;
	case BPF_JMP:
		return BPF_OP(code) >= BPF_JEQ && BPF_OP(code) <= BPF_JSET;
	}
	return false;
}

static bool operand_is_valid(const struct sock_filter *insn, size_t data_len)
{
	switch (insn->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		return insn->k < data_len && !(insn->k & 3);
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
	case BPF_ST:
	case BPF_STX:
		return insn->k < BPF_MEMWORDS;
	case BPF_ALU | BPF_DIV | BPF_K:
		return insn->k != 0;
	case BPF_ALU | BPF_LSH | BPF_K:
	case BPF_ALU | BPF_RSH | BPF_K:
		return insn->k < 32;
	}
	return true;
}

/* Do the jumps of instruction @pc of @len end inside? */
static bool jumps_stay_inside(const struct sock_filter *insn, unsigned int pc,
			      unsigned int len)
{
	if (BPF_CLASS(insn->code) != BPF_JMP)
		return true;
	if (BPF_OP(insn->code) == BPF_JA)
		return insn->k < len - pc - 1;
	return pc + insn->jt + 1 < len && pc + insn->jf + 1 < len;
}

static bool reads_scratch(uint16_t code)
{
	return code == (BPF_LD | BPF_MEM) || code == (BPF_LDX | BPF_MEM);
}

/* For whatever jumps to @pc + 1 + @offset, no more than @known is written. */
static void meet(uint16_t *at, unsigned int pc, unsigned int offset,
		 uint16_t known)
{
	at[pc + 1 + offset] &= known;
}

/*
 * Is each scratch word written on all paths to where it is read? Since jumps
 * lead forward, one pass in order meets every instruction after all that lead
 * to it; @at collects what is surely written where.
 */
static bool scratch_is_written_first(const struct sock_filter *prog,
				     unsigned int len, uint16_t *at)
{
	uint16_t known = 0;

	for (unsigned int pc = 0; pc < len; pc++)
		at[pc] = 0xffff;
	for (unsigned int pc = 0; pc < len; pc++) {
		const struct sock_filter *insn = &prog[pc];

		known &= at[pc];
		if (reads_scratch(insn->code) && !(known & 1 << insn->k))
			return false;
		switch (BPF_CLASS(insn->code)) {
		case BPF_ST:
		case BPF_STX:
			known |= 1 << insn->k;
			break;
		case BPF_JMP:
			if (BPF_OP(insn->code) == BPF_JA) {
				meet(at, pc, insn->k, known);
			} else {
				meet(at, pc, insn->jt, known);
				meet(at, pc, insn->jf, known);
			}
			fallthrough;
		case BPF_RET:
			/* What follows is only reached by other jumps. */
			known = 0xffff;
			break;
		}
	}
	return true;
}

/*
 * May bpf_run() run @prog, @len instructions, on @data_len bytes of data?
 * @scratch is @len words to work in. Context: any.
 */
bool bpf_is_valid(const struct sock_filter *prog, unsigned int len,
		  size_t data_len, uint16_t *scratch)
{
	if (len == 0 || len > BPF_MAXINSNS)
		return false;
	for (unsigned int pc = 0; pc < len; pc++) {
		if (!is_known(prog[pc].code) ||
		    !operand_is_valid(&prog[pc], data_len) ||
		    !jumps_stay_inside(&prog[pc], pc, len))
			return false;
	}
	if (BPF_CLASS(prog[len - 1].code) != BPF_RET)
		return false;
	return scratch_is_written_first(prog, len, scratch);
}

/* Shifts by 32 and more give what the hardware gives: modulo 32. */
static uint32_t alu(unsigned int op, uint32_t a, uint32_t b)
{
	switch (op) {
	case BPF_ADD:
		return a + b;
	case BPF_SUB:
		return a - b;
	case BPF_MUL:
		return a * b;
	case BPF_DIV:
		return a / b;
	case BPF_OR:
		return a | b;
	case BPF_AND:
		return a & b;
	case BPF_LSH:
		return a << (b & 31);
	case BPF_RSH:
		return a >> (b & 31);
	case BPF_NEG:
		return -a;
	default:
		return a ^ b;
	}
}

static bool test(unsigned int op, uint32_t a, uint32_t b)
{
	switch (op) {
	case BPF_JEQ:
		return a == b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	default:
		return a & b;
	}
}

/*
 * Run @prog, which is valid, on @data of @data_len bytes.
 *
 * Context: any. Return: what the program returns; 0 if it divides by zero.
 */
uint32_t bpf_run(const struct sock_filter *prog, const void *data,
		 size_t data_len)
{
	uint32_t mem[BPF_MEMWORDS];
	uint32_t a = 0, x = 0, b;

	for (;; prog++) {
		unsigned int op = BPF_OP(prog->code);

		switch (BPF_CLASS(prog->code)) {
		case BPF_LD:
		case BPF_LDX:
			switch (prog->code & 0xe0) {
			case BPF_IMM:
				b = prog->k;
				break;
			case BPF_MEM:
				b = mem[prog->k];
				break;
			case BPF_LEN:
				b = data_len;
				break;
			default:
				b = *(const uint32_t *)((const char *)data +
							prog->k);
			}
			if (BPF_CLASS(prog->code) == BPF_LD)
				a = b;
			else
				x = b;
			break;
		case BPF_ST:
			mem[prog->k] = a;
			break;
		case BPF_STX:
			mem[prog->k] = x;
			break;
		case BPF_ALU:
			b = prog->code & BPF_X ? x : prog->k;
			if (op == BPF_DIV && !b)
				return 0;
			a = alu(op, a, b);
			break;
		case BPF_JMP:
			if (op == BPF_JA) {
				prog += prog->k;
				break;
			}
			b = prog->code & BPF_X ? x : prog->k;
			prog += test(op, a, b) ? prog->jt : prog->jf;
			break;
		case BPF_RET:
			return BPF_OP(prog->code) == BPF_A ? a : prog->k;
		case BPF_MISC:
			if (op == BPF_TXA)
				a = x;
			else
				x = a;
			break;
		}
	}
}
