t() { "$@"; echo "$? $*"; }
t test; t test ''; t test a; t test -n; t test -n ''; t test -n a; t test -z ''; t test -z a
t test a = a; t test a = b; t test a != b; t test 1 -eq 01; t test 1 -ne 2; t test -1 -lt 1
t test 2 -le 2; t test 3 -gt 2; t test 3 -ge 4
t test ! ''; t test ! a; t test !; t test ! = !; t test ! = x; t test '(' = ')'; t test '(' a ')'
t test ! -n a; t test ! a = b; t test -n = -n; t test -a; t test a -a b; t test a -a ''
t test '' -o b; t test '' -o ''; t test a -o '' -a ''; t test ! '' -a a
t test '(' a -o b ')' -a c; t test ! '(' a = b ')'
t [ a = a ]; t [ ]; t [ '' ]; t [ ! ]
touch f; mkdir d; ln -s f l; ln -s none broken; mkfifo p; echo x >s; chmod 600 s
for o in -e -f -d -s -h -L -p -r -w -S -b -c; do
	for n in f d l broken p s none; do test $o $n; printf '%s' "$? "; done; echo $o
done
test -x f; echo $?; chmod +x f; test -x f; echo $?; test -x d; echo $?
test -c /dev/null; echo $?
touch -d 2001-01-01 old; touch new; t test new -nt old; t test old -nt new; t test old -ot new; t test f -ef l
t test 1 -eq a 2>/dev/null; t [ a = b 2>/dev/null
t test -t 0; t test -t 99
t test a '<' b; t test b '>' a
t test ' 5 ' -eq 5
t test -d /tmp -a -d /; t test x = x -a y = y -o z = w
