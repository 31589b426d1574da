#!/usr/bin/env python3
"""Proves that what src/CMakeLists.txt does not declare does not compile: check_compile.py BUILD_DIR.

For every ordered pair of modules (a, b), a source of one line, an include of a header of b, is compiled with the very command that
compiles a's own sources. It must fail for want of that file unless a may include b, and then it must compile.
"""

import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

import modules as declarations

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCE_DIR = ROOT / "src"


def commands_by_module(build_dir):
    """The compile command of one ordinary source of each module, without the source and the outputs."""
    found = {}
    for entry in json.loads((build_dir / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        if SOURCE_DIR not in path.parents or path.stem.endswith(("_test", "_fuzz", "_bench")) or path.stem == "main":
            continue
        words = [word for word in shlex.split(entry["command"]) if not word.endswith("ccache")]
        words = words[:words.index("-o")]
        found.setdefault(path.relative_to(SOURCE_DIR).parts[0], words)
    return found


def smallest_header(module):
    headers = [path for path in (SOURCE_DIR / module).rglob("*.hpp") if "testing" not in path.parts]
    return min(headers, key=lambda path: (path.stat().st_size, path)) if headers else None


def compile_include(command, header, folder):
    with tempfile.NamedTemporaryFile("w", suffix=".cpp", dir=folder) as probe:
        probe.write(f'#include "{header}"\n')
        probe.flush()
        return subprocess.run([*command, "-fsyntax-only", probe.name], capture_output=True, text=True, check=False,
                              env={**os.environ, "LC_ALL": "C"})


def main():
    build_dir = pathlib.Path(sys.argv[1])
    modules = declarations.declared(SOURCE_DIR)
    commands, headers = commands_by_module(build_dir), {name: smallest_header(name) for name in modules}
    faults, refused, compiled = [], 0, 0
    pairs = [(a, b) for a in modules for b in modules if a != b and a in commands and headers[b]]
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        names = [str(headers[b].relative_to(SOURCE_DIR)) for _, b in pairs]
        ended = pool.map(lambda pair, name: compile_include(commands[pair[0]], name, folder), pairs, names)
        for (a, b), name, result in zip(pairs, names, ended):
            if b in declarations.reachable(modules, a):
                compiled += 1
                if result.returncode != 0:
                    faults.append(f"{a} may include {name}, and it does not compile:\n{result.stderr}")
            else:
                refused += 1
                missing = f"{name}: No such file" in result.stderr or f"'{name}' file not found" in result.stderr
                if result.returncode == 0 or not missing:
                    faults.append(f"{a} may not include {name}, and it is not refused as missing:\n{result.stderr}")
    print(*faults, f"{refused} includes refused, {compiled} controls compiled", sep="\n")
    # Without both kinds the test would have shown nothing.
    return 1 if faults or not refused or not compiled else 0


if __name__ == "__main__":
    sys.exit(main())
