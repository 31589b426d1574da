#!/usr/bin/env python3
"""Each rule of check_citations.py refuses a made-up tree that breaks it, and accepts one that does not."""

import pathlib
import tempfile
import unittest

import check_citations


class Citations(unittest.TestCase):
    def offences(self, source):
        with tempfile.TemporaryDirectory() as name:
            root = pathlib.Path(name)
            for path, content in {"docs/protocol.md": "# P\n\n## State\n\n### Set Status\n", "src/model/a.hpp": source}.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(content, encoding="utf-8")
            return check_citations.check(root)

    def test_sections_that_are_there_may_be_cited(self):
        self.assertEqual(self.offences('/// Source: docs/protocol.md, "State", "Set Status"\n/// docs/protocol.md says more.\n'), [])

    def test_one_that_is_not_there_is_named_wherever_it_stands(self):
        for source in ('// docs/protocol.md, "Status"\n', '/// docs/protocol.md, "State" and "Status"\n',
                       '    /// Source: docs/protocol.md,\n    /// "Status"\n', '/// docs/protocol.md, "State",\n/// "Status"\n'):
            self.assertEqual(self.offences(source), ['src/model/a.hpp: docs/protocol.md has no section "Status"'], source)

    def test_a_document_that_is_not_there_has_no_section(self):
        self.assertEqual(len(self.offences('// docs/other.md, "State"\n')), 1)


if __name__ == "__main__":
    unittest.main()
