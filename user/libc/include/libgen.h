/* The two halves of a path. Both may change the string they are given. */
#pragma once

char *basename(char *path);
char *dirname(char *path);
