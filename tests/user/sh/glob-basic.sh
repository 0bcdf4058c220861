mkdir d d/e; touch a.c b.c c.h .hidden d/x.c d/e/y.c 'sp ace'
echo *
echo *.c
echo .h*
echo ?.c [ab].c [!a].c [a-b].[ch]
echo d/* d/*/* */*.c
echo */ d/*/
echo nomatch*
echo "*.c" '*.c' \*.c *".c" "a"*
x='*.c'; echo $x "$x"
echo [
echo [] [!] [a
echo *' '*
for f in *.c; do echo "<$f>"; done
set -f; echo *; set +f
echo ./*.c
echo $PWD/*.h | sed "s|$PWD|PWD|"
echo d//*
touch '[x]' 'a]b'
echo [[]* *]* [\[]x]
case '*' in "*") echo star;; esac
