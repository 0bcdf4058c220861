# Parts of CPython's own tests, as Debian ships them; all of them in a soak.
python3 -u /compat/pytests.py ${secs:+all}
