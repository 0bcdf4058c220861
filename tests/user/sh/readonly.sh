readonly r=1; echo $r
(r=2; echo no); echo $?
(unset r; echo no); echo $?
(readonly r=3; echo no); echo $?
(for r in 1 2; do echo no; done); echo $?
(export r; echo exporting is fine); echo $?
readonly s; (s=1; echo no); echo $?
readonly -p | grep ' r='
(r=2 true; echo no); echo $?
(: $((r=5)); echo no); echo $?
r=4
echo not reached
