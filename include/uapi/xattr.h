/*
 * Extended attributes: named values of a file beside its contents.
 *
 * Source: man 7 xattr.
 */
#pragma once

#define XATTR_CREATE		0x1	/* the name must not exist yet */
#define XATTR_REPLACE		0x2	/* it must */

#define XATTR_NAME_MAX		255
#define XATTR_SIZE_MAX		65536	/* of one value */
#define XATTR_LIST_MAX		65536	/* of all names of a file */

#define XATTR_SECURITY_PREFIX	"security."
#define XATTR_SYSTEM_PREFIX	"system."
#define XATTR_TRUSTED_PREFIX	"trusted."
#define XATTR_USER_PREFIX	"user."

#define XATTR_NAME_CAPS		"security.capability"
