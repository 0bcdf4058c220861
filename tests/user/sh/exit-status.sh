t() { "$SH" -c "$1"; echo "$?"; }
t ''; t ' '; t '#'; t ':'; t false; t 'false;'; t 'false
'; t 'false
# comment'
t 'exit 0'; t 'exit 255'; t 'exit 256'; t 'exit 257'; t '(exit 5); exit'; t 'false; exit'
t 'true; (exit 6)'; t 'false; x=1'; t 'x=$(exit 5)'; t 'x=$(exit 5) y=1'; t 'x=$(exit 5) y=$(true)'
t 'false; :'; t 'false; x='; t 'f() { false; }'; t 'f() { false; }; f'; t 'if false; then :; fi'
t 'false | true'; t 'true | false'; t '! :'; t 'false &'; t '>f'; t 'false; >f'
t 'kill -TERM $$'; t 'sh -c "kill -TERM \$\$"'; t 'sh -c "kill -INT \$\$"; echo next'
t '(kill -TERM $$); echo no'
t 'exec sh -c "exit 9"'; t 'exit 3 | true'; t 'return 7'; t 'eval "exit 8"'; t 'eval "(exit 8)"'
t 'nosuch 2>/dev/null'; t './nosuch 2>/dev/null'; t '/ 2>/dev/null'
t 'case x in x) (exit 3);; esac'; t 'for i in 1 2; do (exit $i); done'; t 'while (exit 3); do :; done'
t 'until (exit 0); do :; done'; t 'true && (exit 4)'; t '{ (exit 5); }'
