"$SH" -c 'trap "echo bye" EXIT; echo hi'
"$SH" -c 'trap "echo bye" 0; exit 3'; echo $?
"$SH" -c 'trap "exit 5" EXIT; exit 3'; echo $?
"$SH" -c 'trap "echo status \$?" EXIT; (exit 4)'; echo $?
"$SH" -c 'trap "echo status \$?" EXIT; exit 6'; echo $?
"$SH" -c 'trap "echo bye" EXIT; trap - EXIT; echo hi'
"$SH" -c 'trap "echo one; false" EXIT; true'; echo $?
"$SH" -c 'trap "echo bye" EXIT; nosuch${x?}; echo no'; echo $?
"$SH" -c 'trap "echo bye" EXIT; if'; echo $?
"$SH" -c 'f() { trap "echo from f" EXIT; }; f; echo main'
"$SH" -c 'trap "echo outer" EXIT; (trap "echo inner" EXIT; echo sub); echo main'
"$SH" -c 'trap "echo outer" EXIT; (echo sub); x=$(echo in); echo $x'
"$SH" -c 'f() { exit 3; }; trap "echo bye" EXIT; f >/dev/null'; echo $?
"$SH" -c 'trap "echo bye" EXIT; /bin/true'
"$SH" -c 'trap "echo bye" EXIT; exec /bin/echo exec'
"$SH" -c 'trap "trap \"echo second\" EXIT; echo first" EXIT; true'
"$SH" -c 'set -e; trap "echo bye \$?" EXIT; false'; echo $?
"$SH" -c 'trap "echo a
echo b" EXIT'
