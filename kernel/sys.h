/*
 * What this system calls itself.
 */
#pragma once

struct new_utsname;

/* Programs look at the release to know what to expect: it is Linux's. */
#define KEEL_RELEASE	"6.1.0-keel"
#define KEEL_MINOR	1U	/* the second number of that */
#define KEEL_VERSION	"#1 SMP PREEMPT"

void uts_read(struct new_utsname *to);
/* sethostname(2) and setdomainname(2) from inside: at most 64 characters. */
int uts_set_nodename(const char *name);
int uts_set_domainname(const char *name);
