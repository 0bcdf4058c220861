/*
 * Structures of system calls that grow: openat2(2), clone3(2).
 */
#pragma once

#include <arch/uaccess.h>

int copy_struct_from_user(void *to, size_t size, const void __user *from,
			  size_t user_size);
