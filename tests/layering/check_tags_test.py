#!/usr/bin/env python3
"""Each rule of check_tags.py refuses a made-up tree that breaks it, and accepts one that does not."""

import pathlib
import tempfile
import unittest

import check_tags

TOLD = '# P\n\n## Hashes and signatures\n\n| `salus.a.v1` | x |\n| `"salus.b.v1" || body` | y |\n\n## Next\n\n| `salus.other.v1` | z |\n'


class Tags(unittest.TestCase):
    def offences(self, told=TOLD, **files):
        with tempfile.TemporaryDirectory() as name:
            root = pathlib.Path(name)
            for path, content in {"docs/protocol.md": told, **{f"src/model/{key}.cpp": text for key, text in files.items()}}.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(content, encoding="utf-8")
            return check_tags.check(root)

    def test_what_is_told_and_used_once_is_good(self):
        self.assertEqual(self.offences(a='f("salus.a.v1"); // "salus.a.v1"', b='g("salus.b.v1");', b_test='"salus.t.v1"'), [])

    def test_a_tag_that_is_not_told_is_named(self):
        self.assertIn("salus.c.v1: used in model/c.cpp", self.offences(a='"salus.a.v1"', b='"salus.b.v1"', c='"salus.c.v1"')[0])
        self.assertIn("not told", self.offences(a='"salus.a.v1"', b='"salus.b.v1"', c='"salus.other.v1"')[0])

    def test_a_tag_that_nobody_uses_is_named(self):
        self.assertEqual(self.offences(a='"salus.a.v1"'), ["salus.b.v1: told in docs/protocol.md, not used in src"])

    def test_a_tag_for_two_things_is_named(self):
        self.assertIn("one tag, one place", self.offences(a='"salus.a.v1"', b='"salus.b.v1" "salus.a.v1"')[0])
        self.assertEqual(self.offences(TOLD.replace("salus.b", "salus.a"), a='"salus.a.v1"'), ["salus.a.v1: told 2 times"])


if __name__ == "__main__":
    unittest.main()
