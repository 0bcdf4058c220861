/*
 * FPU state in signal frames.
 *
 * The area in memory has the very format user space expects, but for the
 * software-reserved bytes at the end of its first 512, which tell a debugger
 * or an unwinder how much follows. Coming back it is hostile input: the copy
 * is checked where the CPU would not check it, and loading it may fault, which
 * the exception table turns into an error.
 *
 * include/uapi/sigcontext.h draws the layout.
 */
#include <arch/current.h>
#include <arch/preempt.h>
#include <arch/uaccess.h>
#include <kernel/task.h>
#include <lib/string.h>

#include "fpu_internal.h"

#define FXSAVE_SIZE	512
#define XSAVE_MIN_SIZE	(FXSAVE_SIZE + sizeof(struct _header))
#define XFEATURES_LEGACY 0x3		/* x87 and SSE */

size_t fpu_frame_size(void)
{
	if (!fpu_xfeatures)
		return FXSAVE_SIZE;
	return fpu_state_size + FP_XSTATE_MAGIC2_SIZE;
}

/* Say in the frame what it holds. Return: 0 or -EFAULT. */
static int put_frame_marks(struct _fpstate __user *fx)
{
	struct _fpx_sw_bytes marks = {
		.magic1 = FP_XSTATE_MAGIC1,
		.extended_size = fpu_frame_size(),
		.xfeatures = fpu_xfeatures,
		.xstate_size = fpu_state_size,
	};

	if (copy_to_user(&fx->sw_reserved, &marks, sizeof(marks)))
		return -EFAULT;
	return put_user(FP_XSTATE_MAGIC2,
			(uint32_t __user *)((char __user *)fx +
					    fpu_state_size));
}

/*
 * Save current's state at @frame and give the handler a fresh one.
 *
 * Context: process, may sleep. Return: 0 or -EFAULT.
 */
int fpu_to_user_frame(void __user *frame)
{
	preempt_disable();
	fpu_save_current();
	preempt_enable();
	/* Preempted in here, the area is saved again, with the same content. */
	if (copy_to_user(frame, current->thread.fpu, fpu_state_size))
		return -EFAULT;
	if (fpu_xfeatures && put_frame_marks(frame))
		return -EFAULT;
	fpu_load_initial();
	return 0;
}

/*
 * How many bytes at @fx are extended state. 512 if the marks are missing or
 * nonsense: the program gave us an old-style frame. Return: -EFAULT if it
 * cannot be read.
 */
static ssize_t frame_state_size(const struct _fpstate __user *fx)
{
	struct _fpx_sw_bytes marks;
	uint32_t magic2;

	if (!fpu_xfeatures)
		return FXSAVE_SIZE;
	if (copy_from_user(&marks, &fx->sw_reserved, sizeof(marks)))
		return -EFAULT;
	if (marks.magic1 != FP_XSTATE_MAGIC1 ||
	    marks.xstate_size < XSAVE_MIN_SIZE ||
	    marks.xstate_size > fpu_state_size ||
	    marks.xstate_size > marks.extended_size)
		return FXSAVE_SIZE;
	if (get_user(magic2, (const uint32_t __user *)
			     ((const char __user *)fx + marks.xstate_size)))
		return -EFAULT;
	return magic2 == FP_XSTATE_MAGIC2 ? marks.xstate_size : FXSAVE_SIZE;
}

/* False for what XRSTOR would not accept, or must not be given. Any context. */
bool fpu_header_is_valid(const struct _header *header)
{
	for (size_t i = 0; i < ARRAY_SIZE(header->reserved1); i++)
		if (header->reserved1[i])
			return false;
	for (size_t i = 0; i < ARRAY_SIZE(header->reserved2); i++)
		if (header->reserved2[i])
			return false;
	return (header->xfeatures & ~fpu_xfeatures) == 0;
}

/*
 * Copy and load in one go, with preemption off: a switch in between would
 * save the registers over the copy. Return: the bytes that could not be read
 * without sleeping, or -EINVAL.
 */
static ssize_t load_from_user(const void __user *frame, size_t size)
{
	struct fpu_state *state = current->thread.fpu;
	ssize_t result;

	preempt_disable();
	fpu_save_current();
	result = copy_from_user(state, frame, size);
	if (result)
		goto out;
	if (fpu_xfeatures && size == FXSAVE_SIZE) {
		memset(&state->header, 0, sizeof(state->header));
		state->header.xfeatures = XFEATURES_LEGACY;
	} else if (fpu_xfeatures && !fpu_header_is_valid(&state->header)) {
		result = -EINVAL;
		goto out;
	}
	if (!fpu_load_current())
		result = -EINVAL;
out:
	preempt_enable();
	return result;
}

/* Touch each page, so that it is there for a while. */
static int fault_in(const char __user *start, size_t len)
{
	char c __unused;

	for (size_t i = 0; i < len; i += PAGE_SIZE)
		if (get_user(c, start + i))
			return -EFAULT;
	return get_user(c, start + len - 1);
}

/*
 * Load current's state from @frame; the initial state if that is NULL.
 *
 * Context: process, may sleep. Return: 0, -EFAULT, or -EINVAL for content
 * the CPU refuses; the state is then the initial one.
 */
int fpu_from_user_frame(const void __user *frame)
{
	ssize_t size, left;

	if (!frame) {
		fpu_load_initial();
		return 0;
	}
	if (!access_ok(frame, fpu_frame_size()))
		return -EFAULT;
	size = frame_state_size(frame);
	if (size < 0)
		return size;
	while ((left = load_from_user(frame, size)) > 0)
		if (fault_in(frame, size))
			return -EFAULT;
	if (left < 0)
		fpu_load_initial();
	return left;
}
