/*
 * prctl(2)'s operations that live in other files than kernel/prctl.c.
 */
#pragma once

/* kernel/prctl_mm.c */
long prctl_set_mm(unsigned long field, unsigned long value, unsigned long len,
		  unsigned long rest);

/* kernel/capability.c */
long prctl_capbset_read(unsigned long cap);
long prctl_capbset_drop(unsigned long cap);
long prctl_set_securebits(unsigned long bits);
long prctl_set_keepcaps(unsigned long keep);
long prctl_cap_ambient(unsigned long how, unsigned long cap, unsigned long a4,
		       unsigned long a5);
