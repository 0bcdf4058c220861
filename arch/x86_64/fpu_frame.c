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
#define XFEATURES_MXCSR	0x6		/* SSE and AVX: come with mxcsr */

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
 * How many bytes at @fx are extended state, and which *@features of it are to
 * be loaded. 512 if the marks are missing or nonsense: the program gave us an
 * old-style frame. Return: -EFAULT if it cannot be read.
 */
static ssize_t frame_state_size(const struct _fpstate __user *fx,
				uint64_t *features)
{
	struct _fpx_sw_bytes marks;
	uint32_t magic2;

	*features = XFEATURES_LEGACY;
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
	if (magic2 != FP_XSTATE_MAGIC2)
		return FXSAVE_SIZE;
	*features = marks.xfeatures;
	return marks.xstate_size;
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
 * Make of @header, which the program wrote, one that loads no more than
 * @features. Return: false for one the CPU would refuse.
 */
static bool take_header(struct _header *header, size_t size, uint64_t features)
{
	uint64_t present = header->xfeatures;
	bool valid = !header->reserved1[0] && !header->reserved1[1] &&
		     !(present & ~fpu_xfeatures);

	if (size == FXSAVE_SIZE) {
		present = XFEATURES_LEGACY;
		valid = true;
	}
	*header = (struct _header){ .xfeatures = present & features };
	return valid;
}

/*
 * Copy and load in one go, with preemption off: a switch in between would
 * save the registers over the copy. Return: the bytes that could not be read
 * without sleeping, or -EINVAL.
 */
static ssize_t load_from_user(const void __user *frame, size_t size,
			      uint64_t features)
{
	struct fpu_state *state = current->thread.fpu;
	ssize_t result;

	preempt_disable();
	fpu_save_current();
	result = copy_from_user(state, frame, size);
	if (result) {
		/* Saving will not overwrite all of what came so far. */
		if (fpu_xfeatures)
			state->header = (struct _header){};
		goto out;
	}
	if (fpu_xfeatures && !take_header(&state->header, size, features)) {
		result = -EINVAL;
		goto out;
	}
	if (!(features & XFEATURES_MXCSR))
		state->fx.mxcsr = MXCSR_DEFAULT;
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
 * The program's area has to lie where the CPU could have read it itself:
 * 64-byte aligned for XRSTOR, 16 for FXRSTOR [SDM1 13.8, SDM2 FXRSTOR].
 * Return: 0, -EFAULT, -EINVAL.
 */
static int load_frame(const void __user *frame)
{
	ssize_t size, left;
	uint64_t features;

	if (!access_ok(frame, fpu_frame_size()))
		return -EFAULT;
	size = frame_state_size(frame, &features);
	if (size < 0)
		return size;
	if ((unsigned long)frame % (size == FXSAVE_SIZE ? 16 : 64))
		return -EINVAL;
	while ((left = load_from_user(frame, size, features)) > 0)
		if (fault_in(frame, size))
			return -EFAULT;
	return left;
}

/*
 * Load current's state from @frame; the initial state if that is NULL.
 *
 * Context: process, may sleep. Return: 0, -EFAULT, or -EINVAL for content
 * the CPU refuses; the state is then the initial one.
 */
int fpu_from_user_frame(const void __user *frame)
{
	int err = frame ? load_frame(frame) : 0;

	if (!frame || err)
		fpu_load_initial();
	return err;
}
