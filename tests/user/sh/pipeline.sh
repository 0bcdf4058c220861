echo a | cat | cat | tr a b
false | true; echo $?
true | false; echo $?
! true | false; echo $?
! false; echo $?
echo x | { read y; echo "got $y"; }
x=1; echo | x=2; echo $x
echo abc |
	tr a-c A-C |

	cat
seq 1 5 | while read n; do echo $((n*n)); done | tail -1
yes | head -3
exit 3 | exit 4; echo $?
(echo sub; exit 2) | cat; echo $?
{ echo g1; echo g2; } | sort -r
for i in 3 1 2; do echo $i; done | sort
f() { cat; echo f; }; echo in | f
true | true | (exit 9); echo $?
seq 20000 | tail -n 1
seq 20000 | head -n 1
echo a | if read x; then echo "if $x"; fi
