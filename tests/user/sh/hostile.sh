# oracle: none
# What would exhaust the stack or memory must be an error, not a crash: any
# status will do that is not a death by signal. Real shells die of some of it,
# so this .out file is the only one that no shell has recorded.
alive() { "$SH" "$@" >/dev/null 2>&1; [ $? -lt 128 ] && echo alive || echo died; }
rep() { awk -v s="$1" -v n="$2" 'BEGIN { for (i = 0; i < n; i++) printf "%s", s }' >f; }
for s in '(' '{ ' '$(' '`' '"$(' '${x:-' '"${x:-' '$((' 'if ' 'while ' 'case x in x) ' '! ' 'f() ' '<<E ' ')' '}' ';' '&' '|' '"' "'" '\' '2>' '$' 'x=(' ; do
	rep "$s" 3000; alive f
done
alive -c 'kill -0 $$; exit 999999999999'
alive -c 'shift 9999999999; break 9999999999'
alive -c 'printf "%n%n%s%99999999d"'
alive -c 'set -- $(echo "$@"); unset IFS PATH HOME PWD PS1; cd; ls'
alive -c 'exec 1>&- 2>&- 0<&-; echo x; read x; cat'
alive -c 'x=$(exec 1>&-; echo x)'
head -c 3000 /bin/sh >g; alive g
printf '\377\376\000\001\200echo' >g; alive g
alive /
alive -c 'case aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa in *a*a*a*a*a*a*a*a*b) ;; esac'
