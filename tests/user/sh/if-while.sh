if true; then echo 1; fi
if false; then echo no; else echo 2; fi
if false; then echo no; elif false; then echo no; elif true; then echo 3; else echo no; fi
if false; then echo no; fi; echo $?
if (exit 3); then echo no; else echo $?; fi
i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done
until [ $i = 0 ]; do i=$((i-1)); done; echo $i
while false; do echo no; done; echo $?
if true
then
	echo newline
fi
while :; do break; done; echo $?
for i in 1 2 3 4 5; do [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done
for i in a b; do for j in 1 2 3; do [ $j = 2 ] && continue 2; echo $i$j; done; done
for i in a b; do for j in 1 2 3; do [ $j = 2 ] && break 2; echo $i$j; done; done
for i in a b; do while true; do break 99; done; echo no; done; echo out
for i in; do echo no; done; echo $?
for i in x; do false; done; echo $?
for i
do echo no; done
set -- p q; for i do echo $i; done
for i in "$@"
do
	echo "<$i>"
done
for if in then; do echo $if; done
n=0; while n=$((n+1)); [ $n -lt 4 ]; do :; done; echo $n
while true; do if true; then break; fi; done; echo done
if ! false; then echo negated; fi
i=0; until false; do i=$((i+1)); if [ $i -ge 3 ]; then break; fi; done; echo $i
