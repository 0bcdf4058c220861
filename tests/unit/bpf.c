/*
 * Classic BPF: what the checker refuses, what programs compute, and that
 * whatever passes the check runs without harm.
 */
#include <lib/bpf.h>
#include <lib/string.h>
#include <tests/unit/unit.h>

#define INSN(code, k)		{ code, 0, 0, k }
#define JUMP(code, k, t, f)	{ code, t, f, k }
#define RET_A			INSN(BPF_RET | BPF_A, 0)

static uint32_t data[16];
static uint16_t scratch[BPF_MAXINSNS];

static bool valid(const struct sock_filter *prog, unsigned int len)
{
	return bpf_is_valid(prog, len, sizeof(data), scratch);
}

/* Two operands through @op; or 0xdead if it is no program. */
static uint32_t compute(uint16_t op, uint32_t a, uint32_t b)
{
	struct sock_filter prog[] = {
		INSN(BPF_LDX | BPF_IMM, b), INSN(BPF_LD | BPF_IMM, a),
		INSN(BPF_ALU | op | BPF_X, 0), RET_A,
	};

	return valid(prog, 4) ? bpf_run(prog, data, sizeof(data)) : 0xdead;
}

static void computes(void)
{
	CHECK_EQ(compute(BPF_ADD, 0xffffffff, 2), 1);
	CHECK_EQ(compute(BPF_SUB, 1, 2), 0xffffffff);
	CHECK_EQ(compute(BPF_MUL, 0x10000, 0x10001), 0x10000);
	CHECK_EQ(compute(BPF_DIV, 100, 7), 14);
	CHECK_EQ(compute(BPF_DIV, 100, 0), 0);
	CHECK_EQ(compute(BPF_LSH, 1, 31), 0x80000000);
	CHECK_EQ(compute(BPF_RSH, 0x80000000, 31), 1);
	CHECK_EQ(compute(BPF_XOR, 5, 3), 6);
	CHECK_EQ(compute(BPF_MOD, 5, 3), 0xdead);
}

static void jumps_and_loads(void)
{
	struct sock_filter prog[] = {
		INSN(BPF_LD | BPF_W | BPF_ABS, 8),
		JUMP(BPF_JMP | BPF_JGT | BPF_K, 10, 0, 1),
		INSN(BPF_RET | BPF_K, 1),
		INSN(BPF_LD | BPF_W | BPF_LEN, 0),
		RET_A,
	};

	CHECK(valid(prog, 5));
	data[2] = 11;
	CHECK_EQ(bpf_run(prog, data, sizeof(data)), 1);
	data[2] = 10;
	CHECK_EQ(bpf_run(prog, data, sizeof(data)), sizeof(data));
}

static void scratch_must_be_written_on_all_paths(void)
{
	struct sock_filter prog[] = {
		INSN(BPF_LD | BPF_IMM, 7),
		JUMP(BPF_JMP | BPF_JEQ | BPF_K, 7, 0, 1),
		INSN(BPF_ST, 2),
		INSN(BPF_LD | BPF_MEM, 2),
		RET_A,
	};

	CHECK(!valid(prog, 5));		/* the jump leads around the store */
	prog[1].jf = 0;
	CHECK(valid(prog, 5));
	CHECK_EQ(bpf_run(prog, data, sizeof(data)), 7);
	prog[3].k = 3;
	CHECK(!valid(prog, 5));
}

/* Random programs: most are refused; the others must not go astray. */
static void what_is_valid_is_harmless(void)
{
	struct sock_filter prog[12];
	unsigned int passed = 0;

	for (int round = 0; round < 200000; round++) {
		unsigned int len = 1 + unit_random_below(12);

		for (unsigned int i = 0; i < len; i++) {
			prog[i].code = unit_random() & 0xff;
			prog[i].jt = unit_random_below(4);
			prog[i].jf = unit_random_below(4);
			prog[i].k = unit_random_below(4) ?
				    unit_random_below(70) : unit_random();
		}
		if (unit_random_below(2))
			prog[len - 1].code = BPF_RET | BPF_K;
		if (!valid(prog, len))
			continue;
		passed++;
		(void)bpf_run(prog, data, sizeof(data));
	}
	CHECK(passed > 100);
}

UNIT_MAIN(
	UNIT_TEST(computes),
	UNIT_TEST(jumps_and_loads),
	UNIT_TEST(scratch_must_be_written_on_all_paths),
	UNIT_TEST(what_is_valid_is_harmless),
)
