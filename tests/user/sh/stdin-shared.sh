# oracle: bash --posix
printf 'read x\nhello there\necho "[$x]"\n' | "$SH"
printf 'cat\nto cat\nstill to cat\n' | "$SH"
printf 'echo a; read y; echo "y=$y"\ndata\necho end\n' | "$SH"
printf 'read x; read y\n1\n2\necho $x $y\nif true; then\nread z\nfi\necho no\n' | "$SH"
printf 'head -n 1 >/dev/null\necho skipped?\n' >f
printf 'echo no newline at end' | "$SH"
printf 'exit 3\necho no\n' | "$SH"; echo $?
