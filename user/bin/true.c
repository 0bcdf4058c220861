/*
 * true: succeed. The smallest program there can be; `objdump -d` of it shows
 * what the C library adds to an empty main.
 */
int main(void)
{
	return 0;
}
