"""Writes src/UmmRm/Tokenization/UnicodeNormalization.txt from Python's unicodedata (Unicode 14.0: Python 3.11).

    python unicode_normalization.py > src/UmmRm/Tokenization/UnicodeNormalization.txt

and prints to stderr the SHA-256, per form, of the normal forms of all code points (UnicodeNormalizationTests compares them).
"""
import hashlib
import sys
import unicodedata as u

out = sys.stdout.write
SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
HANGUL = range(0xAC00, 0xAC00 + 11172)

out(f"# Unicode {u.unidata_version}. One-step decompositions: '=' canonical and composed again, '!' canonical and never composed, '~' compatibility.\n")
for c in SCALARS:
    parts = u.decomposition(chr(c)).split()
    if not parts or c in HANGUL:
        continue
    if parts[0].startswith("<"):
        mark, parts = "~", parts[1:]
    else:
        mark = "=" if u.normalize("NFC", chr(c)) == chr(c) else "!"
    out(f"{mark} {c:X} {' '.join(f'{int(p, 16):X}' for p in parts)}\n")
out("# Canonical combining classes: first, last, class (decimal).\n")
start = None
for c in SCALARS + [0x110000]:
    k = u.combining(chr(c)) if c < 0x110000 else 0
    if start is not None and (k != start[1] or c != last + 1):
        out(f"@ {start[0]:X} {last:X} {start[1]}\n")
        start = None
    if k and start is None:
        start = (c, k)
    last = c
for form in ("NFC", "NFD", "NFKC", "NFKD"):
    digest = hashlib.sha256("\n".join(u.normalize(form, chr(c)) for c in SCALARS).encode()).hexdigest()
    sys.stderr.write(f"{form} {digest}\n")
