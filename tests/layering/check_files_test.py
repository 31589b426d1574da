#!/usr/bin/env python3
"""Each rule of check_files.py refuses a made-up tree that breaks it, and accepts one at the limit."""

import pathlib
import subprocess
import tempfile
import unittest

import check_files


class Files(unittest.TestCase):
    def offences(self, **files):
        with tempfile.TemporaryDirectory() as name:
            root = pathlib.Path(name)
            subprocess.run(["git", "init", "-q", root], check=True)
            for path, content in files.items():
                file = root / path.replace("__", "/").replace("_md", ".md").replace("_cpp", ".cpp")
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content.encode())
            return check_files.check(root)

    def test_sources_have_at_most_600_lines(self):
        self.assertEqual(self.offences(a_cpp="\n" * 600), [])
        self.assertIn("a.cpp: 601 lines", self.offences(a_cpp="\n" * 601)[0])

    def test_readmes_of_folders_have_at_most_60_lines(self):
        self.assertEqual(self.offences(data__README_md="\n" * 60, README_md="\n" * 61), [])
        self.assertIn("data/README.md: 61 lines", self.offences(data__README_md="\n" * 61)[0])

    def test_folders_of_src_have_a_readme(self):
        self.assertEqual(self.offences(src__base__a_cpp="", src__base__README_md=""), [])
        self.assertIn("src/base: has no README.md", self.offences(src__base__a_cpp=""))

    def test_paths_of_one_machine_are_refused(self):
        for folder in ("work", "root", "home", "Users"):
            found = self.offences(a_md=f"\nsee /{folder}/somebody for more")
            self.assertIn(f"a.md:2: names a path of one machine: /{folder}/somebody", found[0])
        self.assertEqual(self.offences(a_md="build/work/x, the /work, https://example.org/home/x, framework/root/x"), [])


if __name__ == "__main__":
    unittest.main()
