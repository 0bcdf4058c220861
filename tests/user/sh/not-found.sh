nosuchcommand; echo $?
/nonexistent/x; echo $?
./nofile; echo $?
touch noexec; ./noexec; echo $?
mkdir d; ./d; echo $?
PATH=/nonexistent; ls; echo $?
PATH=; /bin/echo abs
PATH=/usr/bin:/bin
printf 'echo script without interpreter $1\n' >s; chmod +x s; ./s arg; PATH=.:$PATH; s arg2
printf '#!/bin/sh\necho with interpreter $1\n' >t; chmod +x t; ./t arg
"" 2>/dev/null; echo $?
empty=; $empty; echo $?
$empty echo words; "$empty" echo x; echo $?
x='echo a b'; $x c
