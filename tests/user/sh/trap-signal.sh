trap 'echo got usr1' USR1
kill -USR1 $$; echo after
kill -s USR1 $$; echo after
trap 'echo changed' USR1; kill -USR1 $$
trap '' USR1; kill -USR1 $$; echo ignored
trap - USR1
trap 'echo int' INT; kill -INT $$; echo alive
trap 'false' USR2; true; kill -USR2 $$; echo $?
("$SH" -c 'kill -TERM $$; echo no'); echo $?
("$SH" -c 'kill -KILL $$; echo no'); echo $?
"$SH" -c 'trap "echo term; exit 9" TERM; kill $$; echo no'; echo $?
trap 'echo x' NOSUCH; echo $?
trap 'echo x' 99; echo $?
trap 'echo hup' HUP; (kill -HUP $$; true); echo parent got it
trap 'echo t' TERM; "$SH" -c 'kill -TERM $$; echo no'; echo $?
trap '' TERM; "$SH" -c 'trap "echo no" TERM; kill -TERM $$; echo still ignored'; echo $?
trap - TERM
f() { kill -USR1 $$; echo in f; }
trap 'echo nested trap' USR1; f
for i in 1 2; do kill -USR1 $$; echo loop $i; done
trap
trap -- - INT HUP USR1 USR2
trap
trap 'echo "it'"'"'s"' USR1; trap
