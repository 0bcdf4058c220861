/*
 * false: fail. The other constant of the shell's logic.
 */
int main(void)
{
	return 1;
}
