/*
 * From the syntax tree back to text, for "jobs" and for messages.
 *
 * See unparse.c.
 */
#pragma once

struct node;
struct part;
struct sbuf;
struct word;

void unparse_node(struct sbuf *sb, const struct node *node);
void unparse_word(struct sbuf *sb, const struct word *word);
void unparse_part(struct sbuf *sb, const struct part *part);
