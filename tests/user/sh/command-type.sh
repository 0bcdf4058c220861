command echo a; echo() { printf 'function\n'; }; echo x; command echo b; unset -f echo
command -v echo; command -v if; command -v cd; command -v nosuch; echo $?
f() { :; }; command -v f; type f | head -1; type nosuch >/dev/null 2>&1; [ $? -ne 0 ] && echo unknown
command -v sh >/dev/null && echo found
command nosuch; echo $?
command exit 3 2>/dev/null || echo no
