/*
 * Jumping back up the call stack (x86_64/setjmp.asm, setjmp.c).
 *
 * setjmp saves the registers a function must preserve, with the stack and
 * instruction pointers; longjmp restores them, so that setjmp returns a
 * second time. The frame that called setjmp must still be alive. Local
 * variables changed in between are only sure to have their new value if
 * they are volatile.
 *
 * sigsetjmp with @save_mask true keeps the signal mask as well: a handler
 * runs with its signal blocked, and leaving it by longjmp alone would leave
 * the signal blocked for good.
 */
#pragma once

typedef struct {
	unsigned long	regs[8];	/* rbx rbp r12 r13 r14 r15 rsp rip */
	unsigned long	mask;		/* valid if mask_saved */
	int		mask_saved;
} jmp_buf[1], sigjmp_buf[1];

int setjmp(jmp_buf env) __attribute__((__returns_twice__));
void longjmp(jmp_buf env, int value) __attribute__((__noreturn__));

/*
 * A macro, because setjmp must be called from the very function to which
 * longjmp shall return: a wrapper's frame would be gone by then.
 */
#define sigsetjmp(env, save_mask) \
	(__sigsetjmp_save(env, save_mask), setjmp(env))
void __sigsetjmp_save(sigjmp_buf env, int save_mask);
void siglongjmp(sigjmp_buf env, int value) __attribute__((__noreturn__));
