rep() { awk -v s="$1" -v n="$2" -v m="$3" -v e="$4" 'BEGIN { for (i = 0; i < n; i++) printf "%s", s; printf "%s", m; for (i = 0; i < n; i++) printf "%s", e }'; }
rep '(' 200 'echo ok' ')' >f; "$SH" f
rep '{ ' 500 'echo ok;' '}; ' | sed 's/; $//' >f; "$SH" f
rep 'if true; then ' 500 'echo ok; ' 'fi; ' >f; "$SH" f
rep '$(echo ' 30 'ok' ')' | sed 's/^/echo /' >f; "$SH" f
rep '${x:-' 1000 'ok' '}' | sed 's/^/echo /' >f; "$SH" f
rep '(' 1000 '7' ')' | sed 's/^/echo $((/; s/$/))/' >f; "$SH" f
rep 'true && ' 5000 'echo ok' '' >f; "$SH" f
rep 'true; ' 5000 'echo ok' '' >f; "$SH" f
rep 'x' 100000 '' '' | sed 's/^/echo /' >f; "$SH" f | wc -c
f() { if [ $1 -gt 0 ]; then f $(($1 - 1)); else echo bottom; fi; }; f 500
rep 'echo a; ' 1 '' '' >f; for i in 1 2 3 4 5 6 7 8 9 10; do cat f f >g; mv g f; done; "$SH" f | wc -l
